//! The law that some durations follow, and how well it fits.
//!
//! Times of the API are whole seconds, so a duration of `k` seconds says that the true one lies
//! between `k - 1` and `k + 1`: likelihoods are those of intervals, and nothing below a second is
//! learnt.

use super::minimum::minimum;
use super::sample::{Sample, Step, float};
use crate::base::{Law, Span};
use std::fmt;

/// Durations fewer than this are not made into a law: the values themselves are taken.
pub const LEAST_FOR_A_LAW: u64 = 20;

/// Values that an empirical law is written with at most; of more, this many quantiles are taken.
pub const MOST_VALUES: usize = 100;

/// Intervals for which a likelihood is computed; neighbours are taken together beyond that.
const MOST_INTERVALS: usize = 300;

/// The error of a difference of two times that are cut to seconds is triangular; an interval of so
/// many microseconds to both sides has the same variance.
const HALF_WIDTH: i64 = 707_107;

/// A kind of law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Always the same, as far as whole seconds tell.
    Constant,
    /// All between two ends equally likely.
    Uniform,
    /// Memoryless.
    Exponential,
    /// With a hazard that grows or falls.
    Weibull,
    /// The logarithm is normal.
    LogNormal,
    /// A sum of memoryless steps.
    Gamma,
    /// The values themselves.
    Empirical,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Constant => "constant",
            Self::Uniform => "uniform",
            Self::Exponential => "exponential",
            Self::Weibull => "Weibull",
            Self::LogNormal => "log-normal",
            Self::Gamma => "gamma",
            Self::Empirical => "empirical",
        })
    }
}

/// How well a law fits what it was made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quality {
    /// All durations are the same, to the second.
    Same,
    /// A sample of the law itself would be as far off, or further, in more than 10 % of cases.
    Good,
    /// In 1 % to 10 % of cases.
    Fair,
    /// The values themselves, because there are fewer than [`LEAST_FOR_A_LAW`].
    Few,
    /// The values themselves, or [`MOST_VALUES`] quantiles of more: this is the nearest law, and
    /// that far off; in less than 1 % of cases a sample of it would be.
    NoLaw(Kind, f64),
}

/// A law made from durations.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// The law, with numbers rounded to four digits.
    pub law: Law,
    /// What kind of law.
    pub kind: Kind,
    /// How many durations are known.
    pub ended: u64,
    /// How many are known to be longer than what was seen of them.
    pub open: u64,
    /// What half of the durations do not exceed, and 95 %, where so much is known.
    pub median: Option<Span>,
    /// As above.
    pub p95: Option<Span>,
    /// Kolmogorov and Smirnov's distance: the largest difference between the probabilities of the
    /// law and the shares of the durations. Open ones count as Kaplan and Meier count them.
    pub distance: f64,
    /// What that means.
    pub quality: Quality,
}

impl Fit {
    /// The law of some durations; none if none has ended.
    pub(super) fn of(sample: &Sample) -> Option<Self> {
        let (first, last) = (
            *sample.ended.first_key_value()?.0,
            *sample.ended.last_key_value()?.0,
        );
        let steps = sample.steps();
        let fit = |law: Law, kind, quality| {
            let distance = distance(&law, &steps);
            let span = |p| sample.quantile(p).map(Span::from_secs);
            Self {
                law,
                kind,
                ended: sample.count(),
                open: sample.open_count(),
                median: span(0.5),
                p95: span(0.95),
                distance,
                quality,
            }
        };
        let longest_open = sample.longest_open().unwrap_or(0);
        if last - first <= 1 && longest_open <= last {
            return Some(fit(same(sample)?, Kind::Constant, Quality::Same));
        }
        let listed = || empirical(sample, &steps);
        if sample.count() < LEAST_FOR_A_LAW {
            return Some(fit(listed()?, Kind::Empirical, Quality::Few));
        }
        let mut fits: Vec<(f64, Kind, Law)> = candidates(sample);
        fits.sort_by(|a, b| a.0.total_cmp(&b.0));
        let nearest = fits.first().map(|it| (it.1, distance(&it.2, &steps)));
        for (_, kind, law) in fits {
            let quality = judge(kind, distance(&law, &steps), sample.count());
            if let Some(quality) = quality {
                return Some(fit(law, kind, quality));
            }
        }
        let (kind, far) = nearest?;
        Some(fit(listed()?, Kind::Empirical, Quality::NoLaw(kind, far)))
    }
}

/// The mean, of durations that differ by no more than the cut of their times does.
fn same(sample: &Sample) -> Option<Law> {
    let sum: f64 = sample
        .ended
        .iter()
        .map(|it| seconds(*it.0) * float(*it.1))
        .sum();
    Law::constant(rounded(sum / float(sample.count()))).ok()
}

/// The values themselves, each as heavy as what Kaplan and Meier's estimate gives it. What is
/// longer than the longest known duration counts as the longest seen.
fn empirical(sample: &Sample, steps: &[Step]) -> Option<Law> {
    let last = steps.last()?;
    let beyond = sample.longest_open().unwrap_or(0).max(last.at);
    if steps.len() > MOST_VALUES {
        let quantile = |place: usize| {
            let p = (float(place as u64) + 0.5) / float(MOST_VALUES as u64);
            value(sample.quantile(p).unwrap_or(beyond))
        };
        return Law::empirical((0..MOST_VALUES).map(quantile)).ok();
    }
    if sample.open.is_empty() {
        let weight = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        return Law::weighted(steps.iter().map(|it| (value(it.at), weight(it.ended)))).ok();
    }
    let masses = steps.iter().map(|it| (it.at, it.before - it.after));
    let masses = masses.chain([(beyond, last.after)]);
    let weighted = masses.filter_map(|(at, mass)| {
        let weight = weight(mass);
        (weight > 0).then_some((value(at), weight))
    });
    Law::weighted(weighted).ok()
}

/// A probability in thousandths.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to 1000
fn weight(mass: f64) -> u32 {
    (mass * 1000.0).round_ties_even() as u32
}

/// A whole number of seconds as a duration; what looks like none is between 0 s and 1 s.
fn value(seconds: i64) -> Span {
    if seconds > 0 {
        Span::from_secs(seconds)
    } else {
        Span::from_millis(500)
    }
}

/// Durations of which only an interval is known, and how many of them.
struct Interval {
    low: Span,
    high: Span,
    count: f64,
}

/// The laws of each kind that make a sample most likely, with Akaike's criterion: the smaller, the
/// better.
fn candidates(sample: &Sample) -> Vec<(f64, Kind, Law)> {
    let intervals = intervals(sample);
    let open: Vec<(Span, f64)> = (sample.open.iter())
        .map(|(at, count)| (Span::from_secs(*at), float(*count)))
        .collect();
    // Half of the logarithm of the likelihood is missing where a law excludes what was seen; this
    // keeps the search going.
    let log = |p: f64| libm::log(p.max(1e-12));
    let cost = |law: &Law| -> f64 {
        let ended = intervals.iter().map(|it| {
            let inside = law.cdf(it.high) - law.cdf(it.low);
            it.count * log(inside)
        });
        let open = open
            .iter()
            .map(|(at, count)| count * log(1.0 - law.cdf(*at)));
        -ended.sum::<f64>() - open.sum::<f64>()
    };
    let start = Moments::of(sample);
    let search = |kind: Kind| {
        let at = start.guess(kind)?;
        let make = |[size, shape]: [f64; 2]| law(kind, libm::exp(size), libm::exp(shape));
        let far = |at| make(at).map_or(f64::INFINITY, |law| cost(&law));
        let [size, shape] = minimum(at.map(libm::log), 0.2, far);
        let law = law(kind, libm::exp(size), libm::exp(shape))?;
        Some((2.0 * cost(&law) + 4.0, kind, law))
    };
    let exponential = start.exponential().map(|law| {
        let cost = 2.0 * cost(&law) + 2.0;
        (cost, Kind::Exponential, law)
    });
    let uniform = uniform(sample).map(|law| (2.0 * cost(&law) + 4.0, Kind::Uniform, law));
    let others = [Kind::Weibull, Kind::LogNormal, Kind::Gamma];
    let found = [exponential, uniform].into_iter();
    found.chain(others.map(search)).flatten().collect()
}

fn intervals(sample: &Sample) -> Vec<Interval> {
    let micros = |seconds: i64| seconds.saturating_mul(1_000_000);
    let each: Vec<(i64, u64)> = sample.ended.iter().map(|it| (*it.0, *it.1)).collect();
    let size = each.len().div_ceil(MOST_INTERVALS);
    let interval = |part: &[(i64, u64)]| {
        let (first, last) = (part.first()?.0, part.last()?.0);
        // Neighbours that are taken together leave no gap and do not overlap.
        let reach = if size == 1 { HALF_WIDTH } else { 500_000 };
        Some(Interval {
            low: Span::from_micros((micros(first) - reach).max(0)),
            high: Span::from_micros(micros(last) + reach),
            count: part.iter().map(|it| float(it.1)).sum(),
        })
    };
    each.chunks(size.max(1)).filter_map(interval).collect()
}

/// A law by what it is measured with (scale, median or mean, in seconds) and its shape; the numbers
/// are those that are written.
fn law(kind: Kind, size: f64, shape: f64) -> Option<Law> {
    let span = rounded(size);
    match kind {
        Kind::Weibull => Law::weibull(digits(shape), span),
        Kind::Gamma => Law::gamma(digits(shape), span),
        // A 95th percentile says more to people, where it is not the median almost.
        Kind::LogNormal if shape > 0.05 => Law::log_normal(
            span,
            rounded(size * libm::exp(1.644_853_626_951_472_7 * shape)),
        ),
        Kind::LogNormal => Law::log_normal_of_sigma(span, digits(shape)),
        Kind::Constant | Kind::Uniform | Kind::Exponential | Kind::Empirical => return None,
    }
    .ok()
}

/// From the shortest to the longest, and at both ends the part of the range beyond them that is to
/// be expected.
fn uniform(sample: &Sample) -> Option<Law> {
    let (first, last) = (
        *sample.ended.first_key_value()?.0,
        *sample.ended.last_key_value()?.0,
    );
    let last = last.max(sample.longest_open().unwrap_or(0));
    let more = seconds(last - first) / (float(sample.count()) - 1.0).max(1.0);
    let low = rounded((seconds(first) - more).max(0.0));
    Law::uniform(low, rounded(seconds(last) + more)).ok()
}

/// Where the searches begin.
struct Moments {
    /// Of all time, open durations included, by what has ended.
    mean: f64,
    log_mean: f64,
    /// The deviation of the logarithm.
    spread: f64,
    plain_mean: f64,
}

impl Moments {
    fn of(sample: &Sample) -> Self {
        let n = float(sample.count()).max(1.0);
        // The logarithm of what looks like no time at all.
        let value = |at: i64| if at > 0 { seconds(at) } else { 0.35 };
        let sum = |of: &dyn Fn(f64) -> f64| -> f64 {
            let each = sample.ended.iter();
            each.map(|it| float(*it.1) * of(value(*it.0))).sum()
        };
        let plain_mean = sum(&|it| it) / n;
        let log_mean = sum(&libm::log) / n;
        let variance = sum(&|it| {
            let off = libm::log(it) - log_mean;
            off * off
        }) / n;
        let open: f64 = (sample.open.iter())
            .map(|it| float(*it.1) * seconds(*it.0))
            .sum();
        Self {
            mean: plain_mean + open / n,
            log_mean,
            spread: variance.sqrt().clamp(0.01, 3.0),
            plain_mean,
        }
    }

    /// The most likely one, with open durations or without.
    fn exponential(&self) -> Option<Law> {
        Law::exponential(rounded(self.mean)).ok()
    }

    /// Size and shape.
    fn guess(&self, kind: Kind) -> Option<[f64; 2]> {
        match kind {
            Kind::Weibull => {
                let shape = 1.28 / self.spread;
                Some([libm::exp(self.log_mean + 0.577 / shape), shape])
            }
            Kind::LogNormal => Some([libm::exp(self.log_mean), self.spread]),
            Kind::Gamma => {
                // Minka's closed form is within 1.5 % of the most likely shape.
                let s = (libm::log(self.plain_mean) - self.log_mean).max(1e-4);
                let shape = (3.0 - s + ((s - 3.0) * (s - 3.0) + 24.0 * s).sqrt()) / (12.0 * s);
                Some([self.plain_mean, shape])
            }
            Kind::Constant | Kind::Uniform | Kind::Exponential | Kind::Empirical => None,
        }
    }
}

/// The largest difference between the probabilities of a law, seen in whole seconds, and the
/// shares of what was seen.
fn distance(law: &Law, steps: &[Step]) -> f64 {
    let far = steps.iter().map(|it| {
        let (at, before) = (seen_by(law, it.at), seen_by(law, it.at - 1));
        let share = |survivor: f64| 1.0 - survivor;
        (at - share(it.after))
            .abs()
            .max((before - share(it.before)).abs())
    });
    far.fold(0.0, f64::max)
}

/// The probability that a duration looks like at most so many seconds: the mean of the law's
/// probabilities over the next second (Simpson's rule; an empirical law is of such seconds).
fn seen_by(law: &Law, at: i64) -> f64 {
    let p = |half: i64| {
        law.cdf(Span::from_micros(
            at.saturating_mul(1_000_000) + half * 500_000,
        ))
    };
    if at < 0 {
        return 0.0;
    }
    (p(0) + 4.0 * p(1) + p(2)) / 6.0
}

/// What a distance means for a law whose parameters were made from the same durations; none if it
/// is too large.
///
/// Stephens' modified statistics and their percentage points, in D'Agostino and Stephens,
/// "Goodness-of-Fit Techniques" (1986), tables 4.2, 4.7, 4.11 and 4.17; a gamma law lies between
/// the normal and the exponential one.
fn judge(kind: Kind, distance: f64, n: u64) -> Option<Quality> {
    let root = float(n).sqrt();
    let (statistic, ten, one) = match kind {
        Kind::Exponential => {
            let shifted = distance - 0.2 / float(n);
            (shifted * (root + 0.26 + 0.5 / root), 0.990, 1.308)
        }
        Kind::LogNormal => (distance * (root - 0.01 + 0.85 / root), 0.819, 1.035),
        Kind::Weibull => (distance * root, 0.803, 1.007),
        Kind::Gamma => (distance * root, 0.830, 1.050),
        Kind::Uniform => (distance * (root + 0.12 + 0.11 / root), 1.224, 1.628),
        Kind::Constant | Kind::Empirical => return None,
    };
    if statistic <= ten {
        Some(Quality::Good)
    } else {
        (statistic <= one).then_some(Quality::Fair)
    }
}

#[allow(clippy::cast_precision_loss)] // seconds of some thousand years
const fn seconds(whole: i64) -> f64 {
    whole as f64
}

/// Rounded to four digits.
pub(super) fn digits(number: f64) -> f64 {
    // By way of a text, which is exact, and the same everywhere.
    format!("{number:.3e}").parse().unwrap_or(number)
}

/// Seconds as a duration of four digits, and no finer than a hundredth of a second.
#[allow(clippy::cast_possible_truncation)] // such a cast saturates
fn rounded(seconds: f64) -> Span {
    let hundredths = (digits(seconds) * 100.0).round_ties_even() as i64;
    Span::from_millis(hundredths.saturating_mul(10))
}

#[cfg(test)]
mod tests;
