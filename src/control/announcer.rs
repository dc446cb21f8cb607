//! The event recorder of a controller: one event after the other, combined and filtered as
//! client-go does it (J70, J71).

use crate::api::{Refusal, Request};
use crate::base::Instant;
use crate::kernel::{Correlator, Outcome};
use crate::model::{JobEvent, JobId, Release};
use std::collections::{BTreeSet, VecDeque};

/// The queue of events to be written, and what is known of those written before.
#[derive(Debug)]
pub struct Announcer {
    spam_by_type: bool,
    waiting: VecDeque<(JobId, JobEvent)>,
    taken: u64,
    correlator: Correlator<JobId>,
    writing: Option<Announcement>,
    written: BTreeSet<(JobId, u16, Option<u64>)>,
}

/// An event on its way to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The Job it is about.
    pub job: JobId,
    /// The event.
    pub event: JobEvent,
    /// Whether it stands for similar ones before it.
    pub combined: bool,
    /// Whether such an event was written before, so that only its count goes up.
    pub repeated: bool,
}

impl Announcement {
    /// What the API server knows the event by: similar ones share one when combined.
    fn key(&self) -> (JobId, u16, Option<u64>) {
        let message = (!self.combined).then(|| self.event.message_key());
        (self.job, self.event.similarity(), message)
    }
}

impl Announcer {
    /// A recorder that has written nothing yet.
    #[must_use]
    pub fn new(release: Release) -> Self {
        Self {
            spam_by_type: release.behavior().spam_by_type,
            waiting: VecDeque::new(),
            taken: 0,
            correlator: Correlator::new(),
            writing: None,
            written: BTreeSet::new(),
        }
    }

    /// Queues an event.
    pub fn announce(&mut self, job: JobId, event: JobEvent) {
        self.waiting.push_back((job, event));
    }

    /// How many events wait to be written.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many events were announced so far.
    #[must_use]
    pub fn announced(&self) -> u64 {
        self.taken + self.waiting.len() as u64
    }

    /// The next request for one of the first `limit` events announced, unless one is under way or
    /// none is left. Events that are filtered out cost no request.
    pub fn next_request(&mut self, now: Instant, limit: u64) -> Option<Request> {
        if self.writing.is_some() {
            return None;
        }
        while self.taken < limit {
            let (job, event) = self.waiting.pop_front()?;
            self.taken += 1;
            // A reason has one type only, so the type matters for nothing but the spam filter.
            let severity = u8::from(self.spam_by_type && event.severity() == "Warning");
            let (reason, message) = (event.similarity(), event.message_key());
            let outcome = self.correlator.observe(now, job, severity, reason, message);
            if let Outcome::Written { combined, repeated } = outcome {
                self.writing = Some(Announcement {
                    job,
                    event,
                    combined,
                    repeated,
                });
                return Some(if repeated {
                    Request::PatchEvent
                } else {
                    Request::CreateEvent
                });
            }
        }
        None
    }

    /// Takes the answer: the event if it was written, or one more request. A refused event is
    /// given up; one whose predecessor was never written is created after all.
    pub fn answer(&mut self, answer: &Result<(), Refusal>) -> Option<Announcement> {
        let writing = self.writing.take()?;
        if answer.is_err() {
            return None;
        }
        self.written.insert(writing.key());
        Some(writing)
    }

    /// Whether the event under way is counted at one that the server does not have.
    #[must_use]
    pub fn counts_at_nothing(&self) -> bool {
        self.writing
            .is_some_and(|it| it.repeated && !self.written.contains(&it.key()))
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.taken = 0;
        self.correlator.clear();
        self.writing = None;
        self.written.clear();
    }
}
