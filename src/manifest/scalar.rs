//! What a YAML scalar means to Kubernetes: the rules of YAML 1.1 as its decoder applies them.
//!
//! They differ from YAML 1.2 and from every YAML library for Rust: `yes` and `off` are booleans,
//! `010` is eight, `1_000` a thousand, `3.0` an integer; dates and `1:30` are strings.

use super::node::Kind;

/// The prefix of YAML's own tags.
const YAML: &str = "tag:yaml.org,2002:";

/// A scalar as written.
#[derive(Clone, Copy)]
pub(super) struct Scalar<'a> {
    /// Its text, escapes undone.
    pub(super) text: &'a str,
    /// Whether it stands there without quotes.
    pub(super) plain: bool,
    /// Its tag in full, such as `tag:yaml.org,2002:int`.
    pub(super) tag: Option<&'a str>,
}

impl Scalar<'_> {
    /// Whether this is the key `<<`, which merges another mapping into its own.
    pub(super) fn is_merge(self) -> bool {
        let tagged = self.tag.and_then(|tag| tag.strip_prefix(YAML)) == Some("merge");
        self.text == "<<" && (self.plain && self.tag.is_none() || tagged)
    }

    /// The text that the scalar becomes as a key, since JSON has no other keys.
    pub(super) fn key(self) -> Result<String, String> {
        match self.resolve_any()? {
            Kind::Text(text) => Ok(text),
            Kind::Bool(value) => Ok(value.to_string()),
            #[allow(clippy::cast_precision_loss)] // the key is cut to a 32-bit float anyway
            Kind::Int(n) if integer(&self.text.replace('_', "")).is_none() => {
                Ok(float_key(n as f64))
            }
            Kind::Int(n) => Ok(n.to_string()),
            Kind::Float(x) => Ok(float_key(x)),
            Kind::Null => Err("unsupported map key of type: nil".to_owned()),
            _ => Err("unsupported map key of type: uint64".to_owned()),
        }
    }

    /// The value, or the words in which Kubernetes refuses it.
    pub(super) fn resolve(self) -> Result<Kind, String> {
        self.resolve_any().and_then(finite)
    }

    /// As [`Self::resolve`], but with infinities, which keys may be.
    fn resolve_any(self) -> Result<Kind, String> {
        let text = self.text;
        // A lone `!` asks for what a plain scalar would be, even for one in quotes.
        let (tag, plain) = match self.tag {
            Some("!") => (None, true),
            tag => (tag, self.plain),
        };
        let Some(tag) = tag else {
            return Ok(if plain {
                resolve_plain(text)
            } else {
                Kind::text(text)
            });
        };
        let Some(wanted) = tag.strip_prefix(YAML) else {
            return Ok(Kind::text(text));
        };
        if wanted == "binary" {
            return binary(text);
        }
        if !matches!(wanted, "bool" | "int" | "float" | "null" | "timestamp") {
            return Ok(Kind::text(text));
        }
        let found = resolve_plain(text);
        let name = match &found {
            Kind::Null => "null",
            Kind::Bool(_) => "bool",
            Kind::Int(_) | Kind::Uint(_) => "int",
            Kind::Float(_) => "float",
            Kind::Text(_) if looks_like_a_date(text) => "timestamp",
            _ => "str",
        };
        match (wanted, found) {
            // Nothing changes for it: integral floats count as integers.
            ("float", found @ Kind::Int(_)) => Ok(found),
            (_, found) if wanted == name => Ok(found),
            _ => Err(format!("cannot decode !!{name} `{text}` as a !!{wanted}")),
        }
    }
}

/// JSON has no infinities, and everything passes through JSON.
fn finite(kind: Kind) -> Result<Kind, String> {
    match kind {
        Kind::Float(x) if x.is_nan() => Err("json: unsupported value: NaN".to_owned()),
        Kind::Float(x) if x.is_infinite() && x > 0.0 => {
            Err("json: unsupported value: +Inf".to_owned())
        }
        Kind::Float(x) if x.is_infinite() => Err("json: unsupported value: -Inf".to_owned()),
        kind => Ok(kind),
    }
}

fn resolve_plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Kind::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Kind::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Kind::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Kind::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Kind::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let number = match text.as_bytes()[0] {
        b'.' => float(text),
        b'0'..=b'9' | b'+' | b'-' if text.contains('_') => number(&text.replace('_', "")),
        b'0'..=b'9' | b'+' | b'-' => number(text),
        _ => None,
    };
    number.unwrap_or_else(|| Kind::text(text))
}

fn number(text: &str) -> Option<Kind> {
    integer(text).or_else(|| float(text)).or_else(|| {
        // `0b+1` and `0b-1` are numbers too: the digits after the prefix are read once more.
        let digits = text.strip_prefix("0b")?;
        i64::from_str_radix(digits, 2).ok().map(Kind::Int)
    })
}

/// An integer with the prefixes of Go: `0x`, `0o`, `0b`, or a leading `0` for octal.
fn integer(text: &str) -> Option<Kind> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => ("", &text[1..]),
        b'-' => ("-", &text[1..]),
        _ => ("", text),
    };
    let signed = digits.len() < text.len();
    let prefix = digits.get(..2).map(str::to_ascii_lowercase);
    let (radix, digits) = match prefix.as_deref() {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some(two) if two.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.bytes().next()?.is_ascii_alphanumeric() {
        return None;
    }
    if let Ok(n) = i64::from_str_radix(&format!("{sign}{digits}"), radix) {
        return Some(Kind::Int(n));
    }
    let n = u64::from_str_radix(digits, radix).ok()?;
    (!signed).then_some(Kind::Uint(n))
}

/// A decimal float; an integral one that fits becomes an integer, as its JSON text has no dot.
fn float(text: &str) -> Option<Kind> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let empty = whole.is_empty() && fraction.is_empty();
    if empty || !digits(whole) || !digits(fraction) {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    Some(integral(value).map_or(Kind::Float(value), Kind::Int))
}

/// The integer that a float is, where its shortest text is one and 64 bits hold it.
#[allow(clippy::cast_possible_truncation, clippy::float_cmp)] // whole and in range, just checked
fn integral(value: f64) -> Option<i64> {
    // 2⁶³, exactly.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (value.trunc() == value && value.abs() < LIMIT).then_some(value as i64)
}

/// The four forms of a date that the decoder knows all begin with a year and a dash.
fn looks_like_a_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8 && bytes[4] == b'-' && bytes[..4].iter().all(u8::is_ascii_digit)
}

fn binary(text: &str) -> Result<Kind, String> {
    let refused = || "!!binary value contains invalid base64 data".to_owned();
    let digits = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    let digits = digits.collect::<Vec<_>>();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let mut groups = digits.chunks(4).peekable();
    while let Some(group) = groups.next() {
        let padding = group.iter().rev().take_while(|&&byte| byte == b'=').count();
        let padded = padding > 0 && (padding > 2 || groups.peek().is_some());
        if group.len() < 4 || padded {
            return Err(refused());
        }
        let mut bits = 0;
        for &byte in &group[..4 - padding] {
            bits = bits << 6 | sextet(byte).ok_or_else(refused)?;
        }
        bits <<= 6 * padding;
        let triple: [u8; 4] = u32::to_be_bytes(bits);
        bytes.extend_from_slice(&triple[1..4 - padding]);
    }
    Ok(Kind::text(&String::from_utf8_lossy(&bytes)))
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// The text of a float key as Kubernetes writes it: the shortest that a 32-bit float keeps, with an
/// exponent from 10⁶ on and below 10⁻⁴.
#[allow(clippy::cast_possible_truncation)] // the loss is what Kubernetes does
fn float_key(value: f64) -> String {
    let value = value as f32;
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = exponent.parse::<i32>().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Result<Kind, String> {
        Scalar {
            text,
            plain: true,
            tag: None,
        }
        .resolve()
    }

    fn tagged(tag: &str, text: &str) -> Result<Kind, String> {
        let tag = format!("{YAML}{tag}");
        Scalar {
            text,
            plain: false,
            tag: Some(&tag),
        }
        .resolve()
    }

    #[test]
    fn words_are_yaml_1_1() {
        for text in ["y", "Yes", "on", "TRUE"] {
            assert_eq!(plain(text), Ok(Kind::Bool(true)), "{text}");
        }
        for text in [
            "tRue",
            "oN",
            "null ",
            "nope",
            "=",
            "2024-01-01",
            "1:30",
            "1,000",
            "-",
            "+",
        ] {
            assert_eq!(plain(text), Ok(Kind::text(text)), "{text}");
        }
        assert_eq!(plain("~"), Ok(Kind::Null));
    }

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        let cases = [
            ("010", 8),
            ("0o10", 8),
            ("0x1F", 31),
            ("0b11", 3),
            ("1_000", 1000),
            ("08", 8),
            ("+3", 3),
            ("-0x10", -16),
            ("3.0", 3),
            ("1e1", 10),
            ("1__0", 10),
            ("00", 0),
            ("0X1f", 31),
            ("-0", 0),
            ("1.", 1),
            ("0b-11", -3),
            ("123456e7", 1_234_560_000_000),
        ];
        for (text, value) in cases {
            assert_eq!(plain(text), Ok(Kind::Int(value)), "{text}");
        }
        assert_eq!(
            plain("12345678901234567890"),
            Ok(Kind::Uint(12345678901234567890))
        );
        assert_eq!(plain(".5"), Ok(Kind::Float(0.5)));
        assert_eq!(plain("1e400"), Ok(Kind::text("1e400")));
        assert_eq!(plain("0x"), Ok(Kind::text("0x")));
        assert!(plain(".inf").is_err() && plain(".NaN").is_err());
    }

    #[test]
    fn tags_decide_or_refuse() {
        assert_eq!(tagged("int", "3"), Ok(Kind::Int(3)));
        assert_eq!(tagged("str", "3"), Ok(Kind::text("3")));
        assert_eq!(tagged("float", "3"), Ok(Kind::Int(3)));
        assert_eq!(tagged("binary", "aGVsbG8="), Ok(Kind::text("hello")));
        assert_eq!(tagged("omap", "3"), Ok(Kind::text("3")));
        assert_eq!(
            tagged("int", "~").unwrap_err(),
            "cannot decode !!null `~` as a !!int"
        );
        assert!(tagged("binary", "a=b=").is_err() && tagged("binary", "abc").is_err());
    }

    #[test]
    fn float_keys_have_an_exponent_only_when_long() {
        let cases = [
            (1.5, "1.5"),
            (1e21, "1e+21"),
            (1e6, "1e+06"),
            (1e-7, "1e-07"),
            (0.0001, "0.0001"),
        ];
        for (value, text) in cases {
            assert_eq!(float_key(value), text);
        }
    }
}
