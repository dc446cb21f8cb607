//! What does not work for a while.

use super::super::fields::Fields;
use super::super::leaf::Leaf as L;
use super::super::schema::Kind::{Leaf, Table as Inner};
use super::super::schema::{Choice, Field, Table, field, needed};
use super::super::words;
use super::{NAME, TIME, cluster};
use crate::fault::{Fault, Outage};

/// Something that does not work.
pub(super) static FAULT: Table = Table {
    text: "While from ≤ t < to, something does not work: requests of this kind (verb, resource and \
           code), or what one of the other fields says.",
    choices: &[Choice {
        names: &[
            "verb",
            "latency",
            "image",
            "registry",
            "reference",
            "volumes",
            "serviceAccount",
            "quota",
            "limitRange",
            "admission",
            "clock",
        ],
        none: "this fault says when, but not what",
        several: "one fault is about several things",
        help: "write a fault for each, at the same time if need be",
    }],
    together: &["verb", "resource", "code"],
    fields: &[&TIMES, &REQUESTS, &REST],
};

static TIMES: [Field; 2] = [
    needed(
        "from",
        "J5",
        TIME,
        "From when on, after the creation of the Job.",
    ),
    needed(
        "to",
        "J5",
        TIME,
        "Until when, exclusively, after the creation.",
    ),
];

static REQUESTS: [Field; 3] = [
    field(
        "verb",
        "J5",
        Leaf(L::OneOf(&["create", "get", "update", "patch", "delete"])),
        "The verb of requests that fail.",
    ),
    field(
        "resource",
        "J5",
        Leaf(L::OneOf(&["jobs", "jobs/status", "pods", "events"])),
        "What they are about; jobs/status is the status update.",
    ),
    field(
        "code",
        "J5, J46",
        Leaf(L::Whole(400, 599)),
        "Their HTTP status code: 403 (an exceeded quota), 409, 429, 500 or 503; others count as \
         503.",
    ),
];

static REST: [Field; 10] = [
    field(
        "latency",
        "J81",
        TIME,
        "Requests of the controllers take so much longer.",
    ),
    field(
        "image",
        "P36",
        NAME,
        "That image cannot be pulled; its name as in the manifest.",
    ),
    field("registry", "P36", Leaf(L::Yes), "No image can be pulled."),
    field(
        "reference",
        "P5, P17",
        NAME,
        "The ConfigMap or Secret of that name does not exist.",
    ),
    field("volumes", "P17", Leaf(L::Yes), "No volume can be mounted."),
    field(
        "serviceAccount",
        "P90",
        Leaf(L::Yes),
        "The pods' ServiceAccount does not exist.",
    ),
    field(
        "quota",
        "P90, P93",
        Inner(&cluster::QUOTA),
        "The namespace has that quota.",
    ),
    field(
        "limitRange",
        "P90",
        Inner(&cluster::LIMIT_RANGE),
        "The namespace has that range of resources; where it is there for the whole run, pods \
         are made with its defaults.",
    ),
    field(
        "admission",
        "P90",
        Leaf(L::Yes),
        "A webhook or a policy refuses every pod.",
    ),
    field(
        "clock",
        "P60",
        TIME,
        "The clocks of the nodes are that much ahead of the control plane's.",
    ),
];

/// A fault, unless something is wrong with it.
pub(in super::super) fn fault(it: &Fields<'_>) -> Option<Fault> {
    let (from, to) = (it.time("from")?, it.time("to")?);
    if from >= to {
        let words = format!("{to} is not after {from}, so nothing fails");
        let flaw = crate::manifest::Flaw::new(it.at("to"), words);
        it.tell(flaw.help("both count from the creation of the Job"));
    }
    let outage = outage(it)?;
    Some(Fault { from, to, outage })
}

fn outage(it: &Fields<'_>) -> Option<Outage> {
    if it.has("verb") {
        let (verb, resource) = (it.text("verb")?, it.text("resource")?);
        let fault = words::requests(verb, resource, it.whole("code")?);
        let fault = fault.map_err(|words| it.flaw("", words));
        return fault.ok();
    }
    let simple = [
        ("registry", Outage::Image(None)),
        ("volumes", Outage::Volumes),
        ("serviceAccount", Outage::ServiceAccount),
        ("admission", Outage::Admission),
    ];
    for (name, outage) in simple {
        if it.flag(name) {
            return Some(outage);
        }
    }
    if let Some(quota) = it.table("quota") {
        return Some(Outage::Quota(cluster::quota(&quota)));
    }
    if let Some(range) = it.table("limitRange") {
        return Some(Outage::LimitRange(cluster::limit_range(&range)));
    }
    let image = it.owned("image").map(|it| Outage::Image(Some(it)));
    image
        .or_else(|| it.owned("reference").map(Outage::Reference))
        .or_else(|| it.time("latency").map(Outage::Latency))
        .or_else(|| it.time("clock").map(Outage::Clock))
}
