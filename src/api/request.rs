//! The requests that controllers send.

use super::status_write::StatusWrite;
use super::{ApiServer, Refusal};
use crate::base::Instant;
use crate::model::{JobId, PodId, Propagation};

/// A request of a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Create a pod from the Job's template.
    CreatePod {
        /// The Job.
        job: JobId,
        /// Its completion index, for Indexed Jobs.
        index: Option<u32>,
        /// The annotation `job-index-failure-count`, where the Job has a limit per index.
        failures: Option<u32>,
        /// The annotation `job-index-ignored-failure-count`, where above 0.
        ignored: Option<u32>,
    },
    /// Delete a pod with its own grace period.
    DeletePod(PodId),
    /// Take the tracking finalizer off a pod.
    RemoveFinalizer(PodId),
    /// Make the Job the pod's controller and put the tracking finalizer on it.
    AdoptPod(PodId),
    /// Take the Job's owner reference and finalizer off a pod.
    ReleasePod(PodId),
    /// Read a Job, past the cache.
    GetJob(JobId),
    /// Write a Job's status; the content goes along beside the request.
    UpdateStatus {
        /// The Job.
        job: JobId,
        /// The revision that the writer has read.
        revision: u64,
    },
    /// Delete a Job.
    DeleteJob(JobId, Propagation),
    /// Write a new event.
    CreateEvent,
    /// Count an event that was written before.
    PatchEvent,
}

/// `create`, `update` …: how faults and audit logs name what a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it all
pub enum Verb {
    Create,
    Get,
    Update,
    Patch,
    Delete,
}

/// What a request is about, in the plural that the API's paths use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it all
pub enum Resource {
    Jobs,
    JobsStatus,
    Pods,
    Events,
}

impl Resource {
    /// The resource without its subresource, as error messages name it.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Jobs | Self::JobsStatus => "jobs.batch",
            Self::Pods => "pods",
            Self::Events => "events",
        }
    }
}

impl Request {
    /// The verb and resource under which the API server knows the request.
    #[must_use]
    pub const fn kind(&self) -> (Verb, Resource) {
        match self {
            Self::CreatePod { .. } => (Verb::Create, Resource::Pods),
            Self::DeletePod(_) => (Verb::Delete, Resource::Pods),
            Self::RemoveFinalizer(_) | Self::AdoptPod(_) | Self::ReleasePod(_) => {
                (Verb::Patch, Resource::Pods)
            }
            Self::GetJob(_) => (Verb::Get, Resource::Jobs),
            Self::UpdateStatus { .. } => (Verb::Update, Resource::JobsStatus),
            Self::DeleteJob(..) => (Verb::Delete, Resource::Jobs),
            Self::CreateEvent => (Verb::Create, Resource::Events),
            Self::PatchEvent => (Verb::Patch, Resource::Events),
        }
    }
}

/// What the server answers: the new pod's number for a creation, else nothing of interest.
pub(super) type Answer = Result<Option<PodId>, Refusal>;

impl ApiServer {
    /// Carries out a controller's request.
    ///
    /// # Errors
    ///
    /// The server's refusal: [`Refusal::NotFound`] for an object that is not there,
    /// [`Refusal::Stale`] or [`Refusal::Invalid`] for a status write, [`Refusal::Forbidden`] or
    /// [`Refusal::NamespaceTerminating`] for a pod that is not let in.
    pub fn execute(&mut self, now: Instant, request: Request, status: &StatusWrite) -> Answer {
        match request {
            Request::CreatePod {
                job,
                index,
                failures,
                ignored,
            } => {
                self.admit(now, job)?;
                Ok(Some(self.create_pod(now, job, index, failures, ignored)))
            }
            Request::DeletePod(pod) => self.delete_pod(now, pod, None).map(|()| None),
            Request::RemoveFinalizer(pod) => self
                .patch_pod(pod, |pod| pod.finalizer = false)
                .map(|()| None),
            Request::AdoptPod(pod) => self
                .patch_pod(pod, |pod| {
                    pod.owned = true;
                    pod.finalizer = true;
                })
                .map(|()| None),
            Request::ReleasePod(pod) => self
                .patch_pod(pod, |pod| {
                    pod.owned = false;
                    pod.finalizer = false;
                })
                .map(|()| None),
            Request::GetJob(job) => {
                if self.job(job).gone {
                    Err(Refusal::NotFound)
                } else {
                    Ok(None)
                }
            }
            Request::UpdateStatus { job, revision } => {
                self.update_status(job, revision, status).map(|()| None)
            }
            Request::DeleteJob(job, propagation) => {
                self.delete_job(now, job, propagation).map(|()| None)
            }
            Request::CreateEvent | Request::PatchEvent => Ok(None),
        }
    }
}
