//! The page of rules is made from the tables that the engine reads.

use dryjob::model::release::{GATES, QUIRKS};
use dryjob::model::{Release, RuleId};
use std::fmt::Write as _;
use std::path::PathBuf;

fn page() -> String {
    let mut page = String::from(
        "Which rules a run can name, and where releases differ. This page is made from the tables \
         that the engine reads.\n\n# Rules\n\n| rule | what |\n|---|---|\n",
    );
    for rule in RuleId::ALL {
        let _ = writeln!(page, "| {rule} | {} |", rule.title());
    }
    let (oldest, newest) = (Release::ALL[0], Release::LATEST);
    let _ = write!(
        page,
        "\n# Releases\n\nFrom {oldest} to {newest}, each with its default feature gates; \
         [`Release::behavior`](crate::model::Release::behavior) gives what they come to.\n\n\
         | feature gate | KEP | on by default from |\n|---|---|---|\n"
    );
    for gate in GATES {
        let kep = gate.kep.map_or_else(|| "–".to_owned(), |it| it.to_string());
        let _ = writeln!(page, "| {} | {kep} | {} |", gate.name, gate.on);
    }
    page.push_str("\n| rule | changed in | before |\n|---|---|---|\n");
    for quirk in QUIRKS {
        let _ = writeln!(
            page,
            "| {} | {} | {} |",
            quirk.rule, quirk.since, quirk.before
        );
    }
    page
}

#[test]
fn the_page_of_rules_is_what_the_engine_reads() {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "src/docs/semantics.md"]
        .iter()
        .collect();
    if std::env::var_os("DRYJOB_BLESS").is_some() {
        std::fs::write(&path, page()).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).expect("the page is there");
    assert_eq!(
        written,
        page(),
        "run the test again with DRYJOB_BLESS=1 and read the diff"
    );
}
