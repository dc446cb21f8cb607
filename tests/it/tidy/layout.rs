//! Where things are, and what every file says first and never says.

use super::{Finding, Source};

/// Everything at the top of the repository.
const TOP_LEVEL: &[&str] = &[
    ".ci",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "fuzz",
    "src",
    "tests",
];

/// There too, but never committed.
const NOT_OURS: &[&str] = &[".git", "target"];

/// What only somebody at our desks would understand, in two halves so that this file passes.
const FOREIGN: &[(&str, &str)] = &[
    ("/wo", "rk/"),
    ("/tmp", "/wt"),
    ("../sh", "ared"),
    ("artif", "actory"),
];

pub(super) fn check_top_level(names: &[String]) -> Vec<Finding> {
    let known =
        |name: &&String| TOP_LEVEL.contains(&name.as_str()) || NOT_OURS.contains(&name.as_str());
    let unknown = names.iter().filter(|name| !known(name));
    let advice = "does not belong at the top: move it, or name it in TOP_LEVEL in layout.rs";
    unknown
        .map(|name| Finding::new(name, 1, "top-level entry", advice))
        .collect()
}

pub(super) fn check_first_lines(sources: &[Source]) -> Vec<Finding> {
    let undocumented = sources
        .iter()
        .filter(|source| source.is_code() && !source.text.starts_with("//! "));
    let advice = "start it with a `//!` comment that says what it is for";
    undocumented
        .map(|source| Finding::new(&source.path, 1, "undocumented file", advice))
        .collect()
}

pub(super) fn check_own_words(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources
        .iter()
        .filter(|source| !source.path.ends_with("Cargo.lock"))
    {
        for (at, line) in source.text.lines().enumerate() {
            let line = line.to_ascii_lowercase();
            for foreign in FOREIGN.iter().map(|(start, end)| format!("{start}{end}")) {
                if line.contains(&foreign) {
                    let advice = "the project speaks of itself alone: say it without that place";
                    findings.push(Finding::new(&source.path, at + 1, foreign, advice));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{FOREIGN, check_first_lines, check_own_words, check_top_level};
    use crate::tidy::found;

    #[test]
    fn finds_strangers_at_the_top() {
        let names = ["src", ".git", "justfile"].map(str::to_owned);
        let findings = check_top_level(&names);
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0]
                .to_string()
                .starts_with("justfile:1: top-level entry - does not")
        );
    }

    #[test]
    fn finds_files_that_do_not_say_what_they_are() {
        let check = |path, text, want| assert_eq!(found(check_first_lines, path, text), want);
        check("src/base/mod.rs", "//! Time.\n", "");
        check(
            "src/base/mod.rs",
            "use std::fmt;\n//! Time.",
            "1: undocumented file",
        );
        check("src/base/mod.rs", "", "1: undocumented file");
        check("README.md", "# dryjob", "");
    }

    #[test]
    fn finds_words_of_other_places() {
        for foreign in FOREIGN.iter().map(|(start, end)| format!("{start}{end}")) {
            let text = format!("fine\nsee {}x", foreign.to_uppercase());
            assert_eq!(
                found(check_own_words, "README.md", &text),
                format!("2: {foreign}")
            );
            assert_eq!(found(check_own_words, "fuzz/Cargo.lock", &text), "");
        }
        assert_eq!(
            found(check_own_words, "README.md", "a shared framework/"),
            ""
        );
    }
}
