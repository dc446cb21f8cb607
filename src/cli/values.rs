//! Values of arguments: durations as Go writes them, rates, exit codes.

use crate::base::{Span, time};
use std::str::FromStr;

/// How long containers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length(pub(super) Option<Span>);

impl FromStr for Length {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "never" | "forever" => Ok(Self(None)),
            _ => duration(text).map(|span| Self(Some(span))),
        }
    }
}

/// The longest that a run is watched: API times end 68 years after its origin.
const FIFTY_YEARS: Span = Span::from_secs(50 * 365 * 24 * 3600);

/// `30s`, `1h30m`, `250ms`, up to fifty years.
pub(super) fn duration(text: &str) -> Result<Span, String> {
    let span = time::parse_duration(text).ok_or("write a duration as in 30s, 1h30m or 2d")?;
    if span > FIFTY_YEARS {
        return Err("50 years (438000h) is the most".to_owned());
    }
    Ok(span)
}

/// The exit code of a container, or of the only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exit {
    pub(super) container: Option<String>,
    pub(super) code: i32,
}

impl FromStr for Exit {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (container, code) = match text.rsplit_once('=') {
            Some((name, code)) => (Some(name.to_owned()), code),
            None => (None, text),
        };
        let code: u8 = code.parse().map_err(|_| {
            "write CONTAINER=CODE, or CODE alone if there is one container; \
             codes go from 0 to 255"
        })?;
        Ok(Self {
            container,
            code: i32::from(code),
        })
    }
}

/// Requests a second, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate(pub(super) u32);

impl FromStr for Rate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let rate: f64 = text
            .parse()
            .map_err(|_| "write a number, such as 20 or 0.5")?;
        if !(0.001..=1e6).contains(&rate) {
            return Err(
                "it has to lie between 0.001 and 1000000; for none, say --ideal".to_owned(),
            );
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked just above
        Ok(Self((rate * 1000.0).round() as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_read_as_they_are_meant() {
        let exit = |text: &str| text.parse::<Exit>().ok();
        let of = |container: Option<&str>, code| {
            let container = container.map(str::to_owned);
            Some(Exit { container, code })
        };
        assert_eq!(exit("3"), of(None, 3));
        assert_eq!(exit("main=255"), of(Some("main"), 255));
        assert_eq!(
            (exit("main"), exit("main=256"), exit("-1")),
            (None, None, None)
        );
        let rate = |text: &str| text.parse::<Rate>().ok();
        assert_eq!(
            (rate("20"), rate("0.5")),
            (Some(Rate(20_000)), Some(Rate(500)))
        );
        assert_eq!((rate("0"), rate("NaN"), rate("1e99")), (None, None, None));
        assert_eq!("never".parse(), Ok(Length(None)));
        assert_eq!("1m".parse(), Ok(Length(Some(Span::from_secs(60)))));
        assert!(duration("1w").is_err() && duration("9999999h").is_err());
    }
}
