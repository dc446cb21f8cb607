//! Kubernetes' whole control plane was recorded on small clusters: Job controller, scheduler, node
//! lifecycle, taint eviction, disruption and pod garbage collection controllers together. The model
//! has to do what they did, step by step.

use crate::recordings::lines;
use dryjob::model::Release;
use dryjob::scenario::ClusterRecording;

/// The families, and how many recordings there are of each.
const FAMILIES: [(&str, usize); 17] = [
    ("back", 28),
    ("capacity", 20),
    ("cordon", 21),
    ("deadline", 19),
    ("deleted", 26),
    ("drain", 20),
    ("lost", 28),
    ("mixed", 17),
    ("outofservice", 27),
    ("pdb", 21),
    ("perindex", 27),
    ("preempt", 23),
    ("suspend", 18),
    ("taint", 18),
    ("ttl", 14),
    ("wide", 18),
    ("zone", 28),
];

/// What differs first, if anything.
fn difference(line: &str) -> Option<String> {
    let mut recording = ClusterRecording::from_json(line, Release::V1_37).expect("a recording");
    let want = recording.steps.take().expect("it has steps");
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
    for (family, count) in FAMILIES {
        let lines = lines("cluster", &format!("{family}.jsonl.gz"));
        assert_eq!(lines.len(), count, "{family}");
        failures.extend(lines.iter().filter_map(|it| difference(it)));
    }
    assert!(
        failures.is_empty(),
        "{} differ\n{}",
        failures.len(),
        failures.join("\n")
    );
}
