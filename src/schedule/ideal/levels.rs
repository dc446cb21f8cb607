//! Nodes by how much is free on them, so that the best one is found without a look at each.

use super::seat::{Room, Seat, part};
use crate::model::NodeId;

/// Nodes that have the same free, and take the same pods.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) free: Room,
    pub(super) shape: u16,
    /// Not empty; the lowest last.
    nodes: Vec<u32>,
}

impl Class {
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn lowest(&self) -> u32 {
        self.nodes.last().copied().unwrap_or(u32::MAX)
    }
}

/// Nodes in lists by their level: hundredths that are free of cpu and of memory, added up.
#[derive(Clone, Debug, Default)]
pub(super) struct Levels {
    lists: Vec<Vec<Class>>,
    spare: Vec<Vec<u32>>,
    /// The most that any node has.
    most: Room,
    /// Whether there are nodes with limited cpu only, and with limited memory only: their level
    /// is twice the hundredths of that.
    alone: [bool; 2],
}

const TOP: usize = 200;

impl Levels {
    pub(super) fn clear(&mut self) {
        for class in self.lists.iter_mut().flat_map(|list| list.drain(..)) {
            self.spare.push(class.nodes);
        }
        (self.most, self.alone) = (Room::default(), [false; 2]);
    }

    pub(super) fn add(&mut self, id: NodeId, seat: &Seat) {
        if self.lists.is_empty() {
            self.lists.resize_with(TOP + 1, Vec::new);
        }
        let (cpu, memory) = seat.limits();
        self.most.cpu = self.most.cpu.max(cpu.unwrap_or(0));
        self.most.memory = self.most.memory.max(memory.unwrap_or(0));
        self.alone[0] |= memory.is_none();
        self.alone[1] |= cpu.is_none();
        let (free, shape) = (seat.free(), seat.shape);
        let list = &mut self.lists[seat.level()];
        let same = |it: &&mut Class| it.free == free && it.shape == shape;
        if let Some(class) = list.iter_mut().find(same) {
            let place = class.nodes.partition_point(|it| *it > id.0);
            return class.nodes.insert(place, id.0);
        }
        let mut nodes = self.spare.pop().unwrap_or_default();
        nodes.clear();
        nodes.push(id.0);
        list.push(Class { free, shape, nodes });
    }

    pub(super) fn remove(&mut self, id: NodeId, seat: &Seat) {
        let (free, shape) = (seat.free(), seat.shape);
        let Some(list) = self.lists.get_mut(seat.level()) else {
            return;
        };
        let same = |it: &Class| it.free == free && it.shape == shape;
        let Some(at) = list.iter().position(same) else {
            return;
        };
        let nodes = &mut list[at].nodes;
        let place = nodes.partition_point(|it| *it > id.0);
        if nodes.get(place) == Some(&id.0) {
            nodes.remove(place);
        }
        if nodes.is_empty() {
            self.spare.push(list.swap_remove(at).nodes);
        }
    }

    /// Every class.
    pub(super) fn classes(&self) -> impl Iterator<Item = &Class> {
        self.lists.iter().flatten()
    }

    /// The node with the best score of those with room, of shapes that take the pod; of several
    /// the lowest.
    ///
    /// A pod that takes so many hundredths, cut down, leaves a node at most that much lower: from
    /// some level on none can be better than the best so far.
    pub(super) fn best(
        &self,
        asks: Room,
        takes: impl Fn(u16) -> bool,
        limits: impl Fn(u16) -> (Option<u64>, Option<u64>),
    ) -> Option<NodeId> {
        let (cpu, memory) = (
            part(asks.cpu, self.most.cpu),
            part(asks.memory, self.most.memory),
        );
        let mut need = cpu + memory;
        for (part, alone) in [cpu, memory].into_iter().zip(self.alone) {
            if alone {
                need = need.min(2 * part);
            }
        }
        let mut best: Option<(u64, u32)> = None;
        for (level, list) in (0..=TOP as u64).rev().zip(self.lists.iter().rev()) {
            let ceiling = level.saturating_sub(need) / 2;
            if level < need || best.is_some_and(|(most, _)| ceiling < most) {
                break;
            }
            for class in list {
                if asks.fits_in(class.free) && takes(class.shape) {
                    let score = class.free.less(asks).score(limits(class.shape));
                    let lowest = class.lowest();
                    let better = |(most, node)| score > most || score == most && lowest < node;
                    if best.is_none_or(better) {
                        best = Some((score, lowest));
                    }
                }
            }
        }
        best.map(|(_, node)| NodeId(node))
    }
}
