//! Writes of pods: creation, patches, and removal once nothing holds them.

use super::{ApiServer, Notice, PodChange, Refusal};
use crate::base::Instant;
use crate::model::{Deletion, JobId, Pod, PodId};

impl ApiServer {
    /// Creates a pod for the Job, owned by it and with the tracking finalizer.
    pub fn create_pod(
        &mut self,
        now: Instant,
        job: JobId,
        index: Option<u32>,
        failures: Option<u32>,
        ignored: Option<u32>,
    ) -> PodId {
        let id = PodId(self.pods_created());
        let stored = &mut self.jobs[job.slot()];
        let pod = Pod {
            job,
            index,
            nth: stored.numbering.next(index),
            created: now.wire(),
            finalizer: true,
            owned: true,
            matches: true,
            index_failures: failures,
            ignored_failures: ignored,
            ..Pod::default()
        };
        stored.pods.insert(id.0);
        self.pods.push(pod);
        self.live.insert(id.0);
        self.notices.push(Notice::Pod(PodChange {
            id,
            old: None,
            new: Some(pod),
        }));
        id
    }

    /// Changes a pod as a client with a fresh copy would, and removes it if that took away the
    /// last thing that held it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the pod is gone.
    pub fn patch_pod(&mut self, id: PodId, change: impl FnOnce(&mut Pod)) -> Result<(), Refusal> {
        if !self.pod_exists(id) {
            return Err(Refusal::NotFound);
        }
        let pod = &mut self.pods[id.slot()];
        let old = *pod;
        change(pod);
        let new = *pod;
        let held = new.finalizer || !matches!(new.deletion, Some(Deletion { grace: 0, .. }));
        if held {
            self.notices.push(Notice::Pod(PodChange {
                id,
                old: Some(old),
                new: Some(new),
            }));
        } else {
            self.remove_pod(id, old);
        }
        Ok(())
    }

    /// Deletes a pod: one that is bound and has not ended gets its grace period, any other goes
    /// at once or waits for its finalizers only (J65). `grace` overrides the pod's own period.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the pod is gone.
    pub fn delete_pod(
        &mut self,
        now: Instant,
        id: PodId,
        grace: Option<u32>,
    ) -> Result<(), Refusal> {
        if !self.pod_exists(id) {
            return Err(Refusal::NotFound);
        }
        let old = self.pods[id.slot()];
        let own = self
            .job(old.job)
            .job
            .spec
            .template
            .termination_grace_period_seconds;
        let needs_stopping = old.is_bound() && !old.phase.is_final();
        let grace = if needs_stopping {
            grace.unwrap_or(own)
        } else {
            0
        };
        if let Some(earlier) = old.deletion {
            // A second request can only shorten the wait.
            let waits_for_finalizers = grace == 0 && earlier.grace == 0 && old.finalizer;
            if (earlier.grace != 0 && grace >= earlier.grace) || waits_for_finalizers {
                return Ok(());
            }
        }
        if grace == 0 && !old.finalizer {
            self.remove_pod(id, old);
            return Ok(());
        }
        let at = (now + crate::base::Span::from_secs(i64::from(grace))).wire();
        let pod = &mut self.pods[id.slot()];
        pod.deletion = Some(Deletion { at, grace });
        let new = *pod;
        self.notices.push(Notice::Pod(PodChange {
            id,
            old: Some(old),
            new: Some(new),
        }));
        Ok(())
    }

    /// Takes a pod out of the store for good.
    fn remove_pod(&mut self, id: PodId, old: Pod) {
        self.live.remove(id.0);
        self.leave_node(id, &old);
        self.jobs[old.job.slot()].pods.remove(id.0);
        self.notices.push(Notice::Pod(PodChange {
            id,
            old: Some(old),
            new: None,
        }));
    }
}
