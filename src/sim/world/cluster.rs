//! Where there are nodes: the controllers that look after them, and what comes from outside.
//!
//! What comes from outside at an instant comes when everything else has come to rest: one thing
//! after the other, in the order in which it was planned, each when the effects of the one before
//! have come to rest. First nodes, then disruption budgets, then Jobs, then actions. The passes
//! that controllers make in a fixed rhythm come a moment later, as a step of their own.

use super::super::scenario::Scenario;
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
    /// The Job of that number is created.
    Job(u32),
    /// The action of that number is done.
    Act(u32),
    /// A node that went silent at that instant is back.
    Back(NodeId, Instant),
    /// A node of the pool, of that number, is ready.
    PoolNode(u32),
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

    /// The controllers start again: what they remembered is lost.
    pub(super) fn restart(&mut self, now: Instant, api: &ApiServer) {
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
        self.lifecycle.observe(now, api, notice);
        self.taints.observe(now, api, notice);
        self.pod_gc.observe(now, api, notice);
        self.disruption.observe(now, api, notice);
    }

    /// When something next happens here, but for passes; while no controller works, only what
    /// comes from outside does.
    pub(super) fn next_due(&self, leaderless: bool) -> Option<Instant> {
        let outside = self.agenda.keys().next().map(|(at, _)| *at);
        let controllers = [
            self.lifecycle.next_due(),
            self.taints.next_due(),
            self.disruption.next_due(),
        ];
        let controllers = controllers.into_iter().flatten().min();
        let controllers = controllers.filter(|_| !leaderless);
        outside.into_iter().chain(controllers).min()
    }

    /// Lets the controllers do what is due, but for passes; whether there was anything.
    pub(super) fn advance(&mut self, now: Instant, api: &mut ApiServer) -> bool {
        self.disruption.advance(api)
            || self.taints.advance(now, api)
            || self.lifecycle.advance(now, api)
    }

    /// When the next pass is that finds something to do.
    pub(super) fn next_pass(&self, api: &ApiServer) -> Option<Instant> {
        let due = [self.lifecycle.next_pass(api), self.pod_gc.next_pass()];
        due.into_iter().flatten().min()
    }

    /// Makes a pass that is due; whether there was one.
    pub(super) fn pass(&mut self, now: Instant, api: &mut ApiServer) -> bool {
        self.lifecycle.pass(now, api) || self.pod_gc.pass(now, api)
    }

    /// The next thing from outside, if it is time for it.
    pub(super) fn take_outside(&mut self, now: Instant) -> Option<Outside> {
        let next = self.agenda.first_entry()?;
        (next.key().0 <= now).then(|| next.remove())
    }
}
