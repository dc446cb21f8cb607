//! The vocabulary of scenario files as data: every field with its type, its unit and its rule.
//!
//! The types in `words` and `file` decode the same fields; a test compares the two.

use super::schema::Kind::{self, ByName, Leaf, List, Manifest, Table as Inner};
use super::schema::{self as is, Field, Leaf as L, Table};

const COUNT: L = L::Whole(0, u32::MAX as i64);
const CODE: L = L::Whole(0, 255);
const COUNTS: Kind = List(&Leaf(COUNT));
const CODES: Kind = ByName(CODE);
const POD: Kind = Leaf(L::Label);
const NUMBER: Kind = Kind::OrNull(L::Whole(i32::MIN as i64, i32::MAX as i64));
const SECONDS: Kind = Kind::OrNull(L::Whole(i64::MIN, i64::MAX));

const fn field(name: &'static str, rule: &'static str, kind: Kind, text: &'static str) -> Field {
    Field {
        name,
        rule,
        kind,
        text,
        required: false,
    }
}

const fn needed(name: &'static str, rule: &'static str, kind: Kind, text: &'static str) -> Field {
    Field {
        required: true,
        ..field(name, rule, kind, text)
    }
}

/// The whole file.
pub(super) static FILE: Table = Table {
    text: "What the pods of a Job do and what happens to it from outside. Times are Go durations \
           (30s, 1m30s) or numbers of seconds.",
    one_of: &[],
    fields: &[
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
            "The manifest of the Job, as it would be submitted; apiVersion and kind may be left \
             out. It may also come from another file.",
        ),
        field(
            "start",
            "J24, J41",
            Leaf(L::Time),
            "The Job is created this long after a whole second, 0s unless told. It matters \
             because the API stores times in whole seconds.",
        ),
        field(
            "until",
            "",
            Leaf(L::Time),
            "How long the run is watched, from the creation of the Job; 24h unless told.",
        ),
        field(
            "pods",
            "",
            List(&Inner(&SCRIPT)),
            "What pods do. A pod follows the first script that matches it, else the last; without \
             any script, pods run for a minute and succeed.",
        ),
        field(
            "actions",
            "",
            List(&Inner(&ACTION)),
            "What users and nodes do, in any order.",
        ),
        field(
            "faults",
            "J5",
            List(&Inner(&FAULT)),
            "Requests of the controllers that fail for a while.",
        ),
        field(
            "qps",
            "J80",
            Leaf(L::Rate),
            "Requests a second that the Job controller's client sends, or unlimited (null); 20 \
             unless told.",
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
            Leaf(L::Time),
            "From the sending of a controller's request to its effect and answer; 0s unless told.",
        ),
        field(
            "latencyMs",
            "J81",
            Leaf(L::Millis),
            "The same as latency in milliseconds, as recordings write it.",
        ),
    ],
};

/// What pods do.
static SCRIPT: Table = Table {
    text: "The life of the pods that it matches.",
    one_of: &[],
    fields: &[
        field(
            "index",
            "J11",
            COUNTS,
            "The completion indexes it is for (Indexed Jobs); all unless told.",
        ),
        field(
            "nth",
            "",
            COUNTS,
            "The pods it is for by number, from 0 in order of creation, among the pods of their \
             index (Indexed) or of the Job; all unless told.",
        ),
        field(
            "schedule",
            "",
            Leaf(L::When),
            "From the creation of the pod to its binding; 0s unless told, never (or null) for a \
             pod that finds no node.",
        ),
        field(
            "start",
            "",
            Leaf(L::When),
            "From binding to phase Running; 1s unless told, never (or null) for a pod that does \
             not start.",
        ),
        field(
            "notReady",
            "J15",
            Leaf(L::Flag),
            "Whether the running pod does not become Ready.",
        ),
        field(
            "restarts",
            "J23",
            List(&Inner(&RESTART)),
            "Runs of the container that end in a restart in the same pod (restartPolicy: \
             OnFailure), before its last run.",
        ),
        field(
            "run",
            "J41",
            Leaf(L::When),
            "From the last start to the end; 1m unless told, never (or null) for a pod that does \
             not end by itself.",
        ),
        field(
            "exit",
            "J12, J58",
            CODES,
            "Exit codes at the end by the container's name; 0 for those that are not named. The \
             pod fails if any is not 0.",
        ),
        field(
            "reason",
            "",
            Leaf(L::Text),
            "status.reason of the failed pod, such as Evicted.",
        ),
        field(
            "disrupt",
            "J58",
            Leaf(L::Text),
            "The pod gets the condition DisruptionTarget=True with this reason when it fails.",
        ),
        field(
            "onDelete",
            "J12, J65",
            Inner(&ON_DELETE),
            "What the running pod does when asked to terminate; unless told, it stops at once \
             with exit code 143.",
        ),
    ],
};

static RESTART: Table = Table {
    text: "A run that ends in a restart.",
    one_of: &[],
    fields: &[
        needed("run", "J23", Leaf(L::Time), "From the start to the exit."),
        field("exit", "", Leaf(CODE), "The exit code; 0 unless told."),
        needed(
            "wait",
            "J23",
            Leaf(L::Time),
            "From the exit to the next start.",
        ),
    ],
};

static ON_DELETE: Table = Table {
    text: "How a pod stops.",
    one_of: &[],
    fields: &[
        needed(
            "stop",
            "J12",
            Leaf(L::Time),
            "From the request to the end. Where that is more than the grace period, the pod is \
             killed at its end, with exit code 137.",
        ),
        field(
            "exit",
            "J58",
            Leaf(CODE),
            "The exit code of its containers; 0 unless told.",
        ),
    ],
};

/// What happens from outside.
static ACTION: Table = Table {
    text: "Something done from outside: a time, and exactly one deed. A pod is named by its \
           number (3: the fourth pod), in an Indexed Job by index and number (\"2.0\": the first \
           pod of index 2). A pod that is unknown or gone: nothing happens.",
    one_of: &is::DEEDS,
    fields: &[
        needed(
            "at",
            "",
            Leaf(L::Time),
            "When, after the creation of the Job.",
        ),
        field(
            "patch",
            "J2",
            Inner(&PATCH),
            "A user changes the Job by a JSON merge patch.",
        ),
        field(
            "deleteJob",
            "J61, J65",
            Leaf(L::OneOf(is::PROPAGATIONS)),
            "A user deletes the Job; what becomes of its pods.",
        ),
        field("deletePod", "J7", POD, "A user deletes a pod."),
        field(
            "evict",
            "J7, J58",
            POD,
            "A pod is evicted through the API, as by kubectl drain: condition DisruptionTarget, \
             then a graceful deletion.",
        ),
        field(
            "nodeLost",
            "J58",
            POD,
            "The node of a pod is lost: the pod is marked as disrupted and Failed, and deleted \
             at once.",
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
            "restartControllers",
            "J8, J40",
            Leaf(L::Yes),
            "The controllers lose their memory and start again.",
        ),
    ],
};

static PATCH: Table = Table {
    text: "A JSON merge patch.",
    one_of: &[],
    fields: &[field(
        "spec",
        "",
        Inner(&SPEC),
        "The fields to change; null removes a field.",
    )],
};

static SPEC: Table = Table {
    text: "Fields of the Job's spec that can be changed.",
    one_of: &[],
    fields: &[
        field("parallelism", "J37, J38", NUMBER, "Pods wanted at a time."),
        field("completions", "J37, J55", NUMBER, "Successes wanted."),
        field(
            "suspend",
            "J36",
            Kind::OrNull(L::Flag),
            "Whether the Job has no pods for now.",
        ),
        field(
            "activeDeadlineSeconds",
            "J6, J24",
            SECONDS,
            "Seconds the Job may be active.",
        ),
        field(
            "ttlSecondsAfterFinished",
            "J64",
            NUMBER,
            "Seconds a finished Job is kept.",
        ),
        field(
            "backoffLimit",
            "J23",
            NUMBER,
            "Failures after which the Job is given up.",
        ),
        field(
            "backoffLimitPerIndex",
            "J45, J56",
            NUMBER,
            "Failures after which an index is given up.",
        ),
        field(
            "maxFailedIndexes",
            "J25",
            NUMBER,
            "Failed indexes after which the Job is given up.",
        ),
        field(
            "podReplacementPolicy",
            "J12, J39",
            Kind::OrNull(L::OneOf(&["TerminatingOrFailed", "Failed"])),
            "When a pod is replaced.",
        ),
        field(
            "managedBy",
            "J63",
            Kind::OrNull(L::Text),
            "Who looks after the Job.",
        ),
    ],
};

/// Requests that fail.
static FAULT: Table = Table {
    text: "While from ≤ t < to, requests of this kind fail.",
    one_of: &[],
    fields: &[
        needed(
            "from",
            "J5",
            Leaf(L::Time),
            "From when on, after the creation of the Job.",
        ),
        needed(
            "to",
            "J5",
            Leaf(L::Time),
            "Until when, exclusively, after the creation.",
        ),
        needed(
            "verb",
            "J5",
            Leaf(L::OneOf(is::VERBS)),
            "The verb of the requests.",
        ),
        needed(
            "resource",
            "J5",
            Leaf(L::OneOf(is::RESOURCES)),
            "What they are about; jobs/status is the status update.",
        ),
        needed(
            "code",
            "J5, J46",
            Leaf(L::Whole(400, 599)),
            "The HTTP status code: 403 (an exceeded quota), 409, 429, 500 or 503; others count \
             as 503.",
        ),
    ],
};
