//! The processes in containers: what a kubelet starts, stops and hears the end of.

use super::node::NodeId;
use super::pod::{JobId, PodId};
use crate::base::Span;
use std::fmt;

/// A container of a pod by its place in the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContainerSlot {
    /// The one of that place in `initContainers`, sidecars included.
    Init(u16),
    /// The one of that place in `containers`.
    Regular(u16),
}

/// One run of one container: what its fate belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerRun {
    /// The Job of its pod.
    pub job: JobId,
    /// Its pod.
    pub pod: PodId,
    /// The pod's completion index, if the Job is Indexed.
    pub index: Option<u32>,
    /// The pod's number among those of its index, or of its Job.
    pub nth: u32,
    /// Which container.
    pub container: ContainerSlot,
    /// How often the container has run before in this pod: the runtime's attempt (P7).
    pub run: u32,
    /// Where it runs.
    pub node: NodeId,
}

/// How a process ended, as the container runtime reports it (P6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exit {
    /// Its exit code: 0 to 255; 128 + n where signal n killed it.
    pub code: i16,
    /// `state.terminated.reason`
    pub reason: ExitReason,
}

impl Exit {
    /// The end that everybody wishes for.
    pub const COMPLETED: Self = Self {
        code: 0,
        reason: ExitReason::Completed,
    };
    /// SIGKILL.
    pub const KILLED: Self = Self::with(137);
    /// The kernel ended the whole container for want of memory (P87).
    pub const OOM_KILLED: Self = Self {
        code: 137,
        reason: ExitReason::OomKilled,
    };
    /// The runtime could not start the process.
    pub const NOT_STARTED: Self = Self {
        code: 128,
        reason: ExitReason::StartError,
    };
    /// The runtime lost the process, as when the machine was switched off (P85).
    pub const LOST: Self = Self {
        code: 255,
        reason: ExitReason::Unknown,
    };
    /// The kubelet knows of no end, and writes one (P10).
    pub const STATUS_UNKNOWN: Self = Self {
        code: 137,
        reason: ExitReason::ContainerStatusUnknown,
    };

    /// An exit of the process itself.
    #[must_use]
    pub const fn with(code: i16) -> Self {
        let reason = if code == 0 {
            ExitReason::Completed
        } else {
            ExitReason::Error
        };
        Self { code, reason }
    }

    /// Exit code 0, whatever the reason (P87).
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.code == 0
    }
}

/// `state.terminated.reason` of a container (P6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExitReason {
    /// Exit code 0.
    Completed,
    /// Any other exit code, or a signal.
    Error,
    /// The kernel killed something in the container for want of memory.
    OomKilled,
    /// The process could not be started.
    StartError,
    /// The runtime lost it.
    Unknown,
    /// The kubelet lost it, or it never ran.
    ContainerStatusUnknown,
}

impl ExitReason {
    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "Completed",
            Self::Error => "Error",
            Self::OomKilled => "OOMKilled",
            Self::StartError => "StartError",
            Self::Unknown => "Unknown",
            Self::ContainerStatusUnknown => "ContainerStatusUnknown",
        }
    }
}

/// `Completed (0)`, `OOMKilled (137)`
impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} ({})", self.reason.as_str(), self.code))
    }
}

/// What a process does from now on, unless somebody stops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// It exits after that time.
    Exits(Span, Exit),
    /// It works for that time; then it is asked again.
    Works(Span),
    /// It runs until it is stopped.
    Stays,
}

/// What a process does about its stop signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStop {
    /// It exits after that time.
    Exits(Span, Exit),
    /// Nothing, as a process without a handler that is number 1 of its container (P6).
    Ignores,
}

/// What a container answers to one of its probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether the probe succeeds.
    pub good: bool,
    /// How long it answers so; after that it is asked anew. `None` is for ever.
    pub lasts: Option<Span>,
}

impl Answer {
    /// Every probe succeeds.
    pub const GOOD: Self = Self {
        good: true,
        lasts: None,
    };
    /// Every probe fails.
    pub const BAD: Self = Self {
        good: false,
        lasts: None,
    };
}

/// Which of a container's hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HookTurn {
    /// `lifecycle.postStart`
    PostStart,
    /// `lifecycle.preStop`
    PreStop,
}

/// How a hook goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookEnd {
    /// It succeeds after that time.
    Succeeds(Span),
    /// It fails after that time.
    Fails(Span),
}

impl HookEnd {
    /// It succeeds and takes no time.
    pub const AT_ONCE: Self = Self::Succeeds(Span::ZERO);
}

/// What has become of an image on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageState {
    /// It is there.
    Present,
    /// It is there, but was pulled with another pod's secret: a short pull has to prove that this
    /// pod may have it, where the release asks for that (P40).
    Unverified,
    /// It can be pulled.
    Pullable,
    /// It cannot be pulled: there is none of that name, or the registry is not to be reached.
    Unpullable,
}
