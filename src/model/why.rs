//! Rules by number: what a decision can be traced back to.

use std::fmt;

/// Rules of pods begin here, and those of the scheduler, so that two bytes hold a rule of any kind.
const PODS: u16 = 100;
const SCHEDULER: u16 = 300;

macro_rules! rules {
    ([jobs] $($name:ident $number:literal $title:literal,)*
     [pods] $($pod_name:ident $pod_number:literal $pod_title:literal,)*
     [scheduler] $($its_name:ident $its_number:literal $its_title:literal,)*) => {
        /// A rule of the Job controller (J), of pods, kubelets and nodes (P) or of the scheduler
        /// (S), by the number that the documentation gives it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum RuleId {
            $(#[doc = $title] $name = $number,)*
            $(#[doc = $pod_title] $pod_name = PODS + $pod_number,)*
            $(#[doc = $its_title] $its_name = SCHEDULER + $its_number,)*
        }

        impl RuleId {
            /// Every rule that a record can name, in order of number.
            pub const ALL: &[Self] =
                &[$(Self::$name,)* $(Self::$pod_name,)* $(Self::$its_name,)*];

            /// The rule in a sentence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                    $(Self::$pod_name => $pod_title,)*
                    $(Self::$its_name => $its_title,)*
                }
            }
        }
    };
}

rules! {
    [jobs]
    SyncAtOnce 2 "Job created, deleted or its spec changed: sync at once",
    SyncBatched 3 "a pod or the status changed: sync one second later",
    SyncRetried 5 "a failed sync is tried again after 1 s, 2 s, 4 s … 60 s",
    Expectations 8 "no creations or deletions before the earlier ones were seen",
    Adoption 10 "pods that match the selector are adopted, those that no longer do are released",
    StartTime 14 "startTime is set at the first sync of a Job that is not suspended",
    SuccessCriteriaMet 20 "SuccessCriteriaMet stays once it is True",
    FailureTarget 21 "FailureTarget becomes Failed with the same reason",
    PodFailurePolicy 22 "a failed pod matched a FailJob rule",
    BackoffLimit 23 "more failures than backoffLimit allows",
    ActiveDeadline 24 "active for longer than activeDeadlineSeconds",
    MaxFailedIndexes 25 "more failed indexes than maxFailedIndexes allows",
    FailedIndexes 26 "every index has ended, some of them badly",
    SuccessPolicy 27 "a rule of the success policy is met",
    Completions 28 "as many successes as wanted, and no active pod",
    EndingDeletes 29 "an ending Job deletes its active pods",
    FinalCondition 30 "the final condition waits for uncounted and terminating pods",
    UnfinishedCounts 32 "a pod that a failing Job takes down counts as failed",
    Suspension 36 "a suspended Job deletes its pods; they do not count as failed",
    WantActive 37 "as many active pods as parallelism and the remaining completions allow",
    TooMany 38 "more active pods than wanted: the least advanced go, and do not count as failed",
    Backoff 40 "new pods wait 10 s, 20 s, 40 s … 10 min after the latest failure",
    BackoffReportsNone 43 "up to 1.35 a sync in back-off reports active: 0",
    LowestIndexes 44 "the lowest pending indexes first",
    IndexBackoff 45 "each index has its own back-off",
    SlowStart 46 "pods are created in batches of 1, 2, 4 …, until one fails",
    IndexVariable 47 "a container's own JOB_COMPLETION_INDEX stays",
    Counted 51 "a finished pod is counted once",
    CountingCap 52 "at most 500 pods are counted in a sync",
    HeldForReplacement 53 "the last failed pod of an index waits for its replacement",
    PolicyIgnores 58 "the first rule that matches a failed pod decides whether it counts",
    JobDeletion 61 "a Job being deleted lets go of all its pods",
    StatusRefused 62 "the API server checks status writes",
    ManagedBy 63 "the built-in controller leaves Jobs of other controllers alone",
    Ttl 64 "a finished Job is deleted after ttlSecondsAfterFinished",
    Deletion 65 "a bound pod gets its grace period, any other goes at once",
    EventsCombined 71 "similar events are combined, and spam is dropped",
    ClientLimits 80 "the controller's client sends 20 requests a second, with a burst of 30",
    [pods]
    Binding 1 "a pod is bound by a write of the API server, and refused if it is going",
    KubeletAdmission 2 "a kubelet refuses what its node has no room for: the pod fails at once",
    ContainerStates 5 "a container that cannot be started waits, and the kubelet tries for ever",
    ExitReasons 6 "exit codes and reasons of containers are the runtime's",
    PhaseFunction 8 "the phase follows from the states of the containers",
    FinalPhase 9 "Succeeded and Failed are final",
    Finalized 10 "containers that never ran end as 137, ContainerStatusUnknown",
    PhaseWithheld 11 "a final phase is shown only when no container can be running",
    NaturalEnd 14 "from the exit to the final phase: a relist, a second, and the sandbox",
    Volumes 17 "a pod waits for its volumes",
    StartTimeline 18 "volumes, sandbox, then each container: pull, create, start",
    Restarts 20 "OnFailure starts a failed container again, Never does not",
    CrashLoop 24 "restarts wait 0, 10, 20, 40, 80, 160, 300 s after the exit",
    CrashLoopReset 26 "the series begins anew 600 s after the last restart",
    Triggers 32 "relists, probes and changes make a kubelet look at a pod",
    RestartRules 33 "a container's own restart policy and rules come before the pod's",
    RestartsAll 34 "a rule may start all containers of the pod again, without back-off",
    PullBackOff 36 "a failed pull is tried again after 10, 20, 40 … 300 s",
    PullConcurrency 39 "one pull at a time on a node, unless it is told otherwise",
    PullPolicy 40 "Always asks the registry, IfNotPresent only for what is missing, Never never",
    InitOrder 43 "init containers one after the other; a sidecar has only to be started",
    InitFailure 45 "a failed init container fails a pod with Never, and is tried again otherwise",
    Sidecars 48 "sidecars are stopped, in reverse order, when the others have ended",
    GracefulDeletion 50 "a pod that runs is asked to stop, any other is deleted at once",
    StopSequence 53 "preStop, stop signal, and after the grace period, 2 s at least, the kill",
    ForceDeletion 56 "grace 0 leaves two seconds, and the object to its finalizers",
    PodDeadline 59 "a pod's own activeDeadlineSeconds counts from its startTime",
    NodePressure 65 "a node short of memory or disk evicts one pod every ten seconds",
    StorageLimits 68 "a pod above its own limits of local storage is evicted",
    NodeUnreachable 70 "a node that is silent for 50 s (1.31: 40 s) is Unknown",
    NodeTaints 72 "unreachable nodes are tainted, one in ten seconds in a zone",
    ZoneBrakes 73 "too many silent nodes in a zone, and nothing more is evicted",
    TaintEviction 74 "pods are deleted when they do not tolerate a NoExecute taint any longer",
    OrphanedPods 78 "pods of a node that is gone fail 40 to 60 s later",
    OutOfService 79 "out-of-service: the pods of a node known to be off go at once",
    EvictionApi 80 "the eviction API asks the disruption budgets first",
    BudgetsOfJobs 81 "only an integer minAvailable works for the pods of Jobs",
    KubeletPreemption 82 "a critical pod takes the room of others on its node",
    NodeShutdown 83 "a node that is shut down gracefully ends its pods first",
    SpotReclaim 84 "a reclaimed machine is switched off when its notice is over",
    Reboot 85 "containers that a reboot ended are reported when the node is back: 255",
    KubeletRestart 86 "a restarted kubelet forgets its back-offs, and nothing else",
    ContainerOom 87 "a container above its memory limit is killed: 137, OOMKilled",
    NodeOom 88 "a node without memory kills the one with the worst score",
    Admission 90 "a pod may be refused when it is created",
    TerminatingNamespace 92 "a namespace that is going takes no new pods, and nobody is told",
    Preemption 114 "the scheduler deletes pods of lower priority to make room",
    Latencies 120 "what a cluster takes for each step",
    [scheduler]
    Filters 14 "a pod that no node takes waits, and is told how many refuse it for which reason",
    BestCandidate 33 "others make room where the fewest and least important have to go",
}

impl RuleId {
    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        let number = match self as u16 {
            number if number > SCHEDULER => number - SCHEDULER,
            number if number > PODS => number - PODS,
            number => number,
        };
        // No family has as many rules as a byte has values.
        number.to_le_bytes()[0]
    }

    /// `J` for the Job controller, `P` for pods, kubelets and nodes, `S` for the scheduler.
    #[must_use]
    pub const fn family(self) -> char {
        match self as u16 {
            number if number > SCHEDULER => 'S',
            number if number > PODS => 'P',
            _ => 'J',
        }
    }
}

/// `J23`, `P24`
impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}{}", self.family(), self.number()))
    }
}
