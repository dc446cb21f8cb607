//! The scheduler as a value: what it is told, and what it remembers.

use super::filter::Overview;
use super::hints::{Event, own_labels_wake, wakes};
use super::kind::{Kind, KindId, Namespaces, PodKind};
use super::nodes::{Images, NodeKey, NodeList, Seat};
use super::preemption::Budget;
use super::queue::{Place, Queue, Turn, Waiting};
use super::reason::{Names, Plugins};
use super::score::Scores;
use super::topology::Topology;
use crate::base::{Instant, Key, Span, WireTime};
use crate::model::{Behavior, LabelSelector, Node, Release};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A pod, by the number that the scheduler gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodKey(pub u32);

impl PodKey {
    pub(super) const fn slot(self) -> usize {
        self.0 as usize
    }
}

/// How a scheduler goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// At most one attempt in so much time.
    pub cycle: Span,
    /// Which of several nodes that are equally good is taken.
    pub ties: Ties,
    /// Whether the details of each attempt are kept, for who wants to compare them.
    pub tells: bool,
}

/// Which of several nodes that are equally good is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// That which Kubernetes takes from 1.35 on if it looks at one node after the other (S29). Of
    /// nodes that can be freed equally well, each in turn.
    InTurn,
    /// Any, by chance, as up to 1.34.
    Drawn(Key),
}

/// What a release does where releases differ (section 6 of the scheduler's rules).
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools)] // a list of facts, not a state machine
pub(super) struct Facts {
    pub(super) hints: bool,
    pub(super) any_taint_wakes: bool,
    pub(super) one_term_wakes: bool,
    pub(super) asks_both_sides: bool,
    pub(super) lenient: bool,
    pub(super) errors_apart: bool,
    pub(super) spares_nominations: bool,
    pub(super) nominations_wake: bool,
    pub(super) names_taints: bool,
    pub(super) sees_hopeless_room: bool,
    pub(super) balance_is_relative: bool,
    pub(super) skips_idle_balance: bool,
    pub(super) tells_success: bool,
    pub(super) claims_speak: bool,
}

impl Facts {
    fn of(all: &Behavior) -> Self {
        Self {
            hints: all.queueing_hints,
            any_taint_wakes: !all.only_borne_taints_wake,
            one_term_wakes: all.one_term_wakes,
            asks_both_sides: all.asks_both_sides,
            lenient: all.pops_from_backoff,
            errors_apart: all.errors_count_apart,
            spares_nominations: all.spares_nominations,
            nominations_wake: all.async_preemption,
            names_taints: !all.taints_are_not_named,
            sees_hopeless_room: all.sees_hopeless_room,
            balance_is_relative: all.balance_is_relative,
            skips_idle_balance: all.skips_idle_balance,
            tells_success: all.tells_preemption,
            claims_speak: all.claims_speak && !all.claims_are_silent,
        }
    }
}

/// What decides of a pod, apart from the queues.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub(super) facts: Facts,
    pub(super) kinds: Vec<Kind>,
    pub(super) seats: Vec<Seat>,
    pub(super) list: NodeList,
    pub(super) topology: Topology,
    pub(super) images: Images,
    pub(super) names: Names,
    pub(super) namespaces: Namespaces,
    /// Kinds that want to be apart from others.
    pub(super) loners: Vec<KindId>,
    /// Kinds that would like to be near others, or apart from them.
    pub(super) wishers: Vec<KindId>,
    /// The lowest priority of any kind.
    pub(super) lowest: i32,
}

/// A pod as the scheduler knows it.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own
pub(super) struct Entry {
    pub(super) kind: KindId,
    pub(super) place: Place,
    /// The node that it is on or is going to.
    pub(super) node: NodeKey,
    /// Its place among the pods there.
    pub(super) at: u32,
    pub(super) since: Instant,
    pub(super) order: u64,
    pub(super) rejections: u32,
    pub(super) errors: u32,
    pub(super) plugins: Plugins,
    pub(super) nominated: NodeKey,
    pub(super) started: Option<WireTime>,
    pub(super) terminating: bool,
    /// Condition DisruptionTarget, by a scheduler.
    pub(super) preempted: bool,
    /// The last message about it.
    pub(super) told: Option<Arc<str>>,
    pub(super) attempts: u32,
}

/// A kind whose pods found no node, and nothing has changed since then.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) changes: u64,
    pub(super) message: Arc<str>,
    pub(super) plugins: Plugins,
}

/// kube-scheduler, with its default profile.
#[derive(Clone, Debug)]
pub struct Scheduler {
    pub(super) settings: Settings,
    pub(super) cluster: Cluster,
    pub(super) pods: Vec<Entry>,
    pub(super) free: Vec<PodKey>,
    pub(super) queue: Queue,
    pub(super) budgets: Vec<Budget>,
    /// Where the next search begins (S12).
    pub(super) start: usize,
    pub(super) last: Option<Instant>,
    pub(super) flushed: Option<Instant>,
    /// Kept out of the queues while its victims are asked to go (S34).
    pub(super) held: Option<PodKey>,
    /// How many preemptions had a choice.
    pub(super) choices: usize,
    /// Counts whatever can change a decision.
    pub(super) changes: u64,
    pub(super) known: Vec<Option<Known>>,
    pub(super) scores: Vec<Scores>,
    pub(super) heap: Vec<u32>,
}

impl Scheduler {
    /// A scheduler of that release, for a cluster that has nothing in it.
    #[must_use]
    pub fn new(release: Release, settings: Settings) -> Self {
        let facts = Facts::of(&release.behavior());
        Self {
            settings,
            queue: Queue::new(facts.lenient),
            cluster: Cluster {
                facts,
                kinds: Vec::new(),
                seats: Vec::new(),
                list: NodeList::default(),
                topology: Topology::default(),
                images: Images::default(),
                names: Names::default(),
                namespaces: BTreeMap::new(),
                loners: Vec::new(),
                wishers: Vec::new(),
                lowest: i32::MAX,
            },
            pods: Vec::new(),
            free: Vec::new(),
            budgets: Vec::new(),
            start: 0,
            last: None,
            flushed: None,
            held: None,
            choices: 0,
            changes: 0,
            known: Vec::new(),
            scores: Vec::new(),
            heap: Vec::new(),
        }
    }

    /// Forgets everything, for another run.
    pub fn clear(&mut self) {
        let cluster = &mut self.cluster;
        cluster.kinds.clear();
        cluster.seats.clear();
        cluster.list.clear();
        cluster.topology.clear();
        cluster.images.clear();
        cluster.names.clear();
        cluster.namespaces.clear();
        cluster.loners.clear();
        cluster.wishers.clear();
        cluster.lowest = i32::MAX;
        self.pods.clear();
        self.free.clear();
        self.queue.clear();
        self.budgets.clear();
        self.known.clear();
        (self.start, self.choices, self.changes) = (0, 0, 0);
        (self.last, self.flushed, self.held) = (None, None, None);
    }

    /// Forgets everything, for another run with those settings.
    pub fn restart(&mut self, settings: Settings) {
        self.clear();
        self.settings = settings;
    }

    /// How it goes about it.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The labels of a namespace.
    pub fn name_space(&mut self, name: &str, labels: BTreeMap<String, String>) {
        self.cluster.namespaces.insert(name.to_owned(), labels);
        self.changes += 1;
    }

    /// How many pods a disruption budget lets go now (S32). Budgets are numbered by whoever tells
    /// of them, from 0 on.
    pub fn budget(&mut self, number: usize, namespace: &str, of: &LabelSelector, allowed: i64) {
        let budget = Budget {
            namespace: namespace.to_owned(),
            selector: of.clone(),
            allowed,
        };
        self.changes += 1;
        while self.budgets.len() <= number {
            self.budgets.push(Budget::default());
        }
        self.budgets[number] = budget;
    }

    /// A kind of pods; its number.
    pub fn learn(&mut self, kind: PodKind) -> KindId {
        let cluster = &mut self.cluster;
        let id = KindId(u32::try_from(cluster.kinds.len()).unwrap_or(u32::MAX));
        let names = &mut cluster.names;
        let kind = Kind::new(kind, &mut cluster.topology, |name| names.resource(name));
        cluster.lowest = cluster.lowest.min(kind.told.priority);
        if !kind.apart.is_empty() {
            cluster.loners.push(id);
        }
        if kind.is_sociable() {
            cluster.wishers.push(id);
        }
        cluster.kinds.push(kind);
        self.known.push(None);
        id
    }

    /// What pods of that kind are like.
    #[must_use]
    pub fn kind(&self, id: KindId) -> &PodKind {
        &self.cluster.kinds[id.slot()].told
    }

    /// A node joins.
    pub fn node_added(&mut self, now: Instant, node: &Node) -> NodeKey {
        let cluster = &mut self.cluster;
        let key = NodeKey(u32::try_from(cluster.seats.len()).unwrap_or(u32::MAX - 1));
        let seat = Seat::new(node, &mut cluster.names, &cluster.facts);
        cluster.topology.place(key.slot(), &node.labels);
        cluster.images.add(node);
        cluster.seats.push(seat);
        cluster.list.add(key, node);
        self.changes += 1;
        self.wake(now, Event::NodeAdded(key), None);
        key
    }

    /// A node is like that from now on.
    pub fn node_changed(&mut self, now: Instant, key: NodeKey, node: &Node) {
        let cluster = &mut self.cluster;
        let seat = &mut cluster.seats[key.slot()];
        if seat.node == *node || !seat.exists {
            return;
        }
        let old = Seat {
            load: super::nodes::Load::default(),
            pods: Vec::new(),
            ..seat.clone()
        };
        seat.renew(node, &mut cluster.names, &cluster.facts);
        cluster.topology.place(key.slot(), &node.labels);
        cluster.images.remove(&old.node);
        cluster.images.add(node);
        cluster.list.relabel(key, &old.node, node);
        self.changes += 1;
        self.wake(now, Event::NodeChanged(key, &old), None);
    }

    /// A node is gone. Pods on it stay until they are gone themselves.
    pub fn node_removed(&mut self, now: Instant, key: NodeKey) {
        self.changes += 1;
        self.wake(now, Event::NodeRemoved(key), None);
        let cluster = &mut self.cluster;
        let seat = &mut cluster.seats[key.slot()];
        seat.exists = false;
        cluster.images.remove(&seat.node);
        cluster.list.remove(key);
    }

    /// A pod without a node; with scheduling gates it waits for them to be removed (S3). Of pods
    /// that come at one instant the lower order goes first.
    pub fn pod_added(&mut self, now: Instant, kind: KindId, order: u64, gated: bool) -> PodKey {
        let entry = Entry {
            kind,
            place: Place::Nowhere,
            node: NodeKey::NONE,
            at: 0,
            since: now,
            order,
            rejections: 0,
            errors: 0,
            plugins: Plugins::NONE,
            nominated: NodeKey::NONE,
            started: None,
            terminating: false,
            preempted: false,
            told: None,
            attempts: 0,
        };
        let key = self.free.pop().unwrap_or_else(|| {
            self.pods.push(entry.clone());
            PodKey(u32::try_from(self.pods.len() - 1).unwrap_or(u32::MAX))
        });
        self.pods[key.slot()] = entry;
        self.put(key, if gated { Place::Gated } else { Place::Active });
        key
    }

    /// The last scheduling gate of a pod is removed.
    pub fn pod_ungated(&mut self, pod: PodKey) {
        if self.pods[pod.slot()].place == Place::Gated {
            self.put(pod, Place::Active);
        }
    }

    /// A pod is of another kind from now on: its labels were changed.
    pub fn pod_relabelled(&mut self, now: Instant, pod: PodKey, kind: KindId) {
        self.changes += 1;
        let entry = &self.pods[pod.slot()];
        let (old, node, place) = (entry.kind, entry.node, entry.place);
        if let Some(node) = node.some() {
            let staying = !entry.terminating;
            let cluster = &mut self.cluster;
            let load = &mut cluster.seats[node.slot()].load;
            load.take(old, &cluster.kinds[old.slot()], staying);
            load.add(kind, &cluster.kinds[kind.slot()], staying);
            self.pods[pod.slot()].kind = kind;
            self.touch(pod);
            self.wake(now, Event::PodRelabelled(old, kind), None);
            return;
        }
        let plugins = entry.plugins;
        self.put(pod, Place::Nowhere);
        self.pods[pod.slot()].kind = kind;
        let kinds = &self.cluster.kinds;
        let (old, new) = (&kinds[old.slot()], &kinds[kind.slot()]);
        if place == Place::Asleep && own_labels_wake(plugins, old, new, &self.cluster) {
            self.stir(now, pod);
        } else {
            self.put(pod, place);
        }
    }

    /// The API server has written that a pod is bound: to the node that it was given by an
    /// attempt, or by somebody else.
    pub fn pod_bound(&mut self, now: Instant, pod: PodKey, node: NodeKey) {
        if self.pods[pod.slot()].node != node {
            self.put(pod, Place::Nowhere);
            self.nominate(pod, NodeKey::NONE);
            self.seat(pod, node);
        }
        self.touch(pod);
        self.wake(now, Event::PodAdded(self.pods[pod.slot()].kind), None);
    }

    /// A binding was refused: the pod is tried again later (S37).
    pub fn bind_refused(&mut self, now: Instant, pod: PodKey) {
        self.unseat(pod);
        self.wake(now, Event::PodDeleted(self.pods[pod.slot()].kind), None);
        self.rest_after_error(now, pod);
    }

    /// The kubelet has taken a pod up.
    pub fn pod_started(&mut self, pod: PodKey, at: WireTime) {
        self.pods[pod.slot()].started = Some(at);
        self.touch(pod);
    }

    /// Something was written about a pod that has a node (S36).
    pub fn pod_written(&mut self, pod: PodKey) {
        self.touch(pod);
    }

    /// A pod is marked as the target of a scheduler's preemption.
    pub fn pod_preempted(&mut self, pod: PodKey) {
        self.pods[pod.slot()].preempted = true;
        self.changes += 1;
        self.touch(pod);
    }

    /// A pod is asked to terminate.
    pub fn pod_deleting(&mut self, pod: PodKey) {
        self.changes += 1;
        let entry = &mut self.pods[pod.slot()];
        if std::mem::replace(&mut entry.terminating, true) {
            return;
        }
        let (kind, node) = (entry.kind, entry.node);
        if let Some(node) = node.some() {
            self.cluster.seats[node.slot()].load.leaves(kind);
            self.touch(pod);
        }
    }

    /// A pod is gone, or it has ended, which is the same to a scheduler.
    pub fn pod_gone(&mut self, now: Instant, pod: PodKey) {
        let entry = &self.pods[pod.slot()];
        let (kind, nominated) = (entry.kind, entry.nominated.some());
        if entry.node.some().is_some() {
            self.unseat(pod);
            self.wake(now, Event::PodDeleted(kind), None);
        } else {
            self.put(pod, Place::Nowhere);
            self.nominate(pod, NodeKey::NONE);
            if nominated.is_some() && self.cluster.facts.nominations_wake {
                let most = self.kind(kind).priority;
                self.wake(now, Event::PodDeleted(kind), Some(most));
            }
        }
        if self.held == Some(pod) {
            self.held = None;
        }
        self.free.push(pod);
    }

    /// All victims of the last preemption but one were asked to go: the pod that they make room
    /// for can be woken from now on.
    pub fn victims_asked(&mut self) {
        self.held = None;
    }

    /// Pods that wait for a node, in the order of their numbers.
    pub fn waiting(&self) -> impl Iterator<Item = PodKey> {
        let pods = (0u32..).map(PodKey).zip(&self.pods);
        let waits = |(_, it): &(PodKey, &Entry)| !matches!(it.place, Place::Nowhere);
        pods.filter(waits).map(|(key, _)| key)
    }

    /// The kind of a pod.
    #[must_use]
    pub fn kind_of(&self, pod: PodKey) -> KindId {
        self.pods[pod.slot()].kind
    }

    /// The node that a pod is on or is going to.
    #[must_use]
    pub fn node_of(&self, pod: PodKey) -> Option<NodeKey> {
        self.pods[pod.slot()].node.some()
    }

    /// The node that a pod is nominated for.
    #[must_use]
    pub fn nominated_node(&self, pod: PodKey) -> Option<NodeKey> {
        self.pods[pod.slot()].nominated.some()
    }

    /// The last message about a pod that found no node.
    #[must_use]
    pub fn message(&self, pod: PodKey) -> Option<&Arc<str>> {
        self.pods[pod.slot()].told.as_ref()
    }
}

/// Moves between queues and nodes.
impl Scheduler {
    /// Puts a pod into a queue, out of the one where it is.
    pub(super) fn put(&mut self, pod: PodKey, place: Place) {
        let mut it = self.waiting_entry(pod);
        self.queue.remove(&it);
        it.place = place;
        self.queue.put(&it);
        self.pods[pod.slot()].place = place;
    }

    fn waiting_entry(&self, pod: PodKey) -> Waiting {
        let entry = &self.pods[pod.slot()];
        Waiting {
            place: entry.place,
            turn: Turn {
                priority: Reverse(self.kind(entry.kind).priority),
                since: entry.since,
                order: entry.order,
                pod,
            },
            plugins: entry.plugins,
            kind: entry.kind,
        }
    }

    /// Moves every sleeping pod that the event may help, up to a priority.
    pub(super) fn wake(&mut self, now: Instant, event: Event<'_>, most: Option<i32>) {
        let helped = |(by, kind): &(Plugins, KindId)| {
            let pod = &self.cluster.kinds[kind.slot()];
            most.is_none_or(|most| pod.told.priority <= most)
                && wakes(event, *by, pod, &self.cluster)
        };
        let groups: Vec<_> = self.queue.groups().filter(helped).collect();
        for group in groups {
            let pods: Vec<PodKey> = self.queue.group(group).collect();
            for pod in pods {
                if self.held != Some(pod) {
                    self.stir(now, pod);
                }
            }
        }
    }

    /// A pod wakes: it is to be tried, after its back-off.
    pub(super) fn stir(&mut self, now: Instant, pod: PodKey) {
        let entry = &self.pods[pod.slot()];
        let times = if entry.errors > 0 && self.cluster.facts.errors_apart {
            entry.errors
        } else {
            entry.rejections
        };
        let until = self.queue.expiry(entry.since, times);
        let place = if times > 0 && self.queue.rests(until, now) {
            Place::Backoff(until)
        } else {
            Place::Active
        };
        self.put(pod, place);
    }

    /// A pod could not be tried, or its attempt came to nothing, through nobody's fault.
    pub(super) fn rest_after_error(&mut self, now: Instant, pod: PodKey) {
        let apart = self.cluster.facts.errors_apart;
        let entry = &mut self.pods[pod.slot()];
        entry.since = now;
        entry.plugins = Plugins::NONE;
        let times = if apart {
            entry.errors += 1;
            entry.errors
        } else {
            entry.rejections += 1;
            entry.rejections
        };
        let until = self.queue.expiry(now, times);
        self.put(pod, Place::Error(until));
    }

    /// Nominates a pod for a node, or for none.
    pub(super) fn nominate(&mut self, pod: PodKey, node: NodeKey) {
        let old = std::mem::replace(&mut self.pods[pod.slot()].nominated, node);
        if old == node {
            return;
        }
        self.changes += 1;
        if let Some(old) = old.some() {
            self.cluster.seats[old.slot()].nominated.retain(|it| *it != pod);
        }
        if let Some(new) = node.some() {
            self.cluster.seats[new.slot()].nominated.push(pod);
        }
    }

    /// A pod is on a node from now on.
    pub(super) fn seat(&mut self, pod: PodKey, node: NodeKey) {
        self.changes += 1;
        let cluster = &mut self.cluster;
        let entry = &mut self.pods[pod.slot()];
        let seat = &mut cluster.seats[node.slot()];
        entry.node = node;
        entry.at = u32::try_from(seat.pods.len()).unwrap_or(u32::MAX);
        seat.pods.push(pod);
        let kind = &cluster.kinds[entry.kind.slot()];
        seat.load.add(entry.kind, kind, !entry.terminating);
    }

    /// A pod is not on its node any more: the last one there takes its place (S36).
    fn unseat(&mut self, pod: PodKey) {
        self.changes += 1;
        let entry = &mut self.pods[pod.slot()];
        let (kind, node, at) = (entry.kind, entry.node, entry.at as usize);
        let staying = !entry.terminating;
        entry.node = NodeKey::NONE;
        let cluster = &mut self.cluster;
        let seat = &mut cluster.seats[node.slot()];
        seat.load.take(kind, &cluster.kinds[kind.slot()], staying);
        seat.pods.swap_remove(at);
        if let Some(moved) = seat.pods.get(at) {
            self.pods[moved.slot()].at = u32::try_from(at).unwrap_or(u32::MAX);
        }
    }

    /// A pod that is written about becomes the last on its node (S36).
    fn touch(&mut self, pod: PodKey) {
        let entry = &self.pods[pod.slot()];
        let (node, at) = (entry.node, entry.at as usize);
        let Some(node) = node.some() else { return };
        let pods = &mut self.cluster.seats[node.slot()].pods;
        let last = pods.len() - 1;
        if at == last {
            return;
        }
        pods.swap(at, last);
        let moved = pods[at];
        self.pods[moved.slot()].at = u32::try_from(at).unwrap_or(u32::MAX);
        self.pods[pod.slot()].at = u32::try_from(last).unwrap_or(u32::MAX);
    }

    /// What a cycle has to know of all nodes together.
    pub(super) fn overview(&self, kind: KindId) -> Overview {
        Overview::of(&self.cluster.kinds[kind.slot()], &self.cluster)
    }
}
