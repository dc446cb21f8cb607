//! The scores, with integers as Kubernetes has them, and the choice among the best (S21–S29).

use super::kind::Kind;
use super::nodes::{NodeKey, Seat};
use super::scheduler::Cluster;
use super::{neighbors, spread};
use crate::model::Effect;

/// The weighted scores of one node, in the order of [`PLUGINS`].
pub(super) type Scores = [i64; 7];

/// The plugins that score, by name and weight.
pub(super) const PLUGINS: [(&str, i64); 7] = [
    ("TaintToleration", 3),
    ("NodeAffinity", 2),
    ("PodTopologySpread", 2),
    ("InterPodAffinity", 2),
    ("NodeResourcesFit", 1),
    ("NodeResourcesBalancedAllocation", 1),
    ("ImageLocality", 1),
];

/// Scores the feasible nodes, in their order.
pub(super) fn score(pod: &Kind, feasible: &[NodeKey], cluster: &Cluster, out: &mut Vec<Scores>) {
    out.clear();
    out.resize(feasible.len(), [0; 7]);
    let seat = |node: NodeKey| &cluster.seats[node.slot()];
    taints(pod, feasible, cluster, out);
    if !pod.told.affinity.preferred.is_empty() {
        affinity(pod, feasible, cluster, out);
    }
    if !pod.soft.is_empty() {
        let scores = spread::scores(pod, feasible, cluster);
        for (line, score) in out.iter_mut().zip(scores) {
            line[2] = PLUGINS[2].1 * score;
        }
    }
    if let Some(scores) = neighbors::scores(pod, feasible, cluster) {
        for (line, score) in out.iter_mut().zip(scores) {
            line[3] = PLUGINS[3].1 * score;
        }
    }
    let balanced = is_balanced(pod, cluster);
    for (line, node) in out.iter_mut().zip(feasible) {
        line[4] = least_allocated(pod, seat(*node));
        if balanced {
            line[5] = balance(pod, seat(*node), cluster.facts.balance_is_relative);
        }
    }
    if !cluster.images.is_empty() {
        images(pod, feasible, cluster, out);
    }
}

/// The totals of the feasible nodes, but for a part that is the same for all of them. Where only
/// cpu and memory make a difference, nothing else is looked at.
pub(super) fn totals(
    pod: &Kind,
    feasible: &[NodeKey],
    cluster: &Cluster,
    lines: &mut Vec<Scores>,
    out: &mut Vec<i64>,
) {
    out.clear();
    let seat = |node: &NodeKey| &cluster.seats[node.slot()];
    let indifferent = pod.told.affinity.preferred.is_empty()
        && pod.soft.is_empty()
        && cluster.wishers.is_empty()
        && cluster.images.is_empty()
        && !feasible.iter().any(|it| seat(it).is_shunned);
    if !indifferent {
        score(pod, feasible, cluster, lines);
        out.extend(lines.iter().map(|it| it.iter().sum::<i64>()));
        return;
    }
    let balanced = is_balanced(pod, cluster);
    let relative = cluster.facts.balance_is_relative;
    out.extend(feasible.iter().map(|node| {
        let seat = seat(node);
        let even = if balanced {
            balance(pod, seat, relative)
        } else {
            0
        };
        least_allocated(pod, seat) + even
    }));
}

/// Whether balance is scored at all.
fn is_balanced(pod: &Kind, cluster: &Cluster) -> bool {
    pod.asks.milli_cpu > 0 || pod.asks.memory > 0 || !cluster.facts.skips_idle_balance
}

/// S22
fn taints(pod: &Kind, feasible: &[NodeKey], cluster: &Cluster, out: &mut [Scores]) {
    let bears = |taint| {
        let effects = [None, Some(Effect::PreferNoSchedule)];
        let tolerations = pod.told.tolerations.iter();
        let mut of_effect = tolerations.filter(|it| effects.contains(&it.effect));
        of_effect.any(|it| it.tolerates(taint))
    };
    let count = |node: &NodeKey| {
        let seat = &cluster.seats[node.slot()];
        if !seat.is_shunned {
            return 0;
        }
        let prefer = |it: &&crate::model::Taint| it.effect == Effect::PreferNoSchedule;
        let taints = seat.node.taints.iter().filter(prefer);
        i64::try_from(taints.filter(|it| !bears(it)).count()).unwrap_or(0)
    };
    for (line, node) in out.iter_mut().zip(feasible) {
        line[0] = count(node);
    }
    let most = out.iter().map(|it| it[0]).max().unwrap_or(0);
    for line in out.iter_mut() {
        let part = if most > 0 { 100 * line[0] / most } else { 0 };
        line[0] = PLUGINS[0].1 * (100 - part);
    }
}

/// S23
fn affinity(pod: &Kind, feasible: &[NodeKey], cluster: &Cluster, out: &mut [Scores]) {
    for (line, node) in out.iter_mut().zip(feasible) {
        let node = &cluster.seats[node.slot()].node;
        let terms = pod.told.affinity.preferred.iter();
        let met = terms.filter(|it| it.term.matches(&node.name, &node.labels));
        line[1] = met.map(|it| i64::from(it.weight)).sum();
    }
    let most = out.iter().map(|it| it[1]).max().unwrap_or(0);
    for line in out.iter_mut().filter(|_| most > 0) {
        line[1] = PLUGINS[1].1 * (100 * line[1] / most);
    }
}

/// What a node has of cpu and memory, as far as it is limited.
fn limits(seat: &Seat) -> [Option<u64>; 2] {
    let limit = |amount: u64| Some(amount).filter(|it| *it > 0 && *it < u64::MAX);
    [limit(seat.has.milli_cpu), limit(seat.has.memory)]
}

/// S24
fn least_allocated(pod: &Kind, seat: &Seat) -> i64 {
    let wanted = [
        seat.load.milli_cpu.saturating_add(pod.told.scored.0),
        seat.load.memory.saturating_add(pod.told.scored.1),
    ];
    let (mut sum, mut count) = (0, 0);
    for (has, wanted) in limits(seat).into_iter().zip(wanted) {
        let Some(has) = has else { continue };
        count += 1;
        if wanted <= has {
            sum += part(has - wanted, has);
        }
    }
    if count == 0 { 0 } else { sum / count }
}

/// So many of a hundred, cut down.
fn part(of: u64, all: u64) -> i64 {
    let percent = match of.checked_mul(100) {
        Some(hundred) => hundred / all,
        None => u64::try_from(u128::from(of) * 100 / u128::from(all)).unwrap_or(100),
    };
    i64::try_from(percent).unwrap_or(100)
}

/// S25
fn balance(pod: &Kind, seat: &Seat, relative: bool) -> i64 {
    let limits = limits(seat);
    let takes = [seat.load.takes.milli_cpu, seat.load.takes.memory];
    let asks = [pod.asks.milli_cpu, pod.asks.memory];
    let with = [
        takes[0].saturating_add(asks[0]),
        takes[1].saturating_add(asks[1]),
    ];
    let with = evenness(limits, with);
    if relative {
        50 + (50 + with - evenness(limits, takes)) / 2
    } else {
        with
    }
}

/// How evenly cpu and memory are used, in hundredths.
fn evenness(limits: [Option<u64>; 2], used: [u64; 2]) -> i64 {
    let deviation = match limits {
        [Some(cpu), Some(memory)] => {
            #[allow(clippy::cast_precision_loss)] // as Kubernetes does it
            let part = |used: u64, has: u64| (used as f64 / has as f64).min(1.0);
            ((part(used[0], cpu) - part(used[1], memory)) / 2.0).abs()
        }
        _ => 0.0,
    };
    #[allow(clippy::cast_possible_truncation)]
    let evenness = ((1.0 - deviation) * 100.0) as i64;
    evenness
}

/// S26
fn images(pod: &Kind, feasible: &[NodeKey], cluster: &Cluster, out: &mut [Scores]) {
    const LEAST: i64 = 23 << 20;
    let nodes = cluster.list.order.len();
    let containers = i64::try_from(pod.told.images.len()).unwrap_or(1).max(1);
    let most = containers * (1000 << 20);
    for (line, node) in out.iter_mut().zip(feasible) {
        let node = &cluster.seats[node.slot()].node;
        let here = |image: &&String| node.images.iter().any(|(name, _)| name == *image);
        let mut sum = 0;
        for image in pod.told.images.iter().filter(here) {
            let (on, size) = cluster.images.find(image).unwrap_or((0, 0));
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // as there
            let share = (size as f64 * (f64::from(on) / nodes as f64)) as i64;
            sum += share;
        }
        line[6] = PLUGINS[6].1 * (100 * (sum.clamp(LEAST, most) - LEAST) / (most - LEAST));
    }
}

/// The node to take, as its place in the list: the root of a heap of the totals, built from the
/// bottom (S29). Where all are equal that is the first.
pub(super) fn choose(totals: &[i64], heap: &mut Vec<u32>) -> usize {
    heap.clear();
    heap.extend((0u32..).take(totals.len()));
    let total = |heap: &[u32], place: usize| totals[heap[place] as usize];
    for start in (0..heap.len() / 2).rev() {
        let mut parent = start;
        loop {
            let mut child = 2 * parent + 1;
            if child >= heap.len() {
                break;
            }
            if child + 1 < heap.len() && total(heap, child + 1) > total(heap, child) {
                child += 1;
            }
            if total(heap, child) <= total(heap, parent) {
                break;
            }
            heap.swap(parent, child);
            parent = child;
        }
    }
    heap.first().map_or(0, |root| *root as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_the_heap_is_chosen() {
        for (totals, want) in [
            (&[7, 7, 7, 7][..], 0),
            (&[1, 7, 7], 1),
            (&[1, 2, 3, 7, 7, 7], 3),
            (&[1, 2, 7, 7, 2, 1], 2),
            (&[1, 2, 3, 2, 7, 7], 4),
            (&[5], 0),
        ] {
            assert_eq!(choose(totals, &mut Vec::new()), want, "{totals:?}");
        }
    }
}
