//! A sort that leaves equal elements where Go's `sort.Sort` leaves them.
//!
//! Neither is stable, but both are deterministic: with the same input, equal elements end up in
//! the same order. Programs in Go (Kubernetes is one) let that order decide, for example, which
//! of several equal pods is deleted first, so a model of them has to know it. The algorithm is
//! pattern-defeating quicksort (Peters 2021, arXiv 2106.05123) in the variant of Go 1.19 and
//! later: insertion sort up to 12 elements, ninther pivots from 50 on, heap sort as a last resort.

/// Sorts by `less`, a strict weak order.
pub fn sort_as_go<T>(data: &mut [T], less: impl FnMut(&T, &T) -> bool) {
    let limit = usize::BITS - data.len().leading_zeros();
    let end = data.len();
    Sorter { data, less }.quick(0, end, limit);
}

/// What the choice of a pivot tells of the range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    Unknown,
    Increasing,
    Decreasing,
}

struct Sorter<'a, T, L> {
    data: &'a mut [T],
    less: L,
}

impl<T, L: FnMut(&T, &T) -> bool> Sorter<'_, T, L> {
    fn less(&mut self, a: usize, b: usize) -> bool {
        (self.less)(&self.data[a], &self.data[b])
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.data.swap(a, b);
    }

    fn quick(&mut self, mut from: usize, mut to: usize, mut limit: u32) {
        let (mut balanced, mut partitioned) = (true, true);
        loop {
            let len = to - from;
            if len <= 12 {
                return self.insertion(from, to);
            }
            if limit == 0 {
                return self.heap(from, to);
            }
            if !balanced {
                self.break_patterns(from, to);
                limit -= 1;
            }
            let (mut pivot, mut hint) = self.choose_pivot(from, to);
            if hint == Hint::Decreasing {
                self.data[from..to].reverse();
                pivot = (to - 1) - (pivot - from);
                hint = Hint::Increasing;
            }
            let likely_sorted = balanced && partitioned && hint == Hint::Increasing;
            if likely_sorted && self.partial_insertion(from, to) {
                return;
            }
            // Nothing here is less than what lies before: many equals.
            if from > 0 && !self.less(from - 1, pivot) {
                from = self.partition_equal(from, to, pivot);
                continue;
            }
            let (middle, already) = self.partition(from, to, pivot);
            partitioned = already;
            let (left, right) = (middle - from, to - middle);
            if left < right {
                balanced = left >= len / 8;
                self.quick(from, middle, limit);
                from = middle + 1;
            } else {
                balanced = right >= len / 8;
                self.quick(middle + 1, to, limit);
                to = middle;
            }
        }
    }

    fn insertion(&mut self, from: usize, to: usize) {
        for place in from + 1..to {
            self.sink(place, from);
        }
    }

    /// Moves the element down, no further than `floor`.
    fn sink(&mut self, place: usize, floor: usize) {
        let mut at = place;
        while at > floor && self.less(at, at - 1) {
            self.swap(at, at - 1);
            at -= 1;
        }
    }

    fn heap(&mut self, from: usize, to: usize) {
        let len = to - from;
        for root in (0..=(len - 1) / 2).rev() {
            self.sift_down(root, len, from);
        }
        for last in (0..len).rev() {
            self.swap(from, from + last);
            self.sift_down(0, last, from);
        }
    }

    fn sift_down(&mut self, mut root: usize, len: usize, from: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= len {
                return;
            }
            if child + 1 < len && self.less(from + child, from + child + 1) {
                child += 1;
            }
            if !self.less(from + root, from + child) {
                return;
            }
            self.swap(from + root, from + child);
            root = child;
        }
    }

    /// Splits into less than the pivot, the pivot, and the others; whether it was so before.
    fn partition(&mut self, from: usize, to: usize, pivot: usize) -> (usize, bool) {
        self.swap(from, pivot);
        let (mut low, mut high) = (from + 1, to - 1);
        let mut already = true;
        loop {
            while low <= high && self.less(low, from) {
                low += 1;
            }
            while low <= high && !self.less(high, from) {
                high -= 1;
            }
            if low > high {
                self.swap(high, from);
                return (high, already);
            }
            already = false;
            self.swap(low, high);
            low += 1;
            high -= 1;
        }
    }

    /// Splits into equal to the pivot and greater; nothing is less.
    fn partition_equal(&mut self, from: usize, to: usize, pivot: usize) -> usize {
        self.swap(from, pivot);
        let (mut low, mut high) = (from + 1, to - 1);
        loop {
            while low <= high && !self.less(from, low) {
                low += 1;
            }
            while low <= high && self.less(from, high) {
                high -= 1;
            }
            if low > high {
                return low;
            }
            self.swap(low, high);
            low += 1;
            high -= 1;
        }
    }

    /// Mends up to five places that are out of order; whether that sorted the range.
    fn partial_insertion(&mut self, from: usize, to: usize) -> bool {
        let mut place = from + 1;
        for _ in 0..5 {
            while place < to && !self.less(place, place - 1) {
                place += 1;
            }
            if place == to {
                return true;
            }
            if to - from < 50 {
                return false;
            }
            self.swap(place, place - 1);
            if place - from >= 2 {
                // Go looks on below the range here, where nothing is greater.
                self.sink(place - 1, 0);
            }
            if to - place >= 2 {
                let mut at = place + 1;
                while at < to && self.less(at, at - 1) {
                    self.swap(at, at - 1);
                    at += 1;
                }
            }
        }
        false
    }

    /// Scatters three elements, by a generator that is seeded with the length.
    fn break_patterns(&mut self, from: usize, to: usize) {
        let len = to - from;
        let mut random = len as u64;
        let mask = (1u64 << (u64::BITS - (len as u64).leading_zeros())) - 1;
        let first = from + (len / 4) * 2 - 1;
        for place in first..first + 3 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            // The mask is less than twice the length, so this fits.
            let mut other = usize::try_from(random & mask).unwrap_or(0);
            if other >= len {
                other -= len;
            }
            self.swap(place, from + other);
        }
    }

    fn choose_pivot(&mut self, from: usize, to: usize) -> (usize, Hint) {
        let len = to - from;
        let mut swaps = 0;
        let [mut low, mut middle, mut high] = [1, 2, 3].map(|it| from + len / 4 * it);
        if len >= 50 {
            low = self.median([low - 1, low, low + 1], &mut swaps);
            middle = self.median([middle - 1, middle, middle + 1], &mut swaps);
            high = self.median([high - 1, high, high + 1], &mut swaps);
        }
        middle = self.median([low, middle, high], &mut swaps);
        let hint = match swaps {
            0 => Hint::Increasing,
            12 => Hint::Decreasing,
            _ => Hint::Unknown,
        };
        (middle, hint)
    }

    fn median(&mut self, mut places: [usize; 3], swaps: &mut u32) -> usize {
        for (a, b) in [(0, 1), (1, 2), (0, 1)] {
            if self.less(places[b], places[a]) {
                places.swap(a, b);
                *swaps += 1;
            }
        }
        places[1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sorts numbers by their tens, and gives the order of all.
    fn by_tens(numbers: &[u32]) -> Vec<u32> {
        let mut data = numbers.to_vec();
        sort_as_go(&mut data, |a, b| a / 10 < b / 10);
        data
    }

    #[test]
    fn up_to_twelve_equal_elements_keep_their_order() {
        assert_eq!(by_tens(&[21, 10, 22, 11, 20]), [10, 11, 21, 22, 20]);
    }

    /// FNV-1a over the order of `len` elements with these keys.
    fn order(len: u64, key: impl Fn(u64) -> u64) -> u64 {
        let mut data: Vec<u64> = (0..len).map(|it| key(it) * 1000 + it).collect();
        sort_as_go(&mut data, |a, b| a / 1000 < b / 1000);
        let fold = |hash: u64, it: &u64| (hash ^ (it % 1000)).wrapping_mul(1_099_511_628_211);
        data.iter().fold(14_695_981_039_346_656_037, fold)
    }

    #[test]
    fn more_are_left_as_go_leaves_them() {
        // What `sort.Sort` of Go 1.26 makes of the same lists.
        for (len, mixed, one_less, falling) in [
            (
                29,
                9594995738306529031,
                2655142489923190287,
                7350659610636868875,
            ),
            (
                200,
                13289118495526876187,
                18343218332878539903,
                10603669721795879635,
            ),
        ] {
            assert_eq!(order(len, |it| it * 7 % 5), mixed);
            assert_eq!(order(len, |it| u64::from(it != len / 2)), one_less);
            assert_eq!(order(len, |it| (len - it) / 3), falling);
        }
    }

    proptest! {
        #[test]
        fn everything_gets_sorted(mut numbers in proptest::collection::vec(0u32..40, 0..400)) {
            let mut sorted = numbers.clone();
            sorted.sort_unstable();
            sort_as_go(&mut numbers, |a, b| a < b);
            prop_assert_eq!(numbers, sorted);
        }
    }
}
