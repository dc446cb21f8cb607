//! The garbage collector, without delay: what becomes of the pods of a deleted Job (J65).

use crate::api::{ApiServer, JobChange, Notice, PodChange};
use crate::base::Instant;
use crate::model::{JobId, PodId};

/// The garbage collector: Jobs whose dependents it has to look at.
#[derive(Debug, Default)]
pub struct GarbageCollector {
    pending: Vec<JobId>,
}

impl GarbageCollector {
    /// Takes in a write, as the watch tells it.
    pub fn observe(&mut self, api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Job(job, JobChange::Gone | JobChange::Spec { .. })
                if api.job(*job).gone || api.job(*job).waits_for_dependents =>
            {
                self.pending.push(*job);
            }
            Notice::Pod(PodChange {
                old: Some(old),
                new: None,
                ..
            }) if api.job(old.job).waits_for_dependents => {
                self.pending.push(old.job);
            }
            _ => {}
        }
    }

    /// Whether there is anything to collect.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.pending.clear();
    }

    /// Collects what is to be collected: deletes the pods of Jobs that are gone or waiting for
    /// them, and removes Jobs that have waited long enough.
    pub fn collect(&mut self, now: Instant, api: &mut ApiServer) {
        for job in std::mem::take(&mut self.pending) {
            let pods: Vec<PodId> = api.job(job).pods.iter().map(PodId).collect();
            let owned = |api: &ApiServer, pod: &PodId| api.pod(*pod).owned;
            for pod in &pods {
                if owned(api, pod) && api.pod(*pod).deletion.is_none() {
                    // It exists: it was listed just now.
                    let _ = api.delete_pod(now, *pod, None);
                }
            }
            let left = api.job(job).pods.iter().any(|pod| owned(api, &PodId(pod)));
            if api.job(job).waits_for_dependents && !left {
                // Refused only if the Job has gone meanwhile.
                let _ = api.finish_foreground_deletion(job);
            }
        }
    }
}
