//! `status` of a Job. Conditions carry their cause as data; reason and message are read off it.

use super::pod::PodId;
use crate::base::{IndexSet, WireTime};

/// `status` of a Job as the API server stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobStatus {
    /// Pods neither ended nor terminating.
    pub active: u32,
    /// Active pods that are Ready; `None` before the first write.
    pub ready: Option<u32>,
    /// Pods terminating; `None` before the first write.
    pub terminating: Option<u32>,
    /// Successes counted.
    pub succeeded: u32,
    /// Failures counted.
    pub failed: u32,
    /// Indexes that succeeded (Indexed).
    pub completed_indexes: IndexSet,
    /// Indexes given up (backoffLimitPerIndex); `None` where that is not used.
    pub failed_indexes: Option<IndexSet>,
    /// Succeeded pods that still have, or just lost, their finalizer.
    pub uncounted_succeeded: Vec<PodId>,
    /// Failed pods that still have, or just lost, their finalizer.
    pub uncounted_failed: Vec<PodId>,
    /// When the Job was started or resumed.
    pub start_time: Option<WireTime>,
    /// When the Job became Complete.
    pub completion_time: Option<WireTime>,
    /// In the order in which they were first added.
    pub conditions: Vec<Condition>,
}

/// One condition of a Job; each type occurs at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `type`
    pub kind: ConditionType,
    /// `status`: True or False.
    pub status: bool,
    /// What `reason` and `message` are made from.
    pub cause: Cause,
    /// `lastTransitionTime` and `lastProbeTime`.
    pub at: WireTime,
}

/// `type` of a Job's condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConditionType {
    /// Has no pods for now.
    Suspended,
    /// Will fail once its pods have gone (KEP-3329, KEP-3998).
    FailureTarget,
    /// Will be Complete once its pods have gone (KEP-3998).
    SuccessCriteriaMet,
    /// Ended well.
    Complete,
    /// Ended badly.
    Failed,
}

impl ConditionType {
    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suspended => "Suspended",
            Self::FailureTarget => "FailureTarget",
            Self::SuccessCriteriaMet => "SuccessCriteriaMet",
            Self::Complete => "Complete",
            Self::Failed => "Failed",
        }
    }
}

/// Why a condition is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Complete without a word (up to 1.30, J28).
    Plain,
    /// `spec.suspend` was set (J36).
    Suspended,
    /// `spec.suspend` was taken back (J36).
    Resumed,
    /// Too many failures (J23).
    BackoffLimitExceeded,
    /// Active for too long (J24).
    DeadlineExceeded,
    /// Too many failed indexes (J25).
    MaxFailedIndexesExceeded,
    /// All indexes ended, some badly (J26).
    FailedIndexes,
    /// A container's exit code matched a FailJob rule (J22).
    FailJobOnExitCode {
        /// The pod it ran in.
        pod: PodId,
        /// The container's place in the pod: regular ones first, then init containers.
        container: u16,
        /// Its exit code.
        code: i32,
        /// The rule's place in the policy.
        rule: u16,
    },
    /// A pod's condition matched a FailJob rule (J22).
    FailJobOnCondition {
        /// The pod.
        pod: PodId,
        /// The rule's place in the policy.
        rule: u16,
    },
    /// Enough successes by a success policy (J27).
    SuccessPolicy {
        /// The rule's place in the policy.
        rule: u16,
    },
    /// Enough successes (J28).
    CompletionsReached,
}

impl Cause {
    /// `reason` of the condition, and of the event of a failed Job.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Suspended => "JobSuspended",
            Self::Resumed => "JobResumed",
            Self::BackoffLimitExceeded => "BackoffLimitExceeded",
            Self::DeadlineExceeded => "DeadlineExceeded",
            Self::MaxFailedIndexesExceeded => "MaxFailedIndexesExceeded",
            Self::FailedIndexes => "FailedIndexes",
            Self::FailJobOnExitCode { .. } | Self::FailJobOnCondition { .. } => "PodFailurePolicy",
            Self::SuccessPolicy { .. } => "SuccessPolicy",
            Self::CompletionsReached => "CompletionsReached",
        }
    }
}

impl JobStatus {
    /// The condition of that type, whatever its status.
    #[must_use]
    pub fn condition(&self, kind: ConditionType) -> Option<&Condition> {
        self.conditions
            .iter()
            .find(|condition| condition.kind == kind)
    }

    /// The condition of that type, if it is True.
    #[must_use]
    pub fn holds(&self, kind: ConditionType) -> Option<&Condition> {
        self.condition(kind).filter(|condition| condition.status)
    }

    /// The final condition, if the Job has ended: Complete or Failed.
    #[must_use]
    pub fn finished(&self) -> Option<&Condition> {
        self.conditions.iter().find(|condition| {
            condition.status
                && matches!(
                    condition.kind,
                    ConditionType::Complete | ConditionType::Failed
                )
        })
    }
}
