//! The filters, in their order: the first that refuses decides why (S13, S15).

use super::kind::{Kind, KindId};
use super::neighbors::Neighbors;
use super::nodes::{Load, NodeKey, Seat};
use super::reason::{Refusal, Shortage};
use super::scheduler::Cluster;
use super::spread::Spread;
use crate::model::{Effect, Taint};

/// The taint of a cordoned node.
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// What a cycle knows of all nodes together, where the pod cares.
#[derive(Clone, Debug)]
pub(super) struct Overview {
    spread: Option<Spread>,
    neighbors: Option<Neighbors>,
}

impl Overview {
    pub(super) fn of(pod: &Kind, cluster: &Cluster) -> Self {
        Self {
            spread: Spread::of(pod, cluster),
            neighbors: Neighbors::of(pod, cluster),
        }
    }

    /// A pod of that kind is thought to be on the node (1), or away from it (−1).
    pub(super) fn change(
        &mut self,
        pod: &Kind,
        other: KindId,
        node: NodeKey,
        by: i64,
        cluster: &Cluster,
    ) {
        if let Some(spread) = &mut self.spread {
            spread.change(pod, other, node, by, cluster);
        }
        if let Some(neighbors) = &mut self.neighbors {
            neighbors.change(pod, other, node, by, cluster);
        }
    }
}

/// Whether the pod bears that the node is cordoned.
pub(super) fn bears_cordon(pod: &Kind) -> bool {
    let cordoned = Taint {
        key: UNSCHEDULABLE.to_owned(),
        value: String::new(),
        effect: Effect::NoSchedule,
    };
    pod.told.tolerates(&cordoned)
}

/// Why the node does not take the pod, if it were loaded like that.
pub(super) fn refuse(
    pod: &Kind,
    node: NodeKey,
    load: &Load,
    overview: &Overview,
    cluster: &Cluster,
) -> Option<Refusal> {
    let seat = &cluster.seats[node.slot()];
    if !seat.is_open {
        if seat.node.unschedulable && !bears_cordon(pod) {
            return Some(Refusal::Cordoned);
        }
        if let Some(place) = pod.told.first_unborne(&seat.node.taints) {
            return Some(Refusal::Taint(seat.taint_reasons[place]));
        }
    }
    if pod.picky && !pod.told.wants(&seat.node) {
        return Some(Refusal::Unwanted);
    }
    let taken = |port| load.ports.iter().any(|it| it.collides_with(port));
    if pod.told.ports.iter().any(taken) {
        return Some(Refusal::Ports);
    }
    if let Some(short) = shortage(pod, seat, load, cluster) {
        return Some(Refusal::Room(short));
    }
    let spread = overview.spread.as_ref();
    if let Some(refusal) = spread.and_then(|it| it.refuse(pod, node, cluster)) {
        return Some(refusal);
    }
    let neighbors = overview.neighbors.as_ref();
    neighbors.and_then(|it| it.refuse(pod, node, cluster))
}

/// What the node has too little of.
fn shortage(pod: &Kind, seat: &Seat, load: &Load, cluster: &Cluster) -> Option<Shortage> {
    let (asks, has, takes) = (&pod.asks, &seat.has, &load.takes);
    let mut short = Shortage {
        of: 0,
        for_ever: false,
    };
    if load.pods >= seat.node.pods {
        short.of |= Shortage::PODS;
    }
    let mut check = |bit: u64, asked: u64, has: u64, taken: u64| {
        if asked > 0 && asked > has.saturating_sub(taken) {
            short.of |= bit;
            short.for_ever |= asked > has && cluster.facts.sees_hopeless_room;
        }
    };
    check(
        Shortage::CPU,
        asks.milli_cpu,
        has.milli_cpu,
        takes.milli_cpu,
    );
    check(Shortage::MEMORY, asks.memory, has.memory, takes.memory);
    check(Shortage::STORAGE, asks.storage, has.storage, takes.storage);
    for (place, asked) in asks.others.iter().enumerate() {
        let bit = Shortage::other(place);
        check(bit, *asked, has.other(place), takes.other(place));
    }
    (short.of != 0).then_some(short)
}

/// Whether the node would have room for the pod if it were empty.
pub(super) fn fits_empty(pod: &Kind, seat: &Seat, cluster: &Cluster) -> bool {
    shortage(pod, seat, &Load::default(), cluster).is_none()
}
