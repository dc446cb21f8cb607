//! Taking stock: which pods have newly finished, and what that makes of counts and indexes
//! (section 2 of the rules). Everything here is as the cache was when the sync began.

use super::backoff::{Backoff, NewlyFinished};
use super::policy;
use super::view::View;
use crate::api::{ApiServer, StoredJob};
use crate::base::{IndexSet, Instant, Span, WireTime};
use crate::model::{FailureAction, JobSpec, Pod, PodId};

/// How a pod stands, for settling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Phase Succeeded.
    Succeeded,
    /// Failed in the sense of J12, and whether its failure counts; the number is the rule that
    /// ignores it.
    Failed(Option<u16>),
    /// Neither.
    Unfinished,
}

/// A pod that still has its finalizer and is not expected to lose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The pod.
    pub(super) id: PodId,
    /// Its completion index.
    pub(super) index: Option<u32>,
    /// How it stands.
    pub(super) standing: Standing,
}

/// The last failed pod of an index that is still to be replaced (J53).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// The index.
    pub(super) index: u32,
    /// The pod.
    pub(super) id: PodId,
    /// How often the index has failed before, ignored failures included.
    failures: u32,
    finished: WireTime,
}

impl Held {
    /// How long its index still waits (J45).
    pub(super) fn remaining(&self, now: Instant) -> Span {
        Backoff {
            failures: self.failures + 1,
            latest: self.finished,
        }
        .remaining(now)
    }
}

/// What a sync finds.
#[derive(Clone, Debug, Default)]
pub(super) struct Stock {
    /// Pods that may be settled, in order of creation.
    pub(super) candidates: Vec<Candidate>,
    /// Indexes that have succeeded since the status was written, in order.
    pub(super) completed: Vec<u32>,
    /// Indexes given up since the status was written, in order.
    pub(super) failed_indexes: Vec<u32>,
    /// Pods whose finalizer waits for their replacement, in order of index.
    pub(super) held: Vec<Held>,
    /// Successes in all (J13).
    pub(super) succeeded: u32,
    /// Failures in all (J13).
    pub(super) failed: u32,
    /// Failed indexes in all.
    pub(super) failed_index_count: u32,
    /// What back-off has to know.
    pub(super) finished: NewlyFinished,
}

impl Stock {
    /// Looks at the Job's pods as they are now.
    pub(super) fn take(&mut self, api: &ApiServer, view: &View, stored: &StoredJob) {
        self.collect(api, view, stored);
        self.count_finished(api, stored);
        let spec = &stored.job.spec;
        if spec.is_indexed() {
            self.find_indexes(api, view, stored);
        }
    }

    /// The candidate of that number.
    pub(super) fn has_candidate(&self, id: PodId) -> bool {
        self.candidates
            .binary_search_by_key(&id, |it| it.id)
            .is_ok()
    }

    /// The held pod of that index.
    pub(super) fn held_for(&self, index: u32) -> Option<&Held> {
        let place = self.held.binary_search_by_key(&index, |it| it.index).ok()?;
        self.held.get(place)
    }

    fn collect(&mut self, api: &ApiServer, view: &View, stored: &StoredJob) {
        self.candidates.clear();
        let spec = &stored.job.spec;
        for id in view.unsettled.iter().map(PodId) {
            if !view.expectations.expects_removal(id) {
                let pod = api.pod(id);
                let standing = standing(api, spec, pod);
                self.candidates.push(Candidate {
                    id,
                    index: pod.index,
                    standing,
                });
            }
        }
    }

    fn count_finished(&mut self, api: &ApiServer, stored: &StoredJob) {
        let (spec, status) = (&stored.job.spec, &stored.status);
        let mut new = NewlyFinished::default();
        let (mut succeeded, mut counted) = (0, 0);
        for it in &self.candidates {
            if !index_is_valid(spec, it.index) {
                continue;
            }
            match it.standing {
                Standing::Succeeded if !status.uncounted_succeeded.contains(&it.id) => {
                    succeeded += 1;
                    let at = Some(api.pod(it.id).finish_time());
                    new.latest_success = new.latest_success.max(at);
                }
                Standing::Failed(ignored_by) if !status.uncounted_failed.contains(&it.id) => {
                    new.failed += 1;
                    counted += u32::from(ignored_by.is_none());
                    let at = Some(api.pod(it.id).finish_time());
                    new.latest_failure = new.latest_failure.max(at);
                }
                _ => {}
            }
        }
        if let Some(success) = new.latest_success.filter(|_| new.failed > 0) {
            let after = |it: &&Candidate| {
                matches!(it.standing, Standing::Failed(_))
                    && index_is_valid(spec, it.index)
                    && !status.uncounted_failed.contains(&it.id)
                    && api.pod(it.id).finish_time() > success
            };
            new.failed_after_success = as_count(self.candidates.iter().filter(after).count());
        }
        self.finished = new;
        self.succeeded = status.succeeded + succeeded + as_count(status.uncounted_succeeded.len());
        self.failed = status.failed + counted + as_count(status.uncounted_failed.len());
    }

    /// Which indexes have newly succeeded or failed, and which wait for a replacement.
    fn find_indexes(&mut self, api: &ApiServer, view: &View, stored: &StoredJob) {
        let (spec, status) = (&stored.job.spec, &stored.status);
        let bound = spec.completions.unwrap_or(0);
        self.completed.clear();
        // A pod expected to lose its finalizer still has it in the cache, and counts here.
        for id in view.unsettled.iter().map(PodId) {
            let pod = api.pod(id);
            if let Some(index) = pod.index.filter(|index| *index < bound) {
                let new = !status.completed_indexes.contains(index);
                if pod.phase == crate::model::Phase::Succeeded && new {
                    self.completed.push(index);
                }
            }
        }
        self.completed.sort_unstable();
        self.completed.dedup();
        self.succeeded =
            status.completed_indexes.count_below(bound) + as_count(self.completed.len());
        if let Some(limit) = spec.backoff_limit_per_index {
            self.find_failed_indexes(api, view, stored, limit);
            self.find_held(api, view, stored);
        }
    }

    fn find_failed_indexes(
        &mut self,
        api: &ApiServer,
        view: &View,
        stored: &StoredJob,
        limit: u32,
    ) {
        let (spec, none) = (&stored.job.spec, IndexSet::new());
        let bound = spec.completions.unwrap_or(0);
        let before = stored.status.failed_indexes.as_ref().unwrap_or(&none);
        self.failed_indexes.clear();
        for id in view.unsettled.iter().map(PodId) {
            let pod = api.pod(id);
            let Some(index) = pod.index.filter(|index| *index < bound) else {
                continue;
            };
            if !before.contains(index) && index_has_failed(api, spec, pod, limit) {
                self.failed_indexes.push(index);
            }
        }
        self.failed_indexes.sort_unstable();
        self.failed_indexes.dedup();
        self.failed_index_count = before.count_below(bound) + as_count(self.failed_indexes.len());
    }

    /// J53: of each index that has neither ended nor an active pod, the failed pod with the most
    /// failures behind it; of several the one that finished last.
    fn find_held(&mut self, api: &ApiServer, view: &View, stored: &StoredJob) {
        let (spec, status) = (&stored.job.spec, &stored.status);
        self.held.clear();
        for it in &self.candidates {
            let Some(index) = it.index.filter(|_| index_is_valid(spec, it.index)) else {
                continue;
            };
            let failed = matches!(it.standing, Standing::Failed(_));
            let ended = status.completed_indexes.contains(index)
                || status
                    .failed_indexes
                    .as_ref()
                    .is_some_and(|list| list.contains(index))
                || self.completed.binary_search(&index).is_ok()
                || self.failed_indexes.binary_search(&index).is_ok();
            if failed && !ended && !view.busy.contains(index) {
                let pod = api.pod(it.id);
                let failures = pod.index_failures.unwrap_or(0) + pod.ignored_failures.unwrap_or(0);
                let finished = pod.finish_time();
                self.held.push(Held {
                    index,
                    id: it.id,
                    failures,
                    finished,
                });
            }
        }
        self.held.sort_by_key(|it| it.index);
        // Of an index's pods, a later one replaces an earlier one that it does not fall behind.
        self.held.dedup_by(|later, kept| {
            if later.index != kept.index {
                return false;
            }
            if kept.failures <= later.failures && later.finished >= kept.finished {
                *kept = *later;
            }
            true
        });
    }
}

/// How a pod stands in the Job's eyes.
pub(super) fn standing(api: &ApiServer, spec: &JobSpec, pod: &Pod) -> Standing {
    if pod.phase == crate::model::Phase::Succeeded {
        return Standing::Succeeded;
    }
    if !pod.is_failed(spec.replaces_only_failed()) {
        return Standing::Unfinished;
    }
    let found = spec
        .pod_failure_policy
        .as_deref()
        .and_then(|rules| policy::first_match(rules, api, pod))
        .filter(|found| found.action == FailureAction::Ignore);
    Standing::Failed(found.map(|found| found.rule))
}

/// Whether the pod's index is one of the Job's (J11); pods of other Jobs have none and need none.
pub(super) fn index_is_valid(spec: &JobSpec, index: Option<u32>) -> bool {
    !spec.is_indexed() || index.is_some_and(|index| Some(index) < spec.completions)
}

/// J56: whether this pod's failure is the one that its index does not survive.
fn index_has_failed(api: &ApiServer, spec: &JobSpec, pod: &Pod, limit: u32) -> bool {
    if !pod.is_failed(spec.replaces_only_failed()) {
        return false;
    }
    let found = spec
        .pod_failure_policy
        .as_deref()
        .and_then(|rules| policy::first_match(rules, api, pod));
    let given_up = found.is_some_and(|found| found.action == FailureAction::FailIndex);
    given_up || (policy::counts(found) && pod.index_failures.unwrap_or(0) >= limit)
}

pub(super) fn as_count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
