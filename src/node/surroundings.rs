//! What kubelets need to be told: what runs in containers, and what is there besides them.

use super::Wake;
use super::machine::PullEnd;
use crate::api::ApiServer;
use crate::base::{Instant, Key, Span};
use crate::model::{
    Answer, ContainerRun, Course, Exit, HookEnd, HookTurn, ImageState, JobId, NodeId, OnStop,
    PodId, PodNews, ProbeKind, Reference,
};

/// What runs in containers. Each call is about one run of one container and comes at the instant
/// at which it happens; whoever draws lots does so by the address of the run.
pub trait Processes {
    /// The process has been started: what it does from now on.
    fn start(&mut self, now: Instant, run: &ContainerRun) -> Course;

    /// The time of a [`Course::Works`] is over: what it does from now on.
    fn go_on(&mut self, now: Instant, run: &ContainerRun) -> Course;

    /// The process gets its stop signal.
    fn on_stop(&mut self, now: Instant, run: &ContainerRun) -> OnStop;

    /// The process has ended, by itself or by force.
    fn ended(&mut self, now: Instant, run: &ContainerRun, exit: Exit);

    /// A hook begins to run: how it goes. Not asked about hooks that sleep.
    fn hook(&mut self, _now: Instant, _run: &ContainerRun, _turn: HookTurn) -> HookEnd {
        HookEnd::AT_ONCE
    }

    /// What the container answers to a probe from now on.
    fn answer(&mut self, _now: Instant, _run: &ContainerRun, _probe: ProbeKind) -> Answer {
        Answer::GOOD
    }
}

/// What is there besides the pods: images, ConfigMaps and Secrets.
pub trait Surroundings {
    /// What has become of an image on that node, for pods of that Job (P40).
    fn image(&self, _now: Instant, _node: NodeId, _image: &str, _job: JobId) -> ImageState {
        ImageState::Present
    }

    /// How a pull ends that takes so long by itself: others may be before it, or too many (P39).
    fn pull_ends(&mut self, now: Instant, _node: NodeId, takes: Span) -> PullEnd {
        PullEnd {
            at: now + takes,
            refused: false,
        }
    }

    /// The node has pulled an image for a pod of that Job.
    fn pulled(&mut self, _now: Instant, _node: NodeId, _image: &str, _job: JobId) {}

    /// Whether a ConfigMap or Secret, or its key, is there. Not asked about optional ones.
    fn exists(&self, _now: Instant, _reference: &Reference) -> bool {
        true
    }
}

/// What the kubelets work with while they are called.
#[derive(Debug)]
pub struct Cx<'a, O> {
    /// Where statuses are written.
    pub api: &'a mut ApiServer,
    /// What runs in containers, and what is there besides them.
    pub outside: &'a mut O,
    /// How far the nodes' clocks are ahead of the API server's; negative if they are behind.
    pub clock: Span,
    /// The random numbers of the run.
    pub key: &'a Key,
    /// Wake-ups that pods ask for; a later one of the same pod takes the place of the earlier.
    pub wakes: &'a mut Vec<(PodId, Wake)>,
    /// What happened to pods, in order.
    pub news: &'a mut Vec<(PodId, PodNews)>,
}

/// Both: what [`Cx`] needs.
pub trait Outside: Processes + Surroundings {}

impl<O: Processes + Surroundings> Outside for O {}
