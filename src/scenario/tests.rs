//! Scenario files from end to end.

mod refused;
mod values;

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::base::{Seed, Span};
use crate::manifest::{Diagnostic, Errors};
use crate::model::{Job, PodScript, Release};
use crate::sim::{Deed, Limits, PodLabel, Scenario};

pub(super) const EXAMPLES: [&str; 6] = [
    "api-faults.yaml",
    "drain.yaml",
    "everything.json",
    "limits.yaml",
    "suspended.yaml",
    "work-queue.yaml",
];

/// Files that say all there is to say about something.
pub(super) const THEMES: [&str; 6] = [
    "actions.yaml",
    "faults.yaml",
    "nodes.yaml",
    "queue.yaml",
    "recurring.yaml",
    "workload.yaml",
];

pub(super) fn example(name: &str) -> String {
    let top = env!("CARGO_MANIFEST_DIR");
    let path: PathBuf = [top, "tests/fixtures/scenario", name].iter().collect();
    fs::read_to_string(path).unwrap()
}

fn read(text: &str) -> Result<ScenarioFile, Errors> {
    ScenarioFile::read("s.yaml", text.as_bytes())
}

/// Place and sentence of each error.
fn flaws(text: &str) -> Vec<String> {
    let place = |one: &Diagnostic| format!("{}:{} {}", one.line, one.column, one.message);
    read(text).unwrap_err().iter().map(place).collect()
}

fn job(mode: &str, completions: u32) -> Job {
    let spec = "{restartPolicy: Never, initContainers: [{name: setup, image: i}], \
                containers: [{name: main, image: i}]}";
    let yaml = format!(
        "{{apiVersion: batch/v1, kind: Job, metadata: {{name: j}}, spec: {{completionMode: \
         {mode}, completions: {completions}, template: {{spec: {spec}}}}}}}"
    );
    Job::from_yaml(&yaml).unwrap()
}

#[test]
fn what_is_not_told_means_a_pod_that_runs_for_a_minute() {
    let file = read("pods: [{}, {schedule: null, start: never, run: 5}]").unwrap();
    let mut scenario = Scenario::on(Release::V1_31).job(job("NonIndexed", 1), []);
    file.apply(&mut scenario);
    let pods = &scenario.workloads[0].pods;
    let times = |at: usize| (pods[at].schedule, pods[at].start, pods[at].run);
    let minute = Span::from_secs(60);
    assert_eq!(
        times(0),
        (Some(Span::ZERO), Some(PodScript::START), Some(minute))
    );
    assert_eq!(times(1), (None, None, Some(Span::from_secs(5))));
    assert_eq!(scenario.release, Release::V1_31);
    assert_eq!(scenario.limits, Limits::UPSTREAM);
    assert_eq!(scenario.until, Span::from_secs(24 * 3600));

    let mut without = Scenario::on(Release::V1_31).job(job("NonIndexed", 1), []);
    read("until: 2h").unwrap().apply(&mut without);
    assert_eq!(without.workloads[0].pods[0].run, Some(minute));
    assert_eq!(without.until, Span::from_secs(7200));
}

#[test]
fn numbers_that_are_texts_keep_their_zeros() {
    let yaml = "kubernetes: 1.30\nactions:\n- {at: 1, evict: 2.0}\n- {at: 1, evict: 2}\n\
                - {at: 1, evict: 2.10}\n- {at: 1, evict: '0.3'}\n";
    let file = read(yaml).unwrap();
    assert_eq!(file.kubernetes(), Some(Release::V1_30));
    let mut scenario = Scenario::on(Release::LATEST);
    file.apply(&mut scenario);
    let pods = scenario.actions.iter().map(|action| match &action.deed {
        Deed::Evict(PodLabel { index, nth }) => (*index, *nth),
        other => panic!("{other:?}"),
    });
    let want = [(Some(2), 0), (None, 2), (Some(2), 10), (Some(0), 3)];
    assert_eq!(pods.collect::<Vec<_>>(), want);
    let flaws = flaws("kubernetes: 1.28\nactions: [{at: 1, evict: 1_0}, {at: 1, evict: -1}]");
    assert_eq!(flaws.len(), 3, "{flaws:?}");
}

#[test]
fn all_flaws_are_told_at_once_with_their_places() {
    let yaml = "\
pods:
- {runs: 5s, exit: 1}
- run: 5 minutes
- {index: 3, nth: [-1], exit: {main: 256}}
actions:
- {at: 5s}
- {evict: 0, deletePod: 0, at: 1s}
- {at: -1s, deleteJob: background}
- {evict: two}
faults:
- {from: 1, to: 2, verb: list, resource: jobs, code: 200}
qps: 0
job: train.yaml
";
    let want = [
        "2:4 pods[0].runs: unknown field",
        "2:14 pods[0].exit: a mapping from names of containers is expected here, not 1",
        "3:3 pods[1].run: \"5 minutes\" is not a duration: write 30s, 1m30s or 250ms, or never",
        "4:4 pods[2].index: a list is expected here, not 3",
        "4:20 pods[2].nth[0]: a whole number from 0 to 4294967295 is expected here, not -1",
        "4:32 pods[2].exit[main]: a whole number from 0 to 255 is expected here, not 256",
        "6:3 actions[0]: this action says when, but not what",
        "7:3 actions[1]: one action does several things: deletePod, evict",
        "8:4 actions[2].at: \"-1s\" is not a duration: write 30s, 1m30s or 250ms",
        "8:13 actions[2].deleteJob: one of Background, Foreground, Orphan is expected here, not \
         \"background\"",
        "9:3 actions[3].at: this field is missing",
        "9:4 actions[3].evict: \"two\" names no pod: write 3 for the fourth pod, 2.0 for the \
         first of index 2",
        "11:20 faults[0].verb: one of create, get, update, patch, delete is expected here, not \
         \"list\"",
        "11:48 faults[0].code: a whole number from 400 to 599 is expected here, not 200",
        "12:1 qps: 0 is no rate: write the requests a second, from 0.001 to 1000000, or unlimited",
        "13:1 job: the manifest of a Job is expected here, itself and not its name",
    ];
    assert_eq!(flaws(yaml), want);
    let errors = read(yaml).unwrap_err();
    let help = errors
        .iter()
        .map(|one| one.help.clone().unwrap_or_default());
    let help = help.collect::<Vec<_>>();
    assert_eq!(help[0], "did you mean `run`?");
    assert_eq!(help[9], "did you mean `Background`?");
}

#[test]
fn an_error_shows_its_line_and_the_way_out() {
    let want = "\
error: actions[0].evcit: unknown field
  --> s.yaml:2:11
   |
 2 | - {at: 1, evcit: 0}
   |           ^ no such field here
   = help: did you mean `evict`?";
    let errors = read("actions:\n- {at: 1, evcit: 0}\n").unwrap_err();
    assert_eq!(errors.to_string(), want);
}

#[test]
fn values_that_contradict_each_other_are_told() {
    let yaml = "latency: 1s\nlatencyMs: 5\nfaults:\n\
                - {from: 5s, to: 5s, verb: get, resource: jobs, code: 500}\n";
    let want = [
        "2:1 latencyMs: the latency is told twice",
        "4:14 faults[0].to: 5s is not after 5s, so nothing fails",
    ];
    assert_eq!(flaws(yaml), want);
}

#[test]
fn the_job_in_the_file_is_checked_at_its_place() {
    let yaml = "\
pods: [{exit: {mian: 1}}]
job:
  metadata: {name: train}
  spec:
    template:
      spec:
        containers: [{name: main, image: i}]
";
    let want = "6:7 The Job \"train\" is invalid: spec.template.spec.restartPolicy: Required \
                value: valid values: \"OnFailure\", \"Never\"";
    assert_eq!(flaws(yaml), [want]);
    let mended = format!("{yaml}        restartPolicy: Never\n");
    assert_eq!(
        flaws(&mended),
        ["1:16 pods[0].exit[mian]: the Job has no container \"mian\", only \"main\""]
    );
    let kind = "job: {apiVersion: v1, kind: Pod}";
    assert_eq!(flaws(kind), ["1:1 job: a Job is expected here, not a Pod"]);
}

#[test]
fn what_cannot_come_true_with_a_job_is_told() {
    let yaml = "\
pods:
- {index: [0, 7], exit: {setup: 1}, restarts: [{run: 1, exit: 1, wait: 1}]}
actions:
- {at: 1, evict: 1}
- {at: 2, evict: 5.0}
- {at: 3, nodeLost: \"1.0\"}
";
    let file = read(yaml).unwrap();
    let told = |job: &Job| {
        let all = file.check_against(job).into_iter();
        all.map(|one| one.message).collect::<Vec<_>>()
    };
    let init = "pods[0].exit[setup]: \"setup\" is an init container: scripts begin after those";
    let never = "pods[0].restarts: containers of this Job are not restarted: its restartPolicy is \
                 Never";
    assert_eq!(
        told(&job("Indexed", 3)),
        [
            init,
            "pods[0].index[1]: there is no index 7: the Job's are 0 to 2",
            never,
            "actions[0].evict: the Job is Indexed: its pods are named by index and number",
            "actions[1].evict: there is no index 5: the Job's are 0 to 2",
        ]
    );
    let unindexed = "the Job is not Indexed, so its pods have no index";
    assert_eq!(
        told(&job("NonIndexed", 3)),
        [
            init,
            &format!("pods[0].index: {unindexed}"),
            never,
            &format!("actions[1].evict: {unindexed}"),
            &format!("actions[2].nodeLost: {unindexed}"),
        ]
    );
    let grows = "pods: [{index: [7]}]\nactions: [{at: 1, patch: {spec: {completions: 8}}}]";
    assert_eq!(read(grows).unwrap().check_against(&job("Indexed", 3)), []);
}

#[test]
fn odd_files_are_warned_about() {
    let yaml = "until: 1m\npods:\n- run: 1\n- {nth: [1], run: 2}\nactions:\n\
                - {at: 61, evict: 0}\nuntil: 1m\n";
    let file = read(yaml).unwrap();
    let told = file.warnings().iter();
    let told = told.map(|one| format!("{}:{} {}", one.line, one.column, one.message));
    let want = [
        "4:3 pods[1]: no pod comes to this script: pods[0] is for all pods",
        "6:4 actions[0].at: this does not happen: the run is watched for 1m0s",
        "7:1 until: this field is given more than once; the last one counts",
    ];
    assert_eq!(told.collect::<Vec<_>>(), want);
}

#[test]
fn empty_lists_may_be_left_empty() {
    let file = read("pods:\nactions:\nfaults:\njob:\n").unwrap();
    assert!(file.job().is_none() && file.warnings().is_empty());
}

#[test]
fn limits_that_are_told_replace_the_usual_ones() {
    let limits = |yaml: &str, base: Limits| {
        let mut scenario = Scenario::on(Release::LATEST).limits(base);
        read(yaml).unwrap().apply(&mut scenario);
        let Limits {
            milli_qps,
            burst,
            latency,
        } = scenario.limits;
        (milli_qps, burst, latency.micros())
    };
    assert_eq!(limits("qps: 0.5", Limits::UPSTREAM), (Some(500), 30, 0));
    assert_eq!(limits("qps: 5", Limits::IDEAL), (Some(5000), 30, 0));
    assert_eq!(limits("qps: null", Limits::UPSTREAM), (None, 30, 0));
    assert_eq!(limits("latencyMs: 1.5", Limits::UPSTREAM).2, 2000);
    assert_eq!(
        limits("{latency: 3ms, burst: 1}", Limits::UPSTREAM),
        (Some(20_000), 1, 3000)
    );
}

/// How a scenario ends, in a line.
fn ending(name: &str) -> String {
    let file = ScenarioFile::read(name, example(name).as_bytes()).unwrap();
    assert_eq!(file.warnings(), [], "{name}");
    let scenario = file.scenario().unwrap_or_else(|| {
        let mut scenario = Scenario::on(Release::LATEST).job(job("NonIndexed", 200), []);
        scenario.workloads[0].job_mut().spec.parallelism = 200;
        file.apply(&mut scenario);
        scenario
    });
    format!("{:?}", scenario.run(Seed(0)).unwrap().ending())
}

#[test]
fn the_examples_end_well() {
    for name in EXAMPLES.iter().filter(|name| **name != "everything.json") {
        let ending = ending(name);
        assert!(ending.starts_with("Complete"), "{name}: {ending}");
    }
    let every = read(&example("everything.json")).unwrap();
    assert_eq!(every.id(), Some("every-field"));
    let mut indexed = job("Indexed", 2);
    indexed.spec.template.restart_policy = crate::model::RestartPolicy::OnFailure;
    assert_eq!(every.check_against(&indexed), []);
}

#[test]
fn recorded_scenarios_are_files_too() {
    let text = r#"{"id":"x","start":0.119,"until":3000,"job":{"apiVersion":"batch/v1",
        "kind":"Job","metadata":{"name":"job"},"spec":{"template":{"spec":{"restartPolicy":
        "Never","containers":[{"name":"main","image":"i"}]}}}},"pods":[{"schedule":0.023,
        "start":0.755,"run":19.861,"onDelete":{"stop":0.95,"exit":0},"nth":[1,3,14]},{}],
        "actions":[{"at":1,"evict":"0"}],"latencyMs":20}"#;
    let recording = Recording::from_json(text, Release::LATEST).unwrap();
    let scenario = read(text).unwrap().scenario().unwrap();
    let (one, two) = (&recording.scenario, &scenario);
    assert_eq!((one.start, one.until), (two.start, two.until));
    assert_eq!(one.workloads[0].job, two.workloads[0].job);
    assert_eq!(one.workloads[0].pods[0], two.workloads[0].pods[0]);
    // What is not told differs: never there, a minute here.
    assert_eq!(one.workloads[0].pods[1].run, None);
    assert_eq!(two.workloads[0].pods[1].run, Some(Span::from_secs(60)));
}

/// Pieces that mean something.
const PIECES: [&str; 32] = [
    "\n",
    " ",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "pods",
    "actions",
    "faults",
    "at",
    "evict",
    "patch",
    "spec",
    "job",
    "kubernetes",
    "1.30",
    "2.0",
    "never",
    "null",
    "&a ",
    "*a",
    "nodes",
    "workload",
    "recurring",
    "any",
    "2%:42",
    "exp(1h)",
    "0-9,12",
    "name",
];

proptest! {
    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = ScenarioFile::read("-", &bytes);
    }

    #[test]
    fn any_pieces_get_an_answer(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40),
    ) {
        let _ = read(&pieces.concat());
    }

    #[test]
    fn any_change_of_an_example_gets_an_answer(
        name in prop::sample::select([&EXAMPLES[..], &THEMES[..]].concat()),
        at in any::<prop::sample::Index>(),
        len in 0..20_usize,
        piece in prop::sample::select(&PIECES[..]),
    ) {
        let mut text = example(name);
        let start = at.index(text.len());
        let end = (start + len).min(text.len());
        text.replace_range(start..end, piece);
        if let Ok(file) = read(&text) {
            file.apply(&mut Scenario::on(Release::LATEST).job(job("Indexed", 3), []));
            let _ = file.check_against(&job("NonIndexed", 3));
        }
    }
}
