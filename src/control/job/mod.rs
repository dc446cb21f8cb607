//! The Job controller of Kubernetes, without input or output.
//!
//! It is fed what a watch would tell it ([`JobController::observe`]) and the time
//! ([`JobController::advance`]), and hands out syncs to run ([`JobController::next_sync`]). A
//! [`Sync`] asks for API requests in groups and goes on with the answers; who drives it may let
//! any time pass, fail any request, or throw the controller away in between, as a restart does.
//!
//! The files: `sync` is the spine, `rules/` what ends a Job, `stock` what a sync sees, `scale`
//! and `act` which pods it creates and deletes, `settle` how finished pods are counted, `orphans`
//! what happens to finalizers nobody needs any more.

mod act;
mod backoff;
mod decision;
mod expectations;
mod orphans;
mod policy;
mod rules;
mod scale;
mod settle;
mod stock;
mod sync;
mod view;

pub(crate) use backoff::{Backoff, NewlyFinished};
pub use decision::{Decision, Settlement};
pub use orphans::{OrphanKey, OrphanSync};
pub(crate) use scale::MOST_AT_ONCE;
pub(crate) use settle::MOST_UNCOUNTED;
pub use sync::{Progress, Sync};

use crate::api::{ApiServer, JobChange, Notice, PodChange, Refusal, Request};
use crate::base::{Instant, Span};
use crate::kernel::{RateLimit, WorkQueue};
use crate::model::{Behavior, JobId, Pod, PodId, Release};
use sync::Surroundings;
use view::View;

/// Pod events and status writes wait this long, to be handled together (J3).
pub(crate) const BATCH_PERIOD: Span = Span::from_secs(1);
/// The first wait after a failed sync (J5).
const RETRY_BASE: Span = Span::from_secs(1);
/// The longest wait after failed syncs (J5).
const RETRY_CAP: Span = Span::from_secs(60);
/// Syncs that run at the same time, each for another Job (J1).
pub const WORKERS: usize = 5;

/// The Job controller: its work queues, and what it knows of each Job's pods.
#[derive(Debug)]
pub struct JobController {
    behavior: Behavior,
    views: Vec<View>,
    queue: WorkQueue<JobId>,
    orphans: WorkQueue<OrphanKey>,
}

impl JobController {
    /// A controller that has just started and seen nothing.
    #[must_use]
    pub fn new(release: Release) -> Self {
        let retry = RateLimit::Exponential {
            base: RETRY_BASE,
            max: RETRY_CAP,
        };
        Self {
            behavior: release.behavior(),
            views: Vec::new(),
            queue: WorkQueue::new(retry),
            orphans: WorkQueue::new(retry),
        }
    }

    /// Makes room for so many Jobs.
    pub fn expect_jobs(&mut self, count: usize) {
        self.views.reserve_exact(count);
        self.queue.expect_keys(count);
    }

    /// Forgets everything, and keeps the memory for the next run.
    pub fn clear(&mut self) {
        self.views.iter_mut().for_each(View::clear);
        self.queue.clear();
        self.orphans.clear();
    }

    /// When the controller next has something to do by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        match (self.queue.next_due(), self.orphans.next_due()) {
            (Some(sync), Some(orphan)) => Some(sync.min(orphan)),
            (sync, orphan) => sync.or(orphan),
        }
    }

    /// Whether a sync or a clean-up may begin now.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.queue.has_ready() || self.orphans.has_ready()
    }

    /// Lets time pass.
    pub fn advance(&mut self, now: Instant) {
        self.queue.advance(now);
        self.orphans.advance(now);
    }

    /// Takes in a write, as the watch tells it.
    pub fn observe(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Job(job, change) => self.observe_job(now, api, *job, *change),
            Notice::Pod(change) => self.observe_pod(now, api, change),
            // The Job controller does not know that nodes exist.
            Notice::Node(..) | Notice::Budget(_) => {}
        }
    }

    fn observe_job(&mut self, now: Instant, api: &ApiServer, job: JobId, change: JobChange) {
        let stored = api.job(job);
        let finished = stored.status.finished().is_some();
        match change {
            JobChange::Added => {
                if self.views.len() <= job.slot() {
                    self.views.resize_with(job.slot() + 1, View::default);
                }
                self.queue.add(job);
            }
            JobChange::Gone => {
                self.queue.add(job);
                self.let_go_of_pods(api, job);
                let view = &mut self.views[job.slot()];
                if self.behavior.deletion_forgets_backoff {
                    view.backoff = backoff::Backoff::default();
                }
                if self.behavior.deletion_forgets_expectations {
                    view.expectations.forget();
                }
            }
            _ if finished && self.behavior.finished_updates_are_quiet => {
                self.let_go_of_pods(api, job);
            }
            JobChange::Spec {
                new_generation,
                new_deadline,
            } => {
                self.views[job.slot()].look_anew();
                if new_generation {
                    self.queue.add(job);
                } else {
                    self.queue.add_after(now, job, BATCH_PERIOD);
                }
                if finished {
                    self.let_go_of_pods(api, job);
                }
                let (spec, start) = (&stored.job.spec, stored.status.start_time);
                if let Some(left) =
                    rules::left_after_change(spec, start, now).filter(|_| new_deadline)
                {
                    self.queue.add_after(now, job, left);
                }
            }
            JobChange::Status => {
                self.queue.add_after(now, job, BATCH_PERIOD);
                if finished {
                    self.let_go_of_pods(api, job);
                }
            }
        }
    }

    /// J4, J61: a finished or deleted Job does not need its pods' finalizers.
    fn let_go_of_pods(&mut self, api: &ApiServer, job: JobId) {
        if self.behavior.finished_updates_are_quiet {
            self.orphans.add(OrphanKey::Selector(job));
            return;
        }
        for pod in api.job(job).pods.iter().map(PodId) {
            if api.pod(pod).owned && api.pod(pod).finalizer {
                self.orphans.add(OrphanKey::Pod(pod));
            }
        }
    }

    fn observe_pod(&mut self, now: Instant, api: &ApiServer, change: &PodChange) {
        let Some(pod) = change.new.as_ref().or(change.old.as_ref()) else {
            return;
        };
        let stored = api.job(pod.job);
        self.views[pod.job.slot()].observe(api, &stored.job.spec, change);
        match (&change.old, &change.new) {
            (_, None) => self.observe_deletion(now, api, change.id, pod, true),
            // After a restart of the controller, a pod can be new to it and going already.
            (_, Some(new)) if new.deletion.is_some() => {
                self.observe_deletion(now, api, change.id, new, false);
            }
            (None, Some(new)) if new.owned => {
                self.views[pod.job.slot()].expectations.creation_observed();
                self.wake(now, pod.job);
            }
            (None, Some(new)) => {
                if new.finalizer {
                    self.orphans.add(OrphanKey::Pod(change.id));
                }
                if new.matches && !stored.gone {
                    self.wake(now, pod.job);
                }
            }
            (Some(old), Some(new)) => self.observe_update(now, api, change.id, old, new),
        }
    }

    fn observe_update(&mut self, now: Instant, api: &ApiServer, id: PodId, old: &Pod, new: &Pod) {
        let gone = api.job(new.job).gone;
        if (old.owned || new.owned) && !gone {
            if !new.finalizer {
                self.views[new.job.slot()].expectations.removal_observed(id);
            }
            self.wake(now, new.job);
        }
        if !new.owned {
            if new.finalizer {
                self.orphans.add(OrphanKey::Pod(id));
            }
            if new.matches && !gone {
                self.wake(now, new.job);
            }
        }
    }

    /// J7: a pod asked to terminate, or gone.
    fn observe_deletion(
        &mut self,
        now: Instant,
        api: &ApiServer,
        id: PodId,
        pod: &Pod,
        gone: bool,
    ) {
        let stored = api.job(pod.job);
        if !pod.owned || stored.gone || stored.status.finished().is_some() {
            if pod.finalizer {
                self.orphans.add(OrphanKey::Pod(id));
            }
            return;
        }
        let expectations = &mut self.views[pod.job.slot()].expectations;
        expectations.deletion_observed();
        if gone || !pod.finalizer {
            expectations.removal_observed(id);
        }
        self.wake(now, pod.job);
    }

    fn wake(&mut self, now: Instant, job: JobId) {
        self.queue.add_after(now, job, BATCH_PERIOD);
    }

    /// Begins the next sync that is due, if there is one. It is over when
    /// [`JobController::resume`] says so.
    pub fn next_sync(&mut self, sync: &mut Sync) -> bool {
        let Some(job) = self.queue.get() else {
            return false;
        };
        sync.begin(job);
        true
    }

    /// Runs a sync until it asks for something or ends.
    pub fn resume(&mut self, now: Instant, api: &ApiServer, sync: &mut Sync) -> Progress {
        let view = &mut self.views[sync.job.slot()];
        let progress = sync.advance(&mut Surroundings {
            now,
            api,
            view,
            queue: &mut self.queue,
        });
        if let Progress::Done(well) = progress {
            if well {
                self.queue.forget(sync.job);
            } else {
                self.queue.add_rate_limited(now, sync.job);
            }
            self.queue.done(sync.job);
        }
        progress
    }

    /// Hands a sync the answer to the request at that place of its group. Gives a request that
    /// is to be sent at once in its place.
    pub fn answer(
        &mut self,
        now: Instant,
        api: &ApiServer,
        sync: &mut Sync,
        place: usize,
        request: Request,
        answer: Result<Option<PodId>, Refusal>,
    ) -> Option<Request> {
        let view = &mut self.views[sync.job.slot()];
        let env = &mut Surroundings {
            now,
            api,
            view,
            queue: &mut self.queue,
        };
        sync.answer(env, place, request, answer)
    }

    /// Begins the next removal of leftover finalizers that is due, if there is one.
    pub fn next_orphan_sync(&mut self) -> Option<OrphanSync> {
        self.orphans.get().map(OrphanSync::new)
    }

    /// Runs such a removal until its next request; `None` means that it is over.
    pub fn resume_orphan_sync(
        &mut self,
        now: Instant,
        api: &ApiServer,
        sync: &mut OrphanSync,
    ) -> Option<Request> {
        let request = sync.advance(api);
        if request.is_none() {
            // A pod that is its own key is tried again below; others only from 1.37.
            let by_selector = matches!(sync.key(), OrphanKey::Selector(_));
            if by_selector && self.behavior.orphans_are_retried {
                for pod in sync.take_failed() {
                    self.orphans.add_rate_limited(now, OrphanKey::Pod(pod));
                }
            }
            if sync.went_well() {
                self.orphans.forget(sync.key());
            } else {
                self.orphans.add_rate_limited(now, sync.key());
            }
            self.orphans.done(sync.key());
        }
        request
    }
}
