//! Recordings in pairs of files: questions in `in.txt.gz`, and in `expected.txt.gz` the same lines,
//! each with a tab and the answer behind it.

use super::super::failure::Failure;
use super::super::files::cannot_read;
use super::super::tell;
use super::{Arguments, Tally};
use crate::model::cron::{Moment, Schedule, Zone};
use crate::model::{Quantity, QuantityError, WrittenQuantity};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// The most bytes of a file.
const LARGEST: u64 = 64 << 20;
/// The most starts that a line may ask for.
const STARTS: usize = 10_000;
/// How Go prints the time that is none.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// Plays pairs of files with `answer`, which tells how it differs from what was recorded.
pub(super) fn run(
    arguments: &Arguments,
    out: &mut impl Write,
    answer: fn(&str, &str) -> Option<String>,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    for folder in &arguments.paths {
        let (questions, answers) = (folder.join("in.txt.gz"), folder.join("expected.txt.gz"));
        let (asked, recorded) = (text(&questions)?, text(&answers)?);
        let mut recorded = recorded.lines();
        let lines = asked.lines().enumerate();
        for (number, question) in lines.take(arguments.first.unwrap_or(usize::MAX)) {
            let place = format!("{}:{}", answers.display(), number + 1);
            let line = recorded.next().unwrap_or_default();
            let behind = line
                .strip_prefix(question)
                .and_then(|it| it.strip_prefix('\t'));
            let Some(expected) = behind else {
                let words = "the line does not begin with that of in.txt.gz and a tab";
                return Err(Failure::unreadable(format!("{place}: {words}")));
            };
            tally.played += 1;
            match answer(question, expected) {
                None => tally.agree += 1,
                Some(got) => {
                    let expected = tell::green(&tell::harmless(expected));
                    let head = tell::bold(&tell::harmless(question));
                    let got = tell::red(&tell::harmless(&got));
                    writeln!(out, "{place}: {head}: expected {expected}, got {got}")?;
                }
            }
        }
    }
    Ok(tally)
}

fn text(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| {
        let mut content = MultiGzDecoder::new(file).take(LARGEST);
        content.read_to_string(&mut text)
    });
    read.map_err(|error| Failure::unreadable(cannot_read(path, &error)))?;
    Ok(text)
}

/// Canonical form, whole units and thousandths. What overflows in Kubernetes is an accident, and is
/// not compared: there and for negative amounts only whether the text is a quantity.
pub(super) fn quantity(written: &str, expected: &str) -> Option<String> {
    let error = expected.strip_prefix("ERR ");
    let quantity = match (written.parse::<WrittenQuantity>(), error) {
        (Err(got), Some(error)) => return differs(&got.to_string(), error),
        (Err(QuantityError::Form | QuantityError::Suffix), None) => {
            return Some("no quantity".to_owned());
        }
        (Ok(quantity), Some(_)) => return Some(quantity.to_string()),
        (Ok(quantity), None) => quantity,
    };
    let value: Quantity = quantity.value();
    if written.starts_with('-') || value.milli() == i64::MAX {
        return None;
    }
    let got = format!("{quantity}\t{}\t{}", value.units(), value.milli());
    differs(&got, expected)
}

/// `SCHEDULE|ZONE|FROM|COUNT`, and as many starts, or the parser's error.
pub(super) fn cron(line: &str, expected: &str) -> Option<String> {
    let got = starts(line).unwrap_or_else(|error| format!("ERR {error}"));
    differs(&got, expected)
}

fn starts(line: &str) -> Result<String, String> {
    let mut parts = line.rsplitn(4, '|');
    let mut part = || parts.next().unwrap_or_default();
    let (count, from, zone, schedule) = (part(), part(), part(), part());
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let schedule: Schedule = schedule.parse().map_err(|error| words(&error))?;
    let zone = Zone::find(zone).map_err(|error| words(&error))?;
    let mut at: Moment = from.parse().map_err(|error| words(&error))?;
    let count: usize = count.parse().map_err(|error| words(&error))?;
    let mut starts = Vec::new();
    while starts.len() < count.min(STARTS) {
        let Some(next) = schedule.next(at, &zone) else {
            starts.push(NO_TIME.to_owned());
            break;
        };
        at = next;
        starts.push(at.to_string());
    }
    Ok(starts.join(" "))
}

fn differs(got: &str, expected: &str) -> Option<String> {
    (got != expected).then(|| got.to_owned())
}
