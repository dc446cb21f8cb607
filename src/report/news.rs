//! What scheduler, kubelets and nodes do, in the words of Kubernetes' events.

use super::Run;
use super::text;
use crate::model::{ContainerSlot, JobId, NodeId, PodNews, PodReason, ProbeKind};
use std::sync::Arc;

/// What happened to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeNews {
    /// It joined the cluster.
    Joined,
    /// Its object is gone.
    Gone,
    /// Its condition Ready: `True`, `False` or `Unknown`.
    Ready(&'static str),
    /// `spec.unschedulable`
    Cordoned(bool),
    /// It got a taint: `key=value:effect`.
    Tainted(Arc<str>),
    /// It lost one.
    Untainted(Arc<str>),
}

impl NodeNews {
    /// `Normal` or `Warning`; empty where Kubernetes writes no event.
    pub(super) fn event(&self) -> &'static str {
        match self {
            Self::Joined | Self::Gone | Self::Ready(_) | Self::Cordoned(_) => "Normal",
            Self::Tainted(_) | Self::Untainted(_) => "",
        }
    }

    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Joined => "RegisteredNode",
            Self::Gone => "RemovingNode",
            Self::Ready("True") => "NodeReady",
            Self::Ready(_) => "NodeNotReady",
            Self::Cordoned(true) => "NodeNotSchedulable",
            Self::Cordoned(false) => "NodeSchedulable",
            Self::Tainted(_) => "Tainted",
            Self::Untainted(_) => "Untainted",
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::Joined => "joined the cluster".to_owned(),
            Self::Gone => "the Node object is deleted".to_owned(),
            Self::Ready(status) => format!("Ready={status}"),
            Self::Cordoned(true) => "cordoned".to_owned(),
            Self::Cordoned(false) => "uncordoned".to_owned(),
            Self::Tainted(taint) | Self::Untainted(taint) => taint.to_string(),
        }
    }
}

/// `Normal` or `Warning`; empty for changes of state that Kubernetes writes no event about.
pub(super) const fn event(news: PodNews) -> &'static str {
    match news {
        PodNews::Pulling(_)
        | PodNews::Pulled(..)
        | PodNews::Started(..)
        | PodNews::Provisioning(_)
        | PodNews::Stopping(..) => "Normal",
        PodNews::Unschedulable(_)
        | PodNews::Rejected(_)
        | PodNews::MountFailed
        | PodNews::PullFailed(_)
        | PodNews::PullBackOff(..)
        | PodNews::PullForbidden(_)
        | PodNews::ConfigMissing(_)
        | PodNews::RestartBackOff(..)
        | PodNews::ProbeFailed(..)
        | PodNews::Ending(_) => "Warning",
        PodNews::Exited(..)
        | PodNews::Nominated(_)
        | PodNews::Killed(_)
        | PodNews::RestartsAll(_)
        | PodNews::TaintTolerated(_)
        | PodNews::EvictionRefused
        | PodNews::NodeReady(..) => "",
    }
}

/// The reason of the event, or a word for what happened.
pub(super) const fn reason(news: PodNews) -> &'static str {
    match news {
        PodNews::Unschedulable(_) => "FailedScheduling",
        PodNews::Nominated(_) => "Nominated",
        PodNews::Provisioning(_) => "TriggeredScaleUp",
        PodNews::Rejected(reason) | PodNews::Ending(reason) => reason.as_str(),
        PodNews::MountFailed => "FailedMount",
        PodNews::Pulling(_) => "Pulling",
        PodNews::Pulled(..) => "Pulled",
        PodNews::PullFailed(_) | PodNews::ConfigMissing(_) => "Failed",
        PodNews::PullBackOff(..) | PodNews::RestartBackOff(..) => "BackOff",
        PodNews::PullForbidden(_) => "ErrImageNeverPull",
        PodNews::Started(..) => "Started",
        PodNews::Exited(_, exit) => exit.reason.as_str(),
        PodNews::ProbeFailed(..) => "Unhealthy",
        PodNews::Stopping(..) => "Killing",
        PodNews::Killed(_) => "Killed",
        PodNews::RestartsAll(_) => "RestartAllContainers",
        PodNews::TaintTolerated(_) => "TaintTolerated",
        PodNews::EvictionRefused => "EvictionRefused",
        PodNews::NodeReady(_, true) => "NodeBack",
        PodNews::NodeReady(_, false) => "NodeNotReady",
    }
}

/// What happened, in words.
pub(super) fn message(run: &Run, job: JobId, news: PodNews) -> String {
    let name = |slot| container(run, job, slot);
    let clock = text::clock;
    match news {
        PodNews::Unschedulable(number) => run.api().text(number).to_owned(),
        PodNews::Nominated(node) => {
            let node = run.api().node(node).map_or("", |it| &it.node.name);
            format!("pods of lower priority make room on {node}")
        }
        PodNews::Provisioning(span) => format!("a node is made, ready in {}", clock(span)),
        PodNews::Rejected(reason) => format!("Pod was rejected: {}", reason.as_str()),
        PodNews::MountFailed => "MountVolume.SetUp failed: an object is missing".to_owned(),
        PodNews::Pulling(slot)
        | PodNews::Pulled(slot, _)
        | PodNews::PullFailed(slot)
        | PodNews::PullBackOff(slot, _)
        | PodNews::PullForbidden(slot) => of_image(news, image(run, job, slot)),
        PodNews::ConfigMissing(slot)
        | PodNews::Started(slot, _)
        | PodNews::Exited(slot, _)
        | PodNews::RestartBackOff(slot, _)
        | PodNews::ProbeFailed(slot, _)
        | PodNews::Stopping(slot, _)
        | PodNews::Killed(slot)
        | PodNews::RestartsAll(slot) => of_container(news, name(slot)),
        PodNews::Ending(reason) => ending(reason).to_owned(),
        PodNews::TaintTolerated(span) => {
            format!("the taint is tolerated for another {}", clock(span))
        }
        PodNews::EvictionRefused => {
            "Cannot evict pod as it would violate the pod's disruption budget.".to_owned()
        }
        PodNews::NodeReady(node, ready) => {
            let name = node_name(run, node);
            let word = if ready { "is back" } else { "is not ready" };
            format!("node {name} {word}")
        }
    }
}

/// What happened to an image, in words.
fn of_image(news: PodNews, image: &str) -> String {
    match news {
        PodNews::Pulled(_, took) => {
            let took = text::clock(took);
            format!("Successfully pulled image \"{image}\" in {took}")
        }
        PodNews::PullFailed(_) => format!("Failed to pull image \"{image}\""),
        PodNews::PullBackOff(_, wait) => {
            format!(
                "Back-off pulling image \"{image}\" for {}",
                text::clock(wait)
            )
        }
        PodNews::PullForbidden(_) => {
            format!("Container image \"{image}\" is not present with pull policy of Never")
        }
        _ => format!("Pulling image \"{image}\""),
    }
}

/// What happened to a container, in words.
fn of_container(news: PodNews, name: &str) -> String {
    match news {
        PodNews::ConfigMissing(_) => {
            format!("CreateContainerConfigError: container {name} refers to a missing object")
        }
        PodNews::Started(_, again) if again > 0 => {
            format!("Started container {name}, restart {again}")
        }
        PodNews::Exited(_, exit) => format!("container {name} exited with code {}", exit.code),
        PodNews::RestartBackOff(_, wait) => {
            let wait = text::clock(wait);
            format!("Back-off restarting failed container {name} for {wait}")
        }
        PodNews::ProbeFailed(_, kind) => {
            let kind = match kind {
                ProbeKind::Startup => "Startup",
                ProbeKind::Liveness => "Liveness",
                ProbeKind::Readiness => "Readiness",
            };
            format!("{kind} probe of container {name} failed")
        }
        PodNews::Stopping(_, grace) => {
            format!(
                "Stopping container {name}, grace period {}",
                text::clock(grace)
            )
        }
        PodNews::Killed(_) => format!("container {name} did not stop in time"),
        PodNews::RestartsAll(_) => format!("container {name} ended so that all are started again"),
        _ => format!("Started container {name}"),
    }
}

const fn ending(reason: PodReason) -> &'static str {
    match reason {
        PodReason::Evicted => "The node was low on resource, or the pod above a limit",
        PodReason::DeadlineExceeded => {
            "Pod was active on the node longer than the specified deadline"
        }
        PodReason::Terminated => "Pod was terminated in response to imminent node shutdown.",
        PodReason::Preempting => "Preempted in order to admit critical pod",
        _ => "the kubelet ends the pod",
    }
}

/// The node's name, if there is an object for it.
pub(super) fn node_name(run: &Run, node: NodeId) -> &str {
    run.api().node(node).map_or("a node", |it| &it.node.name)
}

fn slot(run: &Run, job: JobId, slot: ContainerSlot) -> Option<&crate::model::Container> {
    let template = &run.api().job(job).job.spec.template;
    match slot {
        ContainerSlot::Init(place) => template.init_containers.get(usize::from(place)),
        ContainerSlot::Regular(place) => template.containers.get(usize::from(place)),
    }
}

fn container(run: &Run, job: JobId, at: ContainerSlot) -> &str {
    slot(run, job, at).map_or("", |it| &it.name)
}

fn image(run: &Run, job: JobId, at: ContainerSlot) -> &str {
    slot(run, job, at).map_or("", |it| &it.image)
}
