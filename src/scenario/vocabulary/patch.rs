//! What users may change about a Job.

use super::super::leaf::Leaf as L;
use super::super::schema::Kind::{self, Table as Inner};
use super::super::schema::{Table, field};

const NUMBER: Kind = Kind::OrNull(L::Whole(i32::MIN as i64, i32::MAX as i64));
const SECONDS: Kind = Kind::OrNull(L::Whole(i64::MIN, i64::MAX));

pub(super) static PATCH: Table = Table::plain(
    "A JSON merge patch.",
    &[&[field(
        "spec",
        "",
        Inner(&SPEC),
        "The fields to change; null removes a field.",
    )]],
);

static SPEC: Table = Table::plain(
    "Fields of the Job's spec that can be changed.",
    &[&[
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
    ]],
);
