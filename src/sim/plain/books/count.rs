//! Counting: pods that have ended leave the books, and at last so does the Job (J50 to J53).

use super::super::terms::Terms;
use super::{Books, Turn, as_count};
use crate::base::Instant;
use crate::control::job::{BATCH_PERIOD, MOST_UNCOUNTED};
use crate::sim::outcome::Finish;

impl Books {
    /// Pods that this sync replaced are not held any more; they are counted from the next one on.
    #[inline]
    pub(in super::super) fn release(&mut self) {
        if !self.replaced.is_empty() {
            self.failures += as_count(self.replaced.len());
            self.candidates.append(&mut self.replaced);
        }
    }

    /// J50 to J52: counts the pods that have ended, at most 500 of them; whether some may be left.
    #[inline]
    pub(in super::super) fn settle(&mut self, terms: &Terms) -> bool {
        let most = as_count(MOST_UNCOUNTED);
        if self.successes + self.failures >= most {
            return self.settle_some(terms, most);
        }
        if self.leftovers > 0 {
            let listed = self.candidates.iter().filter(|it| it.listed);
            for it in listed {
                self.tally.outcome.times.repeated += it.ran;
            }
            self.leftovers = 0;
        }
        self.succeeded += self.successes;
        self.failed += self.failures;
        (self.successes, self.failures) = (0, 0);
        self.candidates.clear();
        false
    }

    /// More than can be counted: those of the lowest indexes, or those created first.
    fn settle_some(&mut self, terms: &Terms, most: u32) -> bool {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.sort_unstable_by_key(|it| (it.index, it.nth));
        let (mut count, mut done) = (0, 0);
        for it in &candidates {
            done += 1;
            if it.listed {
                self.leftovers -= 1;
                self.tally.outcome.times.repeated += it.ran;
            } else if it.fails {
                self.failures -= 1;
                self.failed += 1;
                count += 1;
            } else {
                self.successes -= 1;
                self.succeeded += 1;
                count += 1;
            }
            if count >= most {
                break;
            }
        }
        candidates.drain(..done);
        if terms.indexed {
            // All successes are listed, but those that are left have to be looked at once more.
            for it in candidates.iter_mut().filter(|it| !it.fails && !it.listed) {
                it.listed = true;
                self.leftovers += 1;
            }
            self.succeeded += self.successes;
            self.successes = 0;
        }
        self.candidates = candidates;
        true
    }

    /// The Job ends now, or as soon as all pods are counted.
    pub(in super::super) fn end(
        &mut self,
        terms: &Terms,
        now: Instant,
        as_: Finish,
        capped: bool,
    ) -> Turn {
        if !capped {
            self.tally.finish(now, as_, self.failed);
            return Turn::Over;
        }
        // Up to 1.30 nothing is written yet, and the rules are asked once more.
        if !terms.interim {
            return Turn::Leaves;
        }
        self.ending = Some(as_);
        self.still = false;
        self.due = self.due.min(now + BATCH_PERIOD);
        Turn::On
    }

    /// A Job that ends counts on.
    pub(super) fn count_on(&mut self, terms: &Terms, now: Instant) -> Turn {
        if !self.purse.pays(terms, now, self.uncounted()) {
            return Turn::Leaves;
        }
        let capped = self.settle(terms);
        let finish = self.ending.unwrap_or_default();
        self.end(terms, now, finish, capped)
    }

    /// All candidates of a Job that fails, those included that were held.
    pub(in super::super) fn let_go(&mut self, terms: &Terms) {
        if terms.limit_per_index.is_some() {
            self.failures += as_count(self.again.len());
            self.candidates
                .extend(self.again.drain(..).map(|it| it.last));
        }
    }

    /// Whether it is decided how the Job ends.
    pub(in super::super) const fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// The Job was watched to the scenario's end, and is open.
    pub(in super::super) fn watched(&mut self, terms: &Terms) {
        self.tally.close(terms.end, self.failed);
    }

    /// How many pods would have to be counted now.
    pub(in super::super) const fn uncounted(&self) -> u32 {
        self.successes + self.failures
    }

    /// Counts pods that have not ended as failed: their Job has (J32).
    pub(in super::super) const fn fail_active(&mut self, pods: u32) {
        self.failed += pods;
        self.active = 0;
    }
}
