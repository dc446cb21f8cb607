//! The milestones of a pod.

use crate::base::{Instant, Span};
use crate::control::job::Settlement;
use crate::model::{NodeId, RuleId};

/// The life of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// When it was created.
    pub created: Instant,
    /// When it was bound.
    pub bound: Option<Instant>,
    /// To which node.
    pub node: Option<NodeId>,
    /// When the scheduler first said that no node has room for it.
    pub unschedulable: Option<Instant>,
    /// When it was first seen running.
    pub started: Option<Instant>,
    /// When the first of its regular containers was started, and the last of them exited; nothing
    /// of pods that follow scripts.
    pub containers: Option<(Instant, Option<Instant>)>,
    /// When it ended.
    pub ended: Option<Instant>,
    /// When it became the target of a disruption.
    pub disruption: Option<Instant>,
    /// When it was first asked to terminate.
    pub terminating: Option<Instant>,
    /// When it was gone.
    pub gone: Option<Instant>,
    /// How it counted.
    pub settled: Option<Settlement>,
    /// The rule by which the Job controller deleted it.
    pub deleted_by: Option<RuleId>,
}

impl Attempt {
    /// Whether it was the target of a disruption when it ended.
    #[must_use]
    pub fn ended_disrupted(&self) -> bool {
        let both = self.disruption.zip(self.ended);
        both.is_some_and(|(disruption, ended)| disruption <= ended)
    }

    /// How long its containers ran: from the first start to the last exit, if it has ended.
    #[must_use]
    pub fn ran(&self) -> Option<Span> {
        let ended = self.ended?;
        match self.containers {
            Some((from, to)) => Some(to.unwrap_or(ended).since(from)),
            None => Some(ended.since(self.started?)),
        }
    }
}
