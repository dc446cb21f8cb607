//! What is done to nodes.

use super::super::fields::{Either as Side, Fields};
use super::super::leaf::Leaf as L;
use super::super::schema::Kind::{Either, Leaf, Table as Inner};
use super::super::schema::{Field, Table, field, needed};
use super::nodes::{self, EFFECT, TARGET, target};
use super::{AMOUNT, NAME, TIME};
use crate::base::Span;
use crate::fault::{Absence, Deed, NodeTarget, Pressure};

/// The notice of a reclaimed machine, as AWS gives it (P84).
const NOTICE: Span = Span::from_secs(120);
/// From the end of a reclaimed machine to the deletion of its Node object: clouds take up to a
/// minute (P84).
const DELETED: Span = Span::from_secs(30);

/// What is done to nodes.
pub(super) static NODE_DEEDS: [Field; 18] = [
    field("addNode", "P103", Inner(&nodes::ADDED), "A node joins."),
    field(
        "deleteNode",
        "P78",
        TARGET,
        "The machine is gone for ever, and its Node object is deleted.",
    ),
    field(
        "nodeDown",
        "P70, P76",
        Either(L::Name, &NODE_DOWN),
        "A node goes silent; a node alone means a power loss for ever.",
    ),
    field("nodeUp", "P77", TARGET, "A silent node is back."),
    field("reboot", "P85", Inner(&REBOOT), "A node is rebooted."),
    field("restartKubelet", "P86", TARGET, "A kubelet is restarted."),
    field(
        "shutdown",
        "P83",
        Inner(&SHUTDOWN),
        "A node is shut down gracefully.",
    ),
    field(
        "reclaim",
        "P84",
        Either(L::Name, &RECLAIM),
        "The cloud takes the machine back: after the notice the power goes.",
    ),
    field("cordon", "P106", TARGET, "As kubectl cordon does."),
    field("uncordon", "P106", TARGET, "As kubectl uncordon does."),
    field(
        "drain",
        "P80",
        TARGET,
        "As kubectl drain does: cordon, then eviction of all pods, refused ones again every 5 s.",
    ),
    field("taint", "P74", Inner(&TAINT), "A taint is put on a node."),
    field("untaint", "P74", Inner(&UNTAINT), "Taints are taken off."),
    field(
        "outOfService",
        "P79",
        TARGET,
        "A node gets the taint out-of-service.",
    ),
    field(
        "pressure",
        "P63, P65",
        Inner(&PRESSURE),
        "A node is short of something.",
    ),
    field(
        "nodeOom",
        "P88",
        TARGET,
        "The kernel kills the node's container with the worst score.",
    ),
    field(
        "criticalPod",
        "P82",
        Inner(&CRITICAL_POD),
        "A critical pod takes room on a node.",
    ),
    field(
        "refuseNextPod",
        "P2",
        TARGET,
        "A node's kubelet refuses the next pod.",
    ),
];

const NODE: Field = needed(
    "node",
    "",
    TARGET,
    "Which node: a name, any, busy or every, or {zone: a}, {label: {rack: r1}}, {pod: 3}.",
);

static NODE_DOWN: Table = Table::plain(
    "A node that goes silent.",
    &[&[
        NODE,
        field(
            "how",
            "P77, P85",
            Leaf(L::OneOf(&["powerLoss", "cut"])),
            "powerLoss: containers end without a report; cut: the network alone is gone, and \
             containers go on. powerLoss unless told.",
        ),
        field(
            "for",
            "P77",
            Leaf(L::When),
            "How long; never back unless told.",
        ),
    ]],
);

static REBOOT: Table = Table::plain(
    "A reboot.",
    &[&[NODE, needed("for", "P85", TIME, "How long it takes.")]],
);

static SHUTDOWN: Table = Table::plain(
    "A graceful shutdown, after which the machine is off.",
    &[&[
        NODE,
        needed("total", "P83", TIME, "shutdownGracePeriod of the kubelet."),
        field(
            "critical",
            "P83",
            TIME,
            "shutdownGracePeriodCriticalPods, a part of the total; 0s unless told.",
        ),
    ]],
);

static RECLAIM: Table = Table::plain(
    "A machine that is taken back.",
    &[&[
        NODE,
        field(
            "notice",
            "P84",
            TIME,
            "From the notice to the power loss; 2m unless told.",
        ),
        field(
            "drain",
            "P84",
            Leaf(L::When),
            "From the notice to a drain of the node; never unless told.",
        ),
        field(
            "deleted",
            "P78, P84",
            Leaf(L::When),
            "From the power loss to the deletion of the Node object; 30s unless told.",
        ),
    ]],
);

static TAINT: Table = Table::plain(
    "A taint and its node.",
    &[&[
        NODE,
        needed("key", "P74", NAME, "The taint's key."),
        field(
            "value",
            "P74",
            Leaf(L::Text),
            "Its value; empty unless told.",
        ),
        needed("effect", "P74", EFFECT, "What it does to pods."),
    ]],
);

static UNTAINT: Table = Table::plain(
    "Taints and their node.",
    &[&[
        NODE,
        needed("key", "P74", NAME, "The key of the taints."),
        field("effect", "P74", EFFECT, "Their effect; all unless told."),
    ]],
);

static PRESSURE: Table = Table::plain(
    "A node that is short of something.",
    &[&[
        NODE,
        needed(
            "of",
            "P63",
            Leaf(L::OneOf(&["memory", "disk", "pids"])),
            "Of what.",
        ),
        needed("for", "P66", TIME, "How long."),
        field(
            "soft",
            "P64",
            Inner(&SOFT),
            "The threshold is a soft one; unless told a hard one, which evicts at once.",
        ),
    ]],
);

static SOFT: Table = Table::plain(
    "A soft threshold.",
    &[&[
        needed(
            "holds",
            "P64",
            TIME,
            "evictionSoftGracePeriod: pods are evicted once the shortage has lasted that long.",
        ),
        field(
            "grace",
            "P64",
            TIME,
            "evictionMaxPodGracePeriod, from stop signal to kill; 0s unless told, which leaves 2s.",
        ),
    ]],
);

static CRITICAL_POD: Table = Table::plain(
    "A critical pod and its node.",
    &[&[
        NODE,
        needed("cpu", "P82", AMOUNT, "Cores that it takes."),
        needed("memory", "P82", AMOUNT, "Bytes of memory that it takes."),
    ]],
);

/// A deed that is about nodes, and no more.
type OfNodes = fn(NodeTarget) -> Deed;

pub(super) fn deed(it: &Fields<'_>) -> Option<Deed> {
    const PLAIN: &[(&str, OfNodes)] = &[
        ("deleteNode", Deed::DeleteNode),
        ("nodeUp", Deed::NodeUp),
        ("restartKubelet", Deed::RestartKubelet),
        ("cordon", Deed::Cordon),
        ("uncordon", Deed::Uncordon),
        ("drain", Deed::Drain),
        ("outOfService", Deed::OutOfService),
        ("nodeOom", Deed::NodeOom),
        ("refuseNextPod", Deed::RefuseNextPod),
    ];
    for (name, deed) in PLAIN {
        if it.has(name) {
            return target(it, name).map(deed);
        }
    }
    silence(it).or_else(|| rest(it))
}

/// Nodes that go silent.
fn silence(it: &Fields<'_>) -> Option<Deed> {
    match it.either("nodeDown") {
        Some(Side::Short(_)) => {
            let node = target(it, "nodeDown")?;
            return Some(Deed::NodeDown(node, Absence::PowerLoss, None));
        }
        Some(Side::Long(down)) => {
            let how = match down.text("how") {
                Some("cut") => Absence::Cut,
                _ => Absence::PowerLoss,
            };
            let back = down.when("for").flatten();
            return Some(Deed::NodeDown(target(&down, "node")?, how, back));
        }
        None => {}
    }
    if let Some(reboot) = it.table("reboot") {
        return Some(Deed::Reboot(target(&reboot, "node")?, reboot.time("for")?));
    }
    if let Some(down) = it.table("shutdown") {
        let (total, critical) = (down.time("total")?, down.time("critical"));
        let critical = critical.unwrap_or_default();
        if critical > total {
            let words = format!("{critical} is more than the total, {total}");
            down.flaw("critical", words);
        }
        let node = target(&down, "node")?;
        return Some(Deed::Shutdown {
            node,
            total,
            critical,
        });
    }
    let (node, more) = match it.either("reclaim")? {
        Side::Short(_) => (target(it, "reclaim")?, None),
        Side::Long(more) => (target(&more, "node")?, Some(more)),
    };
    let more = more.as_ref();
    Some(Deed::Reclaim {
        node,
        notice: more.and_then(|it| it.time("notice")).unwrap_or(NOTICE),
        drain: more.and_then(|it| it.when("drain")).flatten(),
        deleted: more
            .and_then(|it| it.when("deleted"))
            .unwrap_or(Some(DELETED)),
    })
}

fn rest(it: &Fields<'_>) -> Option<Deed> {
    if let Some(taint) = it.table("taint") {
        return Some(Deed::Taint(target(&taint, "node")?, nodes::taint(&taint)));
    }
    if let Some(untaint) = it.table("untaint") {
        let (node, key) = (target(&untaint, "node")?, untaint.owned("key")?);
        return Some(Deed::Untaint(node, key, nodes::effect(&untaint)));
    }
    if let Some(pressure) = it.table("pressure") {
        let of = match pressure.text("of")? {
            "memory" => Pressure::Memory,
            "disk" => Pressure::Disk,
            _ => Pressure::Pids,
        };
        let node = target(&pressure, "node")?;
        let lasts = pressure.time("for")?;
        let Some(soft) = pressure.table("soft") else {
            return Some(Deed::Pressure(node, of, lasts));
        };
        let grace = soft.time("grace").unwrap_or_default().micros() / 1_000_000;
        return Some(Deed::SoftPressure {
            node,
            of,
            lasts,
            holds: soft.time("holds")?,
            grace: u32::try_from(grace).unwrap_or(u32::MAX),
        });
    }
    let critical = it.table("criticalPod")?;
    let milli_cpu = critical.quantity("cpu")?.milli();
    Some(Deed::CriticalPod {
        node: target(&critical, "node")?,
        milli_cpu: u64::try_from(milli_cpu).unwrap_or(0),
        memory: critical.units("memory")?,
    })
}
