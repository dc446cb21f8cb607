//! How long things take, when that is not the same each time: laws of durations, and chances.
//!
//! A [`Law`] is a distribution of durations. It is written, and printed, like this:
//!
//! | text | law |
//! |---|---|
//! | `30s`, `1h30m`, `constant(30s)` | always the same |
//! | `20m..35m`, `uniform(20m,35m)`, `uniform(min=20m,max=35m)` | all between equally likely |
//! | `exponential(mean=30s)`, `exponential(30s)`, `exp(30s)` | memoryless |
//! | `lognormal(median=20m,p95=35m)` | log-normal; one in 20 takes longer than `p95` |
//! | `lognormal(median=20m,sigma=0.5)` | the same, by the deviation of the logarithm |
//! | `weibull(shape=1.5,scale=10m)` | Weibull: a hazard that grows with a shape above 1 |
//! | `weibull(shape=1.5,mean=10m)` | the same, by its mean |
//! | `gamma(shape=2,mean=5m)` | gamma |
//! | `pareto(min=1m,shape=2.5)` | Pareto: the smaller the shape, the heavier the tail |
//! | `empirical(10s,12s,40s*3)` | one of these; `40s` three times as likely as `10s` |
//! | … `+ 10s` | any of these, and 10 s more |
//! | … `in 10s..5m` | any of these, given that it lies in this interval |
//!
//! The last two may follow any law, also one after the other, and are read from the left:
//! `exponential(mean=30s) + 10s in 10s..5m`. Durations are Go's (`h`, `m`, `s`, `ms`, `us`, in
//! small letters) and days (`d`). Names do not distinguish capitals, and spaces are free between
//! words. Arguments go by name in any order; where the table shows it, names may be left out.
//!
//! Inside, seconds are floats, and all mathematics is `libm`'s, so that each platform draws the
//! same; they become whole microseconds in one place, `rounded`.
//!
//! A [`Chance`] is a probability: `2%`, `0.02` or `1/50`.

mod chance;
mod each;
mod empirical;
mod error;
mod family;
mod gamma;
mod hazard;
mod normal;
mod power;
#[cfg(test)]
mod tests;
mod text;

use super::{Span, Stream};
pub use chance::{Chance, ChanceError};
use empirical::Table;
use error::Flaw;
pub use error::LawError;
use family::{Family, Part, Size, Spread, seconds};

/// The longest duration that a law draws or is made of: 640 million hours, some 73 000 years, so
/// that sums of a few are still spans. What would be longer is this long.
pub const LONGEST: Span = Span::from_secs(640_000_000 * 3600);

/// The most values, or lines of values, that an empirical law is made of.
pub const MOST_VALUES: usize = 10_000_000;

/// What an interval must hold of a law at least, so that there are enough different draws in it.
const LEAST_MASS: f64 = 1e-9;

/// A distribution of durations; see the [module](self) for how to write one.
///
/// A clone shares the values of an empirical law.
#[derive(Clone, Debug, PartialEq)]
pub struct Law(Form);

/// Laws in their simplest form: no law is shifted or truncated twice, and a truncated list is a
/// shorter list.
#[derive(Clone, Debug, PartialEq)]
enum Form {
    Constant(Span),
    Uniform {
        low: Span,
        high: Span,
    },
    Listed {
        by: Span,
        table: Table,
    },
    Whole {
        by: Span,
        family: Family,
    },
    /// `low` and `high` are of the shifted law.
    Within {
        by: Span,
        family: Family,
        low: Span,
        high: Span,
        part: Part,
    },
}

/// Making laws. All durations must be from zero to [`LONGEST`].
impl Law {
    /// Always nothing.
    pub const ZERO: Self = Self(Form::Constant(Span::ZERO));

    /// Always this long.
    ///
    /// # Errors
    /// A negative duration.
    pub fn constant(span: Span) -> Result<Self, LawError> {
        duration("duration", span)?;
        Ok(Self(Form::Constant(span)))
    }

    /// From `low` to `high`, all equally likely.
    ///
    /// # Errors
    /// `low` above `high`.
    pub fn uniform(low: Span, high: Span) -> Result<Self, LawError> {
        interval(low, high)?;
        Ok(Self::between(low, high))
    }

    fn between(low: Span, high: Span) -> Self {
        Self(if low == high {
            Form::Constant(low)
        } else {
            Form::Uniform { low, high }
        })
    }

    fn whole(family: Family) -> Self {
        let by = Span::ZERO;
        Self(Form::Whole { by, family })
    }

    /// Exponential, by its mean.
    ///
    /// # Errors
    /// A mean of zero.
    pub fn exponential(mean: Span) -> Result<Self, LawError> {
        positive("mean", mean)?;
        Ok(Self::whole(Family::Exponential { mean }))
    }

    /// Weibull, by its shape and its scale, which is exceeded with probability 1/e.
    ///
    /// # Errors
    /// A shape that is not from 0.01 to 1000; a scale of zero.
    pub fn weibull(shape: f64, scale: Span) -> Result<Self, LawError> {
        shaped(shape)?;
        positive("scale", scale)?;
        Ok(Self::whole(Family::weibull(shape, Size::Scale(scale))))
    }

    /// Weibull, by its shape and its mean.
    ///
    /// # Errors
    /// A shape that is not from 0.01 to 1000; a mean of zero.
    pub fn weibull_of_mean(shape: f64, mean: Span) -> Result<Self, LawError> {
        shaped(shape)?;
        positive("mean", mean)?;
        Ok(Self::whole(Family::weibull(shape, Size::Mean(mean))))
    }

    /// Log-normal, by what half of the draws and what 95 % of them do not exceed.
    ///
    /// # Errors
    /// A median of zero; a 95th percentile that is not above it.
    pub fn log_normal(median: Span, p95: Span) -> Result<Self, LawError> {
        positive("median", median)?;
        duration("p95", p95)?;
        if p95 <= median {
            return Err(Flaw::P95 { median, p95 }.into());
        }
        Ok(Self::whole(Family::log_normal(median, Spread::P95(p95))))
    }

    /// Log-normal, by its median and the standard deviation of its logarithm.
    ///
    /// # Errors
    /// A median of zero; a deviation that is not from 0.001 to 10.
    pub fn log_normal_of_sigma(median: Span, sigma: f64) -> Result<Self, LawError> {
        positive("median", median)?;
        number("sigma", sigma, (0.001, "0.001"), (10.0, "10"))?;
        let spread = Spread::Sigma(sigma);
        Ok(Self::whole(Family::log_normal(median, spread)))
    }

    /// Gamma, by its shape and its mean.
    ///
    /// # Errors
    /// A shape that is not from 0.01 to 1000; a mean of zero.
    pub fn gamma(shape: f64, mean: Span) -> Result<Self, LawError> {
        shaped(shape)?;
        positive("mean", mean)?;
        Ok(Self::whole(Family::Gamma { shape, mean }))
    }

    /// Pareto, by its least value and its shape, also known as its index.
    ///
    /// # Errors
    /// A least value of zero; a shape that is not from 0.01 to 1000.
    pub fn pareto(min: Span, shape: f64) -> Result<Self, LawError> {
        positive("min", min)?;
        shaped(shape)?;
        Ok(Self::whole(Family::Pareto { min, shape }))
    }

    /// One of these values, all equally likely; a value may be there several times.
    ///
    /// # Errors
    /// No value, or more than [`MOST_VALUES`].
    pub fn empirical(values: impl IntoIterator<Item = Span>) -> Result<Self, LawError> {
        Self::weighted(values.into_iter().map(|value| (value, 1)))
    }

    /// One of these values, each as likely as it is heavy.
    ///
    /// # Errors
    /// No value, or more than [`MOST_VALUES`]; a weight of zero.
    pub fn weighted(values: impl IntoIterator<Item = (Span, u32)>) -> Result<Self, LawError> {
        let by = Span::ZERO;
        // One too many is enough to know.
        let pairs = values.into_iter().take(MOST_VALUES + 1).collect();
        let table = Table::new(pairs)?;
        Ok(Self(Form::Listed { by, table }))
    }

    /// One of the values in a text: on each line a duration, or a plain number of seconds, and
    /// `*3` after it if it counts three times. `#` starts a comment; empty lines are skipped.
    ///
    /// # Errors
    /// The first line that says something else; no value, or more than [`MOST_VALUES`].
    pub fn empirical_from_text(text: &str) -> Result<Self, LawError> {
        Self::weighted(empirical::read(text)?)
    }

    /// The same, and so much more each time.
    ///
    /// # Errors
    /// A negative shift, or shifts of more than [`LONGEST`] in all.
    pub fn shifted(self, more: Span) -> Result<Self, LawError> {
        duration("shift", more)?;
        let add = |span: Span| {
            duration("shifted duration", span + more)?;
            Ok::<_, Flaw>(span + more)
        };
        Ok(Self(match self.0 {
            Form::Constant(span) => Form::Constant(add(span)?),
            Form::Uniform { low, high } => Form::Uniform {
                low: add(low)?,
                high: add(high)?,
            },
            Form::Listed { by, table } => Form::Listed {
                by: add(by)?,
                table,
            },
            Form::Whole { by, family } => Form::Whole {
                by: add(by)?,
                family,
            },
            Form::Within {
                by,
                family,
                low,
                high,
                part,
            } => Form::Within {
                by: add(by)?,
                family,
                low: add(low)?,
                high: add(high)?,
                part,
            },
        }))
    }

    /// The same, given that it lies between these two: what lies outside is not moved to the
    /// ends, but not drawn.
    ///
    /// # Errors
    /// `low` above `high`; an interval that a draw hits less than once in 10⁹ times.
    pub fn truncated(self, low: Span, high: Span) -> Result<Self, LawError> {
        interval(low, high)?;
        let inside = match &self.0 {
            Form::Constant(span) => (low <= *span && *span <= high).then(|| self.clone()),
            Form::Uniform {
                low: from,
                high: to,
            } => {
                let (low, high) = (low.max(*from), high.min(*to));
                let enough = seconds(high - low) >= LEAST_MASS * seconds(*to - *from);
                (low < high && enough).then(|| Self::between(low, high))
            }
            Form::Listed { by, table } => table
                .within(low - *by, high - *by)
                .map(|table| Self(Form::Listed { by: *by, table })),
            Form::Whole { by, family } => Self::part(*by, *family, low, high),
            Form::Within {
                by,
                family,
                low: from,
                high: to,
                ..
            } => Self::part(*by, *family, low.max(*from), high.min(*to)),
        };
        inside.ok_or_else(|| {
            let law = match &self.0 {
                Form::Listed { .. } => "empirical(…)".to_owned(),
                _ => self.to_string(),
            };
            Flaw::Rare { law, low, high }.into()
        })
    }

    fn part(by: Span, family: Family, low: Span, high: Span) -> Option<Self> {
        let part = family.part(seconds(low - by), seconds(high - by));
        (low < high && part.mass >= LEAST_MASS).then_some(Self(Form::Within {
            by,
            family,
            low,
            high,
            part,
        }))
    }
}

/// Using laws.
impl Law {
    /// A duration that follows the law.
    ///
    /// All laws but gamma take one number from the stream, and the greater it is, the longer the
    /// duration: two laws that meet the same streams differ by the laws alone. Gamma takes as
    /// many numbers as it needs.
    #[must_use]
    pub fn draw(&self, stream: &mut Stream) -> Span {
        match &self.0 {
            Form::Constant(span) => *span,
            Form::Uniform { low, high } => *low + rounded(seconds(*high - *low) * stream.unit()),
            Form::Listed { by, table } => (*by + table.draw(stream)).min(LONGEST),
            Form::Whole { by, family } => (*by + rounded(family.draw(stream))).min(LONGEST),
            Form::Within {
                by,
                family,
                low,
                high,
                part,
            } => {
                let (from, to) = (seconds(*low - *by), seconds(*high - *by));
                let drawn = family.draw_within(from, to, *part, stream);
                (*by + rounded(drawn)).clamp(*low, *high)
            }
        }
    }

    /// The duration that a draw does not exceed with probability `p`; at most [`LONGEST`].
    ///
    /// Probabilities below 0 count as 0 (so does what is no number), those above 1 as 1.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Span {
        let p = if p > 0.0 { p.min(1.0) } else { 0.0 };
        match &self.0 {
            Form::Constant(span) => *span,
            Form::Uniform { low, high } => *low + rounded(seconds(*high - *low) * p),
            Form::Listed { by, table } => (*by + table.quantile(p)).min(LONGEST),
            Form::Whole { by, family } => (*by + rounded(family.quantile(p))).min(LONGEST),
            Form::Within {
                by,
                family,
                low,
                high,
                part,
            } => (*by + rounded(family.quantile(part.at(p)))).clamp(*low, *high),
        }
    }

    /// The duration that half of the draws do not exceed.
    #[must_use]
    pub fn median(&self) -> Span {
        self.quantile(0.5)
    }

    /// The mean; none if it is infinite, as that of a Pareto law with a shape of at most 1. One
    /// that is finite is [`LONGEST`] at most.
    #[must_use]
    pub fn mean(&self) -> Option<Span> {
        match &self.0 {
            Form::Constant(span) => Some(*span),
            Form::Uniform { low, high } => {
                let half = (*high - *low).micros() / 2;
                Some(*low + Span::from_micros(half))
            }
            Form::Listed { by, table } => Some((*by + table.mean()).min(LONGEST)),
            Form::Whole { by, family } => {
                let mean = family.mean();
                (mean < f64::INFINITY).then(|| (*by + rounded(mean)).min(LONGEST))
            }
            Form::Within {
                by,
                family,
                low,
                high,
                part,
            } => {
                let (from, to) = (seconds(*low - *by), seconds(*high - *by));
                let mean = family.mean_within(from, to, *part);
                Some((*by + rounded(mean)).clamp(*low, *high))
            }
        }
    }

    /// The probability of a draw of at most `at`, were there no microsecond to round to.
    #[must_use]
    pub fn cdf(&self, at: Span) -> f64 {
        match &self.0 {
            Form::Constant(span) => f64::from(u8::from(at >= *span)),
            Form::Uniform { low, high } => {
                (seconds(at - *low) / seconds(*high - *low)).clamp(0.0, 1.0)
            }
            Form::Listed { by, table } => table.cdf(at - *by),
            Form::Whole { by, family } => family.cdf(seconds(at - *by)),
            Form::Within {
                by, family, part, ..
            } => {
                let whole = family.cdf(seconds(at - *by));
                ((whole - part.below) / part.mass).clamp(0.0, 1.0)
            }
        }
    }

    /// Whether each draw is the same.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        match &self.0 {
            Form::Constant(_) => true,
            Form::Listed { table, .. } => table.is_single(),
            Form::Uniform { .. } | Form::Whole { .. } | Form::Within { .. } => false,
        }
    }
}

/// Seconds as the nearest whole microsecond, the even one of two that are equally near; what is
/// negative or no number is zero, and nothing is longer than [`LONGEST`].
///
/// The only place where a float becomes a time.
#[inline]
#[allow(clippy::cast_possible_truncation)] // such a cast saturates
fn rounded(seconds: f64) -> Span {
    /// From here to twice as much, floats are the whole numbers: adding it rounds.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    let micros = seconds * 1e6;
    let micros = if micros.abs() < WHOLE / 2.0 {
        (micros + WHOLE) - WHOLE
    } else {
        micros.round_ties_even()
    };
    Span::from_micros(micros as i64).clamp(Span::ZERO, LONGEST)
}

fn duration(what: &'static str, given: Span) -> Result<(), Flaw> {
    if given < Span::ZERO {
        Err(Flaw::Negative { what, given })
    } else if given > LONGEST {
        Err(Flaw::TooLong { what })
    } else {
        Ok(())
    }
}

fn positive(what: &'static str, given: Span) -> Result<(), Flaw> {
    if given == Span::ZERO {
        return Err(Flaw::Zero { what });
    }
    duration(what, given)
}

fn interval(low: Span, high: Span) -> Result<(), Flaw> {
    duration("low end", low)?;
    duration("high end", high)?;
    if low > high {
        return Err(Flaw::Order { low, high });
    }
    Ok(())
}

/// Beyond these shapes, hardly two draws would be of the same age of the universe, or all the same.
fn shaped(shape: f64) -> Result<(), Flaw> {
    number("shape", shape, (0.01, "0.01"), (1000.0, "1000"))
}

fn number(
    what: &'static str,
    given: f64,
    (least, low): (f64, &'static str),
    (most, high): (f64, &'static str),
) -> Result<(), Flaw> {
    if (least..=most).contains(&given) {
        return Ok(());
    }
    let given = given.to_string();
    Err(Flaw::Range {
        what,
        low,
        high,
        given,
    })
}
