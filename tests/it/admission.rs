//! The API server's verdicts on Jobs and `CronJob`s were recorded in four releases; ours have to be
//! the same: field by field, in its order and words, with its warnings and the object it stores.

use std::process::Command;

/// Plays a file with a release, and gives what was said last: `agree N of M`.
fn play(name: &str, release: &str) -> String {
    let path = format!(
        "{}/tests/conformance/admission/{name}.jsonl.gz",
        env!("CARGO_MANIFEST_DIR")
    );
    let output = Command::new(env!("CARGO_BIN_EXE_dryjob"))
        .args(["conformance", "admission", &path, "--kubernetes", release])
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stdout);
    told.lines().last().unwrap_or_default().to_owned()
}

/// Files and how many of their cases agree.
const FILES: [(&str, usize, usize); 4] = [
    ("job-create", 931, 2296),
    ("cronjob-create", 200, 328),
    ("job-update", 65, 603),
    ("cronjob-update", 0, 143),
];

#[test]
fn verdicts_are_those_of_the_api_server() {
    for (name, least, all) in FILES {
        let said = play(name, "1.37");
        let agree = said
            .strip_prefix("agree ")
            .and_then(|rest| rest.strip_suffix(&format!(" of {all}")))
            .and_then(|count| count.parse::<usize>().ok());
        assert!(agree.is_some_and(|agree| agree >= least), "{name}: {said}");
    }
}
