//! The families of laws without an upper end: all computing with seconds as floats is here.

use super::{gamma, hazard, normal, power};
use crate::base::{Span, Stream};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Family {
    Exponential {
        mean: Span,
    },
    Weibull {
        shape: f64,
        size: Size,
        /// In seconds.
        scale: f64,
    },
    LogNormal {
        median: Span,
        spread: Spread,
        sigma: f64,
    },
    Gamma {
        shape: f64,
        mean: Span,
    },
    Pareto {
        min: Span,
        shape: f64,
    },
}

/// What a Weibull law's size was given as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    Scale(Span),
    Mean(Span),
}

/// What a log-normal law's spread was given as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Spread {
    P95(Span),
    Sigma(f64),
}

/// The part of a family's law that lies in an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    /// The probability of less than the interval.
    pub(super) below: f64,
    /// The probability of the interval.
    pub(super) mass: f64,
}

/// A span in seconds.
#[allow(clippy::cast_precision_loss)] // below 285 years there is none
pub(super) fn seconds(span: Span) -> f64 {
    span.micros() as f64 / 1e6
}

impl Family {
    pub(super) fn weibull(shape: f64, size: Size) -> Self {
        let scale = match size {
            Size::Scale(scale) => seconds(scale),
            Size::Mean(mean) => seconds(mean) / libm::tgamma(1.0 + 1.0 / shape),
        };
        Self::Weibull { shape, size, scale }
    }

    pub(super) fn log_normal(median: Span, spread: Spread) -> Self {
        let sigma = match spread {
            Spread::P95(p95) => libm::log(seconds(p95) / seconds(median)) / normal::P95,
            Spread::Sigma(sigma) => sigma,
        };
        Self::LogNormal {
            median,
            spread,
            sigma,
        }
    }

    /// The seconds that are not exceeded with probability `p`; may be infinite for 1.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        self.inverted(p, hazard::of)
    }

    /// The same, with that way to work out −ln(1 − p).
    #[inline]
    fn inverted(&self, p: f64, hazard: impl Fn(f64) -> f64) -> f64 {
        let hazard = || hazard(p);
        match *self {
            Self::Exponential { mean } => seconds(mean) * hazard(),
            Self::Weibull { shape, scale, .. } => scale * libm::pow(hazard(), 1.0 / shape),
            Self::LogNormal { median, sigma, .. } => {
                seconds(median) * libm::exp(sigma * normal::quantile(p))
            }
            Self::Gamma { shape, mean } => seconds(mean) / shape * gamma::quantile(shape, p),
            Self::Pareto { min, shape } => seconds(min) * libm::exp(hazard() / shape),
        }
    }

    /// Whether [`Family::invert_at_once`] knows it.
    pub(super) fn is_drawn_at_once(&self) -> bool {
        // Fractions as streams draw them lie within nine sigmas, or are 0.
        matches!(self, Self::LogNormal { sigma, .. } if 9.0 * sigma <= power::NEAR)
    }

    /// Of each fraction the seconds that are not exceeded with that probability, in its place:
    /// as [`Family::quantile`] gives them, where [`Family::is_drawn_at_once`].
    pub(super) fn invert_at_once(&self, fractions: &mut [f64; normal::MANY]) {
        if let Self::LogNormal { median, sigma, .. } = *self {
            normal::quantiles(fractions);
            let median = seconds(median);
            *fractions = fractions.map(|z| median * power::exp_near(sigma * z));
        }
    }

    /// The probability of at most so many seconds.
    pub(super) fn cdf(&self, at: f64) -> f64 {
        if at <= 0.0 {
            return 0.0;
        }
        match *self {
            Self::Exponential { mean } => -libm::expm1(-at / seconds(mean)),
            Self::Weibull { shape, scale, .. } => -libm::expm1(-libm::pow(at / scale, shape)),
            Self::LogNormal { median, sigma, .. } => {
                normal::cdf(libm::log(at / seconds(median)) / sigma)
            }
            Self::Gamma { shape, mean } => gamma::lower(shape, at / seconds(mean) * shape),
            Self::Pareto { min, shape } => {
                (-libm::expm1(shape * libm::log(seconds(min) / at))).max(0.0)
            }
        }
    }

    /// The mean in seconds; infinite for a Pareto law with a shape of at most 1.
    pub(super) fn mean(&self) -> f64 {
        match *self {
            Self::Exponential { mean } | Self::Gamma { mean, .. } => seconds(mean),
            Self::Weibull { shape, size, scale } => match size {
                Size::Scale(_) => scale * libm::tgamma(1.0 + 1.0 / shape),
                Size::Mean(mean) => seconds(mean),
            },
            Self::LogNormal { median, sigma, .. } => {
                seconds(median) * libm::exp(0.5 * sigma * sigma)
            }
            Self::Pareto { shape, .. } if shape <= 1.0 => f64::INFINITY,
            Self::Pareto { min, shape } => seconds(min) * shape / (shape - 1.0),
        }
    }

    /// What the draws of at most so many seconds contribute to the mean, in seconds.
    fn mean_up_to(&self, at: f64) -> f64 {
        if at <= 0.0 {
            return 0.0;
        }
        match *self {
            Self::Exponential { mean } => seconds(mean) * gamma::lower(2.0, at / seconds(mean)),
            Self::Weibull { shape, scale, .. } => {
                self.mean() * gamma::lower(1.0 + 1.0 / shape, libm::pow(at / scale, shape))
            }
            Self::LogNormal { median, sigma, .. } => {
                self.mean() * normal::cdf(libm::log(at / seconds(median)) / sigma - sigma)
            }
            Self::Gamma { shape, mean } => {
                seconds(mean) * gamma::lower(shape + 1.0, at / seconds(mean) * shape)
            }
            Self::Pareto { min, shape } => {
                let (ratio, rest) = (libm::log(at / seconds(min)).max(0.0), 1.0 - shape);
                let area = if rest.abs() < 1e-9 {
                    ratio
                } else {
                    libm::expm1(rest * ratio) / rest
                };
                shape * seconds(min) * area
            }
        }
    }

    /// The part from `low` to `high` seconds.
    pub(super) fn part(&self, low: f64, high: f64) -> Part {
        let below = self.cdf(low);
        Part {
            below,
            mass: self.cdf(high) - below,
        }
    }

    /// The mean of the part from `low` to `high`, all in seconds.
    pub(super) fn mean_within(&self, low: f64, high: f64, part: Part) -> f64 {
        ((self.mean_up_to(high) - self.mean_up_to(low)) / part.mass).clamp(low, high)
    }

    /// A draw in seconds: by inversion of one number, except for gamma.
    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        match *self {
            Self::Gamma { shape, mean } => seconds(mean) / shape * gamma::draw(shape, stream),
            Self::Exponential { .. }
            | Self::Weibull { .. }
            | Self::LogNormal { .. }
            | Self::Pareto { .. } => self.inverted(stream.unit(), hazard::of_unit),
        }
    }

    /// A draw from the part from `low` to `high` seconds.
    ///
    /// By inversion of one number, except for gamma: that one is drawn anew while it lies outside,
    /// and after [`TRIES`] in vain it is inverted too, which is exact but slow.
    pub(super) fn draw_within(&self, low: f64, high: f64, part: Part, stream: &mut Stream) -> f64 {
        if let Self::Gamma { .. } = self {
            for _ in 0..TRIES {
                let drawn = self.draw(stream);
                if low <= drawn && drawn <= high {
                    return drawn;
                }
            }
        }
        self.quantile(part.at(stream.unit()))
    }
}

/// Draws that may lie outside of an interval before one is made to lie inside.
const TRIES: u32 = 16;

impl Part {
    /// The probability, in the whole law, of what is not exceeded in this part with `p`.
    pub(super) fn at(self, p: f64) -> f64 {
        self.below + p * self.mass
    }
}
