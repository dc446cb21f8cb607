//! The scheduler in the world: what it is told of nodes and pods, and what is written for it.

use super::super::recorder::Recorder;
use super::super::scenario::{Scenario, TieBreak};
use super::World;
use super::background::Backdrop;
use super::placing::Placing;
use crate::api::{ApiServer, NodeChange, Notice, PodChange, StoredNode};
use crate::base::{Instant, Key};
use crate::model::{
    Disruption, Job, Node, NodeId, Pod, PodId, PodNews, Readiness, Release, toleration,
};
use crate::schedule::{
    Attempt, KindId, NodeKey, Outcome, PodKey, PodKind, Refused, Scheduler, Settings, Ties,
};
use std::collections::BTreeMap;

/// The scheduler, and which of its pods is which.
#[derive(Debug)]
pub(super) struct Scheduling {
    pub(super) scheduler: Scheduler,
    settings: Settings,
    release: Release,
    ties: TieBreak,
    /// The kind of the pods of each Job.
    kinds: Vec<Option<KindId>>,
    keys: Vec<Option<PodKey>>,
    pods: Vec<Who>,
    /// The pods of no Job.
    pub(super) backdrop: Backdrop,
    /// Pods that name their node themselves, and are not bound yet.
    named: Vec<PodId>,
    /// Whether a pod was refused since the last look for nodes that have to be made.
    pub(super) short: bool,
}

/// Whom the scheduler means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Who {
    Pod(PodId),
    /// A pod of the background, by its number.
    Background(u32),
}

/// The default scheduler's name.
const DEFAULT: &str = "default-scheduler";
/// The label of a namespace that tells its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

impl Scheduling {
    pub(super) fn new(scenario: &Scenario, key: Key) -> Self {
        let settings = Settings {
            cycle: scenario.cycle,
            ties: ties(scenario.release, scenario.ties, key),
            tells: false,
        };
        Self {
            scheduler: Scheduler::new(scenario.release, settings),
            settings,
            release: scenario.release,
            ties: scenario.ties,
            kinds: Vec::new(),
            keys: Vec::new(),
            pods: Vec::new(),
            backdrop: Backdrop::default(),
            named: Vec::new(),
            short: false,
        }
    }

    /// Forgets everything, for another run with those random numbers.
    pub(super) fn clear(&mut self, key: Key) {
        self.settings.ties = ties(self.release, self.ties, key);
        self.scheduler.restart(self.settings);
        self.kinds.clear();
        self.keys.clear();
        self.pods.clear();
        self.backdrop.clear();
        self.named.clear();
        self.short = false;
    }

    /// Takes in a write, as the watch tells it.
    pub(super) fn observe(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Node(id, change) => self.observe_node(now, api, *id, *change),
            Notice::Pod(change) => self.observe_pod(now, api, change),
            Notice::Budget(id) => {
                let Some(stored) = api.budget(*id) else {
                    return;
                };
                let Some(selector) = &stored.budget.selector else {
                    return;
                };
                let allowed = stored.status.map_or(0, |it| i64::from(it.allowed));
                let space = api.jobs().next().map(|(_, it)| it.job.namespace.clone());
                let space = space.unwrap_or_else(|| "default".to_owned());
                self.scheduler.budget(id.slot(), &space, selector, allowed);
            }
            Notice::Job(..) => {}
        }
    }

    /// Nodes have the same numbers everywhere: that in which they came.
    fn observe_node(&mut self, now: Instant, api: &ApiServer, id: NodeId, change: NodeChange) {
        let Some(stored) = api.node(id) else { return };
        match change {
            NodeChange::Added => {
                let key = self.scheduler.node_added(now, &as_it_is(stored));
                debug_assert_eq!(key.0, id.0);
            }
            NodeChange::Written => {
                let node = as_it_is(stored);
                self.scheduler.node_changed(now, NodeKey(id.0), &node);
            }
            NodeChange::Gone => self.scheduler.node_removed(now, NodeKey(id.0)),
        }
    }

    fn observe_pod(&mut self, now: Instant, api: &ApiServer, change: &PodChange) {
        let id = change.id;
        let seen = |pod: Option<Pod>| pod.filter(|it| !it.phase.is_final());
        match (seen(change.old), seen(change.new)) {
            (None, Some(new)) => self.pod_appears(now, api, id, &new),
            (Some(_), None) => {
                if let Some(key) = self.keys.get_mut(id.slot()).and_then(Option::take) {
                    self.scheduler.pod_gone(now, key);
                }
            }
            (Some(old), Some(new)) => match self.key(id) {
                Some(key) => self.pod_changes(now, key, &old, &new),
                // Somebody else has placed it.
                None if new.is_bound() => self.pod_appears(now, api, id, &new),
                None => {}
            },
            (None, None) => {}
        }
    }

    fn pod_appears(&mut self, now: Instant, api: &ApiServer, id: PodId, pod: &Pod) {
        let template = &api.job(pod.job).job.spec.template;
        let ours = template.scheduler_name.as_deref().unwrap_or(DEFAULT) == DEFAULT;
        if template.node_name.is_some() && !pod.is_bound() {
            self.named.push(id);
        } else if !ours && !pod.is_bound() {
            return;
        }
        let kind = self.kind(api, pod);
        let gated = !template.scheduling_gates.is_empty();
        // Pods of one instant are told in the order of their Jobs, then of their indexes.
        let order = u64::from(pod.job.0) << 32 | u64::from(pod.index.unwrap_or(id.0));
        let hidden = gated || template.node_name.is_some();
        let key = self.scheduler.pod_added(now, kind, order, hidden);
        self.remember(id, key);
        if let Some(node) = pod.node.filter(|it| it.is_named()) {
            self.scheduler.pod_bound(now, key, NodeKey(node.0));
        }
    }

    fn pod_changes(&mut self, now: Instant, key: PodKey, old: &Pod, new: &Pod) {
        let before = old.node.filter(|it| it.is_named());
        if let (None, Some(node)) = (before, new.node.filter(|it| it.is_named())) {
            self.scheduler.pod_bound(now, key, NodeKey(node.0));
        }
        let by_us = Some(Disruption::PreemptionByScheduler);
        if new.disruption == by_us && old.disruption != by_us {
            self.scheduler.pod_preempted(key);
        }
        if new.deletion.is_some() && old.deletion.is_none() {
            self.scheduler.pod_deleting(key);
        }
        // A kubelet says that a pod is not ready when it takes it up.
        if old.ready == Readiness::Unknown && new.ready != Readiness::Unknown {
            self.scheduler.pod_started(key, now.wire());
        }
        if before.is_some() {
            self.scheduler.pod_written(key);
        }
    }

    fn remember(&mut self, id: PodId, key: PodKey) {
        if self.keys.len() <= id.slot() {
            self.keys.resize(id.slot() + 1, None);
        }
        self.keys[id.slot()] = Some(key);
        self.call(key, Who::Pod(id));
    }

    /// Whom the scheduler means by a number.
    pub(super) fn call(&mut self, key: PodKey, who: Who) {
        let slot = key.0 as usize;
        if self.pods.len() <= slot {
            self.pods.resize(slot + 1, who);
        }
        self.pods[slot] = who;
    }

    fn key(&self, id: PodId) -> Option<PodKey> {
        self.keys.get(id.slot()).copied().flatten()
    }

    pub(super) fn who(&self, key: PodKey) -> Who {
        self.pods[key.0 as usize]
    }

    /// The kind of a Job's pods. They are alike but for the label that tells their index.
    fn kind(&mut self, api: &ApiServer, pod: &Pod) -> KindId {
        let slot = pod.job.slot();
        if self.kinds.len() <= slot {
            self.kinds.resize(slot + 1, None);
        }
        if let Some(known) = self.kinds[slot] {
            return known;
        }
        let job: &Job = &api.job(pod.job).job;
        let labels = job.pod_labels(pod.job);
        let mut kind = PodKind::of(&job.spec.template, &job.namespace, labels);
        kind.tolerations = toleration::admitted(kind.tolerations);
        let name = BTreeMap::from([(NAME_LABEL.to_owned(), job.namespace.clone())]);
        self.scheduler.name_space(&job.namespace, name);
        let id = self.scheduler.learn(kind);
        self.kinds[slot] = Some(id);
        id
    }

    /// Pods that found no node and wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Who> {
        let refused = |key: &PodKey| self.scheduler.message(*key).is_some();
        let waiting = self.scheduler.waiting().filter(refused);
        waiting.map(|key| self.who(key))
    }
}

/// A node with the taints that it has now.
fn as_it_is(stored: &StoredNode) -> Node {
    Node {
        taints: stored.taints.clone(),
        unschedulable: stored.unschedulable,
        ..(*stored.node).clone()
    }
}

fn ties(release: Release, wanted: TieBreak, key: Key) -> Ties {
    match wanted {
        TieBreak::InTurn => Ties::InTurn,
        TieBreak::AsReleased if release.behavior().ties_are_settled => Ties::InTurn,
        TieBreak::AsReleased | TieBreak::Drawn => Ties::Drawn(key),
    }
}

impl World {
    /// Lets the scheduler try the next pod, and writes what comes of it; whether there was one.
    pub(super) fn schedule_next(&mut self, recorder: &mut impl Recorder) -> bool {
        let now = self.now;
        let Placing::Real { scheduling, .. } = &mut self.placing else {
            return false;
        };
        if let Some(bound) = bind_named(scheduling, &mut self.api) {
            self.spread(recorder);
            return bound;
        }
        let Some(attempt) = scheduling.scheduler.attempt(now) else {
            return false;
        };
        let Attempt {
            pod: key, outcome, ..
        } = attempt;
        let who = scheduling.who(key);
        match (outcome, who) {
            (Outcome::Skipped, _) => {}
            (Outcome::Bound(node), Who::Pod(pod)) => {
                if self.api.bind_pod(pod, NodeId(node.0)).is_err() {
                    scheduling.scheduler.bind_refused(now, key);
                }
            }
            (Outcome::Bound(node), Who::Background(number)) => {
                self.background_placed(number, node);
            }
            (Outcome::Refused(refused), who) => {
                scheduling.short = true;
                self.write_refusal(who, &refused, recorder);
            }
        }
        self.spread(recorder);
        true
    }

    /// Lets the scheduler try the next pod as if that had been long ago.
    pub(super) fn schedule_unpaced(&mut self, recorder: &mut impl Recorder) {
        self.schedule_next(recorder);
        if let Placing::Real { scheduling, .. } = &mut self.placing {
            scheduling.scheduler.rested();
        }
    }

    /// A pod found no node: its condition, nominations that change, and pods that have to go.
    fn write_refusal(&mut self, who: Who, refused: &Refused, recorder: &mut impl Recorder) {
        let Placing::Real { scheduling, .. } = &mut self.placing else {
            return;
        };
        let all =
            |keys: &[PodKey]| -> Vec<Who> { keys.iter().map(|it| scheduling.who(*it)).collect() };
        let (others, victims) = (all(&refused.unnominated), all(&refused.victims));
        for other in others {
            if let Who::Pod(other) = other {
                // It exists, or there is nothing to be written about it.
                let _ = self.api.patch_pod(other, |it| it.nominated = None);
            }
        }
        if let Who::Pod(pod) = who {
            self.tell_refusal(pod, refused, recorder);
        }
        for (place, victim) in victims.iter().enumerate() {
            self.spread(recorder);
            if let Placing::Real { scheduling, .. } = &mut self.placing {
                if place + 1 == victims.len() {
                    scheduling.scheduler.victims_asked();
                }
            }
            match *victim {
                Who::Pod(victim) => {
                    let by = Disruption::PreemptionByScheduler;
                    let _ = self.api.delete_disrupted(self.now, victim, by);
                }
                Who::Background(number) => self.background_preempted(number),
            }
        }
    }

    /// What is written about a pod that found no node.
    fn tell_refusal(&mut self, pod: PodId, refused: &Refused, recorder: &mut impl Recorder) {
        let now = self.now;
        if refused.is_new || refused.nominated.is_some() {
            let nominated = refused.nominated;
            let _ = self.api.patch_pod(pod, |it| {
                it.unschedulable = true;
                if let Some(node) = nominated {
                    it.nominated = node.map(|it| NodeId(it.0));
                }
            });
        }
        if refused.is_new {
            let text = self.api.intern_text(refused.message.to_string());
            recorder.told(now, &self.api, pod, PodNews::Unschedulable(text));
        }
        if let Some(Some(node)) = refused.nominated {
            recorder.told(now, &self.api, pod, PodNews::Nominated(NodeId(node.0)));
        }
    }
}

/// Binds the next pod that names its node itself, if that is there: no scheduler is asked.
fn bind_named(scheduling: &mut Scheduling, api: &mut ApiServer) -> Option<bool> {
    scheduling.named.retain(|id| {
        let pod = api.pod(*id);
        api.pod_exists(*id) && pod.deletion.is_none() && !pod.is_bound()
    });
    let wanted = |id: &PodId| {
        let template = &api.job(api.pod(*id).job).job.spec.template;
        api.node_named(template.node_name.as_deref()?)
    };
    let (id, node) = scheduling
        .named
        .iter()
        .find_map(|id| Some((*id, wanted(id)?)))?;
    Some(api.bind_pod(id, node).is_ok())
}
