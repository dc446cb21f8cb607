//! JSON with places and repeated keys; a stream of values, as kubectl reads it.

use super::Limits;
use super::diagnostic::Fault;
use super::node::{Entry, Kind, Map, Node, Repeat};
use super::source::Position;

/// Reads values one after another from a text.
pub(super) struct Reader<'a> {
    text: &'a str,
    /// What the rest may cost.
    left: Limits,
    /// The next byte.
    next: usize,
    /// Its line, and where that line begins.
    line: usize,
    line_start: usize,
    /// A byte at which the column is known, to count long lines only once.
    known: (usize, usize),
}

type Read<T> = Result<T, Fault>;

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, limits: &Limits) -> Self {
        Self {
            text,
            left: limits.clone(),
            next: 0,
            line: 1,
            line_start: 0,
            known: (0, 1),
        }
    }

    /// The next value; `None` at the end of the text.
    pub(super) fn value(&mut self) -> Option<Read<Node>> {
        self.peek().map(|_| self.node(0))
    }

    /// The text behind the values read so far and the lines before it. Blanks are passed over, up
    /// to the end of the line.
    pub(super) fn rest(text: &'a str, consumed: usize) -> (&'a str, usize) {
        let rest = &text[consumed..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        let blank = if rest[blank..].starts_with('\n') {
            blank + 1
        } else {
            blank
        };
        let start = consumed + blank;
        (&text[start..], text[..start].matches('\n').count())
    }

    /// What the rest of the file may cost.
    pub(super) fn left(&self) -> Limits {
        self.left.clone()
    }

    /// Bytes read so far.
    pub(super) fn consumed(&self) -> usize {
        self.next
    }

    fn here(&mut self) -> Position {
        let (byte, column) = self.known;
        let column = if byte >= self.line_start {
            column + self.text[byte..self.next].chars().count()
        } else {
            1 + self.text[self.line_start..self.next].chars().count()
        };
        self.known = (self.next, column);
        Position::new(self.line, column)
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.next)?;
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.line_start = self.next + 1;
                }
                b' ' | b'\t' | b'\r' => {}
                _ => return Some(byte),
            }
            self.next += 1;
        }
    }

    fn unexpected(&mut self, context: &str) -> Fault {
        let at = self.here();
        let detail = match self.text[self.next..].chars().next() {
            Some(c) => format!("json: invalid character {} {context}", quoted(c)),
            None => "json: unexpected end of JSON input".to_owned(),
        };
        Fault::at(at, detail).note("the text cannot be read from here on")
    }

    fn node(&mut self, depth: usize) -> Read<Node> {
        let first = self.peek();
        let at = self.here();
        let Some(left) = self.left.nodes.checked_sub(1) else {
            return Err(Fault::at(at, "json: there are too many values"));
        };
        self.left.nodes = left;
        let kind = match first {
            Some(b'{' | b'[') if depth >= self.left.depth => {
                let detail = format!("json: exceeded max depth of {}", self.left.depth);
                return Err(Fault::at(at, detail));
            }
            Some(b'{') => Kind::Map(Box::new(self.map(depth)?)),
            Some(b'[') => Kind::List(self.list(depth)?),
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { at, kind })
    }

    fn word(&mut self) -> Read<Kind> {
        let words = [
            ("true", Kind::Bool(true)),
            ("false", Kind::Bool(false)),
            ("null", Kind::Null),
        ];
        for (word, kind) in words {
            if self.text[self.next..].starts_with(word) {
                self.next += word.len();
                return Ok(kind);
            }
        }
        Err(self.unexpected("looking for beginning of value"))
    }

    fn list(&mut self, depth: usize) -> Read<Vec<Node>> {
        let mut items = Vec::new();
        self.next += 1;
        if self.peek() == Some(b']') {
            self.next += 1;
            return Ok(items);
        }
        loop {
            items.push(self.node(depth + 1)?);
            match self.peek() {
                Some(b',') => self.next += 1,
                Some(b']') => break,
                _ => return Err(self.unexpected("after array element")),
            }
        }
        self.next += 1;
        Ok(items)
    }

    fn map(&mut self, depth: usize) -> Read<Map> {
        let mut map = Map::default();
        let mut index = std::collections::BTreeMap::new();
        self.next += 1;
        if self.peek() == Some(b'}') {
            self.next += 1;
            return Ok(map);
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let at = self.here();
            let key = self.string()?;
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.next += 1;
            let value = self.node(depth + 1)?;
            let of_value = value.at;
            let entry = Entry {
                key: key.clone(),
                at,
                value,
            };
            if let Some(&place) = index.get(&key) {
                let before: &mut Entry = &mut map.entries[place];
                let first = before.at;
                let hidden = std::mem::replace(before, entry);
                map.repeats.push(Repeat {
                    key,
                    first,
                    again: at,
                    value: of_value,
                    merged: false,
                    before: Some(hidden.value),
                });
            } else {
                index.insert(key, map.entries.len());
                map.entries.push(entry);
            }
            match self.peek() {
                Some(b',') => self.next += 1,
                Some(b'}') => break,
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
        self.next += 1;
        Ok(map)
    }

    fn number(&mut self) -> Read<Kind> {
        let start = self.next;
        if self.byte() == Some(b'-') {
            self.next += 1;
        }
        if self.byte() == Some(b'0') {
            self.next += 1;
        } else {
            self.digits()?;
        }
        let mut whole = true;
        if self.byte() == Some(b'.') {
            whole = false;
            self.next += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            whole = false;
            self.next += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.next += 1;
            }
            self.digits()?;
        }
        let text = &self.text[start..self.next];
        if whole {
            if let Ok(n) = text.parse() {
                return Ok(Kind::Int(n));
            }
            if let Ok(n) = text.parse() {
                return Ok(Kind::Uint(n));
            }
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Kind::Float(value)),
            _ => {
                let detail = format!("json: number {text} is too large");
                Err(Fault::at(self.here(), detail))
            }
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.next).copied()
    }

    fn digits(&mut self) -> Read<()> {
        let start = self.next;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.next += 1;
        }
        if start == self.next {
            Err(self.unexpected("in numeric literal"))
        } else {
            Ok(())
        }
    }

    fn string(&mut self) -> Read<String> {
        self.next += 1;
        let mut string = String::new();
        loop {
            let rest = &self.text[self.next..];
            let end = rest
                .bytes()
                .position(|b| matches!(b, b'"' | b'\\') || b < 0x20);
            let Some(end) = end else {
                self.next = self.text.len();
                return Err(self.unexpected("in string literal"));
            };
            string.push_str(&rest[..end]);
            self.next += end;
            match rest.as_bytes()[end] {
                b'"' => {
                    self.next += 1;
                    return Ok(string);
                }
                b'\\' => {
                    self.next += 1;
                    string.push(self.escape()?);
                }
                _ => return Err(self.unexpected("in string literal")),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let c = match self.byte() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.next += 1;
                return self.unicode();
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.next += 1;
        Ok(c)
    }

    /// The character of `\uXXXX`, or of two of them; half a pair becomes U+FFFD.
    fn unicode(&mut self) -> Read<char> {
        let high = self.hex()?;
        if !(0xD800..0xDC00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if self.text[self.next..].starts_with("\\u") {
            let before = self.next;
            self.next += 2;
            let low = self.hex()?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.next = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Read<u32> {
        let digits = self.text.get(self.next..self.next + 4).unwrap_or_default();
        let hex = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        match u32::from_str_radix(digits, 16) {
            Ok(code) if hex => {
                self.next += 4;
                Ok(code)
            }
            _ => Err(self.unexpected("in \\u hexadecimal character escape")),
        }
    }
}

fn quoted(c: char) -> String {
    match c {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        c => format!("'{}'", c.escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, String> {
        let limits = Limits::default();
        let value = Reader::new(text, &limits).value();
        value
            .unwrap()
            .map_err(|fault| format!("{}: {}", fault.at, fault.detail))
    }

    #[test]
    fn values_have_places() {
        let node = read("{\n \"é\": {\"b\": [1, 2.0]}}").unwrap();
        let a = node.get("é").unwrap();
        assert_eq!(
            (a.at, a.get("b").unwrap().at),
            (Position::new(2, 7), Position::new(2, 13))
        );
        let Kind::List(items) = &a.get("b").unwrap().kind else {
            panic!()
        };
        assert_eq!(
            (&items[0].kind, &items[1].kind),
            (&Kind::Int(1), &Kind::Float(2.0))
        );
    }

    #[test]
    fn mistakes_are_told_as_go_tells_them() {
        let cases = [
            (
                "{\"a\": 01}",
                "1:8: json: invalid character '1' after object key:value pair",
            ),
            (
                "{\"a\" 1}",
                "1:6: json: invalid character '1' after object key",
            ),
            (
                "{'a': 1}",
                "1:2: json: invalid character '\\'' looking for beginning of object key string",
            ),
            ("{\"a\": ", "1:7: json: unexpected end of JSON input"),
            (
                "[1,]",
                "1:4: json: invalid character ']' looking for beginning of value",
            ),
            (
                "\"\\u12\"",
                "1:4: json: invalid character '1' in \\u hexadecimal character escape",
            ),
        ];
        for (text, want) in cases {
            assert_eq!(read(text).unwrap_err(), want, "{text}");
        }
    }

    #[test]
    fn the_last_of_repeated_keys_counts() {
        let Kind::Map(map) = read("{\"a\":1,\"a\":2}").unwrap().kind else {
            panic!()
        };
        assert_eq!(map.entries[0].value.kind, Kind::Int(2));
        assert_eq!(map.repeats[0].again, Position::new(1, 8));
    }

    #[test]
    fn escapes_are_undone() {
        let want = Kind::text("\u{1D11E}\u{FFFD}x\n");
        assert_eq!(read(r#""\ud834\udd1e\ud834x\n""#).unwrap().kind, want);
    }
}
