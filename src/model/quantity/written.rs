//! Quantities as texts: how Kubernetes reads them, and in which form it writes them again.

use std::fmt;
use std::str::FromStr;

use super::{MOST, NANOS, Quantity, Scale, digits};

/// Why a text is no quantity, in Kubernetes' words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantityError {
    /// It is not a number with something behind it.
    #[error(
        "quantities must match the regular expression \
         '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    )]
    Form,
    /// What stands behind the number is neither a unit nor an exponent.
    #[error("unable to parse quantity's suffix")]
    Suffix,
}

/// The three ways in which a quantity may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `12k`
    Decimal,
    /// `12Ki`
    Binary,
    /// `12e3`
    Exponent,
}

/// A quantity as an object has it: its value, and the text in which Kubernetes writes it.
///
/// The form of the unit is kept (`Mi` stays a power of two, `e3` an exponent), and the largest unit
/// is chosen that needs no fraction. A text that is short and in that form already is kept as it
/// is, even with zeros before it.
///
/// ```
/// use dryjob::model::WrittenQuantity;
///
/// let text = |written: &str| written.parse::<WrittenQuantity>().map(|it| it.to_string());
/// assert_eq!(text("1.5Gi").as_deref(), Ok("1536Mi"));
/// assert_eq!(text("0.25").as_deref(), Ok("250m"));
/// assert_eq!(text("1500e3").as_deref(), Ok("1500e3"));
/// assert!(text("1 GB").is_err() && text("1K").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenQuantity {
    value: Quantity,
    form: Form,
    negative: bool,
    /// Its digits, without zeros before and behind them; empty for 0.
    digits: String,
    /// The power of ten of the last digit.
    exponent: i64,
    /// The text, where it is kept.
    kept: Option<String>,
}

impl WrittenQuantity {
    /// The exact value, as far as [`Quantity`] holds it.
    #[must_use]
    pub fn value(&self) -> Quantity {
        self.value
    }

    /// The same rounded up to thousandths, the finest amounts that pods know.
    #[must_use]
    pub fn rounded_up_to_milli(mut self) -> Self {
        if self.kept.is_some() && self.exponent >= -3 {
            return self;
        }
        self.kept = None;
        self.round_up(-3);
        self
    }

    /// Rounds away from zero, to a multiple of a power of ten.
    fn round_up(&mut self, power: i64) {
        if self.digits.is_empty() || self.exponent >= power {
            return;
        }
        // Nothing but zeros is behind the digits, so something is lost.
        let cut = usize::try_from(power - self.exponent).unwrap_or(usize::MAX);
        let kept = self.digits.len().saturating_sub(cut);
        self.digits.truncate(kept);
        let nines = self.digits.bytes().rev().take_while(|it| *it == b'9');
        let kept = kept - nines.count();
        self.exponent = power + i64::try_from(self.digits.len() - kept).unwrap_or(0);
        self.digits.truncate(kept);
        let last = self.digits.pop().and_then(|it| it.to_digit(10));
        let next = last.unwrap_or(0) + 1;
        self.digits.extend(char::from_digit(next, 10));
        let nanos = self.digits.parse::<i128>().ok().and_then(|digits| {
            let zeros = u32::try_from(self.exponent + 9).ok()?;
            digits.checked_mul(10_i128.checked_pow(zeros)?)
        });
        let nanos = nanos.map_or(MOST, |nanos| nanos.min(MOST));
        self.value.nanos = if self.negative { -nanos } else { nanos };
    }

    /// The digits of a whole number, in units of `exponent`.
    fn set_digits(&mut self, all: &str, exponent: i64) {
        let all = all.trim_start_matches('0');
        let short = all.trim_end_matches('0');
        self.exponent = exponent + i64::try_from(all.len() - short.len()).unwrap_or(0);
        short.clone_into(&mut self.digits);
    }

    /// In powers of 1024, if that loses nothing.
    fn in_binary(&self) -> Option<String> {
        let nanos = self.value.nanos;
        let mut whole = nanos / NANOS;
        if nanos % NANOS != 0 || whole.abs() < 1024 {
            return None;
        }
        let units = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        let mut unit = 0;
        while whole % 1024 == 0 && unit + 1 < units.len() {
            whole /= 1024;
            unit += 1;
        }
        Some(format!("{whole}{}", units[unit]))
    }
}

impl FromStr for WrittenQuantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        if text.is_empty() {
            return Err(QuantityError::Form);
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, after) = digits(unsigned);
        let (fraction, suffix) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        if !is_suffix(suffix) {
            return Err(QuantityError::Form);
        }
        let scale = Scale::of(suffix).ok_or(QuantityError::Suffix)?;
        let form = match suffix.as_bytes() {
            [_, b'i'] => Form::Binary,
            [b'e' | b'E', _, ..] => Form::Exponent,
            _ => Form::Decimal,
        };
        let negative = text.starts_with('-');
        let nanos = scale.nanos(whole, fraction);
        let nanos = if negative { -nanos } else { nanos };
        let mut written = Self {
            value: Quantity { nanos },
            form,
            negative,
            digits: String::new(),
            exponent: 0,
            kept: None,
        };
        if form == Form::Binary {
            written.set_digits(&nanos.abs().to_string(), -9);
            if nanos.abs() < NANOS {
                written.form = Form::Decimal;
            }
        } else {
            let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
            written.set_digits(&format!("{whole}{fraction}"), i64::from(scale.ten) - places);
            written.round_up(-9);
        }
        if is_kept(whole.trim_start_matches('0'), fraction, &scale, form) {
            written.kept = Some(text.to_owned());
        }
        Ok(written)
    }
}

/// Whether something behind a number may be a unit or an exponent.
fn is_suffix(text: &str) -> bool {
    let rest = text.trim_start_matches(|it| "eEinumkKMGTP".contains(it));
    let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    rest.bytes().all(|it| it.is_ascii_digit())
}

/// Whether Kubernetes keeps a text as it is, as it does on its quick way through short texts that
/// are in their final form.
fn is_kept(whole: &str, fraction: &str, scale: &Scale, form: Form) -> bool {
    if whole.is_empty() {
        return false;
    }
    if form == Form::Binary {
        // A thousand and twenty-four is three digits of the fifteen that are sure to fit.
        let unit = usize::try_from(scale.two * 3 / 10).unwrap_or(usize::MAX);
        let short = fraction.is_empty() && whole.len() + unit < 15;
        return short && whole.parse::<u64>().is_ok_and(|n| n % 8 != 0);
    }
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    let scale = scale.ten.saturating_sub(places);
    let short = whole.len() + fraction.len() <= 18 && scale >= -9;
    let zeros = fraction.ends_with("000") || [whole, fraction].concat().ends_with("000");
    short && scale % 3 == 0 && !zeros
}

impl fmt::Display for WrittenQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kept) = &self.kept {
            return f.write_str(kept);
        }
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        if let Some(binary) = self.in_binary().filter(|_| self.form == Form::Binary) {
            return f.write_str(&binary);
        }
        let exponent = self.exponent - self.exponent.rem_euclid(3);
        let zeros = usize::try_from(self.exponent - exponent).unwrap_or(0);
        let sign = if self.negative { "-" } else { "" };
        write!(f, "{sign}{}{}", self.digits, &"00"[..zeros])?;
        match (self.form, exponent) {
            (_, 0) => Ok(()),
            (Form::Exponent, _) => write!(f, "e{exponent}"),
            _ => f.write_str(match exponent {
                -9 => "n",
                -6 => "u",
                -3 => "m",
                3 => "k",
                6 => "M",
                9 => "G",
                12 => "T",
                15 => "P",
                18 => "E",
                // Kubernetes has no unit for more, and writes none.
                _ => "",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str) -> String {
        match written.parse::<WrittenQuantity>() {
            Ok(quantity) => quantity.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn quantities_are_written_in_the_largest_unit_that_fits() {
        for (written, want) in [
            ("0", "0"),
            ("00", "0"),
            ("007", "007"),
            ("1000", "1k"),
            ("1500", "1500"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("1.5Gi", "1536Mi"),
            ("4096Ki", "4Mi"),
            ("512Ki", "512Ki"),
            ("0.5Ki", "512"),
            ("0.3Ki", "307200m"),
            ("1Ki", "1Ki"),
            ("1025Ki", "1025Ki"),
            ("12e6", "12e6"),
            ("1200e4", "12e6"),
            ("1e1", "10"),
            ("0.0000000001", "1n"),
            ("9.9999999999n", "10n"),
            ("-0.5", "-500m"),
            ("-2048Ki", "-2Mi"),
            ("8Ei", "9223372036854775807"),
            ("0.1Ei", "115292150460684697600m"),
            (".", "0"),
            ("m", "0"),
        ] {
            assert_eq!(text(written), want, "{written}");
        }
    }

    #[test]
    fn thousandths_are_the_finest_of_pods() {
        for (written, want) in [
            ("1u", "1m"),
            ("1500u", "2m"),
            ("999999u", "1"),
            ("1.0001Ki", "1024103m"),
            ("1Mi", "1Mi"),
            ("007", "007"),
            ("0", "0"),
            ("-1u", "-1m"),
        ] {
            let quantity = written.parse::<WrittenQuantity>().unwrap();
            let rounded = quantity.rounded_up_to_milli();
            assert_eq!(rounded.to_string(), want, "{written}");
            assert_eq!(want.parse::<Quantity>(), Ok(rounded.value()), "{written}");
        }
    }

    #[test]
    fn other_texts_are_refused_in_the_words_of_kubernetes() {
        for written in ["", "a", "1_000", "1e1.5", "1 Gi", " 1", "1Gib"] {
            assert!(text(written).contains("regular expression"), "{written}");
        }
        for written in ["1K", "1e", "1ki", "1mi5", "1m5", "1-", "--1"] {
            assert_eq!(
                text(written),
                "unable to parse quantity's suffix",
                "{written}"
            );
        }
    }
}
