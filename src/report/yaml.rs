//! JSON values written as YAML, so that readers of YAML 1.1 (as Kubernetes' own) and of 1.2 read
//! the same values back.

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter};
use std::io::{self, Write};

/// Writes block style YAML. Strings that any reader might take for something else are quoted.
#[derive(Clone, Debug, Default)]
struct Yaml {
    /// What is open: for each list or mapping, whether something was written into it.
    open: Vec<bool>,
    /// Just behind `- `: the first key stays on the line.
    behind_dash: bool,
    /// The string under way, in JSON's escapes.
    text: String,
    escaped: bool,
}

/// Words that YAML 1.1 reads as something else than a string, in lower case.
const WORDS: &[&str] = &["y", "yes", "n", "no", "true", "false", "on", "off", "null"];

/// Whether the text is a string for every reader, without quotes: it starts with a letter, holds
/// nothing with a meaning, and is no word of YAML's.
fn is_plain(text: &str) -> bool {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ' ');
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(harmless)
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Whether YAML allows the character as it is, between double quotes.
const fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}')
        || matches!(c, '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

/// Passes everything on but a space before a line's end.
#[derive(Debug)]
struct Trim<W> {
    out: W,
    space: bool,
}

impl<W: Write> Write for Trim<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.space) && !bytes.starts_with(b"\n") {
            self.out.write_all(b" ")?;
        }
        let kept = bytes.strip_suffix(b" ");
        self.space = kept.is_some();
        self.out.write_all(kept.unwrap_or(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes a value as a YAML document, without a line end.
///
/// # Errors
/// It cannot be written, or the value cannot be serialised.
pub fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let trim = Trim { out, space: false };
    let mut to = serde_json::Serializer::with_formatter(trim, Yaml::default());
    Ok(value.serialize(&mut to)?)
}

impl Yaml {
    fn new_line<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        if std::mem::take(&mut self.behind_dash) {
            return Ok(());
        }
        let depth = self.open.len().saturating_sub(1);
        if depth > 0 || self.open.last() == Some(&true) {
            writeln!(out)?;
        }
        (0..depth).try_for_each(|_| out.write_all(b"  "))
    }

    fn item<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.new_line(out)?;
        if let Some(filled) = self.open.last_mut() {
            *filled = true;
        }
        Ok(())
    }

    fn escape(&mut self, c: u32) {
        let digits = format!("{c:04x}");
        self.text.extend(["\\u", &digits]);
    }

    fn close<W: ?Sized + Write>(&mut self, out: &mut W, empty: &[u8]) -> io::Result<()> {
        self.behind_dash = false;
        if self.open.pop() == Some(false) {
            out.write_all(empty)
        } else {
            Ok(())
        }
    }
}

impl Formatter for Yaml {
    fn begin_array<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.open.push(false);
        Ok(())
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"[]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, _: bool) -> io::Result<()> {
        self.item(out)?;
        self.behind_dash = true;
        out.write_all(b"- ")
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.behind_dash = false;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.open.push(false);
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"{}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, _: bool) -> io::Result<()> {
        self.item(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn begin_string<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.text.clear();
        self.escaped = false;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, _: &mut W, it: &str) -> io::Result<()> {
        for c in it.chars() {
            if is_printable(c) {
                self.text.push(c);
            } else {
                self.escaped = true;
                self.escape(u32::from(c));
            }
        }
        Ok(())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        _: &mut W,
        it: CharEscape,
    ) -> io::Result<()> {
        self.escaped = true;
        match it {
            CharEscape::Quote => self.text += "\\\"",
            CharEscape::ReverseSolidus => self.text += "\\\\",
            CharEscape::Solidus => self.text += "/",
            CharEscape::Backspace => self.text += "\\b",
            CharEscape::FormFeed => self.text += "\\f",
            CharEscape::LineFeed => self.text += "\\n",
            CharEscape::CarriageReturn => self.text += "\\r",
            CharEscape::Tab => self.text += "\\t",
            CharEscape::AsciiControl(byte) => self.escape(u32::from(byte)),
        }
        Ok(())
    }

    fn end_string<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        if !self.escaped && is_plain(&self.text) {
            out.write_all(self.text.as_bytes())
        } else {
            write!(out, "\"{}\"", self.text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn yaml(value: &Value) -> String {
        let mut out = Vec::new();
        write(value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lists_and_mappings_are_blocks() {
        let value = json!({"a": [], "b": {}, "c": [{"d": 1, "e": [true, null]}, [2], "x"]});
        let text = "a: []\nb: {}\nc:\n  - d: 1\n    e:\n      - true\n      - null\n  - - 2\n  \
                    - x";
        assert_eq!(yaml(&value), text);
    }

    #[test]
    fn what_could_be_something_else_is_quoted() {
        for quoted in [
            "",
            "on",
            "Y",
            "No",
            "~",
            "1_000",
            "0o7",
            "010",
            "1:30",
            "1e3",
            ".inf",
            "-",
            "NULL",
            "a: b",
            "a #b",
            "- a",
            "2001-01-01",
            "a ",
            " a",
            "=",
            "<<",
            "a,b",
            "{}",
            "@",
            "é",
        ] {
            assert_eq!(yaml(&json!(quoted)), format!("\"{quoted}\""));
        }
        for plain in [
            "pod/train-x",
            "Created",
            "Job completed",
            "V1.31",
            "e3",
            "inf",
        ] {
            assert_eq!(yaml(&json!(plain)), plain);
        }
    }

    #[test]
    fn other_readers_read_the_same_value() {
        let value = json!({
            "control": "\u{1}\u{7f}\u{85}\u{2028}\u{feff}",
            "texts": ["a\"b\\c\n\td", "é😀", "on", "0x1f", "..."],
            "on": {"empty": {}, "list": [[], [[1, -2.5]], {"k": [{}]}]},
        });
        assert_eq!(serde_yaml::from_str::<Value>(&yaml(&value)).unwrap(), value);
        let ours = crate::manifest::read_value("t", yaml(&value).as_bytes()).unwrap();
        let strict: Value = crate::manifest::decode(&ours).unwrap();
        assert_eq!(strict, value);
    }
    /// Texts that one reader or another takes for something else, and any others.
    fn texts() -> impl Strategy<Value = String> {
        let ambiguous = "on|off|y|n|yes|No|NULL|~|0o7|0x1F|1_000|1__0|010|08|0b1|1e3|\\.5|1:30|\
                         \\.inf|-\\.NaN|2024-01-01|<<|=|---|\\.\\.\\.|@a|%a|`|!a|&a|\\*a|\\?|\
                         - a|a: b|a #b";
        prop_oneof![ambiguous, "\\PC{0,12}", "[ \t\n:#'\"\\\\-]{0,6}"]
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            texts().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let map = prop::collection::btree_map(texts(), inner.clone(), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                map.prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn kubernetes_reads_back_what_is_written(value in values()) {
            let value = json!({ "value": value });
            let text = yaml(&value);
            let ours = crate::manifest::read_value("t", text.as_bytes()).unwrap();
            prop_assert_eq!(serde_json::to_value(ours.value()).unwrap(), value, "{}", text);
        }
    }
}
