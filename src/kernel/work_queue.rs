//! The queue that feeds a controller: keys to look at, each at most once, some of them later.
//!
//! Behaves as client-go's `util/workqueue` does (`queue.go`, `delaying_queue.go`,
//! `default_rate_limiters.go`), three queues in one. The inner one removes duplicates: a key that
//! is added while it waits for its turn stays where it is, and one that is added while it is
//! being worked on gets another turn afterwards, so no key is ever worked on twice at a time. The
//! delaying one holds keys back until they are due. The rate limiting one chooses that delay from
//! how often the key has failed.
//!
//! Where the original leaves the order open (two keys due at the same instant), the one whose due
//! time was set first goes first.

use std::collections::VecDeque;

use super::TokenBucket;
use crate::base::{Instant, Span};

/// How long a key that failed is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateLimit {
    /// `base`, doubled with each failure of the key, at most `max`.
    Exponential {
        /// The delay after the first failure.
        base: Span,
        /// The longest delay.
        max: Span,
    },
    /// As `Exponential`, but no sooner than a bucket that all keys share has a token for it.
    ExponentialAndBucket {
        /// The delay after the first failure.
        base: Span,
        /// The longest delay that comes from failures.
        max: Span,
        /// Tokens the bucket gains in a second.
        qps: u32,
        /// Tokens the full bucket holds.
        burst: u32,
    },
}

impl RateLimit {
    /// What client-go gives a controller that does not choose:
    /// `DefaultTypedControllerRateLimiter`.
    pub const CONTROLLER_DEFAULT: Self = Self::ExponentialAndBucket {
        base: Span::from_millis(5),
        max: Span::from_secs(1000),
        qps: 10,
        burst: 100,
    };
}

/// The keys a controller is to look at. See the [module](self) for what happens to a key.
///
/// A key that was once seen keeps its few bytes until [`clear`](Self::clear); with keys that come
/// again, nothing is allocated.
///
/// ```
/// use dryjob::base::{Instant, Span};
/// use dryjob::kernel::{RateLimit, WorkQueue};
///
/// let mut queue = WorkQueue::new(RateLimit::CONTROLLER_DEFAULT);
/// let now = Instant::ORIGIN;
/// queue.add('a');
/// queue.add('a');
/// queue.add_after(now, 'b', Span::from_secs(1));
/// assert_eq!((queue.get(), queue.get()), (Some('a'), None));
/// queue.done('a');
/// queue.advance(queue.next_due().unwrap());
/// assert_eq!(queue.get(), Some('b'));
/// ```
#[derive(Clone, Debug)]
pub struct WorkQueue<K> {
    limit: RateLimit,
    bucket: Option<TokenBucket>,
    /// All keys that were seen, in the order of their first appearance.
    slots: Vec<Slot<K>>,
    /// The keys in their order, with their places in `slots`.
    by_key: Vec<(K, usize)>,
    /// The place of `slots` that was asked for last: mostly it is asked for again.
    recent: usize,
    /// The keys that may be looked at now, as places of `slots`.
    ready: VecDeque<usize>,
    /// A binary heap of the keys that wait, as places of `slots`; each knows where it is in here,
    /// since a due time may be brought forward. Entries out of date must not pile up: a
    /// controller that plans a distant deadline in each turn would leave one behind every time.
    waiting: Vec<usize>,
    in_process: usize,
    /// Due times set so far: the order among those due at the same instant.
    planned: u64,
}

#[derive(Clone, Debug)]
struct Slot<K> {
    key: K,
    failures: u32,
    /// Whether the key has to be looked at (client-go: the dirty set).
    wanted: bool,
    /// Whether it is being looked at.
    processing: bool,
    /// When it comes off `waiting`, with the tie-break.
    due: (Instant, u64),
    /// Its place in `waiting`.
    place: Option<usize>,
}

impl<K: Copy + Ord> WorkQueue<K> {
    /// An empty queue.
    #[must_use]
    pub fn new(limit: RateLimit) -> Self {
        let bucket = match limit {
            RateLimit::Exponential { .. } => None,
            RateLimit::ExponentialAndBucket { qps, burst, .. } => {
                Some(TokenBucket::per_second(qps, burst))
            }
        };
        Self {
            limit,
            bucket,
            slots: Vec::new(),
            by_key: Vec::new(),
            recent: 0,
            ready: VecDeque::new(),
            waiting: Vec::new(),
            in_process: 0,
            planned: 0,
        }
    }

    /// Makes room for so many keys.
    pub fn expect_keys(&mut self, count: usize) {
        self.slots.reserve_exact(count);
        self.by_key.reserve_exact(count);
    }

    /// Asks for a look at `key` as soon as it is its turn.
    pub fn add(&mut self, key: K) {
        let slot = self.slot(key);
        self.want(slot);
    }

    /// Asks for a look at `key` after `delay`, at once if that is not positive.
    ///
    /// A key has one due time, the earliest it was given since it last came due. Other looks at
    /// the key do not cancel it.
    pub fn add_after(&mut self, now: Instant, key: K, delay: Span) {
        let slot = self.slot(key);
        if delay <= Span::ZERO {
            self.want(slot);
            return;
        }
        let at = now + delay;
        let place = match self.slots[slot].place {
            Some(_) if self.slots[slot].due.0 <= at => return,
            Some(place) => place,
            None => {
                self.waiting.push(slot);
                self.waiting.len() - 1
            }
        };
        self.slots[slot].due = (at, self.planned);
        self.planned += 1;
        self.rise(place, slot);
    }

    /// Counts a failure of `key` and asks for a look at it after the delay that follows from it.
    pub fn add_rate_limited(&mut self, now: Instant, key: K) {
        let slot = self.slot(key);
        let (RateLimit::Exponential { base, max }
        | RateLimit::ExponentialAndBucket { base, max, .. }) = self.limit;
        let failures = &mut self.slots[slot].failures;
        let factor = 1_i64.checked_shl(*failures).filter(|&factor| factor > 0);
        let own = base.times(factor.unwrap_or(i64::MAX)).min(max);
        *failures = failures.saturating_add(1);
        // The bucket gives a token even where the key's own delay is the longer one.
        let shared = self
            .bucket
            .as_mut()
            .map_or(Span::ZERO, |bucket| bucket.reserve(now).since(now));
        self.add_after(now, key, own.max(shared));
    }

    /// Forgets the failures of `key`. It does not end a look at it; see [`done`](Self::done).
    pub fn forget(&mut self, key: K) {
        if let Ok(slot) = self.find(key) {
            self.slots[slot].failures = 0;
        }
    }

    /// How often `key` was added with a rate limit since it was last forgotten.
    #[must_use]
    pub fn failures(&self, key: K) -> u32 {
        self.find(key).map_or(0, |slot| self.slots[slot].failures)
    }

    /// Asks for a look at each key that has come due, in the order of their due times.
    pub fn advance(&mut self, now: Instant) {
        while let Some(&slot) = self.waiting.first() {
            if self.slots[slot].due.0 > now {
                return;
            }
            self.slots[slot].place = None;
            if let Some(last) = self.waiting.pop().filter(|&last| last != slot) {
                self.sink(last);
            }
            self.want(slot);
        }
    }

    /// The next key to look at; it is being processed until [`done`](Self::done) is called.
    pub fn get(&mut self) -> Option<K> {
        self.recent = self.ready.pop_front()?;
        let slot = &mut self.slots[self.recent];
        slot.wanted = false;
        slot.processing = true;
        self.in_process += 1;
        Some(slot.key)
    }

    /// Ends the processing of `key`; if it was added meanwhile, it is ready again.
    ///
    /// Without effect on a key that is not being processed.
    pub fn done(&mut self, key: K) {
        let Ok(at) = self.find(key) else { return };
        let slot = &mut self.slots[at];
        if !slot.processing {
            return;
        }
        slot.processing = false;
        self.in_process -= 1;
        if slot.wanted {
            self.ready.push_back(at);
        }
    }

    /// When the next waiting key comes due.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.waiting.first().map(|&slot| self.slots[slot].due.0)
    }

    /// Whether a key is ready to be looked at.
    #[must_use]
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether no key is ready, waiting or being processed.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.ready.is_empty() && self.waiting.is_empty() && self.in_process == 0
    }

    /// Makes the queue as new, as when the controller restarts, but keeps its memory.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.by_key.clear();
        self.recent = 0;
        self.ready.clear();
        self.waiting.clear();
        self.in_process = 0;
        self.planned = 0;
        if let Some(bucket) = &mut self.bucket {
            bucket.reset();
        }
    }

    /// Makes the key ready, unless it is already or must wait for the end of its processing.
    fn want(&mut self, at: usize) {
        let slot = &mut self.slots[at];
        if !slot.wanted {
            slot.wanted = true;
            if !slot.processing {
                self.ready.push_back(at);
            }
        }
    }

    /// The place of `key` in `slots`, or where it would be in `by_key`.
    fn find(&self, key: K) -> Result<usize, usize> {
        if self.slots.get(self.recent).is_some_and(|it| it.key == key) {
            return Ok(self.recent);
        }
        let place = self.by_key.binary_search_by_key(&key, |it| it.0)?;
        Ok(self.by_key[place].1)
    }

    /// The place of `key` in `slots`, made if it is new.
    fn slot(&mut self, key: K) -> usize {
        self.recent = match self.find(key) {
            Ok(slot) => slot,
            Err(place) => {
                let (due, slot) = ((Instant::NEVER, 0), self.slots.len());
                self.by_key.insert(place, (key, slot));
                let (failures, wanted, processing) = (0, false, false);
                self.slots.push(Slot {
                    key,
                    failures,
                    wanted,
                    processing,
                    due,
                    place: None,
                });
                slot
            }
        };
        self.recent
    }

    /// Puts `slot` at `place` of the heap, or higher up where its parent is due later.
    fn rise(&mut self, mut place: usize, slot: usize) {
        while place > 0 {
            let parent = self.waiting[(place - 1) / 2];
            if self.slots[parent].due <= self.slots[slot].due {
                break;
            }
            self.put(place, parent);
            place = (place - 1) / 2;
        }
        self.put(place, slot);
    }

    /// Puts `slot` at the root of the heap, or further down where a child is due sooner.
    fn sink(&mut self, slot: usize) {
        let mut place = 0;
        loop {
            let children = 2 * place + 1..self.waiting.len().min(2 * place + 3);
            let due = |&child: &usize| self.slots[self.waiting[child]].due;
            let Some(child) = children.min_by_key(due) else {
                break;
            };
            if self.slots[slot].due <= due(&child) {
                break;
            }
            self.put(place, self.waiting[child]);
            place = child;
        }
        self.put(place, slot);
    }

    fn put(&mut self, place: usize, slot: usize) {
        self.waiting[place] = slot;
        self.slots[slot].place = Some(place);
    }
}

#[cfg(test)]
mod tests;
