//! Time zones by their names, from a database that is part of the program.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A time zone of the IANA database, such as `Europe/Berlin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// There is no such time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownZone(String);

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Finds a zone by its name, in exactly the case of the database. An empty name is UTC.
    ///
    /// # Errors
    /// The database has no such zone; said in the words of Go.
    pub fn find(name: &str) -> Result<Self, UnknownZone> {
        if matches!(name, "" | "UTC") {
            return Ok(Self::UTC);
        }
        if name.contains("..") || name.starts_with(['/', '\\']) {
            return Err(UnknownZone("time: invalid location name".to_owned()));
        }
        let found = TimeZoneDatabase::bundled().get(name).ok();
        match found.filter(|zone| !zone.is_unknown() && zone.iana_name() == Some(name)) {
            Some(zone) => Ok(Self(zone)),
            None => Err(UnknownZone(format!("unknown time zone {name}"))),
        }
    }

    /// Seconds by which the zone's clocks are ahead of UTC, so many seconds after 1970.
    pub(super) fn offset(&self, seconds: i64) -> i64 {
        let (first, last) = (Timestamp::MIN, Timestamp::MAX);
        let seconds = seconds.clamp(first.as_second(), last.as_second());
        let at = Timestamp::from_second(seconds).unwrap_or(last);
        self.0.to_offset(at).seconds().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_their_exact_names() {
        for name in [
            "",
            "UTC",
            "Etc/UTC",
            "Europe/Berlin",
            "EST5EDT",
            "US/Eastern",
            "Asia/Calcutta",
        ] {
            assert!(Zone::find(name).is_ok(), "{name}");
        }
        for name in [
            "utc",
            "europe/berlin",
            "Nowhere",
            "Etc/Unknown",
            "..",
            "/etc/localtime",
            "Local",
        ] {
            assert!(Zone::find(name).is_err(), "{name}");
        }
    }

    #[test]
    fn offsets_follow_the_seasons() {
        let berlin = Zone::find("Europe/Berlin").unwrap();
        assert_eq!(
            (berlin.offset(1_767_225_600), berlin.offset(1_782_864_000)),
            (3600, 7200)
        );
        assert_eq!(Zone::UTC.offset(i64::MAX), 0);
    }
}
