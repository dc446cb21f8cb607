//! The program as people and scripts meet it: exit codes, what is said, and to whom.

mod check;
mod flags;
mod forecast;
mod hostile;
mod matrix;
mod played;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

/// What the program said, and how it ended.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dryjob"));
    let fixtures: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", "cli"]
        .iter()
        .collect();
    command.args(arguments).current_dir(fixtures);
    for colours in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(colours);
    }
    command
}

fn said(output: Output) -> Said {
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("the output is text"),
        err: String::from_utf8(output.stderr).expect("the messages are text"),
    }
}

/// Runs the program in the folder of its fixtures, with nothing on stdin.
fn dryjob(arguments: &[&str]) -> Said {
    let output = program(arguments).stdin(Stdio::null()).output();
    said(output.expect("the program starts"))
}

/// The same with that on stdin.
fn dryjob_reading(arguments: &[&str], input: &[u8]) -> Said {
    let mut command = program(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it has a stdin");
    let input = input.to_owned();
    // The program may end before it has read all of it.
    let feeder = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("the program ends");
    feeder.join().expect("the feeder ends");
    said(output)
}

/// The exit code, and a part of what is said on stderr.
fn check(arguments: &str, code: i32, sentence: &str) -> Said {
    let said = dryjob(&arguments.split_whitespace().collect::<Vec<_>>());
    assert_eq!(said.code, Some(code), "{arguments}: {}", said.err);
    assert!(said.err.contains(sentence), "{arguments}: {}", said.err);
    assert!(!said.err.contains('\u{1b}'), "{arguments}: {}", said.err);
    said
}

/// A folder for files that are made in a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dryjob-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("the folder can be made");
        Self(path)
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).expect("the file can be written");
        shown(&path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn shown(path: &Path) -> String {
    path.to_str().expect("the path is text").to_owned()
}

#[test]
fn exit_code_0_is_for_jobs_that_complete() {
    let said = check("run -f train.yaml", 0, "");
    assert!(said.out.contains("train: Complete in 2m6s"), "{}", said.out);
    assert!(
        said.out.contains("containers run for 1m0s and succeed"),
        "{}",
        said.out
    );
    assert!(
        said.out
            .contains("20 requests/s, burst 30 (upstream's defaults"),
        "{}",
        said.out
    );
    assert_eq!(said.err, "");
}

#[test]
fn exit_code_1_is_for_jobs_that_fail_or_do_not_end() {
    let failed = check("run -f train.yaml --exit 3 --run 10s", 1, "");
    assert!(
        failed.out.contains("train: Failed: BackoffLimitExceeded"),
        "{}",
        failed.out
    );
    assert!(!failed.out.contains("containers run for"), "{}", failed.out);
    let open = check("run -f train.yaml --run never", 1, "");
    assert!(
        open.out.contains("train: does not end: 1 pod never end"),
        "{}",
        open.out
    );
    let open = check("run -f train.yaml --until 90s", 1, "");
    assert!(
        open.out.contains("still under way after 1m30s"),
        "{}",
        open.out
    );
}

#[test]
fn exit_code_2_is_for_arguments_that_make_no_sense() {
    check("", 2, "Usage: dryjob");
    check("run", 2, "--filename");
    check(
        "run -f train.yaml --run 1w",
        2,
        "\"1w\" is no duration: write it with units",
    );
    check("run -f train.yaml --until 9999999h", 2, "50 years");
    check("run -f train.yaml --qps 0", 2, "say --ideal");
    check(
        "run -f train.yaml --qps 5 --ideal",
        2,
        "cannot be used with",
    );
    check("run -f train.yaml --burst 0", 2, "--burst");
    check(
        "run -f train.yaml --kubernetes 1.12",
        2,
        "known are 1.29 to 1.37",
    );
    check(
        "run -f train.yaml --exit main=256",
        2,
        "codes go from 0 to 255",
    );
    check(
        "run -f train.yaml --exit side=1",
        2,
        "there is no container \"side\"; there is main",
    );
    check("run -f several.yaml --exit 1", 2, "as in --exit main=1");
    check(
        "conformance nodes x",
        2,
        "[possible values: jobs, scheduler, cluster",
    );
}

#[test]
fn containers_exit_as_they_are_told() {
    let said = check("run -f several.yaml --exit log=7 --run 5s -o json", 1, "");
    assert!(
        said.out.contains("\"log\": 7") && said.out.contains("\"main\": 0"),
        "{}",
        said.out
    );
    // A pod that restarts its containers does not fail with them: its Job does, in the end.
    let said = check("run -f several.yaml --exit main=7 --run 5s", 1, "");
    assert!(
        said.out.contains("nightly: Failed: BackoffLimitExceeded"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("0 failures and 6 restarts"),
        "{}",
        said.out
    );
}

#[test]
fn what_is_not_a_job_is_passed_over_with_a_note() {
    let said = check(
        "run -f several.yaml",
        0,
        "several.yaml:17: Deployment \"web\" is passed over",
    );
    assert!(
        said.err
            .contains("note: several.yaml:2: of CronJob \"nightly\""),
        "{}",
        said.err
    );
    assert!(
        said.out.contains("nightly: Complete in 1m3s"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("pair: Complete in 1m4.2s"),
        "{}",
        said.out
    );
}

#[test]
fn manifests_come_from_folders_by_name_and_from_stdin() {
    let names = |arguments: &str| check(arguments, 0, "").out;
    assert_eq!(names("run -f folder -o name"), "job.batch/a\njob.batch/b\n");
    assert_eq!(
        names("run -f train.yaml -R -f folder -o name"),
        "job.batch/train\njob.batch/a\njob.batch/b\njob.batch/c\n"
    );
    let manifest =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli/train.yaml"));
    let manifest = manifest.expect("the fixture is there");
    let said = dryjob_reading(&["run", "-f", "-", "-o", "name"], &manifest);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "job.batch/train\n")
    );
    let said = dryjob_reading(&["run", "-f", "-"], b"kind: Job\n");
    assert_eq!(said.code, Some(3));
    assert!(said.err.contains("--> STDIN:1:1"), "{}", said.err);
}

#[test]
fn a_namespace_is_for_jobs_that_have_none() {
    let sentence = "the namespace from the provided object \"ml\" does not match the namespace \
                    \"web\". You must pass '--namespace=ml' to perform this operation.";
    check("run -f several.yaml -n web", 1, sentence);
    let said = check("run -f several.yaml -n ml -o json", 0, "");
    assert_eq!(
        said.out.matches("\"namespace\": \"ml\"").count(),
        2,
        "{}",
        said.out
    );
}

#[test]
fn a_job_is_there_once() {
    let sentence = "Job \"train\" is there already, in train.yaml:1";
    check("run -f train.yaml -f ./train.yaml", 1, sentence);
}

#[test]
fn warnings_do_not_keep_a_job_from_running() {
    let said = check("run -f own-index.yaml", 0, "warning[J47]: ");
    assert!(
        said.err.contains("--> own-index.yaml:15:15"),
        "{}",
        said.err
    );
}

#[test]
fn a_scenario_says_what_happens_to_a_job() {
    let said = check("run --scenario scenario.yaml", 1, "");
    assert!(
        said.out.contains("own: Failed: DeadlineExceeded after 21s"),
        "{}",
        said.out
    );
    assert!(said.out.contains("Kubernetes 1.34"), "{}", said.out);
    assert!(said.out.contains("5 requests/s, burst 30"), "{}", said.out);
    let arguments = "run --scenario scenario.yaml -f train.yaml --kubernetes 1.31 --qps 7";
    let said = check(
        arguments,
        0,
        "note: Job \"own\" of the scenario is passed over",
    );
    assert!(said.out.contains("train: Complete in 1m4s"), "{}", said.out);
    assert!(said.out.contains("Kubernetes 1.31"), "{}", said.out);
    assert!(said.out.contains("7 requests/s, burst 30"), "{}", said.out);
    let wrong = "pods: [{exit: {man: 1}}]";
    let said = dryjob_reading(
        &["run", "--scenario", "-", "-f", "train.yaml"],
        wrong.as_bytes(),
    );
    assert!(
        said.code == Some(1) && said.err.contains("man"),
        "{}",
        said.err
    );
    check(
        "run --scenario scenario.yaml --run 5s",
        2,
        "--run cannot be used with the scripts of pods",
    );
    check("run --scenario train.yaml", 3, "train.yaml:1:1");
    let said = dryjob_reading(&["run", "--scenario", "-"], b"until: 5m");
    assert!(
        said.code == Some(1) && said.err.contains("the scenario has no Job"),
        "{}",
        said.err
    );
}

#[test]
fn rules_of_a_timeline_can_be_looked_up() {
    let said = check("explain J43 40", 0, "");
    assert!(
        said.out.contains("J40  new pods wait 10 s, 20 s"),
        "{}",
        said.out
    );
    assert!(
        said.out
            .contains("before 1.36: a sync in back-off wrote active: 0"),
        "{}",
        said.out
    );
    assert!(check("explain", 0, "").out.lines().count() > 30);
    check("explain J999", 2, "there is no rule \"J999\"");
}

#[test]
fn limits_of_the_control_plane_are_told() {
    let limits = |arguments: &str, note: &str| {
        let said = check(&format!("run -f train.yaml {arguments}"), 0, "");
        assert!(said.out.contains(note), "{}", said.out);
    };
    limits("--ideal", "note: the control plane has no limits\n");
    limits("--qps 0.5 --burst 1", "sends 0.5 requests/s, burst 1\n");
    limits(
        "--latency 5ms",
        "sends 20 requests/s, burst 30, and each takes 5ms\n",
    );
}

#[test]
fn releases_differ() {
    let run = |release: &str| {
        let arguments = format!("run -f train.yaml --exit 1 -o json --kubernetes {release}");
        check(&arguments, 1, "").out
    };
    assert!(run("1.30").contains("\"release\": \"1.30\""));
    assert!(run("v1.37.2").contains("FailureTarget") && !run("1.30").contains("FailureTarget"));
}

#[test]
fn every_format_is_the_same_twice() {
    for format in ["table", "wide", "json", "yaml", "jsonl", "name"] {
        let arguments = format!("run -f folder -R --exit 1 --seed 7 --latency 3ms -o {format}");
        let (first, second) = (check(&arguments, 1, ""), check(&arguments, 1, ""));
        assert!(!first.out.is_empty(), "{format}");
        assert_eq!(first.out, second.out, "{format}");
        assert_eq!(first.err, second.err, "{format}");
    }
    let name = |seed| check(&format!("run -f train.yaml --seed {seed}"), 0, "").out;
    assert_ne!(name(1), name(2), "pod names depend on the seed");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let mut command = program(&["replay", "recordings/1.37.jsonl"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    drop(child.stdout.take());
    let said = said(child.wait_with_output().expect("the program ends"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn a_plugin_calls_itself_by_way_of_kubectl() {
    use std::os::unix::process::CommandExt;
    let mut command = program(&["run", "--help"]);
    let said = said(
        command
            .arg0("/usr/bin/kubectl-dryjob")
            .output()
            .expect("it starts"),
    );
    assert_eq!(said.code, Some(0));
    assert!(
        said.out.contains("Usage: kubectl dryjob run"),
        "{}",
        said.out
    );
    let own = check("run --help", 0, "");
    assert!(own.out.contains("Usage: dryjob run"), "{}", own.out);
}

#[test]
fn colours_are_for_those_who_want_them() {
    let forced = |arguments: &[&str], variable: &str| {
        let output = program(arguments)
            .env("CLICOLOR_FORCE", "1")
            .env(variable, "1")
            .output();
        said(output.expect("the program starts"))
    };
    let missing = ["run", "-f", "missing.yaml"];
    assert!(
        forced(&missing, "CLICOLOR")
            .err
            .starts_with("\u{1b}[1;31merror:\u{1b}[0m ")
    );
    assert!(forced(&missing, "NO_COLOR").err.starts_with("error: "));
}

/// The first screen of the README: the manifest it shows, the command, and the lines it answers.
#[test]
fn the_readme_shows_what_the_program_says() {
    let readme = include_str!("../../README.md");
    let block = readme.split("```").nth(1).expect("there is a block");
    let (manifest, rest) = block
        .split_once("$ cat train.yaml\n")
        .and_then(|(_, rest)| rest.split_once("$ dryjob "))
        .expect("it shows a manifest and a command");
    let (command, shown) = rest.split_once('\n').expect("and what that says");
    let command = command.replace("train.yaml", "-");
    let arguments: Vec<&str> = command.split_whitespace().collect();
    let said = dryjob_reading(&arguments, manifest.as_bytes());
    for line in shown.lines().filter(|line| *line != "…") {
        assert!(
            said.out.lines().any(|it| it.trim_end() == line.trim_end()),
            "README says {line:?}"
        );
    }
    assert!(shown.lines().count() > 20);
}
