//! The nodes as the scheduler sees them: what they have, what is on them, and in which order it
//! looks at them (S11).

use super::amounts::Amounts;
use super::kind::{Kind, KindId};
use super::reason::Names;
use super::scheduler::{Facts, PodKey};
use crate::model::{Effect, HostPort, Node};
use std::collections::BTreeMap;

/// A node, by its number in order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeKey(pub u32);

impl NodeKey {
    pub(super) const NONE: Self = Self(u32::MAX);

    pub(super) const fn slot(self) -> usize {
        self.0 as usize
    }

    pub(super) const fn some(self) -> Option<Self> {
        if self.0 == Self::NONE.0 {
            None
        } else {
            Some(self)
        }
    }
}

/// A node and what is on it.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    /// As it is now.
    pub(super) node: Node,
    pub(super) exists: bool,
    /// What it has for pods.
    pub(super) has: Amounts,
    /// Neither cordoned nor tainted so that pods are kept away.
    pub(super) is_open: bool,
    /// Whether a taint makes it less welcome.
    pub(super) is_shunned: bool,
    /// For each taint the number of the reason that names it.
    pub(super) taint_reasons: Vec<u16>,
    pub(super) load: Load,
    /// The pods on it, in the scheduler's order (S36).
    pub(super) pods: Vec<PodKey>,
    /// Pods that have it as their nominated node, in order of nomination.
    pub(super) nominated: Vec<PodKey>,
}

/// What the pods on a node take together.
#[derive(Clone, Debug, Default)]
pub(super) struct Load {
    pub(super) pods: u32,
    pub(super) takes: Amounts,
    /// As scores see it (S24).
    pub(super) milli_cpu: u64,
    pub(super) memory: u64,
    pub(super) ports: Vec<HostPort>,
    /// How many pods of each kind, by kind.
    pub(super) kinds: Vec<(KindId, Count)>,
}

/// How many pods there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) all: u32,
    /// Those that are not being deleted.
    pub(super) staying: u32,
}

impl Load {
    pub(super) fn add(&mut self, id: KindId, kind: &Kind, staying: bool) {
        self.pods += 1;
        self.takes.add(&kind.asks);
        self.milli_cpu = self.milli_cpu.saturating_add(kind.told.scored.0);
        self.memory = self.memory.saturating_add(kind.told.scored.1);
        self.ports.extend(kind.told.ports.iter().cloned());
        let place = self.kinds.partition_point(|it| it.0 < id);
        if self.kinds.get(place).is_none_or(|it| it.0 != id) {
            self.kinds.insert(place, (id, Count::default()));
        }
        self.kinds[place].1.all += 1;
        self.kinds[place].1.staying += u32::from(staying);
    }

    pub(super) fn take(&mut self, id: KindId, kind: &Kind, staying: bool) {
        self.pods = self.pods.saturating_sub(1);
        self.takes.take(&kind.asks);
        self.milli_cpu = self.milli_cpu.saturating_sub(kind.told.scored.0);
        self.memory = self.memory.saturating_sub(kind.told.scored.1);
        for port in &kind.told.ports {
            if let Some(place) = self.ports.iter().position(|it| it == port) {
                self.ports.swap_remove(place);
            }
        }
        if let Ok(place) = self.kinds.binary_search_by_key(&id, |it| it.0) {
            let count = &mut self.kinds[place].1;
            count.all = count.all.saturating_sub(1);
            count.staying = count.staying.saturating_sub(u32::from(staying));
            if count.all == 0 {
                self.kinds.remove(place);
            }
        }
    }

    /// A pod is being deleted from now on.
    pub(super) fn leaves(&mut self, id: KindId) {
        if let Ok(place) = self.kinds.binary_search_by_key(&id, |it| it.0) {
            let count = &mut self.kinds[place].1;
            count.staying = count.staying.saturating_sub(1);
        }
    }
}

impl Seat {
    pub(super) fn new(node: &Node, names: &mut Names, facts: &Facts) -> Self {
        let mut seat = Self {
            node: node.clone(),
            exists: true,
            has: Amounts::default(),
            is_open: true,
            is_shunned: false,
            taint_reasons: Vec::new(),
            load: Load::default(),
            pods: Vec::new(),
            nominated: Vec::new(),
        };
        seat.renew(node, names, facts);
        seat
    }

    /// The node is like that from now on.
    pub(super) fn renew(&mut self, node: &Node, names: &mut Names, facts: &Facts) {
        let keeps_away = |it: &Effect| *it != Effect::PreferNoSchedule;
        let effects = || node.taints.iter().map(|it| it.effect);
        self.has = Amounts::of(&node.allocatable, u64::MAX, |name| names.resource(name));
        self.is_open = !node.unschedulable && !effects().any(|it| keeps_away(&it));
        self.is_shunned = effects().any(|it| !keeps_away(&it));
        let reasons = node.taints.iter();
        self.taint_reasons = reasons
            .map(|it| names.taint(&it.key, &it.value, facts))
            .collect();
        self.node = node.clone();
    }
}

/// The order in which the scheduler looks at the nodes: the first of each zone, then the second of
/// each, and so on.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeList {
    zones: Vec<((String, String), Vec<NodeKey>)>,
    pub(super) order: Vec<NodeKey>,
}

impl NodeList {
    pub(super) fn clear(&mut self) {
        self.zones.clear();
        self.order.clear();
    }

    pub(super) fn add(&mut self, key: NodeKey, node: &Node) {
        let zone = zone_of(node);
        match self.zones.iter_mut().find(|it| it.0 == zone) {
            Some((_, nodes)) => nodes.push(key),
            None => self.zones.push((zone, vec![key])),
        }
        self.rebuild();
    }

    pub(super) fn remove(&mut self, key: NodeKey) {
        for (_, nodes) in &mut self.zones {
            nodes.retain(|it| *it != key);
        }
        self.zones.retain(|(_, nodes)| !nodes.is_empty());
        self.rebuild();
    }

    /// A node that moved to another zone is the last there, and takes its new place in the list
    /// at the next addition or removal of a node (Q6).
    pub(super) fn relabel(&mut self, key: NodeKey, old: &Node, new: &Node) {
        let zone = zone_of(new);
        if zone_of(old) == zone {
            return;
        }
        let order = std::mem::take(&mut self.order);
        self.remove(key);
        self.add(key, new);
        self.order = order;
    }

    fn rebuild(&mut self) {
        self.order.clear();
        let most = self.zones.iter().map(|(_, nodes)| nodes.len()).max();
        for round in 0..most.unwrap_or(0) {
            let these = self.zones.iter().filter_map(|(_, nodes)| nodes.get(round));
            self.order.extend(these.copied());
        }
    }
}

fn zone_of(node: &Node) -> (String, String) {
    let label = |key| node.labels.get(key).cloned().unwrap_or_default();
    (label(Node::REGION), label(Node::ZONE))
}

/// Which images the nodes have: how many of them, and how large it is (S26).
#[derive(Clone, Debug, Default)]
pub(super) struct Images(BTreeMap<String, (u32, u64)>);

impl Images {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn add(&mut self, node: &Node) {
        for (name, size) in &node.images {
            self.0.entry(name.clone()).or_insert((0, *size)).0 += 1;
        }
    }

    pub(super) fn remove(&mut self, node: &Node) {
        for (name, _) in &node.images {
            if let Some(known) = self.0.get_mut(name) {
                known.0 -= 1;
                if known.0 == 0 {
                    self.0.remove(name);
                }
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// On how many nodes an image is, and its size in bytes.
    pub(super) fn find(&self, name: &str) -> Option<(u32, u64)> {
        self.0.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S11: nodes as `NAME:ZONE`; a minus removes one.
    #[test]
    fn the_list_takes_one_node_of_each_zone_in_turn() {
        for (steps, order) in [
            ("a:x b:x c:y d:y e", "a c e b d"),
            ("a:x b:y c:x -a d:x", "c b d"),
            ("a:x b:y -a c:x", "b c"),
            ("a b c", "a b c"),
        ] {
            let mut list = NodeList::default();
            let mut names: Vec<&str> = Vec::new();
            for step in steps.split(' ') {
                if let Some(name) = step.strip_prefix('-') {
                    let at = names.iter().position(|it| *it == name).unwrap();
                    list.remove(NodeKey(u32::try_from(at).unwrap()));
                    continue;
                }
                let (name, zone) = step.split_once(':').unwrap_or((step, ""));
                let mut node = Node::named(name);
                node.labels.insert(Node::ZONE.to_owned(), zone.to_owned());
                list.add(NodeKey(u32::try_from(names.len()).unwrap()), &node);
                names.push(name);
            }
            let got: Vec<&str> = list.order.iter().map(|it| names[it.slot()]).collect();
            assert_eq!(got.join(" "), order, "{steps}");
        }
    }
}
