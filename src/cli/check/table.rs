//! A line for each object, as kubectl prints tables.

use super::super::tell;
use super::{Checked, Verdict, problems, title};
use crate::manifest::Severity;
use std::io::{self, Write};

/// Characters of a column: a name may be megabytes long.
const WIDEST: usize = 300;

/// Writes the table; verdicts are in colour where somebody looks.
pub(super) fn write(all: &[Checked], out: &mut dyn Write) -> io::Result<()> {
    let row = |one: &Checked| {
        let place = format!("{}:{}", one.source, one.line);
        [
            tell::harmless(&cut(&title(one))),
            tell::harmless(&cut(&place)),
            told(one),
        ]
    };
    let head = ["NAME", "PLACE", "VERDICT"].map(str::to_owned);
    let rows: Vec<[String; 3]> = std::iter::once(head).chain(all.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let (name, place) = (width(0).unwrap_or(0), width(1).unwrap_or(0));
    for (index, [title, at, verdict]) in rows.iter().enumerate() {
        let verdict = match index.checked_sub(1).map(|index| Verdict::of(&all[index])) {
            Some(Verdict::Accepted) => tell::green(verdict),
            Some(Verdict::Refused | Verdict::Unreadable) => tell::red(verdict),
            _ => verdict.clone(),
        };
        writeln!(out, "{title:name$}   {at:place$}   {verdict}")?;
    }
    Ok(())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `refused (2 errors)`, `accepted (1 warning)`
fn told(one: &Checked) -> String {
    let word = Verdict::of(one).word();
    let count = |severity| {
        let problems = problems(one).into_iter();
        problems.filter(|it| it.severity == severity).count()
    };
    match (count(Severity::Error), count(Severity::Warning)) {
        (0, 0) => word.to_owned(),
        (0, 1) => format!("{word} (1 warning)"),
        (0, warnings) => format!("{word} ({warnings} warnings)"),
        (1, _) => format!("{word} (1 error)"),
        (errors, _) => format!("{word} ({errors} errors)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Options, check};

    #[test]
    fn the_longest_name_leaves_a_table() {
        let yaml = format!("apiVersion: v1\nkind: {}\n", "x".repeat(1 << 20));
        let mut out = Vec::new();
        write(&check("-", yaml.as_bytes(), &Options::default()), &mut out).unwrap();
        let lines: Vec<usize> = out.split(|&byte| byte == b'\n').map(<[u8]>::len).collect();
        assert!(
            lines.len() == 3 && lines.iter().all(|&it| it < 500),
            "{lines:?}"
        );
    }
}
