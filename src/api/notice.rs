//! What a watch tells of each write.

use super::NodeChange;
use crate::model::{BudgetId, JobId, NodeId, Pod, PodId};

/// A write, as a watch reports it.
#[derive(Clone, Debug)]
pub enum Notice {
    /// A Job changed.
    Job(JobId, JobChange),
    /// A pod changed.
    Pod(PodChange),
    /// A node changed.
    Node(NodeId, NodeChange),
    /// A disruption budget was created, or its status written.
    Budget(BudgetId),
}

/// What happened to a Job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobChange {
    /// It was created.
    Added,
    /// Its spec or metadata were written.
    Spec {
        /// Whether that raised the generation.
        new_generation: bool,
        /// Whether `activeDeadlineSeconds` was changed.
        new_deadline: bool,
    },
    /// Its status was written.
    Status,
    /// It was removed.
    Gone,
}

/// What happened to a pod: `old` is absent for a new one, `new` for one removed.
#[derive(Clone, Copy, Debug)]
pub struct PodChange {
    /// Which pod.
    pub id: PodId,
    /// How it was before the write.
    pub old: Option<Pod>,
    /// How it is now.
    pub new: Option<Pod>,
}
