//! Which reports of a controller are written, which are folded together, and which are dropped.
//!
//! Behaves as client-go's `tools/record/events_cache.go` does with its default options. A report
//! goes through three stages, in this order, and each of them remembers it even if a later one
//! drops it:
//!
//! 1. *Aggregation*, per object, severity and reason: from the tenth different message on, with
//!    no gap of more than ten minutes, reports are combined into one that all of them share.
//! 2. *Counting*: a report that was seen before becomes a higher count of the one before.
//! 3. *The spam filter*, per object and severity: 25 reports, then one every five minutes.
//!
//! Each stage remembers the 4096 keys it met last, as the original's caches do.

use std::collections::BTreeMap;

use super::TokenBucket;
use crate::base::{Instant, Span};

/// Different messages within the window that make reports be combined.
const MAX_MESSAGES: usize = 10;
/// A longer gap than this starts the collection of messages afresh.
const WINDOW: Span = Span::from_secs(600);
/// Reports that pass the spam filter at once …
const SPAM_BURST: u32 = 25;
/// … and how long each further one takes.
const SPAM_PERIOD: Span = Span::from_secs(300);
/// Keys that each stage remembers.
const CACHE_SIZE: usize = 4096;

/// What becomes of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The spam filter keeps it from being written.
    Dropped,
    /// It is sent to the server.
    Written {
        /// As one that stands for several similar ones, not as itself.
        combined: bool,
        /// As a change of one that was seen before, with a higher count. Where that one was
        /// dropped by the spam filter (or has expired on the server), the change finds nothing
        /// and the client creates it instead.
        repeated: bool,
    },
}

/// Decides what becomes of the reports of one source. See the [module](self) for how.
///
/// `O` names an object. Two reports are the same if all that is given to
/// [`observe`](Self::observe) but the time is the same.
///
/// Deviation: where the original makes room for a combined report by forgetting any one of its
/// ten messages (the order of a Go map), this forgets the newest.
///
/// ```
/// use dryjob::base::Instant;
/// use dryjob::kernel::{Correlator, Outcome};
///
/// let mut correlator = Correlator::new();
/// let first = correlator.observe(Instant::ORIGIN, "job", 0, 1, 77);
/// assert_eq!(first, Outcome::Written { combined: false, repeated: false });
/// let again = correlator.observe(Instant::ORIGIN, "job", 0, 1, 77);
/// assert_eq!(again, Outcome::Written { combined: false, repeated: true });
/// ```
#[derive(Clone, Debug)]
pub struct Correlator<O> {
    similar: Cache<Kind<O>, Similar>,
    /// The reports that were counted; a combined one has no message of its own.
    counted: Cache<(Kind<O>, Option<u64>), ()>,
    filters: Cache<(O, u8), TokenBucket>,
}

/// Object, severity and reason.
type Kind<O> = (O, u8, u16);

/// The messages of one kind of reports.
#[derive(Clone, Debug)]
struct Similar {
    messages: Vec<u64>,
    last: Instant,
}

impl<O: Copy + Ord> Correlator<O> {
    /// A correlator that has seen nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            similar: Cache::new(),
            counted: Cache::new(),
            filters: Cache::new(),
        }
    }

    /// Takes a report about `object` and tells what becomes of it.
    ///
    /// `now` must not go back from call to call. `message` stands for the text: its number in a
    /// table, or a digest.
    pub fn observe(
        &mut self,
        now: Instant,
        object: O,
        severity: u8,
        reason: u16,
        message: u64,
    ) -> Outcome {
        let kind = (object, severity, reason);
        let combined = self.aggregate(now, kind, message);
        let repeated = self.count((kind, (!combined).then_some(message)));
        let full = || TokenBucket::new(1, SPAM_PERIOD, SPAM_BURST);
        if self.filters.entry((object, severity), full).try_accept(now) {
            Outcome::Written { combined, repeated }
        } else {
            Outcome::Dropped
        }
    }

    /// Forgets everything, as when the controller restarts.
    pub fn clear(&mut self) {
        self.similar.clear();
        self.counted.clear();
        self.filters.clear();
    }

    /// Whether the report is to be combined with similar ones.
    fn aggregate(&mut self, now: Instant, kind: Kind<O>, message: u64) -> bool {
        let nothing = || Similar {
            messages: Vec::new(),
            last: now,
        };
        let similar = self.similar.entry(kind, nothing);
        if now.since(similar.last) > WINDOW {
            similar.messages.clear();
        }
        similar.last = now;
        if similar.messages.contains(&message) {
            return false;
        }
        let combined = similar.messages.len() + 1 >= MAX_MESSAGES;
        if !combined {
            similar.messages.push(message);
        }
        combined
    }

    /// Whether the report was counted before.
    fn count(&mut self, report: (Kind<O>, Option<u64>)) -> bool {
        let mut repeated = true;
        self.counted.entry(report, || repeated = false);
        repeated
    }
}

impl<O: Copy + Ord> Default for Correlator<O> {
    fn default() -> Self {
        Self::new()
    }
}

/// A map that forgets the key that was not asked for the longest when it has too many.
#[derive(Clone, Debug)]
struct Cache<K, V> {
    entries: BTreeMap<K, (u64, V)>,
    /// The keys by when they were last asked for.
    by_use: BTreeMap<u64, K>,
    uses: u64,
}

impl<K: Copy + Ord, V> Cache<K, V> {
    const fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
        }
    }

    /// The value of `key`, made if there is none.
    fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.uses += 1;
        if let Some((used, _)) = self.entries.get_mut(&key) {
            self.by_use.remove(used);
            *used = self.uses;
        } else if self.entries.len() >= CACHE_SIZE {
            if let Some((_, oldest)) = self.by_use.pop_first() {
                self.entries.remove(&oldest);
            }
        }
        self.by_use.insert(self.uses, key);
        let uses = self.uses;
        &mut self.entries.entry(key).or_insert_with(|| (uses, make())).1
    }

    fn clear(&mut self) {
        self.entries.clear();
        self.by_use.clear();
        self.uses = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Outcome = Outcome::Written {
        combined: false,
        repeated: false,
    };
    const AGAIN: Outcome = Outcome::Written {
        combined: false,
        repeated: true,
    };
    const FOLDED: Outcome = Outcome::Written {
        combined: true,
        repeated: false,
    };
    const FOLDED_AGAIN: Outcome = Outcome::Written {
        combined: true,
        repeated: true,
    };

    fn at(secs: i64) -> Instant {
        Instant::ORIGIN + Span::from_secs(secs)
    }

    /// Reports about one object, as (second, reason, message, what becomes of it).
    fn check(reports: impl IntoIterator<Item = (i64, u16, u64, Outcome)>) {
        let mut correlator = Correlator::new();
        for (n, (secs, reason, message, expected)) in reports.into_iter().enumerate() {
            let outcome = correlator.observe(at(secs), "object", 0, reason, message);
            assert_eq!(
                outcome, expected,
                "report {n}: message {message} at {secs} s"
            );
        }
    }

    fn nine_new() -> impl Iterator<Item = (i64, u16, u64, Outcome)> {
        (0..9).map(|message| (0, 0, message, NEW))
    }

    #[test]
    fn the_same_report_is_counted() {
        check([
            (0, 0, 7, NEW),
            (1, 0, 7, AGAIN),
            (2, 0, 8, NEW),
            (9_999, 0, 7, AGAIN),
        ]);
    }

    #[test]
    fn the_tenth_different_message_is_combined() {
        check(nine_new().chain([(0, 0, 9, FOLDED), (0, 0, 10, FOLDED_AGAIN)]));
    }

    #[test]
    fn a_message_among_the_nine_stays_itself() {
        check(nine_new().chain([(0, 0, 9, FOLDED), (0, 0, 3, AGAIN), (0, 0, 9, FOLDED_AGAIN)]));
    }

    #[test]
    fn reasons_are_collected_apart() {
        check(nine_new().chain([(0, 1, 9, NEW), (0, 0, 9, FOLDED), (0, 1, 10, NEW)]));
    }

    #[test]
    fn the_window_rolls_with_each_similar_report() {
        // 600 s are not too long a gap; it counts from the last report, not from the first.
        check(nine_new().chain([(600, 0, 9, FOLDED), (1200, 0, 9, FOLDED_AGAIN)]));
        check(nine_new().chain([(601, 0, 9, NEW), (601, 0, 3, AGAIN)]));
        check(nine_new().chain([(600, 0, 3, AGAIN), (1200, 0, 9, FOLDED)]));
    }

    #[test]
    fn the_gap_is_measured_below_seconds() {
        let mut correlator = Correlator::new();
        for (n, _) in nine_new().enumerate() {
            correlator.observe(at(0), "object", 0, 0, n as u64);
        }
        let late = at(600) + Span::from_micros(1);
        assert_eq!(correlator.observe(late, "object", 0, 0, 9), NEW);
    }

    #[test]
    fn after_25_reports_one_passes_every_five_minutes() {
        let counted = |secs| (secs, 0, 7, AGAIN);
        let dropped = |secs| (secs, 0, 7, Outcome::Dropped);
        let burst = std::iter::once((0, 0, 7, NEW)).chain((1..25).map(|_| counted(0)));
        check(burst.chain([
            dropped(0),
            dropped(299),
            counted(300),
            dropped(300),
            counted(600),
        ]));
    }

    #[test]
    fn what_the_filter_drops_has_been_counted_and_collected() {
        let burst = (0..25).map(|n| (0, 0, 7, if n == 0 { NEW } else { AGAIN }));
        let dropped = (100..109).map(|message| (0, 0, message, Outcome::Dropped));
        // 7 and 100–107 are nine; 108 was the first combined one, though nobody saw it.
        check(
            burst
                .chain(dropped)
                .chain([(300, 0, 200, FOLDED_AGAIN), (600, 0, 100, AGAIN)]),
        );
    }

    #[test]
    fn objects_and_severities_have_filters_of_their_own() {
        let mut correlator = Correlator::new();
        for _ in 0..26 {
            correlator.observe(at(0), 1, 0, 0, 0);
        }
        assert_eq!(correlator.observe(at(0), 1, 0, 9, 0), Outcome::Dropped);
        assert_eq!(correlator.observe(at(0), 1, 1, 0, 0), NEW);
        assert_eq!(correlator.observe(at(0), 2, 0, 0, 0), NEW);
        correlator.clear();
        assert_eq!(correlator.observe(at(0), 1, 0, 0, 0), NEW);
    }

    #[test]
    fn the_key_not_met_for_the_longest_is_forgotten() {
        let mut correlator = Correlator::new();
        for object in 0..4096 {
            correlator.observe(at(0), object, 0, 0, 0);
        }
        assert_eq!(correlator.observe(at(0), 0, 0, 0, 0), AGAIN);
        assert_eq!(correlator.observe(at(0), 4096, 0, 0, 0), NEW);
        assert_eq!(correlator.observe(at(0), 0, 0, 0, 0), AGAIN);
        assert_eq!(correlator.observe(at(0), 1, 0, 0, 0), NEW);
    }
}
