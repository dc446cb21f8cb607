//! What fits on a screen and into a head: files, lines, functions.

use super::scan::{functions, tokens};
use super::{Finding, Source};

/// Lines of a file, by the folder it is in; the first that fits counts.
const FILE_LINES: &[(&str, usize)] = &[
    ("fuzz/", 40),
    ("src/", 500),
    ("tests/", 500),
    ("benches/", 500),
];
const LINE_COLUMNS: usize = 100;
const FUNCTION_LINES: usize = 70;

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    sources
        .iter()
        .filter(|source| source.is_code())
        .flat_map(check_source)
        .collect()
}

fn check_source(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |line, what: &str, advice: String| {
        findings.push(Finding::new(&source.path, line, what, advice));
    };
    let limit = FILE_LINES
        .iter()
        .find(|(folder, _)| source.path.starts_with(folder));
    let (lines, most) = (source.text.lines().count(), limit.map_or(0, |it| it.1));
    if lines > most {
        add(
            most + 1,
            "long file",
            format!("{lines} lines, {most} at most: split it by subject"),
        );
    }
    for (at, line) in source.text.lines().enumerate() {
        let columns = line.chars().count();
        if columns > LINE_COLUMNS {
            let advice = format!("{columns} columns, {LINE_COLUMNS} at most: break it");
            add(at + 1, "long line", advice);
        }
    }
    for (name, first, last) in functions(&tokens(&source.text)) {
        let lines = last - first + 1;
        if lines > FUNCTION_LINES {
            let advice = format!("{lines} lines, {FUNCTION_LINES} at most: name its steps");
            add(first, &format!("long function {name}"), advice);
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use crate::tidy::found;

    fn check(path: &str, text: &str, want: &str) {
        assert_eq!(found(super::check, path, text), want, "{path}");
    }

    #[test]
    fn finds_long_files() {
        check("src/a.rs", &"\n".repeat(500), "");
        check("src/a.rs", &"\n".repeat(501), "501: long file");
        check("fuzz/fuzz_targets/a.rs", &"\n".repeat(41), "41: long file");
        check("src/a.md", &"\n".repeat(501), "");
    }

    #[test]
    fn finds_long_lines_by_their_characters() {
        check("benches/a.rs", &"…".repeat(100), "");
        check(
            "benches/a.rs",
            &format!("\n{}", "…".repeat(101)),
            "2: long line",
        );
    }

    #[test]
    fn finds_long_functions() {
        let body = |lines: usize| format!("\nfn f() {{{}}}", "\n".repeat(lines - 1));
        check("tests/it/a.rs", &body(70), "");
        check("tests/it/a.rs", &body(71), "2: long function f");
    }
}
