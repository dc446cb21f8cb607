//! Affinity and anti-affinity between pods, as a filter and as a score (S20, S28).

use super::kind::{Kind, KindId, Term};
use super::nodes::NodeKey;
use super::reason::Refusal;
use super::scheduler::Cluster;
use super::topology::{KeyId, NOWHERE};

/// Sums by place: for each label, and each of its values.
#[derive(Clone, Debug, Default)]
struct Sums {
    each: Vec<Vec<i64>>,
    /// How many of them are not zero.
    standing: usize,
}

impl Sums {
    fn add(&mut self, key: KeyId, node: NodeKey, by: i64, cluster: &Cluster) {
        let value = cluster.topology.value(key, node.slot());
        if value == NOWHERE || by == 0 {
            return;
        }
        let (key, value) = (key.0 as usize, value as usize);
        if self.each.len() <= key {
            self.each.resize_with(cluster.topology.keys(), Vec::new);
        }
        let sums = &mut self.each[key];
        if sums.len() <= value {
            sums.resize(value + 1, 0);
        }
        let before = sums[value];
        sums[value] += by;
        match (before == 0, sums[value] == 0) {
            (true, false) => self.standing += 1,
            (false, true) => self.standing -= 1,
            _ => {}
        }
    }

    fn at(&self, key: KeyId, node: NodeKey, cluster: &Cluster) -> i64 {
        let value = cluster.topology.value(key, node.slot());
        if value == NOWHERE {
            return 0;
        }
        let sums = self.each.get(key.0 as usize);
        let sum = sums.and_then(|it| it.get(value as usize));
        sum.copied().unwrap_or(0)
    }
}

/// Who is where, as far as it matters to a pod.
#[derive(Clone, Debug)]
pub(super) struct Neighbors {
    /// Pods that match all terms that the pod wants to be near.
    near: Sums,
    /// Pods that match a term that the pod wants to be apart from.
    apart: Sums,
    /// Pods that want to be apart from the pod.
    against: Sums,
}

impl Neighbors {
    /// Looks around, if that matters to the pod at all.
    pub(super) fn of(pod: &Kind, cluster: &Cluster) -> Option<Self> {
        let alone = pod.near.is_empty() && pod.apart.is_empty();
        if alone && cluster.loners.is_empty() {
            return None;
        }
        let mut it = Self {
            near: Sums::default(),
            apart: Sums::default(),
            against: Sums::default(),
        };
        for node in &cluster.list.order {
            for (kind, count) in &cluster.seats[node.slot()].load.kinds {
                it.change(pod, *kind, *node, i64::from(count.all), cluster);
            }
        }
        (!alone || it.against.standing > 0).then_some(it)
    }

    /// So many pods of that kind are thought to be on the node, or away from it.
    pub(super) fn change(
        &mut self,
        pod: &Kind,
        other: KindId,
        node: NodeKey,
        by: i64,
        cluster: &Cluster,
    ) {
        let other = &cluster.kinds[other.slot()];
        let spaces = &cluster.namespaces;
        for term in other.apart.iter().filter(|it| it.matches(pod, spaces)) {
            self.against.add(term.key, node, by, cluster);
        }
        if !pod.near.is_empty() && pod.near.iter().all(|it| it.matches(other, spaces)) {
            for term in &pod.near {
                self.near.add(term.key, node, by, cluster);
            }
        }
        for term in pod.apart.iter().filter(|it| it.matches(other, spaces)) {
            self.apart.add(term.key, node, by, cluster);
        }
    }

    pub(super) fn refuse(&self, pod: &Kind, node: NodeKey, cluster: &Cluster) -> Option<Refusal> {
        if !self.is_near(pod, node, cluster) {
            return Some(Refusal::NotNear);
        }
        let meets = |it: &Term| self.apart.at(it.key, node, cluster) > 0;
        if pod.apart.iter().any(meets) {
            return Some(Refusal::NotApart);
        }
        let unwelcome = |key: u32| self.against.at(KeyId(key), node, cluster) > 0;
        let keys = u32::try_from(self.against.each.len()).unwrap_or(0);
        (0..keys).any(unwelcome).then_some(Refusal::NotWelcome)
    }

    fn is_near(&self, pod: &Kind, node: NodeKey, cluster: &Cluster) -> bool {
        let has = |it: &Term| cluster.topology.has(it.key, node.slot());
        if !pod.near.iter().all(has) {
            return false;
        }
        let there = |it: &Term| self.near.at(it.key, node, cluster) > 0;
        // The first of a group that wants to be near itself may go anywhere.
        let first = || {
            let itself = |it: &Term| it.matches(pod, &cluster.namespaces);
            self.near.standing == 0 && pod.near.iter().all(itself)
        };
        pod.near.iter().all(there) || first()
    }
}

/// The scores of the feasible nodes, in their order; nothing if nobody has a wish (S28).
pub(super) fn scores(pod: &Kind, feasible: &[NodeKey], cluster: &Cluster) -> Option<Vec<i64>> {
    let wishes = !(pod.rather_near.is_empty() && pod.rather_apart.is_empty());
    if !wishes && cluster.wishers.is_empty() {
        return None;
    }
    let mut sums = Sums::default();
    let spaces = &cluster.namespaces;
    for node in &cluster.list.order {
        for (kind, count) in &cluster.seats[node.slot()].load.kinds {
            let other = &cluster.kinds[kind.slot()];
            let count = i64::from(count.all);
            let mut add = |terms: &[Term], of: &Kind, sign: i64| {
                for term in terms.iter().filter(|it| it.matches(of, spaces)) {
                    sums.add(term.key, *node, sign * term.weight * count, cluster);
                }
            };
            add(&pod.rather_near, other, 1);
            add(&pod.rather_apart, other, -1);
            add(&other.near, pod, 1);
            add(&other.rather_near, pod, 1);
            add(&other.rather_apart, pod, -1);
        }
    }
    let keys = u32::try_from(sums.each.len()).unwrap_or(0);
    let raw = feasible.iter().map(|node| {
        let all = (0..keys).map(|key| sums.at(KeyId(key), *node, cluster));
        all.sum::<i64>()
    });
    let raw: Vec<i64> = raw.collect();
    let (least, most) = (raw.iter().min()?, raw.iter().max()?);
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // small numbers
    let score = |it: &i64| {
        if most > least {
            (100.0 * ((it - least) as f64 / (most - least) as f64)) as i64
        } else {
            0
        }
    };
    Some(raw.iter().map(score).collect())
}
