//! The text of a manifest, with its lines at hand for messages.

use std::fmt;

/// A place in a text: line and column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Position {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    pub(super) fn new(line: usize, column: usize) -> Self {
        let cut = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            line: cut(line),
            column: cut(column),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A readable text and what to call it.
#[derive(Debug)]
pub(super) struct Source {
    /// What messages call it: a path, or `-`.
    pub(super) name: String,
    /// The text, its line ends made `\n`.
    pub(super) text: String,
    /// Where lines 1, 1 + STEP, 1 + 2·STEP, … begin: a full index of a hostile text of empty lines
    /// would be larger than the text.
    marks: Vec<usize>,
}

const STEP: usize = 1024;

/// Lines are quoted up to this many characters; some are megabytes long.
const QUOTED: usize = 160;
/// Up to that column, what is written in a line is looked up: each look walks through it.
const SEARCHED: usize = 20_000;

impl Source {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let text = if text.contains('\r') {
            text.replace("\r\n", "\n")
        } else {
            text.to_owned()
        };
        let ends = text.match_indices('\n');
        let marks = ends.skip(STEP - 1).step_by(STEP).map(|(at, _)| at + 1);
        let marks = std::iter::once(0).chain(marks).collect();
        Self {
            name: name.to_owned(),
            text,
            marks,
        }
    }

    /// A source of which only the name is known, because it is not text.
    pub(super) fn unreadable(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: String::new(),
            marks: vec![0],
        }
    }

    /// The line at a position.
    fn line(&self, at: Position) -> &str {
        let index = (at.line as usize).saturating_sub(1);
        let Some(&start) = self.marks.get(index / STEP) else {
            return "";
        };
        let mut lines = self.text[start..].lines();
        lines.nth(index % STEP).unwrap_or_default()
    }

    /// What stands at a position and behind it in its line; nothing if that is too far to the
    /// right to be looked for again and again.
    pub(super) fn rest(&self, at: Position) -> Option<&str> {
        let column = (at.column as usize).saturating_sub(1);
        if column > SEARCHED {
            return None;
        }
        let mut letters = self.line(at).char_indices();
        let (start, _) = letters.nth(column)?;
        Some(&self.line(at)[start..])
    }

    /// The line at a position, cut at a length that fits a terminal.
    pub(super) fn excerpt(&self, at: Position) -> String {
        let line = self.line(at);
        line.chars()
            .take(QUOTED)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_line_is_found_again() {
        let lines = (1..=5000).map(|n| format!("line {n}\r\n"));
        let text = lines.collect::<Vec<_>>().concat();
        let source = Source::new("-", &text);
        for line in [1, 2, 1023, 1024, 1025, 1026, 2048, 2049, 5000] {
            assert_eq!(
                source.excerpt(Position::new(line, 1)),
                format!("line {line}")
            );
        }
        assert_eq!(source.excerpt(Position::new(5002, 1)), "");
        assert_eq!(source.excerpt(Position::new(99_999, 1)), "");
    }
}
