//! How far to trust a number that comes from a sample: intervals that hold the truth in 95 of 100
//! forecasts.

use super::distribution::{Distribution, Quantile};

/// The standard normal quantile at 97.5 %: two-sided intervals of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// A number between two bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// What the sample says.
    pub value: f64,
    /// The lower bound of the interval of 95 %.
    pub low: f64,
    /// Its upper bound.
    pub high: f64,
}

impl Estimate {
    /// A probability from so many hits in so many trials, with Wilson's interval; without trials
    /// anything is possible.
    ///
    /// Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927). Its
    /// coverage is close to nominal on average, also for small samples and rare events, where the
    /// usual p ± 2σ says that what was never seen cannot happen.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // counts of trials are far below 2⁵³
    pub fn probability(hits: u64, trials: u64) -> Self {
        if trials == 0 {
            let (value, low, high) = (f64::NAN, 0.0, 1.0);
            return Self { value, low, high };
        }
        let n = trials as f64;
        let p = hits as f64 / n;
        let middle = p + Z * Z / (2.0 * n);
        let reach = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        Self {
            value: p,
            low: if hits == 0 {
                0.0
            } else {
                ((middle - reach) / scale).max(0.0)
            },
            high: if hits == trials {
                1.0
            } else {
                ((middle + reach) / scale).min(1.0)
            },
        }
    }

    /// A mean, with the interval of the normal distribution.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // as above
    pub fn mean(of: &Distribution) -> Option<Self> {
        let (value, deviation) = of.mean().zip(of.deviation())?;
        let reach = Z * deviation / (of.count() as f64).sqrt();
        Some(Self {
            value,
            low: (value - reach).max(0.0),
            high: value + reach,
        })
    }

    /// From a value and its standard error.
    #[must_use]
    pub fn normal(value: f64, error: f64) -> Self {
        Self {
            value,
            low: value - Z * error,
            high: value + Z * error,
        }
    }

    /// Half the width of the interval.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// A quantile between two bounds; what is absent lies beyond all that was observed: it is the
/// value of trials that had none, such as the duration of a Job that does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuantileEstimate {
    /// What the sample says.
    pub value: Option<u64>,
    /// The lower bound of the interval of 95 %.
    pub low: Option<u64>,
    /// Its upper bound.
    pub high: Option<u64>,
}

impl QuantileEstimate {
    /// The quantile of what was observed in `trials` trials, those without a value counted as
    /// beyond all others.
    ///
    /// The bounds are order statistics: how many of n values lie below the true quantile is
    /// binomial, whatever the distribution, and the normal approximation says within which ranks
    /// that is in 95 of 100 samples.
    #[must_use]
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )] // ranks from 1 to the number of trials
    pub fn new(of: &Distribution, at: Quantile, trials: u64) -> Self {
        let n = trials as f64;
        let q = at.fraction();
        let reach = Z * (n * q * (1.0 - q)).sqrt();
        // Half a rank either way: a count is compared with a number that has a point.
        let low = ((n * q - reach + 0.5).floor().max(1.0)) as u64;
        let high = ((n * q + reach + 0.5).ceil()).min(n.max(1.0)) as u64;
        let value = |rank: u64| {
            let bucket = of.at_rank(rank);
            bucket.filter(|_| rank <= of.count()).map(|it| it.most)
        };
        Self {
            value: value(at.rank(trials)),
            low: value(low),
            high: value(high),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe, "Two-sided confidence intervals for the single proportion" (1998), method 3.
    #[test]
    fn agrees_with_published_intervals() {
        for (hits, trials, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let it = Estimate::probability(hits, trials);
            assert!((it.low - low).abs() < 5e-5, "{it:?}");
            assert!((it.high - high).abs() < 5e-5, "{it:?}");
        }
    }

    #[test]
    fn without_trials_anything_is_possible() {
        let it = Estimate::probability(0, 0);
        assert!(it.value.is_nan());
        assert_eq!((it.low, it.high), (0.0, 1.0));
    }

    #[test]
    fn a_quantile_may_lie_beyond_all_values() {
        let mut seen = Distribution::default();
        (0..90).for_each(|trial| seen.add(trial, trial));
        let it = QuantileEstimate::new(&seen, Quantile::percent(95), 100);
        assert_eq!((it.value, it.high), (None, None));
        let it = QuantileEstimate::new(&seen, Quantile::MEDIAN, 100);
        assert_eq!((it.value, it.low, it.high), (Some(49), Some(39), Some(60)));
    }
}
