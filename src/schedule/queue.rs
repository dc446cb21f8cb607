//! Pods that wait: to be tried, for their back-off to pass, or for something to happen (S1–S10).

use super::kind::KindId;
use super::reason::Plugins;
use super::scheduler::PodKey;
use crate::base::{Instant, Span};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Where a pod is in the order of those to be tried: the higher priority first, then the earlier
/// time, then the order of arrival (S2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) priority: Reverse<i32>,
    pub(super) since: Instant,
    pub(super) order: u64,
    pub(super) pod: PodKey,
}

/// Where a pod waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It does not wait.
    Nowhere,
    /// It is to be tried.
    Active,
    /// It is to be tried when that time is over, or sooner when nothing else is.
    Backoff(Instant),
    /// It is to be tried when that time is over, after an error.
    Error(Instant),
    /// It waits for something to happen.
    Asleep,
    /// It waits for its scheduling gates to be removed.
    Gated,
}

/// The longest back-off.
const LONGEST: Span = Span::from_secs(10);
/// How long a pod waits for something to happen before it is tried all the same (S7).
const PATIENCE: Span = Span::from_secs(300);
/// How often the scheduler looks for such pods.
const SWEEP: Span = Span::from_secs(30);
const SECOND: Span = Span::from_secs(1);

/// The queues.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    active: BTreeSet<Turn>,
    backoff: BTreeSet<(Instant, Turn)>,
    errors: BTreeSet<(Instant, Turn)>,
    /// Pods that wait for something, by who rejected them and by their kind: what wakes one of
    /// them wakes all.
    asleep: BTreeMap<(Plugins, KindId), BTreeSet<(Instant, PodKey)>>,
    /// Whether back-off ends at whole seconds, and is cut short when nothing else is to be tried.
    lenient: bool,
}

/// What an entry of a queue is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) place: Place,
    pub(super) turn: Turn,
    pub(super) plugins: Plugins,
    pub(super) kind: KindId,
}

impl Queue {
    pub(super) fn new(lenient: bool) -> Self {
        Self {
            lenient,
            ..Self::default()
        }
    }

    pub(super) fn clear(&mut self) {
        self.active.clear();
        self.backoff.clear();
        self.errors.clear();
        self.asleep.clear();
    }

    pub(super) fn put(&mut self, it: &Waiting) {
        match it.place {
            Place::Active => drop(self.active.insert(it.turn)),
            Place::Backoff(until) => drop(self.backoff.insert((until, it.turn))),
            Place::Error(until) => drop(self.errors.insert((until, it.turn))),
            Place::Asleep => {
                let group = self.asleep.entry((it.plugins, it.kind)).or_default();
                group.insert((it.turn.since, it.turn.pod));
            }
            Place::Nowhere | Place::Gated => {}
        }
    }

    pub(super) fn remove(&mut self, it: &Waiting) {
        match it.place {
            Place::Active => drop(self.active.remove(&it.turn)),
            Place::Backoff(until) => drop(self.backoff.remove(&(until, it.turn))),
            Place::Error(until) => drop(self.errors.remove(&(until, it.turn))),
            Place::Asleep => {
                let key = (it.plugins, it.kind);
                if let Some(group) = self.asleep.get_mut(&key) {
                    group.remove(&(it.turn.since, it.turn.pod));
                    if group.is_empty() {
                        self.asleep.remove(&key);
                    }
                }
            }
            Place::Nowhere | Place::Gated => {}
        }
    }

    /// The next pod to be tried, if one can be.
    pub(super) fn head(&self) -> Option<PodKey> {
        let early = || self.backoff.first().filter(|_| self.lenient);
        let active = self.active.first().map(|it| it.pod);
        active.or_else(|| early().map(|it| it.1.pod))
    }

    /// Whether pods are to be tried, now or after a back-off that no error brought about.
    pub(super) fn is_busy(&self) -> bool {
        !(self.active.is_empty() && self.backoff.is_empty())
    }

    /// Whether pods rest after an error.
    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Groups of pods that sleep.
    pub(super) fn groups(&self) -> impl Iterator<Item = (Plugins, KindId)> {
        self.asleep.keys().copied()
    }

    /// The pods of a group.
    pub(super) fn group(&self, of: (Plugins, KindId)) -> impl Iterator<Item = PodKey> {
        let group = self.asleep.get(&of);
        group.into_iter().flatten().map(|it| it.1)
    }

    /// Pods whose back-off is over (S6).
    pub(super) fn rested(&self, now: Instant) -> Vec<PodKey> {
        let over = |(until, _): &&(Instant, Turn)| !self.rests(*until, now);
        let errors = self.errors.iter().take_while(over);
        let all = self.backoff.iter().take_while(over).chain(errors);
        all.map(|it| it.1.pod).collect()
    }

    /// Pods that have waited too long for something to happen (S7).
    pub(super) fn forgotten(&self, now: Instant) -> Vec<PodKey> {
        let old = |(since, _): &&(Instant, PodKey)| now.since(*since) > PATIENCE;
        let groups = self.asleep.values();
        let old = groups.flat_map(|it| it.iter().take_while(old));
        old.map(|it| it.1).collect()
    }

    /// How long a pod rests that was rejected at that time, so often (S5).
    pub(super) fn expiry(&self, since: Instant, times: u32) -> Instant {
        let steps = times.saturating_sub(1).min(4);
        let wait = Span::from_secs(1 << steps).min(LONGEST);
        let end = since + wait;
        if self.lenient { whole(end) } else { end }
    }

    /// Whether a back-off that ends then is not over yet.
    pub(super) fn rests(&self, until: Instant, now: Instant) -> bool {
        if self.lenient {
            until >= whole(now)
        } else {
            until > now
        }
    }

    /// When pods come out of back-off or sleep by themselves.
    pub(super) fn next_flush(&self) -> Option<Instant> {
        let firsts = [self.backoff.first(), self.errors.first()];
        let rested = firsts.into_iter().flatten().map(|(until, _)| {
            if self.lenient {
                whole(*until) + SECOND
            } else {
                ceiling(*until, SECOND)
            }
        });
        let oldest = self.asleep.values().filter_map(|it| it.first());
        let sweep = oldest.map(|(since, _)| *since).min().map(|since| {
            // Strictly older than that.
            ceiling(since + PATIENCE + Span::from_micros(1), SWEEP)
        });
        rested.chain(sweep).min()
    }

    /// The last sweep for forgotten pods after one instant and up to another.
    pub(super) fn sweep_between(before: Option<Instant>, now: Instant) -> Option<Instant> {
        last_between(before, now, SWEEP)
    }

    /// The last instant after one and up to another at which pods leave back-off by themselves.
    pub(super) fn flush_between(before: Option<Instant>, now: Instant) -> Option<Instant> {
        last_between(before, now, SECOND)
    }
}

fn last_between(before: Option<Instant>, now: Instant, period: Span) -> Option<Instant> {
    let last = Instant::from_micros(now.micros() - now.micros().rem_euclid(period.micros()));
    before.is_none_or(|it| it < last).then_some(last)
}

/// The whole second before.
fn whole(at: Instant) -> Instant {
    at.wire().instant()
}

/// The next multiple of a period, that instant included.
fn ceiling(at: Instant, period: Span) -> Instant {
    let period = period.micros();
    let up = at.micros().saturating_add(period - 1);
    Instant::from_micros(up / period * period)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first pod, which has been there since then.
    fn waiting(place: Place, since: Instant) -> Waiting {
        Waiting {
            place,
            turn: Turn {
                priority: Reverse(0),
                since,
                order: 0,
                pod: PodKey(0),
            },
            plugins: Plugins::NONE,
            kind: KindId(0),
        }
    }

    /// S5, S6: from 1.33 on back-off ends at a whole second, and lasts through it; before that it
    /// ends when it ends. Both are noticed at a whole second.
    #[test]
    fn back_off_doubles_up_to_ten_seconds() {
        let at = |millis| Instant::ORIGIN + Span::from_millis(millis);
        for (lenient, since, times, over) in [
            (true, 7300, 1, 9000),
            (true, 7000, 1, 9000),
            (true, 7999, 2, 10_000),
            (true, 0, 3, 5000),
            (true, 500, 4, 9000),
            (true, 500, 5, 11_000),
            (true, 500, 99, 11_000),
            (false, 7300, 1, 8300),
            (false, 7300, 2, 9300),
            (false, 7300, 5, 17_300),
        ] {
            let mut queue = Queue::new(lenient);
            let until = queue.expiry(at(since), times);
            assert!(queue.rests(until, at(over - 1)), "{since} {times}");
            assert!(!queue.rests(until, at(over)), "{since} {times}");
            queue.put(&waiting(Place::Backoff(until), at(since)));
            let flush = ceiling(at(over), SECOND);
            assert_eq!(queue.next_flush(), Some(flush), "{since} {times}");
            assert_eq!(queue.rested(flush), [PodKey(0)]);
            assert_eq!(queue.head(), lenient.then_some(PodKey(0)));
        }
    }

    /// S7: pods that are older than five minutes are looked for each thirty seconds.
    #[test]
    fn pods_that_sleep_for_long_are_tried_again() {
        let at = |millis| Instant::ORIGIN + Span::from_millis(millis);
        for (since, sweep) in [
            (0, 330_000),
            (1, 330_000),
            (29_999, 330_000),
            (30_000, 360_000),
        ] {
            let mut queue = Queue::new(true);
            queue.put(&waiting(Place::Asleep, at(since)));
            assert_eq!(queue.next_flush(), Some(at(sweep)));
            assert!(queue.forgotten(at(sweep - 30_000)).is_empty());
            assert_eq!(queue.forgotten(at(sweep)), [PodKey(0)]);
        }
        assert_eq!(Queue::sweep_between(None, at(29_000)), Some(at(0)));
        assert_eq!(Queue::sweep_between(Some(at(1)), at(29_000)), None);
        assert_eq!(
            Queue::sweep_between(Some(at(1)), at(61_000)),
            Some(at(60_000))
        );
    }
}
