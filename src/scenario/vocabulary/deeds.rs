//! What is done from outside: the deeds of actions and of what recurs.

use super::super::fields::{Either as Side, Fields};
use super::super::leaf::{self, Leaf as L, decode};
use super::super::schema::Kind::{Either, Leaf, Table as Inner};
use super::super::schema::{Choice, Field, Table, field, needed};
use super::super::words::{self, PatchWords};
use super::node_deeds::{self, NODE_DEEDS};
use super::patch::PATCH;
use super::{CODE, NAME, POD, TIME, cluster, nodes};
use crate::fault::{Action, Deed, PodLabel};

/// What happens from outside.
pub(super) static ACTION: Table = Table {
    text: "Something done from outside: a time, and exactly one deed. A pod is named by its number \
           (3: the fourth pod), in an Indexed Job by index and number (\"2.0\": the first pod of \
           index 2). A pod that is unknown or gone: nothing happens. A node is named by its name; \
           see the field node of nodeDown for other ways.",
    choices: &[Choice {
        none: "this action says when, but not what",
        several: "one action does several things",
        help: "write an action for each, at the same time if need be",
        ..DEED
    }],
    together: &[],
    fields: &[
        &[needed(
            "at",
            "",
            TIME,
            "When, after the creation of the Job.",
        )],
        &DEEDS,
        &NODE_DEEDS,
    ],
};

/// Exactly one deed.
pub(in super::super) const DEED: Choice = Choice {
    names: &NAMES,
    none: "this says when, but not what",
    several: "one entry does several things",
    help: "write an entry for each",
};

const NAMES: [&str; 34] = [
    "patch",
    "deleteJob",
    "deletePod",
    "forceDeletePod",
    "evict",
    "nodeLost",
    "preempt",
    "unlabelPod",
    "relabelPod",
    "bind",
    "crash",
    "oomKill",
    "restartControllers",
    "failover",
    "terminateNamespace",
    "addBudget",
    "addNode",
    "deleteNode",
    "nodeDown",
    "nodeUp",
    "reboot",
    "restartKubelet",
    "shutdown",
    "reclaim",
    "cordon",
    "uncordon",
    "drain",
    "taint",
    "untaint",
    "outOfService",
    "pressure",
    "nodeOom",
    "criticalPod",
    "refuseNextPod",
];

/// What is done to Jobs, pods, controllers and the namespace.
pub(super) static DEEDS: [Field; 16] = [
    field(
        "patch",
        "J2",
        Inner(&PATCH),
        "A user changes the Job by a JSON merge patch.",
    ),
    field(
        "deleteJob",
        "J61, J65",
        Leaf(L::OneOf(&["Background", "Foreground", "Orphan"])),
        "A user deletes the Job; what becomes of its pods.",
    ),
    field("deletePod", "J7", POD, "A user deletes a pod."),
    field(
        "forceDeletePod",
        "P56",
        POD,
        "A user deletes a pod with grace period 0.",
    ),
    field(
        "evict",
        "J7, J58, P80",
        POD,
        "A pod is evicted through the API, as by kubectl drain: condition DisruptionTarget, then a \
         graceful deletion. Disruption budgets are asked.",
    ),
    field(
        "nodeLost",
        "J58",
        POD,
        "The node of a pod is lost: the pod is marked as disrupted and Failed, and deleted at \
         once.",
    ),
    field(
        "preempt",
        "P114",
        POD,
        "The scheduler takes the pod's room for one of higher priority.",
    ),
    field(
        "unlabelPod",
        "J10",
        POD,
        "A user takes the Job's labels off a pod, and the Job releases it.",
    ),
    field(
        "relabelPod",
        "J10",
        POD,
        "A user puts the Job's labels back on a pod.",
    ),
    field(
        "bind",
        "P1",
        Inner(&BIND),
        "Somebody binds a pod to a node by hand.",
    ),
    field(
        "crash",
        "P6",
        Either(L::Label, &CRASH),
        "The main process of a pod's container ends; a pod alone means exit code 1 of its first \
         container.",
    ),
    field(
        "oomKill",
        "P87",
        Either(L::Label, &OOM_KILL),
        "The kernel kills a pod's container for want of memory; a pod alone means its first \
         container.",
    ),
    field(
        "restartControllers",
        "J8, J40",
        Leaf(L::Yes),
        "The controllers lose their memory and start again.",
    ),
    field(
        "failover",
        "J8, J40",
        TIME,
        "The controllers stop, and others take over after that time.",
    ),
    field(
        "terminateNamespace",
        "P92",
        Leaf(L::Yes),
        "The namespace is deleted: no new pods, and all that is in it goes.",
    ),
    field(
        "addBudget",
        "P80",
        Inner(&cluster::BUDGET),
        "A PodDisruptionBudget is created.",
    ),
];

const CONTAINER: Field = field(
    "container",
    "",
    NAME,
    "The container's name; the first one unless told.",
);

static BIND: Table = Table::plain(
    "A pod and the node that it is bound to.",
    &[&[
        needed("pod", "P1", POD, "The pod."),
        needed("node", "P1", NAME, "The name of the node."),
    ]],
);

static CRASH: Table = Table::plain(
    "A process that ends.",
    &[&[
        needed("pod", "P6", POD, "The pod."),
        CONTAINER,
        field("exit", "P6", Leaf(CODE), "The exit code; 1 unless told."),
    ]],
);

static OOM_KILL: Table = Table::plain(
    "A container that is killed.",
    &[&[needed("pod", "P87", POD, "The pod."), CONTAINER]],
);

/// An action, unless something is wrong with it.
pub(in super::super) fn action(it: &Fields<'_>) -> Option<Action> {
    Some(Action {
        at: it.time("at")?,
        job: 0,
        deed: deed(it)?,
    })
}

/// The deed of an action, or of what recurs.
pub(super) fn deed(it: &Fields<'_>) -> Option<Deed> {
    of_pod(it)
        .or_else(|| of_job(it))
        .or_else(|| node_deeds::deed(it))
}

fn of_job(it: &Fields<'_>) -> Option<Deed> {
    if let Some(patch) = it.value("patch") {
        let patch = decode::<PatchWords>(patch).and_then(|it| it.patch());
        let told = patch.map_err(|words| it.flaw("patch", words));
        return told.ok().map(Deed::Patch);
    }
    if let Some(text) = it.text("deleteJob") {
        let propagation = words::propagation(text);
        let told = propagation.map_err(|words| it.flaw("deleteJob", words));
        return told.ok().map(Deed::DeleteJob);
    }
    if let Some(budget) = it.table("addBudget") {
        return Some(Deed::AddBudget(Box::new(cluster::budget(&budget))));
    }
    if let Some(node) = it.table("addNode") {
        return Some(Deed::AddNode(Box::new(nodes::node(&node))));
    }
    if let Some(span) = it.time("failover") {
        return Some(Deed::Failover(span));
    }
    if it.flag("terminateNamespace") {
        return Some(Deed::TerminateNamespace);
    }
    it.flag("restartControllers")
        .then_some(Deed::RestartControllers)
}

/// A deed that is about a pod, and no more.
type OfPod = fn(PodLabel) -> Deed;

fn of_pod(it: &Fields<'_>) -> Option<Deed> {
    const PLAIN: &[(&str, OfPod)] = &[
        ("deletePod", Deed::DeletePod),
        ("forceDeletePod", Deed::ForceDeletePod),
        ("evict", Deed::Evict),
        ("nodeLost", Deed::NodeLost),
        ("preempt", Deed::Preempt),
        ("unlabelPod", Deed::Unlabel),
        ("relabelPod", Deed::Relabel),
    ];
    for (name, deed) in PLAIN {
        if let Some(pod) = it.pod(name) {
            return Some(deed(pod));
        }
    }
    if let Some(bind) = it.table("bind") {
        return Some(Deed::Bind(bind.pod("pod")?, bind.owned("node")?));
    }
    match it.either("crash") {
        Some(Side::Short(pod)) => return Some(Deed::Crash(leaf::label(pod).ok()?, None, 1)),
        Some(Side::Long(crash)) => {
            let exit = crash.whole("exit").unwrap_or(1);
            return Some(Deed::Crash(
                crash.pod("pod")?,
                crash.owned("container"),
                exit,
            ));
        }
        None => {}
    }
    match it.either("oomKill")? {
        Side::Short(pod) => Some(Deed::OomKill(leaf::label(pod).ok()?, None)),
        Side::Long(kill) => Some(Deed::OomKill(kill.pod("pod")?, kill.owned("container"))),
    }
}
