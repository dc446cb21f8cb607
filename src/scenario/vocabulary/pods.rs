//! What the pods of a Job do, written down pod by pod. The words themselves are those of
//! recordings.

use super::super::leaf::Leaf as L;
use super::super::schema::Kind::{self, ByName, Leaf, List, Table as Inner};
use super::super::schema::{Table, field, needed};
use super::{CODE, COUNT};

const COUNTS: Kind = List(&Leaf(COUNT));
const CODES: Kind = ByName("containers", &Leaf(CODE));

/// What pods do.
pub(super) static SCRIPT: Table = Table::plain(
    "The life of the pods that it matches.",
    &[&[
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
    ]],
);

static RESTART: Table = Table::plain(
    "A run that ends in a restart.",
    &[&[
        needed("run", "J23", Leaf(L::Time), "From the start to the exit."),
        field("exit", "", Leaf(CODE), "The exit code; 0 unless told."),
        needed(
            "wait",
            "J23",
            Leaf(L::Time),
            "From the exit to the next start.",
        ),
    ]],
);

static ON_DELETE: Table = Table::plain(
    "How a pod stops.",
    &[&[
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
    ]],
);
