//! What users have reported and asked, with the outcome that is known: each folder of
//! `tests/fixtures/reports` is played as `dryjob run -f job.yaml --scenario scenario.yaml`. The
//! timelines are rewritten with `DRYJOB_BLESS=1`, and read in review; what has to be in them, and
//! what must not, stands here.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A report: its folder, the program's exit code, and what the timeline says, or with `not ` in
/// front does not say; of blanks in a row one is enough.
type Report = (&'static str, i32, &'static [&'static str]);

const REPORTS: &[Report] = &[
    (
        "bad-image",
        1,
        &[
            "typo: does not end: still under way after 1h0m0s",
            "0/1 completions, 1 active",
            "no, never started",
            "1 pod created, 0 succeeded, 0 failed",
            "not FailureTarget",
        ],
    ),
    (
        "crashing-sidecar",
        1,
        &[
            "meshed: Failed: BackoffLimitExceeded",
            "0 failures and 3 restarts, and backoffLimit is 3 J23",
            "not container main exited with code 1 P6",
        ],
    ),
    (
        "drain-budget",
        0,
        &[
            "etl: Complete in 10m4s",
            "EvictionRefused",
            "2 pods created, 2 succeeded, 0 failed",
            "not Killing",
        ],
    ),
    (
        "full-cluster",
        0,
        &[
            "train: Complete",
            "Insufficient cpu",
            "4 pods created, 4 succeeded, 0 failed",
        ],
    ),
    (
        "graceful-shutdown",
        0,
        &[
            "half: Complete in 5m4.2s",
            "exit code 0 after 5m2s, DisruptionTarget=True",
            "1 pod created, 1 succeeded, 0 failed",
        ],
    ),
    (
        "late-node",
        1,
        &[
            "nightly: Failed: DeadlineExceeded after 1m41s",
            "1 pod created, 0 succeeded, 1 failed",
            "2m0s node/big-1",
            "not Successfully assigned",
            "not Started container",
        ],
    ),
    (
        "limit-range",
        1,
        &[
            "report: Failed: BackoffLimitExceeded",
            "OOMKilled",
            "1 Insufficient cpu",
        ],
    ),
    (
        "native-sidecar",
        0,
        &["meshed: Complete in 1m5s", "main=0 proxy=143"],
    ),
    (
        "node-lost",
        1,
        &[
            // Silent from 1m41s on: 50 s of grace from a pass on, then 300 s.
            "2m30s node/node-1",
            "7m31s job/train Normal SuccessfulCreate Created pod: ",
            "2 pods created, 1 succeeded, 1 failed, at most 2 at once",
            "train: does not end: 1 pod never finish terminating",
        ],
    ),
    (
        "node-lost-failed",
        1,
        &[
            "1 pod created, 0 succeeded, 0 failed, at most 1 at once",
            "no, still terminating",
            "0/1 completions, 1 terminating",
        ],
    ),
    (
        "on-failure-limit",
        1,
        &[
            // The third run: started at 32.3s, stopped as soon as it shows.
            "32.3s pod/retry-njlx5 Normal Started Started container main, \
             restart 2",
            "33s pod/retry-njlx5 Normal Killing Stopping container main",
            "33s job/retry FailureTarget=True BackoffLimitExceeded",
            "0 failures and 2 restarts, and backoffLimit is 2 J23",
            "not restart 3",
        ],
    ),
    (
        "one-node",
        1,
        &[
            "train: does not end: 1 pod never end",
            "Ready=Unknown",
            "unreachable:NoSchedule",
            "not NoExecute",
            "not Terminating",
        ],
    ),
    (
        "oom-child",
        0,
        &["OOMKilled", "exited with code 0", "forks: Complete in 3m4s"],
    ),
    (
        "plain-sidecar",
        1,
        &[
            "meshed: does not end: 1 pod never end",
            "container main exited with code 0",
            "no, still running",
        ],
    ),
    (
        "pod-deadline",
        1,
        &[
            "capped: Failed: BackoffLimitExceeded",
            "2 pods created, 0 succeeded, 2 failed",
            "exit code 0 after",
        ],
    ),
    (
        "quota-full",
        1,
        &[
            "crowd: Failed: DeadlineExceeded after 10m0s",
            "No pod was created.",
            "not BackoffLimitExceeded",
        ],
    ),
    (
        "restart-rules",
        0,
        &[
            "resumes: Complete in 8m38s",
            "restart 5",
            "1 pod created, 1 succeeded, 0 failed",
        ],
    ),
    (
        "spot-reclaim",
        0,
        &[
            // No power at 7m0s, no Node object at 7m30s, the collector's second pass after 40 s.
            "8m20s pod/spot-0-njlx5 Failed",
            "1 failure ignored by podFailurePolicy J58",
            "3 pods created, 2 succeeded, 0 failed",
        ],
    ),
];

fn folder(name: &str) -> PathBuf {
    let top = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    top.join("tests/fixtures/reports").join(name)
}

/// What the program prints about a report, and its exit code.
fn play(name: &str) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_dryjob"))
        .args(["run", "-f", "job.yaml", "--scenario", "scenario.yaml"])
        .current_dir(folder(name))
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!text.is_empty(), "{name}: {told}");
    (text, output.status.code())
}

/// With one blank where there are several: columns are as wide as what is in them.
fn squeezed(text: &str) -> String {
    let mut words = text.split(' ').filter(|it| !it.is_empty());
    let first = words.next().unwrap_or("").to_owned();
    words.fold(first, |all, word| all + " " + word)
}

#[test]
fn what_users_reported_comes_out() {
    for (name, code, sayings) in REPORTS {
        let (text, got) = play(name);
        assert_eq!(got, Some(*code), "{name}:\n{text}");
        for saying in *sayings {
            let (wanted, words) = match saying.strip_prefix("not ") {
                Some(words) => (false, words),
                None => (true, *saying),
            };
            let found = squeezed(&text).contains(&squeezed(words));
            assert_eq!(found, wanted, "{name}: {saying}\n{text}");
        }
    }
}

#[test]
fn timelines_of_reports_read_as_they_were_reviewed() {
    let bless = std::env::var_os("DRYJOB_BLESS").is_some_and(|it| it == "1");
    for (name, ..) in REPORTS {
        let (text, _) = play(name);
        let path = folder(name).join("timeline.txt");
        if bless {
            fs::write(&path, &text).expect("the fixture can be written");
        }
        let known = fs::read_to_string(&path).unwrap_or_default();
        let hint = "if that is meant, run the test again with DRYJOB_BLESS=1 and read the diff";
        for (line, (known, found)) in (1..).zip(known.lines().zip(text.lines())) {
            assert_eq!(known, found, "{name}/timeline.txt:{line}: {hint}");
        }
        assert_eq!(known, text, "{name}/timeline.txt: {hint}");
    }
}

#[test]
fn every_folder_of_reports_is_played() {
    let entries = fs::read_dir(folder("")).expect("the folder can be listed");
    let names = entries.map(|it| it.expect("its entries too").file_name());
    let there: BTreeSet<String> = names.map(|it| it.to_string_lossy().into_owned()).collect();
    let played: BTreeSet<String> = REPORTS.iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(there, played);
}
