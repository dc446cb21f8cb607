//! Kinds of trouble: their names, what exactly happens, and the rules that say what follows.

use crate::model::RuleId;
use std::fmt;

macro_rules! causes {
    ($($variant:ident $name:literal [$($rule:ident)*] $what:literal,)*) => {
        /// A kind of trouble.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Cause {
            $(#[doc = $what] $variant,)*
        }

        impl Cause {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What happens, exactly.
            #[must_use]
            pub const fn what(self) -> &'static str {
                match self { $(Self::$variant => $what,)* }
            }

            /// The rules that say what Kubernetes does about it.
            #[must_use]
            pub const fn rules(self) -> &'static [RuleId] {
                match self { $(Self::$variant => &[$(RuleId::$rule,)*],)* }
            }
        }
    };
}

causes! {
    ContainerFails "container-fails" [ExitReasons]
        "the pod's first container exits with code 1",
    AlwaysFails "always-fails" [ExitReasons]
        "the first container of every pod exits with code 1, each time",
    OutOfMemory "out-of-memory" [ContainerOom]
        "the kernel kills the pod's first container: it is above its memory limit",
    BadImage "bad-image" [PullBackOff]
        "no image can be pulled",
    MissingConfigMap "missing-configmap" [ContainerStates]
        "a variable comes from a ConfigMap that does not exist",
    MissingSecret "missing-secret" [Volumes]
        "a volume is made from a Secret that does not exist",
    PodDeleted "pod-deleted" [GracefulDeletion]
        "a user deletes the pod",
    PodForceDeleted "pod-force-deleted" [ForceDeletion]
        "a user deletes the pod with --grace-period=0 --force",
    Eviction "eviction" [EvictionApi]
        "somebody evicts the pod through the API",
    Preemption "preemption" [Preemption]
        "the scheduler takes the pod's room for a pod of higher priority",
    Drain "drain" [EvictionApi]
        "somebody drains the pod's node",
    Taint "taint" [TaintEviction]
        "the pod's node gets a taint NoExecute, example.com/maintenance",
    NodeLost "node-lost" [NodeUnreachable NodeTaints ZoneBrakes TaintEviction]
        "the pod's node loses its power, and never comes back",
    NodeBack "node-back-30s" [NodeUnreachable]
        "the pod's node is cut off the network for 30 s",
    NodeBackLate "node-back-10m" [NodeUnreachable NodeTaints TaintEviction]
        "the pod's node is cut off the network for 10 min",
    OutOfService "node-out-of-service" [OutOfService]
        "the pod's node loses its power, and 2 min later somebody taints it out-of-service",
    NodeDeleted "node-deleted" [OrphanedPods]
        "the pod's node is gone, and its Node object is deleted",
    SpotReclaim "spot-reclaim" [SpotReclaim OrphanedPods]
        "the cloud takes the pod's node: 2 min notice, which nobody heeds, power off, and 30 s \
         later the Node object is deleted",
    SpotDrained "spot-drained" [SpotReclaim EvictionApi]
        "the same, but the node is drained 5 s after the notice",
    NodeShutdown "node-shutdown" [NodeShutdown]
        "the pod's node is shut down gracefully, with 30 s for its pods",
    NodeReboot "node-reboot" [Reboot]
        "the pod's node is rebooted, which takes 30 s",
    KubeletRestart "kubelet-restart" [KubeletRestart]
        "the kubelet of the pod's node is restarted",
    MemoryPressure "memory-pressure" [NodePressure]
        "the pod's node is short of memory for a minute, and evicts pods",
    StorageLimit "storage-limit" [StorageLimits]
        "the pod is found above its limit of local storage",
    NodeOutOfMemory "node-out-of-memory" [NodeOom]
        "the pod's node has no memory left, and the kernel kills the worst container",
    CriticalPod "critical-pod" [KubeletPreemption]
        "a critical pod takes all the room on the pod's node",
    KubeletRefusal "kubelet-refusal" [KubeletAdmission]
        "the kubelet refuses the first pod: OutOfcpu",
    PodDeadline "pod-deadline" [PodDeadline]
        "every pod has an activeDeadlineSeconds that ends in the middle of its run",
    JobDeadline "job-deadline" [ActiveDeadline]
        "the Job has an activeDeadlineSeconds that ends in the middle of the first pod's run",
    QuotaFull "quota-full" [Admission]
        "the namespace's quota has no room for pods in the first minute",
    NoServiceAccount "no-service-account" [Admission]
        "the pods' ServiceAccount does not exist in the first minute",
    ApiErrors "api-errors" [SyncRetried]
        "creating pods fails with code 500 in the first 30 s",
    ControllerRestart "controller-restart" [Backoff]
        "the controllers are restarted, and forget their back-offs",
    Failover "failover" [Backoff]
        "the controllers stop, and others take over 15 s later",
    NamespaceDeleted "namespace-deleted" [TerminatingNamespace JobDeletion]
        "somebody deletes the namespace",
}

impl Cause {
    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|it| it.name() == name).copied()
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_found_by_its_name_alone() {
        for cause in Cause::ALL {
            assert_eq!(Cause::named(cause.name()), Some(*cause));
            assert!(!cause.rules().is_empty(), "{cause}");
        }
        assert_eq!(Cause::named("Drain"), None);
    }
}
