//! Errors, warnings and notes on stderr; in colour where somebody looks.
//!
//! A message that cannot be delivered is dropped: there is nowhere left to complain.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const BLUE: &str = "\u{1b}[1;34m";
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

pub(super) fn error(sentence: &str) {
    block(&format!("error: {sentence}"));
}

pub(super) fn note(sentence: &str) {
    block(&format!("note: {sentence}"));
}

/// A message that says itself how bad it is, such as a manifest's problem.
pub(super) fn block(text: &str) {
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "{}", painted(&harmless(text)));
}

/// Stdout, in colour where somebody looks.
pub(super) fn coloured_output() -> impl Write {
    BufWriter::new(anstream::stdout().lock())
}

/// Stdout for programs: bytes go through as they are.
pub(super) fn plain_output() -> impl Write {
    BufWriter::new(io::stdout().lock())
}

/// Something good, if colours are seen.
pub(super) fn green(text: &str) -> String {
    format!("\u{1b}[32m{text}{PLAIN}")
}

/// Something bad, if colours are seen.
pub(super) fn red(text: &str) -> String {
    format!("\u{1b}[31m{text}{PLAIN}")
}

/// Something to look for, if colours are seen.
pub(super) fn bold(text: &str) -> String {
    format!("{BOLD}{text}{PLAIN}")
}

/// The text with control characters spelt out: nothing that was read may speak to the terminal.
pub(super) fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() && letter != '\n' && letter != '\t' {
            let _ = write!(safe, "{}", letter.escape_default());
        } else {
            safe.push(letter);
        }
    }
    safe
}

fn painted(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(painted_line).collect();
    lines.join("\n")
}

/// Paints the word that a message begins with, and the margin of an excerpt.
fn painted_line(line: &str) -> String {
    for (word, colour) in [("error", RED), ("warning", YELLOW), ("note", BLUE)] {
        if let Some((head, rest)) = line.split_once(':').filter(|_| line.starts_with(word)) {
            return format!("{colour}{head}:{PLAIN}{rest}");
        }
    }
    let body = line.trim_start_matches(|it: char| it == ' ' || it.is_ascii_digit());
    let margin = &line[..line.len() - body.len()];
    for sign in ["-->", "|"] {
        if let Some(rest) = body.strip_prefix(sign).filter(|_| !margin.is_empty()) {
            return format!("{BLUE}{margin}{sign}{PLAIN}{rest}");
        }
    }
    match body.strip_prefix("= help:") {
        Some(rest) => format!("{margin}{BOLD}= help:{PLAIN}{rest}"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_does_not_speak_to_the_terminal() {
        assert_eq!(
            harmless("a\u{1b}[2Jb\r\n\tc\u{9b}"),
            "a\\u{1b}[2Jb\\r\n\tc\\u{9b}"
        );
    }

    #[test]
    fn paint_changes_no_word() {
        let text = "error[J1]: The Job: no\n  --> a.yaml:3:4\n   |\n 3 | x: 1\n   = help: do";
        let strip = |text: &str| anstream::adapter::strip_str(text).to_string();
        assert_eq!(strip(&painted(text)), text);
        assert!(painted(text).starts_with("\u{1b}[1;31merror[J1]:\u{1b}[0m The Job: no\n"));
    }
}
