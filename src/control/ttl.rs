//! The TTL-after-finished controller: deletes finished Jobs when their time is up (J64).

use crate::api::{ApiServer, JobChange, Notice, Refusal, Request};
use crate::base::{Instant, Span};
use crate::kernel::{RateLimit, WorkQueue};
use crate::model::{JobId, PodId, Propagation};

/// The TTL controller and its work queue.
#[derive(Debug)]
pub struct TtlController {
    queue: WorkQueue<JobId>,
}

/// The clean-up of one Job: a last look past the cache, then the deletion.
#[derive(Debug)]
pub struct TtlSync {
    job: JobId,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Begin,
    Looking,
    Deleting,
    Failed,
}

impl Default for TtlController {
    fn default() -> Self {
        Self::new()
    }
}

impl TtlController {
    /// A controller that has just started and seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            queue: WorkQueue::new(RateLimit::ExponentialAndBucket {
                base: Span::from_millis(5),
                max: Span::from_secs(1000),
                qps: 10,
                burst: 100,
            }),
        }
    }

    /// Forgets everything, and keeps the memory for the next run.
    pub fn clear(&mut self) {
        self.queue.clear();
    }

    /// When the controller next has something to do by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.queue.next_due()
    }

    /// Whether a clean-up may begin now.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.queue.has_ready()
    }

    /// Lets time pass.
    pub fn advance(&mut self, now: Instant) {
        self.queue.advance(now);
    }

    /// Takes in a write, as the watch tells it.
    pub fn observe(&mut self, api: &ApiServer, notice: &Notice) {
        if let Notice::Job(job, change) = notice {
            if *change != JobChange::Gone && expiry(api, *job).is_some() {
                self.queue.add(*job);
            }
        }
    }

    /// Begins the next clean-up that is due, if there is one.
    pub fn next_sync(&mut self) -> Option<TtlSync> {
        self.queue.get().map(|job| TtlSync {
            job,
            step: Step::Begin,
        })
    }

    /// Runs a clean-up until its next request; `None` means that it is over.
    pub fn resume(&mut self, now: Instant, api: &ApiServer, sync: &mut TtlSync) -> Option<Request> {
        let due = expiry(api, sync.job);
        let request = match (sync.step, due) {
            (Step::Begin | Step::Looking, Some(due)) if due > now => {
                self.queue.add_after(now, sync.job, due.since(now));
                None
            }
            (Step::Begin, Some(_)) => {
                sync.step = Step::Looking;
                Some(Request::GetJob(sync.job))
            }
            (Step::Looking, Some(_)) => {
                sync.step = Step::Deleting;
                Some(Request::DeleteJob(sync.job, Propagation::Foreground))
            }
            _ => None,
        };
        if request.is_none() {
            if sync.step == Step::Failed {
                self.queue.add_rate_limited(now, sync.job);
            } else {
                self.queue.forget(sync.job);
            }
            self.queue.done(sync.job);
        }
        request
    }
}

impl TtlSync {
    /// Takes the answer to the request.
    pub fn answer(&mut self, answer: &Result<Option<PodId>, Refusal>) {
        match answer {
            Ok(_) => {}
            Err(Refusal::NotFound) if self.step == Step::Looking => self.step = Step::Deleting,
            Err(_) => self.step = Step::Failed,
        }
    }
}

/// When the Job's time is up, if it is one to be cleaned up at all.
fn expiry(api: &ApiServer, job: JobId) -> Option<Instant> {
    let stored = api.job(job);
    let ttl = Span::from_secs(stored.job.spec.ttl_seconds_after_finished?);
    let finished = stored.status.finished()?;
    (!stored.gone && stored.deletion.is_none()).then(|| finished.at.instant() + ttl)
}
