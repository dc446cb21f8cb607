//! Sentences about a forecast: `p(complete within 2h) >= 0.99`, `p95(duration) <= 2h`.

use super::cost::Price;
use super::distribution::Quantile;
use super::interval::{Estimate, QuantileEstimate};
use super::metric::{Metric, Unit};
use super::summary::Summary;
use crate::base::{Span, time};
use std::fmt;
use std::str::FromStr;

/// A number that a forecast has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How likely something is.
    Probability(Event),
    /// A quantile of a metric, trials without a value beyond all others.
    Quantile(Quantile, Metric),
    /// The mean of a metric, of the trials that have one.
    Mean(Metric),
    /// Its smallest value.
    Min(Metric),
    /// Its largest value.
    Max(Metric),
    /// A quantile of what a trial costs.
    CostQuantile(Quantile),
    /// What a trial costs in the mean.
    MeanCost,
    /// What the dearest trial costs.
    MaxCost,
}

/// Something that happens in a trial, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The Job gets the condition Complete.
    Complete,
    /// It does so within that time from its creation.
    CompleteWithin(Span),
    /// It fails.
    Failed,
    /// It fails with that reason.
    FailedBecause(String),
    /// It does not end while it is watched.
    Open,
}

/// What a measure is, in a forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Its value and interval: a probability, microseconds, a number of pods, or money. Infinite
    /// where it lies beyond all that was observed.
    pub estimate: Estimate,
    /// What the numbers are.
    pub scale: Scale,
}

/// What a measure's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// From 0 to 1.
    Probability,
    /// Microseconds.
    Time,
    /// Pods.
    Count,
    /// What prices are in.
    Money,
}

impl Measure {
    /// The time within which it asks for completion.
    #[must_use]
    pub const fn within(&self) -> Option<Span> {
        match self {
            Self::Probability(Event::CompleteWithin(span)) => Some(*span),
            _ => None,
        }
    }

    /// Whether it needs prices.
    #[must_use]
    pub const fn is_cost(&self) -> bool {
        matches!(self, Self::CostQuantile(_) | Self::MeanCost | Self::MaxCost)
    }

    /// What its numbers are.
    #[must_use]
    pub const fn scale(&self) -> Scale {
        match self {
            Self::Probability(_) => Scale::Probability,
            Self::Quantile(_, it) | Self::Mean(it) | Self::Min(it) | Self::Max(it) => {
                match it.unit() {
                    Unit::Time => Scale::Time,
                    Unit::Count => Scale::Count,
                }
            }
            Self::CostQuantile(_) | Self::MeanCost | Self::MaxCost => Scale::Money,
        }
    }

    /// What it is in this summary, whose pods cost that much.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // far below 2⁵³
    pub fn of(&self, summary: &Summary, price: Price) -> Measured {
        let exact = |value: f64| Estimate {
            value,
            low: value,
            high: value,
        };
        let whole = |value: Option<u64>| value.map_or(f64::INFINITY, |it| it as f64);
        let within = |it: QuantileEstimate| Estimate {
            value: whole(it.value),
            low: whole(it.low),
            high: whole(it.high),
        };
        let unknown = exact(f64::INFINITY);
        let mean = |metric| Estimate::mean(summary.metric(metric)).unwrap_or(unknown);
        // A trial that has no value has one beyond all others.
        let most = |metric| {
            let seen = summary.metric(metric);
            let all = seen.count() == summary.trials;
            exact(whole(seen.max().filter(|_| all)))
        };
        let estimate = match self {
            Self::Probability(event) => event.probability(summary),
            Self::Quantile(at, metric) => within(summary.quantile(*metric, *at)),
            Self::Mean(metric) => mean(*metric),
            Self::Min(metric) => exact(whole(summary.metric(*metric).min())),
            Self::Max(metric) => most(*metric),
            Self::CostQuantile(at) => price.of(within(summary.quantile(Metric::Bound, *at))),
            Self::MeanCost => price.of(mean(Metric::Bound)),
            Self::MaxCost => price.of(most(Metric::Bound)),
        };
        let scale = self.scale();
        Measured { estimate, scale }
    }
}

impl Event {
    fn probability(&self, summary: &Summary) -> Estimate {
        let hits = match self {
            Self::Complete => summary.complete,
            Self::CompleteWithin(span) => summary.within.get(span).copied().unwrap_or(0),
            Self::Failed => summary.all_failed(),
            Self::FailedBecause(reason) => summary.failed.get(reason).copied().unwrap_or(0),
            Self::Open => summary.open,
        };
        Estimate::probability(hits, summary.trials)
    }
}

impl Scale {
    /// The number as people write it: `99.1%`, `2m26s`, `12`, `3.50`.
    #[must_use]
    pub fn words(self, value: f64) -> String {
        if value.is_infinite() {
            return "never".to_owned();
        }
        if value.is_nan() {
            return "unknown".to_owned();
        }
        match self {
            Self::Probability => percent(value),
            Self::Time => short(rounded(value)),
            Self::Count if value.fract().abs() < 1e-9 => format!("{value:.0}"),
            Self::Count | Self::Money => format!("{value:.2}"),
        }
    }

    /// Reads such a number.
    fn read(self, text: &str) -> Result<f64, String> {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|it| it.is_finite());
        match self {
            Self::Probability => {
                let share = text
                    .strip_suffix('%')
                    .map(|it| number(it).map(|it| it / 100.0));
                let share = share.unwrap_or_else(|| number(text));
                share.filter(|it| (0.0..=1.0).contains(it)).ok_or_else(|| {
                    format!("{text:?} is no probability: write one as in 0.99 or 99%")
                })
            }
            #[allow(clippy::cast_precision_loss)] // microseconds of at most 68 years
            Self::Time => time::parse_duration(text)
                .map(|it| it.micros() as f64)
                .ok_or_else(|| format!("{text:?} is no duration: write one as in 90s or 2h")),
            Self::Count | Self::Money => {
                number(text).ok_or_else(|| format!("{text:?} is no number: write one as in 50"))
            }
        }
    }
}

/// A probability in per cent, with the digits that tell it from 0 and from 100.
fn percent(p: f64) -> String {
    let percent = p * 100.0;
    let edge = percent.min(100.0 - percent);
    if edge <= 0.0 {
        return format!("{percent:.0}%");
    }
    if edge < 0.1 {
        return format!("{percent:.3}%");
    }
    if edge < 1.0 {
        return format!("{percent:.2}%");
    }
    format!("{percent:.1}%")
}

/// `2h` in place of Go's `2h0m0s`.
fn short(span: Span) -> String {
    let text = span.to_string();
    let text = match text.strip_suffix("m0s") {
        Some(minutes) => format!("{minutes}m"),
        None => return text,
    };
    match text.strip_suffix("h0m") {
        Some(hours) => format!("{hours}h"),
        None => text,
    }
}

/// Microseconds as a duration with as many digits as people read.
#[allow(clippy::cast_possible_truncation)] // a duration of a simulation
fn rounded(micros: f64) -> Span {
    let unit = match micros.abs() {
        it if it >= 1e7 => 1_000_000.0,
        it if it >= 1e6 => 100_000.0,
        _ => 1_000.0,
    };
    Span::from_micros(((micros / unit).round() * unit) as i64)
}

impl FromStr for Measure {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        const HOW: &str = "write p(complete), p(complete within 2h), p(failed), \
                           p95(duration), mean(pods), min(…), max(…) or median(…)";
        let text = text.trim();
        let parts = text
            .split_once('(')
            .and_then(|(of, it)| Some((of, it.strip_suffix(')')?)));
        let (function, argument) = parts.ok_or_else(|| format!("{text:?}: {HOW}"))?;
        let (function, argument) = (function.trim(), argument.trim());
        if function == "p" {
            return Ok(Self::Probability(argument.parse()?));
        }
        if argument == "cost" {
            return match function {
                "mean" => Ok(Self::MeanCost),
                "max" => Ok(Self::MaxCost),
                _ => quantile(function).map(Self::CostQuantile).ok_or_else(|| {
                    format!("{text:?}: write mean(cost), max(cost), median(cost) or p95(cost)")
                }),
            };
        }
        let metric = Metric::named(argument).ok_or_else(|| {
            let names: Vec<&str> = Metric::all().map(Metric::name).collect();
            format!(
                "nothing is known of {argument:?}: there is {}, cost",
                names.join(", ")
            )
        })?;
        match function {
            "mean" => Ok(Self::Mean(metric)),
            "min" => Ok(Self::Min(metric)),
            "max" => Ok(Self::Max(metric)),
            _ => quantile(function)
                .map(|at| Self::Quantile(at, metric))
                .ok_or_else(|| format!("{text:?}: {HOW}")),
        }
    }
}

/// `median`, `p95`, `p99.9`.
fn quantile(text: &str) -> Option<Quantile> {
    if text == "median" {
        return Some(Quantile::MEDIAN);
    }
    let (whole, part) = text
        .strip_prefix('p')?
        .split_once('.')
        .unwrap_or((&text[1..], ""));
    let digits = |it: &str| it.bytes().all(|digit| digit.is_ascii_digit());
    if !(digits(whole) && digits(part)) || part.len() > 4 {
        return None;
    }
    let whole: u32 = whole.parse().ok().filter(|it| *it <= 100)?;
    let part: u32 = format!("{part:0<4}").parse().ok()?;
    let millionths = whole * 10_000 + part;
    (millionths <= 1_000_000).then(|| Quantile::millionths(millionths))
}

impl FromStr for Event {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["complete"] => Ok(Self::Complete),
            ["complete", "within", time] => time::parse_duration(time)
                .map(Self::CompleteWithin)
                .ok_or_else(|| format!("{time:?} is no duration: write one as in 90s or 2h")),
            ["failed"] => Ok(Self::Failed),
            ["failed", "because", reason] => Ok(Self::FailedBecause((*reason).to_owned())),
            ["open"] => Ok(Self::Open),
            _ => Err(format!(
                "{text:?} is nothing that happens in a trial: write complete, complete within \
                 2h, failed, failed because BackoffLimitExceeded, or open"
            )),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Probability(event) => write!(f, "p({event})"),
            Self::Quantile(at, metric) => write!(f, "{at}({})", metric.name()),
            Self::Mean(metric) => write!(f, "mean({})", metric.name()),
            Self::Min(metric) => write!(f, "min({})", metric.name()),
            Self::Max(metric) => write!(f, "max({})", metric.name()),
            Self::CostQuantile(at) => write!(f, "{at}(cost)"),
            Self::MeanCost => f.write_str("mean(cost)"),
            Self::MaxCost => f.write_str("max(cost)"),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.write_str("complete"),
            Self::CompleteWithin(span) => write!(f, "complete within {}", short(*span)),
            Self::Failed => f.write_str("failed"),
            Self::FailedBecause(reason) => write!(f, "failed because {reason}"),
            Self::Open => f.write_str("open"),
        }
    }
}

/// A budget: a measure and the bound that it has to keep.
///
/// ```
/// use dryjob::forecast::Assertion;
///
/// let budget: Assertion = "p95(duration) <= 2h".parse()?;
/// assert_eq!(budget.to_string(), "p95(duration) <= 2h");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Assertion {
    /// What is measured.
    pub measure: Measure,
    /// How it has to compare.
    pub comparison: Sign,
    /// With what: a probability, microseconds, pods, or money.
    pub bound: f64,
}

/// How a measure has to compare with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// At most.
    AtMost,
    /// Less.
    Below,
    /// At least.
    AtLeast,
    /// More.
    Above,
}

/// Whether an assertion holds, and how surely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// What was measured.
    pub measured: Measured,
    /// Whether the value keeps the bound.
    pub holds: bool,
    /// Whether the whole interval says so too.
    pub surely: bool,
}

impl Sign {
    /// The longer ones first: `<=` begins with `<`.
    const SIGNS: [(&'static str, Self); 4] = [
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("<", Self::Below),
        (">", Self::Above),
    ];

    fn keeps(self, value: f64, bound: f64) -> bool {
        match self {
            Self::AtMost => value <= bound,
            Self::Below => value < bound,
            Self::AtLeast => value >= bound,
            Self::Above => value > bound,
        }
    }
}

impl Assertion {
    /// Whether it holds in this summary, whose pods cost that much.
    #[must_use]
    pub fn check(&self, summary: &Summary, price: Price) -> Finding {
        let measured = self.measure.of(summary, price);
        let keeps = |value| self.comparison.keeps(value, self.bound);
        let Estimate { value, low, high } = measured.estimate;
        let holds = keeps(value);
        Finding {
            measured,
            holds,
            surely: keeps(low) == holds && keeps(high) == holds,
        }
    }
}

impl FromStr for Assertion {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Sign::SIGNS.iter().find_map(|(sign, comparison)| {
            let (left, right) = text.split_once(sign)?;
            Some((left, *comparison, right.trim()))
        });
        let (left, comparison, right) = found.ok_or_else(|| {
            format!("{text:?} compares nothing: write one as in 'p(complete) >= 0.99'")
        })?;
        let measure: Measure = left.parse()?;
        let bound = measure.scale().read(right)?;
        Ok(Self {
            measure,
            comparison,
            bound,
        })
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = Sign::SIGNS.iter().find(|it| it.1 == self.comparison);
        let sign = sign.map_or("", |it| it.0);
        let bound = match self.measure.scale() {
            Scale::Probability => self.bound.to_string(),
            scale => scale.words(self.bound),
        };
        write!(f, "{} {sign} {bound}", self.measure)
    }
}

#[cfg(test)]
mod tests;
