//! Words that are not used here, because they break a promise or say nothing.

use std::collections::BTreeSet;

use super::scan::{Token, starts_with, test_modules, tokens, without_tests};
use super::{Finding, Source};

/// Where a word is banned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// In all code.
    Everywhere,
    /// In `src/`.
    Library,
    /// In `src/`, outside of tests.
    Shipped,
}

struct Ban {
    codes: &'static [&'static str],
    scope: Scope,
    advice: &'static str,
}

/// Code, found as tokens: white space does not matter, comments and strings do not count.
const BANS: &[Ban] = &[
    Ban {
        codes: &["Instant::now", "SystemTime"],
        scope: Scope::Everywhere,
        advice: "results do not depend on the wall clock: take the time as an argument",
    },
    Ban {
        codes: &["HashMap", "HashSet"],
        scope: Scope::Everywhere,
        advice: "their order differs from run to run: use BTreeMap, BTreeSet or an index",
    },
    Ban {
        codes: &["thread_rng", "rand::rng", "from_entropy", "from_os_rng"],
        scope: Scope::Everywhere,
        advice: "random numbers have addresses: open a base::Stream",
    },
    Ban {
        codes: &[
            ".ln()",
            ".ln_1p()",
            ".log(",
            ".log2()",
            ".log10()",
            ".exp()",
            ".exp2()",
            ".exp_m1()",
            ".powf(",
            ".powi(",
            ".sin()",
            ".cos()",
            ".tan()",
            ".sinh()",
            ".cosh()",
            ".tanh()",
            ".cbrt()",
            "f64::ln",
            "f64::ln_1p",
            "f64::log",
            "f64::log2",
            "f64::log10",
            "f64::exp",
            "f64::exp2",
            "f64::exp_m1",
            "f64::powf",
            "f64::powi",
            "f64::sin",
            "f64::cos",
            "f64::tan",
            "f64::sinh",
            "f64::cosh",
            "f64::tanh",
            "f64::cbrt",
        ],
        scope: Scope::Everywhere,
        advice: "its last bits differ between platforms: use libm",
    },
    Ban {
        codes: &[
            ".unwrap()",
            ".unwrap_err()",
            ".expect(",
            ".expect_err(",
            "panic!",
        ],
        scope: Scope::Shipped,
        advice: "any input gets an answer: return an error, or make the state impossible",
    },
    Ban {
        codes: &["unreachable!"],
        scope: Scope::Shipped,
        advice: "make the state impossible, or say in EXCEPTIONS why it cannot be reached",
    },
    Ban {
        codes: &["todo!", "unimplemented!", "dbg!"],
        scope: Scope::Everywhere,
        advice: "finish it before it is committed",
    },
    Ban {
        codes: &["println!", "print!", "eprintln!", "eprint!"],
        scope: Scope::Library,
        advice: "the library is silent, and the program writes to the writers it is given",
    },
];

/// Notes to oneself, in two halves so that this file passes. Looked for in comments too.
const NOTES: &[(&str, &str)] = &[("TO", "DO"), ("FIX", "ME"), ("XX", "X")];

/// Parts of names that say nothing; `s` may follow.
const EMPTY_WORDS: &[&str] = &["helper", "info", "manager", "processor", "util"];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let tests = test_files(sources);
    let code = sources.iter().filter(|source| source.is_code());
    code.flat_map(|source| {
        let tokens = tokens(&source.text);
        let is_test = tests.iter().any(|it| is_module_of(&source.path, it));
        let mut findings = check_code(source, &tokens, is_test);
        findings.extend(check_notes(source));
        findings.extend(check_names(source, &tokens));
        findings
    })
    .collect()
}

fn check_code(source: &Source, tokens: &[Token<'_>], is_test: bool) -> Vec<Finding> {
    let shipped = if is_test {
        Vec::new()
    } else {
        without_tests(tokens)
    };
    let library = source.path.starts_with("src/");
    let mut findings = Vec::new();
    for ban in BANS {
        let searched = match ban.scope {
            Scope::Everywhere => tokens,
            Scope::Library if library => tokens,
            Scope::Shipped if library => &shipped,
            _ => continue,
        };
        for code in ban.codes {
            let pattern = self::tokens(code);
            for at in (0..searched.len()).filter(|at| starts_with(&searched[*at..], &pattern)) {
                findings.push(Finding::new(
                    &source.path,
                    searched[at].line,
                    *code,
                    ban.advice,
                ));
            }
        }
    }
    findings
}

fn check_notes(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        let words: BTreeSet<&str> = line.split(|c: char| !c.is_alphanumeric()).collect();
        for note in NOTES.iter().map(|(start, end)| format!("{start}{end}")) {
            if words.contains(note.as_str()) {
                let advice = "do it now, or make it an issue";
                findings.push(Finding::new(&source.path, at + 1, note, advice));
            }
        }
    }
    findings
}

fn check_names(source: &Source, tokens: &[Token<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pair in tokens.windows(2) {
        let names = matches!(
            pair[0].text,
            "mod" | "struct" | "enum" | "trait" | "type" | "union"
        );
        if names && pair[1].is_word() && words_of(pair[1].text).any(|word| is_empty(&word)) {
            let advice = "say what it is or does, in Kubernetes' words if there are any";
            let what = format!("{} {}", pair[0].text, pair[1].text);
            findings.push(Finding::new(&source.path, pair[1].line, what, advice));
        }
    }
    findings
}

fn is_empty(word: &str) -> bool {
    EMPTY_WORDS.contains(&word) || EMPTY_WORDS.contains(&word.trim_end_matches('s'))
}

/// `JobInfo`, `job_info` and `JOB_INFO` are `job` and `info`.
fn words_of(name: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c != '_') {
            word.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase();
    }
    words.into_iter()
}

/// The modules that are tests and stand in files of their own, as paths without `.rs`.
fn test_files(sources: &[Source]) -> Vec<String> {
    let mut modules = Vec::new();
    for source in sources.iter().filter(|source| source.is_code()) {
        let folder = ["/mod.rs", "/lib.rs", "/main.rs", ".rs"]
            .iter()
            .find_map(|end| source.path.strip_suffix(end))
            .unwrap_or(&source.path);
        let names = test_modules(&tokens(&source.text));
        modules.extend(names.iter().map(|name| format!("{folder}/{name}")));
    }
    modules
}

/// Whether a file is a module's, or one below it.
fn is_module_of(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use crate::tidy::{Source, found};

    fn check(path: &str, text: &str, want: &str) {
        assert_eq!(found(super::check, path, text), want, "{path}: {text}");
    }

    #[test]
    fn finds_banned_code_and_no_prose() {
        check("src/a.rs", "\nlet t = Instant :: now();", "2: Instant::now");
        check(
            "src/a.rs",
            "// HashMap\n/* panic!() */ let x = \"thread_rng .unwrap()\";",
            "",
        );
        check(
            "tests/it/a.rs",
            "use std::collections::HashMap;",
            "1: HashMap",
        );
        check(
            "src/a.rs",
            "x.ln() + 2.0_f64.powf(y)\n+ f64::exp(z)",
            "1: .ln(); 1: .powf(; 2: f64::exp",
        );
        check(
            "src/a.rs",
            "libm::log(x); x.line(); x.logs(1); x.sqrt()",
            "",
        );
    }

    #[test]
    fn finds_panics_in_what_ships_only() {
        check("src/a.rs", "x\n    .unwrap()", "2: .unwrap()");
        check(
            "src/a.rs",
            "x.unwrap_or(1); #[expect(dead_code)] fn f() { panic != 3 }",
            "",
        );
        check(
            "src/a.rs",
            "#[cfg(test)] mod tests { fn f() { x.unwrap(); panic!() } }",
            "",
        );
        check("tests/it/a.rs", "x.expect(\"it\")", "");
        check(
            "src/a.rs",
            "x.expect(\"it\"); unreachable!()",
            "1: .expect(; 1: unreachable!",
        );
        check(
            "src/a.rs",
            "#[cfg(test)] mod tests { fn f() { println!() } }",
            "1: println!",
        );
    }

    #[test]
    fn knows_tests_in_files_of_their_own() {
        let case = |declaration: &str, path: &str| {
            let sources = [
                Source::new("src/a/mod.rs", declaration),
                Source::new(path, "x.unwrap()"),
            ];
            super::check(&sources).len()
        };
        assert_eq!(case("#[cfg(test)] mod tests;", "src/a/tests.rs"), 0);
        assert_eq!(case("#[cfg(test)] mod tests;", "src/a/tests/more.rs"), 0);
        assert_eq!(case("#[cfg(test)] mod tests;", "src/a/tests_not.rs"), 1);
        assert_eq!(case("mod tests;", "src/a/tests.rs"), 1);
    }

    #[test]
    fn finds_notes_in_comments_too() {
        let note = ["TO", "DO"].concat();
        check(
            "src/a.rs",
            &format!("// {note}: more"),
            &format!("1: {note}"),
        );
        check(
            "src/a.rs",
            &format!("// {note}S, {}", note.to_lowercase()),
            "",
        );
    }

    #[test]
    fn finds_names_that_say_nothing() {
        check(
            "src/a.rs",
            "struct JobInfo; mod utils; fn info() {}",
            "1: struct JobInfo; 1: mod utils",
        );
        check(
            "src/a.rs",
            "enum Information {} trait Managed {} type Info = u8;",
            "1: type Info",
        );
    }
}
