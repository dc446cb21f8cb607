//! Kubernetes' releases as values: which behaviour each of them shows.
//!
//! Two tables decide: [`GATES`], feature gates with the releases in which they are on by default,
//! and [`QUIRKS`], behaviour that changed without a gate. [`Release::behavior`] reads both into
//! plain named facts; nothing else in the crate compares releases.

mod tables;

use std::fmt;
use std::str::FromStr;

pub use tables::{Fact, GATES, Gate, QUIRKS, Quirk};

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
    fn g3_g4_g6_g9_g12_gates_are_on_from_the_releases_that_the_rules_name() {
        for (name, on) in [
            ("ContainerRestartRules", V1_35),
            ("RestartAllContainersOnContainerExits", V1_36),
            ("PLEGOnDemandRelist", V1_36),
            ("KubeletEnsureSecretPulledImages", V1_35),
            ("NodeControllerLeaseCircuitBreaker", V1_37),
        ] {
            let gate = GATES.iter().find(|gate| gate.name == name).unwrap();
            assert_eq!(gate.on, on, "{name}");
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
