//! The Job controller: its syncs at their real times, on counts that are kept by increments.
//!
//! What each step stands for is in [`crate::control::job`]; the numbers are those of its rules.

mod count;

use super::life::{Lives, Pod};
use super::purse::Purse;
use super::tally::Tally;
use super::terms::Terms;
use crate::base::{Instant, Key, Span};
use crate::control::job::{BATCH_PERIOD, Backoff, MOST_AT_ONCE, NewlyFinished};
use crate::model::Cause;
use crate::sim::outcome::{Finish, Outcome};

/// Events of the kernel that a pod takes at most.
const MOST_EVENTS: u64 = 24;

/// The pods that run, as the controller needs them.
pub(super) trait Running {
    /// Forgets all, for another trial.
    fn clear(&mut self, full: u32);

    /// A pod is created.
    fn add(&mut self, pod: &Pod);

    /// The earliest write of a pod's status that was not passed yet.
    fn next_write(&mut self) -> Instant;

    /// Passes all writes before that instant, and enters them into the books. Whether it is known
    /// when the parallelism was full.
    fn pass(&mut self, now: Instant, terms: &Terms, books: &mut Books) -> bool;

    /// Takes all pods that have not ended.
    fn take(&mut self, pods: &mut Vec<Pod>);
}

/// How a trial goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// To the next sync.
    On,
    /// The Job has ended.
    Over,
    /// In a way that is not modelled here.
    Leaves,
}

/// A pod that has ended and has its finalizer still.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) index: u32,
    pub(super) nth: u32,
    exits: Instant,
    pub(super) fails: bool,
    /// Its index is in the status already (J52).
    listed: bool,
    pub(super) ran: Span,
}

/// An index that has no pod any more, and needs another.
#[derive(Clone, Copy, Debug)]
struct Again {
    /// The pod that failed; where there is a limit per index, it is held (J53).
    last: Ended,
    /// When its back-off is over (J45).
    until: Instant,
}

/// What the controller knows of the Job, and what the status says.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) due: Instant,
    pub(super) active: u32,
    pub(super) ready: u32,
    /// `status.active` and `status.ready`; none before the first write.
    shown: Option<(u32, u32)>,
    /// Successes and failures that the status counts, or lists.
    succeeded: u32,
    failed: u32,
    failed_indexes: u32,
    backoff: Backoff,
    started: Option<Instant>,
    /// The first number or index that no pod had yet.
    fresh: u32,
    /// In order of index.
    again: Vec<Again>,
    candidates: Vec<Ended>,
    /// Of the candidates: successes that are not listed, failures, and those that are listed.
    successes: u32,
    failures: u32,
    leftovers: u32,
    /// Pods that were replaced in this sync, and are candidates from the next on.
    replaced: Vec<Ended>,
    /// Whether nothing was left to do after the last sync, and no deadline is to be planned: until
    /// a pod ends, syncs do no more than write counts.
    still: bool,
    /// How the Job ends, once all pods are counted.
    ending: Option<Finish>,
    pub(super) tally: Tally,
    pub(super) syncs: u64,
    pub(super) purse: Purse,
    /// The indexes of all pods that have failed.
    pub(super) failed_pods: Vec<u32>,
    /// Room for lists of an ending Job.
    pub(super) pods: Vec<Pod>,
    pub(super) writes: Vec<Instant>,
    pub(super) ends: Vec<Instant>,
}

/// What a sync finds (J13).
#[derive(Clone, Copy, Debug)]
struct Found {
    succeeded: u32,
    failed: u32,
    backoff: Backoff,
}

/// What `manageJob` comes to.
#[derive(Clone, Copy, Debug)]
struct Scaled {
    created: u32,
    /// `status.active` as it is to be written.
    active: u32,
}

impl Books {
    /// Plays a trial.
    #[inline]
    pub(super) fn play<P: Running>(
        &mut self,
        terms: &Terms,
        lives: &mut Lives,
        key: &Key,
        pods: &mut P,
    ) -> Turn {
        self.clear(terms);
        lives.clear();
        pods.clear(terms.most_active());
        let mut now = terms.created;
        loop {
            let turn = self.sync(terms, lives, key, pods, now);
            if turn != Turn::On {
                return turn;
            }
            // Every write wakes the controller a second later (J3), and none comes before now.
            let batch = now + BATCH_PERIOD;
            now = if self.due <= batch {
                self.due
            } else {
                self.due.min(pods.next_write() + BATCH_PERIOD)
            };
            if now > terms.end {
                return self.cut(terms, lives, pods);
            }
            if !pods.pass(now, terms, self) {
                return Turn::Leaves;
            }
        }
    }

    /// What the trial came to.
    pub(super) const fn outcome(&self) -> Outcome {
        self.tally.outcome
    }

    /// Whether the trial cannot have spent the scenario's budget.
    pub(super) fn is_within(&self, terms: &Terms) -> bool {
        let created = self.tally.outcome.pods.created;
        let events = u64::from(created) * MOST_EVENTS + self.syncs + 2;
        created < terms.budget.pods && events < terms.budget.events
    }

    fn clear(&mut self, terms: &Terms) {
        self.due = Instant::NEVER;
        (self.active, self.ready, self.shown) = (0, 0, None);
        (self.succeeded, self.failed, self.failed_indexes) = (0, 0, 0);
        (self.successes, self.failures, self.leftovers) = (0, 0, 0);
        self.backoff = Backoff::default();
        self.started = None;
        self.fresh = 0;
        self.again.clear();
        self.candidates.clear();
        self.replaced.clear();
        self.failed_pods.clear();
        self.still = false;
        self.ending = None;
        self.tally = Tally::begin(terms.created);
        self.syncs = 0;
        self.purse.fill(terms);
    }

    /// A pod's final phase is written.
    #[inline]
    pub(super) fn ended(&mut self, terms: &Terms, index: u32, nth: u32, end: &End) {
        self.active -= 1;
        self.still = false;
        let it = Ended {
            index,
            nth,
            exits: end.exits,
            fails: end.fails,
            listed: false,
            ran: end.ran,
        };
        if !end.fails {
            self.successes += 1;
        } else if terms.indexed {
            self.tally.fail_index(nth);
            self.failed_pods.push(index);
            match terms.limit_per_index {
                Some(limit) if nth < limit => {
                    // Held until it is replaced.
                    let failures = nth + 1;
                    let latest = it.exits.wire();
                    let wait = Backoff { failures, latest }.remaining(latest.instant());
                    return self.reopen(it, latest.instant() + wait);
                }
                Some(_) => self.failed_indexes += 1,
                None => self.reopen(it, Instant::ORIGIN),
            }
            self.failures += 1;
        } else {
            self.failures += 1;
        }
        self.candidates.push(it);
    }

    fn reopen(&mut self, last: Ended, until: Instant) {
        let place = self.again.partition_point(|it| it.last.index < last.index);
        self.again.insert(place, Again { last, until });
    }

    /// The pods that are held for replacement.
    fn held(&self, terms: &Terms) -> u32 {
        match terms.limit_per_index {
            Some(_) => as_count(self.again.len()),
            None => 0,
        }
    }

    #[inline]
    fn sync<P: Running>(
        &mut self,
        terms: &Terms,
        lives: &mut Lives,
        key: &Key,
        pods: &mut P,
        now: Instant,
    ) -> Turn {
        self.syncs += 1;
        self.due = Instant::NEVER;
        if self.still && self.candidates.is_empty() {
            let shown = Some((self.active, self.ready));
            if shown != self.shown {
                self.shown = shown;
                self.due = now + BATCH_PERIOD;
                if !self.purse.pays(terms, now, 0) {
                    return Turn::Leaves;
                }
            }
            return Turn::On;
        }
        if self.ending.is_some() {
            return self.count_on(terms, now);
        }
        let found = self.take_stock(terms);
        if let Some(cause) = self.judge(terms, &found, now) {
            return self.fail(terms, lives, key, pods, now, cause);
        }
        let ready = self.ready;
        match self.scale(terms, lives, key, pods, now, &found) {
            Some(scaled) => self.write(terms, now, &found, scaled, ready),
            None => Turn::Leaves,
        }
    }

    /// `manageJob` (J37 to J46): what it comes to, unless it has to delete pods or its status will
    /// be refused.
    #[inline]
    fn scale<P: Running>(
        &mut self,
        terms: &Terms,
        lives: &mut Lives,
        key: &Key,
        pods: &mut P,
        now: Instant,
        found: &Found,
    ) -> Option<Scaled> {
        let ready = self.ready;
        let wanted = match terms.completions {
            Some(completions) => completions
                .saturating_sub(found.succeeded)
                .min(terms.parallelism),
            None if found.succeeded > 0 => self.active,
            None => terms.parallelism,
        };
        let missing = wanted.checked_sub(self.active)?;
        let (mut created, mut waits) = (0, None);
        if missing > 0 {
            if terms.limit_per_index.is_none() {
                let wait = found.backoff.remaining(now);
                waits = (wait > Span::ZERO).then_some(wait);
            }
            if waits.is_none() {
                let most = missing.min(MOST_AT_ONCE);
                (created, waits) = self.create(terms, lives, key, pods, now, most);
            }
        }
        self.still = missing == created && waits.is_none() && terms.deadline.is_none();
        let mut active = self.active;
        if let Some(wait) = waits {
            self.tally.wait(now, now + wait);
            self.due = self.due.min(now + wait.max(BATCH_PERIOD));
            if !terms.keeps_active {
                // J43: the server refuses that where it is strict and pods are ready.
                active = 0;
                if terms.strict && ready > 0 {
                    return None;
                }
            }
        }
        Some(Scaled { created, active })
    }

    /// Counts what has ended and writes the status, if it is another one now.
    #[inline]
    fn write(
        &mut self,
        terms: &Terms,
        now: Instant,
        found: &Found,
        scaled: Scaled,
        ready: u32,
    ) -> Turn {
        let Scaled { created, active } = scaled;
        // Each pod that is counted has a finalizer to be removed.
        let finalizers = as_count(self.candidates.len());
        if !self.purse.pays(terms, now, created + finalizers) {
            return Turn::Leaves;
        }
        let enough = match terms.completions {
            Some(completions) => found.succeeded >= completions,
            None => found.succeeded > 0,
        };
        let over = enough && active == 0;
        let shown = Some((active, ready));
        let mut dirty = shown != self.shown || over;
        self.shown = shown;
        let counted = !self.candidates.is_empty();
        let mut capped = false;
        if counted {
            dirty |= self.uncounted() > 0;
            capped = self.settle(terms);
        }
        if dirty {
            self.backoff = found.backoff;
        }
        if dirty || counted || created > 0 {
            self.due = self.due.min(now + BATCH_PERIOD);
        }
        if self.started.is_none() {
            self.started = Some(now.wire().instant());
        }
        self.release();
        if over {
            return self.end(terms, now, Finish::Complete(terms.complete), capped);
        }
        Turn::On
    }

    /// Counts and, where there is no limit per index, what the Job's back-off has to know.
    #[inline]
    fn take_stock(&mut self, terms: &Terms) -> Found {
        let mut backoff = self.backoff;
        if self.candidates.is_empty() || terms.limit_per_index.is_some() {
            // Nothing new, or nothing that matters.
        } else if self.failures == 0 {
            // A success forgets failures.
            backoff = Backoff::default();
        } else {
            let mut new = NewlyFinished::default();
            for it in &self.candidates {
                let latest = if it.fails {
                    new.failed += 1;
                    &mut new.latest_failure
                } else {
                    &mut new.latest_success
                };
                *latest = (*latest).max(Some(it.exits.wire()));
            }
            if let Some(success) = new.latest_success.filter(|_| new.failed > 0) {
                let after = |it: &&Ended| it.fails && it.exits.wire() > success;
                new.failed_after_success = as_count(self.candidates.iter().filter(after).count());
            }
            backoff = backoff.after(&new);
        }
        Found {
            succeeded: self.succeeded + self.successes,
            failed: self.failed + self.failures + self.held(terms),
            backoff,
        }
    }

    /// J23 to J26: why the Job fails, if it does. Plans the sync of its deadline (J33).
    #[inline]
    fn judge(&mut self, terms: &Terms, found: &Found, now: Instant) -> Option<Cause> {
        if found.failed > terms.backoff_limit {
            return Some(Cause::BackoffLimitExceeded);
        }
        if let Some(limit) = terms.deadline {
            let left = limit - now.since(self.started.unwrap_or(now));
            if left <= Span::ZERO {
                return Some(Cause::DeadlineExceeded);
            }
            self.due = self.due.min(now + left);
        }
        terms.limit_per_index?;
        if terms
            .max_failed_indexes
            .is_some_and(|max| self.failed_indexes > max)
        {
            return Some(Cause::MaxFailedIndexesExceeded);
        }
        let ended = Some(self.failed_indexes + found.succeeded) >= terms.completions;
        (self.failed_indexes > 0 && ended).then_some(Cause::FailedIndexes)
    }

    /// J39, J44, J45: creates at most so many pods; how many, and how long to wait if none could
    /// be.
    #[inline]
    fn create<P: Running>(
        &mut self,
        terms: &Terms,
        lives: &mut Lives,
        key: &Key,
        pods: &mut P,
        now: Instant,
        most: u32,
    ) -> (u32, Option<Span>) {
        let mut begin = |tally: &mut Tally, index, nth| {
            let pod = lives.begin(key, now, index, nth);
            tally.plan(&pod);
            pods.add(&pod);
        };
        let (mut left, mut created, mut shortest) = (most, 0, None);
        if !self.again.is_empty() {
            let (tally, replaced) = (&mut self.tally, &mut self.replaced);
            self.again.retain(|it| {
                if left == 0 {
                    return true;
                }
                left -= 1;
                if it.until > now {
                    let wait = it.until.since(now);
                    shortest = Some(shortest.map_or(wait, |least: Span| least.min(wait)));
                    return true;
                }
                begin(tally, it.last.index, it.last.nth + 1);
                created += 1;
                if terms.limit_per_index.is_some() {
                    replaced.push(it.last);
                }
                false
            });
        }
        if terms.indexed {
            let bound = terms.completions.unwrap_or(0);
            left = left.min(bound.saturating_sub(self.fresh));
        }
        for number in self.fresh..self.fresh + left {
            if terms.indexed {
                begin(&mut self.tally, number, 0);
            } else {
                begin(&mut self.tally, 0, number);
            }
        }
        self.fresh += left;
        created += left;
        self.active += created;
        self.tally.see(self.active);
        (created, shortest.filter(|_| created == 0))
    }
}

/// A pod's end, as the books need it.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) exits: Instant,
    pub(super) fails: bool,
    pub(super) ran: Span,
}

pub(super) fn as_count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
