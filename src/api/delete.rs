//! Deleting Jobs (J65). What becomes of their pods is the garbage collector's business.

use super::{ApiServer, JobChange, Notice, Refusal};
use crate::base::Instant;
use crate::model::{JobId, PodId, Propagation};

impl ApiServer {
    /// Deletes a Job as a user or the TTL controller does.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the Job is gone.
    pub fn delete_job(
        &mut self,
        now: Instant,
        id: JobId,
        propagation: Propagation,
    ) -> Result<(), Refusal> {
        if self.job(id).gone {
            return Err(Refusal::NotFound);
        }
        if propagation == Propagation::Orphan {
            self.orphan_pods(id);
        }
        let foreground = propagation == Propagation::Foreground;
        let stored = &mut self.jobs[id.slot()];
        let already = stored.deletion.is_some();
        if already && stored.waits_for_dependents {
            return Ok(());
        }
        if !foreground && !stored.waits_for_dependents {
            self.remove_job(id);
            return Ok(());
        }
        stored.waits_for_dependents |= foreground;
        stored.deletion = Some(now.wire());
        stored.generation += 1;
        stored.revision += 1;
        let change = JobChange::Spec {
            new_generation: true,
            new_deadline: false,
        };
        self.notices.push(Notice::Job(id, change));
        Ok(())
    }

    /// Takes the finalizer of a foreground deletion off a Job, which removes it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the Job is gone.
    pub fn finish_foreground_deletion(&mut self, id: JobId) -> Result<(), Refusal> {
        let stored = &mut self.jobs[id.slot()];
        if stored.gone {
            return Err(Refusal::NotFound);
        }
        stored.waits_for_dependents = false;
        if stored.deletion.is_some() {
            self.remove_job(id);
        }
        Ok(())
    }

    /// Takes the Job's owner reference off all its pods.
    fn orphan_pods(&mut self, id: JobId) {
        let pods: Vec<u32> = self.job(id).pods.iter().collect();
        for pod in pods {
            if self.pod(PodId(pod)).owned {
                // The pod exists: it is in the Job's list.
                let _ = self.patch_pod(PodId(pod), |pod| pod.owned = false);
            }
        }
    }

    fn remove_job(&mut self, id: JobId) {
        let stored = &mut self.jobs[id.slot()];
        stored.gone = true;
        stored.revision += 1;
        self.notices.push(Notice::Job(id, JobChange::Gone));
    }
}
