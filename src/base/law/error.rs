//! What can be wrong with a law, in sentences.

use super::text::{Brief, MOST_PARTS};
use super::{LONGEST, MOST_VALUES};
use crate::base::Span;

/// Why something is no law; a sentence for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct LawError(Flaw);

impl From<Flaw> for LawError {
    fn from(flaw: Flaw) -> Self {
        Self(flaw)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    #[error("the {what} is {}, but a duration cannot be negative", Brief(*.given))]
    Negative { what: &'static str, given: Span },
    #[error("the {what} must be above zero")]
    Zero { what: &'static str },
    #[error(
        "the {what} is longer than {}, the longest duration there is",
        Brief(LONGEST)
    )]
    TooLong { what: &'static str },
    #[error("the low end {} is above the high end {}", Brief(*.low), Brief(*.high))]
    Order { low: Span, high: Span },
    #[error("p95 must be above the median, but {} is not above {}", Brief(*.p95), Brief(*.median))]
    P95 { median: Span, p95: Span },
    #[error("{what} must be a number from {low} to {high}, not {given}")]
    Range {
        what: &'static str,
        low: &'static str,
        high: &'static str,
        given: String,
    },
    #[error(
        "{law} is between {} and {} less than once in a thousand million times",
        Brief(*.low), Brief(*.high)
    )]
    Rare { law: String, low: Span, high: Span },
    #[error("an empirical distribution needs at least one value")]
    NoValue,
    #[error("an empirical distribution has at most {MOST_VALUES} values")]
    ManyValues,
    #[error("the weight of {} must be above zero", Brief(*.value))]
    NoWeight { value: Span },
    #[error("line {line}: {flaw}")]
    Line { line: usize, flaw: Box<Flaw> },
    #[error(
        "there is no distribution here: write one as in 30s, 20m..35m or exponential(mean=30s)"
    )]
    Nothing,
    #[error("unknown distribution {given:?}: {advice}")]
    Unknown { given: String, advice: String },
    #[error("{given:?} is no duration: write it with units, as in 1h30m, 12.5s or 250ms")]
    NoDuration { given: String },
    #[error("{given:?} is no duration: add a unit, as in {given}s")]
    NoUnit { given: String },
    #[error("{what} is a plain number, as in {what}=1.5, not {given:?}")]
    NoNumber { what: &'static str, given: String },
    #[error("{given:?} is no weight: write a whole number up to 4294967295, as in 10s*3")]
    BadWeight { given: String },
    #[error("{given:?} is no range: write it as in 20m..35m")]
    NoRange { given: String },
    #[error("{name} needs {what}: {usage}")]
    Missing {
        name: &'static str,
        what: &'static str,
        usage: &'static str,
    },
    #[error("{name} has no argument {given:?}: {usage}")]
    Argument {
        name: &'static str,
        given: String,
        usage: &'static str,
    },
    #[error("{name} takes its arguments by name, so {given:?} needs one: {usage}")]
    Nameless {
        name: &'static str,
        given: String,
        usage: &'static str,
    },
    #[error("{name} has too many arguments, {given:?} is one more: {usage}")]
    Extra {
        name: &'static str,
        given: String,
        usage: &'static str,
    },
    #[error("{name} is given {what} twice")]
    Twice {
        name: &'static str,
        what: &'static str,
    },
    #[error("{name} takes {one} or {other}, not both")]
    Both {
        name: &'static str,
        one: &'static str,
        other: &'static str,
    },
    #[error("the bracket after {name} is not closed")]
    Open { name: &'static str },
    #[error("more than {MOST_PARTS} times + or in after a distribution")]
    ManyParts,
    #[error("{given:?} cannot follow a distribution: only + 10s and in 10s..5m can")]
    Trailing { given: String },
}
