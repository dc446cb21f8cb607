//! What is going to happen, in the order in which it will.
//!
//! The next few events lie in a list in their order: of a small Job all of them. Those that are
//! far off wait in buckets by time, unsorted, until nothing before them is left. So an event is
//! moved a few times, however many others there are. A heap takes what is too much for the list
//! at one instant.

mod buckets;
mod heap;

use crate::base::Instant;
use buckets::{Buckets, Reach};
use heap::Heap;
use std::cmp::Reverse;

/// Events that have not happened yet, in a total order: time, then class, then insertion.
///
/// The *class* is a priority among events of the same instant, smaller first. It is the caller's
/// to define, as a documented order of actors, so that ties are never decided by accident. Events
/// of the same instant and class come in the order in which they were pushed.
///
/// The queue does not know what time it is: an event pushed for a moment that has passed is
/// simply the next one.
///
/// ```
/// use dryjob::base::Instant;
/// use dryjob::kernel::EventQueue;
///
/// let mut queue = EventQueue::new();
/// queue.push(Instant::from_micros(20), 1, "late");
/// queue.push(Instant::from_micros(10), 1, "second");
/// queue.push(Instant::from_micros(10), 0, "first, of a class that goes first");
/// queue.push(Instant::from_micros(10), 1, "third");
/// assert_eq!(queue.pop(), Some((Instant::from_micros(10), "first, of a class that goes first")));
/// assert_eq!(queue.pop(), Some((Instant::from_micros(10), "second")));
/// assert_eq!(queue.pop(), Some((Instant::from_micros(10), "third")));
/// assert_eq!(queue.next_time(), Some(Instant::from_micros(20)));
/// ```
#[derive(Clone, Debug)]
pub struct EventQueue<T> {
    /// The near entries, the next of them last.
    near: Vec<Entry<T>>,
    /// Near entries too, where the list is full.
    crowd: Heap<T>,
    /// Which times are near. Nothing is far off as long as nothing is near.
    reach: Reach,
    /// The other entries, all of them later.
    far: Buckets<T>,
    len: usize,
    /// Events pushed so far; 2⁵⁶ of them, a thousand years at a million pushes a second.
    pushed: u64,
    peak: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry<T> {
    at: Instant,
    /// The class in the top 8 bits, the number of the push below.
    rank: u64,
    event: T,
}

/// So many entries the list has at most, if they are not all of one instant.
const MANY: usize = 48;
/// To so many it is cut when it is full.
const FEW: usize = 40;

impl<T> Entry<T> {
    /// The time as a number without sign, in the same order.
    #[allow(clippy::cast_sign_loss)] // the sign becomes the highest bit
    const fn time(&self) -> u64 {
        self.at.micros() as u64 ^ (1 << 63)
    }

    /// Time and rank as one number: comparing it takes no branch, which could only be guessed.
    const fn order(&self) -> u128 {
        (self.time() as u128) << 64 | self.rank as u128
    }
}

impl<T: Copy> EventQueue<T> {
    /// An empty queue, without memory of its own.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            near: Vec::new(),
            crowd: Heap::new(),
            reach: Reach::ALL,
            far: Buckets::new(),
            len: 0,
            pushed: 0,
            peak: 0,
        }
    }

    /// Plans `event` for the instant `at`.
    pub fn push(&mut self, at: Instant, class: u8, event: T) {
        let entry = Entry {
            at,
            rank: u64::from(class) << 56 | self.pushed,
            event,
        };
        self.pushed += 1;
        self.len += 1;
        self.peak = self.peak.max(self.len);
        if self.near.len() >= MANY && self.reach.level > 0 {
            self.thin_out();
        }
        if !self.reach.has(entry.time()) {
            self.far.put(entry);
        } else if self.near.len() < MANY {
            self.insert(entry);
        } else {
            self.crowd.push(entry);
        }
    }

    /// Puts an entry into the list, which is short.
    fn insert(&mut self, entry: Entry<T>) {
        let order = entry.order();
        let mut hole = self.near.len();
        self.near.push(entry);
        while hole > 0 && self.near[hole - 1].order() < order {
            self.near[hole] = self.near[hole - 1];
            hole -= 1;
        }
        self.near[hole] = entry;
    }

    /// Takes out the next event and the instant it happens at.
    pub fn pop(&mut self) -> Option<(Instant, T)> {
        let next = if self.crowd_is_first() {
            self.crowd.pop()?
        } else {
            self.near.pop()?
        };
        self.len -= 1;
        if self.near.is_empty() && self.crowd.first().is_none() {
            self.come_near();
        }
        Some((next.at, next.event))
    }

    fn crowd_is_first(&self) -> bool {
        let Some(crowd) = self.crowd.first() else {
            return false;
        };
        let near = self.near.last();
        near.is_none_or(|near| crowd.order() < near.order())
    }

    /// When the next event happens.
    #[must_use]
    pub fn next_time(&self) -> Option<Instant> {
        let next = if self.crowd_is_first() {
            self.crowd.first()
        } else {
            self.near.last()
        };
        next.map(|entry| entry.at)
    }

    /// How many events are pending.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether no events are pending.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The most events that were pending at once, since the queue was made or cleared.
    #[must_use]
    pub const fn peak(&self) -> usize {
        self.peak
    }

    /// Drops the events that `keep` does not want; the others keep their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.near.retain(|entry| keep(&entry.event));
        self.crowd.retain(&mut keep);
        let far = self.far.retain(keep);
        self.len = self.near.len() + self.crowd.len() + far;
        if self.near.is_empty() && self.crowd.first().is_none() {
            self.come_near();
        }
    }

    /// Makes the queue as new, but keeps its memory.
    pub fn clear(&mut self) {
        self.near.clear();
        self.crowd.clear();
        self.far.clear();
        self.reach = Reach::ALL;
        self.len = 0;
        self.pushed = 0;
        self.peak = 0;
    }

    /// Nothing near is left: what comes next is near from now on.
    fn come_near(&mut self) {
        let reach = self.far.take_next(FEW, &mut self.near);
        self.reach = reach.unwrap_or(Reach::ALL);
        self.near.sort_unstable_by_key(|it| Reverse(it.order()));
    }

    /// The list is full: makes fewer times near, and moves away what is at others.
    #[cold]
    fn thin_out(&mut self) {
        let first = self.near.last().map_or(0, Entry::time);
        self.far.advance(first, self.reach);
        while self.reach.level > 0 && self.near.len() > FEW {
            self.reach = self.far.reach(self.reach.level - 1);
            let reach = self.reach;
            let far = self.near.partition_point(|it| !reach.has(it.time()));
            for entry in self.near.drain(..far) {
                self.far.put(entry);
            }
        }
    }
}

impl<T: Copy> Default for EventQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_entry_with_a_small_event_has_24_bytes() {
        assert_eq!(size_of::<Entry<u64>>(), 24);
    }

    #[test]
    fn a_cleared_queue_is_as_new() {
        let mut queue = EventQueue::new();
        queue.push(Instant::from_micros(3), 0, 'a');
        queue.push(Instant::from_micros(1), 0, 'b');
        assert_eq!((queue.len(), queue.peak()), (2, 2));
        queue.clear();
        assert!(queue.is_empty());
        assert_eq!(
            (queue.pop(), queue.next_time(), queue.peak()),
            (None, None, 0)
        );
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Push(i64, u8),
        Pop,
        /// Drops a third of the events.
        Thin,
    }

    /// Times that differ by little, by much, and as much as they can, before the origin and after.
    fn at() -> impl Strategy<Value = i64> {
        prop_oneof![
            4 => 0..20_i64,
            4 => 0..3000_i64,
            2 => -1_000_000..1_000_000_i64,
            1 => any::<i64>(),
        ]
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            300 => (at(), 0..3_u8).prop_map(|(at, class)| Step::Push(at, class)),
            200 => Just(Step::Pop),
            1 => Just(Step::Thin),
        ]
    }

    proptest! {
        #[test]
        fn events_come_by_time_class_and_insertion(steps in prop::collection::vec(step(), 0..900)) {
            let (mut queue, mut oracle, mut peak) = (EventQueue::new(), Vec::new(), 0);
            for (n, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push(at, class) => {
                        queue.push(Instant::from_micros(at), class, n);
                        oracle.push((Instant::from_micros(at), class, n));
                        oracle.sort_unstable();
                    }
                    Step::Pop => {
                        let next = (!oracle.is_empty()).then(|| oracle.remove(0));
                        prop_assert_eq!(queue.pop(), next.map(|(at, _, n)| (at, n)));
                    }
                    Step::Thin => {
                        queue.retain(|n| n % 3 > 0);
                        oracle.retain(|(.., n)| n % 3 > 0);
                    }
                }
                peak = peak.max(oracle.len());
                prop_assert_eq!(queue.len(), oracle.len());
                prop_assert_eq!(queue.peak(), peak);
                prop_assert_eq!(queue.next_time(), oracle.first().map(|&(at, ..)| at));
            }
            for (at, _, n) in oracle {
                prop_assert_eq!(queue.pop(), Some((at, n)));
            }
            prop_assert!(queue.is_empty());
        }

        /// As a run does: each event brings another one, a little later or much later.
        #[test]
        fn many_events_come_in_order(
            first in prop::collection::vec(0..1_000_000_i64, 100..400),
            later in prop::collection::vec(prop_oneof![0..3_i64, 0..5000_i64, 0..900_000_i64], 400),
        ) {
            let mut queue = EventQueue::new();
            let mut oracle = std::collections::BTreeSet::new();
            for (n, at) in first.iter().enumerate() {
                queue.push(Instant::from_micros(*at), 1, n);
                oracle.insert((*at, n));
            }
            for (n, after) in (first.len()..).zip(&later) {
                let (at, event) = oracle.pop_first().unwrap();
                prop_assert_eq!(queue.pop(), Some((Instant::from_micros(at), event)));
                queue.push(Instant::from_micros(at + after), 1, n);
                oracle.insert((at + after, n));
            }
            for (at, n) in oracle {
                prop_assert_eq!(queue.pop(), Some((Instant::from_micros(at), n)));
            }
        }
    }
}
