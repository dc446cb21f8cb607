//! Schedules are read: fields, descriptors, and the errors of the cron library.

use std::str::FromStr;

use super::zone::Zone;
use super::{Rule, Schedule, ScheduleError, duration};

/// For each field the values that match, as bits; the top bit says that it has a star.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) minute: u64,
    pub(super) hour: u64,
    pub(super) day: u64,
    pub(super) month: u64,
    pub(super) weekday: u64,
}

/// The bit by which the rule for days knows a star (C53).
pub(super) const STAR: u64 = 1 << 63;

struct Bounds {
    min: u64,
    max: u64,
    names: &'static [&'static str],
}

const MINUTES: Bounds = bounds(0, 59, &[]);
const HOURS: Bounds = bounds(0, 23, &[]);
const DAYS: Bounds = bounds(1, 31, &[]);
const MONTHS: Bounds = bounds(
    1,
    12,
    &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
);
const WEEKDAYS: Bounds = bounds(0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]);

const fn bounds(min: u64, max: u64, names: &'static [&'static str]) -> Bounds {
    Bounds { min, max, names }
}

type Parsed<T> = Result<T, ScheduleError>;

fn refuse<T>(words: impl Into<String>) -> Parsed<T> {
    Err(ScheduleError(words.into()))
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Parsed<Self> {
        if text.is_empty() {
            return refuse("empty spec string");
        }
        let mut rest = text;
        let mut own_zone = None;
        let prefixes = ["TZ=", "CRON_TZ="];
        if let Some(behind) = prefixes.iter().find_map(|it| text.strip_prefix(it)) {
            let Some((name, fields)) = behind.split_once(' ') else {
                // The library falls over here, and Kubernetes catches it (C55).
                let words = "runtime error: slice bounds out of range [:-1]";
                return refuse(format!("invalid schedule format: {words}"));
            };
            // What is local to the program is what the zone of the schedule says.
            if name != "Local" {
                own_zone = match Zone::find(name) {
                    Ok(zone) => Some(zone),
                    Err(error) => {
                        return refuse(format!("provided bad location {name}: {error}"));
                    }
                };
            }
            rest = fields.trim();
        }
        let rule = if rest.starts_with('@') {
            descriptor(rest)?
        } else {
            Rule::At(fields(rest)?)
        };
        Ok(Self { rule, own_zone })
    }
}

fn fields(text: &str) -> Parsed<Fields> {
    let all: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = all[..] else {
        let found = format!("found {}: [{}]", all.len(), all.join(" "));
        return refuse(format!("expected exactly 5 fields, {found}"));
    };
    Ok(Fields {
        minute: field(minute, &MINUTES)?,
        hour: field(hour, &HOURS)?,
        day: field(day, &DAYS)?,
        month: field(month, &MONTHS)?,
        weekday: field(weekday, &WEEKDAYS)?,
    })
}

fn descriptor(text: &str) -> Parsed<Rule> {
    let star = |of: &Bounds| range(of.min, of.max, 1) | STAR;
    let midnight = Fields {
        minute: 1,
        hour: 1,
        day: star(&DAYS),
        month: star(&MONTHS),
        weekday: star(&WEEKDAYS),
    };
    let fields = match text {
        "@yearly" | "@annually" => Fields {
            day: 1 << 1,
            month: 1 << 1,
            ..midnight
        },
        "@monthly" => Fields {
            day: 1 << 1,
            ..midnight
        },
        "@weekly" => Fields {
            weekday: 1,
            ..midnight
        },
        "@daily" | "@midnight" => midnight,
        "@hourly" => Fields {
            hour: star(&HOURS),
            ..midnight
        },
        _ => {
            return match text.strip_prefix("@every ") {
                None => refuse(format!("unrecognized descriptor: {text}")),
                Some(written) => match duration::nanoseconds(written) {
                    Ok(nanos) => Ok(Rule::Every((nanos / 1_000_000_000).max(1))),
                    Err(words) => refuse(format!("failed to parse duration {text}: {words}")),
                },
            };
        }
    };
    Ok(Rule::At(fields))
}

/// A list of ranges; empty items are passed over (C51).
fn field(text: &str, of: &Bounds) -> Parsed<u64> {
    let items = text.split(',').filter(|item| !item.is_empty());
    items
        .map(|item| interval(item, of))
        .try_fold(0, |all, bits| Ok(all | bits?))
}

/// `*`, `A` or `A-B`, each perhaps with `/STEP`.
fn interval(text: &str, of: &Bounds) -> Parsed<u64> {
    let parts: Vec<&str> = text.split('/').collect();
    let ends: Vec<&str> = parts[0].split('-').collect();
    let mut star = 0;
    let (start, mut end) = if matches!(ends[0], "*" | "?") {
        star = STAR;
        (of.min, of.max)
    } else {
        let start = number_or_name(ends[0], of)?;
        match ends[..] {
            [_] => (start, start),
            [_, end] => (start, number_or_name(end, of)?),
            _ => return refuse(format!("too many hyphens: {text}")),
        }
    };
    let step = match parts[..] {
        [_] => 1,
        [_, step] => {
            let step = number(step)?;
            if ends.len() == 1 {
                end = of.max;
            }
            if step > 1 {
                star = 0;
            }
            step
        }
        _ => return refuse(format!("too many slashes: {text}")),
    };
    let (min, max) = (of.min, of.max);
    if start < min {
        let words = format!("beginning of range ({start}) below minimum ({min}): {text}");
        return refuse(words);
    }
    if end > max {
        let words = format!("end of range ({end}) above maximum ({max}): {text}");
        return refuse(words);
    }
    if start > end {
        let words = format!("beginning of range ({start}) beyond end of range ({end}): {text}");
        return refuse(words);
    }
    if step == 0 {
        return refuse(format!("step of range should be a positive number: {text}"));
    }
    Ok(range(start, end, step) | star)
}

fn range(start: u64, end: u64, step: u64) -> u64 {
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    (start..=end).step_by(step).fold(0, |bits, n| bits | 1 << n)
}

fn number_or_name(text: &str, of: &Bounds) -> Parsed<u64> {
    let lower = text.to_lowercase();
    match (of.min..).zip(of.names).find(|(_, name)| **name == lower) {
        Some((n, _)) => Ok(n),
        None => number(text),
    }
}

fn number(text: &str) -> Parsed<u64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let well_formed = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(n) if well_formed => match u64::try_from(n) {
            Ok(n) => Ok(n),
            Err(_) => refuse(format!("negative number ({n}) not allowed: {text}")),
        },
        _ => {
            let why = if well_formed {
                "value out of range"
            } else {
                "invalid syntax"
            };
            let quoted = duration::quoted(text);
            refuse(format!(
                "failed to parse int from {text}: strconv.Atoi: parsing {quoted}: {why}"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let parsed = text.parse::<Schedule>();
        parsed.map_or_else(|error| error.to_string(), |_| "fine".to_owned())
    }

    #[test]
    fn mistakes_are_told_as_the_library_tells_them() {
        for (text, want) in [
            ("", "empty spec string"),
            ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
            ("0 0 0 * *", "beginning of range (0) below minimum (1): 0"),
            (
                "*/0 * * * *",
                "step of range should be a positive number: */0",
            ),
            ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
            ("1/2/3 * * * *", "too many slashes: 1/2/3"),
            (
                "* * * * fri-mon",
                "beginning of range (5) beyond end of range (1): fri-mon",
            ),
            (
                "a * * * *",
                "failed to parse int from a: strconv.Atoi: parsing \"a\": invalid syntax",
            ),
            (
                "99999999999999999999 * * * *",
                "failed to parse int from 99999999999999999999: strconv.Atoi: parsing \
                 \"99999999999999999999\": value out of range",
            ),
            ("1/-1 * * * *", "negative number (-1) not allowed: -1"),
            ("@Daily", "unrecognized descriptor: @Daily"),
            (
                "@every 1",
                "failed to parse duration @every 1: time: missing unit in duration \"1\"",
            ),
            (
                "TZ=Nowhere/X * * * * *",
                "provided bad location Nowhere/X: unknown time zone Nowhere/X",
            ),
            (
                "TZ=UTC",
                "invalid schedule format: runtime error: slice bounds out of range [:-1]",
            ),
            ("TZ=UTC 1,,+2 007 ? JAN */2", "fine"),
            ("@every 1h30m", "fine"),
        ] {
            assert_eq!(error(text), want, "{text}");
        }
    }

    #[test]
    fn a_step_of_more_than_one_takes_the_star_away() {
        let star = |text| field(text, &DAYS).unwrap() & STAR != 0;
        assert!(star("*") && star("?") && star("*/1") && star("3,*"));
        assert!(!star("*/2") && !star("1-31"));
        assert_eq!(
            field("5/15", &MINUTES),
            Ok(1 << 5 | 1 << 20 | 1 << 35 | 1 << 50)
        );
    }
}
