//! The world: API server, controllers, pods and users on one clock.
//!
//! What happens at the same instant has an order that is part of the model. First the controllers
//! run the syncs that have become due: they do not yet know of what else happens now. Then come
//! what users do, what pods do, and answers to requests, each in the order in which they were
//! planned; then syncs that these made due at once; the garbage collector last. Where Kubernetes
//! leaves the order to chance, this is the rule; where it does not (a due sync is always quicker
//! than a watch), it is Kubernetes' own.

use super::client::Client;
use super::recorder::Recorder;
use super::scenario::{Deed, Fault, PodLabel, Scenario};
use crate::api::{ApiServer, Notice, Refusal, Request};
use crate::base::Instant;
use crate::control::announcer::Announcer;
use crate::control::gc::GarbageCollector;
use crate::control::job::{JobController, OrphanSync, Progress, Sync, WORKERS};
use crate::control::ttl::{TtlController, TtlSync};
use crate::kernel::EventQueue;
use crate::model::{JobId, PodId};
use crate::node::ScriptedPods;

/// Ranks of events of the same instant.
mod rank {
    pub(super) const USER: u8 = 0;
    pub(super) const POD: u8 = 1;
    pub(super) const ANSWER: u8 = 2;
}

/// Something that is going to happen.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The Job of that number is created.
    Create(u32),
    /// The action of that number is done.
    Act(u32),
    /// A pod goes on with its script.
    Wake { pod: PodId, stamp: u32 },
    /// A pod is asked to terminate within so many seconds.
    Stop { pod: PodId, grace: u32 },
    /// A request of a sync takes effect.
    SyncRequest { flight: u8, place: u32 },
    /// A request of the orphan clean-up takes effect.
    OrphanRequest { flight: u8 },
    /// A request of the TTL clean-up takes effect.
    TtlRequest { flight: u8 },
    /// An event reaches the API server.
    Announce { create: bool },
}

/// A sync under way.
#[derive(Debug, Default)]
struct Flight {
    busy: bool,
    sync: Sync,
    requests: Vec<Request>,
    outstanding: usize,
}

/// A run under way.
#[derive(Debug)]
pub struct World {
    scenario: Scenario,
    now: Instant,
    api: ApiServer,
    jobs: JobController,
    ttl: TtlController,
    gc: GarbageCollector,
    announcer: Announcer,
    pods: ScriptedPods,
    events: EventQueue<Event>,
    client: Client,
    ttl_client: Client,
    flights: Vec<Flight>,
    orphans: Vec<Option<(OrphanSync, Request)>>,
    expiries: Vec<Option<(TtlSync, Request)>>,
    notices: Vec<Notice>,
    labels: std::collections::BTreeMap<(JobId, PodLabel), PodId>,
    counts: Counts,
}

/// What a run has done so far, for progress and benchmarks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events of the kernel.
    pub events: u64,
    /// Syncs of the Job controller.
    pub syncs: u64,
}

impl World {
    /// A world at its origin, with nothing in it yet.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        let mut api = ApiServer::new(scenario.release);
        let mut pods = ScriptedPods::default();
        for workload in &scenario.workloads {
            pods.cast(&mut api, &workload.job, &workload.pods);
        }
        let mut world = Self {
            now: Instant::ORIGIN,
            jobs: JobController::new(scenario.release),
            ttl: TtlController::new(),
            gc: GarbageCollector::default(),
            announcer: Announcer::new(scenario.release),
            events: EventQueue::new(),
            client: Client::new(&scenario.limits),
            ttl_client: Client::unlimited(scenario.limits.latency),
            flights: (0..WORKERS).map(|_| Flight::default()).collect(),
            orphans: (0..WORKERS).map(|_| None).collect(),
            expiries: (0..WORKERS).map(|_| None).collect(),
            notices: Vec::new(),
            labels: std::collections::BTreeMap::new(),
            counts: Counts::default(),
            scenario,
            api,
            pods,
        };
        world.plan();
        world
    }

    /// Takes the world back to its origin, for another run of the same scenario. Keeps the memory
    /// of the last one.
    pub fn reset(&mut self) {
        self.now = Instant::ORIGIN;
        self.api.clear();
        self.jobs.clear();
        self.ttl.clear();
        self.gc.clear();
        self.announcer.clear();
        self.pods.clear_pods();
        self.events.clear();
        self.client.reset();
        for flight in &mut self.flights {
            flight.busy = false;
        }
        self.orphans.iter_mut().for_each(|it| *it = None);
        self.expiries.iter_mut().for_each(|it| *it = None);
        self.labels.clear();
        self.counts = Counts::default();
        self.plan();
    }

    /// Schedules what the scenario says.
    fn plan(&mut self) {
        let start = Instant::ORIGIN + self.scenario.start;
        for (number, _) in (0u32..).zip(&self.scenario.workloads) {
            self.events.push(start, rank::USER, Event::Create(number));
        }
        for (number, action) in (0u32..).zip(&self.scenario.actions) {
            self.events.push(start + action.at, rank::USER, Event::Act(number));
        }
    }

    /// The API server and all that is in it.
    #[must_use]
    pub const fn api(&self) -> &ApiServer {
        &self.api
    }

    /// The scenario that is played.
    #[must_use]
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The latest instant at which something happened.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// What the run has done so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// The script that a pod follows, by its place in its Job's list.
    #[must_use]
    pub fn script_of(&self, pod: PodId) -> usize {
        self.pods.script_of(pod)
    }

    /// Plays on to the scenario's end, or until nothing is left to happen.
    pub fn play(&mut self, recorder: &mut impl Recorder) {
        while self.step(recorder) {}
    }

    /// Plays everything that happens up to that instant, that included.
    pub fn play_to(&mut self, at: Instant, recorder: &mut impl Recorder) {
        while self.next_instant().is_some_and(|next| next <= at) && self.step(recorder) {}
    }

    /// Whether nothing more can happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.next_instant().is_none()
    }

    /// Whether the scenario's budget is spent; if so, nothing more is played.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        let budget = self.scenario.budget;
        self.counts.events + self.counts.syncs >= budget.events
            || self.api.pods_created() >= budget.pods
    }

    /// Plays until every Job has ended (Complete, Failed or gone), or as [`World::play`].
    pub fn play_until_ended(&mut self, recorder: &mut impl Recorder) {
        while !self.all_ended() && self.step(recorder) {}
    }

    /// Whether every Job has been created and has ended.
    #[must_use]
    pub fn all_ended(&self) -> bool {
        let mut jobs = self.api.jobs();
        self.api.jobs().count() == self.scenario.workloads.len()
            && jobs.all(|(_, job)| job.gone || job.status.finished().is_some())
    }

    /// Plays the next instant at which something happens; whether there was one before the
    /// scenario's end.
    pub fn step(&mut self, recorder: &mut impl Recorder) -> bool {
        let Some(next) = self.next_instant() else { return false };
        let end = Instant::ORIGIN + self.scenario.start + self.scenario.until;
        if next > end || self.is_spent() {
            return false;
        }
        self.now = next;
        loop {
            if self.is_spent() {
                break;
            }
            self.jobs.advance(next);
            self.ttl.advance(next);
            if self.start_work(recorder) || self.let_happen(recorder) {
                continue;
            }
            if self.gc.is_idle() {
                break;
            }
            self.gc.collect(next, &mut self.api);
            self.spread(recorder);
        }
        recorder.came_to_rest(next, &self.api);
        true
    }

    /// Lets everything happen that is planned for now; whether there was anything.
    fn let_happen(&mut self, recorder: &mut impl Recorder) -> bool {
        let mut any = false;
        while self.events.next_time() == Some(self.now) {
            if let Some((_, event)) = self.events.pop() {
                self.counts.events += 1;
                self.happen(event, recorder);
                any = true;
            }
        }
        any
    }

    fn next_instant(&self) -> Option<Instant> {
        let due = [self.events.next_time(), self.jobs.next_due(), self.ttl.next_due()];
        due.into_iter().flatten().min()
    }

    fn happen(&mut self, event: Event, recorder: &mut impl Recorder) {
        let now = self.now;
        match event {
            Event::Create(number) => {
                let job = self.scenario.workloads[number as usize].job.clone();
                self.api.create_job(now, job);
            }
            Event::Act(number) => self.act(number as usize, recorder),
            Event::Wake { pod, stamp } => {
                let wake = self.pods.wake(now, &mut self.api, pod, stamp);
                self.schedule(pod, wake);
            }
            Event::Stop { pod, grace } => {
                let wake = self.pods.stop(now, &mut self.api, pod, grace);
                self.schedule(pod, wake);
            }
            Event::SyncRequest { flight, place } => {
                let mut it = std::mem::take(&mut self.flights[usize::from(flight)]);
                let request = it.requests[place as usize];
                self.carry_out(flight, &mut it, place, request, recorder);
                if it.outstanding == 0 {
                    self.fly(flight, &mut it, recorder);
                }
                self.flights[usize::from(flight)] = it;
            }
            Event::OrphanRequest { flight } => {
                if let Some((mut sync, request)) = self.orphans[usize::from(flight)].take() {
                    let answer = self.request(request, &Sync::default(), recorder);
                    sync.answer(&answer);
                    self.clean_orphans(flight, sync, recorder);
                }
            }
            Event::TtlRequest { flight } => {
                if let Some((mut sync, request)) = self.expiries[usize::from(flight)].take() {
                    let answer = self.request(request, &Sync::default(), recorder);
                    sync.answer(&answer);
                    self.expire(flight, sync, recorder);
                }
            }
            Event::Announce { create } => self.event_arrives(create, recorder),
        }
        self.spread(recorder);
    }

    fn schedule(&mut self, pod: PodId, wake: Option<crate::node::Wake>) {
        if let Some(wake) = wake {
            let event = Event::Wake { pod, stamp: wake.stamp };
            self.events.push(self.now + wake.after, rank::POD, event);
        }
    }

    /// Tells everybody who watches of the writes since the last time.
    fn spread(&mut self, recorder: &mut impl Recorder) {
        let mut notices = std::mem::take(&mut self.notices);
        self.api.take_notices(&mut notices);
        for notice in notices.drain(..) {
            recorder.wrote(self.now, &self.api, &notice);
            self.jobs.observe(self.now, &self.api, &notice);
            self.ttl.observe(&self.api, &notice);
            self.gc.observe(&self.api, &notice);
            self.tell_node(&notice);
        }
        self.notices = notices;
    }

    /// New pods get a script, pods asked to terminate hear of it.
    fn tell_node(&mut self, notice: &Notice) {
        let Notice::Pod(change) = notice else { return };
        let Some(new) = &change.new else { return };
        if change.old.is_none() {
            if !self.scenario.actions.is_empty() {
                let label = PodLabel { index: new.index, nth: new.nth };
                self.labels.insert((new.job, label), change.id);
            }
            let wake = self.pods.created(new);
            self.schedule(change.id, wake);
        }
        let asked_before = change.old.is_some_and(|old| old.deletion.is_some());
        if let Some(deletion) = new.deletion.filter(|it| it.grace > 0 && !asked_before) {
            let event = Event::Stop { pod: change.id, grace: deletion.grace };
            self.events.push(self.now, rank::POD, event);
        }
    }

    /// Carries out a controller's request, unless a fault of the scenario refuses it.
    fn request(
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
        let hits = |fault: &&Fault| {
            fault.verb == verb
                && fault.resource == resource
                && (fault.from..fault.to).contains(&since)
        };
        let fault = self.scenario.faults.iter().find(hits)?;
        Some(Refusal::Injected { code: fault.code, resource: resource.plural() })
    }

    /// Starts work that is due; whether there was any.
    fn start_work(&mut self, recorder: &mut impl Recorder) -> bool {
        let mut any = false;
        for flight in (0u8..).take(WORKERS) {
            let slot = usize::from(flight);
            if !self.flights[slot].busy && self.jobs.next_sync(&mut self.flights[slot].sync) {
                self.counts.syncs += 1;
                let mut it = std::mem::take(&mut self.flights[slot]);
                it.busy = true;
                self.fly(flight, &mut it, recorder);
                self.flights[slot] = it;
                any = true;
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
    fn fly(&mut self, flight: u8, it: &mut Flight, recorder: &mut impl Recorder) {
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
            for place in 0..it.requests.len() {
                let (number, request) = (u32::try_from(place).unwrap_or(0), it.requests[place]);
                self.send(flight, it, number, request, recorder);
            }
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
            self.events.push(at, rank::ANSWER, Event::SyncRequest { flight, place });
        } else {
            self.carry_out(flight, it, place, request, recorder);
        }
    }

    fn carry_out(
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
        let next = self.jobs.answer(now, &self.api, sync, slot, request, answer);
        self.report(it, recorder);
        match next {
            Some(next) => self.send(flight, it, place, next, recorder),
            None => it.outstanding -= 1,
        }
    }

    /// Passes on what a sync has announced and decided.
    fn report(&mut self, it: &mut Flight, recorder: &mut impl Recorder) {
        let job = it.sync.job();
        for decision in it.sync.take_decisions() {
            recorder.decided(self.now, &self.api, job, &decision);
        }
        for event in it.sync.take_announced() {
            self.announcer.announce(job, event);
        }
        self.write_events(recorder);
    }

    /// Sends the next event, as soon as the one before is through.
    fn write_events(&mut self, recorder: &mut impl Recorder) {
        while let Some(request) = self.announcer.next_request(self.now) {
            self.send_event(request == Request::CreateEvent, recorder);
        }
    }

    fn send_event(&mut self, create: bool, recorder: &mut impl Recorder) {
        let at = self.client.send(self.now);
        if at > self.now {
            self.events.push(at, rank::ANSWER, Event::Announce { create });
        } else {
            self.event_reaches_server(create, recorder);
        }
    }

    fn event_arrives(&mut self, create: bool, recorder: &mut impl Recorder) {
        self.event_reaches_server(create, recorder);
        self.write_events(recorder);
    }

    fn event_reaches_server(&mut self, create: bool, recorder: &mut impl Recorder) {
        if !create && self.announcer.counts_at_nothing() {
            // The server does not know what to count: the client creates the event instead.
            return self.send_event(true, recorder);
        }
        let request = if create { Request::CreateEvent } else { Request::PatchEvent };
        let answer = self.refused(request).map_or(Ok(()), Err);
        if let Some(event) = self.announcer.answer(&answer) {
            recorder.announced(self.now, &self.api, &event);
        }
    }

    fn clean_orphans(&mut self, flight: u8, mut sync: OrphanSync, recorder: &mut impl Recorder) {
        while let Some(request) = self.jobs.resume_orphan_sync(self.now, &self.api, &mut sync) {
            let at = self.client.send(self.now);
            if at > self.now {
                self.orphans[usize::from(flight)] = Some((sync, request));
                return self.events.push(at, rank::ANSWER, Event::OrphanRequest { flight });
            }
            let answer = self.request(request, &Sync::default(), recorder);
            sync.answer(&answer);
        }
    }

    fn expire(&mut self, flight: u8, mut sync: TtlSync, recorder: &mut impl Recorder) {
        while let Some(request) = self.ttl.resume(self.now, &self.api, &mut sync) {
            let at = self.ttl_client.send(self.now);
            if at > self.now {
                self.expiries[usize::from(flight)] = Some((sync, request));
                return self.events.push(at, rank::ANSWER, Event::TtlRequest { flight });
            }
            let answer = self.request(request, &Sync::default(), recorder);
            sync.answer(&answer);
        }
    }

    /// Does what the scenario says is done from outside.
    fn act(&mut self, number: usize, recorder: &mut impl Recorder) {
        let action = self.scenario.actions[number].clone();
        let job = JobId(u32::try_from(action.job).unwrap_or(u32::MAX));
        let find = |label: &PodLabel| self.labels.get(&(job, *label)).copied();
        let (now, api) = (self.now, &mut self.api);
        let done = match &action.deed {
            Deed::Patch(patch) => api.patch_job(job, patch),
            Deed::DeleteJob(propagation) => api.delete_job(now, job, *propagation),
            Deed::DeletePod(label) => {
                find(label).map_or(Ok(()), |pod| api.delete_pod(now, pod, None))
            }
            Deed::Evict(label) => find(label).map_or(Ok(()), |pod| {
                api.patch_pod(pod, |pod| pod.disrupted |= !pod.phase.is_final())?;
                api.delete_pod(now, pod, None)
            }),
            Deed::NodeLost(label) => find(label).map_or(Ok(()), |pod| {
                api.patch_pod(pod, lose)?;
                api.delete_pod(now, pod, Some(0))
            }),
            Deed::Unlabel(label) => {
                find(label).map_or(Ok(()), |pod| api.patch_pod(pod, |pod| pod.matches = false))
            }
            Deed::Relabel(label) => {
                find(label).map_or(Ok(()), |pod| api.patch_pod(pod, |pod| pod.matches = true))
            }
            Deed::RestartControllers => {
                self.restart_controllers();
                Ok(())
            }
        };
        if let Err(refusal) = done {
            if refusal != Refusal::NotFound {
                recorder.refused(self.now, &refusal);
            }
        }
    }

    /// The controllers start again: what they remembered is lost, what is under way is not
    /// answered any more, and the watch tells them of everything there is.
    fn restart_controllers(&mut self) {
        self.spread(&mut ());
        self.events.retain(|event| {
            matches!(
                event,
                Event::Create(_) | Event::Act(_) | Event::Wake { .. } | Event::Stop { .. }
            )
        });
        for flight in &mut self.flights {
            *flight = Flight::default();
        }
        self.orphans.iter_mut().for_each(|it| *it = None);
        self.expiries.iter_mut().for_each(|it| *it = None);
        self.jobs = JobController::new(self.scenario.release);
        self.ttl = TtlController::new();
        self.announcer.clear();
        self.client.reset();
        for notice in self.api.everything() {
            self.jobs.observe(self.now, &self.api, &notice);
            self.ttl.observe(&self.api, &notice);
        }
    }
}

/// What the loss of its node does to a pod's status.
fn lose(pod: &mut crate::model::Pod) {
    if !pod.phase.is_final() {
        pod.disrupted = true;
        pod.phase = crate::model::Phase::Failed;
    }
}
