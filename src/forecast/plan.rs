//! How many trials, which of them, and when there have been enough.

use super::distribution::Quantile;
use super::interval::Estimate;
use super::metric::Metric;
use super::summary::Summary;
use crate::base::{Seed, Span};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::str::FromStr;

/// What a forecast is to do.
///
/// ```
/// use dryjob::base::Seed;
/// use dryjob::forecast::Plan;
///
/// let plan = Plan::new(Seed(1), 20_000);
/// assert_eq!(plan.share(), 0..20_000);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// What all trials depend on: trial `n` is `World::seeded(scenario, seed, n)`.
    pub seed: Seed,
    /// Trials; with a precision, the most there may be.
    pub trials: u64,
    /// Which share of them is played.
    pub shard: Shard,
    /// Threads to play them on. They change how long it takes, and nothing else.
    pub threads: NonZeroUsize,
    /// When there have been enough trials, in place of a fixed number.
    pub precision: Option<Precision>,
    /// Times for which it is counted exactly how often a Job is complete within them.
    pub within: Vec<Span>,
}

impl Plan {
    /// So many trials, all of them here, on one thread.
    #[must_use]
    pub const fn new(seed: Seed, trials: u64) -> Self {
        Self {
            seed,
            trials,
            shard: Shard::WHOLE,
            threads: NonZeroUsize::MIN,
            precision: None,
            within: Vec::new(),
        }
    }

    /// The trials that are played.
    #[must_use]
    pub fn share(&self) -> Range<u64> {
        self.shard.of(self.trials)
    }

    /// Trials after which the precision is looked at, after `played` of them: about an eighth
    /// more. They do not depend on the threads.
    pub(super) fn batch(&self, played: u64) -> u64 {
        match self.precision {
            None => u64::MAX,
            Some(_) => (played / 8).max(FIRST_BATCH),
        }
    }
}

/// Fewer trials than this are not worth a look at the precision.
const FIRST_BATCH: u64 = 500;

/// One of several equal shares of the trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    number: u32,
    of: u32,
}

impl Shard {
    /// All trials.
    pub const WHOLE: Self = Self { number: 0, of: 1 };

    /// Share `number`, counted from 0, of `of`; `None` if there is no such share.
    #[must_use]
    pub const fn new(number: u32, of: u32) -> Option<Self> {
        if number < of {
            Some(Self { number, of })
        } else {
            None
        }
    }

    /// Whether it is all there is.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.of == 1
    }

    /// Which of so many trials.
    #[must_use]
    pub fn of(self, trials: u64) -> Range<u64> {
        let cut = |number: u32| {
            let at = u128::from(trials) * u128::from(number) / u128::from(self.of);
            u64::try_from(at).unwrap_or(trials)
        };
        cut(self.number)..cut(self.number + 1)
    }
}

impl FromStr for Shard {
    type Err = String;
    /// `0/3`, `1/3` and `2/3` are the three thirds.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(n, of)| Some((n.parse().ok()?, of.parse().ok()?)));
        let (number, of) = numbers.ok_or("write I/N, as in 0/3")?;
        Self::new(number, of).ok_or_else(|| {
            format!("there is no share {number} of {of}: they are counted from 0 to N-1")
        })
    }
}

/// When a forecast is precise enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// About what.
    pub of: PreciseIn,
    /// Half the width that the interval of 95 % may have: a probability, or a share of the
    /// quantile.
    pub half_width: f64,
}

/// What has to be precise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreciseIn {
    /// P(Complete), in absolute terms.
    Complete,
    /// A quantile, relative to its value.
    Quantile(Quantile, Metric),
}

impl Precision {
    /// Whether the summary is that precise.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // microseconds of a simulation, or pods
    pub fn is_reached(&self, summary: &Summary) -> bool {
        match self.of {
            PreciseIn::Complete => summary.p_complete().half_width() <= self.half_width,
            PreciseIn::Quantile(at, metric) => {
                let it = summary.quantile(metric, at);
                let ((Some(value), Some(low)), Some(high)) = ((it.value, it.low), it.high) else {
                    // A quantile that lies beyond all values gets no better by more trials.
                    return it.low.is_none() && summary.trials > FIRST_BATCH;
                };
                let reach = Estimate {
                    value: value as f64,
                    low: low as f64,
                    high: high as f64,
                };
                reach.half_width() <= self.half_width * reach.value
            }
        }
    }
}

impl FromStr for Precision {
    type Err = String;
    /// `0.5%` of P(Complete), or `p95(duration)=2%` of a quantile.
    fn from_str(text: &str) -> Result<Self, String> {
        const HOW: &str = "write 0.5% for P(complete), or p95(duration)=2% for a quantile";
        let (of, width) = match text.rsplit_once('=') {
            None => (PreciseIn::Complete, text),
            Some((what, width)) => match super::measure::Measure::from_str(what)? {
                super::measure::Measure::Quantile(at, metric) => {
                    (PreciseIn::Quantile(at, metric), width)
                }
                _ => return Err(HOW.to_owned()),
            },
        };
        let (number, scale) = match width.trim().strip_suffix('%') {
            Some(number) => (number.trim(), 100.0),
            None => (width.trim(), 1.0),
        };
        let number: f64 = number.parse().map_err(|_| HOW)?;
        let half_width = number / scale;
        // Four times the trials for half the width: this is 10^10 of them.
        if !(1e-5..0.5).contains(&half_width) {
            return Err("a precision lies between 0.001% and 50%".to_owned());
        }
        Ok(Self { of, half_width })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_all_of_the_trials() {
        for (trials, of) in [(10, 3), (2, 7), (20_000, 3), (0, 2)] {
            let mut next = 0;
            for number in 0..of {
                let share = Shard::new(number, of).unwrap().of(trials);
                assert_eq!(share.start, next);
                next = share.end;
            }
            assert_eq!(next, trials);
        }
        assert!(
            "3/3"
                .parse::<Shard>()
                .unwrap_err()
                .contains("from 0 to N-1")
        );
        assert!("x".parse::<Shard>().unwrap_err().contains("0/3"));
    }

    #[test]
    fn a_precision_is_about_a_probability_or_a_quantile() {
        let it: Precision = "0.5%".parse().unwrap();
        assert_eq!((it.of, it.half_width), (PreciseIn::Complete, 0.005));
        let it: Precision = "p95(duration)=2%".parse().unwrap();
        let of = PreciseIn::Quantile(Quantile::percent(95), Metric::Duration);
        assert_eq!((it.of, it.half_width), (of, 0.02));
        assert!("0%".parse::<Precision>().is_err());
        assert!("mean(pods)=2%".parse::<Precision>().is_err());
    }
}
