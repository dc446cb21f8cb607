//! Nodes, pools of nodes, and which nodes something is about.

use super::super::fields::{Either as Side, Fields};
use super::super::leaf::Leaf as L;
use super::super::schema::Kind::{self, ByName, Either, Leaf, List, Table as Inner};
use super::super::schema::{Choice, Field, Table, field, needed};
use super::{AMOUNT, COUNT, LAW, NAME, POD, TIME};
use crate::base::{Law, Span};
use crate::fault::NodeTarget;
use crate::model::{Effect, Node, Resources, Taint};
use crate::schedule::Pool;

/// The most nodes of a file.
pub(in super::super) const MANY: u32 = 100_000;

pub(super) const TEXTS: Kind = ByName("labels", &Leaf(L::Text));
pub(super) const AMOUNTS: Kind = ByName("resources", &AMOUNT);
pub(super) const EFFECT: Kind = Leaf(L::OneOf(&["NoSchedule", "PreferNoSchedule", "NoExecute"]));

/// Some nodes that are the same.
pub(super) static NODE: Table = Table::plain(
    "A node, or several that are the same but for their names and zones.",
    &[&NAMED, &SEVERAL, &MACHINE],
);

/// A node that joins later.
pub(super) static ADDED: Table = Table::plain("A node that joins.", &[&NAMED, &MACHINE]);

/// Nodes that can be made.
pub(super) static POOL: Table = Table::plain(
    "Nodes that are made when pods find none: NAME-1, NAME-2 and so on, each like the others.",
    &[&NAMED, &MADE, &MACHINE],
);

static NAMED: [Field; 1] = [needed("name", "", NAME, "Its name.")];

static SEVERAL: [Field; 2] = [
    field(
        "count",
        "",
        Leaf(L::Whole(1, MANY as i64)),
        "How many there are: NAME-1, NAME-2 and so on. Unless told there is one, called NAME.",
    ),
    field(
        "zones",
        "P73",
        List(&NAME),
        "Their zones in turn (label topology.kubernetes.io/zone).",
    ),
];

static MADE: [Field; 2] = [
    needed("max", "P120", Leaf(COUNT), "The most nodes of the pool."),
    field(
        "delay",
        "P120",
        LAW,
        "From the need to the node's joining the cluster, a law of durations; 60s..120s unless \
         told.",
    ),
];

static MACHINE: [Field; 11] = [
    field(
        "cpu",
        "P103",
        AMOUNT,
        "Allocatable cores, such as 8 or 7800m; no limit unless told.",
    ),
    field(
        "memory",
        "P103",
        AMOUNT,
        "Allocatable bytes of memory, such as 32Gi; no limit unless told.",
    ),
    field(
        "storage",
        "P68",
        AMOUNT,
        "Allocatable bytes of ephemeral storage; no limit unless told.",
    ),
    field(
        "resources",
        "P103",
        AMOUNTS,
        "Allocatable amounts of other resources by name, such as nvidia.com/gpu.",
    ),
    field(
        "pods",
        "P2",
        Leaf(COUNT),
        "The most pods it takes; 110 unless told.",
    ),
    field(
        "labels",
        "P107",
        TEXTS,
        "Labels; kubernetes.io/hostname is its name anyway.",
    ),
    field(
        "zone",
        "P73",
        NAME,
        "Its zone (label topology.kubernetes.io/zone).",
    ),
    field("taints", "P72", List(&Inner(&TAINT)), "Taints."),
    field(
        "images",
        "P107",
        AMOUNTS,
        "Images that it has, with their sizes, such as app:1: 500Mi; the scheduler prefers nodes \
         that have large parts of what a pod needs.",
    ),
    field(
        "unschedulable",
        "P106",
        Leaf(L::Flag),
        "Whether it is cordoned.",
    ),
    field(
        "heartbeat",
        "P69",
        TIME,
        "From its creation to the first renewal of its lease, which others follow every 10 s; 0s \
         unless told.",
    ),
];

static TAINT: Table = Table::plain(
    "A taint.",
    &[&[
        needed("key", "P72", NAME, "Its key."),
        field(
            "value",
            "P72",
            Leaf(L::Text),
            "Its value; empty unless told.",
        ),
        needed("effect", "P72", EFFECT, "What it does to pods."),
    ]],
);

/// The node's name, or one of the words, or what nodes have in common.
pub(super) const TARGET: Kind = Either(L::Name, &COMMON);

static COMMON: Table = Table {
    text: "Nodes by what they have in common. Instead of this there may be a node's name, any (one \
           of all, by chance), busy (one that runs a pod of a Job, by chance), or every (all of \
           them).",
    choices: &[Choice {
        names: &["zone", "label", "pod"],
        none: "this does not say which nodes",
        several: "nodes are told in several ways",
        help: "delete all but one",
    }],
    together: &[],
    fields: &[&[
        field("zone", "P73", NAME, "All nodes of that zone."),
        field(
            "label",
            "",
            TEXTS,
            "All nodes with that label, such as {rack: r1}.",
        ),
        field("pod", "", POD, "The node of that pod."),
    ]],
};

/// The nodes of a list, in its order.
pub(in super::super) fn nodes(all: &[Fields<'_>]) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for one in all {
        let count = one.whole::<usize>("count");
        if nodes.len() + count.unwrap_or(1) > MANY as usize {
            one.flaw("", format!("these are more than {MANY} nodes"));
            return nodes;
        }
        let zones = one.texts("zones");
        if one.has("zone") && !zones.is_empty() {
            one.flaw("zones", "the zone is told twice");
        }
        let model = node(one);
        for number in 0..count.unwrap_or(1) {
            let mut node = match count {
                None => model.clone(),
                Some(_) => renamed(&model, number + 1),
            };
            if !zones.is_empty() {
                let zone = zones[number % zones.len()].to_owned();
                node.labels.insert(Node::ZONE.to_owned(), zone);
            }
            nodes.push(node);
        }
    }
    nodes
}

fn renamed(model: &Node, number: usize) -> Node {
    let name = format!("{}-{number}", model.name);
    let mut node = model.clone();
    node.labels.insert(Node::HOSTNAME.to_owned(), name.clone());
    Node { name, ..node }
}

/// One node.
pub(in super::super) fn node(it: &Fields<'_>) -> Node {
    let name = it.text("name").unwrap_or_default();
    if ["any", "busy", "every"].contains(&name) {
        it.flaw(
            "name",
            format!("{name:?} has a meaning where nodes are named"),
        );
    }
    let mut node = Node::named(name);
    let own = it.labels("labels");
    if it.has("zone") && own.contains_key(Node::ZONE) {
        it.flaw("zone", "the zone is told twice, here and in the labels");
    }
    node.labels = own.into_iter().chain(node.labels).collect();
    if let Some(zone) = it.owned("zone") {
        node.labels.insert(Node::ZONE.to_owned(), zone);
    }
    let fixed = [
        ("cpu", "cpu"),
        ("memory", "memory"),
        ("ephemeral-storage", "storage"),
    ];
    let others = it.resources("resources");
    for (resource, word) in fixed {
        if others.get(resource).is_some() {
            let words = format!("the amount of {resource} belongs into the field {word}");
            it.flaw("resources", words);
        }
    }
    let amounts = fixed.into_iter();
    let amounts = amounts.filter_map(|(name, word)| Some((name, it.quantity(word)?)));
    node.allocatable = amounts.collect::<Resources>().or(&others);
    node.pods = it.whole("pods").unwrap_or(Node::PODS);
    node.images = it.resources("images").others.into_iter().collect();
    node.taints = it.tables("taints").iter().map(taint).collect();
    node.unschedulable = it.flag("unschedulable");
    node.heartbeat = it.time("heartbeat").unwrap_or_default();
    node
}

pub(super) fn taint(it: &Fields<'_>) -> Taint {
    Taint {
        key: it.owned("key").unwrap_or_default(),
        value: it.owned("value").unwrap_or_default(),
        effect: effect(it).unwrap_or(Effect::NoSchedule),
    }
}

pub(super) fn effect(it: &Fields<'_>) -> Option<Effect> {
    match it.text("effect")? {
        "NoExecute" => Some(Effect::NoExecute),
        "PreferNoSchedule" => Some(Effect::PreferNoSchedule),
        _ => Some(Effect::NoSchedule),
    }
}

pub(in super::super) fn pool(it: &Fields<'_>) -> Option<Pool> {
    let (low, high) = (Span::from_secs(60), Span::from_secs(120));
    let usual = Law::uniform(low, high).ok();
    Some(Pool {
        node: node(it),
        most: it.whole("max").unwrap_or(0),
        delay: it.law("delay").or(usual)?,
    })
}

/// Which nodes a field is about.
pub(super) fn target(it: &Fields<'_>, name: &str) -> Option<NodeTarget> {
    let common = match it.either(name)? {
        Side::Short(value) => {
            return Some(match value.as_str()? {
                "any" => NodeTarget::Any,
                "busy" => NodeTarget::Busy,
                "every" => NodeTarget::Every,
                name => NodeTarget::Named(name.to_owned()),
            });
        }
        Side::Long(common) => common,
    };
    if let Some(zone) = common.owned("zone") {
        return Some(NodeTarget::Labelled(Node::ZONE.to_owned(), zone));
    }
    if let Some(pod) = common.pod("pod") {
        return Some(NodeTarget::Of(pod));
    }
    let mut labels = common.labels("label").into_iter();
    if let (Some((key, value)), None) = (labels.next(), labels.next()) {
        return Some(NodeTarget::Labelled(key, value));
    }
    common.flaw("label", "exactly one label is expected here");
    None
}
