//! Sets of small numbers as bitmaps of two levels.
//!
//! One bit per number, and above them one bit per word of 64 numbers that says whether the word
//! holds any. A million members take 125 kB; looking for the next member skips 4096 absent
//! numbers at a time, so a set with a few members far up costs little more than the few.

use std::hash::{Hash, Hasher};
use std::ops::Range;

mod bitmap;
mod text;

use bitmap::Bitmap;
pub use text::ParseIndexSetError;

/// Numbers per word of the bitmap, and words per word of the summary.
const WIDTH: usize = 64;

/// A set of numbers from 0 to 2³² − 1, kept as a bitmap.
///
/// Members that lie close together, all in one word, take no memory of their own. Beyond that
/// memory is driven by how far apart the members are: one bit for each number from about the
/// smallest to the largest (a million: 125 kB; 2³²: 512 MB). Bound numbers that come from outside
/// before they get here. Memory is given back only when the set is dropped.
///
/// Its text form lists the members with ranges for three and more in a row:
///
/// ```
/// use dryjob::base::IndexSet;
///
/// let set: IndexSet = [5, 0, 1, 2, 7, 8].into_iter().collect();
/// assert_eq!(set.to_string(), "0-2,5,7,8");
/// assert_eq!("0-2,5,7,8".parse(), Ok(set));
/// ```
#[derive(Default)]
pub struct IndexSet {
    /// All members, while they are in one word: that word. 0 where there is a bitmap.
    bits: u64,
    /// Which word that is.
    at: u32,
    /// The members, once there were some in several words.
    wide: Option<Box<Bitmap>>,
}

impl IndexSet {
    /// An empty set, without memory of its own.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bits: 0,
            at: 0,
            wide: None,
        }
    }

    /// Makes `number` a member; true if it was not one before.
    pub fn insert(&mut self, number: u32) -> bool {
        let (at, bit) = place(number);
        self.set(at, bit)
    }

    /// Makes all numbers of the range members, 64 at a time.
    pub fn insert_range(&mut self, range: Range<u32>) {
        if range.is_empty() {
            return;
        }
        let (first, last) = (place(range.start).0, place(range.end - 1).0);
        if first != last {
            self.widened().make_room(first, last);
        }
        for at in first..=last {
            self.set(at, mask_of(at, &range));
        }
    }

    /// Makes `number` no member; true if it was one before.
    pub fn remove(&mut self, number: u32) -> bool {
        let (at, bit) = place(number);
        let word = self.word(at);
        if word & bit == 0 {
            return false;
        }
        self.keep(at, word & !bit);
        true
    }

    /// Whether `number` is a member.
    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        let (at, bit) = place(number);
        self.word(at) & bit != 0
    }

    /// How many members there are; saturates at 2³² − 1. A stored number, not a count.
    #[must_use]
    pub fn len(&self) -> u32 {
        match &self.wide {
            Some(wide) => u32::try_from(wide.len()).unwrap_or(u32::MAX),
            None => self.bits.count_ones(),
        }
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.wide {
            Some(wide) => wide.len() == 0,
            None => self.bits == 0,
        }
    }

    /// Removes all members and keeps the memory.
    ///
    /// The cost follows what is set, not what was ever set: only words with members are touched.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Removes the members from `bound` on.
    pub fn truncate(&mut self, bound: u32) {
        let (first, bit) = place(bound);
        let mut from = first;
        while let Some(at) = self.next_word(from) {
            let kept = if at == first {
                self.word(at) & (bit - 1)
            } else {
                0
            };
            self.keep(at, kept);
            from = at + 1;
        }
    }

    /// The smallest member.
    #[must_use]
    pub fn first(&self) -> Option<u32> {
        let at = self.next_word(0)?;
        Some(number(at, self.word(at).trailing_zeros()))
    }

    /// The largest member.
    #[must_use]
    pub fn last(&self) -> Option<u32> {
        let at = match &self.wide {
            Some(wide) => wide.last_word()?,
            None => self.next_word(0)?,
        };
        Some(number(at, self.word(at).ilog2()))
    }

    /// The members, ascending.
    #[must_use]
    pub fn iter(&self) -> Members<'_> {
        Members {
            set: self,
            at: 0,
            bits: self.word(0),
            end: u64::from(u32::MAX) + 1,
        }
    }

    /// The members in the range, ascending.
    #[must_use]
    pub fn range(&self, range: Range<u32>) -> Members<'_> {
        let (at, bit) = place(range.start);
        let bits = self.word(at) & !(bit - 1);
        Members {
            set: self,
            at,
            bits,
            end: u64::from(range.end),
        }
    }

    /// How many members are smaller than `bound`.
    #[must_use]
    pub fn count_below(&self, bound: u32) -> u32 {
        if self.last().is_none_or(|last| last < bound) {
            return self.len();
        }
        let (last, bit) = place(bound);
        let before = self.wide.as_ref().map_or(0, |it| it.count_before(last));
        before + (self.word(last) & (bit - 1)).count_ones()
    }

    /// How many numbers are members of both sets; saturates at 2³² − 1.
    #[must_use]
    pub fn intersection_len(&self, other: &Self) -> u32 {
        let shared = self.blocks().map(|at| self.word(at) & other.word(at));
        let count: u64 = shared.map(|bits| u64::from(bits.count_ones())).sum();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The runs of members, ascending, each as its first and its last member.
    pub fn iter_intervals(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let mut from = Some(0);
        std::iter::from_fn(move || {
            let first = self.range_from(from?).next()?;
            let last = self.last_of_run(first);
            // Two runs have a gap between them, so the next one starts past `last + 1`.
            from = last.checked_add(2);
            Some((first, last))
        })
    }

    /// The members from `first` on.
    fn range_from(&self, first: u32) -> Members<'_> {
        Members {
            end: u64::from(u32::MAX) + 1,
            ..self.range(first..first)
        }
    }

    /// The last member of the run that `member` is in.
    fn last_of_run(&self, member: u32) -> u32 {
        let (mut at, bit) = place(member);
        let mut gaps = !self.word(at) & !(bit - 1);
        while gaps == 0 {
            // Beyond the last member there are gaps only.
            at += 1;
            gaps = !self.word(at);
        }
        // At 2³² − 1 the gap is the number after the last one, which exists here as a word only.
        number_before(at, gaps.trailing_zeros())
    }

    /// The places of the words that hold members, ascending.
    fn blocks(&self) -> impl Iterator<Item = usize> + '_ {
        let mut from = 0;
        std::iter::from_fn(move || {
            let at = self.next_word(from)?;
            from = at + 1;
            Some(at)
        })
    }

    /// Sets the bits of word `at`; true if none of them was set before.
    fn set(&mut self, at: usize, bits: u64) -> bool {
        if self.wide.is_none() && (self.bits == 0 || self.at as usize == at) {
            let fresh = self.bits & bits == 0;
            self.at = word_number(at);
            self.bits |= bits;
            return fresh;
        }
        self.widened().set(at, bits)
    }

    /// The bitmap, made where there is none yet.
    fn widened(&mut self) -> &mut Bitmap {
        let (at, bits) = (self.at as usize, std::mem::take(&mut self.bits));
        self.wide.get_or_insert_with(|| {
            let mut wide = Box::<Bitmap>::default();
            if bits != 0 {
                wide.set(at, bits);
            }
            wide
        })
    }

    /// The word at `at`, 0 where nothing is kept.
    fn word(&self, at: usize) -> u64 {
        match &self.wide {
            Some(wide) => wide.word(at),
            None if self.at as usize == at => self.bits,
            None => 0,
        }
    }

    /// The first word at or after `from` that holds members.
    fn next_word(&self, from: usize) -> Option<usize> {
        match &self.wide {
            Some(wide) => wide.next_word(from),
            None => Some(self.at as usize).filter(|at| self.bits != 0 && *at >= from),
        }
    }

    /// Replaces a word that exists by one with fewer members.
    fn keep(&mut self, at: usize, kept: u64) {
        match &mut self.wide {
            Some(wide) => wide.keep(at, kept),
            None => self.bits = kept,
        }
    }
}

/// The numbers of the range that are in none of the sets, ascending; looks at 64 at a time.
///
/// ```
/// use dryjob::base::{IndexSet, absent};
///
/// let (done, running) = (IndexSet::from_iter([0, 1, 4]), IndexSet::from_iter([2]));
/// assert_eq!(absent(&[&done, &running], 0..7).collect::<Vec<_>>(), [3, 5, 6]);
/// ```
pub fn absent<'a>(
    sets: &'a [&'a IndexSet],
    range: Range<u32>,
) -> impl Iterator<Item = u32> + use<'a> {
    let gaps = move |at: usize, range: &Range<u32>| {
        mask_of(at, range) & !sets.iter().fold(0, |bits, set| bits | set.word(at))
    };
    let mut at = place(range.start).0;
    let past = if range.is_empty() {
        at
    } else {
        place(range.end - 1).0 + 1
    };
    let mut bits = if at < past { gaps(at, &range) } else { 0 };
    std::iter::from_fn(move || {
        while bits == 0 && at + 1 < past {
            at += 1;
            bits = gaps(at, &range);
        }
        let next = (bits != 0).then(|| number(at, bits.trailing_zeros()));
        bits &= bits.wrapping_sub(1);
        next
    })
}

/// The members of a set, ascending; made by [`IndexSet::iter`] and [`IndexSet::range`].
#[derive(Clone, Debug)]
pub struct Members<'a> {
    set: &'a IndexSet,
    /// The word that `bits` is from.
    at: usize,
    /// What is left of that word.
    bits: u64,
    /// Numbers from here on are not given out.
    end: u64,
}

impl Iterator for Members<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.bits == 0 {
            self.at = self.set.next_word(self.at + 1)?;
            self.bits = self.set.word(self.at);
        }
        let next = number(self.at, self.bits.trailing_zeros());
        if u64::from(next) >= self.end {
            return None;
        }
        self.bits &= self.bits - 1;
        Some(next)
    }
}

impl std::iter::FusedIterator for Members<'_> {}

impl<'a> IntoIterator for &'a IndexSet {
    type Item = u32;
    type IntoIter = Members<'a>;
    fn into_iter(self) -> Members<'a> {
        self.iter()
    }
}

impl Extend<u32> for IndexSet {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, numbers: I) {
        for number in numbers {
            self.insert(number);
        }
    }
}

impl FromIterator<u32> for IndexSet {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut set = Self::new();
        set.extend(numbers);
        set
    }
}

impl Clone for IndexSet {
    fn clone(&self) -> Self {
        Self {
            bits: self.bits,
            at: self.at,
            wide: self.wide.clone(),
        }
    }

    /// Keeps the memory of `self`, and touches only words that have or had members.
    fn clone_from(&mut self, source: &Self) {
        match (&mut self.wide, &source.wide) {
            (Some(wide), Some(source)) => (**wide).clone_from(source),
            (Some(_), None) => {
                self.clear();
                if source.bits != 0 {
                    self.set(source.at as usize, source.bits);
                }
            }
            (None, _) => *self = source.clone(),
        }
    }
}

impl PartialEq for IndexSet {
    fn eq(&self, other: &Self) -> bool {
        // With as many members on both sides, none can lie where only one of them has words.
        self.len() == other.len() && self.blocks().all(|at| self.word(at) == other.word(at))
    }
}

impl Eq for IndexSet {}

impl Hash for IndexSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        for at in self.blocks() {
            (at, self.word(at)).hash(state);
        }
    }
}

/// The word that `number` is in, and its bit there.
const fn place(number: u32) -> (usize, u64) {
    (number as usize / WIDTH, 1 << (number % 64))
}

/// A word's place, as it is kept.
#[allow(clippy::cast_possible_truncation)] // words are made for numbers that are u32
const fn word_number(at: usize) -> u32 {
    at as u32
}

/// The number at bit `bit` of word `at`.
#[allow(clippy::cast_possible_truncation)] // words are made for numbers that are u32
const fn number(at: usize, bit: u32) -> u32 {
    at as u32 * 64 + bit
}

/// The number before the one at bit `bit` of word `at`, which may be the one after 2³² − 1.
#[allow(clippy::cast_possible_truncation)] // the difference is a member, so it is a u32
const fn number_before(at: usize, bit: u32) -> u32 {
    (at as u64 * 64 + bit as u64 - 1) as u32
}

/// The bits of word `at` that stand for numbers of the range.
fn mask_of(at: usize, range: &Range<u32>) -> u64 {
    let ((first, low), (last, high)) = (place(range.start), place(range.end));
    let from = if at == first { !(low - 1) } else { u64::MAX };
    let below = if at == last { high - 1 } else { u64::MAX };
    from & below
}

/// The first word at or after `from` that holds members.
fn next_word(summary: &[u64], from: usize) -> Option<usize> {
    let block = from / WIDTH;
    let bits = summary.get(block)? & (u64::MAX << (from % WIDTH));
    if bits != 0 {
        return Some(block * WIDTH + bits.trailing_zeros() as usize);
    }
    let block = block + 1 + summary[block + 1..].iter().position(|&bits| bits != 0)?;
    Some(block * WIDTH + summary[block].trailing_zeros() as usize)
}

#[cfg(test)]
mod tests;
