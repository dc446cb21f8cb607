//! Moments, and what a calendar on the wall makes of them.

use std::fmt;
use std::str::FromStr;

/// A second of the calendar, counted from 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// The text is no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time such as 2026-01-31T23:59:59Z")]
pub struct MomentError(String);

impl Moment {
    /// So many seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// So many seconds later.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

/// A date and a time of day, without a zone. Days and months may be out of range: the 32nd of
/// January is the first of February.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
}

const DAY: i64 = 86_400;

impl Civil {
    /// What UTC's calendar says; with an offset added to the seconds, what a zone's says.
    pub(super) fn of(seconds: i64) -> Self {
        let (days, time) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        // Counted in eras of 400 years from the first of March of year 0, so that the leap day is
        // the last of its year.
        let shifted = days.saturating_add(719_468);
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year,
            month,
            day,
            hour: time / 3600,
            minute: time / 60 % 60,
            second: time % 60,
        }
    }

    /// Seconds after 1970 at which UTC's calendar says this.
    pub(super) fn seconds(self) -> i64 {
        let months = self.year * 12 + self.month - 1;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let year = year - i64::from(month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let shifted = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        days * DAY + self.hour * 3600 + self.minute * 60 + self.second
    }

    /// The day of the week, from 0 for Sunday.
    pub(super) fn weekday(self) -> i64 {
        (self.seconds().div_euclid(DAY) + 4).rem_euclid(7)
    }
}

/// RFC 3339, in UTC.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = Civil::of(self.0);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

/// Reads RFC 3339; a fraction of a second is cut off.
impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        moment(text).ok_or_else(|| MomentError(text.to_owned()))
    }
}

fn moment(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let mut part = |digits: usize| number(date.next()?, digits);
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let zone = rest.find(['Z', '+', '-'])?;
    let (time, zone) = rest.split_at(zone);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.splitn(3, ':');
    let mut part = || number(time.next()?, 2);
    let (hour, minute, second) = (part()?, part()?, part()?);
    let offset = if zone == "Z" {
        0
    } else {
        let (hours, minutes) = zone[1..].split_once(':')?;
        let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
        let seconds = hours * 3600 + minutes * 60;
        let sign = if zone.starts_with('-') { -1 } else { 1 };
        (hours < 24 && minutes < 60).then_some(seconds * sign)?
    };
    let civil = Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    };
    let digits = !fraction.is_empty() && fraction.bytes().all(|it| it.is_ascii_digit());
    // A day that is not in its month is another day when it is read again.
    let exists = Civil::of(civil.seconds()) == civil;
    (digits && exists).then(|| Moment(civil.seconds() - offset))
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let fits = text.len() == digits && text.bytes().all(|it| it.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_one_date() {
        for day in (-800_000..2_900_000).step_by(101) {
            let civil = Civil::of(day * DAY + 3661);
            assert_eq!(civil.seconds(), day * DAY + 3661, "{civil:?}");
        }
        let third = Civil::of(0);
        assert_eq!(
            (third.year, third.month, third.day, third.weekday()),
            (1970, 1, 1, 4)
        );
    }

    #[test]
    fn moments_are_read_and_written() {
        for (text, want) in [
            ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
            ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
            ("2026-01-01T00:30:00.9-00:30", "2026-01-01T01:00:00Z"),
        ] {
            assert_eq!(text.parse::<Moment>().unwrap().to_string(), want);
        }
        for text in [
            "",
            "2026-02-29T00:00:00Z",
            "2026-1-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
