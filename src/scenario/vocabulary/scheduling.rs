//! How the scheduler goes about it.

use super::super::fields::Fields;
use super::super::leaf::Leaf as L;
use super::super::schema::Kind::Leaf;
use super::super::schema::{Table, field};
use super::TIME;
use crate::base::Span;
use crate::sim::TieBreak;

/// The scheduler.
pub(super) static SCHEDULER: Table = Table::plain(
    "How the scheduler goes about it, where there are nodes.",
    &[&[
        field(
            "cycle",
            "P120",
            TIME,
            "It makes at most one attempt in so much time; 5ms unless told.",
        ),
        field(
            "ties",
            "P109",
            Leaf(L::OneOf(&["released", "inTurn", "drawn"])),
            "Which of several equally good nodes a pod gets: any of them, by chance (drawn), or \
             that which the search finds (inTurn); released, which is meant unless told, is by \
             chance up to Kubernetes 1.34 and in turn from 1.35 on.",
        ),
    ]],
);

/// What a file says of it.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct SchedulerWords {
    pub(in super::super) cycle: Option<Span>,
    pub(in super::super) ties: Option<TieBreak>,
}

impl SchedulerWords {
    /// What is said here, and else there.
    pub(in super::super) fn or(self, below: Self) -> Self {
        Self {
            cycle: self.cycle.or(below.cycle),
            ties: self.ties.or(below.ties),
        }
    }
}

/// Reads it.
pub(in super::super) fn scheduler(it: &Fields<'_>) -> SchedulerWords {
    SchedulerWords {
        cycle: it.time("cycle"),
        ties: it.text("ties").map(|word| match word {
            "inTurn" => TieBreak::InTurn,
            "drawn" => TieBreak::Drawn,
            _ => TieBreak::AsReleased,
        }),
    }
}
