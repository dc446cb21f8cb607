//! A heap with four children per node: half as deep as a binary one, and the children of a node
//! lie side by side in memory.

use super::Entry;

/// No entry is later than the four at `4 * i + 1` and after, its children.
#[derive(Clone, Debug)]
pub(super) struct Heap<T>(Vec<Entry<T>>);

const CHILDREN: usize = 4;

impl<T: Copy> Heap<T> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn push(&mut self, entry: Entry<T>) {
        self.0.push(entry);
        self.sift_up(self.0.len() - 1, entry);
    }

    pub(super) fn pop(&mut self) -> Option<Entry<T>> {
        let last = self.0.pop()?;
        let Some(&first) = self.0.first() else {
            return Some(last);
        };
        let hole = self.sink_hole();
        self.sift_up(hole, last);
        Some(first)
    }

    pub(super) fn first(&self) -> Option<&Entry<T>> {
        self.0.first()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.0.retain(|entry| keep(&entry.event));
        // A sorted list is a heap, and this is rare enough to sort.
        self.0.sort_unstable_by_key(Entry::order);
    }

    /// Moves the hole at the root down to a leaf, along the earliest children.
    ///
    /// The entry to fill it with comes from the bottom and mostly belongs there: going all the
    /// way down without looking at it saves a comparison per level.
    fn sink_hole(&mut self) -> usize {
        let heap = self.0.as_mut_slice();
        let mut hole = 0;
        loop {
            let child = CHILDREN * hole + 1;
            let family = child.min(heap.len())..(child + CHILDREN).min(heap.len());
            let Some(earliest) = family.min_by_key(|it| heap[*it].order()) else {
                return hole;
            };
            heap[hole] = heap[earliest];
            hole = earliest;
        }
    }

    /// Puts `entry` into the hole, or higher up where its parent would be later than it.
    fn sift_up(&mut self, mut hole: usize, entry: Entry<T>) {
        let heap = self.0.as_mut_slice();
        while hole > 0 {
            let parent = (hole - 1) / CHILDREN;
            if entry.order() >= heap[parent].order() {
                break;
            }
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = entry;
    }
}
