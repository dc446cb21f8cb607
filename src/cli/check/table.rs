//! A line for each object, as kubectl prints tables.

use super::super::tell;
use super::{Checked, Verdict, problems, title};
use crate::manifest::Severity;
use std::io::{self, Write};

/// Writes the table; verdicts are in colour where somebody looks.
pub(super) fn write(all: &[Checked], out: &mut dyn Write) -> io::Result<()> {
    let row = |one: &Checked| {
        let place = format!("{}:{}", one.source, one.line);
        [
            tell::harmless(&title(one)),
            tell::harmless(&place),
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
