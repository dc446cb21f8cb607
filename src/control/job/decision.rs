//! What a sync decided and why, for explanations. Decisions steer nothing.

use crate::base::Instant;
use crate::model::{Cause, PodId, RuleId};

/// A decision of the Job controller, with the rule behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The Job is to end.
    Ends {
        /// The rule that says so.
        rule: RuleId,
        /// The condition's cause.
        cause: Cause,
    },
    /// A finished pod enters the books, or leaves them uncounted.
    Settles {
        /// The pod.
        pod: PodId,
        /// How it counts.
        how: Settlement,
    },
    /// An active pod is deleted.
    Deletes {
        /// The pod.
        pod: PodId,
        /// The rule that wants it gone.
        rule: RuleId,
    },
    /// No pod is created before that instant.
    Waits {
        /// Back-off of the Job or of an index.
        rule: RuleId,
        /// When the wait ends.
        until: Instant,
        /// Failures since the last success, for the Job's back-off.
        failures: u32,
    },
    /// A status write was refused: the sync is given up and tried again.
    StatusRefused,
}

/// How a finished pod counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// As a success (J51).
    Succeeded,
    /// As nothing: its index had succeeded before (J51).
    AlreadySucceeded,
    /// As a failure (J51).
    Failed,
    /// As a failure, although it had not ended: its Job failed (J32).
    FailedUnfinished,
    /// As nothing, because this rule of the pod failure policy ignores it (J58).
    Ignored(u16),
    /// As nothing: its Job has ended well or is being deleted, or its index is out of range.
    Uncounted,
}

impl Settlement {
    /// The rule behind it.
    #[must_use]
    pub const fn rule(self) -> RuleId {
        match self {
            Self::Succeeded | Self::AlreadySucceeded | Self::Failed => RuleId::Counted,
            Self::FailedUnfinished | Self::Uncounted => RuleId::UnfinishedCounts,
            Self::Ignored(_) => RuleId::PolicyIgnores,
        }
    }
}
