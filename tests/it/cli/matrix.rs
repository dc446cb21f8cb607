//! `dryjob matrix`: what each kind of trouble does to a Job.

use super::{check, dryjob};

#[test]
fn each_cause_has_its_row_and_the_assumptions_are_told() {
    let said = check("matrix -f train.yaml --run 20m", 0, "");
    for cause in ["container-fails", "node-lost", "quota-full", "pod-deleted"] {
        let rows = said.out.lines().filter(|it| it.starts_with(cause));
        assert_eq!(rows.count(), 1, "{}", said.out);
    }
    for words in [
        "train: without trouble Complete in 40m",
        "10m0s into its run, which takes 20m0s",
        "note: the cluster is unlimited, and has a node for every pod",
        "note: there are always healthy nodes besides",
        "note: containers that are asked to stop do so at once",
    ] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    let widest = said.out.lines().take(40).map(|it| it.chars().count()).max();
    assert!(widest.is_some_and(|it| it <= 160), "{}", said.out);
    assert_eq!(said.err, "");
    assert_eq!(said.out, check("matrix -f train.yaml --run 20m", 0, "").out);
}

#[test]
fn causes_are_chosen_by_name() {
    let two = "matrix -f train.yaml --run 20m --cause drain --cause bad-image";
    let said = check(two, 0, "");
    let rows: Vec<&str> = said.out.lines().take_while(|it| !it.is_empty()).collect();
    assert_eq!(rows.len(), 3, "{}", said.out);
    assert!(rows[1].starts_with("drain ") && rows[2].starts_with("bad-image "));
    let wide = check(&format!("{two} -o wide"), 0, "").out;
    assert!(wide.contains("somebody drains the pod's node"), "{wide}");
    check(
        "matrix -f train.yaml --cause dran",
        2,
        "did you mean \"drain\"? there are container-fails, always-fails,",
    );
    check(
        "matrix -f train.yaml --cause earthquake",
        2,
        "there are container-fails",
    );
}

#[test]
fn programs_get_an_object() {
    let said = check("matrix -f train.yaml --cause eviction -o json", 0, "");
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(json["apiVersion"], "dryjob/v1");
    assert_eq!(json["kind"], "Matrix");
    let row = &json["causes"][0];
    assert_eq!(row["cause"], "eviction");
    assert_eq!(row["pod"]["counted"], "failure");
    assert_eq!(row["replaced"]["after"], 10);
    let yaml = check("matrix -f train.yaml --cause eviction -o yaml", 0, "").out;
    let yaml: serde_json::Value = serde_yaml::from_str(&yaml).expect("YAML");
    assert_eq!(json, yaml);
}

#[test]
fn a_cluster_is_the_one_that_is_given() {
    let said = check("matrix -f train.yaml --nodes 1 --cause node-lost", 0, "");
    let words = "the cluster has a single node: where it is lost, nothing is evicted";
    assert!(said.out.contains(words), "{}", said.out);
    assert!(said.out.contains("never"), "{}", said.out);
    assert!(!said.out.contains("unlimited"), "{}", said.out);
}

#[test]
fn exit_codes_are_those_of_every_command() {
    check("matrix", 2, "--filename");
    check("matrix -f missing.yaml", 3, "missing.yaml");
    check("matrix -f train.yaml --exit 1 --cause drain", 1, "");
    check("matrix -f train.yaml --run never --cause drain", 1, "");
    let none = "no pod of Job \"train\" ever runs, even without trouble";
    check("matrix -f train.yaml --until 0s --cause drain", 1, none);
    let scripts = ["matrix", "-f", "train.yaml", "--scenario", "scenario.yaml"];
    let said = dryjob(&scripts);
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("follow scripts"), "{}", said.err);
}

#[test]
fn the_help_teaches_what_a_row_means() {
    let said = check("matrix --help", 0, "");
    for words in [
        "strikes its first pod",
        "--cause node-lost",
        "Exit codes: 0",
    ] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
}

/// The rows of the README's second console are the program's own.
#[test]
fn the_readme_shows_rows_of_the_table() {
    let readme = include_str!("../../../README.md");
    let (_, shown) = readme
        .split_once("$ dryjob matrix -f one-pod.yaml --run 30m\n")
        .expect("the README shows a matrix");
    let shown = shown.split("```").next().expect("it ends");
    let said = check("matrix -f ../matrix/one-pod.yaml --run 30m", 0, "").out;
    let lines = shown.lines().filter(|it| *it != "…");
    for line in lines.clone() {
        assert!(said.lines().any(|it| it == line), "README says {line:?}");
    }
    assert!(lines.count() > 5);
}
