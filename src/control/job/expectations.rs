//! Expectations: what the controller has done and not yet seen (J8).

use crate::base::{IndexSet, Instant, Span};
use crate::model::PodId;

/// After this long the controller no longer waits.
const TIMEOUT: Span = Span::from_secs(300);

/// The expectations of one Job.
#[derive(Clone, Debug, Default)]
pub(super) struct Expectations {
    creations: i64,
    deletions: i64,
    since: Instant,
    removals: IndexSet,
}

impl Expectations {
    /// Expects this many new pods, and forgets what was expected before.
    pub(super) fn expect_creations(&mut self, now: Instant, count: usize) {
        (self.creations, self.deletions, self.since) = (as_count(count), 0, now);
    }

    /// Expects this many deletions, and forgets what was expected before.
    pub(super) fn expect_deletions(&mut self, now: Instant, count: usize) {
        (self.creations, self.deletions, self.since) = (0, as_count(count), now);
    }

    /// A pod was seen, or will never be.
    pub(super) fn creation_observed(&mut self) {
        self.creations -= 1;
    }

    /// As many pods were seen, or will never be.
    pub(super) fn creations_observed(&mut self, count: usize) {
        self.creations -= as_count(count);
    }

    /// A deletion was seen, or will never be.
    pub(super) fn deletion_observed(&mut self) {
        self.deletions -= 1;
    }

    /// Whether the sync may create and delete pods.
    pub(super) fn satisfied(&self, now: Instant) -> bool {
        (self.creations <= 0 && self.deletions <= 0) || now.since(self.since) > TIMEOUT
    }

    /// Expects to see the pod without its finalizer; until then it counts as handled.
    pub(super) fn expect_removal(&mut self, pod: PodId) {
        self.removals.insert(pod.0);
    }

    /// The pod was seen without its finalizer, or will never be.
    pub(super) fn removal_observed(&mut self, pod: PodId) {
        self.removals.remove(pod.0);
    }

    /// Whether the pod is expected to lose its finalizer.
    pub(super) fn expects_removal(&self, pod: PodId) -> bool {
        self.removals.contains(pod.0)
    }

    /// Forgets creations and deletions, as at the Job's end.
    pub(super) fn forget(&mut self) {
        (self.creations, self.deletions) = (0, 0);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.forget();
        self.removals.clear();
    }
}

fn as_count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syncs_wait_until_everything_was_seen_or_five_minutes_have_passed() {
        let mut book = Expectations::default();
        let at = |secs| Instant::ORIGIN + Span::from_secs(secs);
        assert!(book.satisfied(at(0)));
        book.expect_creations(at(0), 2);
        book.creation_observed();
        assert!(!book.satisfied(at(300)));
        assert!(book.satisfied(at(301)));
        book.creation_observed();
        assert!(book.satisfied(at(1)));
    }
}
