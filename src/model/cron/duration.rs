//! Durations as Go reads them, with its errors: `1h30m`, `1.5s`, `300ms`.

use std::fmt::Write as _;

/// Nanoseconds, at most 2^63 − 1 of them either way.
pub(super) fn nanoseconds(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quoted_bytes(text));
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    if unsigned == "0" {
        return Ok(0);
    }
    if unsigned.is_empty() {
        return Err(invalid());
    }
    let mut rest = unsigned;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let end = after.find(|it: char| it == '.' || it.is_ascii_digit());
        let (name, after) = after.split_at(end.unwrap_or(after.len()));
        if name.is_empty() {
            return Err(format!(
                "time: missing unit in duration {}",
                quoted_bytes(text)
            ));
        }
        let Some(unit) = unit(name) else {
            let (name, text) = (quoted_bytes(name), quoted_bytes(text));
            return Err(format!("time: unknown unit {name} in duration {text}"));
        };
        let whole = if whole.is_empty() {
            Some(0)
        } else {
            whole.parse::<u64>().ok()
        };
        let amount = whole
            .and_then(|whole| whole.checked_mul(unit))
            .and_then(|nanos| nanos.checked_add(part(fraction, unit)))
            .and_then(|nanos| nanos.checked_add(total));
        // 2^63 itself is there for a minus sign alone.
        total = amount
            .filter(|nanos| *nanos <= 1 << 63)
            .ok_or_else(invalid)?;
        rest = after;
    }
    match (negative, i64::try_from(total)) {
        (true, Ok(nanos)) => Ok(-nanos),
        (false, Ok(nanos)) => Ok(nanos),
        (true, Err(_)) => Ok(i64::MIN),
        (false, Err(_)) => Err(invalid()),
    }
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(end)
}

fn unit(name: &str) -> Option<u64> {
    Some(match name {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// A fraction of a unit, cut down to whole nanoseconds.
fn part(fraction: &str, unit: u64) -> u64 {
    // Digits beyond these are less than any nanosecond.
    let digits = &fraction[..fraction.len().min(20)];
    let scale = 10_u128.pow(u32::try_from(digits.len()).unwrap_or(0));
    let nanos = digits.parse().unwrap_or(0) * u128::from(unit);
    u64::try_from(nanos / scale).unwrap_or(0)
}

/// A number in hexadecimal digits, behind a backslash and a letter.
fn escape(quoted: &mut String, kind: char, width: usize, number: u32) {
    quoted.extend(['\\', kind]);
    // Texts take all that is written to them.
    let _ = write!(quoted, "{number:0width$x}");
}

/// A text in quotes, as Go's `time` writes it: bytes that are not printable ASCII as `\xNN`.
fn quoted_bytes(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' | 0x7f => quoted.push(char::from(byte)),
            _ => escape(&mut quoted, 'x', 2, u32::from(byte)),
        }
    }
    quoted + "\""
}

/// A text in quotes, as Go's `strconv` writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\u{7}' => quoted += "\\a",
            '\u{8}' => quoted += "\\b",
            '\u{c}' => quoted += "\\f",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            '\u{b}' => quoted += "\\v",
            '\0'..='\u{1f}' | '\u{7f}' => escape(&mut quoted, 'x', 2, u32::from(letter)),
            _ if letter.escape_debug().len() == 1 => quoted.push(letter),
            '\u{80}'..='\u{ffff}' => escape(&mut quoted, 'u', 4, u32::from(letter)),
            _ => escape(&mut quoted, 'U', 8, u32::from(letter)),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        let second = 1_000_000_000;
        for (text, want) in [
            ("0", 0),
            ("1s", second),
            ("1.5s", second * 3 / 2),
            ("1h1m1s", 3661 * second),
            ("-2m", -120 * second),
            (".5h", 1800 * second),
            ("0.3333333333333333333h", 1_199_999_999_999),
            ("1.0000000001s", second),
            ("100µs", 100_000),
        ] {
            assert_eq!(nanoseconds(text), Ok(want), "{text}");
        }
        for (text, want) in [
            ("", "time: invalid duration \"\""),
            ("-", "time: invalid duration \"-\""),
            ("1d", "time: unknown unit \"d\" in duration \"1d\""),
            ("1", "time: missing unit in duration \"1\""),
            ("s", "time: invalid duration \"s\""),
            (".s", "time: invalid duration \".s\""),
            ("99999999999h", "time: invalid duration \"99999999999h\""),
            (
                "1é",
                "time: unknown unit \"\\xc3\\xa9\" in duration \"1\\xc3\\xa9\"",
            ),
        ] {
            assert_eq!(nanoseconds(text).unwrap_err(), want, "{text}");
        }
    }

    #[test]
    fn texts_are_quoted_as_go_quotes_them() {
        assert_eq!(quoted("a\"\\\n\u{1}é\u{200b}"), r#""a\"\\\n\x01é\u200b""#);
    }
}
