//! Status writes: what the Job controller sends, and how it is stored.

use super::status_checks;
use super::{ApiServer, JobChange, Notice, Refusal};
use crate::base::WireTime;
use crate::model::{Condition, JobId, JobStatus, PodId};

/// A status as the Job controller writes it. Index lists are told as changes, because a list of
/// a million indexes should not be copied for each pod that ends.
#[derive(Clone, Debug, Default)]
pub struct StatusWrite {
    /// `active`
    pub active: u32,
    /// `ready`
    pub ready: Option<u32>,
    /// `terminating`
    pub terminating: Option<u32>,
    /// `succeeded`
    pub succeeded: u32,
    /// `failed`
    pub failed: u32,
    /// Indexes from here on are dropped from both lists: the completions that the writer knew.
    pub index_bound: u32,
    /// Indexes that join `completedIndexes`.
    pub completed: Vec<u32>,
    /// Indexes that join `failedIndexes`; `None` removes the list.
    pub failed_indexes: Option<Vec<u32>>,
    /// `uncountedTerminatedPods.succeeded`
    pub uncounted_succeeded: Vec<PodId>,
    /// `uncountedTerminatedPods.failed`
    pub uncounted_failed: Vec<PodId>,
    /// `startTime`
    pub start_time: Option<WireTime>,
    /// `completionTime`
    pub completion_time: Option<WireTime>,
    /// `conditions`
    pub conditions: Vec<Condition>,
}

impl StatusWrite {
    /// Starts from a stored status, changing nothing yet. Keeps the memory of its lists.
    pub fn start_from(&mut self, status: &JobStatus, index_bound: u32) {
        self.active = status.active;
        self.ready = status.ready;
        self.terminating = status.terminating;
        self.succeeded = status.succeeded;
        self.failed = status.failed;
        self.index_bound = index_bound;
        self.completed.clear();
        self.failed_indexes = status.failed_indexes.as_ref().map(|_| Vec::new());
        self.uncounted_succeeded
            .clone_from(&status.uncounted_succeeded);
        self.uncounted_failed.clone_from(&status.uncounted_failed);
        self.start_time = status.start_time;
        self.completion_time = status.completion_time;
        self.conditions.clone_from(&status.conditions);
    }

    fn apply(&self, status: &mut JobStatus) {
        status.active = self.active;
        status.ready = self.ready;
        status.terminating = self.terminating;
        status.succeeded = self.succeeded;
        status.failed = self.failed;
        status.completed_indexes.truncate(self.index_bound);
        status
            .completed_indexes
            .extend(self.completed.iter().copied());
        match &self.failed_indexes {
            Some(more) => {
                let list = status.failed_indexes.get_or_insert_default();
                list.truncate(self.index_bound);
                list.extend(more.iter().copied());
            }
            None => status.failed_indexes = None,
        }
        status
            .uncounted_succeeded
            .clone_from(&self.uncounted_succeeded);
        status.uncounted_failed.clone_from(&self.uncounted_failed);
        status.start_time = self.start_time;
        status.completion_time = self.completion_time;
        status.conditions.clone_from(&self.conditions);
    }
}

impl ApiServer {
    /// Writes a Job's status, if the writer has read its newest revision and the release's checks
    /// let it pass (J62).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::Stale`] or [`Refusal::Invalid`].
    pub fn update_status(
        &mut self,
        id: JobId,
        revision: u64,
        write: &StatusWrite,
    ) -> Result<(), Refusal> {
        let stored = &mut self.jobs[id.slot()];
        if stored.gone {
            return Err(Refusal::NotFound);
        }
        if stored.revision != revision {
            return Err(Refusal::Stale);
        }
        let reasons = status_checks::check(&self.behavior, &stored.job.spec, &stored.status, write);
        if !reasons.is_empty() {
            return Err(Refusal::Invalid {
                name: stored.job.name.clone(),
                reasons,
            });
        }
        write.apply(&mut stored.status);
        stored.revision += 1;
        self.notices.push(Notice::Job(id, JobChange::Status));
        Ok(())
    }
}
