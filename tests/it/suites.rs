//! Recordings of texts by themselves: quantities, cron expressions, and files for decoders.

use std::process::Command;

/// Plays recordings with a suite, and gives what was said: differences, then `agree N of M`.
fn play(suite: &str, path: &str) -> String {
    let path = format!("{}/tests/conformance/{path}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO_BIN_EXE_dryjob"))
        .args(["conformance", suite, &path])
        .output()
        .expect("the program runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn quantities_are_those_of_kubernetes() {
    assert_eq!(play("quantities", "quantities"), "agree 916 of 916\n");
}

#[test]
fn schedules_start_jobs_when_those_of_kubernetes_do() {
    assert_eq!(
        play("cron-expressions", "cron-expressions"),
        "agree 680 of 680\n"
    );
}

#[test]
fn files_written_for_one_question_each_are_decoded_as_kubernetes_does() {
    assert_eq!(play("decode", "decode/hand.tgz"), "agree 91 of 91\n");
}

/// One file has `2.5:,` in a flow list, which is a string to Kubernetes and a mapping to our
/// parser.
#[test]
fn files_mutated_at_random_are_decoded_as_kubernetes_does() {
    let said = play("decode", "decode/mutated.tgz");
    assert!(said.ends_with("\nagree 599 of 600\n"), "{said}");
    assert!(
        said.contains("mutated.tgz: f01258.yaml: document 0: "),
        "{said}"
    );
    assert!(said.contains(r#"{"2.5":null}"#), "{said}");
}
