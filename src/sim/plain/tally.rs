//! What a trial comes to, added up as pods are created: what becomes of each is known by then.

use super::life::{Going, Pod};
use super::terms::Terms;
use crate::base::{Instant, Span};
use crate::sim::outcome::{Finish, Outcome};

/// The outcome of a trial under way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) outcome: Outcome,
    created: Instant,
    first_start: Option<Instant>,
    /// When the back-off that was last waited for is over.
    waits_until: Instant,
}

impl Tally {
    pub(super) fn begin(now: Instant) -> Self {
        Self {
            created: now,
            ..Self::default()
        }
    }

    /// A pod is created, and will live to its own end.
    #[inline]
    pub(super) fn plan(&mut self, pod: &Pod) {
        let Outcome { pods, times, .. } = &mut self.outcome;
        pods.created += 1;
        let ran = pod.ran();
        if pod.ran_at_all() {
            let first = self.first_start.get_or_insert(pod.runs);
            *first = pod.runs.min(*first);
        }
        times.pending += pod.ends.since(pod.created) - ran;
        times.running += ran;
        times.bound += pod.ends.since(pod.bound);
        if pod.fails {
            pods.failed += 1;
            times.wasted += ran;
        } else {
            pods.succeeded += 1;
        }
    }

    /// A pod of an index has failed, as have those before it.
    #[inline]
    pub(super) fn fail_index(&mut self, nth: u32) {
        let worst = &mut self.outcome.pods.worst_index;
        *worst = (nth + 1).max(*worst);
    }

    /// A pod that runs is asked to terminate now, and goes so; without `going`, nobody looks any
    /// more.
    pub(super) fn stop(&mut self, terms: &Terms, now: Instant, pod: &Pod, going: Option<&Going>) {
        let Outcome { pods, times, .. } = &mut self.outcome;
        times.running = times.running - pod.ends.since(now);
        let ends = going.map_or(now, |it| it.ends);
        times.bound = times.bound - pod.ends.since(ends);
        times.terminating += ends.since(now);
        if pod.fails {
            pods.failed -= 1;
            times.wasted = times.wasted - pod.ran();
        } else {
            pods.succeeded -= 1;
        }
        match going {
            Some(going) if going.fails => {
                pods.failed += 1;
                times.wasted += ends.since(pod.runs);
                if terms.indexed {
                    self.fail_index(pod.nth);
                }
            }
            Some(_) => pods.succeeded += 1,
            None => {}
        }
    }

    /// So many pods are there now.
    #[inline]
    pub(super) fn see(&mut self, active: u32) {
        let peak = &mut self.outcome.pods.peak;
        *peak = active.max(*peak);
    }

    /// As many pods run as there are to be at a time.
    pub(super) fn is_full(&mut self, at: Instant) {
        self.outcome.full = Some(at.since(self.created));
    }

    /// The controller waits for a back-off.
    pub(super) fn wait(&mut self, now: Instant, until: Instant) {
        let from = now.max(self.waits_until);
        if until > from {
            self.outcome.times.back_off += until.since(from);
            self.waits_until = until;
        }
    }

    /// A pod that has not ended is watched to that instant, and no longer.
    pub(super) fn cut(&mut self, end: Instant, pod: &Pod) {
        let Outcome { pods, times, .. } = &mut self.outcome;
        let late = pod.ends.since(end);
        let ran_late = if pod.ran_at_all() {
            pod.ends.since(pod.runs.max(end))
        } else {
            Span::ZERO
        };
        times.running = times.running - ran_late;
        times.pending = times.pending - (late - ran_late);
        times.bound = times.bound - late;
        if pod.fails {
            pods.failed -= 1;
            times.wasted = times.wasted - pod.ran();
        } else {
            pods.succeeded -= 1;
        }
    }

    /// The Job has ended.
    pub(super) fn finish(&mut self, now: Instant, finish: Finish, counted: u32) {
        self.outcome.finish = finish;
        self.outcome.duration = Some(now.since(self.created));
        self.close(now, counted);
    }

    /// Nobody looks any more.
    pub(super) fn close(&mut self, now: Instant, counted: u32) {
        if self.waits_until > now {
            let times = &mut self.outcome.times;
            times.back_off = times.back_off - self.waits_until.since(now);
        }
        let outcome = &mut self.outcome;
        let first = self.first_start.filter(|it| *it <= now);
        outcome.first_start = first.map(|it| it.since(self.created));
        outcome.pods.counted = counted;
    }
}

impl Pod {
    /// Whether it is ever shown to run.
    pub(super) fn ran_at_all(&self) -> bool {
        self.runs != Instant::NEVER
    }

    /// How long it is shown to run if it lives to its own end.
    pub(super) fn ran(&self) -> Span {
        if self.ran_at_all() {
            self.ends.since(self.runs)
        } else {
            Span::ZERO
        }
    }
}
