//! The API server's verdicts on Jobs and `CronJob`s were recorded in four releases; ours have to be
//! the same: field by field, in its order and words, with its warnings and the object it stores.

use std::process::Command;

/// Plays a file with a release, and gives what was said.
fn play(name: &str, release: &str) -> String {
    let path = format!(
        "{}/tests/conformance/admission/{name}.jsonl.gz",
        env!("CARGO_MANIFEST_DIR")
    );
    let output = Command::new(env!("CARGO_BIN_EXE_dryjob"))
        .args(["conformance", "admission", &path, "--kubernetes", release])
        .output()
        .expect("the program runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Files and their cases.
const FILES: [(&str, usize); 4] = [
    ("job-create", 2296),
    ("cronjob-create", 328),
    ("job-update", 603),
    ("cronjob-update", 143),
];

fn agrees(release: &str) {
    for (name, all) in FILES {
        let said = play(name, release);
        assert_eq!(
            said,
            format!("agree {all} of {all}\n"),
            "{name} on {release}"
        );
    }
}

#[test]
fn verdicts_are_those_of_the_newest_release() {
    agrees("1.37");
}

#[test]
fn verdicts_are_those_of_1_35() {
    agrees("1.35");
}

#[test]
fn verdicts_are_those_of_1_33() {
    agrees("1.33");
}

#[test]
fn verdicts_are_those_of_1_31() {
    agrees("1.31");
}
