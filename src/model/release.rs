//! Kubernetes' releases as values: which behaviour each of them shows.
//!
//! Two tables decide: [`GATES`], feature gates with the releases in which they are on by default,
//! and [`QUIRKS`], behaviour that changed without a gate. [`Release::behavior`] reads both into
//! plain named facts; nothing else in the crate compares releases.

use std::fmt;
use std::str::FromStr;

/// A minor release of Kubernetes, from 1.29 to 1.37, with its default feature gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // the names say it all
pub enum Release {
    V1_29,
    V1_30,
    V1_31,
    V1_32,
    V1_33,
    V1_34,
    V1_35,
    V1_36,
    V1_37,
}

use Release::{V1_31, V1_32, V1_33, V1_34, V1_35, V1_36, V1_37};

impl Release {
    /// The newest release known.
    pub const LATEST: Self = V1_37;

    /// Every release known, oldest first.
    pub const ALL: [Self; 9] = [
        Self::V1_29,
        Self::V1_30,
        V1_31,
        V1_32,
        V1_33,
        V1_34,
        V1_35,
        V1_36,
        V1_37,
    ];

    /// The minor version: 37 for 1.37.
    #[must_use]
    pub const fn minor(self) -> u32 {
        29 + self as u32
    }

    /// What this release does where releases differ.
    #[must_use]
    pub fn behavior(self) -> Behavior {
        let on = |id: Fact| {
            GATES.iter().any(|gate| gate.fact == id && self >= gate.on)
                || QUIRKS
                    .iter()
                    .any(|quirk| quirk.fact == id && self >= quirk.since)
        };
        Behavior {
            release: self,
            success_policy: on(Fact::SuccessPolicy),
            managed_by: on(Fact::ManagedBy),
            strict_status: on(Fact::ManagedBy),
            clears_start_time: on(Fact::ClearsStartTime),
            interim_conditions: on(Fact::InterimConditions),
            tracks_own_deletions: on(Fact::TracksOwnDeletions),
            backoff_keeps_active: on(Fact::BackoffKeepsActive),
            finished_updates_are_quiet: on(Fact::FinishedUpdatesAreQuiet),
            orphans_are_retried: on(Fact::OrphansAreRetried),
            deletion_forgets_backoff: on(Fact::DeletionForgetsBackoff),
            deletion_forgets_expectations: on(Fact::DeletionForgetsExpectations),
            checks_success_criteria: on(Fact::ChecksSuccessCriteria),
            spam_by_type: on(Fact::SpamByType),
            waits_for_own_writes: on(Fact::WaitsForOwnWrites),
            starts_are_seen_at_once: on(Fact::StartsAreSeenAtOnce),
            sandboxes_are_shown_at_once: on(Fact::SandboxesAreShownAtOnce),
            precise_recheck: on(Fact::PreciseRecheck),
            restart_rules: on(Fact::RestartRules),
            restart_all: on(Fact::RestartAll),
            verifies_pulled_images: on(Fact::VerifiesPulledImages),
            only_sidecars_exempt: on(Fact::OnlySidecarsExempt),
            long_node_grace: on(Fact::LongNodeGrace),
            soft_grace_is_capped: on(Fact::SoftGraceIsCapped),
            taints_in_same_pass: on(Fact::TaintsInSamePass),
            failed_budgets_say_so: on(Fact::FailedBudgetsSaySo),
            lease_is_read_again: on(Fact::LeaseIsReadAgain),
            queueing_hints: on(Fact::QueueingHints),
            pops_from_backoff: on(Fact::PopsFromBackoff),
            async_preemption: on(Fact::AsyncPreemption),
            errors_count_apart: on(Fact::ErrorsCountApart),
            taints_are_not_named: on(Fact::TaintsAreNotNamed),
            sees_hopeless_room: on(Fact::SeesHopelessRoom),
            skips_idle_balance: on(Fact::SkipsIdleBalance),
            claims_speak: on(Fact::ClaimsSpeak),
            claims_are_silent: on(Fact::ClaimsAreSilent),
            ties_are_settled: on(Fact::TiesAreSettled),
            spares_nominations: on(Fact::SparesNominations),
            binding_ends_nomination: on(Fact::BindingEndsNomination),
            balance_is_relative: on(Fact::BalanceIsRelative),
            asks_both_sides: on(Fact::AsksBothSides),
            one_term_wakes: on(Fact::OneTermWakes),
            only_borne_taints_wake: on(Fact::OnlyBorneTaintsWake),
            tells_preemption: on(Fact::TellsPreemption),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("1.{}", self.minor()))
    }
}

/// The text names no release that is known here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown Kubernetes release {0:?}: known are 1.29 to 1.37")]
pub struct UnknownRelease(String);

/// Reads `1.31`, `v1.31` or `1.31.4`.
impl FromStr for Release {
    type Err = UnknownRelease;
    fn from_str(text: &str) -> Result<Self, UnknownRelease> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let (major, minor, patch) = (parts.next(), parts.next(), parts.next());
        let numeric = |part: &str| part.parse::<u32>().ok();
        Self::ALL
            .into_iter()
            .find(|release| {
                major == Some("1")
                    && minor.and_then(numeric) == Some(release.minor())
                    && patch.is_none_or(|patch| numeric(patch).is_some())
                    && parts.clone().next().is_none()
            })
            .ok_or_else(|| UnknownRelease(text.to_owned()))
    }
}

/// What a release does where releases differ, as plain facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools)] // a list of facts, not a state machine
pub struct Behavior {
    /// The release these facts are about.
    pub release: Release,
    /// `spec.successPolicy` is kept and applied (J27).
    pub success_policy: bool,
    /// `spec.managedBy` is kept and honoured (J63).
    pub managed_by: bool,
    /// Status writes are checked strictly (J62).
    pub strict_status: bool,
    /// Suspension clears `startTime` (J36).
    pub clears_start_time: bool,
    /// Interim conditions precede the final one, which waits for terminating pods (J28, J30).
    pub interim_conditions: bool,
    /// `ready` and `terminating` take the sync's own deletions into account (J15).
    pub tracks_own_deletions: bool,
    /// A sync in back-off reports the true number of active pods (J43).
    pub backoff_keeps_active: bool,
    /// The update of a finished Job queues no sync (J4).
    pub finished_updates_are_quiet: bool,
    /// A finalizer that could not be removed from a leftover pod is tried again (J61).
    pub orphans_are_retried: bool,
    /// Deleting a Job drops its back-off record at once (J60).
    pub deletion_forgets_backoff: bool,
    /// Deleting a Job drops its expectations at once (J8).
    pub deletion_forgets_expectations: bool,
    /// The API server checks SuccessCriteriaMet against other conditions (J62).
    pub checks_success_criteria: bool,
    /// The spam filter has a bucket for each type of event, not one for all (J71).
    pub spam_by_type: bool,
    /// A sync fails while the watch has not told of the controller's own last writes (J9).
    pub waits_for_own_writes: bool,
    /// A container's start shows at once, not at the next relist (P31).
    pub starts_are_seen_at_once: bool,
    /// PodReadyToStartContainers does not wait for the status after the first image pull (P4).
    pub sandboxes_are_shown_at_once: bool,
    /// A kubelet looks again when a back-off is over, not every ten seconds (P30).
    pub precise_recheck: bool,
    /// Containers of all kinds may have a restart policy and rules of their own (P33).
    pub restart_rules: bool,
    /// A rule may restart all containers (P34).
    pub restart_all: bool,
    /// An image pulled with another pod's secret is verified again (P40).
    pub verifies_pulled_images: bool,
    /// Once a container has started, an init container that runs keeps the pod Pending still;
    /// only sidecars do not (P8).
    pub only_sidecars_exempt: bool,
    /// A node may be silent for 50 s, not 40 s (P70).
    pub long_node_grace: bool,
    /// A soft eviction waits no longer than the pod's own grace period (P64).
    pub soft_grace_is_capped: bool,
    /// P72: a node's taint is queued in the pass that finds it Unknown.
    pub taints_in_same_pass: bool,
    /// P80: a refused eviction says that the budget's numbers could not be computed.
    pub failed_budgets_say_so: bool,
    /// A node's lease is read once more before it is called Unknown (P71).
    pub lease_is_read_again: bool,
    /// An event wakes a pod only if who rejected it says that it may help (S8).
    pub queueing_hints: bool,
    /// A pod in back-off is tried when nothing else is to be, and back-off ends at whole seconds
    /// (S5, S6).
    pub pops_from_backoff: bool,
    /// Victims are asked to go beside the scheduler's cycles, and nominations that end wake pods
    /// (S8, S34).
    pub async_preemption: bool,
    /// Back-off counts errors apart from rejections (S5).
    pub errors_count_apart: bool,
    /// A refusal does not name the taint (S13).
    pub taints_are_not_named: bool,
    /// A node that is too small even when empty is not tried for preemption (S13).
    pub sees_hopeless_room: bool,
    /// Pods that ask for neither cpu nor memory are not scored for balance (S25).
    pub skips_idle_balance: bool,
    /// A refusal says that there are no claims to deallocate (S30).
    pub claims_speak: bool,
    /// It does not any more.
    pub claims_are_silent: bool,
    /// The order of the search decides between nodes with the same score, not chance (S29).
    pub ties_are_settled: bool,
    /// Pods keep their nominations if all victims are terminating already (S34).
    pub spares_nominations: bool,
    /// A pod that is bound has no nominated node any more (S37).
    pub binding_ends_nomination: bool,
    /// Balance is scored by what the pod changes of it (S25).
    pub balance_is_relative: bool,
    /// A pod wakes when one is gone that wanted to be apart from it, or when its own labels
    /// change (S8).
    pub asks_both_sides: bool,
    /// One term of anti-affinity is enough for a pod's going to wake another (S8).
    pub one_term_wakes: bool,
    /// Changes of taints wake only pods that were rejected because of taints (S8).
    pub only_borne_taints_wake: bool,
    /// A refusal says for which node others are preempted (S30).
    pub tells_preemption: bool,
}

/// A fact that depends on the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// [`Behavior::success_policy`]
    SuccessPolicy,
    /// [`Behavior::managed_by`] and [`Behavior::strict_status`]
    ManagedBy,
    /// [`Behavior::clears_start_time`]
    ClearsStartTime,
    /// [`Behavior::interim_conditions`]
    InterimConditions,
    /// [`Behavior::tracks_own_deletions`]
    TracksOwnDeletions,
    /// [`Behavior::backoff_keeps_active`]
    BackoffKeepsActive,
    /// [`Behavior::finished_updates_are_quiet`]
    FinishedUpdatesAreQuiet,
    /// [`Behavior::orphans_are_retried`]
    OrphansAreRetried,
    /// [`Behavior::deletion_forgets_backoff`]
    DeletionForgetsBackoff,
    /// [`Behavior::deletion_forgets_expectations`]
    DeletionForgetsExpectations,
    /// [`Behavior::checks_success_criteria`]
    ChecksSuccessCriteria,
    /// [`Behavior::spam_by_type`]
    SpamByType,
    /// [`Behavior::waits_for_own_writes`]
    WaitsForOwnWrites,
    /// [`Behavior::starts_are_seen_at_once`]
    StartsAreSeenAtOnce,
    /// [`Behavior::sandboxes_are_shown_at_once`]
    SandboxesAreShownAtOnce,
    /// [`Behavior::precise_recheck`]
    PreciseRecheck,
    /// [`Behavior::restart_rules`]
    RestartRules,
    /// [`Behavior::restart_all`]
    RestartAll,
    /// [`Behavior::verifies_pulled_images`]
    VerifiesPulledImages,
    /// [`Behavior::only_sidecars_exempt`]
    OnlySidecarsExempt,
    /// [`Behavior::long_node_grace`]
    LongNodeGrace,
    /// [`Behavior::soft_grace_is_capped`]
    SoftGraceIsCapped,
    /// [`Behavior::taints_in_same_pass`]
    TaintsInSamePass,
    /// [`Behavior::failed_budgets_say_so`]
    FailedBudgetsSaySo,
    /// [`Behavior::lease_is_read_again`]
    LeaseIsReadAgain,
    /// [`Behavior::queueing_hints`]
    QueueingHints,
    /// [`Behavior::pops_from_backoff`]
    PopsFromBackoff,
    /// [`Behavior::async_preemption`]
    AsyncPreemption,
    /// [`Behavior::errors_count_apart`]
    ErrorsCountApart,
    /// [`Behavior::taints_are_not_named`]
    TaintsAreNotNamed,
    /// [`Behavior::sees_hopeless_room`]
    SeesHopelessRoom,
    /// [`Behavior::skips_idle_balance`]
    SkipsIdleBalance,
    /// [`Behavior::claims_speak`]
    ClaimsSpeak,
    /// [`Behavior::claims_are_silent`]
    ClaimsAreSilent,
    /// [`Behavior::ties_are_settled`]
    TiesAreSettled,
    /// [`Behavior::spares_nominations`]
    SparesNominations,
    /// [`Behavior::binding_ends_nomination`]
    BindingEndsNomination,
    /// [`Behavior::balance_is_relative`]
    BalanceIsRelative,
    /// [`Behavior::asks_both_sides`]
    AsksBothSides,
    /// [`Behavior::one_term_wakes`]
    OneTermWakes,
    /// [`Behavior::only_borne_taints_wake`]
    OnlyBorneTaintsWake,
    /// [`Behavior::tells_preemption`]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_read_back_as_they_print() {
        for release in Release::ALL {
            assert_eq!(release.to_string().parse(), Ok(release));
        }
        assert_eq!("v1.31.4".parse(), Ok(V1_31));
        for wrong in [
            "", "1", "2.31", "1.28", "1.38", "1.31.x", "1.31.4.5", "latest",
        ] {
            assert!(wrong.parse::<Release>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn facts_change_where_the_rules_say() {
        assert!(!Release::V1_30.behavior().interim_conditions);
        assert!(V1_31.behavior().interim_conditions && !V1_31.behavior().strict_status);
        assert!(V1_32.behavior().strict_status && !V1_32.behavior().backoff_keeps_active);
        assert!(V1_36.behavior().backoff_keeps_active && V1_36.behavior().clears_start_time);
    }
}
