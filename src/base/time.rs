//! Time as integers: instants and spans in microseconds, wire times in whole seconds.
//!
//! All times count from the *origin* of a run, a whole second shortly before its first event, so
//! an instant and its wire time (what the API server stores) relate by a plain division.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

const MICROS: i64 = 1_000_000;

/// A length of time in microseconds; negative when it points backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

/// A point in time, in microseconds after the run's origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A point in time as the API stores it: whole seconds after the run's origin, cut down.
///
/// Back-off, deadlines and time-to-live are computed from wire times, so they can come up to one
/// second early; the real controllers do the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireTime(i32);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span; adding it to any instant gives [`Instant::NEVER`].
    pub const MAX: Self = Self(i64::MAX);

    /// A span of whole microseconds.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A span of whole milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// A span of whole seconds.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(MICROS))
    }

    /// The span in microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Twice the span, as exponential back-off needs it.
    #[must_use]
    pub const fn doubled(self) -> Self {
        Self(self.0.saturating_mul(2))
    }

    /// `n` times the span.
    #[must_use]
    pub const fn times(self, n: i64) -> Self {
        Self(self.0.saturating_mul(n))
    }
}

impl Instant {
    /// The run's origin.
    pub const ORIGIN: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(i64::MAX);

    /// The instant this many microseconds after the origin.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds after the origin.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The time since `earlier`; negative if that lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// What the API server stores of this instant: its sub-second part is cut off.
    ///
    /// Saturates at 2³¹ − 1 seconds (68 years) after the origin.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // clamped to the range of i32 just before
    pub const fn wire(self) -> WireTime {
        let secs = self.0.div_euclid(MICROS);
        WireTime(if secs > i32::MAX as i64 {
            i32::MAX
        } else {
            secs as i32
        })
    }
}

impl WireTime {
    /// The wire time this many whole seconds after the origin.
    #[must_use]
    pub const fn from_secs(secs: i32) -> Self {
        Self(secs)
    }

    /// Whole seconds after the origin.
    #[must_use]
    pub const fn secs(self) -> i32 {
        self.0
    }

    /// The instant at which this second began.
    #[must_use]
    pub const fn instant(self) -> Instant {
        Instant(self.0 as i64 * MICROS)
    }
}

impl Add<Span> for Instant {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Instant {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub<Span> for Instant {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Reads a duration as Go does: numbers with units, such as `1h30m`, `1.5s` or `250ms`; `0` alone
/// needs no unit. Finer than a microsecond is cut off. Beyond Go there are days of 24 hours,
/// `154d`, as rates of failures are given in them.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Span> {
    if text == "0" {
        return Some(Span::ZERO);
    }
    let mut rest = text;
    let mut micros: i64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let (number, tail) = rest.split_at(digits);
        let unit_end = tail
            .find(|it: char| it.is_ascii_digit() || it == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let nanos: i128 = match unit {
            "d" => 86_400_000_000_000,
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" | "µs" | "μs" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        micros = micros.checked_add(scaled(number, nanos)?)?;
        rest = tail;
    }
    Some(Span(micros))
}

/// A decimal number of units of so many nanoseconds, in whole microseconds.
fn scaled(number: &str, nanos: i128) -> Option<i64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let part = &part[..part.len().min(18)];
    let scale = 10i128.checked_pow(u32::try_from(part.len()).ok()?)?;
    let part: i128 = if part.is_empty() {
        0
    } else {
        part.parse().ok()?
    };
    let total = whole
        .checked_mul(nanos)?
        .checked_add(part.checked_mul(nanos)? / scale)?;
    i64::try_from(total / 1000).ok()
}

/// As Go prints a duration: `1h12m0s`, `4.25s`, `350ms`, `0s`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let text = match micros {
            0 => "0s".to_owned(),
            1..1_000 => format!("{micros}µs"),
            1_000..1_000_000 => format!("{}ms", decimal(micros, 1_000)),
            _ => {
                let (hours, rest) = (micros / 3_600_000_000, micros % 3_600_000_000);
                let (minutes, rest) = (rest / 60_000_000, rest % 60_000_000);
                let rest = decimal(rest, 1_000_000);
                match (hours, minutes) {
                    (0, 0) => format!("{rest}s"),
                    (0, _) => format!("{minutes}m{rest}s"),
                    _ => format!("{hours}h{minutes}m{rest}s"),
                }
            }
        };
        f.pad(&format!("{sign}{text}"))
    }
}

/// Seconds after the origin, with as many decimals as it takes: `12.5s`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Span(self.0), f)
    }
}

/// `value / unit` in decimals, without trailing zeros.
fn decimal(value: u64, unit: u64) -> String {
    let (whole, part) = (value / unit, value % unit);
    if part == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let digits = format!("{part:0width$}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_print_as_go_prints_them() {
        for (micros, text) in [
            (0, "0s"),
            (250, "250µs"),
            (1_500, "1.5ms"),
            (350_000, "350ms"),
            (4_250_000, "4.25s"),
            (60_000_000, "1m0s"),
            (252_000_000, "4m12s"),
            (4_320_000_000, "1h12m0s"),
            (-1_000_001, "-1.000001s"),
        ] {
            assert_eq!(Span::from_micros(micros).to_string(), text);
        }
    }

    #[test]
    fn durations_read_as_go_reads_them_and_in_days() {
        for (text, micros) in [
            ("0", Some(0)),
            ("30s", Some(30_000_000)),
            ("1m30s", Some(90_000_000)),
            ("1.5h", Some(5_400_000_000)),
            ("250ms", Some(250_000)),
            (".5s", Some(500_000)),
            ("1500ns", Some(1)),
            ("1d12h", Some(129_600_000_000)),
            (".5d", Some(43_200_000_000)),
            ("", None),
            ("30", None),
            ("s", None),
            ("1w", None),
            ("d", None),
            ("1.2.3s", None),
            ("-1s", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(parse_duration(text).map(Span::micros), micros, "{text:?}");
        }
    }

    #[test]
    fn wire_times_are_cut_down() {
        assert_eq!(
            Instant::from_micros(31_900_000).wire(),
            WireTime::from_secs(31)
        );
        assert_eq!(Instant::from_micros(-1).wire(), WireTime::from_secs(-1));
        assert_eq!(Instant::NEVER.wire(), WireTime::from_secs(i32::MAX));
    }

    #[test]
    fn nothing_lies_beyond_never() {
        assert_eq!(Instant::from_micros(5) + Span::MAX, Instant::NEVER);
    }
}
