//! A pod's life on its node, as its kubelet leads it.
//!
//! A kubelet has one worker for each pod, and so has the model (P16): a worker that is in the
//! middle of something, or that waits for a reason to look at its pod. What happens by itself
//! (processes, pulls, polls) and when the worker looks next are instants; the pod asks to be
//! woken at the earliest of them and at no other.

mod actions;
mod conditions;
mod container;
mod ending;
mod phase;
mod probes;
mod pull;
mod restart;
mod start;
mod status;
mod stop;
mod sync;

pub use conditions::PodCondition;
pub(super) use conditions::Standing;
pub use ending::Ending;
pub(super) use pull::is_bad as is_bad_image;

use super::pace::{Delay, Draw, Draws, Pace, join};
use super::script::Wake;
use super::surroundings::{Cx, Outside};
use super::ticks::Beat;
use crate::base::{Instant, Span, WireTime};
use crate::model::{
    Behavior, Container, ContainerRun, ContainerSlot, ExitCodes, Job, JobId, NodeId, Phase, Pod,
    PodId, PodNews, PodTemplate, Readiness,
};
use container::{ContainerLife, Stop, Unseen, View};
use start::Volumes;
use status::{Status, Waiting};
use std::sync::Arc;

/// What all pods of a Job have in common.
#[allow(clippy::struct_excessive_bools)] // facts about a template, each on its own
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact about the template by itself"
)]
pub(super) struct Chart {
    job: Arc<Job>,
    entity: u64,
    /// How many init containers there are; they come first.
    init: usize,
    /// For each container, the first one with the same image.
    images: Vec<usize>,
    /// Whether any image has a name that is none.
    bad_images: bool,
    /// Whether there is anything to mount (P17).
    mounts: bool,
    probes: bool,
    /// Whether an end may restart all containers (P34).
    restarts_all: bool,
}

impl Chart {
    pub(super) fn new(job: &Arc<Job>) -> Self {
        let template = &job.spec.template;
        let specs = || template.init_containers.iter().chain(&template.containers);
        let first_with = |image: &str| specs().position(|it| it.image == image).unwrap_or(0);
        let name = job.namespace.bytes().chain([0]).chain(job.name.bytes());
        Self {
            entity: hash(name),
            init: template.init_containers.len(),
            images: specs().map(|it| first_with(&it.image)).collect(),
            bad_images: specs().any(|it| pull::is_bad(&it.image)),
            mounts: template.mounts_token != Some(false) || !template.volumes.is_empty(),
            probes: specs().any(probes::has_probes),
            restarts_all: specs().any(|it| it.restart.is_some() && !it.restart_rules.is_empty()),
            job: Arc::clone(job),
        }
    }

    /// Whether it is about that Job as it is now.
    pub(super) fn is_of(&self, job: &Arc<Job>) -> bool {
        Arc::ptr_eq(&self.job, job)
    }

    /// Why containers wait that nobody has tried to start yet (P3).
    fn waiting(&self) -> Waiting {
        if self.init > 0 {
            Waiting::PodInitializing
        } else {
            Waiting::ContainerCreating
        }
    }
}

/// A number for a name: draws are addressed by names, not by the order of creation.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0, |hash, byte| join(hash, u64::from(byte)))
}

/// What a pod needs to know to go on.
pub(super) struct Scene<'s, 'a, O> {
    pub(super) now: Instant,
    pub(super) chart: &'s Chart,
    pub(super) pace: &'s Pace,
    pub(super) facts: &'s Behavior,
    pub(super) cx: &'s mut Cx<'a, O>,
    /// Room for a list of exit codes.
    pub(super) codes: &'s mut Vec<Option<i32>>,
}

impl<'s, O: Outside> Scene<'s, '_, O> {
    fn template(&self) -> &'s PodTemplate {
        &self.chart.job.spec.template
    }

    /// The container of that place, init containers first.
    fn spec(&self, place: usize) -> &'s Container {
        let template = self.template();
        match place.checked_sub(self.chart.init) {
            Some(place) => &template.containers[place],
            None => &template.init_containers[place],
        }
    }

    fn slot(&self, place: usize) -> ContainerSlot {
        let narrow = |place| u16::try_from(place).unwrap_or(u16::MAX);
        match place.checked_sub(self.chart.init) {
            Some(place) => ContainerSlot::Regular(narrow(place)),
            None => ContainerSlot::Init(narrow(place)),
        }
    }

    /// What the node's clock says at an instant, as the API stores it (P12).
    fn on_clock(&self, at: Instant) -> WireTime {
        (at + self.cx.clock).wire()
    }

    fn is_done_init(&self, place: usize, exit: crate::model::Exit) -> bool {
        place < self.chart.init && !self.spec(place).sidecar && exit.is_success()
    }

    fn news(&mut self, pod: PodId, news: PodNews) {
        self.cx.news.push((pod, news));
    }
}

/// How far a pod has got with its worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It is kept as its spec says.
    Syncing,
    /// Its containers are stopped.
    Terminating,
    /// They are, and the rest is cleaned up.
    Terminated,
    /// Nothing more is done.
    Over,
}

/// What the worker is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    /// Nothing: it waits for a reason to look at the pod.
    None,
    /// It waits for volumes (P17).
    Mounting {
        until: Instant,
    },
    MakingSandbox {
        until: Instant,
    },
    Pulling {
        place: usize,
        until: Instant,
        fails: bool,
    },
    Creating {
        place: usize,
        until: Instant,
    },
    /// A postStart hook runs.
    Hook {
        place: usize,
        until: Instant,
        fails: bool,
    },
    /// It waits for containers to end.
    Killing,
    StoppingSandbox {
        until: Instant,
    },
    Unmounting {
        until: Instant,
    },
}

impl Work {
    fn until(self) -> Instant {
        match self {
            Self::None | Self::Killing => Instant::NEVER,
            Self::Mounting { until }
            | Self::MakingSandbox { until }
            | Self::Pulling { until, .. }
            | Self::Creating { until, .. }
            | Self::Hook { until, .. }
            | Self::StoppingSandbox { until }
            | Self::Unmounting { until } => until,
        }
    }
}

/// The pod's sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sandbox {
    None,
    /// Made at that instant; whether a relist has seen it.
    Ready {
        since: Instant,
        seen: bool,
    },
    /// Stopped at that instant; whether a relist has seen it.
    Stopped {
        since: Instant,
        seen: bool,
    },
}

impl Sandbox {
    const fn is_ready(self) -> bool {
        matches!(self, Self::Ready { .. })
    }
}

/// A pod's life.
#[allow(clippy::struct_excessive_bools)] // facts that come and go independently
#[derive(Debug)]
pub(super) struct Life {
    pub(super) id: PodId,
    job: JobId,
    index: Option<u32>,
    nth: u32,
    node: NodeId,
    entity: u64,
    pub(super) stamp: u32,
    relist: Beat,
    ticker: Beat,
    stage: Stage,
    work: Work,
    plan: actions::Plan,
    outcome: sync::Outcome,
    volumes: Volumes,
    /// When the worker began to wait for volumes, and when it had them.
    waits_since: Instant,
    mounted_at: Instant,
    unmounted: Instant,
    pulls_since: Instant,
    sandbox: Sandbox,
    sandboxes: u32,
    /// When the last sync ended, and whether the kubelet has looked at the pod since.
    last_sync: Instant,
    fresh: bool,
    syncs: u32,
    /// From when on a sync is wanted, and when the work queue has the pod again.
    requested: Instant,
    queued: Instant,
    /// `status.startTime`
    started: Instant,
    /// When the ticker notices that the pod's deadline has passed (P59).
    deadline: Instant,
    deleted: bool,
    /// The object is gone.
    gone: bool,
    /// It is to be terminated when the worker is free.
    condemned: bool,
    grace: Option<u32>,
    ending: Option<Ending>,
    /// Containers are being stopped in the order of their kinds.
    ordered: bool,
    connected: bool,
    /// The machine is off.
    off: bool,
    restarting_all: bool,
    status: Status,
    conditions: conditions::Conditions,
    unsent: bool,
    write_at: Instant,
    containers: Vec<ContainerLife>,
}

/// What is next in a pod's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Container(usize),
    Work,
    Write,
    Probe(usize),
    Sync,
}

impl Life {
    /// The life of nobody: a place in the table.
    pub(super) const fn empty() -> Self {
        Self {
            id: PodId(0),
            job: JobId(0),
            index: None,
            nth: 0,
            node: NodeId::SOMEWHERE,
            entity: 0,
            stamp: 0,
            relist: Beat::new(Span::ZERO),
            ticker: Beat::new(Span::ZERO),
            stage: Stage::Over,
            work: Work::None,
            plan: actions::Plan::NONE,
            outcome: sync::Outcome::FINE,
            volumes: Volumes::Mounted,
            waits_since: Instant::ORIGIN,
            mounted_at: Instant::ORIGIN,
            unmounted: Instant::ORIGIN,
            pulls_since: Instant::ORIGIN,
            sandbox: Sandbox::None,
            sandboxes: 0,
            last_sync: Instant::ORIGIN,
            fresh: true,
            syncs: 0,
            requested: Instant::NEVER,
            queued: Instant::NEVER,
            started: Instant::ORIGIN,
            deadline: Instant::NEVER,
            deleted: false,
            gone: false,
            condemned: false,
            grace: None,
            ending: None,
            ordered: false,
            connected: true,
            off: false,
            restarting_all: false,
            status: Status {
                phase: Phase::Pending,
                reason: None,
                disruption: None,
                ready: Readiness::Unknown,
                sandbox: false,
                restarting: false,
            },
            conditions: conditions::Conditions::NONE,
            unsent: false,
            write_at: Instant::NEVER,
            containers: Vec::new(),
        }
    }

    /// A pod has been bound: the place in the table is its own from now on.
    pub(super) fn begin<O: Outside>(&mut self, scene: &Scene<'_, '_, O>, id: PodId, pod: &Pod) {
        let mut containers = std::mem::take(&mut self.containers);
        containers.clear();
        let new = ContainerLife::new(scene.chart.waiting());
        containers.resize(scene.chart.images.len(), new);
        let (now, node) = (scene.now, pod.node.unwrap_or(NodeId::SOMEWHERE));
        let place = pod.index.map_or(u64::MAX, u64::from);
        let entity = join(join(scene.chart.entity, place), u64::from(pod.nth));
        // All pods of a node share its kubelet; without a node, each has one of its own.
        let beats_of = match scene.cx.api.node(node) {
            Some(stored) => hash(stored.node.name.bytes()),
            None => entity,
        };
        let (relist, ticker) = Draws::new(scene.cx.key, beats_of).beats(scene.pace.beats);
        *self = Self {
            id,
            job: pod.job,
            index: pod.index,
            nth: pod.nth,
            node,
            entity,
            relist,
            ticker,
            stage: Stage::Syncing,
            volumes: Volumes::of(scene.chart),
            last_sync: now,
            requested: now,
            started: now.wire().instant(),
            conditions: conditions::Conditions::since(scene.on_clock(now)),
            unsent: true,
            containers,
            ..Self::empty()
        };
        self.set_deadline(scene);
    }

    /// Whether nothing is left to do for the pod.
    pub(super) fn is_over(&self) -> bool {
        self.stage == Stage::Over && self.write_at == Instant::NEVER && (!self.unsent || self.gone)
    }

    /// Does all that is due, and asks for the next wake-up.
    pub(super) fn advance<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        loop {
            let (at, due) = self.next();
            if at > scene.now {
                if at != Instant::NEVER {
                    self.stamp = self.stamp.wrapping_add(1);
                    let after = at.since(scene.now);
                    let stamp = self.stamp;
                    scene.cx.wakes.push((self.id, Wake { after, stamp }));
                }
                return;
            }
            match due {
                Due::Container(place) => self.container_is_due(scene, place),
                Due::Work => self.work_is_done(scene),
                Due::Write => self.write(scene),
                Due::Probe(place) => self.ask_probes(scene, place),
                Due::Sync => self.sync(scene),
            }
        }
    }

    /// What is next. At the same instant processes come first: a look at that instant shows what
    /// they did.
    fn next(&self) -> (Instant, Due) {
        let mut next = (Instant::NEVER, Due::Sync);
        if self.off {
            return next;
        }
        // A worker that is busy does not look, and relists need not be computed.
        let looks = self.work == Work::None && self.stage != Stage::Over;
        let mut unseen = Instant::NEVER;
        let mut offer = |at: Instant, due: Due| {
            if at < next.0 {
                next = (at, due);
            }
        };
        for (place, it) in self.containers.iter().enumerate() {
            offer(it.next(), Due::Container(place));
            match it.unseen().filter(|_| looks) {
                None => {}
                Some(Unseen::After(at)) => unseen = unseen.min(self.relist.after(at)),
                Some(Unseen::From(at)) => unseen = unseen.min(self.relist.at_or_after(at)),
            }
        }
        offer(self.work.until(), Due::Work);
        offer(self.write_at, Due::Write);
        for (place, it) in self.containers.iter().enumerate() {
            if let Some(at) = it.probes.next {
                offer(at, Due::Probe(place));
            }
        }
        if looks {
            offer(self.next_sync(unseen), Due::Sync);
        }
        next
    }

    /// One run of one container, as the outside knows it.
    fn run<O: Outside>(&self, scene: &Scene<'_, '_, O>, place: usize) -> ContainerRun {
        ContainerRun {
            job: self.job,
            pod: self.id,
            index: self.index,
            nth: self.nth,
            container: scene.slot(place),
            run: self.containers[place].runs.saturating_sub(1),
            node: self.node,
        }
    }

    /// A delay of this pod.
    fn draw<O: Outside>(
        &self,
        scene: &Scene<'_, '_, O>,
        delay: &Delay,
        what: Draw,
        place: usize,
        nth: u32,
    ) -> Span {
        Draws::new(scene.cx.key, self.entity).delay(delay, what, place, nth)
    }

    /// Whether a regular container has started in this sandbox (P8).
    fn is_initialized(&self, init: usize) -> bool {
        self.containers[init..]
            .iter()
            .any(|it| it.view() != View::Absent && it.sandbox == self.sandboxes)
    }

    /// Exit codes of terminated containers, regular ones first.
    fn exit_codes<O: Outside>(&self, scene: &mut Scene<'_, '_, O>) -> ExitCodes {
        let (init, regular) = self.containers.split_at(scene.chart.init);
        let code = |it: &ContainerLife| it.shown.exit().map(|exit| i32::from(exit.code));
        scene.codes.clear();
        scene.codes.extend(regular.iter().map(code));
        scene.codes.extend(init.iter().map(code));
        scene.cx.api.intern_exit_codes(scene.codes, regular.len())
    }
}
