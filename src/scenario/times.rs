//! Times and rates as people write them: numbers, texts with units, and words for their absence.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::base::Span;
use crate::base::time::parse_duration;

/// No time is longer, in seconds; some 317 years.
const LONGEST: f64 = 1e10;

/// A number of seconds as a span of whole milliseconds.
pub(super) fn seconds(secs: f64) -> Result<Span, String> {
    if !(0.0..=LONGEST).contains(&secs) {
        return Err(format!(
            "{secs} is not a time: it has to lie between 0 and 10¹⁰ seconds"
        ));
    }
    #[allow(clippy::cast_possible_truncation)] // checked just above
    Ok(Span::from_millis((secs * 1000.0 + 0.5) as i64))
}

/// A length of time: a number of seconds with decimals, or as Go writes a duration (`1m30s`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Time(pub(super) Span);

/// A length of time that may be told to be endless, or not be told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum When {
    /// The field is not there.
    #[default]
    Untold,
    /// `never` or `null`.
    Never,
    /// A time.
    After(Span),
}

impl When {
    /// The time, where `untold` is what it is if nothing is said.
    pub(super) const fn or(self, untold: Option<Span>) -> Option<Span> {
        match self {
            Self::Untold => untold,
            Self::Never => None,
            Self::After(span) => Some(span),
        }
    }
}

/// Requests a second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Rate {
    /// The field is not there.
    #[default]
    Untold,
    /// `unlimited` or `null`.
    Unlimited,
    /// Thousandths of a request a second.
    Milli(u32),
}

/// What stands in the file.
enum Scalar {
    Nothing,
    Number(f64),
    Text(String),
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;

        impl Visitor<'_> for Any {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a text")
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::Nothing)
            }

            #[allow(clippy::cast_precision_loss)] // no time is that long
            fn visit_i64<E>(self, n: i64) -> Result<Scalar, E> {
                Ok(Scalar::Number(n as f64))
            }

            #[allow(clippy::cast_precision_loss)] // no time is that long
            fn visit_u64<E>(self, n: u64) -> Result<Scalar, E> {
                Ok(Scalar::Number(n as f64))
            }

            fn visit_f64<E>(self, x: f64) -> Result<Scalar, E> {
                Ok(Scalar::Number(x))
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(text.to_owned()))
            }
        }

        from.deserialize_any(Any)
    }
}

impl Scalar {
    fn span(&self) -> Result<Span, String> {
        let longest = seconds(LONGEST)?;
        match self {
            Self::Nothing => Err("a time is missing: write 30s, 1m30s or 250ms".to_owned()),
            Self::Number(secs) => seconds(*secs),
            Self::Text(text) => parse_duration(text)
                .filter(|span| *span <= longest)
                .ok_or_else(|| format!("{text:?} is not a duration: write 30s, 1m30s or 250ms")),
        }
    }

    fn when(&self) -> Result<When, String> {
        match self {
            Self::Nothing => Ok(When::Never),
            Self::Text(text) if text == "never" => Ok(When::Never),
            other => other
                .span()
                .map(When::After)
                .map_err(|words| format!("{words}, or never")),
        }
    }

    fn rate(&self) -> Result<Rate, String> {
        let shown = match self {
            Self::Nothing => return Ok(Rate::Unlimited),
            Self::Text(text) if text == "unlimited" => return Ok(Rate::Unlimited),
            Self::Number(rate) if (0.001..=1e6).contains(rate) => {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // in range
                return Ok(Rate::Milli((rate * 1000.0).round() as u32));
            }
            Self::Number(rate) => rate.to_string(),
            Self::Text(text) => format!("{text:?}"),
        };
        Err(format!(
            "{shown} is no rate: write the requests a second, from 0.001 to 1000000, or unlimited"
        ))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let scalar = Scalar::deserialize(from)?;
        scalar.span().map(Time).map_err(Error::custom)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Scalar::deserialize(from)?.when().map_err(Error::custom)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Scalar::deserialize(from)?.rate().map_err(Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(json: &str) -> String {
        match serde_json::from_str(json) {
            Ok(When::After(span)) => span.to_string(),
            Ok(other) => format!("{other:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn times_are_numbers_of_seconds_or_durations() {
        assert_eq!(when("90"), "1m30s");
        assert_eq!(when("0.25"), "250ms");
        assert_eq!(when("\"1m30s\""), "1m30s");
        assert_eq!(when("null"), "Never");
        assert_eq!(when("\"never\""), "Never");
        assert_eq!(
            when("\"30\""),
            "\"30\" is not a duration: write 30s, 1m30s or 250ms, or never"
        );
        let range = "-1 is not a time: it has to lie between 0 and 10¹⁰ seconds, or never";
        assert_eq!(when("-1"), range);
        assert!(when("\"9999999h\"").contains("is not a duration"));
        assert!(when("true").starts_with("invalid type: boolean `true`, expected a number or"));
    }

    #[test]
    fn rates_are_positive_or_unlimited() {
        let milli = |json| match serde_json::from_str(json) {
            Ok(Rate::Milli(milli)) => milli.to_string(),
            Ok(other) => format!("{other:?}"),
            Err(_) => "-".to_owned(),
        };
        let cases = ["20", "0.5", "\"unlimited\"", "null", "0", "-1", "1e9"];
        let want = ["20000", "500", "Unlimited", "Unlimited", "-", "-", "-"];
        assert_eq!(cases.map(milli), want);
    }
}
