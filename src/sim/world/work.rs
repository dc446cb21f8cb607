//! The controllers at work: their syncs, requests and answers, with limits and latency in between.

use super::super::recorder::Recorder;
use super::{Event, Flight, World, rank};
use crate::api::{Refusal, Request};
use crate::base::Instant;
use crate::control::job::{OrphanSync, Progress, Sync, WORKERS};
use crate::control::ttl::TtlSync;
use crate::fault::Outage;
use crate::model::PodId;

impl World {
    /// Carries out a controller's request, unless a fault of the scenario refuses it.
    pub(super) fn request(
        &mut self,
        request: Request,
        sync: &Sync,
        recorder: &mut impl Recorder,
    ) -> Result<Option<PodId>, Refusal> {
        let answer = match self.refused(request) {
            Some(refusal) => Err(refusal),
            None => self.api.execute(self.now, request, sync.status()),
        };
        self.spread(recorder);
        answer
    }

    fn refused(&self, request: Request) -> Option<Refusal> {
        if self.scenario.faults.is_empty() {
            return None;
        }
        let since = self.now.since(Instant::ORIGIN + self.scenario.start);
        let (verb, resource) = request.kind();
        let now = (self.scenario.faults.iter()).filter(|it| (it.from..it.to).contains(&since));
        let code = now.map(|it| &it.outage).find_map(|outage| match outage {
            Outage::Requests {
                verb: of,
                resource: on,
                code,
            } if *of == verb && *on == resource => Some(*code),
            _ => None,
        })?;
        Some(Refusal::Injected {
            code,
            resource: resource.plural(),
        })
    }

    /// Starts work that is due; whether there was any.
    pub(super) fn start_work(&mut self, recorder: &mut impl Recorder) -> bool {
        let mut any = false;
        if self.leaderless {
            return any;
        }
        for flight in (0u8..).take(WORKERS) {
            if !(self.jobs.has_work() || self.ttl.has_work()) {
                break;
            }
            let slot = usize::from(flight);
            if let Some(mut it) = self.flights[slot].take() {
                if !it.busy && self.jobs.next_sync(&mut it.sync) {
                    self.counts.syncs += 1;
                    it.busy = true;
                    self.fly(flight, &mut it, recorder);
                    any = true;
                }
                self.flights[slot] = Some(it);
            }
            if self.orphans[slot].is_none() {
                if let Some(sync) = self.jobs.next_orphan_sync() {
                    self.clean_orphans(flight, sync, recorder);
                    any = true;
                }
            }
            if self.expiries[slot].is_none() {
                if let Some(sync) = self.ttl.next_sync() {
                    self.expire(flight, sync, recorder);
                    any = true;
                }
            }
        }
        any
    }

    /// Runs a sync as far as it goes at this instant.
    pub(super) fn fly(&mut self, flight: u8, it: &mut Flight, recorder: &mut impl Recorder) {
        let mut earlier = self.announcer.announced();
        loop {
            let progress = self.jobs.resume(self.now, &self.api, &mut it.sync);
            self.report(it, recorder);
            if let Progress::Done(_) = progress {
                it.busy = false;
                return;
            }
            it.requests.clear();
            it.requests.extend_from_slice(it.sync.group());
            it.outstanding = it.requests.len();
            let announced = self.announcer.announced();
            let count = it.requests.len();
            let last = count - 1;
            // Of requests started together, Go runs the one started last first. That shows only
            // where they have to wait for each other, each with an event in its wake.
            let tokens = 2 * count + self.announcer.waiting();
            let together = self.client.can_send(self.now, tokens);
            let first = if together { 0 } else { last };
            for place in std::iter::once(first).chain((0..count).filter(|it| *it != first)) {
                let (number, request) = (u32::try_from(place).unwrap_or(0), it.requests[place]);
                self.send(flight, it, number, request, recorder);
                if place == first {
                    let ripe = if last == 0 { earlier } else { u64::MAX };
                    self.write_events(ripe, recorder);
                }
            }
            earlier = announced;
            if it.outstanding > 0 {
                return;
            }
        }
    }

    /// Sends a request of a sync, and carries it out if it takes effect at once.
    fn send(
        &mut self,
        flight: u8,
        it: &mut Flight,
        place: u32,
        request: Request,
        recorder: &mut impl Recorder,
    ) {
        let at = self.client.send(self.now);
        if at > self.now {
            it.requests[place as usize] = request;
            self.events
                .push(at, rank::ANSWER, Event::SyncRequest { flight, place });
        } else {
            self.carry_out(flight, it, place, request, recorder);
        }
    }

    pub(super) fn carry_out(
        &mut self,
        flight: u8,
        it: &mut Flight,
        place: u32,
        request: Request,
        recorder: &mut impl Recorder,
    ) {
        let answer = self.request(request, &it.sync, recorder);
        let sync = &mut it.sync;
        let (now, slot) = (self.now, place as usize);
        let next = self
            .jobs
            .answer(now, &self.api, sync, slot, request, answer);
        self.report(it, recorder);
        match next {
            Some(next) => self.send(flight, it, place, next, recorder),
            None => it.outstanding -= 1,
        }
    }

    /// Passes on what a sync has announced and decided.
    fn report<R: Recorder>(&mut self, it: &mut Flight, recorder: &mut R) {
        if it.sync.is_quiet() {
            return;
        }
        let job = it.sync.job();
        for decision in it.sync.take_decisions() {
            recorder.decided(self.now, &self.api, job, &decision);
        }
        let heard = R::HEARS_EVENTS || self.client.is_limited();
        for event in it.sync.take_announced().filter(|_| heard) {
            recorder.reported(self.now, &self.api, job, event);
            self.announcer.announce(job, event);
        }
    }

    /// Sends the next event, as soon as the one before is through.
    ///
    /// Events pass through a queue, and so come a little later than what the controller does next:
    /// where they share a rate limit, two requests that follow one another go before an event, but
    /// of several at the same time only the first.
    pub(super) fn write_events(&mut self, limit: u64, recorder: &mut impl Recorder) {
        if self.announcer.waiting() == 0 {
            return;
        }
        while let Some(request) = self.announcer.next_request(self.now, limit) {
            self.send_event(request == Request::CreateEvent, recorder);
        }
    }

    fn send_event(&mut self, create: bool, recorder: &mut impl Recorder) {
        let at = self.client.send(self.now);
        if at > self.now {
            self.events
                .push(at, rank::ANSWER, Event::Announce { create });
        } else {
            self.event_reaches_server(create, recorder);
        }
    }

    pub(super) fn event_reaches_server(&mut self, create: bool, recorder: &mut impl Recorder) {
        let request = if create {
            Request::CreateEvent
        } else {
            Request::PatchEvent
        };
        let refusal = self.refused(request);
        if refusal.is_none() && !create && self.announcer.counts_at_nothing() {
            // The server does not know what to count: the client creates the event instead.
            return self.send_event(true, recorder);
        }
        let answer = refusal.map_or(Ok(()), Err);
        if let Some(event) = self.announcer.answer(&answer) {
            recorder.announced(self.now, &self.api, &event);
        }
    }

    pub(super) fn clean_orphans(
        &mut self,
        flight: u8,
        mut sync: OrphanSync,
        recorder: &mut impl Recorder,
    ) {
        while let Some(request) = self.jobs.resume_orphan_sync(self.now, &self.api, &mut sync) {
            let at = self.client.send(self.now);
            if at > self.now {
                self.orphans[usize::from(flight)] = Some((sync, request));
                return self
                    .events
                    .push(at, rank::ANSWER, Event::OrphanRequest { flight });
            }
            let answer = self.request(request, &Sync::default(), recorder);
            sync.answer(&answer);
        }
    }

    pub(super) fn expire(&mut self, flight: u8, mut sync: TtlSync, recorder: &mut impl Recorder) {
        while let Some(request) = self.ttl.resume(self.now, &self.api, &mut sync) {
            let at = self.ttl_client.send(self.now);
            if at > self.now {
                self.expiries[usize::from(flight)] = Some((sync, request));
                return self
                    .events
                    .push(at, rank::ANSWER, Event::TtlRequest { flight });
            }
            let answer = self.request(request, &Sync::default(), recorder);
            sync.answer(&answer);
        }
    }
}
