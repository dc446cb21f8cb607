//! What is in a cluster without Jobs, and what happens to it.

use crate::base::Span;
use crate::model::{LabelSelector, Node, PodTemplate, Release, Taint};
use std::collections::BTreeMap;

/// What is in the cluster and what happens to it.
#[derive(Clone, Debug)]
pub struct BareScenario {
    /// Whose scheduler it is.
    pub release: Release,
    /// How long it is watched, that instant included.
    pub until: Span,
    /// At most one attempt in so much time.
    pub cycle: Span,
    /// Nodes, each with the time of its coming.
    pub nodes: Vec<(Span, Node)>,
    /// Pods.
    pub pods: Vec<BarePod>,
    /// Disruption budgets of the namespace `default`: whom they are about, and how many may go.
    pub budgets: Vec<(LabelSelector, i64)>,
    /// Services of the namespace `default`: the labels that they select.
    pub services: Vec<BTreeMap<String, String>>,
    /// The labels of namespaces.
    pub namespaces: BTreeMap<String, BTreeMap<String, String>>,
    /// What happens, and when.
    pub deeds: Vec<(Span, BareDeed)>,
}

/// A pod that nobody owns.
#[derive(Clone, Debug)]
pub struct BarePod {
    /// Its name.
    pub name: String,
    /// When it is created.
    pub at: Span,
    /// From its binding to its success; `None` is never.
    pub run: Option<Span>,
    /// From a delete to its end.
    pub stop: Span,
    /// Its namespace.
    pub namespace: String,
    /// What it is made from, with its labels.
    pub template: PodTemplate,
}

/// Something that happens. What is meant for a node or pod that is not there does not.
#[derive(Clone, Debug)]
pub enum BareDeed {
    /// A node comes.
    AddNode(Box<Node>),
    /// A node goes, and its pods with it.
    DeleteNode(String),
    /// A node changes.
    ChangeNode(String, NodeDeed),
    /// A pod is deleted.
    DeletePod(String),
    /// A pod's scheduling gate is removed.
    RemoveGate(String, String),
    /// A pod gets labels.
    LabelPod(String, BTreeMap<String, String>),
}

/// A change of a node.
#[derive(Clone, Debug)]
pub enum NodeDeed {
    /// It gets a taint.
    Taint(Taint),
    /// It loses all taints with that key.
    Untaint(String),
    /// It is cordoned, or not any more.
    Cordon(bool),
    /// It gets labels.
    Label(BTreeMap<String, String>),
    /// It has other amounts of these resources.
    Resize(Vec<(String, u64)>),
}
