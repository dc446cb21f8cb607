//! Where releases differ, as two tables: feature gates, and behaviour that changed without one.

use super::Release::{self, V1_31, V1_32, V1_33, V1_34, V1_35, V1_36, V1_37};

/// A fact that depends on the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// [`super::Behavior::success_policy`]
    SuccessPolicy,
    /// [`super::Behavior::managed_by`] and [`super::Behavior::strict_status`]
    ManagedBy,
    /// [`super::Behavior::clears_start_time`]
    ClearsStartTime,
    /// [`super::Behavior::interim_conditions`]
    InterimConditions,
    /// [`super::Behavior::tracks_own_deletions`]
    TracksOwnDeletions,
    /// [`super::Behavior::backoff_keeps_active`]
    BackoffKeepsActive,
    /// [`super::Behavior::finished_updates_are_quiet`]
    FinishedUpdatesAreQuiet,
    /// [`super::Behavior::orphans_are_retried`]
    OrphansAreRetried,
    /// [`super::Behavior::deletion_forgets_backoff`]
    DeletionForgetsBackoff,
    /// [`super::Behavior::deletion_forgets_expectations`]
    DeletionForgetsExpectations,
    /// [`super::Behavior::checks_success_criteria`]
    ChecksSuccessCriteria,
    /// [`super::Behavior::spam_by_type`]
    SpamByType,
    /// [`super::Behavior::waits_for_own_writes`]
    WaitsForOwnWrites,
    /// [`super::Behavior::starts_are_seen_at_once`]
    StartsAreSeenAtOnce,
    /// [`super::Behavior::sandboxes_are_shown_at_once`]
    SandboxesAreShownAtOnce,
    /// [`super::Behavior::precise_recheck`]
    PreciseRecheck,
    /// [`super::Behavior::restart_rules`]
    RestartRules,
    /// [`super::Behavior::restart_all`]
    RestartAll,
    /// [`super::Behavior::verifies_pulled_images`]
    VerifiesPulledImages,
    /// [`super::Behavior::only_sidecars_exempt`]
    OnlySidecarsExempt,
    /// [`super::Behavior::long_node_grace`]
    LongNodeGrace,
    /// [`super::Behavior::soft_grace_is_capped`]
    SoftGraceIsCapped,
    /// [`super::Behavior::taints_in_same_pass`]
    TaintsInSamePass,
    /// [`super::Behavior::failed_budgets_say_so`]
    FailedBudgetsSaySo,
    /// [`super::Behavior::lease_is_read_again`]
    LeaseIsReadAgain,
    /// [`super::Behavior::queueing_hints`]
    QueueingHints,
    /// [`super::Behavior::pops_from_backoff`]
    PopsFromBackoff,
    /// [`super::Behavior::async_preemption`]
    AsyncPreemption,
    /// [`super::Behavior::errors_count_apart`]
    ErrorsCountApart,
    /// [`super::Behavior::taints_are_not_named`]
    TaintsAreNotNamed,
    /// [`super::Behavior::sees_hopeless_room`]
    SeesHopelessRoom,
    /// [`super::Behavior::skips_idle_balance`]
    SkipsIdleBalance,
    /// [`super::Behavior::claims_speak`]
    ClaimsSpeak,
    /// [`super::Behavior::claims_are_silent`]
    ClaimsAreSilent,
    /// [`super::Behavior::ties_are_settled`]
    TiesAreSettled,
    /// [`super::Behavior::spares_nominations`]
    SparesNominations,
    /// [`super::Behavior::binding_ends_nomination`]
    BindingEndsNomination,
    /// [`super::Behavior::balance_is_relative`]
    BalanceIsRelative,
    /// [`super::Behavior::asks_both_sides`]
    AsksBothSides,
    /// [`super::Behavior::one_term_wakes`]
    OneTermWakes,
    /// [`super::Behavior::only_borne_taints_wake`]
    OnlyBorneTaintsWake,
    /// [`super::Behavior::tells_preemption`]
    TellsPreemption,
}

/// A feature gate that a Job's fate depends on.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Its name on the command line of Kubernetes' components.
    pub name: &'static str,
    /// The enhancement that brought it, if there was one.
    pub kep: Option<u32>,
    /// The first release in which it is on by default.
    pub on: Release,
    /// What it decides here.
    pub fact: Fact,
}

/// A change of behaviour without a gate.
#[derive(Clone, Copy, Debug)]
pub struct Quirk {
    /// The rule that mentions it.
    pub rule: &'static str,
    /// The first release with the new behaviour.
    pub since: Release,
    /// What it decides here.
    pub fact: Fact,
    /// The old behaviour, in a sentence.
    pub before: &'static str,
}

const fn gate(name: &'static str, kep: Option<u32>, on: Release, fact: Fact) -> Gate {
    Gate {
        name,
        kep,
        on,
        fact,
    }
}

const fn quirk(rule: &'static str, since: Release, fact: Fact, before: &'static str) -> Quirk {
    Quirk {
        rule,
        since,
        fact,
        before,
    }
}

/// Gates that were switched on by default after 1.29.
pub const GATES: &[Gate] = &[
    gate("JobSuccessPolicy", Some(3998), V1_31, Fact::SuccessPolicy),
    gate("JobManagedBy", Some(4368), V1_32, Fact::ManagedBy),
    gate(
        "MutableSchedulingDirectivesForSuspendedJobs",
        Some(2926),
        V1_36,
        Fact::ClearsStartTime,
    ),
    gate(
        "StaleControllerConsistencyJob",
        Some(5647),
        V1_36,
        Fact::WaitsForOwnWrites,
    ),
    gate(
        "ContainerRestartRules",
        Some(5307),
        V1_35,
        Fact::RestartRules,
    ),
    gate(
        "RestartAllContainersOnContainerExits",
        Some(5532),
        V1_36,
        Fact::RestartAll,
    ),
    gate("PLEGOnDemandRelist", None, V1_36, Fact::StartsAreSeenAtOnce),
    gate(
        "KubeletEnsureSecretPulledImages",
        Some(2535),
        V1_35,
        Fact::VerifiesPulledImages,
    ),
    gate(
        "NodeControllerLeaseCircuitBreaker",
        None,
        V1_37,
        Fact::LeaseIsReadAgain,
    ),
    gate(
        "SchedulerQueueingHints",
        Some(4247),
        V1_32,
        Fact::QueueingHints,
    ),
    gate(
        "SchedulerAsyncPreemption",
        Some(4832),
        V1_33,
        Fact::AsyncPreemption,
    ),
    gate(
        "SchedulerPopFromBackoffQ",
        Some(5142),
        V1_33,
        Fact::PopsFromBackoff,
    ),
    gate(
        "DynamicResourceAllocation",
        Some(4381),
        V1_34,
        Fact::ClaimsSpeak,
    ),
];

/// Behaviour that changed without a gate after 1.29.
pub const QUIRKS: &[Quirk] = &[
    quirk(
        "J62",
        Release::V1_30,
        Fact::ChecksSuccessCriteria,
        "any conditions could be written together",
    ),
    quirk(
        "J30",
        V1_31,
        Fact::InterimConditions,
        "the final condition was written at once, with terminating pods still there",
    ),
    quirk(
        "J15",
        V1_31,
        Fact::TracksOwnDeletions,
        "ready and terminating were counted before the sync's own deletions",
    ),
    quirk(
        "J60",
        V1_31,
        Fact::DeletionForgetsBackoff,
        "a Job created again under the same name inherited the back-off",
    ),
    quirk(
        "J4",
        V1_32,
        Fact::FinishedUpdatesAreQuiet,
        "updates of finished Jobs queued another sync",
    ),
    quirk(
        "J71",
        V1_32,
        Fact::SpamByType,
        "normal events and warnings of a Job shared one bucket of 25",
    ),
    quirk(
        "P8",
        V1_32,
        Fact::OnlySidecarsExempt,
        "an init container that ran again did not make a started pod Pending",
    ),
    quirk(
        "P64",
        V1_32,
        Fact::SoftGraceIsCapped,
        "a soft eviction gave evictionMaxPodGracePeriod even to pods with a shorter grace period",
    ),
    quirk(
        "P70",
        V1_32,
        Fact::LongNodeGrace,
        "a node was Unknown after 40 s of silence",
    ),
    quirk(
        "P72",
        V1_34,
        Fact::TaintsInSamePass,
        "an Unknown node's taint NoExecute was queued one pass (5 s) later",
    ),
    quirk(
        "P30",
        V1_35,
        Fact::PreciseRecheck,
        "a container in back-off was looked at again every 10 to 15 s",
    ),
    quirk(
        "P80",
        V1_35,
        Fact::FailedBudgetsSaySo,
        "a refused eviction named the last numbers of a budget that could not be computed",
    ),
    quirk(
        "J43",
        V1_36,
        Fact::BackoffKeepsActive,
        "a sync in back-off wrote active: 0, which the API server refuses while pods are ready",
    ),
    quirk(
        "P4",
        V1_36,
        Fact::SandboxesAreShownAtOnce,
        "PodReadyToStartContainers waited for the status after the first image pull",
    ),
    quirk(
        "J61",
        V1_37,
        Fact::OrphansAreRetried,
        "a failed removal of a leftover finalizer was given up",
    ),
    quirk(
        "J8",
        V1_37,
        Fact::DeletionForgetsExpectations,
        "expectations outlived their Job until its last sync",
    ),
    quirk(
        "S25",
        V1_33,
        Fact::SkipsIdleBalance,
        "pods that ask for neither cpu nor memory were scored for balance",
    ),
    quirk(
        "S5",
        V1_34,
        Fact::ErrorsCountApart,
        "errors counted like rejections for the back-off",
    ),
    quirk(
        "S13",
        V1_34,
        Fact::TaintsAreNotNamed,
        "a refusal named the first taint that the pod does not bear",
    ),
    quirk(
        "S13",
        V1_34,
        Fact::SeesHopelessRoom,
        "preemption was tried on nodes too small for the pod even when empty",
    ),
    quirk(
        "S29",
        V1_35,
        Fact::TiesAreSettled,
        "chance decided between nodes with the same score",
    ),
    quirk(
        "S34",
        V1_35,
        Fact::SparesNominations,
        "a preemption took nominations away even if all its victims were terminating already",
    ),
    quirk(
        "S37",
        V1_35,
        Fact::BindingEndsNomination,
        "a bound pod kept its nominated node",
    ),
    quirk(
        "S25",
        V1_36,
        Fact::BalanceIsRelative,
        "balance was scored as it would be, not by what the pod changes of it",
    ),
    quirk(
        "S8",
        V1_36,
        Fact::AsksBothSides,
        "a pod slept on when one was gone that wanted to be apart from it",
    ),
    quirk(
        "S8",
        V1_37,
        Fact::OneTermWakes,
        "a pod woke only if the one that was gone matched all terms of its anti-affinity",
    ),
    quirk(
        "S8",
        V1_37,
        Fact::OnlyBorneTaintsWake,
        "any change of a node's taints woke pods that were rejected for other reasons",
    ),
    quirk(
        "S30",
        V1_37,
        Fact::TellsPreemption,
        "a refusal did not say for which node others were preempted",
    ),
    quirk(
        "S30",
        V1_37,
        Fact::ClaimsAreSilent,
        "a refusal said that there were no new claims to deallocate",
    ),
];
