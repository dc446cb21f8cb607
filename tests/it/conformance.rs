//! Kubernetes' own Job and TTL controllers were recorded in 2,079 scenarios and nine releases;
//! the model has to do what they did, step by step.

use crate::recordings;
use dryjob::model::Release;
use dryjob::report::steps::Step;
use dryjob::scenario::Recording;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    recordings::path("jobs", name)
}

fn lines(name: &str) -> Vec<String> {
    recordings::lines("jobs", name)
}

/// The ids of scenarios that this release plays as the newest does.
fn same_as_newest(release: Release) -> BTreeSet<String> {
    let text = fs::read_to_string(path(&format!("{release}.same"))).expect("the list is there");
    text.lines().map(str::to_owned).collect()
}

fn same_step(got: &Step, want: &Step, tolerance: f64) -> bool {
    let mut got = got.clone();
    if (got.t - want.t).abs() <= tolerance {
        got.t = want.t;
    }
    got == *want
}

/// Plays recordings and tells the first that the model does not agree with.
fn play<'a>(lines: impl IntoIterator<Item = &'a String>, release: Release) -> usize {
    let mut played = 0;
    for line in lines {
        let recording = Recording::from_json(line, release).expect("the line is a recording");
        let want = recording.steps.as_deref().expect("it has steps");
        let got = recording.play();
        #[allow(clippy::cast_precision_loss)] // a millisecond at most
        let tolerance = recording.tolerance().micros() as f64 / 1e6 + 1e-9;
        let id = &recording.id;
        for (step, (got, want)) in got.iter().zip(want).enumerate() {
            assert!(
                same_step(got, want, tolerance),
                "{id} on {release}, step {step}:\n expected {want:?}\n got      {got:?}"
            );
        }
        assert_eq!(got.len(), want.len(), "{id} on {release}: steps");
        played += 1;
    }
    played
}

#[test]
fn the_newest_release_agrees_with_every_recording() {
    assert_eq!(play(&lines("1.37.jsonl.gz"), Release::V1_37), 2048);
}

#[test]
fn rate_limits_and_latency_agree_within_a_millisecond() {
    assert_eq!(play(&lines("1.37-limits.jsonl.gz"), Release::V1_37), 31);
}

/// Recordings of our own, made the same way: rate limits, latency, faults and patches together.
#[test]
fn everything_at_once_agrees_too() {
    for (release, least) in [
        (Release::V1_29, 200),
        (Release::V1_30, 200),
        (Release::V1_31, 200),
        (Release::V1_33, 200),
        (Release::V1_35, 200),
        (Release::V1_36, 200),
        (Release::V1_37, 1_000),
    ] {
        let lines = lines(&format!("{release}-stress.jsonl.gz"));
        assert_eq!(play(&lines, release), lines.len());
        assert!(lines.len() > least);
    }
}

#[test]
fn older_releases_agree_where_they_differ_from_the_newest() {
    for (release, count) in [
        (Release::V1_29, 925),
        (Release::V1_30, 925),
        (Release::V1_31, 296),
        (Release::V1_32, 255),
        (Release::V1_33, 260),
        (Release::V1_34, 260),
        (Release::V1_35, 253),
    ] {
        assert_eq!(play(&lines(&format!("{release}.jsonl.gz")), release), count);
    }
}

#[test]
fn older_releases_agree_where_they_do_as_the_newest() {
    let newest = lines("1.37.jsonl.gz");
    let ids: Vec<String> = newest
        .iter()
        .map(|line| {
            Recording::from_json(line, Release::LATEST)
                .expect("a recording")
                .id
        })
        .collect();
    for release in Release::ALL.into_iter().filter(|it| *it != Release::LATEST) {
        let same = same_as_newest(release);
        let wanted = newest.iter().zip(&ids).filter(|(_, id)| same.contains(*id));
        assert_eq!(play(wanted.map(|(line, _)| line), release), same.len());
    }
}
