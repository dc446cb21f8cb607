//! What a node has, and what is free of it.

use super::super::amounts::{Amounts, Resource};
use crate::api::StoredNode;
use crate::base::IndexSet;

/// Thousandths of cores and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) cpu: u64,
    pub(super) memory: u64,
}

impl Room {
    pub(super) const fn fits_in(self, free: Self) -> bool {
        self.cpu <= free.cpu && self.memory <= free.memory
    }

    /// The lesser of each.
    pub(super) fn min(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.min(other.cpu),
            memory: self.memory.min(other.memory),
        }
    }

    pub(super) const fn less(self, asks: Self) -> Self {
        Self {
            cpu: self.cpu - asks.cpu,
            memory: self.memory - asks.memory,
        }
    }

    /// How much is free, in hundredths of what is limited: of cpu and memory the mean, cut down.
    pub(super) fn score(self, (cpu, memory): (Option<u64>, Option<u64>)) -> u64 {
        match (cpu, memory) {
            (Some(cpu), Some(memory)) => {
                u64::midpoint(part(self.cpu, cpu), part(self.memory, memory))
            }
            (Some(cpu), None) => part(self.cpu, cpu),
            (None, Some(memory)) => part(self.memory, memory),
            (None, None) => 0,
        }
    }
}

/// So many of a hundred, cut down.
pub(super) fn part(of: u64, all: u64) -> u64 {
    match of.checked_mul(100) {
        Some(hundred) => hundred.checked_div(all).unwrap_or(0),
        None => u64::try_from(u128::from(of) * 100 / u128::from(all.max(1))).unwrap_or(100),
    }
}

/// A node and what is taken of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Seat {
    /// Whether the node is there.
    pub(super) exists: bool,
    /// Nodes of one shape take the same pods, as far as these do not ask for labels.
    pub(super) shape: u16,
    pub(super) pods: u32,
    pub(super) most_pods: u32,
    pub(super) has: Amounts,
    pub(super) taken: Amounts,
}

impl Seat {
    /// What a node has of cpu and memory, as far as it is limited.
    pub(super) fn limits(&self) -> (Option<u64>, Option<u64>) {
        let limit = |amount: u64| Some(amount).filter(|it| *it > 0 && *it < u64::MAX);
        (limit(self.has.milli_cpu), limit(self.has.memory))
    }

    pub(super) fn free(&self) -> Room {
        Room {
            cpu: left(self.has.milli_cpu, self.taken.milli_cpu),
            memory: left(self.has.memory, self.taken.memory),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.pods >= self.most_pods
    }

    /// Hundredths that are free of cpu and of memory, added up.
    pub(super) fn level(&self) -> usize {
        let free = self.free();
        let level = match self.limits() {
            (Some(cpu), Some(memory)) => part(free.cpu, cpu) + part(free.memory, memory),
            limits => 2 * free.score(limits),
        };
        usize::try_from(level).unwrap_or(0).min(200)
    }

    /// Which resources are too short for a pod, by number; cpu, memory and storage come first.
    pub(super) fn lacks(&self, asks: &Amounts) -> Vec<usize> {
        let short = |asked: u64, has: u64, taken: u64| asked > 0 && asked > left(has, taken);
        let (has, taken) = (&self.has, &self.taken);
        let fixed = [
            short(asks.milli_cpu, has.milli_cpu, taken.milli_cpu),
            short(asks.memory, has.memory, taken.memory),
            short(asks.storage, has.storage, taken.storage),
        ];
        let others =
            (0..asks.others.len()).map(|it| short(asks.other(it), has.other(it), taken.other(it)));
        let all = fixed.into_iter().chain(others).enumerate();
        all.filter_map(|(number, is)| is.then_some(number))
            .collect()
    }

    /// Whether there is room for a pod.
    pub(super) fn has_room(&self, asks: &Amounts) -> bool {
        let room = Room {
            cpu: asks.milli_cpu,
            memory: asks.memory,
        };
        let simple = !self.is_full() && room.fits_in(self.free());
        simple && (is_plain(asks) || self.lacks(asks).is_empty())
    }
}

/// Of a resource without limit there is always as much.
const fn left(has: u64, taken: u64) -> u64 {
    if has == u64::MAX {
        has
    } else {
        has.saturating_sub(taken)
    }
}

/// Whether nothing but cpu and memory is asked for.
pub(super) fn is_plain(asks: &Amounts) -> bool {
    asks.storage == 0 && asks.others.is_empty()
}

/// The names of resources beyond cpu, memory and local storage, by their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn number(&mut self, name: &str) -> Resource {
        let known = self.0.iter().position(|it| it == name);
        known.unwrap_or_else(|| {
            self.0.push(name.to_owned());
            self.0.len() - 1
        })
    }

    /// The name of a number that [`Seat::lacks`] gave.
    pub(super) fn name(&self, number: usize) -> &str {
        const FIXED: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
        let other = || self.0.get(number - FIXED.len()).map_or("", String::as_str);
        FIXED.get(number).copied().unwrap_or_else(other)
    }
}

/// What nodes have in common that take the same pods, as far as labels do not matter.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// One of them, as it was.
    pub(super) example: StoredNode,
    pub(super) limits: (Option<u64>, Option<u64>),
}

/// The number of a node's shape.
pub(super) fn shape_of(
    node: &StoredNode,
    limits: (Option<u64>, Option<u64>),
    shapes: &mut Vec<Shape>,
) -> u16 {
    let same = |it: &Shape| {
        let example = &it.example;
        it.limits == limits
            && example.unschedulable == node.unschedulable
            && example.taints == node.taints
    };
    let known = shapes.iter().position(same);
    let place = known.unwrap_or_else(|| {
        let example = StoredNode {
            pods: IndexSet::new(),
            ..node.clone()
        };
        shapes.push(Shape { example, limits });
        shapes.len() - 1
    });
    u16::try_from(place).unwrap_or(u16::MAX)
}
