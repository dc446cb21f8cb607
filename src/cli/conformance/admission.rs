//! Verdicts of the API server on Jobs and `CronJob`s, and whether ours are the same.

mod comparison;

use super::super::failure::Failure;
use super::super::files::cannot_read;
use super::super::lines::Lines;
use super::super::tell;
use super::{Arguments, Tally};
use crate::manifest::Request;
use crate::model::Release;
use comparison::{Expected, Mismatch};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A recorded request, and what became of it.
#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    kind: String,
    input: String,
    old: Option<Value>,
    expect: Expected,
}

/// A line of a file of differences: the verdict of an older release.
#[derive(Debug, Deserialize)]
struct Replacement {
    id: String,
    expect: Expected,
}

/// Plays all files and tells of each verdict that differs, and at last what they are about.
pub(super) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<Tally, Failure> {
    let release = arguments.kubernetes.unwrap_or(Release::LATEST);
    let mut tally = Tally::default();
    let mut subjects: BTreeMap<String, usize> = BTreeMap::new();
    for path in arguments.paths.iter().map(|path| files(path)) {
        for file in path? {
            let mut replaced = replacements(&file, release)?;
            let mut lines = Lines::open(&file)?;
            let mut played = 0;
            while arguments.first.is_none_or(|first| played < first) {
                let Some(line) = lines.next()? else { break };
                let mut case: Case = read(&line.place, &line.text)?;
                let only = &arguments.only;
                if !only.is_empty() && !only.contains(&case.id) {
                    continue;
                }
                played += 1;
                if let Some(expect) = replaced.remove(&case.id) {
                    case.expect = expect;
                }
                tally.played += 1;
                match case.play(release) {
                    None => tally.agree += 1,
                    Some(mismatch) => {
                        *subjects.entry(mismatch.subject).or_default() += 1;
                        let head = tell::harmless(&format!("{} (Kubernetes {release})", case.id));
                        let (head, what) = (tell::bold(&head), tell::harmless(&mismatch.told));
                        writeln!(out, "{}: {head}: {what}", line.place)?;
                    }
                }
            }
        }
    }
    summary(&subjects, out)?;
    Ok(tally)
}

/// What the differences are about, the commonest first.
fn summary(subjects: &BTreeMap<String, usize>, out: &mut impl Write) -> Result<(), Failure> {
    let mut all = subjects.iter().collect::<Vec<_>>();
    all.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    for (subject, count) in all {
        writeln!(out, "{count:6}  {}", tell::harmless(subject))?;
    }
    Ok(())
}

impl Case {
    fn play(&self, release: Release) -> Option<Mismatch> {
        let mut request = Request::new(&self.kind, &self.input).on(release);
        if let Some(old) = &self.old {
            request = request.update_of(old);
        }
        self.expect.compare(&request.verdict())
    }
}

fn read<'a, T: Deserialize<'a>>(place: &str, text: &'a str) -> Result<T, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::unreadable(format!("{place}: not a recorded verdict: {error}")))
}

/// The file itself, or the recordings in a folder; files of differences belong to others.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let refuse = |error| Failure::unreadable(cannot_read(path, &error));
    if path == Path::new("-") || !fs::metadata(path).map_err(refuse)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(refuse)? {
        let path = entry.map_err(refuse)?.path();
        let name = path.to_string_lossy();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        if plain
            .strip_suffix(".jsonl")
            .is_some_and(|stem| !stem.contains(".diff-"))
        {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        let sentence = "there is no recording (*.jsonl or *.jsonl.gz) in";
        return Err(Failure::unreadable(format!(
            "{sentence} {}",
            path.display()
        )));
    }
    Ok(files)
}

/// The verdicts that another release than the newest gives differently, by the cases' ids.
fn replacements(file: &Path, release: Release) -> Result<BTreeMap<String, Expected>, Failure> {
    let name = file.to_string_lossy();
    let (stem, end) = match name.find(".jsonl") {
        Some(at) if release != Release::LATEST => name.split_at(at),
        _ => return Ok(BTreeMap::new()),
    };
    let path = PathBuf::from(format!("{stem}.diff-{release}{end}"));
    if !path.exists() {
        let sentence = format!(
            "{name} has the verdicts of {}, and there is no {} beside it",
            Release::LATEST,
            path.display()
        );
        return Err(Failure::unreadable(sentence));
    }
    let mut lines = Lines::open(&path)?;
    let mut all = BTreeMap::new();
    while let Some(line) = lines.next()? {
        let one: Replacement = read(&line.place, &line.text)?;
        all.insert(one.id, one.expect);
    }
    Ok(all)
}
