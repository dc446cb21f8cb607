//! Volumes and references: P17, P5.

use super::{Deed, Play};
use crate::model::{Reference, ReferenceKind, Volume, VolumeSource};

fn reference(optional: bool) -> Reference {
    Reference {
        kind: ReferenceKind::ConfigMap,
        name: "settings".to_owned(),
        key: None,
        optional,
    }
}

/// The ConfigMap is there from that second on.
fn with_volume(optional: bool, from: i64) -> Play {
    let play = Play::never().container("main", "5s").template(|it| {
        it.volumes.push(Volume {
            name: "settings".to_owned(),
            source: VolumeSource::Objects(vec![reference(optional)]),
        });
    });
    play.scripted(|it| {
        it.objects.insert("settings", from);
    })
}

fn with_env(optional: bool, from: i64) -> Play {
    let play = Play::never().with("main", "5s", |it| it.references = vec![reference(optional)]);
    play.scripted(|it| {
        it.objects.insert("settings", from);
    })
}

#[test]
fn p17_a_mount_that_fails_is_tried_again_after_half_a_second_and_then_twice_as_long() {
    // Tries at 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5, found by polls of
    // 300 ms. The worker gives up at 123, the next one begins ten seconds later; 127.5 has
    // passed by then.
    for (from, start) in [
        (0, 0.),
        (1, 1.5),
        (2, 3.6),
        (10, 15.6),
        (40, 63.6),
        (64, 133.),
    ] {
        assert_eq!(with_volume(false, from).starts("main"), [start], "{from}");
    }
    assert_eq!(with_volume(true, 1000).starts("main"), [0.]);
}

#[test]
fn p17_a_missing_volume_leaves_the_pod_pending() {
    let text = with_volume(false, 9999).until(200).timeline();
    assert_eq!(text, "0 mount-failed");
    let text = with_volume(false, 9999)
        .at(30_000, Deed::Delete(None))
        .timeline();
    assert!(
        text.ends_with("30 Pending deleted | 32 Failed main=137 deleted"),
        "{text}"
    );
}

#[test]
fn p5_p17_a_missing_reference_is_looked_for_every_ten_seconds() {
    // At 0; the relist that shows the sandbox; then each ten seconds.
    assert_eq!(with_env(false, 5).starts("main"), [11.]);
    assert_eq!(with_env(false, 12).starts("main"), [21.]);
    assert_eq!(with_env(true, 5).starts("main"), [0.]);
    let text = with_env(false, 9999).until(100).timeline();
    assert_eq!(text, "0 config-missing main");
}

#[test]
fn p17_a_pod_without_volumes_does_not_wait() {
    let play = Play::never().quiet().container("main", "5s");
    let starts = play
        .template(|it| it.mounts_token = Some(false))
        .starts("main");
    assert_eq!(starts, [0.7]);
}
