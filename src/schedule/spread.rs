//! Even spreading: how many pods are in each place, as a filter (S16) and as a score (S27).

use super::kind::{Constraint, Kind, KindId};
use super::nodes::{NodeKey, Seat};
use super::reason::Refusal;
use super::scheduler::Cluster;
use super::topology::NOWHERE;

/// How many pods there are in each place, for each hard constraint of a pod.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    each: Vec<Places>,
}

#[derive(Clone, Debug)]
struct Places {
    counts: Vec<i64>,
    /// Which places have a node that counts.
    known: Vec<bool>,
    domains: usize,
    least: i64,
}

impl Places {
    fn find_least(&mut self) {
        let counts = self.counts.iter().zip(&self.known);
        let least = counts.filter(|(_, known)| **known).map(|(count, _)| *count);
        self.least = least.min().unwrap_or(0);
    }
}

/// Whether the pods of each kind are counted; found out as needed.
struct Counted<'a> {
    constraint: &'a Constraint,
    known: Vec<u8>,
}

impl<'a> Counted<'a> {
    fn new(constraint: &'a Constraint, cluster: &Cluster) -> Self {
        let known = vec![0; cluster.kinds.len()];
        Self { constraint, known }
    }

    /// How many pods on the node are counted.
    fn on(&mut self, seat: &Seat, pod: &Kind, cluster: &Cluster) -> i64 {
        let mut sum = 0;
        for (id, count) in &seat.load.kinds {
            let known = &mut self.known[id.slot()];
            if *known == 0 {
                let other = &cluster.kinds[id.slot()].told;
                *known = 1 + u8::from(self.constraint.counts(other, &pod.told.namespace));
            }
            if *known == 2 {
                sum += i64::from(count.staying);
            }
        }
        sum
    }
}

/// Whether the node's pods are counted at all.
fn includes(it: &Constraint, pod: &Kind, seat: &Seat) -> bool {
    (!it.honors_affinity || !pod.picky || pod.told.wants(&seat.node))
        && (!it.honors_taints || pod.told.bears(&seat.node.taints))
}

impl Spread {
    /// Counts the pods, if the pod has hard constraints.
    pub(super) fn of(pod: &Kind, cluster: &Cluster) -> Option<Self> {
        if pod.hard.is_empty() {
            return None;
        }
        let mut each = Vec::new();
        for constraint in &pod.hard {
            let values = cluster.topology.values(constraint.key);
            let mut places = Places {
                counts: vec![0; values],
                known: vec![false; values],
                domains: 0,
                least: 0,
            };
            let mut counted = Counted::new(constraint, cluster);
            for node in &cluster.list.order {
                let seat = &cluster.seats[node.slot()];
                if !has_all(&pod.hard, *node, cluster) || !includes(constraint, pod, seat) {
                    continue;
                }
                let value = cluster.topology.value(constraint.key, node.slot()) as usize;
                places.counts[value] += counted.on(seat, pod, cluster);
                if !std::mem::replace(&mut places.known[value], true) {
                    places.domains += 1;
                }
            }
            places.find_least();
            each.push(places);
        }
        Some(Self { each })
    }

    pub(super) fn refuse(&self, pod: &Kind, node: NodeKey, cluster: &Cluster) -> Option<Refusal> {
        for (constraint, places) in pod.hard.iter().zip(&self.each) {
            let value = cluster.topology.value(constraint.key, node.slot());
            if value == NOWHERE {
                return Some(Refusal::NoPlace);
            }
            let least = if places.domains < constraint.min_domains {
                0
            } else {
                places.least
            };
            let own = i64::from(constraint.selects(&pod.told.labels));
            if places.counts[value as usize] + own - least > constraint.max_skew {
                return Some(Refusal::Skew);
            }
        }
        None
    }

    /// A pod of that kind is thought to be on the node, or away from it.
    pub(super) fn change(
        &mut self,
        pod: &Kind,
        other: KindId,
        node: NodeKey,
        by: i64,
        cluster: &Cluster,
    ) {
        let told = &cluster.kinds[other.slot()].told;
        if told.namespace != pod.told.namespace || !has_all(&pod.hard, node, cluster) {
            return;
        }
        let seat = &cluster.seats[node.slot()];
        for (constraint, places) in pod.hard.iter().zip(&mut self.each) {
            if constraint.selects(&told.labels) && includes(constraint, pod, seat) {
                let value = cluster.topology.value(constraint.key, node.slot()) as usize;
                places.counts[value] += by;
                places.find_least();
            }
        }
    }
}

fn has_all(constraints: &[Constraint], node: NodeKey, cluster: &Cluster) -> bool {
    let has = |it: &Constraint| cluster.topology.has(it.key, node.slot());
    constraints.iter().all(has)
}

/// The scores of the feasible nodes (S27), in their order.
pub(super) fn scores(pod: &Kind, feasible: &[NodeKey], cluster: &Cluster) -> Vec<i64> {
    // The system's own constraints pass over the labels that a node lacks.
    let strict = !pod.told.spread.is_empty();
    let ignored = |node: &NodeKey| strict && !has_all(&pod.soft, *node, cluster);
    let taken = feasible.iter().filter(|it| !ignored(it)).count();
    let mut raw = vec![0.0_f64; feasible.len()];
    for constraint in &pod.soft {
        let counts = if constraint.by_node {
            Vec::new()
        } else {
            counts(constraint, pod, feasible, strict, cluster)
        };
        let domains = if constraint.by_node {
            taken
        } else {
            counts.iter().flatten().count()
        };
        #[allow(clippy::cast_precision_loss)] // far below 2^53
        let weight = libm::log((domains + 2) as f64);
        let mut counted = Counted::new(constraint, cluster);
        for (node, raw) in feasible.iter().zip(&mut raw) {
            let value = cluster.topology.value(constraint.key, node.slot());
            if ignored(node) || value == NOWHERE {
                continue;
            }
            let count = if constraint.by_node {
                counted.on(&cluster.seats[node.slot()], pod, cluster)
            } else {
                counts[value as usize].unwrap_or(0)
            };
            #[allow(clippy::cast_precision_loss)]
            let (count, skew) = (count as f64, (constraint.max_skew - 1) as f64);
            *raw += count * weight + skew;
        }
    }
    #[allow(clippy::cast_possible_truncation)] // saturates, far from there
    let raw: Vec<i64> = raw.into_iter().map(|it| it.round() as i64).collect();
    let valid = || raw.iter().zip(feasible).filter(|(_, node)| !ignored(node));
    let most = valid().map(|(raw, _)| *raw).max().unwrap_or(0).max(0);
    let least = valid().map(|(raw, _)| *raw).min().unwrap_or(0);
    let score = |(raw, node): (&i64, &NodeKey)| {
        if ignored(node) {
            0
        } else if most == 0 {
            100
        } else {
            100 * (most + least - raw) / most
        }
    };
    raw.iter().zip(feasible).map(score).collect()
}

/// The pods in each place that has a feasible node; the last entry is for nodes that are nowhere.
fn counts(
    constraint: &Constraint,
    pod: &Kind,
    feasible: &[NodeKey],
    strict: bool,
    cluster: &Cluster,
) -> Vec<Option<i64>> {
    let values = cluster.topology.values(constraint.key);
    let place = |node: &NodeKey| match cluster.topology.value(constraint.key, node.slot()) {
        NOWHERE => values,
        value => value as usize,
    };
    let takes_part = |node: &&NodeKey| !strict || has_all(&pod.soft, **node, cluster);
    let mut counts = vec![None; values + 1];
    for node in feasible.iter().filter(takes_part) {
        counts[place(node)] = Some(0);
    }
    let mut counted = Counted::new(constraint, cluster);
    for node in cluster.list.order.iter().filter(takes_part) {
        let seat = &cluster.seats[node.slot()];
        if let Some(count) = &mut counts[place(node)] {
            if includes(constraint, pod, seat) {
                *count += counted.on(seat, pod, cluster);
            }
        }
    }
    counts
}
