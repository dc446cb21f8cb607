//! The search for the next start: field by field, from the largest to the smallest, as the cron
//! library does it, so that changes of the clocks have the same effects (C57, C58).

use super::calendar::{Civil, Moment};
use super::parse::{Fields, STAR};
use super::zone::Zone;

/// Calendar years after which the search is given up.
const YEARS: i64 = 5;

/// A moment with what the clocks of a zone say.
#[derive(Clone, Copy)]
struct Local<'a> {
    seconds: i64,
    wall: Civil,
    zone: &'a Zone,
}

impl<'a> Local<'a> {
    fn at(seconds: i64, zone: &'a Zone) -> Self {
        let wall = Civil::of(seconds.saturating_add(zone.offset(seconds)));
        Self {
            seconds,
            wall,
            zone,
        }
    }

    fn plus(self, seconds: i64) -> Self {
        Self::at(self.seconds.saturating_add(seconds), self.zone)
    }

    /// When the clocks say this. In a gap, the offset that is guessed first decides; where it
    /// happens twice, that may be the first or the second time: it is as Go has it.
    fn when(self, wall: Civil) -> Self {
        let naive = wall.seconds();
        let guess = self.zone.offset(naive);
        let offset = if guess == 0 {
            0
        } else {
            self.zone.offset(naive - guess)
        };
        Self::at(naive - offset, self.zone)
    }

    fn midnight(self) -> Civil {
        Civil {
            hour: 0,
            minute: 0,
            second: 0,
            ..self.wall
        }
    }
}

/// The first start after a moment, on the clocks of a zone.
pub(super) fn next(fields: &Fields, after: Moment, zone: &Zone) -> Option<Moment> {
    let mut t = Local::at(after.plus(1).unix(), zone);
    let last_year = t.wall.year + YEARS;
    // Once a field was moved on, the smaller ones begin at their smallest values.
    let mut moved = false;
    while t.wall.year <= last_year {
        let searched = search_month(fields, &mut t, &mut moved)
            && search_day(fields, &mut t, &mut moved)
            && search_hour(fields, &mut t, &mut moved)
            && search_minute(fields, &mut t, &mut moved)
            && search_second(&mut t, &mut moved);
        if searched {
            return Some(Moment::from_unix(t.seconds));
        }
    }
    None
}

fn has(bits: u64, n: i64) -> bool {
    bits & 1 << n != 0
}

// Each of these moves on to the next value that matches; `false` means that a larger field has
// changed, and is to be looked at again.

fn search_month(fields: &Fields, t: &mut Local<'_>, moved: &mut bool) -> bool {
    while !has(fields.month, t.wall.month) {
        if !std::mem::replace(moved, true) {
            *t = t.when(Civil {
                day: 1,
                ..t.midnight()
            });
        }
        *t = t.when(Civil {
            month: t.wall.month + 1,
            ..t.wall
        });
        if t.wall.month == 1 {
            return false;
        }
    }
    true
}

fn search_day(fields: &Fields, t: &mut Local<'_>, moved: &mut bool) -> bool {
    while !day_matches(fields, t.wall) {
        if !std::mem::replace(moved, true) {
            *t = t.when(t.midnight());
        }
        *t = t.when(Civil {
            day: t.wall.day + 1,
            ..t.wall
        });
        // Midnight does not exist on this day, or the clocks were changed before it.
        let hour = t.wall.hour;
        if hour != 0 {
            let hours = if hour > 12 { 24 - hour } else { -hour };
            *t = t.plus(hours * 3600);
        }
        if t.wall.day == 1 {
            return false;
        }
    }
    true
}

/// Both must match where one of them has a star, else either is enough (C53).
fn day_matches(fields: &Fields, wall: Civil) -> bool {
    let day = has(fields.day, wall.day);
    let weekday = has(fields.weekday, wall.weekday());
    if (fields.day | fields.weekday) & STAR != 0 {
        day && weekday
    } else {
        day || weekday
    }
}

fn search_hour(fields: &Fields, t: &mut Local<'_>, moved: &mut bool) -> bool {
    while !has(fields.hour, t.wall.hour) {
        if !std::mem::replace(moved, true) {
            *t = t.when(Civil {
                minute: 0,
                second: 0,
                ..t.wall
            });
        }
        *t = t.plus(3600);
        if t.wall.hour == 0 {
            return false;
        }
    }
    true
}

fn search_minute(fields: &Fields, t: &mut Local<'_>, moved: &mut bool) -> bool {
    while !has(fields.minute, t.wall.minute) {
        if !std::mem::replace(moved, true) {
            *t = Local::at(t.seconds - t.seconds.rem_euclid(60), t.zone);
        }
        *t = t.plus(60);
        if t.wall.minute == 0 {
            return false;
        }
    }
    true
}

/// Starts are at whole minutes.
fn search_second(t: &mut Local<'_>, moved: &mut bool) -> bool {
    while t.wall.second != 0 {
        *moved = true;
        *t = t.plus(1);
        if t.wall.second == 0 {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::model::cron::{Moment, Schedule, Zone};

    /// The next starts, without dates that all have in common.
    fn starts(schedule: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let schedule: Schedule = schedule.parse().unwrap();
        let zone = Zone::find(zone).unwrap();
        let mut at: Moment = from.parse().unwrap();
        let next = std::iter::from_fn(|| {
            at = schedule.next(at, &zone)?;
            Some(at.to_string())
        });
        next.take(count).collect()
    }

    #[test]
    fn an_hour_that_is_missing_is_not_made_up_and_one_that_comes_twice_counts_twice() {
        let gap = starts("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 2);
        assert_eq!(gap, ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"]);
        let twice = starts("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 3);
        let want = [
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:30:00Z",
            "2026-10-26T01:30:00Z",
        ];
        assert_eq!(twice, want);
        let cairo = starts("0 0 * * *", "Africa/Cairo", "2026-04-22T23:00:00Z", 2);
        assert_eq!(cairo, ["2026-04-24T21:00:00Z", "2026-04-25T21:00:00Z"]);
    }

    #[test]
    fn the_search_ends_after_five_years() {
        let leap = "2096-03-01T00:00:00Z";
        assert_eq!(starts("0 0 29 2 *", "", leap, 1), Vec::<String>::new());
        assert_eq!(
            starts("0 0 30 2 *", "", "2026-01-01T00:00:00Z", 1),
            Vec::<String>::new()
        );
        assert_eq!(
            starts("0 0 29 2 *", "", "2026-01-01T00:00:00Z", 1),
            ["2028-02-29T00:00:00Z"]
        );
    }

    #[test]
    fn intervals_know_no_clock() {
        let every = starts("@every 90m", "Europe/Berlin", "2026-03-29T00:10:07.5Z", 2);
        assert_eq!(every, ["2026-03-29T01:40:07Z", "2026-03-29T03:10:07Z"]);
        assert_eq!(
            starts("@every 1ms", "", "2026-01-01T00:00:00Z", 1),
            ["2026-01-01T00:00:01Z"]
        );
    }
}
