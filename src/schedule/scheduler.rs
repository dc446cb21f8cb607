//! The scheduler as a value: what it is told, and what it remembers.

use super::kind::{Kind, KindId, Namespaces, PodKind};
use super::nodes::{Images, NodeKey, NodeList, Seat};
use super::preemption::Budget;
use super::queue::{Place, Queue};
use super::reason::{Names, Plugins};
use super::score::Scores;
use super::topology::Topology;
use crate::base::{Instant, Key, Span, WireTime};
use crate::model::{Behavior, LabelSelector, Release};
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
    pub(super) totals: Vec<i64>,
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
            totals: Vec::new(),
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

    /// Its last attempt was long ago: the next one can be at once.
    pub const fn rested(&mut self) {
        self.last = None;
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
