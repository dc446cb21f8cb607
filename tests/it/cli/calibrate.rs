//! Scenario files made from pods that ran on a cluster.

use super::{Folder, check, dryjob, dryjob_reading};
use dryjob::scenario::ScenarioFile;
use std::fs;

const PODS: &str = "../calibrate/train.json";

/// What the program writes about that, on stdout.
fn written(arguments: &[&str]) -> String {
    let said = dryjob(&[&["calibrate"], arguments].concat());
    assert_eq!(
        (said.code, said.err.as_str()),
        (Some(0), ""),
        "{arguments:?}"
    );
    let file = ScenarioFile::read("scenario.yaml", said.out.as_bytes());
    let file = file.unwrap_or_else(|errors| panic!("{errors}\n{}", said.out));
    assert!(
        file.has_workload() && file.warnings().is_empty(),
        "{}",
        said.out
    );
    said.out
}

fn has(text: &str, parts: &[&str]) {
    let flat = text.split_whitespace().filter(|it| *it != "#");
    let flat = flat.collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(flat.contains(part), "{part:?} is missing in\n{text}");
    }
}

#[test]
fn pods_become_a_scenario_that_tells_where_its_numbers_come_from() {
    let text = written(&[PODS]);
    has(
        &text,
        &[
            "What pods did on a cluster: Job \"train\" (9 pods).",
            "Of 9 pods: - 1 EvictionByEvictionAPI: as by kubectl drain",
            "\"main\": 4 runs succeeded, 3 failed, 1 under way, 1 ended from outside.",
            "- container: main The values themselves, 5 durations: fewer than the 20 that a law \
             takes; 4 more count as longer than what was seen.",
            "run: empirical(17m59s",
            "1 of 7 runs that were seen to end",
            "exit: oomKilled Earlier than runs that succeed. The same to the second: 1 duration. \
             after: 32s",
            ":42",
            ":startError",
            "first pod on a node took 9s in the median, later ones 2s",
            "sandbox: empirical(2s*4,9s*2,10s,11s)",
        ],
    );
}

#[test]
fn init_containers_sidecars_restarts_and_probes_are_told() {
    let text = written(&["../calibrate/restarts.json"]);
    has(
        &text,
        &[
            "- container: fetch",
            "run: empirical(19s,20s,24s)",
            "\"proxy\" is a sidecar: it stays until it is stopped.",
            "1 run succeeded, 2 failed, 1 under way, 3 failed unseen, by the number of restarts.",
            "- container: model",
            "probes: Of pods that run. The same to the second: 1 duration. ready: 12s",
        ],
    );
    assert!(!text.contains("container: proxy"), "{text}");
}

#[test]
fn the_file_that_is_written_is_played_and_forecast() {
    let folder = Folder::new("calibrate");
    let path = super::shown(&folder.0.join("scenario.yaml"));
    let said = check(&format!("calibrate {PODS} -o {path}"), 0, "");
    assert_eq!(said.out, "");
    has(
        &said.err,
        &[
            "note: main: 4 runs succeeded, 3 failed, 1 under way, 1 ended from outside",
            "note: 1 pod was ended from outside",
        ],
    );
    let text = fs::read_to_string(&path).expect("it was written");
    assert_eq!(text, written(&[PODS]));
    let run = dryjob(&["run", "-f", "train.yaml", "--scenario", &path, "-o", "name"]);
    assert_eq!(run.out, "job.batch/train\n", "{}", run.err);
    let forecast = format!("forecast -f train.yaml --scenario {path} --trials 200 -o json");
    let said = check(&forecast, 0, "");
    assert!(said.out.contains("\"trials\": 200"), "{}", said.out);
}

#[test]
fn of_several_jobs_one_is_chosen_or_all_that_are_one() {
    let several = "calibrate ../calibrate/several.json";
    let names = "Job \"nightly\" (2 pods), no Job (1 pod), Job \"train\" (1 pod)";
    check(several, 2, names);
    check(several, 2, "choose with --job NAME");
    check(
        &format!("{several} --job nope"),
        2,
        &format!("Job \"nope\"; there are pods of {names}"),
    );
    check(
        &format!("{several} -n web"),
        2,
        "no pod is of namespace \"web\"",
    );
    let one = written(&["../calibrate/several.json", "--job", "nightly"]);
    has(
        &one,
        &[
            "Job \"nightly\" (2 pods)",
            "ended so: 1 Complete.",
            "run: 1m0.5s",
        ],
    );
    let one = written(&[
        "../calibrate/several.json",
        "--job",
        "nightly-29386080",
        "-n",
        "ml",
    ]);
    has(&one, &["Job \"nightly\" (1 pod)", "run: 1m1s"]);
    let all = written(&["../calibrate/several.json", "--job", "n*", "--job", "train"]);
    has(
        &all,
        &["(2 pods), Job \"train\" (1 pod)", "empirical(1m,1m1s,10m)"],
    );
}

#[test]
fn pods_come_from_files_and_from_stdin_as_lists_or_one_by_one() {
    let pods = fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/calibrate/train.json"
    ));
    let pods = pods.expect("the fixture is there");
    let whole = written(&[PODS]);
    // Whoever is there twice counts once.
    assert_eq!(dryjob_reading(&["calibrate", "-", PODS], &pods).out, whole);
    let list: serde_json::Value = serde_json::from_slice(&pods).expect("it is JSON");
    let items = list["items"].as_array().expect("it is a list");
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    let stream = items.join("\n");
    assert_eq!(
        dryjob_reading(&["calibrate", "-"], stream.as_bytes()).out,
        whole
    );
    let marked = [b"\xef\xbb\xbf".as_slice(), &pods].concat();
    assert_eq!(dryjob_reading(&["calibrate", "-"], &marked).out, whole);
}

/// What is said of that on stdin.
#[track_caller]
fn refused(input: &[u8], code: i32, sentence: &str) {
    let said = dryjob_reading(&["calibrate", "-"], input);
    let start: String = String::from_utf8_lossy(input).chars().take(60).collect();
    assert_eq!(said.code, Some(code), "{start}: {}", said.err);
    assert!(said.err.contains(sentence), "{start}: {}", said.err);
    assert_eq!(said.out, "", "{start}");
}

#[test]
fn what_is_no_list_of_pods_is_told_with_a_way_out() {
    refused(
        b"",
        3,
        "STDIN: there is nothing in it\n  = help: give what `kubectl get pods,jobs",
    );
    refused(b"NAME  READY\na  1/1\n", 3, "this is no JSON: expected");
    refused(b"apiVersion: v1\nkind: List\n", 3, "this is no JSON");
    refused(b"{\"kind\": \"List\", \"items\": [", 3, "EOF while parsing");
    refused(b"\xff\xfe{\0}\0", 3, "UTF-16, as PowerShell writes it");
    refused(
        b"[1]",
        3,
        "no object of Kubernetes: an object is expected here, not [1]",
    );
    refused(b"{\"items\": []}", 3, "it has no kind");
    refused(
        b"{\"kind\": \"List\", \"items\": [7]}",
        3,
        "STDIN: items[0]: an object is expected",
    );
    refused(
        b"{\"kind\": \"List\", \"items\": null}",
        1,
        "there are no pods\n  = help: ",
    );
    let others = br#"{"kind": "List", "items": [{"kind": "Service"}, {"kind": "Job"}]}"#;
    refused(
        others,
        1,
        "no pods among what was given (1 of kind Service, 1 of kind Job)",
    );
    refused(others, 1, "ttlSecondsAfterFinished");
}

#[test]
fn fields_that_are_none_are_told_by_their_paths() {
    let field = |status: &str| {
        format!(r#"{{"kind": "PodList", "items": [{{"metadata": {{}}, "status": {status}}}]}}"#)
    };
    for (status, sentence) in [
        ("7", "items[0].status: invalid type: integer `7`"),
        (
            r#"{"containerStatuses": [{"name": "a", "restartCount": -1}]}"#,
            "items[0].status.containerStatuses[0].restartCount: invalid value: integer `-1`",
        ),
        (
            r#"{"containerStatuses": [{"name": "a", "state": {"running": {"startedAt": "now"}}}]}"#,
            "running.startedAt: invalid value: string \"now\", expected a time such as",
        ),
        (
            r#"{"containerStatuses": [{"name": "a", "state": {"terminated": {}}}]}"#,
            "state.terminated: missing field `exitCode`",
        ),
    ] {
        refused(field(status).as_bytes(), 3, sentence);
    }
    let running = r#"{"containerStatuses": [{"name": "a", "state": {"running":
        {"startedAt": "2026-03-01T12:00:00Z"}}}]}"#;
    refused(
        field(running).as_bytes(),
        1,
        "has ended by itself (one runs), so that nothing is known of run times: no Job (1 pod)",
    );
}

#[test]
fn files_that_are_not_there_are_told() {
    check(
        "calibrate missing.json",
        3,
        "the path \"missing.json\" does not exist",
    );
    check("calibrate", 2, "<FILE|->...");
    check(
        &format!("calibrate {PODS} -o nowhere/s.yaml"),
        4,
        "cannot write nowhere/s.yaml: ",
    );
}

/// A pod whose only container ran from one second to the other of a day, and succeeded.
fn pod(nth: u32, from: u32, to: u32) -> String {
    let time = |at: u32| {
        format!(
            "2026-03-01T{:02}:{:02}:{:02}Z",
            at / 3600,
            at / 60 % 60,
            at % 60
        )
    };
    let (from, to) = (time(from), time(to));
    format!(
        r#"{{"kind": "Pod", "metadata": {{"name": "p{nth}"}}, "status": {{"containerStatuses": [
        {{"name": "main", "state": {{"terminated": {{"exitCode": 0, "startedAt": "{from}",
        "finishedAt": "{to}"}}}}}}]}}}}"#
    )
}

#[test]
fn lists_of_durations_go_over_several_lines() {
    // Two humps far from each other: no law has them.
    let length = |nth: u32| {
        if nth % 2 == 0 {
            60 + nth
        } else {
            7200 + 3 * nth
        }
    };
    let pods: Vec<String> = (0..80)
        .map(|nth| pod(nth, nth, nth + length(nth)))
        .collect();
    let said = dryjob_reading(&["calibrate", "-"], pods.join("\n").as_bytes());
    assert_eq!(said.code, Some(0), "{}", said.err);
    has(
        &said.out,
        &[
            "The values themselves, 80 durations: no law fits; the nearest is",
            "run: >- empirical(1m,1m2s,",
        ],
    );
    assert!(
        said.out.lines().all(|it| it.chars().count() <= 100),
        "{}",
        said.out
    );
    let file = ScenarioFile::read("-", said.out.as_bytes());
    file.unwrap_or_else(|errors| panic!("{errors}\n{}", said.out));
    let folder = Folder::new("calibrate-list");
    let path = folder.file("scenario.yaml", said.out.as_bytes());
    let run = dryjob(&["run", "-f", "train.yaml", "--scenario", &path]);
    assert!(
        run.out.contains("train: Complete"),
        "{}{}",
        run.out,
        run.err
    );
}

/// Names come from whoever could create a pod.
#[test]
fn what_a_pod_is_called_writes_no_line_of_its_own() {
    let pod = r#"{"kind": "Pod", "metadata": {"name": "x", "namespace": "a\nkind: b",
        "labels": {"job-name": "a\n- container: b\u001b[2J"}},
        "status": {"reason": "up\npace: ideal", "containerStatuses": [{"name": "on: {\n x",
        "restartCount": 4294967295, "state": {"terminated": {"exitCode": -7,
        "startedAt": "0001-01-01T00:00:00Z", "finishedAt": "9999-12-31T23:59:59Z"}},
        "lastState": {"terminated": {"exitCode": 0, "startedAt": "1970-01-01T00:00:01Z",
        "finishedAt": "9999-12-31T23:59:59Z"}}}]}}"#;
    let said = dryjob_reading(&["calibrate", "-"], pod.as_bytes());
    assert_eq!(said.code, Some(0), "{}", said.err);
    let lines: Vec<&str> = said
        .out
        .lines()
        .filter(|it| !it.trim_start().starts_with('#'))
        .collect();
    assert_eq!(
        lines[..3],
        ["", "workload:", "  - container: \"on: {\\n x\""],
        "{}",
        said.out
    );
    assert!(!said.out.contains('\u{1b}'), "{}", said.out);
    let file = ScenarioFile::read("-", said.out.as_bytes());
    file.unwrap_or_else(|errors| panic!("{errors}\n{}", said.out));
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let deep = format!("{{\"kind\": \"Pod\", \"a\": {open}{close}}}");
    refused(
        deep.as_bytes(),
        1,
        "has ended by itself, so that nothing is known",
    );
    let deep = format!("{{\"kind\": \"Pod\", \"status\": {open}{close}}}");
    refused(deep.as_bytes(), 3, "status[0]: invalid type: sequence");
}
