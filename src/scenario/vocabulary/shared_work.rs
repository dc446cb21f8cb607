//! Work that outlives a run: what checkpoints save, and queues that workers share.

use super::super::leaf::Leaf as L;
use super::super::schema::Kind::{Either, Leaf, Table as Inner};
use super::super::schema::{Choice, Field, Table, field, needed};
use super::{COUNT, LAW, TIME};

pub(super) static SHARED: [Field; 2] = [
    field(
        "checkpoints",
        "",
        Either(L::Time, &CHECKPOINTS),
        "A run saves its work each time that so much of it is done, and the next run at the same \
         piece of work goes on from there. How long a piece takes is then drawn once for it.",
    ),
    field(
        "queue",
        "",
        Inner(&QUEUE),
        "Instead of run: it works on items of a queue, and exits with 0 when that is empty. All \
         that this entry is for share the queue.",
    ),
];

static CHECKPOINTS: Table = Table::plain(
    "How a run saves its work.",
    &[&[
        needed("every", "", TIME, "The work between two checkpoints."),
        field(
            "restore",
            "",
            LAW,
            "How long reading the last one takes at the start of a run, a law of durations; 0s \
             unless told.",
        ),
    ]],
);

static QUEUE: Table = Table::plain(
    "A queue of items that workers share.",
    &[&ITEMS, &WORKERS, &TROUBLE],
);

static ITEMS: [Field; 3] = [
    needed("items", "", Leaf(COUNT), "How many items there are."),
    needed(
        "service",
        "",
        LAW,
        "How long an item takes, a law of durations; drawn once for each item.",
    ),
    field(
        "arrivals",
        "",
        LAW,
        "Items come one after the other, each that long after the one before, from the first \
         start of a worker on. Unless told, all are there from the beginning.",
    ),
];

static WORKERS: [Field; 3] = [
    field(
        "asks",
        "",
        TIME,
        "A worker that finds nothing asks again after that time, as long as more may come. Unless \
         told, it exits with 0 at once.",
    ),
    field(
        "givenBack",
        "",
        TIME,
        "The item of a worker that dies may be taken again that long after it was taken (a \
         visibility timeout), but not before the death; 0s unless told.",
    ),
    field(
        "lost",
        "",
        Leaf(L::Yes),
        "The item of a worker that dies is lost, and not given back.",
    ),
];

static TROUBLE: [Field; 3] = [
    field(
        "crash",
        "",
        Leaf(L::Failing),
        "How likely a worker dies of an item, when it would be done with it, and how: 2%:42. \
         Drawn for each delivery.",
    ),
    field(
        "poison",
        "",
        Inner(&POISON),
        "Items of which every worker dies.",
    ),
    field(
        "deliveries",
        "",
        Leaf(L::Whole(1, u32::MAX as i64)),
        "An item of which so many workers died is put aside; none unless told.",
    ),
];

static POISON: Table = Table {
    text: "Which items, and how workers die of them.",
    choices: &[Choice {
        names: &["items", "share"],
        none: "this does not say which items",
        several: "items are told in two ways",
        help: "delete one of the two",
    }],
    together: &[],
    fields: &[&[
        field("items", "", Leaf(L::Ranges), "These, by number from 0."),
        field(
            "share",
            "",
            Leaf(L::Chance),
            "Each with that probability, drawn once for all of its deliveries.",
        ),
        field(
            "exit",
            "P6",
            Leaf(L::Ending),
            "How a worker ends then; 1 unless told.",
        ),
    ]],
};
