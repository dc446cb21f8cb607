//! Finalizers that nobody needs any more: of pods whose Job is gone or finished (J4, J61).

use crate::api::{ApiServer, Refusal, Request};
use crate::model::{JobId, PodId};

/// What the orphan queue is keyed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrphanKey {
    /// One pod.
    Pod(PodId),
    /// All pods that match the Job's selector (from 1.32).
    Selector(JobId),
}

/// The removal of leftover finalizers, one pod after the other.
#[derive(Debug)]
pub struct OrphanSync {
    key: OrphanKey,
    pods: Option<Vec<PodId>>,
    asked: Option<PodId>,
    failed: Vec<PodId>,
    well: bool,
}

impl OrphanSync {
    pub(super) fn new(key: OrphanKey) -> Self {
        Self {
            key,
            pods: None,
            asked: None,
            failed: Vec::new(),
            well: true,
        }
    }

    pub(super) fn key(&self) -> OrphanKey {
        self.key
    }

    /// Whether the key itself is done with. A selector is, whatever became of its pods.
    pub(super) fn went_well(&self) -> bool {
        self.well
    }

    pub(super) fn take_failed(&mut self) -> Vec<PodId> {
        std::mem::take(&mut self.failed)
    }

    /// The next request, if there is one.
    pub(super) fn advance(&mut self, api: &ApiServer) -> Option<Request> {
        let key = self.key;
        let pods = self.pods.get_or_insert_with(|| match key {
            OrphanKey::Pod(pod) => vec![pod],
            OrphanKey::Selector(job) => {
                let pods = api.job(job).pods.iter().map(PodId);
                let mut list: Vec<PodId> = pods.filter(|pod| api.pod(*pod).matches).collect();
                list.reverse(); // taken from the end, in order of creation
                list
            }
        });
        while let Some(pod) = pods.pop() {
            if needs_no_finalizer(api, pod) {
                self.asked = Some(pod);
                return Some(Request::RemoveFinalizer(pod));
            }
        }
        None
    }

    /// Takes the answer to the request.
    pub fn answer(&mut self, answer: &Result<Option<PodId>, Refusal>) {
        let Some(pod) = self.asked.take() else { return };
        if !matches!(answer, Ok(_) | Err(Refusal::NotFound)) {
            self.failed.push(pod);
            self.well &= matches!(self.key, OrphanKey::Selector(_));
        }
    }
}

/// Whether the pod has a finalizer although no Job looks after it.
fn needs_no_finalizer(api: &ApiServer, id: PodId) -> bool {
    let pod = api.pod(id);
    let job = api.job(pod.job);
    let looked_after = pod.owned
        && !job.gone
        && (job.status.finished().is_none() || job.job.spec.is_managed_elsewhere());
    api.pod_exists(id) && pod.finalizer && !looked_after
}
