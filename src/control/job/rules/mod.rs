//! What ends a Job: the rules in order of precedence, one file each (section 3 of the rules).

mod active_deadline;
mod backoff_limit;
mod completions;
mod failed_indexes;
mod failure_target;
mod max_failed_indexes;
mod pod_failure_policy;
mod success_criteria_met;
mod success_policy;

pub(super) use active_deadline::left_after_change;

use crate::api::{ApiServer, StoredJob};
use crate::base::{IndexSet, Instant, WireTime};
use crate::model::{Cause, ConditionType, JobSpec, PodId, RuleId};

/// A rule that may end a Job.
pub(super) struct Rule {
    /// Its number.
    pub(super) id: RuleId,
    /// The verdict, if the rule applies.
    pub(super) judge: fn(&Case<'_>) -> Option<Verdict>,
}

/// The rules that are asked before pods are created or deleted; the first that answers decides.
pub(super) const RULES: [Rule; 8] = [
    success_criteria_met::RULE,
    failure_target::RULE,
    pod_failure_policy::RULE,
    backoff_limit::RULE,
    active_deadline::RULE,
    max_failed_indexes::RULE,
    failed_indexes::RULE,
    success_policy::RULE,
];

/// The rule that is asked after pods were created or deleted.
pub(super) const COMPLETIONS: Rule = completions::RULE;

/// How a Job ends, as a rule sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It fails; an interim condition is to be written first, where the release has one.
    Fail(Cause),
    /// It fails by a FailJob rule: the interim condition comes first in every release.
    FailByPolicy(Cause),
    /// It is already marked as failing, for that cause.
    Failing(Cause),
    /// It ends well.
    Succeed(Cause),
    /// It is already marked as ending well, for that cause, since then.
    Succeeding(Cause, WireTime),
}

impl Verdict {
    /// The condition that the verdict leads to next in a release with or without interim
    /// conditions.
    pub(super) const fn condition(self, interim: bool) -> ConditionType {
        match self {
            Self::Fail(_) if interim => ConditionType::FailureTarget,
            Self::FailByPolicy(_) => ConditionType::FailureTarget,
            Self::Fail(_) | Self::Failing(_) => ConditionType::Failed,
            Self::Succeed(Cause::SuccessPolicy { .. }) | Self::Succeeding(..) => {
                ConditionType::SuccessCriteriaMet
            }
            Self::Succeed(_) if interim => ConditionType::SuccessCriteriaMet,
            Self::Succeed(_) => ConditionType::Complete,
        }
    }

    /// Its cause.
    pub(super) const fn cause(self) -> Cause {
        match self {
            Self::Fail(cause)
            | Self::FailByPolicy(cause)
            | Self::Failing(cause)
            | Self::Succeed(cause)
            | Self::Succeeding(cause, _) => cause,
        }
    }
}

/// What the rules look at: a Job and the counts of a sync.
pub(super) struct Case<'a> {
    /// When the sync looks.
    pub(super) now: Instant,
    /// The Job as the cache has it.
    pub(super) stored: &'a StoredJob,
    /// `startTime`, set by this sync if it was not before.
    pub(super) start_time: Option<WireTime>,
    /// Failures counted, and those this sync will count.
    pub(super) failed: u32,
    /// Successes counted, and those this sync will count.
    pub(super) succeeded: u32,
    /// Failed indexes, old and new (backoffLimitPerIndex).
    pub(super) failed_indexes: u32,
    /// Indexes that this sync finds newly succeeded, in order.
    pub(super) newly_completed: &'a [u32],
    /// Active pods; after creations and deletions for the last rule.
    pub(super) active: u32,
    /// Restarts of pods that have not ended.
    pub(super) restarts: u64,
    /// Pods whose failure matches a FailJob rule.
    pub(super) fail_job: &'a IndexSet,
    /// The cache.
    pub(super) api: &'a ApiServer,
}

impl Case<'_> {
    /// The Job's spec.
    pub(super) fn spec(&self) -> &JobSpec {
        &self.stored.job.spec
    }

    /// How many indexes of the set have succeeded, newly or before.
    fn succeeded_among(&self, indexes: &IndexSet) -> u32 {
        let new = self
            .newly_completed
            .iter()
            .filter(|index| indexes.contains(**index))
            .count();
        let before = self
            .stored
            .status
            .completed_indexes
            .intersection_len(indexes);
        before + u32::try_from(new).unwrap_or(u32::MAX)
    }

    /// The first pod that makes a FailJob rule apply, in order of creation.
    fn fail_job_pods(&self) -> impl Iterator<Item = PodId> + '_ {
        let only_failed = self.spec().replaces_only_failed();
        self.fail_job
            .iter()
            .map(PodId)
            .filter(move |pod| self.api.pod(*pod).is_failed(only_failed))
    }
}
