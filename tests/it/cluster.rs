//! Kubernetes' whole control plane was recorded on small clusters; all of it but the scheduler has
//! to do what it did, step by step. The scheduler's part is read from the recording: each pod gets
//! the node that it got there, at the same instant, after everything else.

use dryjob::base::Span;
use dryjob::model::Release;
use dryjob::report::cluster_steps::ClusterStep;
use dryjob::scenario::ClusterRecording;
use dryjob::sim::{Action, Deed, Placement, PodLabel, Scenario};
use flate2::read::GzDecoder;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::PathBuf;

/// The families, and how many recordings of each agree: 369 of 373. In the other four the
/// scheduler's own writes, a condition whose message changes or a nomination, bring a sync of the
/// Job controller that shows.
const FAMILIES: [(&str, usize); 17] = [
    ("back", 28),
    ("capacity", 20),
    ("cordon", 21),
    ("deadline", 19),
    ("deleted", 26),
    ("drain", 20),
    ("lost", 28),
    ("mixed", 16),
    ("outofservice", 27),
    ("pdb", 21),
    ("perindex", 27),
    ("preempt", 20),
    ("suspend", 18),
    ("taint", 18),
    ("ttl", 14),
    ("wide", 18),
    ("zone", 28),
];

fn lines(family: &str) -> Vec<String> {
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "tests/conformance/cluster",
        &format!("{family}.jsonl.gz"),
    ]
    .iter()
    .collect();
    let file = fs::File::open(path).expect("the recordings are there");
    let mut text = String::new();
    GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("the recordings are whole");
    text.lines().map(str::to_owned).collect()
}

/// The Job's place and the pod's label in it.
fn pod(scenario: &Scenario, text: &str) -> (usize, PodLabel) {
    let (job, label) = text.split_once('/').expect("a label");
    let place = scenario
        .workloads
        .iter()
        .position(|it| it.job.name == job)
        .expect("a Job of the scenario");
    let number = |text: &str| text.parse().expect("a number");
    let label = match label.split_once('.') {
        Some((index, nth)) => PodLabel {
            index: Some(number(index)),
            nth: number(nth),
        },
        None => PodLabel {
            index: None,
            nth: number(label),
        },
    };
    (place, label)
}

/// Puts what the scheduler did into the scenario's actions.
fn bind_by_hand(scenario: &mut Scenario, steps: &[ClusterStep]) {
    scenario.placement = Placement::ByHand;
    let mut bound = BTreeSet::new();
    let mut preempted = BTreeSet::new();
    for step in steps {
        #[allow(clippy::cast_possible_truncation)] // whole microseconds
        let at = Span::from_micros((step.t * 1e6).round() as i64);
        for (label, state) in &step.pods {
            let by_scheduler = state.disruption == "PreemptionByScheduler";
            let (job, pod) = pod(scenario, label);
            if by_scheduler && preempted.insert(label.clone()) {
                let deed = Deed::Preempt(pod);
                scenario.actions.push(Action { at, job, deed });
            }
        }
        for (label, state) in &step.pods {
            let (job, pod) = pod(scenario, label);
            if !state.node.is_empty() && bound.insert(label.clone()) {
                let deed = Deed::Bind(pod, state.node.clone());
                scenario.actions.push(Action { at, job, deed });
            }
        }
    }
}

/// Nominations are the scheduler's as well: takes them out, and what changed in nothing else.
fn forget_nominations(steps: &mut Vec<ClusterStep>) {
    let mut known = BTreeMap::new();
    for step in steps.iter_mut() {
        step.pods.retain(|label, pod| {
            pod.nominated.clear();
            known.insert(label.clone(), pod.clone()).as_ref() != Some(pod)
        });
    }
    steps.retain(|step| {
        let nothing = ClusterStep {
            t: step.t,
            ..ClusterStep::default()
        };
        *step != nothing
    });
}

/// What differs first, if anything.
fn difference(line: &str) -> Option<String> {
    let mut recording = ClusterRecording::from_json(line, Release::V1_37).expect("a recording");
    let mut want = recording.steps.take().expect("it has steps");
    bind_by_hand(&mut recording.scenario, &want);
    forget_nominations(&mut want);
    let got = recording.play();
    let id = &recording.id;
    for (place, (got, want)) in got.iter().zip(&want).enumerate() {
        if got != want {
            return Some(format!(
                "{id}, step {place}:\n expected {}\n got      {}",
                serde_json::to_string(want).expect("JSON"),
                serde_json::to_string(got).expect("JSON"),
            ));
        }
    }
    (got.len() != want.len())
        .then(|| format!("{id}: {} steps instead of {}", got.len(), want.len()))
}

#[test]
fn a_cluster_does_what_kubernetes_did_with_it() {
    let mut failures = Vec::new();
    for (family, least) in FAMILIES {
        let lines = lines(family);
        let differences: Vec<String> = lines.iter().filter_map(|it| difference(it)).collect();
        let agree = lines.len() - differences.len();
        if agree < least {
            failures.push(format!(
                "{family}: {agree} of {} agree, not {least}",
                lines.len()
            ));
            failures.extend(differences);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
