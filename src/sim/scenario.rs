//! What a run is made from: a release, Jobs with what their pods do, and what happens to them
//! from outside.

use super::client::Limits;
use crate::base::Span;
use crate::fault::{Action, Deed, Fault, Outage, Recurring};
use crate::model::{DisruptionBudget, Job, Node, PodScript, PriorityClass, Release};
use crate::node::Pace;
use crate::schedule::Pool;
use crate::workload::{Background, Fate};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// Nodes that are there from the origin on.
    pub nodes: Vec<Node>,
    /// Disruption budgets that are there from the origin on.
    pub budgets: Vec<DisruptionBudget>,
    /// Priority classes by name.
    pub priority_classes: BTreeMap<String, PriorityClass>,
    /// Who gives pods their nodes.
    pub placement: Placement,
    /// The scheduler makes at most one attempt in so much time.
    pub cycle: Span,
    /// Which of several nodes that are equally good it takes.
    pub ties: TieBreak,
    /// When the control plane's passes over nodes and pods are.
    pub phases: Phases,
    /// The Jobs. Those created at one instant are created in this order.
    pub workloads: Vec<Workload>,
    /// What users and nodes do.
    pub actions: Vec<Action>,
    /// What does not work for a while.
    pub faults: Vec<Fault>,
    /// How long kubelets take for each step.
    pub pace: Pace,
    /// What happens again and again, by rate or by chance.
    pub recurring: Vec<Recurring>,
    /// Nodes that are made when pods find none. Without it, and without nodes, the cluster always
    /// has another one.
    pub pool: Option<Pool>,
    /// Where no nodes and no pool are given, there is always another node for a pod, even if
    /// nothing that happens needs one: see [`Scenario::is_endless`].
    pub unlimited: bool,
    /// Other pods that fill the nodes. They are there only where the scheduler places pods on
    /// nodes ([`Placement::Scheduler`]).
    pub background: Vec<Background>,
    /// Limits of the control plane.
    pub limits: Limits,
    /// What playing it may cost.
    pub budget: Budget,
}

/// Who gives pods their nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// The scheduler, as kube-scheduler decides.
    #[default]
    Scheduler,
    /// A scheduler that decides at once, and knows of room and taints only.
    Ideal,
    /// Nobody but the scenario, by [`Deed::Bind`].
    ByHand,
}

/// Which of several nodes that are equally good a pod gets (S29, S33).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TieBreak {
    /// Up to 1.34 any of them, by chance; from 1.35 on the search decides.
    #[default]
    AsReleased,
    /// That which the search finds.
    InTurn,
    /// Any of them, by chance.
    Drawn,
}

/// When passes are that the control plane makes in a fixed rhythm: each the time of one of them
/// after the origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// The node lifecycle controller looks at all nodes, every 5 s (P70).
    pub monitor: Span,
    /// It puts taints `NoExecute` on nodes, every 0.1 s (P72).
    pub tainting: Span,
    /// The pod garbage collector looks at all pods, every 20 s (P78).
    pub pod_gc: Span,
}

impl Phases {
    /// All of them at the origin.
    pub const ZERO: Self = Self {
        monitor: Span::ZERO,
        tainting: Span::ZERO,
        pod_gc: Span::ZERO,
    };
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
    /// The Job, complete with its defaults. Runs share it.
    pub job: Arc<Job>,
    /// When it is created, after the scenario's start.
    pub at: Span,
    /// A pod takes the first script that matches it, else the last.
    pub pods: Vec<PodScript>,
    /// What the containers of its pods do. Where this is told, pods live on nodes, under
    /// kubelets, and follow no script.
    pub fates: Vec<Fate>,
}

impl Workload {
    /// The Job, to be changed; one that others share is copied first.
    pub fn job_mut(&mut self) -> &mut Job {
        Arc::make_mut(&mut self.job)
    }
}

impl Scenario {
    /// What the scheduler takes for an attempt unless told.
    pub const CYCLE: Span = Span::from_millis(5);

    /// Gives Jobs the priority of their pods' classes, as admission gives it to the pods (P99).
    pub(super) fn give_priorities(&mut self) {
        let jobs = self.workloads.iter_mut();
        let jobs = jobs.filter(|it| it.job.spec.template.priority_class.is_some());
        let jobs = jobs.map(|it| &mut it.job_mut().spec.template);
        let background = self.background.iter_mut().map(|it| &mut it.template);
        for template in jobs.chain(background) {
            let Some(name) = &template.priority_class else {
                continue;
            };
            let known = self.priority_classes.get(name).copied();
            if let Some(class) = known.or_else(|| PriorityClass::of_system(name)) {
                template.priority.get_or_insert(class.value);
                (template.preemption_policy).get_or_insert(class.preemption_policy);
            }
        }
    }

    /// An empty scenario: no Jobs, upstream's control-plane limits, watched for a day.
    #[must_use]
    pub fn on(release: Release) -> Self {
        Self {
            release,
            start: Span::ZERO,
            until: Span::from_secs(24 * 3600),
            nodes: Vec::new(),
            budgets: Vec::new(),
            priority_classes: BTreeMap::new(),
            placement: Placement::Scheduler,
            cycle: Self::CYCLE,
            ties: TieBreak::AsReleased,
            phases: Phases::ZERO,
            workloads: Vec::new(),
            actions: Vec::new(),
            faults: Vec::new(),
            pace: Pace::quiet(),
            recurring: Vec::new(),
            pool: None,
            unlimited: false,
            background: Vec::new(),
            limits: Limits::UPSTREAM,
            budget: Budget::UNLIMITED,
        }
    }

    /// Adds a Job and what its pods do.
    #[must_use]
    pub fn job(
        mut self,
        job: impl Into<Arc<Job>>,
        pods: impl IntoIterator<Item = PodScript>,
    ) -> Self {
        self.workloads.push(Workload {
            job: job.into(),
            at: Span::ZERO,
            pods: pods.into_iter().collect(),
            fates: Vec::new(),
        });
        self
    }

    /// Adds a Job whose pods live on nodes, under kubelets; the fates say what their containers
    /// do.
    #[must_use]
    pub fn workload(
        mut self,
        job: impl Into<Arc<Job>>,
        fates: impl IntoIterator<Item = Fate>,
    ) -> Self {
        self.workloads.push(Workload {
            job: job.into(),
            at: Span::ZERO,
            pods: Vec::new(),
            fates: fates.into_iter().collect(),
        });
        self
    }

    /// Does something to the first Job, that long after its creation.
    #[must_use]
    pub fn action(mut self, at: Span, deed: Deed) -> Self {
        self.actions.push(Action { at, job: 0, deed });
        self
    }

    /// Whether it speaks of nodes, so that there is more to play than Jobs and their pods.
    #[must_use]
    pub fn has_nodes(&self) -> bool {
        let adds = |it: &Action| matches!(it.deed, Deed::AddNode(_));
        let adds = self.actions.iter().any(adds);
        !self.nodes.is_empty() || self.pool.is_some() || adds || self.is_endless()
    }

    /// Whether it speaks of nodes, or of an unlimited cluster, without saying which there are:
    /// then there is always another one, `node-1`, `node-2` …, for each pod its own.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        let adds = |it: &Action| matches!(it.deed, Deed::AddNode(_));
        let given = !self.nodes.is_empty() || self.pool.is_some();
        let deeds = self.actions.iter().map(|it| &it.deed);
        let mut deeds = deeds.chain(self.recurring.iter().map(|it| &it.deed));
        let asked = self.unlimited || deeds.any(|it| it.nodes().is_some());
        !given && !self.actions.iter().any(adds) && asked
    }

    /// Jobs in the order in which they are created, by which everything else numbers them.
    pub(super) fn put_jobs_in_order(&mut self) {
        if self.workloads.is_sorted_by_key(|it| it.at) {
            return;
        }
        let mut order: Vec<usize> = (0..self.workloads.len()).collect();
        order.sort_by_key(|place| self.workloads[*place].at);
        let place = |old: usize| order.iter().position(|it| *it == old).unwrap_or(old);
        for action in &mut self.actions {
            action.job = place(action.job);
        }
        for recurring in &mut self.recurring {
            recurring.job = place(recurring.job);
        }
        self.workloads.sort_by_key(|it| it.at);
    }

    /// Where a LimitRange is there from a Job's creation to the end, the Job's pods are made with
    /// its defaults (P90).
    pub(super) fn fill_in_defaults(&mut self) {
        for fault in &self.faults {
            let Outage::LimitRange(range) = &fault.outage else {
                continue;
            };
            let jobs = self.workloads.iter_mut();
            for workload in jobs.filter(|it| fault.from <= it.at && fault.to >= self.until) {
                range.fill(&mut workload.job_mut().spec.template);
            }
        }
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
