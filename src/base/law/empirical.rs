//! Laws that are lists of what was measured.

use std::sync::Arc;

use super::error::Flaw;
use super::{LawError, MOST_VALUES, duration, text};
use crate::base::{Span, Stream};

/// Values with weights: each value once, the shortest first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    values: Arc<[Span]>,
    /// For each value, its weight and that of all before it; none if each has the weight 1.
    ends: Option<Arc<[u64]>>,
}

impl Table {
    pub(super) fn new(mut pairs: Vec<(Span, u32)>) -> Result<Self, Flaw> {
        if pairs.len() > MOST_VALUES {
            return Err(Flaw::ManyValues);
        }
        for &(value, weight) in &pairs {
            duration("value", value)?;
            if weight == 0 {
                return Err(Flaw::NoWeight { value });
            }
        }
        pairs.sort_unstable();
        let mut values: Vec<Span> = Vec::with_capacity(pairs.len());
        let mut ends: Vec<u64> = Vec::with_capacity(pairs.len());
        let mut total = 0;
        for (value, weight) in pairs {
            if values.last() == Some(&value) {
                ends.pop();
            } else {
                values.push(value);
            }
            total += u64::from(weight);
            ends.push(total);
        }
        if values.is_empty() {
            return Err(Flaw::NoValue);
        }
        let weighted = total != values.len() as u64;
        Ok(Self {
            values: values.into(),
            ends: weighted.then(|| ends.into()),
        })
    }

    /// The sum of all weights; at least 1.
    fn total(&self) -> u64 {
        match &self.ends {
            Some(ends) => ends.last().copied().unwrap_or(1),
            None => self.values.len() as u64,
        }
    }

    /// The value that holds the place `at` when each stands there as often as it weighs.
    #[allow(clippy::cast_possible_truncation)] // a place in a list that is in memory
    fn at(&self, at: u64) -> Span {
        let index = match &self.ends {
            Some(ends) => ends.partition_point(|end| *end <= at),
            None => at as usize,
        };
        let index = index.min(self.values.len() - 1);
        self.values[index]
    }

    /// One of the values, by integers alone; a greater number from the stream gives no less.
    #[allow(clippy::cast_possible_truncation)] // the upper half of 128 bits
    pub(super) fn draw(&self, stream: &mut Stream) -> Span {
        let product = u128::from(stream.next_u64()) * u128::from(self.total());
        self.at((product >> 64) as u64)
    }

    /// The least value that is not exceeded with probability `p`.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )] // totals are below 2⁵⁶; a cast of a float saturates
    pub(super) fn quantile(&self, p: f64) -> Span {
        let place = (p * self.total() as f64).ceil() as u64;
        self.at(place.saturating_sub(1))
    }

    /// The probability of a value of at most `at`.
    #[allow(clippy::cast_precision_loss)] // a probability
    pub(super) fn cdf(&self, at: Span) -> f64 {
        let count = self.values.partition_point(|value| *value <= at);
        let weight = match &self.ends {
            _ if count == 0 => 0,
            Some(ends) => ends[count - 1],
            None => count as u64,
        };
        weight as f64 / self.total() as f64
    }

    /// The mean, rounded down to a microsecond.
    #[allow(clippy::cast_possible_truncation)] // between the least and the greatest value
    pub(super) fn mean(&self) -> Span {
        let weigh = |(value, weight): (Span, u64)| i128::from(value.micros()) * i128::from(weight);
        let sum: i128 = self.pairs().map(weigh).sum();
        Span::from_micros((sum / i128::from(self.total())) as i64)
    }

    /// The values and their weights, the shortest first.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Span, u64)> + '_ {
        let weight = |index: usize| match &self.ends {
            Some(ends) if index > 0 => ends[index] - ends[index - 1],
            Some(ends) => ends[index],
            None => 1,
        };
        let values = self.values.iter().enumerate();
        values.map(move |(index, value)| (*value, weight(index)))
    }

    /// The values from `low` to `high`, if there are any.
    pub(super) fn within(&self, low: Span, high: Span) -> Option<Self> {
        let from = self.values.partition_point(|value| *value < low);
        let to = self.values.partition_point(|value| *value <= high);
        if from >= to {
            return None;
        }
        let ends = self.ends.as_ref().map(|ends| {
            let before = if from == 0 { 0 } else { ends[from - 1] };
            ends[from..to].iter().map(|end| end - before).collect()
        });
        let values = self.values[from..to].into();
        let table = Self { values, ends };
        // Of what is left, each may have the weight 1.
        let weighted = table.total() != table.values.len() as u64;
        Some(Self {
            ends: table.ends.filter(|_| weighted),
            ..table
        })
    }

    pub(super) fn is_single(&self) -> bool {
        self.values.len() == 1
    }
}

/// The values of a file: one a line, `#` starts a comment, lines without a value are skipped.
pub(super) fn read(text: &str) -> Result<Vec<(Span, u32)>, LawError> {
    let mut pairs = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let at_line = |flaw| Flaw::Line {
            line: index + 1,
            flaw: Box::new(flaw),
        };
        if pairs.len() == MOST_VALUES {
            return Err(at_line(Flaw::ManyValues).into());
        }
        pairs.push(text::weighted(line, text::seconds).map_err(at_line)?);
    }
    Ok(pairs)
}
