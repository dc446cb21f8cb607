//! Who watches a run.

use crate::api::{ApiServer, Notice, Refusal};
use crate::base::Instant;
use crate::control::announcer::Announcement;
use crate::control::job::Decision;
use crate::model::{JobEvent, JobId, PodId, PodNews};

/// A witness of a run. Every method does nothing unless overridden, and `()` overrides none: a
/// run that nobody watches pays for no record.
pub trait Recorder {
    /// Whether it wants to hear of events. Where nobody does, and events take nothing from a rate
    /// limit that others share, they need not be written at all.
    const HEARS_EVENTS: bool = true;

    /// A write was accepted.
    fn wrote(&mut self, _now: Instant, _api: &ApiServer, _notice: &Notice) {}

    /// An event was written.
    fn announced(&mut self, _now: Instant, _api: &ApiServer, _event: &Announcement) {}

    /// The Job controller reports something: an event before it is combined or filtered.
    fn reported(&mut self, _now: Instant, _api: &ApiServer, _job: JobId, _event: JobEvent) {}

    /// The Job controller has decided something.
    fn decided(&mut self, _now: Instant, _api: &ApiServer, _job: JobId, _decision: &Decision) {}

    /// Scheduler or kubelet did something about a pod.
    fn told(&mut self, _now: Instant, _api: &ApiServer, _pod: PodId, _news: PodNews) {}

    /// A user's action was refused.
    fn refused(&mut self, _now: Instant, _refusal: &Refusal) {}

    /// The eviction of a pod was refused for the sake of its disruption budget (P80).
    fn kept(&mut self, _now: Instant, _api: &ApiServer, _pod: PodId, _refusal: &Refusal) {}

    /// Nothing more happens at this instant.
    fn came_to_rest(&mut self, _now: Instant, _api: &ApiServer) {}
}

impl Recorder for () {
    const HEARS_EVENTS: bool = false;
}

/// Two witnesses side by side.
impl<A: Recorder, B: Recorder> Recorder for (A, B) {
    const HEARS_EVENTS: bool = A::HEARS_EVENTS || B::HEARS_EVENTS;

    fn wrote(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        self.0.wrote(now, api, notice);
        self.1.wrote(now, api, notice);
    }

    fn announced(&mut self, now: Instant, api: &ApiServer, event: &Announcement) {
        self.0.announced(now, api, event);
        self.1.announced(now, api, event);
    }

    fn reported(&mut self, now: Instant, api: &ApiServer, job: JobId, event: JobEvent) {
        self.0.reported(now, api, job, event);
        self.1.reported(now, api, job, event);
    }

    fn decided(&mut self, now: Instant, api: &ApiServer, job: JobId, decision: &Decision) {
        self.0.decided(now, api, job, decision);
        self.1.decided(now, api, job, decision);
    }

    fn told(&mut self, now: Instant, api: &ApiServer, pod: PodId, news: PodNews) {
        self.0.told(now, api, pod, news);
        self.1.told(now, api, pod, news);
    }

    fn refused(&mut self, now: Instant, refusal: &Refusal) {
        self.0.refused(now, refusal);
        self.1.refused(now, refusal);
    }

    fn kept(&mut self, now: Instant, api: &ApiServer, pod: PodId, refusal: &Refusal) {
        self.0.kept(now, api, pod, refusal);
        self.1.kept(now, api, pod, refusal);
    }

    fn came_to_rest(&mut self, now: Instant, api: &ApiServer) {
        self.0.came_to_rest(now, api);
        self.1.came_to_rest(now, api);
    }
}
