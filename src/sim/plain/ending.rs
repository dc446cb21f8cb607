//! A Job that fails while pods are active: they are deleted, and from 1.31 on the final condition
//! waits until they have ended (J29, J30, J32). And one that does not end as long as it is watched.

use super::books::{Books, Running, Turn, as_count};
use super::life::Lives;
use super::terms::Terms;
use crate::base::{Instant, Key, Span};
use crate::control::job::{BATCH_PERIOD, MOST_UNCOUNTED};
use crate::model::Cause;
use crate::sim::outcome::Finish;

impl Books {
    /// The Job fails in this sync.
    pub(super) fn fail<P: Running>(
        &mut self,
        terms: &Terms,
        lives: &Lives,
        key: &Key,
        pods: &mut P,
        now: Instant,
        cause: Cause,
    ) -> Turn {
        let finish = Finish::Failed(cause);
        self.let_go(terms);
        // Active pods are deleted and lose their finalizers, all others lose them.
        if !self
            .purse
            .pays(terms, now, 2 * self.active + self.uncounted())
        {
            return Turn::Leaves;
        }
        if self.active == 0 {
            let capped = self.settle(terms);
            return self.end(terms, now, finish, capped);
        }
        if self.uncounted() + self.active >= as_count(MOST_UNCOUNTED) {
            return Turn::Leaves;
        }
        self.settle(terms);
        self.fail_active(self.active);
        if !self.stop_all(terms, lives, key, pods, now) {
            return Turn::Leaves;
        }
        if !terms.interim {
            return self.end(terms, now, finish, false);
        }
        self.due = self.due.min(now + BATCH_PERIOD);
        match self.await_ends(terms, now) {
            Some(over) => self.end(terms, over, finish, false),
            None => Turn::Leaves,
        }
    }

    /// Asks all pods to terminate; whether all can be followed.
    fn stop_all<P: Running>(
        &mut self,
        terms: &Terms,
        lives: &Lives,
        key: &Key,
        pods: &mut P,
        now: Instant,
    ) -> bool {
        self.writes.clear();
        self.ends.clear();
        let mut list = std::mem::take(&mut self.pods);
        list.clear();
        pods.take(&mut list);
        let followed = list.iter().all(|pod| {
            let Some(going) = lives.stop(key, now, pod) else {
                return false;
            };
            self.tally
                .stop(terms, now, pod, terms.interim.then_some(&going));
            self.writes.extend(going.unready);
            self.writes.extend([going.ends, going.gone]);
            self.ends.push(going.ends);
            if terms.interim && terms.indexed && going.fails {
                self.failed_pods.push(pod.index);
            }
            true
        });
        self.pods = list;
        self.writes.sort_unstable();
        self.ends.sort_unstable();
        followed
    }

    /// The Job has not ended when nobody looks any more.
    pub(super) fn cut<P: Running>(&mut self, terms: &Terms, lives: &Lives, pods: &mut P) -> Turn {
        let after = terms.end + Span::from_micros(1);
        if self.is_ending() || !pods.pass(after, terms, self) {
            return Turn::Leaves;
        }
        let mut list = std::mem::take(&mut self.pods);
        list.clear();
        pods.take(&mut list);
        let known = list.iter().all(|pod| {
            self.tally.cut(terms.end, pod);
            // Of pods that do not run yet it is not known any more when they are bound.
            pod.runs <= terms.end || !lives.are_scripted()
        });
        self.pods = list;
        if !known {
            return Turn::Leaves;
        }
        self.watched(terms);
        Turn::Over
    }

    /// Syncs until all pods have ended; when that is, unless it is too late.
    fn await_ends(&mut self, terms: &Terms, now: Instant) -> Option<Instant> {
        let (mut now, mut shown) = (now, self.ends.len());
        loop {
            let next = self.writes.partition_point(|at| *at < now);
            let next = self.writes.get(next).copied().unwrap_or(Instant::NEVER);
            now = self.due.min(next + BATCH_PERIOD);
            if now > terms.end {
                return None;
            }
            self.syncs += 1;
            if !self.purse.pays(terms, now, 0) {
                return None;
            }
            let ended = self.ends.partition_point(|at| *at < now);
            let terminating = self.ends.len() - ended;
            if terminating == 0 {
                return Some(now);
            }
            self.due = if terminating == shown {
                Instant::NEVER
            } else {
                now + BATCH_PERIOD
            };
            shown = terminating;
        }
    }
}
