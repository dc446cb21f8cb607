//! Nodes: the machines that pods run on.

use super::resources::Resources;
use super::toleration::Taint;
use crate::base::{Instant, Span, WireTime};
use std::collections::BTreeMap;

/// A node of the run, numbered in order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// Somewhere in a cluster that has room for everything: there is no object for that node.
    pub const SOMEWHERE: Self = Self(u32::MAX);

    /// The node's place in a table of all nodes.
    #[must_use]
    pub const fn slot(self) -> usize {
        self.0 as usize
    }

    /// Whether there is an object for that node.
    #[must_use]
    pub const fn is_named(self) -> bool {
        self.0 != u32::MAX
    }
}

/// A node as it joins the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// `metadata.name`
    pub name: String,
    /// `metadata.labels`
    pub labels: BTreeMap<String, String>,
    /// `status.allocatable`; a resource that is not set has no limit.
    pub allocatable: Resources,
    /// The most pods it takes.
    pub pods: u32,
    /// `spec.taints`
    pub taints: Vec<Taint>,
    /// `spec.unschedulable`
    pub unschedulable: bool,
    /// Images that it has from the start, each with its size in bytes (S26).
    pub images: Vec<(String, u64)>,
    /// How long after its creation, and then every 10 s, its kubelet renews the lease (P69).
    pub heartbeat: Span,
}

impl Node {
    /// The label that tells a node's zone.
    pub const ZONE: &'static str = "topology.kubernetes.io/zone";
    /// The label that tells a node's region.
    pub const REGION: &'static str = "topology.kubernetes.io/region";
    /// The label that tells a node's name.
    pub const HOSTNAME: &'static str = "kubernetes.io/hostname";
    /// Pods that a kubelet takes unless told otherwise.
    pub const PODS: u32 = 110;

    /// A node with room for everything but more than 110 pods.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            labels: BTreeMap::from([(Self::HOSTNAME.to_owned(), name.clone())]),
            name,
            allocatable: Resources::default(),
            pods: Self::PODS,
            taints: Vec::new(),
            unschedulable: false,
            images: Vec::new(),
            heartbeat: Span::ZERO,
        }
    }

    /// Its zone, if it is in one.
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        self.labels.get(Self::ZONE).map(String::as_str)
    }
}

/// The node's `Ready` condition and since when it has been so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeReady {
    /// Its kubelet says that it takes pods.
    True(WireTime),
    /// Its kubelet says that it does not, as while it is shut down.
    False(WireTime),
    /// Its kubelet has not been heard of for too long (P70).
    Unknown(WireTime),
}

impl NodeReady {
    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True(_) => "True",
            Self::False(_) => "False",
            Self::Unknown(_) => "Unknown",
        }
    }

    /// Whether it is `True`.
    #[must_use]
    pub const fn is_true(self) -> bool {
        matches!(self, Self::True(_))
    }
}

/// A node's Lease object: its kubelet renews it every ten seconds, as long as it is heard (P69).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The first renewal after the creation; the others follow in steps of ten seconds.
    pub first: Instant,
    /// Since when the kubelet can be heard, this time.
    pub heard_since: Instant,
    /// Since when it cannot, if that is so.
    pub silent_since: Option<Instant>,
}

impl Lease {
    /// From one renewal to the next.
    pub const PERIOD: Span = Span::from_secs(10);

    /// The latest renewal up to an instant.
    #[must_use]
    pub fn renewed(&self, now: Instant) -> Instant {
        let last = self.silent_since.map_or(now, |it| it.min(now));
        let since = last.since(self.first).micros();
        if since < 0 {
            return self.heard_since;
        }
        let periods = since / Self::PERIOD.micros();
        (self.first + Self::PERIOD.times(periods)).max(self.heard_since)
    }
}
