//! Timelines as a reader sees them, of the patterns that people start from: rewritten with
//! `DRYJOB_BLESS=1`, and read in review.

use dryjob::api::{Resource, Verb};
use dryjob::base::{Seed, Span};
use dryjob::model::{Job, JobId, JobPatch, PodScript, Release};
use dryjob::report::render::{self, Format};
use dryjob::report::{Ending, Run};
use dryjob::sim::{Deed, Fault, Limits, Outage, PodLabel, Scenario};
use std::fs;
use std::path::PathBuf;

/// A pattern, a case, and the pods by number that exit with 1; `all` for every one.
const CASES: &[(&str, &str, &str)] = &[
    ("data-processor", "success", ""),
    ("data-processor", "some-failures", "1 4"),
    ("data-processor", "giving-up", "all"),
    ("indexed-job", "success", ""),
    ("indexed-job", "some-failures", "index 3"),
    ("indexed-job", "giving-up", "all"),
    ("queue-worker", "success", ""),
    ("queue-worker", "some-failures", "1 4"),
    ("queue-worker", "giving-up", "all"),
];

/// A pod that is bound and started at once, runs for so long and exits with that code.
fn runs(secs: i64, container: &str, code: i32) -> PodScript {
    PodScript {
        schedule: Some(Span::ZERO),
        start: Some(Span::ZERO),
        run: Some(Span::from_secs(secs)),
        exit: vec![(container.to_owned(), code)],
        ..PodScript::default()
    }
}

fn play(job: Job, pods: Vec<PodScript>) -> Run {
    Scenario::on(Release::LATEST)
        .job(job, pods)
        .limits(Limits::UPSTREAM)
        .run(Seed(7))
        .expect("the scenario can be played")
}

pub(super) fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn pattern(name: &str) -> Job {
    let path = fixtures()
        .join("patterns")
        .join(name)
        .with_extension("yaml");
    let yaml = fs::read_to_string(path).expect("the pattern can be read");
    Job::from_yaml(&yaml).expect("the pattern is a Job")
}

fn case(name: &str, failing: &str) -> Run {
    let job = pattern(name);
    let container = job.spec.template.containers[0].name.clone();
    let mut failure = runs(60, &container, 1);
    let numbers = |text: &str| text.split(' ').filter_map(|it| it.parse().ok()).collect();
    match (failing, failing.strip_prefix("index ")) {
        ("all", _) => return play(job, vec![failure]),
        (_, Some(indexes)) => {
            failure.index = numbers(indexes);
            failure.nth = vec![0];
        }
        (pods, None) => failure.nth = numbers(pods),
    }
    let success = runs(60, &container, 0);
    let pods = if failing.is_empty() {
        vec![success]
    } else {
        vec![failure, success]
    };
    play(job, pods)
}

fn text(run: &Run, format: Format) -> String {
    let notes = ["pods follow a script".to_owned()];
    let mut out = Vec::new();
    render::write(run, format, &notes, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("it is text")
}

/// Compares a text with a fixture, or writes the fixture.
pub(super) fn golden(path: &str, text: &str) {
    let path = fixtures().join("golden").join(path);
    if std::env::var_os("DRYJOB_BLESS").is_some_and(|it| it == "1") {
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("folder");
        return fs::write(&path, text).expect("the fixture can be written");
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    let hint = "if that is meant, run the test again with DRYJOB_BLESS=1 and read the diff";
    let path = path.display();
    for (line, (known, found)) in (1..).zip(known.lines().zip(text.lines())) {
        assert_eq!(known, found, "{path}:{line}: {hint}");
    }
    assert_eq!(known, text, "{path}: {hint}");
}

#[test]
fn timelines_read_as_they_were_reviewed() {
    for (name, what, failing) in CASES {
        let run = case(name, failing);
        golden(
            &format!("{name}/{what}/timeline.txt"),
            &text(&run, Format::Table),
        );
    }
}

#[test]
fn every_format_reads_as_it_was_reviewed() {
    let run = case("indexed-job", "index 3");
    for (format, file) in [
        (Format::Wide, "wide.txt"),
        (Format::Json, "run.json"),
        (Format::Yaml, "run.yaml"),
        (Format::Jsonl, "run.jsonl"),
        (Format::Name, "name.txt"),
    ] {
        golden(
            &format!("indexed-job/some-failures/{file}"),
            &text(&run, format),
        );
    }
}

#[test]
fn long_runs_are_cut_in_tables_and_whole_when_wide() {
    let mut job = pattern("data-processor");
    (job.spec.completions, job.spec.parallelism) = (Some(500), 10);
    let run = play(job, vec![runs(60, "processor", 0)]);
    let table = text(&run, Format::Table);
    golden("data-processor/many/timeline.txt", &table);
    let lines = table.lines().count();
    assert!((80..120).contains(&lines), "{lines} lines:\n{table}");
    assert!(
        table.contains("rows are left out: -o wide shows all of it"),
        "{table}"
    );
    assert!(table.contains("470 more: -o wide shows all"), "{table}");
    let wide = text(&run, Format::Wide).lines().count();
    assert!(wide > run.trace().records().len() + 500, "{wide} lines");
}

/// A live cluster takes 9m5s, within 2 s. A pod there takes about a second from its creation to
/// its start, four times in a row; pods that start at once make it 9m1s.
#[test]
fn eight_failures_in_pairs_take_nine_minutes_as_on_a_live_cluster() {
    for (start, least, most) in [(1, 543, 547), (0, 541, 541)] {
        let mut job = pattern("data-processor");
        (job.spec.completions, job.spec.parallelism) = (Some(8), 2);
        job.spec.backoff_limit = 6;
        let mut pod = runs(30, "processor", 42);
        pod.start = Some(Span::from_secs(start));
        let run = play(job, vec![pod]);
        let Ending::Failed { after, .. } = run.ending() else {
            panic!("{:?}", run.ending())
        };
        let (least, most) = (Span::from_secs(least), Span::from_secs(most));
        assert!(
            (least..=most).contains(&after),
            "{after}\n{}",
            run.timeline()
        );
        assert_eq!(run.trace().attempts().len(), 8);
        assert_eq!(run.api().job(JobId(0)).status.failed, 8);
        let why = run.why().to_string();
        assert!(
            why.contains("8 failures counted, and backoffLimit is 6   J23"),
            "{why}"
        );
    }
}

/// What users, nodes and quotas do to a Job: each of it has its row, and its rule.
fn eventful() -> Run {
    let yaml = "
apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec:
  completions: 4
  parallelism: 3
  completionMode: Indexed
  backoffLimit: 2
  podFailurePolicy:
    rules:
    - {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}
    - {action: FailJob, onExitCodes: {containerName: main, operator: In, values: [42]}}
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: train}, {name: side, image: side}]
";
    let job = Job::from_yaml(yaml).expect("a Job");
    let mut fatal = runs(30, "main", 42);
    fatal.index = vec![3];
    let mut steady = runs(100, "main", 0);
    steady.start = Some(Span::from_millis(1250));
    let label = |index| PodLabel {
        index: Some(index),
        nth: 0,
    };
    let at = Span::from_secs;
    let patch = |change: fn(&mut JobPatch)| {
        let mut patch = JobPatch::default();
        change(&mut patch);
        Deed::Patch(patch)
    };
    let mut scenario = Scenario::on(Release::LATEST)
        .job(job, vec![fatal, steady])
        .action(at(10), Deed::Evict(label(1)))
        .action(at(20), patch(|it| it.parallelism = Some(Some(1))))
        .action(at(30), patch(|it| it.suspend = Some(Some(true))))
        .action(at(35), patch(|it| it.completions = Some(Some(9))))
        .action(
            at(60),
            patch(|it| (it.parallelism, it.suspend) = (Some(Some(4)), Some(Some(false)))),
        );
    scenario.faults.push(Fault {
        from: at(60),
        to: at(62),
        outage: Outage::Requests {
            verb: Verb::Create,
            resource: Resource::Pods,
            code: 403,
        },
    });
    scenario.run(Seed(7)).expect("the scenario can be played")
}

#[test]
fn an_eventful_life_reads_as_it_was_reviewed() {
    let run = eventful();
    golden("train/eventful/timeline.txt", &text(&run, Format::Table));
    golden("train/eventful/wide.txt", &text(&run, Format::Wide));
    golden("train/eventful/why.txt", &run.why().to_string());
}

#[test]
fn digests_depend_on_nothing_but_what_happened() {
    let digest = case("indexed-job", "index 3").digest();
    assert_eq!(digest, 0xc85a_9272_2a77_52d7, "{digest:#018x}");
    assert_eq!(case("indexed-job", "index 3").digest(), digest);
    assert_ne!(case("indexed-job", "index 2").digest(), digest);
}

#[test]
fn the_last_json_line_is_the_verdict() {
    let lines = text(&case("queue-worker", "all"), Format::Jsonl);
    let last: serde_json::Value =
        serde_json::from_str(lines.lines().last().unwrap_or("")).expect("JSON");
    assert_eq!(last["kind"], "Verdict");
    assert_eq!(last["jobs"][0]["ending"]["reason"], "BackoffLimitExceeded");
}

#[test]
fn yaml_and_json_hold_the_same_values() {
    for (name, _, failing) in CASES {
        let run = case(name, failing);
        let json: serde_json::Value =
            serde_json::from_str(&text(&run, Format::Json)).expect("JSON");
        let yaml: serde_json::Value =
            serde_yaml::from_str(&text(&run, Format::Yaml)).expect("YAML");
        assert_eq!(json, yaml, "{name}");
    }
}
