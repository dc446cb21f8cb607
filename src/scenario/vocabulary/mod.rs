//! The vocabulary of scenario files as data: every field with its type, its unit and its rule, and
//! beside each part what it means.

pub(super) mod background;
pub(super) mod cluster;
pub(super) mod deeds;
mod node_deeds;
pub(super) mod nodes;
pub(super) mod outages;
pub(super) mod pace;
mod patch;
mod pods;
pub(super) mod recurring;
pub(super) mod scheduling;
mod shared_work;
pub(super) mod workload;

use super::leaf::Leaf as L;
use super::presets;
use super::schema::Kind::{self, Either, Leaf, List, Manifest, OneOrMany, Table as Inner};
use super::schema::{Field, Table, field};

pub(super) const COUNT: L = L::Whole(0, u32::MAX as i64);
pub(super) const CODE: L = L::Whole(0, 255);
pub(super) const POD: Kind = Leaf(L::Label);
pub(super) const TIME: Kind = Leaf(L::Time);
pub(super) const LAW: Kind = Leaf(L::Law);
pub(super) const NAME: Kind = Leaf(L::Name);
pub(super) const AMOUNT: Kind = Leaf(L::Quantity);

/// The whole file.
pub(super) static FILE: Table = Table::plain(
    "What the pods of a Job do and what happens to it from outside. Times are Go durations (30s, \
     1m30s) or days (2d) or numbers of seconds. A law of durations is a time, a range of times \
     (20m..35m) or a distribution such as lognormal(median=20m,p95=35m).",
    &[&RUN, &CLUSTER, &PACE, &PODS, &OUTSIDE, &LIMITS, &FORECAST],
);

static RUN: [Field; 6] = [
    field(
        "preset",
        "P121",
        OneOrMany(&Leaf(L::OneOf(&presets::NAMES))),
        "Presets, which say what this file does not say; `dryjob presets` shows them. Of several, \
         the first counts.",
    ),
    field(
        "id",
        "",
        Leaf(L::Text),
        "A name for the scenario; it means nothing.",
    ),
    field(
        "kubernetes",
        "",
        Leaf(L::Release),
        "The release whose behaviour is played, 1.29 to 1.37. Unless told, it is the newest.",
    ),
    field(
        "job",
        "",
        Manifest,
        "The manifest of the Job, as it would be submitted; apiVersion and kind may be left out. \
         It may also come from another file.",
    ),
    field(
        "start",
        "J24, J41",
        TIME,
        "The Job is created this long after a whole second, 0s unless told. It matters because \
         the API stores times in whole seconds.",
    ),
    field(
        "until",
        "",
        TIME,
        "How long the run is watched, from the creation of the Job; 24h unless told.",
    ),
];

static CLUSTER: [Field; 6] = [
    field(
        "nodes",
        "P103",
        List(&Inner(&nodes::NODE)),
        "The nodes of the cluster. Without any, and without a pool, the cluster is unlimited: \
         every pod gets a node.",
    ),
    field(
        "pool",
        "P120",
        Inner(&nodes::POOL),
        "Nodes that are made when pods find none, as by a cluster autoscaler.",
    ),
    field(
        "background",
        "P109, P111",
        List(&Inner(&background::GROUP)),
        "Other pods that fill the nodes: as a count, at a rate, or as a trace tells.",
    ),
    field(
        "scheduler",
        "P109",
        Inner(&scheduling::SCHEDULER),
        "How pods are placed on the nodes.",
    ),
    field(
        "budgets",
        "P80, P81",
        List(&Inner(&cluster::BUDGET)),
        "PodDisruptionBudgets that are there from the start.",
    ),
    field(
        "priorityClasses",
        "P115",
        Kind::ByName(
            "priority classes",
            &Either(cluster::VALUE, &cluster::PRIORITY),
        ),
        "PriorityClasses: the value of each by its name, or all of it.",
    ),
];

static PACE: [Field; 1] = [field(
    "pace",
    "P120",
    Either(pace::NAMES, &pace::PACE),
    "How long kubelets take for each step; quiet unless told.",
)];

static PODS: [Field; 2] = [
    field(
        "workload",
        "",
        OneOrMany(&Inner(&workload::ENTRY)),
        "What containers do: pods live under kubelets, and all that follows from that is \
         Kubernetes' own doing. One entry or several; the first that matches counts.",
    ),
    field(
        "pods",
        "",
        List(&Inner(&pods::SCRIPT)),
        "What pods do, instant by instant, in place of kubelets and a workload. A pod follows the \
         first script that matches it, else the last.",
    ),
];

static OUTSIDE: [Field; 3] = [
    field(
        "actions",
        "",
        List(&Inner(&deeds::ACTION)),
        "What users and nodes do, in any order.",
    ),
    field(
        "recurring",
        "",
        List(&Inner(&recurring::RECURRING)),
        "What happens again and again: by rate, by chance, or as a trace tells.",
    ),
    field(
        "faults",
        "J5",
        List(&Inner(&outages::FAULT)),
        "What does not work for a while.",
    ),
];

static LIMITS: [Field; 4] = [
    field(
        "qps",
        "J80",
        Leaf(L::Rate),
        "Requests a second that the Job controller's client sends, or unlimited (null); 20 unless \
         told.",
    ),
    field(
        "burst",
        "J80",
        Leaf(L::Whole(1, 1_000_000)),
        "Requests that may go at once after a pause; 30 unless told.",
    ),
    field(
        "latency",
        "J81",
        TIME,
        "From the sending of a controller's request to its effect and answer; 0s unless told.",
    ),
    field(
        "latencyMs",
        "J81",
        Leaf(L::Millis),
        "The same as latency in milliseconds, as recordings write it.",
    ),
];

static FORECAST: [Field; 1] = [field(
    "assert",
    "",
    OneOrMany(&Leaf(L::Assertion)),
    "What a forecast has to keep, as in \"p(complete) >= 0.99\" or \"p95(duration) <= 2h\"; \
     `dryjob forecast` fails where it does not. Runs do not look at it.",
)];
