//! The exponential function where many of its values are wanted.

// The digits of FreeBSD's msun, on which libm is built.
#![allow(clippy::excessive_precision)]

use std::f64::consts::LOG2_E;

const LN2_HI: f64 = 6.93147180369123816490e-01;
const LN2_LO: f64 = 1.90821492927058770002e-10;
const P1: f64 = 1.66666666666666019037e-01;
const P2: f64 = -2.77777777770155933842e-03;
const P3: f64 = 6.61375632143793436117e-05;
const P4: f64 = -1.65339022054652515390e-06;
const P5: f64 = 4.13813679705723846039e-08;

/// Up to this number, and down to its negative, [`exp_near`] knows the function; and at −∞.
pub(super) const NEAR: f64 = 700.0;

/// Where the logarithms of 2 that are taken off begin, and where they are counted: as the original
/// has it, by the upper halves of the numbers.
const ONE_FROM: f64 = f64::from_bits(0x3fd6_2e43_0000_0000);
const COUNTED_FROM: f64 = f64::from_bits(0x3ff0_a2b2_0000_0000);
/// From here on floats are whole numbers: adding it rounds, and leaves the number in the last bits.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// eˣ for a finite `x` that is [`NEAR`], or −∞: the same number as `libm::exp` gives, to the last
/// bit. Without branches and without whole numbers, so that values wanted together are worked out
/// together.
#[inline]
#[allow(clippy::many_single_char_names)] // the names of the original
pub(super) fn exp_near(x: f64) -> f64 {
    let size = x.abs();
    let counted = LOG2_E * size + 0.5;
    let near = (counted + WHOLE) - WHOLE;
    let counted = if near > counted { near - 1.0 } else { near };
    let k = if size < COUNTED_FROM { 1.0 } else { counted };
    let k = if size < ONE_FROM { 0.0 } else { k };
    let k = k.copysign(x);
    let hi = x - k * LN2_HI;
    let lo = k * LN2_LO;
    let r = hi - lo;
    let rr = r * r;
    let c = r - rr * (P1 + rr * (P2 + rr * (P3 + rr * (P4 + rr * P5))));
    let y = 1.0 + (r * c / (2.0 - c) - lo + hi);
    let power = f64::from_bits((k + 1023.0 + WHOLE).to_bits() << 52);
    if x < -NEAR { 0.0 } else { y * power }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Key, Purpose, Seed};

    #[test]
    #[allow(clippy::float_cmp)] // the last bit is the point
    fn it_gives_the_same_bits_as_libm() {
        let ln_2 = std::f64::consts::LN_2;
        let edges = [
            0.0,
            1e-300,
            1.0 / f64::from(1 << 28),
            0.5 * ln_2,
            1.5 * ln_2,
            699.9,
            NEAR,
        ];
        let around = edges.into_iter().flat_map(|edge| {
            (-2000..2000)
                .map(move |ulps| f64::from_bits(edge.to_bits().saturating_add_signed(ulps)))
        });
        let mut stream = Key::new(Seed(1), 1).stream(1, Purpose::RunTime);
        let drawn = (0..600_000).map(|n| stream.unit() * [1.0, 10.0, NEAR][n % 3]);
        for x in around.chain(drawn).filter(|it| *it <= NEAR) {
            for x in [x, -x] {
                assert_eq!(exp_near(x), libm::exp(x), "{x:e}");
            }
        }
        assert_eq!(exp_near(f64::NEG_INFINITY), 0.0);
    }
}
