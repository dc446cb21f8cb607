//! How a Job's story ends, in a sentence.

use super::text;
use crate::api::{ApiServer, StoredJob};
use crate::base::{Instant, Span};
use crate::model::{Cause, JobId, Phase, PodId};
use std::fmt;

/// How a Job ended, or why it did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Condition Complete.
    Complete {
        /// From the Job's creation.
        after: Span,
        /// Why it counts as complete.
        cause: Cause,
    },
    /// Condition Failed.
    Failed {
        /// From the Job's creation.
        after: Span,
        /// Why it failed.
        cause: Cause,
        /// The condition's message.
        message: String,
    },
    /// It was deleted before it ended.
    Deleted {
        /// From the Job's creation.
        after: Span,
    },
    /// It does not end, or not while it is watched.
    Open(Hang),
}

/// Why a Job does not end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hang {
    /// It was never created: the run ended before.
    NeverCreated,
    /// It is suspended.
    Suspended,
    /// Another controller is to look after it (J63).
    ManagedElsewhere(String),
    /// Its parallelism is 0.
    NoParallelism,
    /// Nothing more happens, and its pods are still there.
    Stuck {
        /// Pods that are never bound or never start.
        pending: u32,
        /// Pods that never end.
        running: u32,
        /// Pods that never finish terminating.
        terminating: u32,
    },
    /// It was still under way when the run stopped being watched.
    StillRunning {
        /// How long it was watched.
        watched: Span,
    },
}

impl Ending {
    /// Whether the Job is Complete.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        matches!(self, Self::Complete { .. })
    }

    /// What its final condition is made from, if it has one.
    #[must_use]
    pub const fn cause(&self) -> Option<Cause> {
        match self {
            Self::Complete { cause, .. } | Self::Failed { cause, .. } => Some(*cause),
            Self::Deleted { .. } | Self::Open(_) => None,
        }
    }

    /// From the Job's creation to its end, if it ended.
    #[must_use]
    pub const fn after(&self) -> Option<Span> {
        match self {
            Self::Complete { after, .. } | Self::Failed { after, .. } | Self::Deleted { after } => {
                Some(*after)
            }
            Self::Open(_) => None,
        }
    }

    /// What became of the Job at the end of a run. `ended` is when it got its final condition.
    pub(super) fn of(
        api: &ApiServer,
        id: JobId,
        created: Instant,
        ended: Option<Instant>,
        gone: Option<Instant>,
        over: bool,
        now: Instant,
    ) -> Self {
        let stored = api.job(id);
        if let Some((condition, at)) = stored.status.finished().zip(ended) {
            let (after, cause) = (at.since(created), condition.cause);
            if condition.kind == crate::model::ConditionType::Complete {
                return Self::Complete { after, cause };
            }
            let by_label = |pod: PodId| text::pod_label(api, pod);
            let message = text::condition_message(api, id, cause, &by_label);
            return Self::Failed {
                after,
                cause,
                message,
            };
        }
        match gone {
            Some(at) => Self::Deleted {
                after: at.since(created),
            },
            None => Self::Open(hang(api, stored, over, now.since(created))),
        }
    }
}

fn hang(api: &ApiServer, stored: &StoredJob, over: bool, watched: Span) -> Hang {
    let spec = &stored.job.spec;
    if let Some(by) = spec
        .managed_by
        .as_ref()
        .filter(|_| spec.is_managed_elsewhere())
    {
        return Hang::ManagedElsewhere(by.clone());
    }
    if !over {
        return Hang::StillRunning { watched };
    }
    if spec.suspend {
        return Hang::Suspended;
    }
    let (mut pending, mut running, mut terminating) = (0, 0, 0);
    for pod in stored.pods.iter().map(|it| api.pod(PodId(it))) {
        match pod.phase {
            Phase::Succeeded | Phase::Failed => {}
            _ if pod.deletion.is_some() => terminating += 1,
            Phase::Pending => pending += 1,
            Phase::Running => running += 1,
        }
    }
    if spec.parallelism == 0 && pending + running + terminating == 0 {
        return Hang::NoParallelism;
    }
    Hang::Stuck {
        pending,
        running,
        terminating,
    }
}

/// `Complete in 4m12s`, `Failed: BackoffLimitExceeded after 9m6s`, `does not end: …`
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete { after, .. } => write!(f, "Complete in {after}"),
            Self::Failed { after, cause, .. } => {
                write!(f, "Failed: {} after {after}", cause.reason())
            }
            Self::Deleted { after } => write!(f, "deleted after {after}, before it ended"),
            Self::Open(hang) => write!(f, "does not end: {hang}"),
        }
    }
}

impl fmt::Display for Hang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverCreated => f.write_str("the run is over before it is created"),
            Self::Suspended => f.write_str("it is suspended, and nothing resumes it"),
            Self::ManagedElsewhere(by) => {
                write!(f, "spec.managedBy gives it to {by}, which is not modelled")
            }
            Self::NoParallelism => f.write_str("its parallelism is 0"),
            Self::Stuck {
                pending,
                running,
                terminating,
            } => {
                let kinds = [
                    (pending, "never start"),
                    (running, "never end"),
                    (terminating, "never finish terminating"),
                ];
                let parts: Vec<String> = kinds
                    .iter()
                    .filter(|(count, _)| **count > 0)
                    .map(|(count, what)| {
                        format!("{count} pod{} {what}", if **count == 1 { "" } else { "s" })
                    })
                    .collect();
                match parts.as_slice() {
                    [] => f.write_str("nothing more happens"),
                    parts => f.write_str(&parts.join(", ")),
                }
            }
            Self::StillRunning { watched } => write!(f, "still under way after {watched}"),
        }
    }
}
