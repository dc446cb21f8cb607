//! The gamma distribution with scale 1: the regularised incomplete gamma function and its inverse.

use super::normal;
use crate::base::Stream;

/// P(a, x): the probability of at most `x` under shape `a`.
pub(super) fn lower(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x < a + 1.0 {
        series(a, x)
    } else {
        1.0 - fraction(a, x)
    }
}

/// Q(a, x) = 1 − P(a, x), exact where it is small.
fn upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x < a + 1.0 {
        1.0 - series(a, x)
    } else {
        fraction(a, x)
    }
}

/// xᵃ e⁻ˣ / Γ(a).
fn front(a: f64, x: f64) -> f64 {
    libm::exp(a * libm::log(x) - x - libm::lgamma(a))
}

/// The terms of either sum; near a = x = 1000, the slowest place, some 300 are needed.
const TERMS: u32 = 10_000;

/// P(a, x) as the sum of xⁿ / (a (a+1) … (a+n)); for x < a + 1.
fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut at) = (1.0 / a, 1.0 / a, a);
    for _ in 0..TERMS {
        at += 1.0;
        term *= x / at;
        sum += term;
        if term < sum * f64::EPSILON {
            break;
        }
    }
    (sum * front(a, x)).min(1.0)
}

/// What stands for zero where one divides by it.
const TINY: f64 = 1e-300;

/// Q(a, x) as Legendre's continued fraction, from its start (Lentz); for x ≥ a + 1.
fn fraction(a: f64, x: f64) -> f64 {
    if x.is_infinite() {
        return 0.0;
    }
    let mut term = x + 1.0 - a;
    let (mut above, mut below) = (1.0 / TINY, 1.0 / term);
    let (mut value, mut nth) = (below, 0.0);
    for _ in 0..TERMS {
        nth += 1.0;
        let factor = -nth * (nth - a);
        term += 2.0;
        let divisor = factor * below + term;
        below = 1.0 / if divisor.abs() < TINY { TINY } else { divisor };
        let ratio = term + factor / above;
        above = if ratio.abs() < TINY { TINY } else { ratio };
        value *= below * above;
        if (below * above - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    (value * front(a, x)).clamp(0.0, 1.0)
}

/// The x with P(a, x) = p: Newton's method on ln x, and halving where Newton leaves the bracket.
pub(super) fn quantile(a: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    // Below the first bound there is no f64, above the second no p that an f64 tells from 1.
    let (mut low, mut high) = (-745.0, libm::log(a + 12.0 * a.sqrt() + 60.0));
    let mut y = start(a, p).clamp(low, high);
    for _ in 0..200 {
        let x = libm::exp(y);
        let excess = if p < 0.5 {
            lower(a, x) - p
        } else {
            (1.0 - p) - upper(a, x)
        };
        if excess > 0.0 {
            high = y;
        } else {
            low = y;
        }
        let newton = y - excess / front(a, x);
        let next = if newton > low && newton < high {
            newton
        } else {
            f64::midpoint(low, high)
        };
        let step = (next - y).abs();
        y = next;
        if step < 1e-14 {
            break;
        }
    }
    libm::exp(y)
}

/// A first guess at ln x: Wilson and Hilferty's, or the first term of the series near zero.
fn start(a: f64, p: f64) -> f64 {
    let cube = 1.0 - 1.0 / (9.0 * a) + normal::quantile(p) / (3.0 * a.sqrt());
    if a >= 1.0 && cube > 0.1 {
        libm::log(a) + 3.0 * libm::log(cube)
    } else {
        (libm::log(p) + libm::lgamma(a + 1.0)) / a
    }
}

/// A draw under shape `a`; takes as many numbers from the stream as it needs, mostly two.
///
/// G. Marsaglia and W. W. Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26
/// (2000); for a < 1 a draw under a + 1, times the a-th root of one more number.
pub(super) fn draw(a: f64, stream: &mut Stream) -> f64 {
    if a < 1.0 {
        let root = libm::pow(stream.unit(), 1.0 / a);
        return root * draw(a + 1.0, stream);
    }
    let most = a - 1.0 / 3.0;
    let slope = 1.0 / (9.0 * most).sqrt();
    loop {
        let z = normal::quantile(stream.unit());
        let root = 1.0 + slope * z;
        if root <= 0.0 {
            continue;
        }
        let cube = root * root * root;
        let chance = stream.unit();
        let square = z * z;
        if chance < 1.0 - 0.0331 * square * square
            || libm::log(chance) < 0.5 * square + most * (1.0 - cube + libm::log(cube))
        {
            return most * cube;
        }
    }
}
