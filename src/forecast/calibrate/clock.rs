//! Times as the API writes them: `2026-03-01T12:00:00Z`.

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use std::fmt;

/// Whole seconds since 1970; the API cuts the rest of a second off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Second(pub(super) i64);

impl Second {
    /// The seconds since an earlier time.
    pub(super) const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl<'de> Deserialize<'de> for Second {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Time;
        impl Visitor<'_> for Time {
            type Value = Second;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as \"2026-03-01T12:00:00Z\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Second, E> {
                let wrong = || E::invalid_value(serde::de::Unexpected::Str(text), &self);
                read(text).ok_or_else(wrong)
            }
        }
        from.deserialize_str(Time)
    }
}

/// Reads RFC 3339, from the year 0 to 9999.
fn read(text: &str) -> Option<Second> {
    let (date, rest) = text.split_at_checked(11)?;
    let (clock, rest) = rest.split_at_checked(8)?;
    // Each number has two digits, but for the year.
    let numbers = |text: &str, mark: char| -> Option<Vec<i64>> {
        let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
        let wide = |it: &str| it.len() == 2 || (it.len() == 4 && mark == '-');
        text.split(mark)
            .map(|it| it.parse().ok().filter(|_| digits(it) && wide(it)))
            .collect()
    };
    let date = numbers(date.strip_suffix('T').filter(|it| it.len() == 10)?, '-')?;
    let clock = numbers(clock, ':')?;
    let (&[year, month, day], &[hour, minute, second]) = (&date[..], &clock[..]) else {
        return None;
    };
    let in_range = (1..=12).contains(&month) && (1..=31).contains(&day);
    // A leap second is a second like any other.
    if !in_range || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let zone = match rest.strip_prefix('.') {
        Some(part) => part.trim_start_matches(|it: char| it.is_ascii_digit()),
        None => rest,
    };
    let offset = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign @ ("+" | "-"), zone) => match numbers(zone, ':')?[..] {
            [hours, minutes] => (hours * 60 + minutes) * if sign == "+" { 60 } else { -60 },
            _ => return None,
        },
        _ => return None,
    };
    let of_day = hour * 3600 + minute * 60 + second;
    Some(Second(days(year, month, day) * 86_400 + of_day - offset))
}

/// Days from 1970-01-01, by counting years from March on, so that leap days come last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_since_1970() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-03-01T00:00:00Z", 951_868_800),
            ("2024-02-29T23:59:59Z", 1_709_251_199),
            ("2026-11-28T22:18:00.123456Z", 1_795_904_280),
            ("2026-11-28T22:18:00+02:00", 1_795_897_080),
            ("2026-11-28T22:18:00.5-00:30", 1_795_906_080),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
        ] {
            assert_eq!(read(text), Some(Second(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "now",
            "2026-11-28",
            "2026-11-28T22:18:00",
            "2026-13-28T22:18:00Z",
            "2026-11-28T24:18:00Z",
            "2026-11-28 22:18:00Z",
            "2026-1-128T22:18:00Z",
            "2026-11-28T22:18:00ZZ",
            "2026-11-28T22:18:00+2:000",
            "-026-11-28T22:18:00Z",
            "2026-11-28T22:18:0éZ",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
