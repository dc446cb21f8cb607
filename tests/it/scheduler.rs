//! Kubernetes' own scheduler was recorded in 1,496 scenarios and three releases; the model has to
//! do what it did, attempt by attempt: same instants, nodes, scores, messages and victims.

use crate::recordings::lines;
use dryjob::model::Release;
use dryjob::scenario::SchedulerRecording;

/// The families, and how many recordings there are of each.
const FAMILIES: [(&str, Release, usize); 17] = [
    ("fit", Release::V1_37, 64),
    ("resources", Release::V1_37, 64),
    ("queueing", Release::V1_37, 64),
    ("taints", Release::V1_37, 64),
    ("nodeaffinity", Release::V1_37, 64),
    ("podaffinity", Release::V1_37, 64),
    ("spread", Release::V1_37, 64),
    ("spreaddefault", Release::V1_37, 64),
    ("preemption", Release::V1_37, 88),
    ("gates", Release::V1_37, 64),
    ("nodechange", Release::V1_37, 64),
    ("jobs", Release::V1_37, 119),
    ("gpu", Release::V1_37, 63),
    ("large", Release::V1_37, 24),
    ("mixed", Release::V1_37, 64),
    ("1.36", Release::V1_36, 249),
    ("1.35", Release::V1_35, 249),
];

/// What differs first, if anything.
fn difference(line: &str, release: Release) -> Option<String> {
    let mut recording = SchedulerRecording::from_json(line, release).expect("a recording");
    let want = recording.steps.take().expect("it has steps");
    let got = recording.play();
    let id = &recording.id;
    for (place, (got, want)) in got.iter().zip(&want).enumerate() {
        if got != want {
            return Some(format!(
                "{id} on {release}, step {place}:\n expected {}\n got      {}",
                serde_json::to_string(want).expect("JSON"),
                serde_json::to_string(got).expect("JSON"),
            ));
        }
    }
    let counts = (got.len() != want.len()).then_some((got.len(), want.len()));
    counts.map(|(got, want)| format!("{id} on {release}: {got} steps instead of {want}"))
}

#[test]
fn the_scheduler_does_what_kubernetes_did() {
    let mut failures = Vec::new();
    for (family, release, count) in FAMILIES {
        let lines = lines("scheduler", &format!("{family}.jsonl.gz"));
        assert_eq!(lines.len(), count, "{family}");
        let differ = lines.iter().filter_map(|it| difference(it, release));
        failures.extend(differ);
    }
    assert!(
        failures.is_empty(),
        "{} differ\n{}",
        failures.len(),
        failures.join("\n")
    );
}
