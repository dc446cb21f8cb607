//! The bitmap of two levels that sets with members far apart are kept in.

use super::{WIDTH, next_word};

/// Words of 64 numbers, and above them one bit per word that says whether it holds any.
#[derive(Debug, Default)]
pub(super) struct Bitmap {
    /// So many words before the first that is kept have no members; a multiple of 64.
    skipped: usize,
    /// Bit `n % 64` of word `n / 64`, counted with those that are skipped, is set if `n` is a
    /// member.
    words: Vec<u64>,
    /// Bit `w % 64` of word `w / 64` is set if `words[w]` is not 0.
    summary: Vec<u64>,
    /// The members; all 2³² of them would not fit into a `u32`.
    len: u64,
}

impl Bitmap {
    /// How many members there are.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Sets the bits of word `at`; true if none of them was set before.
    pub(super) fn set(&mut self, at: usize, bits: u64) -> bool {
        self.make_room(at, at);
        let at = at - self.skipped;
        let fresh = bits & !self.words[at];
        self.words[at] |= bits;
        self.summary[at / WIDTH] |= 1 << (at % WIDTH);
        self.len += u64::from(fresh.count_ones());
        fresh == bits
    }

    /// The word at `at`, also beyond the ends of the bitmap.
    pub(super) fn word(&self, at: usize) -> u64 {
        // What is before the first word is far beyond the last.
        let at = at.wrapping_sub(self.skipped);
        self.words.get(at).copied().unwrap_or(0)
    }

    /// The first word at or after `from` that holds members.
    pub(super) fn next_word(&self, from: usize) -> Option<usize> {
        let next = next_word(&self.summary, from.saturating_sub(self.skipped))?;
        Some(self.skipped + next)
    }

    /// The last word that holds members.
    pub(super) fn last_word(&self) -> Option<usize> {
        let block = self.summary.iter().rposition(|&bits| bits != 0)?;
        Some(self.skipped + block * WIDTH + self.summary[block].ilog2() as usize)
    }

    /// Replaces a word that exists by one with fewer members.
    pub(super) fn keep(&mut self, at: usize, kept: u64) {
        let at = at - self.skipped;
        let gone = self.words[at] & !kept;
        self.len -= u64::from(gone.count_ones());
        self.words[at] = kept;
        if kept == 0 {
            self.summary[at / WIDTH] &= !(1 << (at % WIDTH));
        }
    }

    /// How many members the words before `at` hold.
    pub(super) fn count_before(&self, at: usize) -> u32 {
        let whole = at.saturating_sub(self.skipped);
        let whole = &self.words[..whole.min(self.words.len())];
        let blocks = self
            .summary
            .iter()
            .zip(whole.chunks(WIDTH))
            .filter(|&(&bits, _)| bits != 0);
        let ones = |block: &[u64]| block.iter().map(|bits| bits.count_ones()).sum::<u32>();
        blocks.map(|(_, block)| ones(block)).sum()
    }

    /// Makes the bitmap reach from one word to another.
    pub(super) fn make_room(&mut self, first: usize, last: usize) {
        let inside = first >= self.skipped && last - self.skipped < self.words.len();
        if !inside {
            self.make_more_room(first, last);
        }
    }

    #[cold]
    fn make_more_room(&mut self, first: usize, last: usize) {
        let start = first / WIDTH * WIDTH;
        if self.len == 0 {
            // All words are 0, so that they can as well stand for other numbers.
            self.skipped = start;
        } else if start < self.skipped {
            let more = self.skipped - start;
            self.words.splice(0..0, std::iter::repeat_n(0, more));
            self.summary
                .splice(0..0, std::iter::repeat_n(0, more / WIDTH));
            self.skipped = start;
        } else {
            let blocks = self.summary.iter();
            let empty = blocks.take_while(|&&bits| bits == 0).count();
            if empty * 2 > self.summary.len() {
                self.words.drain(..empty * WIDTH);
                self.summary.drain(..empty);
                self.skipped += empty * WIDTH;
            }
        }
        let words = self.words.len().max(last + 1 - self.skipped);
        self.words.resize(words, 0);
        self.summary.resize(words.div_ceil(WIDTH), 0);
    }
}

impl Clone for Bitmap {
    fn clone(&self) -> Self {
        Self {
            skipped: self.skipped,
            words: self.words.clone(),
            summary: self.summary.clone(),
            len: self.len,
        }
    }

    /// Keeps the memory of `self`, and touches only words that have or had members.
    fn clone_from(&mut self, source: &Self) {
        while let Some(at) = self.next_word(0) {
            self.keep(at, 0);
        }
        self.skipped = source.skipped;
        if self.words.len() < source.words.len() {
            self.words.resize(source.words.len(), 0);
            self.summary.resize(source.summary.len(), 0);
        }
        let mut from = 0;
        while let Some(at) = source.next_word(from) {
            self.words[at - source.skipped] = source.word(at);
            from = at + 1;
        }
        self.summary[..source.summary.len()].copy_from_slice(&source.summary);
        self.len = source.len;
    }
}
