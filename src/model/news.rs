//! What scheduler and kubelet do about a pod between two writes of its status: the pod's events.

use super::node::NodeId;
use super::pod::PodReason;
use super::process::{ContainerSlot, Exit};
use super::why::RuleId;
use crate::base::Span;

/// Something that happened to a pod. People know these as its events and container states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PodNews {
    /// No node has room for it or takes it; the API server knows the text of that number.
    Unschedulable(u16),
    /// Pods of lower priority make room for it on that node (S33).
    Nominated(NodeId),
    /// A machine is being made for it, ready after that time.
    Provisioning(Span),
    /// Its kubelet refused it (P2).
    Rejected(PodReason),
    /// A volume could not be mounted, because what it is made from is missing (P17).
    MountFailed,
    /// The image of a container is being pulled.
    Pulling(ContainerSlot),
    /// It took that long, with waiting for other pulls.
    Pulled(ContainerSlot, Span),
    /// The image could not be pulled (P36).
    PullFailed(ContainerSlot),
    /// No new pull before that time has passed.
    PullBackOff(ContainerSlot, Span),
    /// The image is not there and may not be pulled (P40).
    PullForbidden(ContainerSlot),
    /// A ConfigMap or Secret that a container refers to is missing (P5, P17).
    ConfigMissing(ContainerSlot),
    /// A container's process runs; how often it ran before.
    Started(ContainerSlot, u32),
    /// A container's process has ended.
    Exited(ContainerSlot, Exit),
    /// A container waits to be started again, for that long at least (P24).
    RestartBackOff(ContainerSlot, Span),
    /// A probe failed as often as it may (P18, P43).
    ProbeFailed(ContainerSlot, ProbeKind),
    /// A container's process is asked to stop, and killed after that time (P53).
    Stopping(ContainerSlot, Span),
    /// It did not stop in time, and was killed.
    Killed(ContainerSlot),
    /// All containers are started again, because one ended so (P34).
    RestartsAll(ContainerSlot),
    /// The kubelet ends the pod, for that reason (P59, P65, P68, P82, P83).
    Ending(PodReason),
    /// The taint manager will delete it after that time (P74).
    TaintTolerated(Span),
    /// Its eviction was refused because of a disruption budget (P80).
    EvictionRefused,
    /// Its node is gone silent, or back.
    NodeReady(NodeId, bool),
}

/// Which probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProbeKind {
    /// `startupProbe`
    Startup,
    /// `livenessProbe`
    Liveness,
    /// `readinessProbe`
    Readiness,
}

impl PodNews {
    /// The rule behind it.
    #[must_use]
    pub const fn rule(self) -> RuleId {
        match self {
            Self::Unschedulable(_) => RuleId::Filters,
            Self::Nominated(_) => RuleId::BestCandidate,
            Self::Provisioning(_) => RuleId::Latencies,
            Self::Rejected(_) => RuleId::KubeletAdmission,
            Self::MountFailed => RuleId::Volumes,
            Self::Pulling(_) | Self::Pulled(..) => RuleId::PullConcurrency,
            Self::PullFailed(_) | Self::PullBackOff(..) => RuleId::PullBackOff,
            Self::PullForbidden(_) => RuleId::PullPolicy,
            Self::ConfigMissing(_) => RuleId::ContainerStates,
            Self::Started(..) => RuleId::StartTimeline,
            Self::Exited(..) => RuleId::ExitReasons,
            Self::RestartBackOff(..) => RuleId::CrashLoop,
            Self::ProbeFailed(..) => RuleId::Triggers,
            Self::Stopping(..) | Self::Killed(_) => RuleId::StopSequence,
            Self::RestartsAll(_) => RuleId::RestartsAll,
            Self::Ending(reason) => ending_rule(reason),
            Self::TaintTolerated(_) => RuleId::TaintEviction,
            Self::EvictionRefused => RuleId::EvictionApi,
            Self::NodeReady(..) => RuleId::NodeUnreachable,
        }
    }
}

const fn ending_rule(reason: PodReason) -> RuleId {
    match reason {
        PodReason::Evicted => RuleId::NodePressure,
        PodReason::Terminated | PodReason::NodeShutdown => RuleId::NodeShutdown,
        PodReason::Preempting => RuleId::KubeletPreemption,
        PodReason::DeadlineExceeded => RuleId::PodDeadline,
        PodReason::OutOfCpu
        | PodReason::OutOfMemory
        | PodReason::OutOfPods
        | PodReason::OutOfEphemeralStorage
        | PodReason::OutOfOther
        | PodReason::NodeAffinity
        | PodReason::TaintToleration
        | PodReason::UnexpectedAdmissionError
        | PodReason::TopologyAffinityError
        | PodReason::Scripted => RuleId::KubeletAdmission,
    }
}
