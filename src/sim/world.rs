//! The world: API server, controllers, pods and users on one clock.
//!
//! What happens at the same instant has an order that is part of the model. First the controllers
//! run the syncs that have become due: they do not yet know of what else happens now. Then come
//! what users do, what pods do, and answers to requests, each in the order in which they were
//! planned; then syncs that these made due at once; the garbage collector last. Where Kubernetes
//! leaves the order to chance, this is the rule; where it does not (a due sync is always quicker
//! than a watch), it is Kubernetes' own.

mod background;
mod cluster;
mod ends;
mod leader;
mod living;
mod machines;
mod nodes;
mod notices;
mod outages;
mod outside;
mod placing;
mod pressure;
mod recurring;
mod scheduling;
mod work;

use super::client::Client;
use super::recorder::Recorder;
use super::scenario::Scenario;
use crate::api::{ApiServer, Notice, Request};
use crate::base::{IndexSet, Instant, Key, Seed};
use crate::control::announcer::Announcer;
use crate::control::gc::GarbageCollector;
use crate::control::job::{JobController, OrphanSync, Sync, WORKERS};
use crate::control::ttl::{TtlController, TtlSync};
use crate::fault::PodLabel;
use crate::kernel::EventQueue;
use crate::model::{JobId, NodeId, PodId};
use crate::node::ScriptedPods;
use crate::workload::QueueCounts;
use cluster::Cluster;
pub(super) use living::entity_of;
use living::{Living, Sight};
use machines::Machines;
use placing::Placing;
use std::sync::Arc;

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
    /// An outage begins or ends.
    Outages,
    /// Other controllers take over from those that stopped.
    TakeOver,
    /// What recurs happens, to that node if it happens to nodes one by one.
    Recur {
        number: u32,
        node: Option<NodeId>,
        nth: u32,
    },
    /// Something happens to pods of the background.
    Background(background::Step),
    /// A pod is placed somewhere, where there are no nodes to choose from.
    Place { pod: PodId },
    /// A node's eviction manager looks at its pods.
    Pass { node: NodeId },
    /// A pod is found above its limits of local storage.
    Exceeds { pod: PodId },
    /// A pod's object is gone, and its kubelet sees it.
    Gone { pod: PodId },
    /// A pod's kubelet takes it up.
    TakeUp { pod: PodId },
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
    /// The random numbers of this run.
    key: Key,
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
    /// One place a worker; empty only while its sync is being moved on.
    flights: Vec<Option<Box<Flight>>>,
    orphans: Vec<Option<(OrphanSync, Request)>>,
    expiries: Vec<Option<(TtlSync, Request)>>,
    /// Where there are nodes, whoever looks after them.
    cluster: Option<Box<Cluster>>,
    /// Whether the step under way is one of passes.
    passing: bool,
    notices: Vec<Notice>,
    labels: std::collections::BTreeMap<(JobId, PodLabel), PodId>,
    counts: Counts,
    /// The Jobs that have ended.
    ended: IndexSet,
    /// The kubelets of pods that live, where there are any.
    living: Option<Box<Living>>,
    /// What nodes have to remember.
    machines: Machines,
    /// Who decides which pod gets which node, where there are nodes.
    placing: Placing,
    /// Whether somebody may ask for a pod by its place in its Job.
    knows_labels: bool,
    /// What the draws of each action belong to.
    draws: Vec<u64>,
    /// Whether no controller works, because one stopped and no other has taken over.
    leaderless: bool,
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
    /// A world at its origin, with nothing in it yet, under seed 0.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        Self::seeded(scenario, Seed(0), 0)
    }

    /// A world at its origin. Seed and trial decide whatever is drawn.
    #[must_use]
    pub fn seeded(mut scenario: Scenario, seed: Seed, trial: u64) -> Self {
        scenario.put_jobs_in_order();
        scenario.fill_in_defaults();
        scenario.give_priorities();
        let mut api = ApiServer::new(scenario.release);
        let mut jobs = JobController::new(scenario.release);
        api.expect_jobs(scenario.workloads.len());
        jobs.expect_jobs(scenario.workloads.len());
        let mut pods = ScriptedPods::default();
        for workload in &scenario.workloads {
            pods.cast(&mut api, &workload.job, &workload.pods);
        }
        let mut world = Self {
            key: Key::new(seed, trial),
            now: Instant::ORIGIN,
            jobs,
            ttl: TtlController::new(),
            gc: GarbageCollector::default(),
            announcer: Announcer::new(scenario.release),
            events: EventQueue::new(),
            client: Client::new(&scenario.limits),
            ttl_client: Client::unlimited(scenario.limits.latency),
            flights: (0..WORKERS).map(|_| Some(Box::default())).collect(),
            orphans: (0..WORKERS).map(|_| None).collect(),
            expiries: (0..WORKERS).map(|_| None).collect(),
            cluster: (scenario.has_nodes()).then(|| Box::new(Cluster::new(&scenario))),
            passing: false,
            notices: Vec::new(),
            labels: std::collections::BTreeMap::new(),
            counts: Counts::default(),
            ended: IndexSet::new(),
            leaderless: false,
            living: Living::new(&scenario),
            placing: Placing::new(&scenario, Key::new(seed, trial)),
            machines: Machines::default(),
            knows_labels: !(scenario.actions.is_empty() && scenario.recurring.is_empty()),
            draws: outside::draws(&scenario.actions),
            scenario,
            api,
            pods,
        };
        world.plan();
        world
    }

    /// Takes the world back to its origin, for another trial of the same scenario. Keeps the
    /// memory of the last one.
    pub fn reset_to(&mut self, seed: Seed, trial: u64) {
        self.key = Key::new(seed, trial);
        self.reset();
    }

    /// Takes the world back to its origin, to play the same once more. Keeps the memory of the
    /// last run.
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
        self.set_latency(self.scenario.limits.latency);
        for flight in self.flights.iter_mut().flatten() {
            flight.busy = false;
        }
        self.orphans.iter_mut().for_each(|it| *it = None);
        self.expiries.iter_mut().for_each(|it| *it = None);
        self.labels.clear();
        self.leaderless = false;
        if let Some(living) = &mut self.living {
            living.clear();
        }
        self.placing.clear(self.key);
        self.machines.clear();
        self.counts = Counts::default();
        self.ended.clear();
        if let Some(cluster) = &mut self.cluster {
            cluster.reset(&self.scenario);
        }
        self.plan();
    }

    /// Schedules what the scenario says. Where there are nodes, they wait for their turn in
    /// another place.
    fn plan(&mut self) {
        let start = Instant::ORIGIN + self.scenario.start;
        if self.cluster.is_none() {
            for (number, workload) in (0u32..).zip(&self.scenario.workloads) {
                let at = start + workload.at;
                self.events.push(at, rank::USER, Event::Create(number));
            }
            for (number, action) in (0u32..).zip(&self.scenario.actions) {
                self.events
                    .push(start + action.at, rank::USER, Event::Act(number));
            }
        }
        self.plan_outages();
        self.plan_recurring();
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

    /// What has become of the items of each work queue.
    pub fn queues(&self) -> impl Iterator<Item = QueueCounts> {
        let living = self.living.as_deref();
        living.into_iter().flat_map(|it| it.crew().queues())
    }

    /// Plays on to the scenario's end, or until nothing is left to happen.
    pub fn play(&mut self, recorder: &mut impl Recorder) {
        while self.step(recorder) {}
    }

    /// Plays everything that happens up to that instant, that included.
    pub fn play_to(&mut self, at: Instant, recorder: &mut impl Recorder) {
        while self.next_instant().is_some_and(|next| next <= at) && self.step(recorder) {}
    }

    /// Plays the next instant at which something happens; whether there was one before the
    /// scenario's end.
    pub fn step(&mut self, recorder: &mut impl Recorder) -> bool {
        let other = self.next_but_passes();
        let pass = self.next_pass();
        let Some(next) = sooner(other, pass) else {
            return false;
        };
        // Passes wait until everything else that happens at their instant has come to rest.
        self.passing = pass == Some(next) && other != Some(next);
        let end = Instant::ORIGIN + self.scenario.start + self.scenario.until;
        if next > end || self.is_spent() {
            return false;
        }
        self.now = next;
        loop {
            if self.is_spent() {
                break;
            }
            if !self.leaderless {
                self.jobs.advance(next);
                self.ttl.advance(next);
            }
            let works = self.start_work(recorder) || self.decide_at_once(recorder);
            if works || self.let_happen(recorder) {
                continue;
            }
            self.write_events(u64::MAX, recorder);
            if !self.gc.is_idle() && !self.leaderless {
                self.gc.collect(next, &mut self.api);
                self.spread(recorder);
            } else if self.cluster.is_none()
                || !(self.tend_cluster(recorder) || self.place_next(recorder))
            {
                break;
            }
        }
        recorder.came_to_rest(next, &self.api);
        true
    }

    /// Lets everything happen that is planned for now; whether there was anything. Where it is
    /// decided at once, one thing at a time.
    fn let_happen(&mut self, recorder: &mut impl Recorder) -> bool {
        let mut any = false;
        while self.events.next_time() == Some(self.now) && !(any && self.placing.is_at_once()) {
            if let Some((_, event)) = self.events.pop() {
                self.counts.events += 1;
                self.happen(event, recorder);
                any = true;
            }
        }
        any
    }

    fn next_instant(&self) -> Option<Instant> {
        sooner(self.next_but_passes(), self.next_pass())
    }

    /// When something else happens next.
    fn next_but_passes(&self) -> Option<Instant> {
        let mut next = self.events.next_time();
        if !self.leaderless {
            next = sooner(next, sooner(self.jobs.next_due(), self.ttl.next_due()));
        }
        let cluster = self.cluster.as_ref();
        let next = sooner(next, cluster.and_then(|it| it.next_due()));
        sooner(next, self.next_attempt(next.is_none()))
    }

    fn happen(&mut self, event: Event, recorder: &mut impl Recorder) {
        let now = self.now;
        match event {
            Event::Create(number) => self.create_job(number),
            Event::Act(number) => {
                let action = self.scenario.actions[number as usize].clone();
                self.act(&action, self.draws[number as usize], recorder);
            }
            Event::Outages => self.apply_outages(),
            Event::TakeOver => self.take_over(),
            Event::Recur { number, node, nth } => self.recur(number, node, nth, recorder),
            Event::Background(step) => self.background(step),
            Event::Place { pod } => {
                if self.api.bind_pod(pod, NodeId::SOMEWHERE).is_ok() {
                    self.take_up(pod, recorder);
                }
            }
            Event::Pass { node } => self.eviction_pass(node, recorder),
            Event::Exceeds { pod } => self.evict_for_storage(pod, recorder),
            Event::Gone { pod } => self.hear(pod, Sight::Gone, recorder),
            Event::TakeUp { pod } if self.lives(pod) => self.take_up(pod, recorder),
            Event::Wake { pod, stamp } if self.lives(pod) => {
                self.see(pod, Sight::Wake(stamp), recorder);
            }
            Event::Stop { pod, grace } if self.lives(pod) => {
                self.hear(pod, Sight::Delete(grace), recorder);
            }
            Event::TakeUp { pod } => {
                let wake = self.pods.take_up(now, &mut self.api, pod);
                self.schedule(pod, wake);
            }
            Event::Wake { pod, stamp } => {
                let wake = self.pods.wake(now, &mut self.api, pod, stamp);
                self.schedule(pod, wake);
            }
            Event::Stop { pod, grace } => {
                let wake = self.pods.stop(now, &mut self.api, pod, grace);
                self.schedule(pod, wake);
            }
            Event::SyncRequest { flight, place } => self.sync_request(flight, place, recorder),
            Event::OrphanRequest { flight } => self.orphan_request(flight, recorder),
            Event::TtlRequest { flight } => self.ttl_request(flight, recorder),
            Event::Announce { create } => {
                self.event_reaches_server(create, recorder);
                self.write_events(u64::MAX, recorder);
            }
        }
        self.spread(recorder);
    }

    /// The Job of that number is created, and shared with the scenario.
    fn create_job(&mut self, number: u32) {
        let job = Arc::clone(&self.scenario.workloads[number as usize].job);
        self.api.create_job(self.now, job);
    }

    fn sync_request(&mut self, flight: u8, place: u32, recorder: &mut impl Recorder) {
        let slot = usize::from(flight);
        if let Some(mut it) = self.flights[slot].take() {
            let request = it.requests[place as usize];
            self.carry_out(flight, &mut it, place, request, recorder);
            if it.outstanding == 0 {
                self.fly(flight, &mut it, recorder);
            }
            self.flights[slot] = Some(it);
        }
    }

    fn orphan_request(&mut self, flight: u8, recorder: &mut impl Recorder) {
        if let Some((mut sync, request)) = self.orphans[usize::from(flight)].take() {
            let answer = self.request(request, &Sync::default(), recorder);
            sync.answer(&answer);
            self.clean_orphans(flight, sync, recorder);
        }
    }

    fn ttl_request(&mut self, flight: u8, recorder: &mut impl Recorder) {
        if let Some((mut sync, request)) = self.expiries[usize::from(flight)].take() {
            let answer = self.request(request, &Sync::default(), recorder);
            sync.answer(&answer);
            self.expire(flight, sync, recorder);
        }
    }
}

/// The earlier of two instants, or the one that there is.
fn sooner(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, None) => one,
        (None, other) => other,
    }
}
