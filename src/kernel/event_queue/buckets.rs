//! Events that are far off, sorted no more than is needed to find the next of them.

use super::Entry;

/// Bits of a time that one level tells apart.
const DIGIT: u32 = 6;
/// The number of a level's buckets.
const WIDTH: usize = 1 << DIGIT;
/// The most entries of a bucket whose memory is kept.
const LARGE: usize = 512;
/// Levels that tell all 64 bits of a time apart.
pub(super) const LEVELS: u32 = u64::BITS.div_ceil(DIGIT);

/// Entries in buckets by time. The times that share all digits with `base` but the last so many
/// are not in here: they are near.
///
/// An entry is on the level of the highest digit in which its time differs from the base, in the
/// bucket of that digit. As no entry is earlier than the base, the entries of a level come before
/// all those of higher levels, and its buckets come one after the other.
#[derive(Clone, Debug)]
pub(super) struct Buckets<T> {
    base: u64,
    /// For each level which of its buckets have entries.
    filled: Vec<u64>,
    /// The buckets, level after level; as long as nothing is far off there are none.
    lists: Vec<Vec<Entry<T>>>,
    /// Memory of buckets that are empty.
    spare: Vec<Vec<Entry<T>>>,
}

/// How many of the last bits of a time stand for the digits up to a level.
const fn bits(level: u32) -> u32 {
    level * DIGIT
}

impl<T: Copy> Buckets<T> {
    pub(super) const fn new() -> Self {
        Self {
            base: 0,
            filled: Vec::new(),
            lists: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Makes that near time the base, if it is later than the base is. No filled bucket tells near
    /// times apart, so that the entries stay where they are.
    pub(super) fn advance(&mut self, first: u64, near: Reach) {
        let anew = near.end.is_none();
        self.base = if anew { first } else { self.base.max(first) };
    }

    /// The times that no level from that one on tells apart from the base, and earlier ones.
    pub(super) fn reach(&self, level: u32) -> Reach {
        Reach::of(self.base, level)
    }

    pub(super) fn clear(&mut self) {
        for level in 0..self.filled.len() {
            while self.filled[level] != 0 {
                let place = self.first_of(level);
                let mut bucket = self.take_bucket(level, place);
                bucket.clear();
                self.put_aside(bucket);
            }
        }
        self.base = 0;
    }

    /// Puts an entry into its bucket.
    pub(super) fn put(&mut self, entry: Entry<T>) {
        let time = entry.time();
        // As far as bits are concerned, a time that is the base's differs from it in the last.
        let level = ((time ^ self.base) | 1).ilog2() / DIGIT;
        let digit = usize::try_from((time >> bits(level)) & (WIDTH as u64 - 1)).unwrap_or(0);
        let level = level as usize;
        let Some(bucket) = self.lists.get_mut(level * WIDTH + digit) else {
            self.unfold();
            return self.put(entry);
        };
        if bucket.is_empty() {
            self.filled[level] |= 1 << digit;
            if let Some(spare) = self.spare.pop() {
                *bucket = spare;
            }
        }
        bucket.push(entry);
    }

    /// Makes the buckets, when the first entry comes.
    #[cold]
    fn unfold(&mut self) {
        self.filled.resize(LEVELS as usize, 0);
        self.lists.resize_with(LEVELS as usize * WIDTH, Vec::new);
    }

    /// Keeps the memory of an empty bucket. Much of it is given back: else each would have as much
    /// in the end as the fullest of them.
    fn put_aside(&mut self, bucket: Vec<Entry<T>>) {
        if bucket.capacity() <= LARGE {
            self.spare.push(bucket);
        }
    }

    fn first_of(&self, level: usize) -> usize {
        self.filled[level].trailing_zeros() as usize
    }

    fn take_bucket(&mut self, level: usize, place: usize) -> Vec<Entry<T>> {
        self.filled[level] &= !(1 << place);
        std::mem::take(&mut self.lists[level * WIDTH + place])
    }

    /// Moves the earliest entries to `near`: so many at most, unless all of them are of one time.
    /// The times that are near then; nothing if there are no entries.
    pub(super) fn take_next(&mut self, most: usize, near: &mut Vec<Entry<T>>) -> Option<Reach> {
        loop {
            let filled = (0..).zip(&self.filled);
            let level: u32 = filled.map(|it| (it.0, *it.1)).find(|it| it.1 != 0)?.0;
            let digit = self.first_of(level as usize);
            let mut bucket = self.take_bucket(level as usize, digit);
            // The digits above are those of the base; those below are 0 in the new one.
            let above = u64::MAX.checked_shl(bits(level + 1)).unwrap_or(0);
            self.base = (self.base & above) | (digit as u64) << bits(level);
            let few = bucket.len() <= most || level == 0;
            if few {
                near.append(&mut bucket);
            } else {
                for entry in bucket.drain(..) {
                    self.put(entry);
                }
            }
            self.put_aside(bucket);
            if few {
                return Some(Reach::of(self.base, level));
            }
        }
    }

    /// Drops the entries that `keep` does not want; how many are left.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) -> usize {
        let mut left = 0;
        for (place, bucket) in self.lists.iter_mut().enumerate() {
            bucket.retain(|entry| keep(&entry.event));
            left += bucket.len();
            if bucket.is_empty() {
                self.filled[place / WIDTH] &= !(1 << (place % WIDTH));
            }
        }
        left
    }
}

/// Up to where the times are near.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// The first time that is not near; nothing if all are.
    pub(super) end: Option<u64>,
    /// The level that tells no near times apart from each other and the base.
    pub(super) level: u32,
}

impl Reach {
    /// All times are near.
    pub(super) const ALL: Self = Self {
        end: None,
        level: LEVELS,
    };

    /// The times that differ from the base in digits below that level only, and earlier ones.
    const fn of(base: u64, level: u32) -> Self {
        let size = 1_u64.checked_shl(bits(level));
        let start = match size {
            Some(size) => base & !(size - 1),
            None => 0,
        };
        let end = match size {
            Some(size) => start.checked_add(size),
            None => None,
        };
        Self { end, level }
    }

    pub(super) fn has(&self, time: u64) -> bool {
        self.end.is_none_or(|end| time < end)
    }
}
