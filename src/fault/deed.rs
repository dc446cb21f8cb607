//! Deeds: what happens at an instant.

use crate::base::Span;
use crate::model::{DisruptionBudget, Effect, JobPatch, Node, Propagation, Taint};

/// A pod by its place in its Job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodLabel {
    /// Its completion index, if the Job is Indexed.
    pub index: Option<u32>,
    /// Its number among the pods of that index, or of the Job, from 0.
    pub nth: u32,
}

/// Something done from outside at an instant.
#[derive(Clone, Debug)]
pub struct Action {
    /// When, after the creation of the Jobs.
    pub at: Span,
    /// To which Job, by its place in the scenario; deeds about nodes do not look at it.
    pub job: usize,
    /// What.
    pub deed: Deed,
}

/// Which nodes a deed is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeTarget {
    /// The one of that name.
    Named(String),
    /// The one that this pod of the action's Job is bound to.
    Of(PodLabel),
    /// One of those that run a pod of a Job, drawn by chance; any other if there is none.
    Busy,
    /// One of all, drawn by chance.
    Any,
    /// All of them.
    Every,
    /// Those with that label: a zone (`topology.kubernetes.io/zone`), a rack.
    Labelled(String, String),
}

/// How a node goes silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// The network is cut: containers go on, and the kubelet hears nothing (P77).
    Cut,
    /// The power goes: containers end without a report (P85).
    PowerLoss,
}

/// A resource of which a node may be short (P63).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressure {
    /// `memory.available`
    Memory,
    /// `nodefs.available`, `imagefs.available`
    Disk,
    /// `pid.available`
    Pids,
}

/// What is done from outside.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Deed {
    /// A user patches the Job.
    Patch(JobPatch),
    /// A user deletes the Job.
    DeleteJob(Propagation),
    /// A user deletes a pod, with its own grace period.
    DeletePod(PodLabel),
    /// A user deletes a pod with grace period 0 (P56).
    ForceDeletePod(PodLabel),
    /// A pod is evicted through the API (P80).
    Evict(PodLabel),
    /// A pod's node is lost: the pod is marked as disrupted and Failed, and deleted at once.
    NodeLost(PodLabel),
    /// The scheduler takes the pod's room for one of higher priority (P114).
    Preempt(PodLabel),
    /// A user takes the Job's labels off a pod, so that its selector no longer matches it.
    Unlabel(PodLabel),
    /// A user puts the Job's labels back on a pod.
    Relabel(PodLabel),
    /// Somebody binds a pod to a node by hand.
    Bind(PodLabel, String),
    /// The main process of the pod's containers ends with that exit code; the first container's
    /// if no name is given.
    Crash(PodLabel, Option<String>, i16),
    /// The kernel kills the pod's container for want of memory (P87).
    OomKill(PodLabel, Option<String>),
    /// The pod is found above its limits of local storage (P68).
    ExceedStorage(PodLabel),
    /// The controllers lose their memory and start again.
    RestartControllers,
    /// The controllers stop, and others take over after that time.
    Failover(Span),
    /// A node joins the cluster.
    AddNode(Box<Node>),
    /// The machine is gone for ever, and its Node object is deleted.
    DeleteNode(NodeTarget),
    /// The node goes silent, and is back after that time (`None`: never).
    NodeDown(NodeTarget, Absence, Option<Span>),
    /// The node is back.
    NodeUp(NodeTarget),
    /// The node is rebooted, which takes that time (P85).
    Reboot(NodeTarget, Span),
    /// The kubelet is restarted (P86).
    RestartKubelet(NodeTarget),
    /// The node is shut down with that much time for all pods, and of that for critical ones
    /// (P83), and then off.
    Shutdown {
        /// Which nodes.
        node: NodeTarget,
        /// `shutdownGracePeriod`
        total: Span,
        /// `shutdownGracePeriodCriticalPods`
        critical: Span,
    },
    /// The cloud takes the machine back (P84): after the notice the power goes.
    Reclaim {
        /// Which nodes.
        node: NodeTarget,
        /// From the notice to the power loss.
        notice: Span,
        /// From the notice to a drain; `None` for nobody who reacts.
        drain: Option<Span>,
        /// From the power loss to the deletion of the Node object; `None` for never.
        deleted: Option<Span>,
    },
    /// `kubectl cordon`
    Cordon(NodeTarget),
    /// `kubectl uncordon`
    Uncordon(NodeTarget),
    /// `kubectl drain`: cordon, then eviction of all pods, refused ones again every 5 s.
    Drain(NodeTarget),
    /// A taint is put on the node.
    Taint(NodeTarget, Taint),
    /// Taints of that key (and effect) are taken off the node.
    Untaint(NodeTarget, String, Option<Effect>),
    /// The node gets the taint out-of-service (P79).
    OutOfService(NodeTarget),
    /// The node is short of something for that long (P63).
    Pressure(NodeTarget, Pressure, Span),
    /// The node is below a soft threshold for that long, and not below a hard one (P64).
    SoftPressure {
        /// Which nodes.
        node: NodeTarget,
        /// Of what they are short.
        of: Pressure,
        /// For how long.
        lasts: Span,
        /// `evictionSoftGracePeriod`: pods are evicted once it has lasted for that long.
        holds: Span,
        /// `evictionMaxPodGracePeriod`, in seconds.
        grace: u32,
    },
    /// The kernel kills the node's container with the worst score (P88).
    NodeOom(NodeTarget),
    /// A critical pod (static, or of the highest priority) takes so much room on the node (P82).
    CriticalPod {
        /// Which nodes.
        node: NodeTarget,
        /// CPU, in thousandths.
        milli_cpu: u64,
        /// Memory, in bytes.
        memory: u64,
    },
    /// The node's kubelet refuses the next pod (P2).
    RefuseNextPod(NodeTarget),
    /// The namespace is deleted: no new pods, and all that is in it goes.
    TerminateNamespace,
    /// A disruption budget is created.
    AddBudget(Box<DisruptionBudget>),
}

impl Deed {
    /// As scenario files call it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Patch(_) => "patch",
            Self::DeleteJob(_) => "deleteJob",
            Self::DeletePod(_) => "deletePod",
            Self::ForceDeletePod(_) => "forceDeletePod",
            Self::Evict(_) => "evict",
            Self::NodeLost(_) => "nodeLost",
            Self::Preempt(_) => "preempt",
            Self::Unlabel(_) => "unlabelPod",
            Self::Relabel(_) => "relabelPod",
            Self::Bind(..) => "bind",
            Self::Crash(..) => "crash",
            Self::OomKill(..) => "oomKill",
            Self::ExceedStorage(_) => "exceedStorage",
            Self::RestartControllers => "restartControllers",
            Self::Failover(_) => "failover",
            Self::AddNode(_) => "addNode",
            Self::DeleteNode(_) => "deleteNode",
            Self::NodeDown(..) => "nodeDown",
            Self::NodeUp(_) => "nodeUp",
            Self::Reboot(..) => "reboot",
            Self::RestartKubelet(_) => "restartKubelet",
            Self::Shutdown { .. } => "shutdown",
            Self::Reclaim { .. } => "reclaim",
            Self::Cordon(_) => "cordon",
            Self::Uncordon(_) => "uncordon",
            Self::Drain(_) => "drain",
            Self::Taint(..) => "taint",
            Self::Untaint(..) => "untaint",
            Self::OutOfService(_) => "outOfService",
            Self::Pressure(..) | Self::SoftPressure { .. } => "pressure",
            Self::NodeOom(_) => "nodeOom",
            Self::CriticalPod { .. } => "criticalPod",
            Self::RefuseNextPod(_) => "refuseNextPod",
            Self::TerminateNamespace => "terminateNamespace",
            Self::AddBudget(_) => "addBudget",
        }
    }

    /// The pod that it is about, if it is about one.
    #[must_use]
    pub const fn pod(&self) -> Option<PodLabel> {
        match self {
            Self::DeletePod(pod)
            | Self::ForceDeletePod(pod)
            | Self::Evict(pod)
            | Self::NodeLost(pod)
            | Self::Preempt(pod)
            | Self::Unlabel(pod)
            | Self::Relabel(pod)
            | Self::Bind(pod, _)
            | Self::Crash(pod, ..)
            | Self::ExceedStorage(pod)
            | Self::OomKill(pod, _) => Some(*pod),
            _ => match self.nodes() {
                Some(NodeTarget::Of(pod)) => Some(*pod),
                _ => None,
            },
        }
    }

    /// The nodes that it is about, if it is about any that exist.
    #[must_use]
    pub const fn nodes(&self) -> Option<&NodeTarget> {
        match self {
            Self::DeleteNode(node)
            | Self::NodeDown(node, ..)
            | Self::NodeUp(node)
            | Self::Reboot(node, _)
            | Self::RestartKubelet(node)
            | Self::Shutdown { node, .. }
            | Self::Reclaim { node, .. }
            | Self::Cordon(node)
            | Self::Uncordon(node)
            | Self::Drain(node)
            | Self::Taint(node, _)
            | Self::Untaint(node, ..)
            | Self::OutOfService(node)
            | Self::Pressure(node, ..)
            | Self::SoftPressure { node, .. }
            | Self::NodeOom(node)
            | Self::CriticalPod { node, .. }
            | Self::RefuseNextPod(node) => Some(node),
            Self::Patch(_)
            | Self::DeleteJob(_)
            | Self::DeletePod(_)
            | Self::ForceDeletePod(_)
            | Self::Evict(_)
            | Self::NodeLost(_)
            | Self::Preempt(_)
            | Self::Unlabel(_)
            | Self::Relabel(_)
            | Self::Bind(..)
            | Self::Crash(..)
            | Self::OomKill(..)
            | Self::ExceedStorage(_)
            | Self::RestartControllers
            | Self::Failover(_)
            | Self::AddNode(_)
            | Self::TerminateNamespace
            | Self::AddBudget(_) => None,
        }
    }

    /// Turns a deed about nodes to these.
    pub fn aim(&mut self, at: NodeTarget) {
        match self {
            Self::DeleteNode(node)
            | Self::NodeDown(node, ..)
            | Self::NodeUp(node)
            | Self::Reboot(node, _)
            | Self::RestartKubelet(node)
            | Self::Shutdown { node, .. }
            | Self::Reclaim { node, .. }
            | Self::Cordon(node)
            | Self::Uncordon(node)
            | Self::Drain(node)
            | Self::Taint(node, _)
            | Self::Untaint(node, ..)
            | Self::OutOfService(node)
            | Self::Pressure(node, ..)
            | Self::SoftPressure { node, .. }
            | Self::NodeOom(node)
            | Self::CriticalPod { node, .. }
            | Self::RefuseNextPod(node) => *node = at,
            _ => {}
        }
    }

    /// Whether it is about a Job or its pods, and so needs one that is there.
    #[must_use]
    pub const fn is_about_job(&self) -> bool {
        matches!(self, Self::Patch(_) | Self::DeleteJob(_)) || self.pod().is_some()
    }
}
