//! The forms of texts with a type of their own: quantities and times. Only whether they are well
//! formed is asked here, not what they mean.

use crate::model::Quantity;

/// What the API server says of a text that is no quantity.
pub(super) const REFUSAL: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// Whether a text is a quantity.
pub(super) fn is_quantity(text: &str) -> bool {
    Quantity::parse(text).is_some()
}

/// Whether a text is a time as RFC 3339 has it.
pub(super) fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let two = |at: usize| match bytes.get(at..at + 2) {
        Some(&[a, b]) if a.is_ascii_digit() && b.is_ascii_digit() => {
            Some(u32::from(a - b'0') * 10 + u32::from(b - b'0'))
        }
        _ => None,
    };
    let has = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    let within =
        |at: usize, low: u32, high: u32| two(at).is_some_and(|n| (low..=high).contains(&n));
    let year = two(0)
        .zip(two(2))
        .map(|(century, year)| century * 100 + year);
    let month = two(5).unwrap_or(0);
    let leap = year.is_some_and(|y| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let date = year.is_some() && has(4, b'-') && within(5, 1, 12) && has(7, b'-');
    let clock = has(10, b'T') && within(11, 0, 23) && has(13, b':') && within(14, 0, 59);
    if !(date && within(8, 1, days) && clock && has(16, b':') && within(17, 0, 59)) {
        return false;
    }
    let mut zone = 19;
    if has(19, b'.') || has(19, b',') {
        let digits = bytes[20..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 {
            return false;
        }
        zone = 20 + digits;
    }
    if has(zone, b'Z') {
        return bytes.len() == zone + 1;
    }
    let signed = has(zone, b'+') || has(zone, b'-');
    signed
        && within(zone + 1, 0, 23)
        && has(zone + 3, b':')
        && within(zone + 4, 0, 59)
        && bytes.len() == zone + 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_known_units() {
        for text in [
            "1", "0.5", "1.", ".5", "+1Gi", "-2m", ".", "m", "1e3", "1E-3", "1E", "1e+3",
        ] {
            assert!(is_quantity(text), "{text}");
        }
        for text in [
            "", "1K", "1ki", "1_000", "abc", "--1", "1 Gi", "true", "1e", "1e1.5",
        ] {
            assert!(!is_quantity(text), "{text}");
        }
    }

    #[test]
    fn times_have_a_zone() {
        for text in ["2026-01-31T23:59:59Z", "2024-02-29T00:00:00.5+02:00"] {
            assert!(is_time(text), "{text}");
        }
        for text in [
            "",
            "2026-01-31",
            "2026-02-29T00:00:00Z",
            "2026-01-31T23:59:59",
            "é",
        ] {
            assert!(!is_time(text), "{text}");
        }
    }
}
