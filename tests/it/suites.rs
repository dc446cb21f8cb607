//! Recordings of texts by themselves: quantities, cron expressions, and files for decoders.

use std::process::Command;

/// Plays recordings with a suite, and gives what was said last: `agree N of M`.
fn play(suite: &str, path: &str) -> String {
    let path = format!("{}/tests/conformance/{path}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO_BIN_EXE_dryjob"))
        .args(["conformance", suite, &path])
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stdout);
    told.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn quantities_are_those_of_kubernetes() {
    assert_eq!(play("quantities", "quantities"), "agree 916 of 916");
}

#[test]
fn schedules_start_jobs_when_those_of_kubernetes_do() {
    assert_eq!(
        play("cron-expressions", "cron-expressions"),
        "agree 680 of 680"
    );
}

/// One file has `2.5:,` in a flow list, which is a string to Kubernetes and a mapping to our
/// parser.
#[test]
fn files_are_decoded_as_kubernetes_decodes_them() {
    assert_eq!(play("decode", "decode/hand.tgz"), "agree 91 of 91");
    assert_eq!(play("decode", "decode/mutated.tgz"), "agree 599 of 600");
}
