//! What happens in the cluster, and which of the pods that wait it may help (S8).

use super::filter::{bears_cordon, fits_empty};
use super::kind::{Kind, KindId, Term};
use super::nodes::{NodeKey, Seat};
use super::reason::{Plugin, Plugins};
use super::scheduler::Cluster;
use crate::model::Node;

/// Something that may help a pod that waits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event<'a> {
    /// A node has joined.
    NodeAdded(NodeKey),
    /// A node is gone.
    NodeRemoved(NodeKey),
    /// A node has changed; it was like this.
    NodeChanged(NodeKey, &'a Seat),
    /// A pod has got its node.
    PodAdded(KindId),
    /// A pod that had a node, or a nominated one, does not have it any more.
    PodDeleted(KindId),
    /// A pod that has a node has other labels than those.
    PodRelabelled(KindId, KindId),
}

/// What has changed about a node.
struct Change<'a> {
    old: &'a Seat,
    new: &'a Seat,
    labels: bool,
    /// Taints, or that it is not cordoned any more.
    taints: bool,
    room: bool,
}

impl<'a> Change<'a> {
    fn of(old: &'a Seat, new: &'a Seat) -> Self {
        let uncordoned = old.node.unschedulable && !new.node.unschedulable;
        let pods = old.node.pods != new.node.pods;
        Self {
            labels: old.node.labels != new.node.labels,
            taints: old.node.taints != new.node.taints || uncordoned,
            room: old.node.allocatable != new.node.allocatable || pods,
            old,
            new,
        }
    }
}

/// Whether the event may help a pod that these plugins rejected.
pub(super) fn wakes(event: Event<'_>, by: Plugins, pod: &Kind, cluster: &Cluster) -> bool {
    match event {
        Event::NodeAdded(node) => node_added(&cluster.seats[node.slot()], by, pod, cluster),
        Event::NodeRemoved(node) => {
            let labels = &cluster.seats[node.slot()].node;
            by.has(Plugin::SPREAD) && (!cluster.facts.hints || in_places(pod, labels, cluster))
        }
        Event::NodeChanged(node, old) => {
            let change = Change::of(old, &cluster.seats[node.slot()]);
            node_changed(&change, by, pod, cluster)
        }
        Event::PodAdded(kind) => {
            let other = &cluster.kinds[kind.slot()];
            let social = by.has(Plugin::SPREAD) || by.has(Plugin::NEIGHBORS);
            (social && !cluster.facts.hints)
                || (by.has(Plugin::SPREAD) && concerns(pod, other))
                || (by.has(Plugin::NEIGHBORS) && is_all(&pod.near, other))
        }
        Event::PodDeleted(kind) => pod_deleted(&cluster.kinds[kind.slot()], by, pod, cluster),
        Event::PodRelabelled(old, new) => {
            let (old, new) = (&cluster.kinds[old.slot()], &cluster.kinds[new.slot()]);
            let social = by.has(Plugin::SPREAD) || by.has(Plugin::NEIGHBORS);
            (social && !cluster.facts.hints)
                || (by.has(Plugin::SPREAD) && concern_changed(pod, old, new))
                || (by.has(Plugin::NEIGHBORS) && neighbor_changed(pod, old, new, cluster))
        }
    }
}

/// Whether new labels of its own may help a pod.
pub(super) fn own_labels_wake(by: Plugins, old: &Kind, new: &Kind, cluster: &Cluster) -> bool {
    let facts = &cluster.facts;
    let changed =
        |it: &super::kind::Constraint| it.selects(&old.told.labels) != it.selects(&new.told.labels);
    let counts = new.hard.iter().any(changed);
    (by.has(Plugin::SPREAD) && (counts || !facts.hints))
        || (by.has(Plugin::NEIGHBORS) && (facts.asks_both_sides || !facts.hints))
}

fn node_added(seat: &Seat, by: Plugins, pod: &Kind, cluster: &Cluster) -> bool {
    if !cluster.facts.hints {
        return passes_check(seat, pod, cluster);
    }
    let node = &seat.node;
    let near = |it: &Term| has(node, it, cluster);
    (by.has(Plugin::FIT) && fits_empty(pod, seat, cluster))
        || (by.has(Plugin::UNSCHEDULABLE) && !node.unschedulable)
        || (by.has(Plugin::TAINTS) && pod.told.bears(&node.taints))
        || (by.has(Plugin::AFFINITY) && pod.told.wants(node))
        || by.has(Plugin::PORTS)
        || (by.has(Plugin::SPREAD) && in_places(pod, node, cluster))
        || (by.has(Plugin::NEIGHBORS) && (!pod.apart.is_empty() || pod.near.iter().any(near)))
}

/// Without hints a node is only checked for what it has itself.
fn passes_check(seat: &Seat, pod: &Kind, cluster: &Cluster) -> bool {
    let open = !seat.node.unschedulable || bears_cordon(pod);
    open && fits_empty(pod, seat, cluster)
        && pod.told.wants(&seat.node)
        && pod.told.bears(&seat.node.taints)
}

fn node_changed(change: &Change<'_>, by: Plugins, pod: &Kind, cluster: &Cluster) -> bool {
    let (old, new) = (change.old, change.new);
    if !cluster.facts.hints {
        return (change.labels || change.taints || change.room) && passes_check(new, pod, cluster);
    }
    let others = [
        Plugin::FIT,
        Plugin::AFFINITY,
        Plugin::PORTS,
        Plugin::NEIGHBORS,
    ];
    if change.taints && cluster.facts.any_taint_wakes && others.iter().any(|it| by.has(*it)) {
        return true;
    }
    let bears = |seat: &Seat| pod.told.bears(&seat.node.taints);
    let wants = |seat: &Seat| pod.told.wants(&seat.node);
    let uncordoned = old.node.unschedulable && !new.node.unschedulable;
    (by.has(Plugin::FIT) && change.room && has_grown(change, pod) && fits_empty(pod, new, cluster))
        || (by.has(Plugin::UNSCHEDULABLE) && uncordoned)
        || (by.has(Plugin::TAINTS) && change.taints && !bears(old) && bears(new))
        || (by.has(Plugin::AFFINITY) && change.labels && !wants(old) && wants(new))
        || (by.has(Plugin::SPREAD)
            && (change.labels || change.taints)
            && places_changed(change, pod, cluster))
        || (by.has(Plugin::NEIGHBORS) && change.labels && nearness_changed(change, pod, cluster))
}

/// Whether there is more of something that the pod asks for.
fn has_grown(change: &Change<'_>, pod: &Kind) -> bool {
    let (old, new) = (&change.old.has, &change.new.has);
    let asks = &pod.asks;
    let more = |asked: u64, old: u64, new: u64| asked > 0 && new > old;
    change.new.node.pods > change.old.node.pods
        || more(asks.milli_cpu, old.milli_cpu, new.milli_cpu)
        || more(asks.memory, old.memory, new.memory)
        || more(asks.storage, old.storage, new.storage)
        || (asks.others.iter().enumerate())
            .any(|(place, asked)| more(*asked, old.other(place), new.other(place)))
}

fn label<'a>(node: &'a Node, term: &Term, cluster: &Cluster) -> Option<&'a String> {
    node.labels.get(cluster.topology.name(term.key))
}

fn has(node: &Node, term: &Term, cluster: &Cluster) -> bool {
    label(node, term, cluster).is_some()
}

/// Whether a node has all labels by which the pod is to be spread.
fn in_places(pod: &Kind, node: &Node, cluster: &Cluster) -> bool {
    let name = |it: &super::kind::Constraint| cluster.topology.name(it.key).to_owned();
    let mut all = pod.hard.iter();
    all.all(|it| node.labels.contains_key(&name(it)))
}

fn places_changed(change: &Change<'_>, pod: &Kind, cluster: &Cluster) -> bool {
    let (old, new) = (&change.old.node, &change.new.node);
    let before = in_places(pod, old, cluster);
    let after = in_places(pod, new, cluster);
    let moved = |it: &super::kind::Constraint| {
        let name = cluster.topology.name(it.key);
        old.labels.get(name) != new.labels.get(name)
    };
    before != after || (after && (pod.hard.iter().any(moved) || old.taints != new.taints))
}

fn nearness_changed(change: &Change<'_>, pod: &Kind, cluster: &Cluster) -> bool {
    let labels = |it: &Term| {
        let old = label(&change.old.node, it, cluster);
        (old, label(&change.new.node, it, cluster))
    };
    let came = |it: &Term| {
        let (old, new) = labels(it);
        new.is_some() && old != new
    };
    let went = |it: &Term| {
        let (old, new) = labels(it);
        old.is_some() && old != new
    };
    pod.near.iter().any(came) || pod.apart.iter().any(went)
}

/// Whether the pod counts the other one when it is spread.
fn concerns(pod: &Kind, other: &Kind) -> bool {
    let counts = |it: &super::kind::Constraint| it.selects(&other.told.labels);
    pod.told.namespace == other.told.namespace && pod.hard.iter().any(counts)
}

fn concern_changed(pod: &Kind, old: &Kind, new: &Kind) -> bool {
    let changed =
        |it: &super::kind::Constraint| it.selects(&old.told.labels) != it.selects(&new.told.labels);
    pod.told.namespace == new.told.namespace && pod.hard.iter().any(changed)
}

fn is_all(terms: &[Term], pod: &Kind) -> bool {
    !terms.is_empty() && terms.iter().all(|it| it.matches_blindly(pod))
}

fn is_any(terms: &[Term], pod: &Kind) -> bool {
    terms.iter().any(|it| it.matches_blindly(pod))
}

/// Whether the pod wants to be apart from the other one, as hints see it.
fn is_apart(pod: &Kind, other: &Kind, cluster: &Cluster) -> bool {
    if cluster.facts.one_term_wakes {
        is_any(&pod.apart, other)
    } else {
        is_all(&pod.apart, other)
    }
}

fn neighbor_changed(pod: &Kind, old: &Kind, new: &Kind, cluster: &Cluster) -> bool {
    (!is_all(&pod.near, old) && is_all(&pod.near, new))
        || (is_apart(pod, old, cluster) && !is_apart(pod, new, cluster))
}

fn pod_deleted(other: &Kind, by: Plugins, pod: &Kind, cluster: &Cluster) -> bool {
    let facts = &cluster.facts;
    let rejected = |plugin| by.has(plugin);
    if rejected(Plugin::FIT) {
        return true;
    }
    if !facts.hints {
        let all = [Plugin::PORTS, Plugin::SPREAD, Plugin::NEIGHBORS];
        return all.into_iter().any(rejected);
    }
    let mine = |port| other.told.ports.contains(port);
    (rejected(Plugin::PORTS) && pod.told.ports.iter().any(mine))
        || (rejected(Plugin::SPREAD) && concerns(pod, other))
        || (rejected(Plugin::NEIGHBORS)
            && (is_apart(pod, other, cluster)
                || (facts.asks_both_sides && is_apart(other, pod, cluster))))
}
