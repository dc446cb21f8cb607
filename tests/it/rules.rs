//! Every rule of the pod model is cited by a case: P1 to P122, the feature gates G1 to G20, the
//! worked timelines E1 to E15.
//!
//! A case cites the rules that its name begins with (`p24_p29_waits_…`), or that its doc comment
//! begins with (`P76, E9: the node …`); a fixture those that its first comment lines begin with
//! (`# P38: …`). Prose in the sources cites nothing. What has no case stands in [`WITHOUT`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Numbers that no rule has.
const UNASSIGNED: [u32; 6] = [42, 95, 96, 97, 98, 119];

/// Rules without a case, and why. A line whose rules all have one is a failure itself.
const WITHOUT: &[(&str, &str)] = &[
    (
        "P19",
        "the list of events that a model needs: no behaviour of its own",
    ),
    (
        "P89",
        "collection of images and dead containers, rotation of logs: nothing of it ends a pod, \
         and a node that is short of disk is a deed of its own (P63)",
    ),
    (
        "P99-P118",
        "the scheduler's rules: their cases are where src/schedule is",
    ),
    (
        "P122",
        "how exactly a run can be compared with a real cluster: a remark on P14, P18 and P31",
    ),
    (
        "G5",
        "off by default wherever it changes anything: there is no word for it",
    ),
    (
        "G11",
        "the taint manager does the same within the node controller and beside it (P74)",
    ),
    (
        "G13-G19",
        "the scheduler's gates: their cases are where src/schedule is",
    ),
    (
        "G20",
        "off by default in all releases: who writes lifecycle.stopSignal has it on",
    ),
];

/// All rules.
fn rules() -> BTreeSet<String> {
    let all = |letter: &'static str, last: u32| (1..=last).map(move |n| format!("{letter}{n}"));
    let mut rules: BTreeSet<String> = all("P", 122)
        .chain(all("G", 20))
        .chain(all("E", 15))
        .collect();
    for number in UNASSIGNED {
        rules.remove(&format!("P{number}"));
    }
    rules.insert("P65a".to_owned());
    rules
}

/// `P7`, `p65a`: one letter, a number, and perhaps a letter.
fn is_rule(word: &str) -> bool {
    let mut chars = word.chars();
    let kind = chars.next().is_some_and(|it| "PGEpge".contains(it));
    let rest = chars.as_str().trim_end_matches('a');
    kind && !rest.is_empty() && rest.chars().all(|it| it.is_ascii_digit())
}

/// The rule as the documents write it.
fn rule(word: &str) -> String {
    let (letter, rest) = word.split_at(1);
    letter.to_uppercase() + rest
}

/// The rules that a function's name begins with; a number alone is a part of the rule before it.
fn named(name: &str) -> Vec<String> {
    let is_part = |it: &str| it.chars().all(|c| c.is_ascii_digit());
    let words = name.split('_');
    let begins = words.take_while(|it| is_rule(it) || is_part(it));
    begins.filter(|it| is_rule(it)).map(rule).collect()
}

/// The rules that a comment begins with: a list up to a colon or a full stop.
fn told(comment: &str) -> Vec<String> {
    let head = comment.split([':', '.']).next().unwrap_or("");
    let words = head.split([' ', ',']).filter(|it| !it.is_empty());
    let begins = words.take_while(|it| is_rule(it) || *it == "and");
    begins.filter(|it| is_rule(it)).map(rule).collect()
}

/// What the cases of a Rust file cite: rule and name of the case.
fn cited_by_cases(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut comment, mut is_case) = (String::new(), false);
    for line in text.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("/// ") {
            comment = format!("{comment} {words}").trim().to_owned();
        } else if line == "#[test]" {
            is_case = true;
        } else if let Some(rest) = line.strip_prefix("fn ").filter(|_| is_case) {
            let name = rest.split(['(', '<']).next().unwrap_or("");
            let rules = named(name).into_iter().chain(told(&comment));
            found.extend(rules.map(|it| (it, name.to_owned())));
            (comment, is_case) = (String::new(), false);
        } else if !line.starts_with("#[") {
            (comment, is_case) = (String::new(), false);
        }
    }
    found
}

/// What a fixture cites in the comment that it begins with.
fn cited_by_fixture(text: &str) -> Vec<String> {
    let lines = text.lines();
    let comments = lines.map_while(|it| it.strip_prefix("# "));
    comments.flat_map(told).collect()
}

/// All files below a folder with that ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("its entries too").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|it| it == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Each rule that is cited, with the cases that cite it.
fn citations() -> BTreeMap<String, Vec<String>> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut cite = |rule: String, path: &Path, case: &str| {
        let place = path.strip_prefix(top).unwrap_or(path).display();
        all.entry(rule).or_default().push(format!("{place} {case}"));
    };
    for folder in ["src", "tests/it"] {
        for path in files(&top.join(folder), "rs") {
            let text = fs::read_to_string(&path).expect("sources are text");
            for (rule, case) in cited_by_cases(&text) {
                cite(rule, &path, &case);
            }
        }
    }
    for path in files(&top.join("tests/fixtures/reports"), "yaml") {
        let text = fs::read_to_string(&path).expect("fixtures are text");
        for rule in cited_by_fixture(&text) {
            cite(rule, &path, "");
        }
    }
    all
}

/// `P99-P118` or `P42`.
fn range(text: &str) -> Vec<String> {
    let Some((first, last)) = text.split_once('-') else {
        return vec![text.to_owned()];
    };
    let number = |it: &str| it[1..].parse::<u32>().expect("a rule's number");
    let numbers = number(first)..=number(last);
    numbers.map(|it| format!("{}{it}", &first[..1])).collect()
}

fn excused() -> BTreeSet<String> {
    WITHOUT.iter().flat_map(|(text, _)| range(text)).collect()
}

#[test]
fn every_rule_has_a_case_or_a_reason_for_having_none() {
    let (cited, excused) = (citations(), excused());
    let bare: Vec<String> = rules()
        .into_iter()
        .filter(|it| !cited.contains_key(it) && !excused.contains(it))
        .collect();
    assert!(
        bare.is_empty(),
        "no case cites {}: write one whose name begins with the rule, or say in WITHOUT why there \
         is none",
        bare.join(", ")
    );
}

#[test]
fn every_rule_that_is_cited_exists() {
    let rules = rules();
    let unknown: Vec<_> = citations()
        .into_iter()
        .filter(|(rule, _)| !rules.contains(rule))
        .collect();
    assert!(unknown.is_empty(), "there are no such rules: {unknown:#?}");
}

#[test]
fn every_reason_is_needed() {
    let (cited, rules) = (citations(), rules());
    for (text, why) in WITHOUT {
        let known = |it: &String| rules.contains(it) || text.contains('-');
        assert!(range(text).iter().all(known), "{text} names no rule");
        assert!(why.len() > 20, "{text} needs a reason");
        let bare = |it: &String| rules.contains(it) && !cited.contains_key(it);
        let needed = range(text).iter().any(bare);
        assert!(needed, "every rule of {text} has a case: take it out");
    }
}

#[test]
fn citations_are_found_where_cases_begin() {
    let text = "
        /// P9: prose about no case.
        fn helper() {}

        #[test]
        fn p8_1_p11_the_phase_of_p12() {}

        /// P76, E9 and P65a. After P70.
        #[test]
        fn plain() {}

        /// The rule P3 is not meant.
        #[test]
        #[should_panic]
        fn e10_prose() {}
    ";
    let found: Vec<String> = cited_by_cases(text).into_iter().map(|it| it.0).collect();
    assert_eq!(found, ["P8", "P11", "P76", "E9", "P65a", "E10"]);
    assert_eq!(
        cited_by_fixture("# P38: a bad image\n# P5, P37.\na: 1\n# P6"),
        ["P38", "P5", "P37"]
    );
    assert_eq!(range("P99-P101"), ["P99", "P100", "P101"]);
}
