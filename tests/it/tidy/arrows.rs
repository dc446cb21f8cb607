//! Which module may name which. The design is this table: read it from the top.

use super::scan::{Token, tokens};
use super::{Finding, Source};

/// Each module of `src/`, and the modules it may name; all of them stand above it.
const MODULES: &[(&str, &str)] = &[
    // Prose alone.
    ("docs", ""),
    // Time, random streams, sets: no Kubernetes word.
    ("base", ""),
    // Queues: generic, know no Job.
    ("kernel", "base"),
    // Kubernetes' words as types: no behaviour, no serde.
    ("model", "base"),
    // Bytes to model: knows files and positions, and nothing that runs.
    ("manifest", "base model"),
    // The API server in memory.
    ("api", "base kernel model"),
    // Five that never see each other, as in Kubernetes: they meet in the API and in `sim`.
    // Of these, only the controllers have a work queue.
    ("control", "base kernel model api"),
    ("node", "base model api"),
    ("schedule", "base model api"),
    ("fault", "base model api"),
    ("workload", "base model api"),
    // The only one that knows the kernel and everything that it drives.
    (
        "sim",
        "base kernel model manifest api control node schedule fault workload",
    ),
    // Readers of what the simulation leaves behind.
    (
        "report",
        "base model manifest api control node schedule fault workload sim",
    ),
    // Many trials, and what is to hold of them.
    (
        "forecast",
        "base model manifest api control node schedule fault workload sim report",
    ),
    // Files that describe runs: recordings and scenario files.
    (
        "scenario",
        "base model manifest api control node schedule fault workload sim report \
         forecast",
    ),
    // The program may use whatever the library offers, but not what drives it.
    (
        "cli",
        "base model manifest api control node schedule fault workload sim report scenario \
         forecast",
    ),
];

/// Crates that only some modules may name. Those of `cli` are not there in the library alone.
const CRATES: &[(&str, &str)] = &[
    ("serde", "manifest report forecast scenario cli"),
    ("serde_ignored", "manifest report scenario cli"),
    ("serde_json", "manifest report forecast scenario cli"),
    (
        "serde_path_to_error",
        "manifest report forecast scenario cli",
    ),
    ("serde_yaml", "manifest report scenario cli"),
    ("granit_parser", "manifest"),
    // Time zones, for schedules.
    ("jiff", "model"),
    ("anstream", "cli"),
    ("clap", "cli"),
    ("indicatif", "cli"),
];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    sources
        .iter()
        .filter(|source| source.is_code())
        .flat_map(check_source)
        .collect()
}

fn check_source(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(path) = source.path.strip_prefix("src/") else {
        return findings;
    };
    let (module, depth) = place(path);
    let tokens = tokens(&source.text);
    let mut add = |line, what: String, advice: String| {
        findings.push(Finding::new(&source.path, line, what, advice));
    };
    let may_use = match (module, row(MODULES, module)) {
        // The public names, and the program's first line.
        ("lib", _) => return findings,
        ("main" | "bin", _) => "cli",
        (_, Some(may_use)) => may_use,
        (_, None) => {
            let advice = "give it a row in MODULES in tests/it/tidy/arrows.rs";
            add(1, format!("unknown module {module}"), advice.to_owned());
            return findings;
        }
    };
    for (line, name) in named_from_root(&tokens, depth) {
        if name == module || holds(may_use, name) {
            continue;
        }
        let what = format!("{module} names {name}");
        let advice = if row(MODULES, name).is_some() {
            format!("it may name [{may_use}]: turn the arrow round, or let sim carry it")
        } else {
            "name it by its module, as in crate::model::Job".to_owned()
        };
        add(line, what, advice);
    }
    for (line, name) in named_crates(&tokens) {
        if let Some(homes) = row(CRATES, name).filter(|homes| !holds(homes, module)) {
            let advice = format!("only [{homes}] may: move what needs it there");
            add(line, format!("{module} names the crate {name}"), advice);
        }
    }
    findings
}

fn row(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(first, _)| *first == name)
        .map(|(_, names)| *names)
}

fn holds(names: &str, name: &str) -> bool {
    names.split(' ').any(|it| it == name)
}

/// The top-level module of a file below `src/`, and how many `super` lead from it to the root.
fn place(path: &str) -> (&str, usize) {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let depth = if matches!(path, "lib" | "main") {
        0
    } else {
        path.split('/').count()
    };
    (path.split('/').next().unwrap_or(path), depth)
}

/// What stands behind `crate::`, `dryjob::` or enough `super::` to reach the crate's root.
fn named_from_root<'a>(tokens: &[Token<'a>], depth: usize) -> Vec<(usize, &'a str)> {
    let mut names = Vec::new();
    // For each open brace, whether it is an inline module's.
    let mut open = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let inline = at >= 2 && tokens[at - 2].text == "mod";
        let mut past = None;
        match tokens[at].text {
            "{" => open.push(inline),
            "}" => drop(open.pop()),
            "crate" | "dryjob" => past = after_colons(tokens, at),
            "super" => {
                let mut supers = 0;
                let mut next = Some(at);
                while let Some(here) = next.filter(|here| is(tokens, *here, "super")) {
                    supers += 1;
                    next = after_colons(tokens, here);
                    at = here;
                }
                let needed = depth + open.iter().filter(|it| **it).count();
                past = next.filter(|_| supers >= needed);
            }
            _ => {}
        }
        if let Some(past) = past {
            names.extend(first_names(&tokens[past..]));
        }
        at += 1;
    }
    names
}

fn is(tokens: &[Token<'_>], at: usize, text: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.text == text)
}

/// The place after `::` behind the token at `at`.
fn after_colons(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    (is(tokens, at + 1, ":") && is(tokens, at + 2, ":")).then_some(at + 3)
}

/// The first name of a path, or of each path in braces.
fn first_names<'a>(tokens: &[Token<'a>]) -> Vec<(usize, &'a str)> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut expected = true;
    for token in tokens {
        match token.text {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            "," if depth == 1 => expected = true,
            name if expected => {
                names.push((token.line, name));
                expected = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// Words used as crates: at the start of a path, after `use`, or as an attribute.
fn named_crates<'a>(tokens: &[Token<'a>]) -> Vec<(usize, &'a str)> {
    let named = |at: &usize| {
        let before = if *at == 0 { "" } else { tokens[at - 1].text };
        before == "use" || (before == "[" && is(tokens, at + 1, "(")) || path_start(tokens, *at)
    };
    let places = (0..tokens.len()).filter(named);
    places
        .map(|at| (tokens[at].line, tokens[at].text))
        .collect()
}

fn path_start(tokens: &[Token<'_>], at: usize) -> bool {
    let inner = at >= 3 && after_colons(tokens, at - 3).is_some() && tokens[at - 3].is_word();
    after_colons(tokens, at).is_some() && !inner
}

#[cfg(test)]
mod tests {
    use super::{CRATES, MODULES, holds, row};
    use crate::tidy::found;

    fn check(path: &str, text: &str, want: &str) {
        assert_eq!(found(super::check, path, text), want, "{path}: {text}");
    }

    #[test]
    fn the_table_points_upwards() {
        let names: Vec<&str> = MODULES.iter().map(|(name, _)| *name).collect();
        for (at, (name, may_use)) in MODULES.iter().enumerate() {
            assert!(!names[..at].contains(name), "{name} stands there twice");
            for used in may_use.split_whitespace() {
                assert!(
                    names[..at].contains(&used),
                    "{name} uses {used}, which is not above it"
                );
            }
        }
        for home in CRATES.iter().flat_map(|(_, homes)| homes.split(' ')) {
            assert!(names.contains(&home), "{home} is no module");
        }
    }

    #[test]
    fn the_table_keeps_apart_what_must_not_meet() {
        let apart = ["control", "node", "schedule", "fault", "workload"];
        for module in apart {
            let may_use = row(MODULES, module).unwrap_or_default();
            assert!(
                !apart.iter().any(|other| holds(may_use, other)),
                "{module}: {may_use}"
            );
        }
        for (module, may_use) in MODULES {
            let both = holds(may_use, "kernel") && holds(may_use, "model");
            assert!(
                !both || ["sim", "api", "control"].contains(module),
                "{module}: {may_use}"
            );
        }
    }

    #[test]
    fn finds_wrong_arrows() {
        check(
            "src/model/pod.rs",
            "use crate::base::Span; use crate::model::Job;",
            "",
        );
        check(
            "src/model/pod.rs",
            "\nuse crate::sim::World;",
            "2: model names sim",
        );
        check(
            "src/control/job/sync.rs",
            "fn f(x: crate::node::X) {}",
            "1: control names node",
        );
        check(
            "src/sim/mod.rs",
            "use crate::{api::{Store, report::X}, cli::*, base::Span};",
            "1: sim names cli",
        );
        check("src/main.rs", "fn main() { dryjob::cli::run(); }", "");
        check(
            "src/main.rs",
            "use dryjob::sim::World;",
            "1: main names sim",
        );
        check("src/lib.rs", "pub use crate::sim::World;", "");
    }

    #[test]
    fn finds_wrong_arrows_in_tests_but_not_in_prose() {
        let tests = "#[cfg(test)] mod tests { use crate::kernel::Queue; }";
        check("src/model/pod.rs", tests, "1: model names kernel");
        check(
            "src/model/pod.rs",
            "/// [`crate::sim::World`]\nconst S: &str = \"crate::sim\";",
            "",
        );
    }

    #[test]
    fn finds_ways_around_through_the_root() {
        check(
            "src/model/pod.rs",
            "use crate::Queue;",
            "1: model names Queue",
        );
        check("src/model/pod.rs", "use crate::*;", "1: model names *");
        check(
            "src/model/mod.rs",
            "use super::sim::World;",
            "1: model names sim",
        );
        check("src/model/pod.rs", "use super::sim::World;", "");
        check(
            "src/model/pod.rs",
            "use super::super::sim::World;",
            "1: model names sim",
        );
        check(
            "src/model/mod.rs",
            "mod tests { use super::*; } use super::{base, sim};",
            "1: model names sim",
        );
        check(
            "src/model/mod.rs",
            "pub(super) fn f() {} pub(crate) use self::pod::Pod;",
            "",
        );
    }

    #[test]
    fn finds_modules_without_a_row() {
        check("src/extra/mod.rs", "", "1: unknown module extra");
        check("src/extra.rs", "", "1: unknown module extra");
    }

    #[test]
    fn finds_crates_away_from_home() {
        check("src/manifest/twin.rs", "use serde::Deserialize;", "");
        check(
            "src/model/job.rs",
            "use serde::Deserialize;",
            "1: model names the crate serde",
        );
        check(
            "src/model/job.rs",
            "#[serde(default)] x: u8",
            "1: model names the crate serde",
        );
        check(
            "src/sim/mod.rs",
            "let x: serde_json::Value;",
            "1: sim names the crate serde_json",
        );
        check(
            "src/sim/mod.rs",
            "let clap = self.clap; crate::sim::clap::f()",
            "",
        );
    }
}
