//! Schedules of `CronJob`s: what `spec.schedule` means, as the cron library of Kubernetes has it.
//!
//! Five fields (minute, hour, day of the month, month, day of the week), descriptors such as
//! `@daily`, and `@every 90m`. The rules differ from those of other cron libraries: 7 is not
//! Sunday, `5/15` goes on to the end of the range, `*/2` in a field for days no longer counts as a
//! star, and an hour that occurs twice is used twice (C50 to C58).

mod calendar;
mod duration;
mod next;
mod parse;
mod zone;

pub use calendar::{Moment, MomentError};
pub use zone::{UnknownZone, Zone};

use parse::Fields;

/// When a `CronJob` makes its Jobs.
///
/// ```
/// use dryjob::model::cron::{Moment, Schedule, Zone};
///
/// let schedule: Schedule = "30 1 * * mon-fri".parse()?;
/// let zone = Zone::find("Europe/Berlin")?;
/// let now: Moment = "2026-10-23T12:00:00Z".parse()?;
/// let next = schedule.next(now, &zone).expect("there is one within five years");
/// // Clocks go back on the Sunday before.
/// assert_eq!(next.to_string(), "2026-10-26T00:30:00Z");
///
/// let error = "0 12 * * 7".parse::<Schedule>().unwrap_err();
/// assert_eq!(error.to_string(), "end of range (7) above maximum (6): 7");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    rule: Rule,
    /// The zone of a `TZ=` before the fields, which counts more than any other.
    own_zone: Option<Zone>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    /// At certain times of the wall clock.
    At(Fields),
    /// Again and again after so many seconds.
    Every(i64),
}

/// Why a text is no schedule, in the words of the cron library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScheduleError(String);

impl Schedule {
    /// The first start after a moment, on the clocks of a zone; none if five calendar years pass
    /// without one (C56).
    #[must_use]
    pub fn next(&self, after: Moment, zone: &Zone) -> Option<Moment> {
        match &self.rule {
            Rule::Every(seconds) => Some(after.plus(*seconds)),
            Rule::At(fields) => next::next(fields, after, self.own_zone.as_ref().unwrap_or(zone)),
        }
    }
}
