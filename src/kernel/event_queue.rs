//! What is going to happen, in the order in which it will.
//!
//! A heap with four children per node: half as deep as a binary one, and the children of a node
//! lie side by side in memory. Three events fit into a root and its children; a hundred thousand
//! into nine levels.

use crate::base::Instant;

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
    /// No entry is later than the four at `4 * i + 1` and after, its children.
    heap: Vec<Entry<T>>,
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

const CHILDREN: usize = 4;

impl<T> Entry<T> {
    /// Time and rank as one number: comparing it takes no branch, which could only be guessed.
    fn order(&self) -> i128 {
        i128::from(self.at.micros()) << 64 | i128::from(self.rank)
    }

    fn is_before(&self, other: &Self) -> bool {
        self.order() < other.order()
    }
}

impl<T: Copy> EventQueue<T> {
    /// An empty queue, without memory of its own.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            heap: Vec::new(),
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
        self.heap.push(entry);
        self.peak = self.peak.max(self.heap.len());
        self.sift_up(self.heap.len() - 1, entry);
    }

    /// Takes out the next event and the instant it happens at.
    pub fn pop(&mut self) -> Option<(Instant, T)> {
        let last = self.heap.pop()?;
        let Some(&first) = self.heap.first() else {
            return Some((last.at, last.event));
        };
        let hole = self.sink_hole();
        self.sift_up(hole, last);
        Some((first.at, first.event))
    }

    /// When the next event happens.
    #[must_use]
    pub fn next_time(&self) -> Option<Instant> {
        self.heap.first().map(|entry| entry.at)
    }

    /// How many events are pending.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether no events are pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The most events that were pending at once, since the queue was made or cleared.
    #[must_use]
    pub const fn peak(&self) -> usize {
        self.peak
    }

    /// Drops the events that `keep` does not want; the others keep their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.heap.retain(|entry| keep(&entry.event));
        // A sorted list is a heap, and this is rare enough to sort.
        self.heap.sort_unstable_by_key(Entry::order);
    }

    /// Makes the queue as new, but keeps its memory.
    pub fn clear(&mut self) {
        self.heap.clear();
        self.pushed = 0;
        self.peak = 0;
    }

    /// Moves the hole at the root down to a leaf, along the earliest children.
    ///
    /// The entry to fill it with comes from the bottom and mostly belongs there: going all the
    /// way down without looking at it saves a comparison per level.
    fn sink_hole(&mut self) -> usize {
        let heap = self.heap.as_mut_slice();
        let mut hole = 0;
        loop {
            let child = CHILDREN * hole + 1;
            let earliest = if let Some([a, b, c, d]) = heap.get(child..child + CHILDREN) {
                let (a, b, c, d) = (a.order(), b.order(), c.order(), d.order());
                let left = usize::from(b < a);
                let right = 2 + usize::from(d < c);
                child + if c.min(d) < a.min(b) { right } else { left }
            } else {
                // The last family may be incomplete, and it has no children.
                let mut rest = child..heap.len();
                let Some(mut earliest) = rest.next() else {
                    return hole;
                };
                for other in rest {
                    if heap[other].is_before(&heap[earliest]) {
                        earliest = other;
                    }
                }
                earliest
            };
            heap[hole] = heap[earliest];
            hole = earliest;
        }
    }

    /// Puts `entry` into the hole, or higher up where its parent would be later than it.
    fn sift_up(&mut self, mut hole: usize, entry: Entry<T>) {
        let heap = self.heap.as_mut_slice();
        while hole > 0 {
            let parent = (hole - 1) / CHILDREN;
            if !entry.is_before(&heap[parent]) {
                break;
            }
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = entry;
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

    /// A push of (time, class), or a pop.
    fn step() -> impl Strategy<Value = Option<(i64, u8)>> {
        prop_oneof![3 => (0..20_i64, 0..3_u8).prop_map(Some), 2 => Just(None)]
    }

    proptest! {
        #[test]
        fn events_come_by_time_class_and_insertion(steps in prop::collection::vec(step(), 0..300)) {
            let (mut queue, mut oracle, mut peak) = (EventQueue::new(), Vec::new(), 0);
            for (n, step) in steps.into_iter().enumerate() {
                if let Some((at, class)) = step {
                    queue.push(Instant::from_micros(at), class, n);
                    oracle.push((Instant::from_micros(at), class, n));
                    oracle.sort_unstable();
                } else {
                    let next = (!oracle.is_empty()).then(|| oracle.remove(0));
                    prop_assert_eq!(queue.pop(), next.map(|(at, _, n)| (at, n)));
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
    }
}
