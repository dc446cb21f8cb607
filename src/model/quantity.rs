//! Amounts of resources as manifests write them: `500m`, `1.5Gi`, `12e6`.

mod written;

use std::str::FromStr;

pub use written::{QuantityError, WrittenQuantity};

/// A quantity's exact value in billionths. What is finer than that is rounded up, away from zero,
/// and what is beyond 64 bits of whole units is cut there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    nanos: i128,
}

/// Billionths in a unit.
const NANOS: i128 = 1_000_000_000;

/// The largest quantity: 2^63 − 1 units.
const MOST: i128 = (i64::MAX as i128) * NANOS;

/// Digits after the point that decide how a number of at most 2^60ths is rounded.
const FRACTION: usize = 60;

impl Quantity {
    /// Nothing at all.
    pub const ZERO: Self = Self { nanos: 0 };

    /// So many units, at most 2^63 − 1.
    #[must_use]
    pub fn of_units(units: u64) -> Self {
        let nanos = i128::from(units) * NANOS;
        Self {
            nanos: nanos.min(MOST),
        }
    }

    /// Reads a decimal number and a unit or an exponent, or says `None` where Kubernetes refuses
    /// the text. The digits may be missing: Kubernetes reads a lone `m` or `.` as zero. White space
    /// around it does not matter.
    ///
    /// ```
    /// use dryjob::model::Quantity;
    ///
    /// let cpu = Quantity::parse("0.25").expect("a quantity");
    /// assert_eq!((cpu.milli(), cpu.units()), (250, 1));
    /// assert_eq!(Quantity::parse("1.5Gi").map(Quantity::units), Some(1_610_612_736));
    /// assert_eq!(Quantity::parse("1 GB"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, after) = digits(unsigned);
        let (fraction, unit) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        let scale = Scale::of(unit).filter(|_| !text.is_empty())?;
        let nanos = scale.nanos(whole, fraction);
        let nanos = if text.starts_with('-') { -nanos } else { nanos };
        Some(Self { nanos })
    }

    /// Whole units, rounded up (away from zero).
    #[must_use]
    pub fn units(self) -> i64 {
        self.ceiling(NANOS)
    }

    /// Thousandths, rounded up (away from zero), and cut to 64 bits.
    #[must_use]
    pub fn milli(self) -> i64 {
        self.ceiling(NANOS / 1000)
    }

    fn ceiling(self, unit: i128) -> i64 {
        let more = i128::from(self.nanos % unit != 0) * self.nanos.signum();
        let most = i64::MAX;
        i64::try_from(self.nanos / unit + more).unwrap_or(if self.nanos < 0 { -most } else { most })
    }
}

/// Reads a quantity as [`WrittenQuantity`] does: white space around it is refused.
impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Ok(text.parse::<WrittenQuantity>()?.value())
    }
}

/// The digits that a text begins with, and the rest.
fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(end)
}

/// What a number is multiplied by: 10^ten × 2^two.
struct Scale {
    ten: i32,
    two: u32,
}

impl Scale {
    fn of(unit: &str) -> Option<Self> {
        let (ten, two) = match unit {
            "n" => (-9, 0),
            "u" => (-6, 0),
            "m" => (-3, 0),
            "" => (0, 0),
            "k" => (3, 0),
            "M" => (6, 0),
            "G" => (9, 0),
            "T" => (12, 0),
            "P" => (15, 0),
            "E" => (18, 0),
            "Ki" => (0, 10),
            "Mi" => (0, 20),
            "Gi" => (0, 30),
            "Ti" => (0, 40),
            "Pi" => (0, 50),
            "Ei" => (0, 60),
            exponent => (exponent.strip_prefix(['e', 'E'])?.parse().ok()?, 0),
        };
        Some(Self { ten, two })
    }

    /// Billionths in `whole.fraction` of this unit, rounded up and cut.
    fn nanos(&self, whole: &str, fraction: &str) -> i128 {
        // Nearly all quantities are short and whole: then nothing is rounded.
        let scale = u32::try_from(self.ten + 9).ok().filter(|ten| *ten <= 18);
        if let (Some(ten), true, 1..=18) = (scale, fraction.is_empty(), whole.len()) {
            let digit = |number: i128, digit: u8| number * 10 + i128::from(digit - b'0');
            let number = whole.bytes().fold(0, digit) * 10_i128.pow(ten);
            let nanos = number.checked_mul(1 << self.two);
            return nanos.unwrap_or(MOST).min(MOST);
        }
        let all = whole.bytes().chain(fraction.bytes());
        let mut rest = all
            .map(|digit| digit - b'0')
            .skip_while(|digit| *digit == 0);
        let zeros = whole.len() + fraction.len() - rest.clone().count();
        // Where the point is among the digits from the first that is not 0, counted in billionths.
        let point = i64::try_from(whole.len()).unwrap_or(i64::MAX) + i64::from(self.ten) + 9
            - i64::try_from(zeros).unwrap_or(i64::MAX);
        if rest.clone().next().is_none() {
            return 0;
        }
        if point > 40 {
            return MOST;
        }
        let mut nanos: i128 = 0;
        for _ in 0..point {
            let digit = rest.next().unwrap_or(0);
            nanos = nanos.saturating_mul(10).saturating_add(digit.into());
        }
        // A fraction that is a whole number of 2^60ths ends within 60 digits, so of the others only
        // whether there are any can matter.
        let lead = usize::try_from(-point).unwrap_or(0).min(FRACTION);
        let mut parts = [0; FRACTION];
        for part in &mut parts[lead..] {
            *part = rest.next().unwrap_or(0);
        }
        let finer = rest.any(|digit| digit != 0);
        for _ in 0..self.two {
            nanos = nanos.saturating_mul(2) + double(&mut parts);
        }
        let up = finer || parts.iter().any(|part| *part != 0);
        nanos.saturating_add(up.into()).min(MOST)
    }
}

/// Doubles the digits after the point, and gives what goes over it.
fn double(parts: &mut [u8; FRACTION]) -> i128 {
    let mut carry = 0;
    for part in parts.iter_mut().rev() {
        let twice = *part * 2 + carry;
        (*part, carry) = (twice % 10, twice / 10);
    }
    carry.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: i64 = i64::MAX;

    /// A text, its thousandths and its whole units.
    const VALUES: [(&str, i64, i64); 47] = [
        ("0", 0, 0),
        ("1", 1000, 1),
        ("+1", 1000, 1),
        ("007", 7000, 7),
        (" 2 ", 2000, 2),
        ("0.5", 500, 1),
        ("1.", 1000, 1),
        (".5", 500, 1),
        (".", 0, 0),
        ("+", 0, 0),
        ("m", 0, 0),
        ("Ki", 0, 0),
        ("100m", 100, 1),
        ("0.1m", 1, 1),
        ("1500m", 1500, 2),
        ("2000m", 2000, 2),
        ("250u", 1, 1),
        ("1000u", 1, 1),
        ("1001u", 2, 1),
        ("1n", 1, 1),
        ("0.0001n", 1, 1),
        ("1000000n", 1, 1),
        ("1000001n", 2, 1),
        ("1k", 1_000_000, 1000),
        ("1.5k", 1_500_000, 1500),
        ("3M", 3_000_000_000, 3_000_000),
        ("1G", 1_000_000_000_000, 1_000_000_000),
        ("2T", 2_000_000_000_000_000, 2_000_000_000_000),
        ("5P", 5_000_000_000_000_000_000, 5_000_000_000_000_000),
        ("1E", MAX, 1_000_000_000_000_000_000),
        ("10E", MAX, MAX),
        ("1Ki", 1_024_000, 1024),
        ("0.1Ki", 102_400, 103),
        ("1.5Gi", 1_610_612_736_000, 1_610_612_736),
        ("64Mi", 67_108_864_000, 67_108_864),
        ("0.3Ti", 329_853_488_332_800, 329_853_488_333),
        ("7Ei", MAX, 8_070_450_532_247_928_832),
        ("8Ei", MAX, MAX),
        ("1e3", 1_000_000, 1000),
        ("1E-3", 1, 1),
        ("12.5e1", 125_000, 125),
        ("1e-400", 1, 1),
        ("1e400", MAX, MAX),
        ("0e400", 0, 0),
        ("-1", -1000, -1),
        ("-1500m", -1500, -2),
        ("-8Ei", -MAX, -MAX),
    ];

    #[test]
    fn quantities_are_read_exactly_and_rounded_up() {
        for (text, milli, units) in VALUES {
            let quantity = Quantity::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (quantity.milli(), quantity.units()),
                (milli, units),
                "{text}"
            );
        }
        let sorted = ["-1", "0", "1n", "999m", "1", "1Ki", "1e4", "1Ei"].map(Quantity::parse);
        assert!(sorted.is_sorted());
        assert_eq!(Some(Quantity::of_units(1024)), Quantity::parse("1Ki"));
        assert_eq!(Some(Quantity::of_units(u64::MAX)), Quantity::parse("8Ei"));
    }

    #[test]
    fn other_texts_are_no_quantities() {
        for text in [
            "",
            " ",
            "1K",
            "1ki",
            "5mi",
            "1_000",
            "abc",
            "--1",
            "+-1",
            "1 Gi",
            "true",
            "1e",
            "1e1.5",
            "1e99999999999",
            "0x10",
            "1.2.3",
            "1Gib",
            "1m5",
            "\u{661}",
        ] {
            assert_eq!(Quantity::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn digits_without_end_still_count() {
        let zeros = "0".repeat(100_000);
        let thousandths = |text: String| Quantity::parse(&text).map(Quantity::milli);
        assert_eq!(thousandths(format!("{zeros}1.5")), Some(1500));
        assert_eq!(thousandths(format!("1.{zeros}1")), Some(1001));
        assert_eq!(thousandths(format!("0.{zeros}1Gi")), Some(1));
        assert_eq!(thousandths(format!("1{zeros}")), Some(MAX));
        assert_eq!(thousandths(format!("1{zeros}e-100000")), Some(1000));
        // 2^-60 of an Ei is one; a little more is rounded up.
        let part = "0.000000000000000000867361737988403547205962240695953369140625";
        let units = |text: String| Quantity::parse(&text).map(Quantity::units);
        assert_eq!(units(format!("{part}Ei")), Some(1));
        assert_eq!(units(format!("{part}{zeros}1Ei")), Some(2));
    }
}
