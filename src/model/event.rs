//! Events of the Job controller, as `kubectl get events` shows them (J70).

use super::pod::PodId;
use super::status::Cause;

/// Why a pod could not be created or deleted: what tells such events apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PodRefusal {
    /// The request failed with that HTTP status code.
    Status(u16),
    /// Admission did not let it in, for the reason of that number.
    Denied(u16),
}

impl PodRefusal {
    const fn key(self) -> u64 {
        match self {
            Self::Status(code) => code as u64,
            Self::Denied(number) => 1 << 16 | number as u64,
        }
    }
}

/// An event about a Job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobEvent {
    /// A pod was created.
    SuccessfulCreate(PodId),
    /// A pod could not be created.
    FailedCreate(PodRefusal),
    /// A pod was deleted.
    SuccessfulDelete(PodId),
    /// A pod could not be deleted.
    FailedDelete(PodRefusal),
    /// The Job was suspended.
    Suspended,
    /// The Job was resumed.
    Resumed,
    /// The Job is Complete.
    Completed,
    /// The Job has Failed.
    Failed(Cause),
    /// More pods succeeded than the Job has completions.
    TooManySucceededPods,
}

impl JobEvent {
    /// `Normal` or `Warning`.
    #[must_use]
    pub const fn severity(self) -> &'static str {
        match self {
            Self::SuccessfulCreate(_)
            | Self::SuccessfulDelete(_)
            | Self::Suspended
            | Self::Resumed
            | Self::Completed => "Normal",
            Self::FailedCreate(_)
            | Self::FailedDelete(_)
            | Self::Failed(_)
            | Self::TooManySucceededPods => "Warning",
        }
    }

    /// `reason` of the event.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::SuccessfulCreate(_) => "SuccessfulCreate",
            Self::FailedCreate(_) => "FailedCreate",
            Self::SuccessfulDelete(_) => "SuccessfulDelete",
            Self::FailedDelete(_) => "FailedDelete",
            Self::Suspended => "Suspended",
            Self::Resumed => "Resumed",
            Self::Completed => "Completed",
            Self::Failed(cause) => cause.reason(),
            Self::TooManySucceededPods => "TooManySucceededPods",
        }
    }

    /// A small number for the reason: events that share it are similar to each other.
    #[must_use]
    pub const fn similarity(self) -> u16 {
        match self {
            Self::SuccessfulCreate(_) => 0,
            Self::FailedCreate(_) => 1,
            Self::SuccessfulDelete(_) => 2,
            Self::FailedDelete(_) => 3,
            Self::Suspended => 4,
            Self::Resumed => 5,
            Self::Completed => 6,
            Self::Failed(_) => 7,
            Self::TooManySucceededPods => 8,
        }
    }

    /// A number that tells apart the messages of similar events.
    #[must_use]
    pub const fn message_key(self) -> u64 {
        match self {
            Self::SuccessfulCreate(pod) | Self::SuccessfulDelete(pod) => pod.0 as u64,
            Self::FailedCreate(why) | Self::FailedDelete(why) => why.key(),
            _ => 0,
        }
    }
}
