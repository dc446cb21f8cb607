//! `manageJob`: which pods to delete or to create, never both in one sync (section 4).

use super::stock::{Stock, as_count};
use super::view::View;
use crate::api::{ApiServer, StoredJob};
use crate::base::sort::sort_as_go;
use crate::base::{IndexSet, Instant, Span, WireTime, index_set};
use crate::model::{Phase, Pod, PodId, Readiness, RuleId};
use std::cmp::Reverse;

/// At most so many pods are created or deleted in a sync (J38, J39).
pub(crate) const MOST_AT_ONCE: u32 = 500;

/// A pod to create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NewPod {
    /// Its completion index.
    pub(super) index: Option<u32>,
    /// Counted failures of the index so far, where there is a limit per index.
    pub(super) failures: Option<u32>,
    /// Ignored failures of the index so far, where above 0.
    pub(super) ignored: Option<u32>,
}

/// What `manageJob` comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing is to be done.
    Rest,
    /// Delete the listed pods, finalizer first.
    Delete(RuleId),
    /// Create the listed pods.
    Create,
    /// Create nothing before so much time has passed.
    Wait(RuleId, Span),
}

/// The Job and its pods as `manageJob` looks at them.
pub(super) struct Scale<'a> {
    pub(super) now: Instant,
    pub(super) api: &'a ApiServer,
    pub(super) stored: &'a StoredJob,
    pub(super) stock: &'a Stock,
    pub(super) terminating: u32,
    pub(super) global_wait: Span,
}

impl Scale<'_> {
    /// Decides, and fills the list of pods to delete or to create.
    pub(super) fn plan(
        &self,
        view: &mut View,
        victims: &mut Vec<PodId>,
        newcomers: &mut Vec<NewPod>,
    ) -> Plan {
        let spec = &self.stored.job.spec;
        let active = view.active.len();
        if spec.suspend {
            self.choose_victims(view, active, victims);
            return Plan::Delete(RuleId::Suspension);
        }
        let wanted = self.wanted(active);
        self.choose_victims(view, active.saturating_sub(wanted), victims);
        victims.truncate(MOST_AT_ONCE as usize);
        if !victims.is_empty() {
            return Plan::Delete(RuleId::TooMany);
        }
        let leaving = if spec.replaces_only_failed() {
            self.terminating
        } else {
            0
        };
        let missing = wanted.saturating_sub(leaving).saturating_sub(active);
        if missing == 0 {
            return Plan::Rest;
        }
        if spec.backoff_limit_per_index.is_none() && self.global_wait > Span::ZERO {
            return Plan::Wait(RuleId::Backoff, self.global_wait);
        }
        let missing = missing.min(MOST_AT_ONCE);
        if !spec.is_indexed() {
            let pod = NewPod {
                index: None,
                failures: None,
                ignored: None,
            };
            newcomers.extend((0..missing).map(|_| pod));
            return Plan::Create;
        }
        let wait = self.choose_indexes(view, missing, newcomers);
        match wait {
            Some(wait) if newcomers.is_empty() => Plan::Wait(RuleId::IndexBackoff, wait),
            _ => Plan::Create,
        }
    }

    /// How many pods should be active (J37).
    fn wanted(&self, active: u32) -> u32 {
        let spec = &self.stored.job.spec;
        match spec.completions {
            Some(completions) => completions
                .saturating_sub(self.stock.succeeded)
                .min(spec.parallelism),
            None if self.stock.succeeded > 0 => active,
            None => spec.parallelism,
        }
    }

    /// The lowest pending indexes whose back-off is over (J44, J45). Gives the shortest remaining
    /// back-off of those whose is not.
    fn choose_indexes(
        &self,
        view: &mut View,
        missing: u32,
        newcomers: &mut Vec<NewPod>,
    ) -> Option<Span> {
        let per_index = self.stored.job.spec.backoff_limit_per_index.is_some();
        let mut shortest = None;
        for index in self.pending(view, missing) {
            let mut pod = NewPod {
                index: Some(index),
                failures: None,
                ignored: None,
            };
            if per_index {
                let held = self.stock.held_for(index);
                let wait = held.map_or(Span::ZERO, |held| held.remaining(self.now));
                if wait > Span::ZERO {
                    shortest = Some(shortest.map_or(wait, |least: Span| least.min(wait)));
                    continue;
                }
                (pod.failures, pod.ignored) = self.failure_counts(held.map(|held| held.id));
            }
            newcomers.push(pod);
        }
        shortest
    }

    /// The lowest indexes that have neither ended nor a pod.
    fn pending(&self, view: &mut View, count: u32) -> Vec<u32> {
        let spec = &self.stored.job.spec;
        let (status, none) = (&self.stored.status, IndexSet::new());
        let completions = spec.completions.unwrap_or(0);
        let failed = status.failed_indexes.as_ref().unwrap_or(&none);
        let completed = &status.completed_indexes;
        let mut leaving: Vec<u32> = Vec::new();
        if spec.replaces_only_failed() {
            let pods = view.terminating.iter().map(PodId);
            leaving.extend(pods.filter_map(|pod| self.api.pod(pod).index));
            leaving.sort_unstable();
        }
        let free = |index: &u32| {
            self.stock.completed.binary_search(index).is_err()
                && self.stock.failed_indexes.binary_search(index).is_err()
                && leaving.binary_search(index).is_err()
        };
        let ended = |index: &u32| completed.contains(*index) || failed.contains(*index);
        let over: Vec<u32> = view.reopened.iter().filter(ended).collect();
        for index in over {
            view.reopened.remove(index);
        }
        let known = [completed, failed, &view.busy];
        let first = index_set::absent(&known, view.fresh..completions).next();
        view.fresh = first.unwrap_or(completions);
        let known = [completed, failed, &view.busy];
        let again = view.reopened.iter().filter(|index| *index < completions);
        again
            .chain(index_set::absent(&known, view.fresh..completions))
            .filter(free)
            .take(count as usize)
            .collect()
    }

    /// J48: what the pod's annotations say, from those of the pod it replaces.
    fn failure_counts(&self, replaced: Option<PodId>) -> (Option<u32>, Option<u32>) {
        let Some(replaced) = replaced else {
            return (Some(0), None);
        };
        let pod = self.api.pod(replaced);
        let rules = self.stored.job.spec.pod_failure_policy.as_deref();
        let found = rules.and_then(|rules| super::policy::first_match(rules, self.api, pod));
        let counts = super::policy::counts(found);
        let failures = pod.index_failures.unwrap_or(0) + u32::from(counts);
        let ignored = pod.ignored_failures.unwrap_or(0) + u32::from(!counts);
        (Some(failures), (ignored > 0).then_some(ignored))
    }

    /// J38: which pods go when there are too many, in order.
    fn choose_victims(&self, view: &View, at_least: u32, victims: &mut Vec<PodId>) {
        let spec = &self.stored.job.spec;
        let completions = spec.completions.unwrap_or(0);
        let superfluous = spec.is_indexed() && view.has_superfluous(completions);
        if at_least == 0 && !superfluous {
            return;
        }
        let mut rest: Vec<PodId> = view.active.iter().map(PodId).collect();
        if superfluous {
            rest = self.choose_superfluous(rest, completions, victims);
        }
        let more = at_least.saturating_sub(as_count(victims.len())) as usize;
        if more > 0 {
            if spec.is_indexed() {
                rest.sort_by_key(|pod| self.api.pod(*pod).index);
            }
            self.sort_for_deletion(&mut rest);
            victims.extend(rest.into_iter().take(more));
        }
    }

    /// Puts pods in the order in which they are to be deleted. Equal pods stay as they are, as
    /// far as Go's sort leaves them: they come in order of index or, where Kubernetes has them in
    /// no order at all, of creation.
    fn sort_for_deletion(&self, pods: &mut [PodId]) {
        sort_as_go(pods, |a, b| {
            sooner(self.api.pod(*a)) < sooner(self.api.pod(*b))
        });
    }

    /// Pods without an index, all but the best of each index, and those out of range; gives the
    /// others.
    fn choose_superfluous(
        &self,
        mut pods: Vec<PodId>,
        completions: u32,
        victims: &mut Vec<PodId>,
    ) -> Vec<PodId> {
        let index = |pod: &PodId| self.api.pod(*pod).index;
        pods.sort_by_key(index);
        let mut rest = Vec::with_capacity(pods.len());
        let mut out_of_range = Vec::new();
        for twins in pods.chunk_by_mut(|a, b| index(a) == index(b)) {
            match index(&twins[0]) {
                None => victims.extend_from_slice(twins),
                Some(own) if own >= completions => out_of_range.extend_from_slice(twins),
                Some(_) => {
                    self.sort_for_deletion(twins);
                    if let Some((best, others)) = twins.split_last() {
                        victims.extend_from_slice(others);
                        rest.push(*best);
                    }
                }
            }
        }
        victims.append(&mut out_of_range);
        rest
    }
}

/// The order in which pods are deleted (J38), least first.
type Sooner = (
    bool,
    bool,
    bool,
    Reverse<WireTime>,
    Reverse<u32>,
    Reverse<WireTime>,
);

fn sooner(pod: &Pod) -> Sooner {
    let ready_since = match pod.ready {
        Readiness::True(since) => since,
        Readiness::False(_) | Readiness::Unknown => WireTime::default(),
    };
    (
        pod.is_bound(),
        pod.phase == Phase::Running,
        pod.is_ready(),
        Reverse(ready_since),
        Reverse(pod.restarts),
        Reverse(pod.created),
    )
}
