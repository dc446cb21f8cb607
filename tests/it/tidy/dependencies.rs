//! Each dependency says why it is there, and is used.

use super::scan::tokens;
use super::{Finding, Source};

/// Tables of dependencies, by the end of their names, and the folders whose code may use them.
const TABLES: &[(&str, &[&str])] = &[
    ("dev-dependencies", &["src/", "tests/", "benches/"]),
    ("dependencies", &["src/"]),
];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources
        .iter()
        .filter(|source| source.path.ends_with("Cargo.toml"))
    {
        for (line, said, name, table) in dependencies(&source.text) {
            if !said {
                let advice = format!("say in a comment line above it why {name} is needed");
                let what = format!("unexplained dependency {name}");
                findings.push(Finding::new(&source.path, line, what, advice));
            }
            // The fuzz targets are beside their manifest; all of them are fuzz targets.
            let folders = if source.path == "Cargo.toml" {
                folders(&table)
            } else {
                &["fuzz/"]
            };
            if !is_used(&name.replace('-', "_"), folders, sources) {
                let advice = format!("no code in {} names it: delete it", folders.join(", "));
                let what = format!("unused dependency {name}");
                findings.push(Finding::new(&source.path, line, what, advice));
            }
        }
    }
    findings
}

fn folders(table: &str) -> &'static [&'static str] {
    TABLES
        .iter()
        .find(|(name, _)| table.ends_with(name))
        .map_or(&[], |(_, folders)| folders)
}

fn is_used(word: &str, folders: &[&str], sources: &[Source]) -> bool {
    let code = sources.iter().filter(|source| {
        source.is_code() && folders.iter().any(|folder| source.path.starts_with(folder))
    });
    code.into_iter()
        .any(|source| tokens(&source.text).iter().any(|token| token.text == word))
}

/// The dependencies of a Cargo.toml: line, whether the line above is a comment, name, table.
fn dependencies(text: &str) -> Vec<(usize, bool, String, String)> {
    let (mut found, mut table, mut open, mut said) = (Vec::new(), String::new(), 0, false);
    for (at, line) in text.lines().map(str::trim).enumerate() {
        if let Some(comment) = line.strip_prefix('#') {
            said = comment.trim().contains(' ');
            continue;
        }
        if let Some(header) = line.strip_prefix('[').filter(|_| open == 0) {
            let header = header.trim_end_matches(']');
            // `[dependencies.name]` is a table for one of them.
            match header
                .rsplit_once('.')
                .filter(|(start, _)| start.ends_with("dependencies"))
            {
                Some((start, name)) => {
                    found.push((at + 1, said, name.to_owned(), start.to_owned()));
                    table = String::new();
                }
                None => header.clone_into(&mut table),
            }
        } else if let Some((name, _)) = line.split_once('=').filter(|_| open == 0) {
            if table.ends_with("dependencies") {
                let name = name.trim().trim_matches('"').trim_end_matches(".workspace");
                found.push((at + 1, said, name.to_owned(), table.clone()));
            }
        }
        let count = |brackets| line.matches(brackets).count();
        open = (open + count(['[', '{'])).saturating_sub(count([']', '}']));
        said = false;
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::tidy::{Finding, Source};

    fn check(manifest: &str, code: &str, want: &str) {
        let sources = [
            Source::new("Cargo.toml", manifest),
            Source::new("src/lib.rs", code),
        ];
        let lines: Vec<String> = super::check(&sources)
            .iter()
            .map(Finding::to_string)
            .collect();
        assert_eq!(lines.join("; "), want, "{manifest}");
    }

    #[test]
    fn finds_dependencies_without_a_reason() {
        let want = "Cargo.toml:2: unexplained dependency a-b - \
                    say in a comment line above it why a-b is needed";
        check(
            "[dependencies]\n# For the tests below.\na-b = \"1\"",
            "use a_b::c;",
            "",
        );
        check("[dependencies]\na-b = \"1\"", "use a_b::c;", want);
        check("[features]\na-b = []", "", "");
        check(
            "# Of its size.\n[dev-dependencies.a]\nversion = \"1\"",
            "use a::b;",
            "",
        );
        check(
            "[dependencies]\n# One for many lines.\na = { features = [\n  \"x\",\n  \"y=z\",\n] }",
            "use a::b;",
            "",
        );
    }

    #[test]
    fn finds_dependencies_that_nothing_uses() {
        let manifest = "[target.'cfg(unix)'.dependencies]\n# So that it works.\na = \"1\"";
        let want = "Cargo.toml:3: unused dependency a - no code in src/ names it: delete it";
        check(manifest, "#[a(b)] struct S;", "");
        check(manifest, "// a::b\nstruct S;", want);
    }
}
