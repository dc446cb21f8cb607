//! What a run is made from: a release, Jobs with what their pods do, and what happens to them
//! from outside.

use super::client::Limits;
use crate::base::Span;
use crate::fault::{Action, Deed, Fault, Recurring};
use crate::model::{Job, PodScript, Release};
use crate::schedule::Pool;

/// A run, described. The first Job is created `start` after the origin; everything else counts
/// from there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scenario {
    /// Whose behaviour is played.
    pub release: Release,
    /// From the run's origin, a whole second, to the creation of the Jobs.
    pub start: Span,
    /// How long the run is watched after that.
    pub until: Span,
    /// The Jobs.
    pub workloads: Vec<Workload>,
    /// What users and nodes do.
    pub actions: Vec<Action>,
    /// What does not work for a while.
    pub faults: Vec<Fault>,
    /// What happens again and again, by rate or by chance.
    pub recurring: Vec<Recurring>,
    /// Nodes that are made when pods find none. Without it, and without nodes, the cluster always
    /// has another one.
    pub pool: Option<Pool>,
    /// Limits of the control plane.
    pub limits: Limits,
    /// What playing it may cost.
    pub budget: Budget,
}

/// The most that a run may take. One that has spent it stops where it is: see
/// [`World::is_spent`](super::World::is_spent).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Events and syncs.
    pub events: u64,
    /// Pods ever created.
    pub pods: u32,
}

impl Budget {
    /// Whatever it takes.
    pub const UNLIMITED: Self = Self {
        events: u64::MAX,
        pods: u32::MAX,
    };
}

/// A Job and what its pods do.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The Job, complete with its defaults.
    pub job: Job,
    /// A pod takes the first script that matches it, else the last.
    pub pods: Vec<PodScript>,
}

impl Scenario {
    /// An empty scenario: no Jobs, upstream's control-plane limits, watched for a day.
    #[must_use]
    pub const fn on(release: Release) -> Self {
        Self {
            release,
            start: Span::ZERO,
            until: Span::from_secs(24 * 3600),
            workloads: Vec::new(),
            actions: Vec::new(),
            faults: Vec::new(),
            recurring: Vec::new(),
            pool: None,
            limits: Limits::UPSTREAM,
            budget: Budget::UNLIMITED,
        }
    }

    /// Adds a Job and what its pods do.
    #[must_use]
    pub fn job(mut self, job: Job, pods: impl IntoIterator<Item = PodScript>) -> Self {
        self.workloads.push(Workload {
            job,
            pods: pods.into_iter().collect(),
        });
        self
    }

    /// Does something to the first Job, that long after its creation.
    #[must_use]
    pub fn action(mut self, at: Span, deed: Deed) -> Self {
        self.actions.push(Action { at, job: 0, deed });
        self
    }

    /// Watches the Jobs for that long.
    #[must_use]
    pub const fn until(mut self, until: Span) -> Self {
        self.until = until;
        self
    }

    /// Sets the limits of the control plane.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}
