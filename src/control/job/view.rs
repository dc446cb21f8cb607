//! What the controller knows of a Job's pods, kept up to date change by change, so that a sync
//! costs what has changed and not what there is.

use super::backoff::Backoff;
use super::expectations::Expectations;
use super::policy;
use crate::api::{ApiServer, PodChange};
use crate::base::{IndexSet, Instant};
use crate::model::{JobSpec, Pod, PodId};
use std::collections::BTreeMap;

/// The pods of one Job by what a sync asks about them. Pods are *of the Job* while they are owned
/// by it and match its selector (J10).
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// Neither ended nor terminating.
    pub(super) active: IndexSet,
    /// Asked to terminate and not ended, with a finalizer or without.
    pub(super) terminating: IndexSet,
    /// Ended or terminating, and still with the finalizer: what is left to be settled.
    pub(super) unsettled: IndexSet,
    /// Active pods that are Ready.
    pub(super) ready: u32,
    /// Restarts of all pods that have not ended (J23).
    pub(super) restarts: u64,
    /// Pods whose failure, if it is one, matches a FailJob rule (J22).
    pub(super) fail_job: IndexSet,
    /// Completion indexes with an active pod.
    pub(super) busy: IndexSet,
    /// For completion indexes with several active pods: how many more than one.
    pub(super) surplus: BTreeMap<u32, u32>,
    /// Active pods without a completion index.
    pub(super) unnumbered: u32,
    /// Pods without an owner that match the selector: to be adopted.
    pub(super) strays: IndexSet,
    /// Owned pods that no longer match the selector: to be released.
    pub(super) misfits: IndexSet,
    /// What was done and not yet seen.
    pub(super) expectations: Expectations,
    /// Failures since the last success.
    pub(super) backoff: Backoff,
    /// When the controller last wrote the Job's status or one of its pods. The watch tells of it
    /// at that instant, but not before a sync that starts at the same one has looked (J9).
    pub(super) last_write: Option<Instant>,
    /// Every completion index below this one had ended or had an active pod when the controller
    /// last looked for pending ones.
    pub(super) fresh: u32,
    /// Those of them that have lost their active pod since: pending again, unless they ended.
    pub(super) reopened: IndexSet,
}

impl View {
    /// Takes in a change of one of the Job's pods.
    pub(super) fn observe(&mut self, api: &ApiServer, spec: &JobSpec, change: &PodChange) {
        if let (Some(old), Some(new)) = (&change.old, &change.new) {
            if stands_as_before(old, new) {
                return;
            }
        }
        if let Some(old) = &change.old {
            self.forget_pod(spec, change.id, old);
        }
        if let Some(new) = &change.new {
            self.count_pod(api, spec, change.id, new);
        }
    }

    fn count_pod(&mut self, api: &ApiServer, spec: &JobSpec, id: PodId, pod: &Pod) {
        if !(pod.owned && pod.matches) {
            if pod.owned {
                self.misfits.insert(id.0);
            } else if pod.matches && pod.deletion.is_none() {
                self.strays.insert(id.0);
            }
            return;
        }
        if pod.is_active() {
            self.active.insert(id.0);
            self.ready += u32::from(pod.is_ready());
            if spec.is_indexed() {
                self.count_index(pod.index);
            }
        } else {
            if pod.is_terminating() {
                self.terminating.insert(id.0);
            }
            if pod.finalizer {
                self.unsettled.insert(id.0);
            }
            if let Some(rules) = &spec.pod_failure_policy {
                let found = policy::first_match(rules, api, pod);
                if found.is_some_and(|it| it.action == crate::model::FailureAction::FailJob) {
                    self.fail_job.insert(id.0);
                }
            }
        }
        if !pod.phase.is_final() {
            self.restarts += u64::from(pod.restarts);
        }
    }

    fn forget_pod(&mut self, spec: &JobSpec, id: PodId, pod: &Pod) {
        if !(pod.owned && pod.matches) {
            self.misfits.remove(id.0);
            self.strays.remove(id.0);
            return;
        }
        if pod.is_active() {
            self.active.remove(id.0);
            self.ready -= u32::from(pod.is_ready());
            if spec.is_indexed() {
                self.discount_index(pod.index);
            }
        } else {
            self.terminating.remove(id.0);
            self.unsettled.remove(id.0);
            self.fail_job.remove(id.0);
        }
        if !pod.phase.is_final() {
            self.restarts -= u64::from(pod.restarts);
        }
    }

    fn count_index(&mut self, index: Option<u32>) {
        match index {
            Some(index) if !self.busy.insert(index) => {
                *self.surplus.entry(index).or_insert(0) += 1;
            }
            Some(index) => {
                self.reopened.remove(index);
            }
            None => self.unnumbered += 1,
        }
    }

    fn discount_index(&mut self, index: Option<u32>) {
        let Some(index) = index else {
            self.unnumbered -= 1;
            return;
        };
        match self.surplus.get_mut(&index) {
            Some(1) => {
                self.surplus.remove(&index);
            }
            Some(more) => *more -= 1,
            None => {
                self.busy.remove(index);
                if index < self.fresh {
                    self.reopened.insert(index);
                }
            }
        }
    }

    /// Whether some active pod of an Indexed Job should not be there whatever parallelism says:
    /// a second one of its index, one beyond the completions, or one without an index (J38).
    pub(super) fn has_superfluous(&self, completions: u32) -> bool {
        !self.surplus.is_empty()
            || self.unnumbered > 0
            || self.busy.last().is_some_and(|last| last >= completions)
    }

    /// Completions have changed: which indexes are pending has to be found anew.
    pub(super) fn look_anew(&mut self) {
        self.fresh = 0;
        self.reopened.clear();
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        for set in [
            &mut self.active,
            &mut self.terminating,
            &mut self.unsettled,
            &mut self.fail_job,
            &mut self.busy,
            &mut self.reopened,
            &mut self.strays,
            &mut self.misfits,
        ] {
            set.clear();
        }
        self.surplus.clear();
        (self.ready, self.restarts, self.unnumbered, self.fresh) = (0, 0, 0, 0);
        self.expectations.clear();
        self.backoff = Backoff::default();
        self.last_write = None;
    }
}

/// Whether the change makes no difference to any count: the pod was and is active.
fn stands_as_before(old: &Pod, new: &Pod) -> bool {
    let active = |pod: &Pod| pod.owned && pod.matches && pod.is_active();
    let same = old.is_ready() == new.is_ready() && old.restarts == new.restarts;
    active(old) && active(new) && same
}
