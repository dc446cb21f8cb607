//! The numbers of what scheduler, kubelets and nodes do. They are never changed.

use super::Fnv;
use crate::model::{ContainerSlot, Exit, PodNews};
use crate::report::news::NodeNews;

/// What happened to a pod: its number, the kind of news, and what it carries.
pub(super) fn pod(pod: u32, news: PodNews) -> [i64; 8] {
    let (kind, a, b, c) = match news {
        PodNews::Unschedulable(text) => (1, i64::from(text), 0, 0),
        PodNews::Nominated(node) => (90, i64::from(node.0), 0, 0),
        PodNews::Provisioning(span) => (2, span.micros(), 0, 0),
        PodNews::Rejected(reason) => (3, i64::from(reason as u8), 0, 0),
        PodNews::MountFailed => (4, 0, 0, 0),
        PodNews::Pulling(at) => (5, slot(at), 0, 0),
        PodNews::Pulled(at, span) => (6, slot(at), span.micros(), 0),
        PodNews::PullFailed(at) => (7, slot(at), 0, 0),
        PodNews::PullBackOff(at, span) => (8, slot(at), span.micros(), 0),
        PodNews::PullForbidden(at) => (9, slot(at), 0, 0),
        PodNews::ConfigMissing(at) => (10, slot(at), 0, 0),
        PodNews::Started(at, run) => (11, slot(at), i64::from(run), 0),
        PodNews::Exited(at, Exit { code, reason }) => {
            (12, slot(at), i64::from(code), i64::from(reason as u8))
        }
        PodNews::RestartBackOff(at, span) => (13, slot(at), span.micros(), 0),
        PodNews::ProbeFailed(at, kind) => (14, slot(at), i64::from(kind as u8), 0),
        PodNews::Stopping(at, span) => (15, slot(at), span.micros(), 0),
        PodNews::Killed(at) => (16, slot(at), 0, 0),
        PodNews::RestartsAll(at) => (17, slot(at), 0, 0),
        PodNews::Ending(reason) => (18, i64::from(reason as u8), 0, 0),
        PodNews::TaintTolerated(span) => (19, span.micros(), 0, 0),
        PodNews::EvictionRefused => (20, 0, 0, 0),
        PodNews::NodeReady(node, ready) => (21, i64::from(node.0), i64::from(ready), 0),
    };
    [i64::from(pod), kind, a, b, c, 0, 0, 0]
}

const fn slot(slot: ContainerSlot) -> i64 {
    match slot {
        ContainerSlot::Init(place) => -1 - place as i64,
        ContainerSlot::Regular(place) => place as i64,
    }
}

/// What happened to a node: its number, the kind of news, and the digest of its text.
pub(super) fn node(node: u32, news: &NodeNews) -> [i64; 8] {
    let (kind, text) = match news {
        NodeNews::Joined => (1, ""),
        NodeNews::Gone => (2, ""),
        NodeNews::Ready(status) => (3, *status),
        NodeNews::Cordoned(true) => (4, ""),
        NodeNews::Cordoned(false) => (5, ""),
        NodeNews::Tainted(taint) => (6, &**taint),
        NodeNews::Untainted(taint) => (7, &**taint),
    };
    let mut digest = Fnv::default();
    digest.bytes(text.as_bytes());
    let text = i64::from_le_bytes(digest.finish().to_le_bytes());
    [i64::from(node), kind, text, 0, 0, 0, 0, 0]
}
