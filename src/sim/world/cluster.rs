//! Where there are nodes: the controllers that look after them, and what comes from outside.
//!
//! What comes from outside at an instant comes when everything else has come to rest: one thing
//! after the other, in the order in which it was planned, each when the effects of the one before
//! have come to rest. First nodes, then disruption budgets, then Jobs, then actions. The passes
//! that controllers make in a fixed rhythm come a moment later, as a step of their own.

use super::super::recorder::Recorder;
use super::super::scenario::Scenario;
use super::World;
use crate::api::{ApiServer, Notice};
use crate::base::{Instant, Span};
use crate::control::disruption::DisruptionController;
use crate::control::node_lifecycle::{NodeLifecycle, Settings};
use crate::control::pod_gc::PodGc;
use crate::control::taint_eviction::TaintEviction;
use crate::model::{NodeId, PodId, Release};
use std::collections::BTreeMap;

/// Something that comes from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outside {
    /// The node of that number joins.
    Node(u32),
    /// The budget of that number is created.
    Budget(u32),
    /// Pods of the background are there, or begin to come: those of that number.
    Background(u32),
    /// The Job of that number is created.
    Job(u32),
    /// The action of that number is done.
    Act(u32),
    /// A node that went silent at that instant is back.
    Back(NodeId, Instant),
    /// A node of the pool, of that number, is ready.
    PoolNode(u32),
    /// A node is drained.
    Drain(NodeId),
    /// A node has no power any more.
    PowerLoss(NodeId),
    /// A node's object is deleted.
    Delete(NodeId),
    /// The critical pods of a node that is shut down have so much time.
    ShutCritical(NodeId, Span),
    /// A drain tries to evict a pod once more.
    EvictAgain(PodId),
}

/// The controllers that look after nodes, and what is to come from outside.
#[derive(Debug)]
pub(super) struct Cluster {
    settings: Settings,
    pod_gc_phase: Span,
    release: Release,
    lifecycle: NodeLifecycle,
    taints: TaintEviction,
    pod_gc: PodGc,
    disruption: DisruptionController,
    /// The controllers do not run, and hear nothing.
    stopped: bool,
    agenda: BTreeMap<(Instant, u64), Outside>,
    planned: u64,
}

impl Cluster {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let settings = Settings {
            monitor_phase: scenario.phases.monitor,
            tainting_phase: scenario.phases.tainting,
            unlimited: scenario.pool.is_some() || scenario.is_endless(),
        };
        let pod_gc_phase = scenario.phases.pod_gc;
        let mut cluster = Self {
            settings,
            pod_gc_phase,
            release: scenario.release,
            lifecycle: NodeLifecycle::new(&scenario.release.behavior(), settings),
            taints: TaintEviction::default(),
            pod_gc: PodGc::new(pod_gc_phase),
            disruption: DisruptionController::default(),
            stopped: false,
            agenda: BTreeMap::new(),
            planned: 0,
        };
        cluster.plan_all(scenario);
        cluster
    }

    /// Forgets everything, for another run of the same scenario.
    pub(super) fn reset(&mut self, scenario: &Scenario) {
        *self = Self::new(scenario);
    }

    /// The controllers stop.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// The controllers start again: what they remembered is lost.
    pub(super) fn restart(&mut self, now: Instant, api: &ApiServer) {
        self.stopped = false;
        self.lifecycle = NodeLifecycle::new(&self.release.behavior(), self.settings);
        self.lifecycle.restart(now);
        self.taints = TaintEviction::default();
        self.pod_gc = PodGc::new(self.pod_gc_phase);
        self.disruption = DisruptionController::default();
        for notice in api.everything() {
            self.observe(now, api, &notice);
        }
    }

    fn plan_all(&mut self, scenario: &Scenario) {
        let (origin, start) = (Instant::ORIGIN, Instant::ORIGIN + scenario.start);
        for (number, _) in (0u32..).zip(&scenario.nodes) {
            self.plan(origin, Outside::Node(number));
        }
        for (number, _) in (0u32..).zip(&scenario.budgets) {
            self.plan(origin, Outside::Budget(number));
        }
        for (number, _) in (0u32..).zip(&scenario.background) {
            self.plan(origin, Outside::Background(number));
        }
        for (number, workload) in (0u32..).zip(&scenario.workloads) {
            self.plan(start + workload.at, Outside::Job(number));
        }
        for (number, action) in (0u32..).zip(&scenario.actions) {
            self.plan(start + action.at, Outside::Act(number));
        }
    }

    /// Plans something that comes from outside.
    pub(super) fn plan(&mut self, at: Instant, what: Outside) {
        self.agenda.insert((at, self.planned), what);
        self.planned += 1;
    }

    /// Takes in a write, as the watch tells it.
    pub(super) fn observe(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        if self.stopped {
            return;
        }
        self.lifecycle.observe(now, api, notice);
        self.taints.observe(now, api, notice);
        self.pod_gc.observe(now, api, notice);
        self.disruption.observe(now, api, notice);
    }

    /// When something next happens here, but for passes.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let agenda = self.agenda.keys().next().map(|(at, _)| *at);
        if self.stopped {
            return agenda;
        }
        let due = [
            agenda,
            self.lifecycle.next_due(),
            self.taints.next_due(),
            self.disruption.next_due(),
        ];
        due.into_iter().flatten().min()
    }

    /// Lets the controllers do what is due, but for passes; whether there was anything.
    pub(super) fn advance(&mut self, now: Instant, api: &mut ApiServer) -> bool {
        !self.stopped
            && (self.disruption.advance(api)
                || self.taints.advance(now, api)
                || self.lifecycle.advance(now, api))
    }

    /// When the next pass is that finds something to do.
    pub(super) fn next_pass(&self, api: &ApiServer) -> Option<Instant> {
        let due = [self.lifecycle.next_pass(api), self.pod_gc.next_pass()];
        due.into_iter().flatten().min().filter(|_| !self.stopped)
    }

    /// Makes a pass that is due; whether there was one.
    pub(super) fn pass(&mut self, now: Instant, api: &mut ApiServer) -> bool {
        !self.stopped && (self.lifecycle.pass(now, api) || self.pod_gc.pass(now, api))
    }

    /// The next thing from outside, if it is time for it.
    pub(super) fn take_outside(&mut self, now: Instant) -> Option<Outside> {
        let next = self.agenda.first_entry()?;
        (next.key().0 <= now).then(|| next.remove())
    }
}

impl World {
    /// Lets the controllers that look after nodes do what is due, or the next thing come from
    /// outside; whether there was anything.
    pub(super) fn tend_cluster(&mut self, recorder: &mut impl Recorder) -> bool {
        let Some(cluster) = &mut self.cluster else {
            return false;
        };
        let (now, api) = (self.now, &mut self.api);
        let worked = cluster.advance(now, api) || (self.passing && cluster.pass(now, api));
        if !worked {
            let Some(outside) = cluster.take_outside(now) else {
                return false;
            };
            self.befall(outside, recorder);
        }
        self.counts.events += 1;
        self.spread(recorder);
        true
    }

    /// When the controllers that look after nodes next make a pass.
    pub(super) fn next_pass(&self) -> Option<Instant> {
        self.cluster.as_ref()?.next_pass(&self.api)
    }
}
