//! −ln(1 − p): what an exponential law with mean 1 does not exceed with probability `p`.

// The digits of FreeBSD's msun, on which libm is built.
#![allow(clippy::excessive_precision)]

const LN2_HI: f64 = 6.93147180369123816490e-01;
const LN2_LO: f64 = 1.90821492927058770002e-10;
const LG1: f64 = 6.666666666666735130e-01;
const LG2: f64 = 3.999999999940941908e-01;
const LG3: f64 = 2.857142874366239149e-01;
const LG4: f64 = 2.222219843214978396e-01;
const LG5: f64 = 1.818357216161805012e-01;
const LG6: f64 = 1.531383769920937332e-01;
const LG7: f64 = 1.479819860511658591e-01;

/// For any probability.
pub(super) fn of(p: f64) -> f64 {
    -libm::log1p(-p)
}

/// For a fraction as [`Stream::unit`](crate::base::Stream::unit) draws it: the same number to the
/// last bit in half of the time. 1 − p is exact then, so the correction that `libm::log1p` divides
/// out is zero.
#[inline]
#[allow(clippy::cast_possible_wrap, clippy::many_single_char_names)] // the names of the original
pub(super) fn of_unit(p: f64) -> f64 {
    let x = -p;
    let rest = 1.0 + x;
    // The exponent of a power of two near to it, and what is left of it: from √½ to √2.
    let high = ((rest.to_bits() >> 32) as u32).wrapping_add(0x3ff0_0000 - 0x3fe6_a09e);
    let k = (high >> 20) as i32 - 0x3ff;
    let high = (high & 0x000f_ffff) + 0x3fe6_a09e;
    let near = f64::from_bits(u64::from(high) << 32 | rest.to_bits() & 0xffff_ffff);
    // A small p is near enough as it is.
    let small = (x.to_bits() >> 32) as u32 <= 0xbfd2_bec4;
    let (k, f) = if small {
        (0.0, x)
    } else {
        (f64::from(k), near - 1.0)
    };
    let hfsq = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let t1 = w * (LG2 + w * (LG4 + w * LG6));
    let t2 = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)));
    let r = t2 + t1;
    -(s * (hfsq + r) + k * LN2_LO - hfsq + f + k * LN2_HI)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Key, Purpose, Seed};

    #[test]
    #[allow(clippy::float_cmp)] // the last bit is the point
    fn fractions_give_the_same_bits_as_any_probability() {
        let step = f64::EPSILON / 2.0;
        let ends = [
            0.0,
            step,
            2.0 * step,
            0.5,
            0.5 - step,
            1.0 - step,
            1.0 - 2.0 * step,
        ];
        let around = (0..2000).map(|n| f64::from(n - 1000).mul_add(step, 0.292_893_218_813_452_4));
        let around = around.map(|it| (it / step).round_ties_even() * step);
        let mut stream = Key::new(Seed(1), 1).stream(1, Purpose::RunTime);
        let drawn = (0..300_000).map(|_| stream.unit());
        for p in ends.into_iter().chain(around).chain(drawn) {
            assert_eq!(of_unit(p), of(p), "{p:e}");
        }
    }
}
