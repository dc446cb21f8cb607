//! Deeds that happen again and again, by rate, by chance, or as a trace tells.

use super::deed::Deed;
use crate::base::{Law, Span};

/// A deed that happens more than once.
#[derive(Clone, Debug)]
pub struct Recurring {
    /// What tells it from the others: its draws belong to this name.
    pub name: String,
    /// To which Job, by its place in the scenario; deeds about nodes do not look at it.
    pub job: usize,
    /// When.
    pub when: When,
    /// What.
    pub deed: Deed,
}

/// When a deed happens.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// First after that time, then again and again, each time after a draw of the law.
    Every {
        /// The first time, after the creation of the Jobs; a draw of the law if not told.
        first: Option<Span>,
        /// From one time to the next.
        gap: Law,
    },
    /// To each node by itself: a draw of the law after it joined, or after the last time.
    EachNode {
        /// From one time to the next.
        gap: Law,
    },
    /// At these instants after the creation of the Jobs, as a trace tells.
    Times(Vec<Span>),
}
