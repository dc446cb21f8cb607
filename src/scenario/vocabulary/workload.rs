//! What containers do, by chance and by circumstances.

use super::super::leaf::Leaf as L;
use super::super::schema::Kind::{self, Either, Leaf, List, OneOrMany, Table as Inner};
use super::super::schema::{Choice, Field, Table, field, needed};
use super::shared_work::SHARED;
use super::{AMOUNT, CODE, COUNT, LAW, NAME, TIME};

const CHANCE: Kind = Leaf(L::Chance);
const ENDING: Kind = Leaf(L::Ending);
const RANGES: Kind = Leaf(L::Ranges);

/// What some containers do.
pub(in super::super) static ENTRY: Table = Table::plain(
    "What containers do: the first entry that matches a container of a pod counts. Without a word \
     a container runs for a minute and succeeds, an init container for a second; a sidecar stays.",
    &[&WHOSE, &WORK, &SHARED, &FAILURES, &USAGE, &ASKED],
);

static WHOSE: [Field; 4] = [
    field(
        "container",
        "",
        OneOrMany(&NAME),
        "The containers it is for by name; all regular ones unless told.",
    ),
    field(
        "index",
        "J11",
        RANGES,
        "The completion indexes it is for (Indexed Jobs), such as \"0-9,12\"; all unless told.",
    ),
    field(
        "nth",
        "",
        RANGES,
        "The pods it is for by number, from 0 in order of creation, among the pods of their index \
         (Indexed) or of the Job; all unless told.",
    ),
    field(
        "attempt",
        "P7",
        RANGES,
        "The runs of a container it is for by number in its pod: 0 is the first, 1 the one after \
         the first restart; all unless told.",
    ),
];

static WORK: [Field; 2] = [
    field(
        "run",
        "",
        Either(L::LawOrNever, &MEASURED),
        "How long a run works, a law of durations; never for one that does not end by itself.",
    ),
    field(
        "drawn",
        "",
        Leaf(L::OneOf(&["run", "piece"])),
        "Whether that is drawn for each run, or once for each piece of work: a completion index, \
         or a success of a Job that is not Indexed. run unless told.",
    ),
];

/// Durations that were measured.
static MEASURED: Table = Table::plain(
    "Durations that were measured.",
    &[&[needed(
        "file",
        "",
        NAME,
        "A file with a duration on each line: seconds or a duration, and *3 after it if it counts \
         three times. # begins a comment. A run takes one of them.",
    )]],
);

static FAILURES: [Field; 6] = [
    field(
        "exit",
        "P6",
        ENDING,
        "How every run ends, at the end of its work: an exit code, a signal, startError or \
         oomKilled; 0 unless told.",
    ),
    field(
        "fail",
        "P6",
        OneOrMany(&Either(L::Failing, &FAILING)),
        "How likely a run ends otherwise, and how: 2%:42. Of several, at most one happens.",
    ),
    field(
        "hazard",
        "P6",
        OneOrMany(&Inner(&HAZARD)),
        "What may hit a run at any time.",
    ),
    field(
        "failFirst",
        "",
        Either(COUNT, &FAIL_FIRST),
        "So many runs fail at each piece of work before one is let through; a number alone means \
         exit code 1.",
    ),
    field(
        "badInputs",
        "",
        Inner(&BAD_INPUTS),
        "Pieces of work at which every run fails.",
    ),
    field(
        "badNodes",
        "",
        Inner(&BAD_NODES),
        "Nodes on which runs fail.",
    ),
];

const EXIT: Field = field("exit", "P6", ENDING, "How a run ends then; 1 unless told.");
const AT: Field = field(
    "at",
    "",
    CHANCE,
    "When so much of the work is done, such as 50%; at its end unless told.",
);
const AFTER: Field = field(
    "after",
    "",
    LAW,
    "That long after the start of the run, a law of durations.",
);

static FAILING: Table = Table::plain(
    "A failure by chance.",
    &[&[
        needed("chance", "", CHANCE, "How likely a run fails so."),
        EXIT,
        AT,
        AFTER,
    ]],
);

static HAZARD: Table = Table::plain(
    "A failure at any time.",
    &[&[
        needed(
            "after",
            "",
            LAW,
            "From the start of the run to the hit, a law of durations: exponential(mean=7h) for a \
             rate of one in 7 hours. A run that has ended by then is not hit.",
        ),
        EXIT,
    ]],
);

static FAIL_FIRST: Table = Table::plain(
    "First runs that fail.",
    &[&[
        needed("runs", "", Leaf(COUNT), "How many."),
        EXIT,
        AT,
        AFTER,
    ]],
);

static BAD_INPUTS: Table = Table {
    text: "Which pieces of work, and how runs fail at them.",
    choices: &[Choice {
        names: &["index", "share"],
        none: "this does not say which pieces of work",
        several: "pieces of work are told in two ways",
        help: "delete one of the two",
    }],
    together: &[],
    fields: &[&[
        field(
            "index",
            "",
            RANGES,
            "These: completion indexes, or numbers from 0 if the Job is not Indexed.",
        ),
        field(
            "share",
            "",
            CHANCE,
            "Each with that probability, drawn once for all of its runs.",
        ),
        EXIT,
        AT,
        AFTER,
    ]],
};

static BAD_NODES: Table = Table {
    text: "Which nodes, and how runs fail there.",
    choices: &[Choice {
        names: &["nodes", "share"],
        none: "this does not say which nodes",
        several: "nodes are told in two ways",
        help: "delete one of the two",
    }],
    together: &[],
    fields: &[&[
        field("nodes", "", List(&NAME), "These, by name."),
        field(
            "share",
            "",
            CHANCE,
            "Each with that probability, drawn once for all runs.",
        ),
        field(
            "chance",
            "",
            CHANCE,
            "How likely a run fails there; 100% unless told.",
        ),
        EXIT,
        AT,
        AFTER,
    ]],
};

static USAGE: [Field; 2] = [
    field(
        "memory",
        "P87",
        Either(L::Quantity, &MEMORY),
        "Bytes of memory in use. A container above its limit is killed.",
    ),
    field(
        "storage",
        "P68",
        Either(L::Quantity, &GROWTH),
        "Bytes of local storage in use. A pod above its limits is evicted.",
    ),
];

const GROWING: [Field; 3] = [
    needed("start", "", AMOUNT, "Bytes at the start of a run."),
    needed(
        "grows",
        "",
        AMOUNT,
        "Bytes that come on top in each such time; evenly, not in steps.",
    ),
    needed("per", "", TIME, "The time in which usage grows by that."),
];

static GROWTH: Table = Table::plain("Bytes in use.", &[&GROWING]);

static MEMORY: Table = Table::plain(
    "Bytes in use, and whom the kernel kills.",
    &[
        &GROWING,
        &[
            field(
                "kills",
                "P87",
                Leaf(L::OneOf(&["group", "child"])),
                "group: the whole container (cgroup v2); child: one process that is not the main \
                 one, which goes on. group unless told.",
            ),
            field(
                "exit",
                "P87",
                Leaf(CODE),
                "With child: the main process exits at once with that code, and does not go on.",
            ),
        ],
    ],
);

static ASKED: [Field; 3] = [
    field(
        "onStop",
        "P52, P53",
        Either(L::OneOf(&["ignores", "finishes"]), &ON_STOP),
        "What it does about its stop signal. ignores: nothing, until it is killed; finishes: it \
         ends what it is at. Unless told, the signal ends it at once (143).",
    ),
    field(
        "hooks",
        "P53",
        Inner(&HOOKS),
        "What its hooks take that the manifest does not time.",
    ),
    field(
        "probes",
        "P43",
        Inner(&PROBES),
        "What it answers to probes; unless told, each succeeds.",
    ),
];

static ON_STOP: Table = Table::plain(
    "How a process stops.",
    &[&[
        field(
            "after",
            "P53",
            LAW,
            "From the signal to the end, a law of durations; 0s unless told. After the grace \
             period it is killed (137).",
        ),
        field(
            "exit",
            "P6",
            ENDING,
            "How it ends; by the signal (143) unless told.",
        ),
    ]],
);

static HOOKS: Table = Table::plain(
    "The hooks of a container.",
    &[&[
        field("postStart", "P18", Inner(&HOOK), "After its start."),
        field("preStop", "P53", Inner(&HOOK), "Before its stop signal."),
    ]],
);

static HOOK: Table = Table::plain(
    "A hook.",
    &[&[
        field(
            "takes",
            "",
            LAW,
            "How long it takes, a law of durations; 0s unless told.",
        ),
        field("fails", "", CHANCE, "How likely it fails; 0% unless told."),
    ]],
);

static PROBES: Table = Table::plain(
    "Answers to probes; times are laws of durations.",
    &[&[
        field(
            "started",
            "P43",
            LAW,
            "When its startup probe begins to succeed, after the start.",
        ),
        field(
            "ready",
            "P4",
            LAW,
            "When its readiness probe begins to succeed, after the start.",
        ),
        field(
            "unready",
            "P4",
            LAW,
            "When its readiness probe fails for good, after it began to succeed.",
        ),
        field(
            "hangs",
            "P32",
            Inner(&HANG),
            "How likely it hangs: no work, no answer, no end.",
        ),
    ]],
);

static HANG: Table = Table::plain(
    "A process that hangs.",
    &[&[
        needed("chance", "", CHANCE, "How likely a run does."),
        needed("after", "", LAW, "When, after the start."),
    ]],
);
