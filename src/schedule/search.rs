//! The search for nodes that take a pod: which are looked at, and what is found (S12, S17–S19).

use super::filter::{Overview, refuse};
use super::nodes::{Load, NodeKey};
use super::reason::{Histogram, Refusal};
use super::scheduler::{PodKey, Scheduler};

/// What a search has found.
#[derive(Debug, Default)]
pub(super) struct Search {
    pub(super) feasible: Vec<NodeKey>,
    /// Nodes that were looked at and do not take the pod, and why.
    pub(super) refused: Vec<(NodeKey, Refusal)>,
    /// Why the nominated node does not.
    pub(super) nominated: Option<Refusal>,
    pub(super) reasons: Histogram,
    /// The pod names nodes, and contradicts itself.
    pub(super) conflict: bool,
}

impl Scheduler {
    /// Looks for nodes that take the pod (S12, S17, S18).
    pub(super) fn search(&self, pod: PodKey, overview: &Overview) -> Search {
        let entry = &self.pods[pod.slot()];
        let kind = &self.cluster.kinds[entry.kind.slot()];
        let mut found = Search::default();
        let order = &self.cluster.list.order;
        let named: Vec<NodeKey>;
        let mut list = order.as_slice();
        if let Some(names) = &kind.names {
            let is_named = |it: &&NodeKey| {
                let name = &self.cluster.seats[it.slot()].node.name;
                names.binary_search(name).is_ok()
            };
            found.conflict = names.is_empty();
            named = order.iter().filter(is_named).copied().collect();
            list = &named;
        }
        if let Some(node) = entry.nominated.some().filter(|it| self.exists(*it)) {
            if !found.conflict {
                found.nominated = self.refuse(pod, node, None, overview);
                if found.nominated.is_none() {
                    found.feasible.push(node);
                    return found;
                }
            }
        }
        self.look(pod, list, overview, &mut found);
        let nominated = found.nominated.zip(entry.nominated.some());
        if let Some((refusal, node)) = nominated.filter(|_| found.feasible.is_empty()) {
            if !found.refused.iter().any(|it| it.0 == node) {
                found.refused.push((node, refusal));
            }
        }
        let looked_at = u32::try_from(found.refused.len()).unwrap_or(u32::MAX);
        for (_, refusal) in &found.refused {
            found.reasons.add(*refusal, 1);
        }
        if found.feasible.is_empty() && kind.names.is_some() && !found.conflict {
            let all = u32::try_from(order.len()).unwrap_or(u32::MAX);
            found.reasons.add(Refusal::NotNamed, all - looked_at);
        }
        found
    }

    /// Looks at one node after the other, until there are enough that take the pod.
    fn look(&self, pod: PodKey, list: &[NodeKey], overview: &Overview, found: &mut Search) {
        let enough = enough(list.len());
        for place in 0..list.len() {
            let node = list[(self.start + place) % list.len()];
            match self.refuse(pod, node, None, overview) {
                Some(refusal) => found.refused.push((node, refusal)),
                None if found.feasible.len() == enough => break,
                None => found.feasible.push(node),
            }
        }
    }

    pub(super) fn exists(&self, node: NodeKey) -> bool {
        self.cluster.seats[node.slot()].exists
    }

    /// Why the node does not take the pod: first with the pods nominated for it that come before
    /// this one, then without them (S19). Its load is that of now, unless told.
    pub(super) fn refuse(
        &self,
        pod: PodKey,
        node: NodeKey,
        load: Option<&Load>,
        overview: &Overview,
    ) -> Option<Refusal> {
        let cluster = &self.cluster;
        let kind = &cluster.kinds[self.kind_of(pod).slot()];
        let seat = &cluster.seats[node.slot()];
        let load = load.unwrap_or(&seat.load);
        if !seat.nominated.is_empty() {
            let rivals = seat.nominated.iter().filter(|it| **it != pod);
            let rivals = rivals.map(|it| self.kind_of(*it));
            let first = |it: &super::KindId| self.kind(*it).priority >= kind.told.priority;
            let mut rivals = rivals.filter(first).peekable();
            if rivals.peek().is_some() {
                let (mut load, mut overview) = (load.clone(), overview.clone());
                for rival in rivals {
                    load.add(rival, &cluster.kinds[rival.slot()], true);
                    overview.change(kind, rival, node, 1, cluster);
                }
                let refusal = refuse(kind, node, &load, &overview, cluster);
                if refusal.is_some() {
                    return refusal;
                }
            }
        }
        refuse(kind, node, load, overview, cluster)
    }
}

/// How many feasible nodes are enough (S12).
fn enough(nodes: usize) -> usize {
    if nodes < 100 {
        return nodes;
    }
    let percent = 50_usize.saturating_sub(nodes / 125).max(5);
    (nodes * percent / 100).max(100)
}

#[cfg(test)]
mod tests {
    use super::enough;

    /// S12
    #[test]
    fn large_clusters_are_searched_in_part() {
        for (nodes, want) in [
            (99, 99),
            (100, 100),
            (206, 100),
            (260, 124),
            (1000, 420),
            (5000, 500),
            (10_000, 500),
        ] {
            assert_eq!(enough(nodes), want, "{nodes}");
        }
    }
}
