//! A cluster of nodes and pods under the scheduler alone: no Jobs, no controllers, kubelets that
//! do as they are told. The recordings of the scheduler are made like that.

mod scenario;

pub use scenario::{BareDeed, BarePod, BareScenario, NodeDeed};

use crate::base::{Instant, Span};
use crate::model::{LabelSelector, Node, Phase, Taint};
use crate::schedule::{
    Attempt, KindId, NodeKey, Outcome, PodKey, PodKind, Refused, Scheduler, Settings, Ties,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What happened at an instant: first what the scenario says, as one moment, then an attempt with
/// all that follows from it, as another.
#[derive(Clone, Debug)]
pub struct Moment {
    /// When.
    pub at: Instant,
    /// The attempt.
    pub attempt: Option<Attempt>,
    /// What it and others brought about, in order.
    pub effects: Vec<Effect>,
}

/// Something that can be seen of a pod, by its number in the scenario.
#[derive(Clone, Debug)]
pub enum Effect {
    /// It was bound.
    Bound(usize),
    /// Condition PodScheduled=False: reason and message.
    Unscheduled(usize, &'static str, Arc<str>),
    /// Its nominated node is another.
    Nominated(usize, Option<NodeKey>),
    /// Condition DisruptionTarget, because of that pod, on that node.
    Evicted(usize, usize, NodeKey),
    /// It is asked to terminate within so many seconds.
    Terminating(usize, u32),
    /// It has succeeded.
    Finished(usize),
    /// It is gone.
    Removed(usize),
}

/// What is going to happen.
#[derive(Clone, Copy, Debug)]
enum Plan {
    Node(usize),
    Pod(usize),
    Deed(usize),
    Finish(usize),
    Remove(usize),
}

/// A pod as it is.
#[derive(Clone, Debug, Default)]
struct State {
    key: Option<PodKey>,
    phase: Phase,
    gates: Vec<String>,
    labels: BTreeMap<String, String>,
    deleted: bool,
    gone: bool,
    nominated: Option<NodeKey>,
    node: Option<NodeKey>,
}

/// A run under way.
#[derive(Debug)]
pub struct BareWorld {
    scenario: BareScenario,
    scheduler: Scheduler,
    now: Instant,
    agenda: BTreeMap<(Instant, u64), Plan>,
    planned: u64,
    states: Vec<State>,
    /// Which pod the scheduler means.
    pods: BTreeMap<PodKey, usize>,
    nodes: Vec<(NodeKey, Node, bool)>,
    /// Pods that are alike, by the first of them.
    kinds: Vec<KindId>,
    effects: Vec<Effect>,
}

impl BareWorld {
    /// A cluster at its origin.
    #[must_use]
    pub fn new(scenario: BareScenario) -> Self {
        let settings = Settings {
            cycle: scenario.cycle,
            ties: Ties::InTurn,
            tells: true,
        };
        let mut scheduler = Scheduler::new(scenario.release, settings);
        for (name, labels) in &scenario.namespaces {
            scheduler.name_space(name, labels.clone());
        }
        for (number, (selector, allowed)) in scenario.budgets.iter().enumerate() {
            scheduler.budget(number, "default", selector, *allowed);
        }
        let mut world = Self {
            scheduler,
            now: Instant::ORIGIN,
            agenda: BTreeMap::new(),
            planned: 0,
            states: vec![State::default(); scenario.pods.len()],
            pods: BTreeMap::new(),
            nodes: Vec::new(),
            kinds: Vec::new(),
            effects: Vec::new(),
            scenario,
        };
        for number in 0..world.scenario.nodes.len() {
            world.plan(world.scenario.nodes[number].0, Plan::Node(number));
        }
        for number in 0..world.scenario.pods.len() {
            world.plan(world.scenario.pods[number].at, Plan::Pod(number));
        }
        for number in 0..world.scenario.deeds.len() {
            world.plan(world.scenario.deeds[number].0, Plan::Deed(number));
        }
        world
    }

    /// The scenario that is played.
    #[must_use]
    pub const fn scenario(&self) -> &BareScenario {
        &self.scenario
    }

    /// The name of a node.
    #[must_use]
    pub fn node_name(&self, key: NodeKey) -> &str {
        let found = self.nodes.iter().find(|it| it.0 == key);
        found.map_or("", |it| &it.1.name)
    }

    /// The name of a pod, by the scheduler's number.
    #[must_use]
    pub fn pod_name(&self, key: PodKey) -> &str {
        let number = self.pods.get(&key);
        number.map_or("", |it| &self.scenario.pods[*it].name)
    }

    /// The node that a pod was bound to.
    #[must_use]
    pub fn node_of(&self, pod: usize) -> Option<NodeKey> {
        self.states[pod].node
    }

    /// Plays the next instant at which something happens: what happened, or nothing at the end.
    pub fn step(&mut self) -> Option<Vec<Moment>> {
        let due = self.scheduler.next_due().map(|it| it.max(self.now));
        let agenda = self.agenda.keys().next().map(|it| it.0);
        let next = due.into_iter().chain(agenda).min()?;
        if next > Instant::ORIGIN + self.scenario.until {
            return None;
        }
        self.now = next;
        let mut moments = Vec::new();
        self.happen();
        self.close(None, &mut moments);
        let attempt = self.scheduler.attempt(self.now);
        if let Some(attempt) = attempt {
            self.follow(&attempt);
            self.happen();
            self.close(Some(attempt), &mut moments);
        }
        Some(moments)
    }

    fn close(&mut self, attempt: Option<Attempt>, moments: &mut Vec<Moment>) {
        let effects = std::mem::take(&mut self.effects);
        if attempt.is_some() || !effects.is_empty() {
            moments.push(Moment {
                at: self.now,
                attempt,
                effects,
            });
        }
    }

    fn plan(&mut self, after: Span, plan: Plan) {
        let at = self.now + after;
        self.agenda.insert((at, self.planned), plan);
        self.planned += 1;
    }

    fn happen(&mut self) {
        while let Some(next) = self.agenda.first_entry() {
            if next.key().0 > self.now {
                break;
            }
            match next.remove() {
                Plan::Node(number) => {
                    let node = self.scenario.nodes[number].1.clone();
                    self.add_node(node);
                }
                Plan::Pod(number) => self.create(number),
                Plan::Deed(number) => {
                    let deed = self.scenario.deeds[number].1.clone();
                    self.act(deed);
                }
                Plan::Finish(number) => self.finish(number),
                Plan::Remove(number) => self.remove(number),
            }
        }
    }

    fn add_node(&mut self, node: Node) {
        if self.find_node(&node.name).is_none() {
            let key = self.scheduler.node_added(self.now, &node);
            self.nodes.push((key, node, true));
        }
    }

    fn find_node(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|it| it.2 && it.1.name == name)
    }

    fn find_pod(&self, name: &str) -> Option<usize> {
        let found = self.scenario.pods.iter().position(|it| it.name == name);
        found.filter(|it| self.states[*it].key.is_some() && !self.states[*it].gone)
    }

    /// The kind of a pod, which those that are alike share.
    fn kind(&mut self, number: usize) -> KindId {
        let pod = &self.scenario.pods[number];
        let labels = self.states[number].labels.clone();
        let mut kind = PodKind::of(&pod.template, &pod.namespace, labels);
        kind.services = self.services(&kind);
        let known = self
            .kinds
            .iter()
            .find(|it| *self.scheduler.kind(**it) == kind);
        if let Some(known) = known {
            return *known;
        }
        let id = self.scheduler.learn(kind);
        self.kinds.push(id);
        id
    }

    /// The selectors of all services that a pod belongs to, taken together (S27).
    fn services(&self, kind: &PodKind) -> Option<LabelSelector> {
        let mut all = BTreeMap::new();
        for service in self
            .scenario
            .services
            .iter()
            .filter(|_| kind.namespace == "default")
        {
            let has = |(key, value): (&String, &String)| kind.labels.get(key) == Some(value);
            if !service.is_empty() && service.iter().all(has) {
                all.extend(service.clone());
            }
        }
        (!all.is_empty()).then(|| LabelSelector::of_labels(all))
    }

    fn create(&mut self, number: usize) {
        let template = &self.scenario.pods[number].template;
        let closed = template.scheduling_gates.clone();
        let gated = !closed.is_empty();
        self.states[number].labels = template.labels.clone();
        self.states[number].gates = closed;
        let kind = self.kind(number);
        let key = (self.scheduler).pod_added(self.now, kind, number as u64, gated);
        self.states[number].key = Some(key);
        self.pods.insert(key, number);
        if gated {
            let text = "Scheduling is blocked due to non-empty scheduling gates";
            let effect = Effect::Unscheduled(number, "SchedulingGated", text.into());
            self.effects.push(effect);
        }
    }

    fn act(&mut self, deed: BareDeed) {
        match deed {
            BareDeed::AddNode(node) => self.add_node(*node),
            BareDeed::DeleteNode(name) => {
                if let Some(place) = self.find_node(&name) {
                    self.delete_node(place);
                }
            }
            BareDeed::ChangeNode(name, deed) => {
                if let Some(place) = self.find_node(&name) {
                    let (key, node, _) = &mut self.nodes[place];
                    change(node, deed);
                    self.scheduler.node_changed(self.now, *key, node);
                }
            }
            BareDeed::DeletePod(name) => {
                if let Some(number) = self.find_pod(&name) {
                    self.delete(number);
                }
            }
            BareDeed::RemoveGate(name, gate) => {
                if let Some(number) = self.find_pod(&name) {
                    self.remove_gate(number, &gate);
                }
            }
            BareDeed::LabelPod(name, labels) => {
                if let Some(number) = self.find_pod(&name) {
                    self.label(number, labels);
                }
            }
        }
    }

    fn delete_node(&mut self, place: usize) {
        self.nodes[place].2 = false;
        let key = self.nodes[place].0;
        self.scheduler.node_removed(self.now, key);
        for number in 0..self.states.len() {
            if self.states[number].node == Some(key) {
                self.remove(number);
            }
        }
    }

    fn remove_gate(&mut self, number: usize, gate: &str) {
        let state = &mut self.states[number];
        let before = state.gates.len();
        state.gates.retain(|it| it != gate);
        if let Some(key) = state.key.filter(|_| before > 0 && state.gates.is_empty()) {
            self.scheduler.pod_ungated(key);
        }
    }

    fn label(&mut self, number: usize, labels: BTreeMap<String, String>) {
        self.states[number].labels.extend(labels);
        let kind = self.kind(number);
        let state = &self.states[number];
        if let Some(key) = state.key.filter(|_| !state.phase.is_final()) {
            if self.scheduler.kind_of(key) != kind {
                self.scheduler.pod_relabelled(self.now, key, kind);
            }
        }
    }

    /// A pod is deleted: with its grace period if it is bound, else at once.
    fn delete(&mut self, number: usize) {
        let state = &mut self.states[number];
        let Some(key) = state.key.filter(|_| !state.deleted) else {
            return;
        };
        if state.phase.is_final() || state.phase == Phase::Pending {
            return self.remove(number);
        }
        let pod = &self.scenario.pods[number];
        let grace = pod.template.termination_grace_period_seconds;
        if grace == 0 {
            return self.remove(number);
        }
        state.deleted = true;
        let stop = pod.stop.min(Span::from_secs(i64::from(grace)));
        self.scheduler.pod_deleting(key);
        self.effects.push(Effect::Terminating(number, grace));
        self.plan(stop, Plan::Remove(number));
    }

    fn finish(&mut self, number: usize) {
        let state = &mut self.states[number];
        if state.gone || state.deleted || state.phase.is_final() {
            return;
        }
        state.phase = Phase::Succeeded;
        self.effects.push(Effect::Finished(number));
        self.forget(number);
    }

    fn remove(&mut self, number: usize) {
        if std::mem::replace(&mut self.states[number].gone, true) {
            return;
        }
        self.effects.push(Effect::Removed(number));
        if !self.states[number].phase.is_final() {
            self.forget(number);
        }
    }

    /// The scheduler does not see the pod any more.
    fn forget(&mut self, number: usize) {
        if let Some(key) = self.states[number].key {
            self.scheduler.pod_gone(self.now, key);
        }
    }

    /// Does what an attempt asks for.
    fn follow(&mut self, attempt: &Attempt) {
        let Some(number) = self.pods.get(&attempt.pod).copied() else {
            return;
        };
        match &attempt.outcome {
            Outcome::Bound(node) => self.bind(number, attempt.pod, *node),
            Outcome::Refused(refused) => self.refuse(number, refused),
            Outcome::Skipped => {}
        }
    }

    fn bind(&mut self, number: usize, key: PodKey, node: NodeKey) {
        let clears = self.scenario.release.behavior().binding_ends_nomination;
        let state = &mut self.states[number];
        state.phase = Phase::Running;
        state.node = Some(node);
        self.effects.push(Effect::Bound(number));
        if clears && state.nominated.take().is_some() {
            self.effects.push(Effect::Nominated(number, None));
        }
        self.scheduler.pod_bound(self.now, key, node);
        self.scheduler.pod_started(key, self.now.wire());
        if let Some(run) = self.scenario.pods[number].run {
            self.plan(run, Plan::Finish(number));
        }
    }

    fn refuse(&mut self, number: usize, refused: &Refused) {
        if refused.is_new {
            let message = refused.message.clone();
            self.effects
                .push(Effect::Unscheduled(number, "Unschedulable", message));
        }
        for pod in &refused.unnominated {
            if let Some(other) = self.pods.get(pod).copied() {
                self.nominate(other, None);
            }
        }
        if let Some(node) = refused.nominated {
            self.nominate(number, node);
        }
        let node = self.states[number].nominated;
        for (place, victim) in refused.victims.iter().enumerate() {
            if place + 1 == refused.victims.len() {
                self.scheduler.victims_asked();
            }
            if let (Some(victim), Some(node)) = (self.pods.get(victim).copied(), node) {
                self.effects.push(Effect::Evicted(victim, number, node));
                if let Some(key) = self.states[victim].key {
                    self.scheduler.pod_preempted(key);
                }
                self.delete(victim);
            }
        }
    }

    fn nominate(&mut self, number: usize, node: Option<NodeKey>) {
        let known = &mut self.states[number].nominated;
        if *known != node {
            *known = node;
            self.effects.push(Effect::Nominated(number, node));
        }
    }
}

fn change(node: &mut Node, deed: NodeDeed) {
    match deed {
        NodeDeed::Taint(taint) => {
            let same = |it: &&mut Taint| it.key == taint.key && it.effect == taint.effect;
            match node.taints.iter_mut().find(same) {
                Some(known) => *known = taint,
                None => node.taints.push(taint),
            }
        }
        NodeDeed::Untaint(key) => node.taints.retain(|it| it.key != key),
        NodeDeed::Cordon(is) => node.unschedulable = is,
        NodeDeed::Label(labels) => node.labels.extend(labels),
        NodeDeed::Resize(amounts) => {
            for (name, amount) in amounts {
                if name == "pods" {
                    node.pods = u32::try_from(amount).unwrap_or(u32::MAX);
                } else {
                    node.allocatable.set(&name, amount);
                }
            }
        }
    }
}
