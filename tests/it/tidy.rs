//! The house rules. Each is a function from files to findings, with its table beside it; what may
//! break a rule all the same stands in [`EXCEPTIONS`], with the reason.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

mod arrows;
mod dependencies;
mod layout;
mod scan;
mod sizes;
mod words;

/// What may break a rule: (file, what is found there, why it may stay).
///
/// The second column is what the finding prints between its place and the dash.
/// A line that excuses nothing is a finding itself.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "benches/peers/w1.rs",
    "Instant::now",
    "what two threads take is measured by the clock on the wall",
)];

/// Folders that are not read: what tools write, and what is kept as Kubernetes or a user wrote it.
const UNREAD: &[&str] = &[
    ".git",
    "target",
    "fuzz/target",
    "fuzz/corpus",
    "fuzz/artifacts",
    "tests/conformance",
    "tests/fixtures",
];

/// A text file: its path from the top of the repository, with `/`, and all of its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    /// Whether the house's rules for code are for this file.
    fn is_code(&self) -> bool {
        let ours = ["src/", "tests/", "benches/", "fuzz/"];
        ours.iter().any(|folder| self.path.starts_with(folder))
            && Path::new(&self.path)
                .extension()
                .is_some_and(|it| it == "rs")
    }
}

/// One breach: where, what, and what to do about it.
struct Finding {
    path: String,
    line: usize,
    what: String,
    advice: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {} - {}",
            self.path, self.line, self.what, self.advice
        )
    }
}

/// A rule: all files in, findings out.
type Rule = fn(&[Source]) -> Vec<Finding>;

#[test]
fn modules_import_only_what_the_table_of_arrows_allows() {
    holds(arrows::check);
}

#[test]
fn files_lines_and_functions_are_short() {
    holds(sizes::check);
}

#[test]
fn banned_words_are_not_used() {
    holds(words::check);
}

#[test]
fn every_source_file_says_what_it_is() {
    holds(layout::check_first_lines);
}

#[test]
fn the_project_speaks_of_itself_alone() {
    holds(layout::check_own_words);
}

#[test]
fn each_dependency_says_why_and_is_used() {
    holds(dependencies::check);
}

#[test]
fn the_top_level_holds_what_the_table_names() {
    let names: Vec<String> = fs::read_dir(top())
        .expect("the repository can be listed")
        .map(|entry| {
            entry
                .expect("its entries too")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    report(&layout::check_top_level(&names));
}

#[test]
fn every_exception_is_needed() {
    let rules: [Rule; 6] = [
        arrows::check,
        sizes::check,
        words::check,
        layout::check_first_lines,
        layout::check_own_words,
        dependencies::check,
    ];
    let sources = read_repository();
    let found: BTreeSet<(String, String)> = rules
        .iter()
        .flat_map(|rule| rule(&sources))
        .map(|finding| (finding.path, finding.what))
        .collect();
    for (path, what, why) in EXCEPTIONS {
        let key = ((*path).to_owned(), (*what).to_owned());
        assert!(
            found.contains(&key),
            "{path}: `{what}` ({why}) excuses nothing: delete the line"
        );
    }
}

/// Runs a rule on the repository.
fn holds(rule: Rule) {
    let mut findings = rule(&read_repository());
    findings.retain(|found| {
        !EXCEPTIONS
            .iter()
            .any(|(path, what, _)| *path == found.path && *what == found.what)
    });
    report(&findings);
}

fn report(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(
        findings.is_empty(),
        "{} breaches of a house rule (exceptions: EXCEPTIONS in tests/it/tidy.rs)\n{}\n",
        findings.len(),
        lines.join("\n")
    );
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All text files of the repository, in the order of their paths.
fn read_repository() -> Vec<Source> {
    let mut sources = Vec::new();
    read_folder("", &mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(
        sources.iter().any(Source::is_code),
        "no code found in {}",
        top().display()
    );
    sources
}

fn read_folder(folder: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(top().join(folder)).expect("a folder can be listed") {
        let entry = entry.expect("a folder's entry can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() {
            name
        } else {
            format!("{folder}/{name}")
        };
        if UNREAD.contains(&path.as_str()) {
            continue;
        }
        if entry.file_type().expect("an entry has a type").is_dir() {
            read_folder(&path, sources);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            sources.push(Source { path, text });
        }
    }
}

/// For the rules' own tests: the findings of `rule` in one file, as `line: what`.
fn found(rule: Rule, path: &str, text: &str) -> String {
    let findings = rule(&[Source::new(path, text)]);
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("{}: {}", finding.line, finding.what))
        .collect();
    lines.join("; ")
}
