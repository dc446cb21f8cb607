//! Probes: P4, P32, P33, P43, P53.

use super::Play;
use crate::model::{Probe, ProbeKind};

const fn every(period_seconds: u32) -> Probe {
    Probe {
        initial_delay_seconds: 0,
        period_seconds,
        timeout_seconds: 1,
        success_threshold: 1,
        failure_threshold: 3,
        termination_grace_period_seconds: None,
    }
}

#[test]
fn p4_p18_a_readiness_probe_decides_when_the_pod_is_ready() {
    let play = |answers: &[(i64, bool)]| {
        let play = Play::never().with("main", "stays", |it| it.readiness_probe = Some(every(10)));
        let answers = answers.to_vec();
        let play = play.scripted(|it| it.answers = vec![("main", ProbeKind::Readiness, answers)]);
        play.until(300).timeline()
    };
    assert_eq!(play(&[]), "0 start main, Running, Running ready");
    assert_eq!(
        play(&[(0, false), (25, true)]),
        "0 start main, Running | 20 Readiness-failed main | 30 Running ready"
    );
    // Three bad answers in a row are needed: at 40, 50 and 60; one good one is enough.
    assert_eq!(
        play(&[(0, true), (35, false), (95, true)]),
        "0 start main, Running, Running ready | 60 Readiness-failed main, Running | \
         100 Running ready"
    );
    // Two bad answers change nothing.
    assert_eq!(
        play(&[(0, true), (35, false), (55, true)]),
        "0 start main, Running, Running ready"
    );
}

#[test]
fn p43_a_sidecar_with_a_startup_probe_holds_the_others_back() {
    let play = Play::never().init_with("s", "stays+0s:0", |it| {
        it.sidecar = true;
        it.startup_probe = Some(every(2));
    });
    let play = play.container("main", "stays").scripted(|it| {
        it.answers = vec![("s", ProbeKind::Startup, vec![(0, false), (3, true)])];
    });
    assert_eq!(
        play.until(100).timeline(),
        "0 start s | 4 start main, Running ready"
    );
}

#[test]
fn p32_p53_a_failed_liveness_probe_kills_and_the_policy_decides_about_a_restart() {
    let play = |play: Play| {
        let play = play.with("main", "stays+1s:0 stays", |it| {
            it.liveness_probe = Some(Probe {
                period_seconds: 5,
                initial_delay_seconds: 3,
                termination_grace_period_seconds: Some(7),
                ..Probe::default()
            });
        });
        let answers = vec![(0, true), (12, false)];
        let play = play.scripted(|it| it.answers = vec![("main", ProbeKind::Liveness, answers)]);
        play.until(60).timeline()
    };
    // Bad at 15, 20 and 25; the new run is asked anew, from 30 on, and bad at 40, 45 and 50.
    assert_eq!(
        play(Play::on_failure()),
        "0 start main, Running ready | 25 Liveness-failed main, term main 7s | \
         26 exit main 0, start main, Running ready restarts=1 | \
         50 Liveness-failed main, term main 7s | \
         57 kill main, exit main 137, start main, Running ready restarts=2"
    );
    assert_eq!(
        play(Play::never()),
        "0 start main, Running ready | 25 Liveness-failed main, term main 30s | \
         26 exit main 0, Running main=0 | 28 Succeeded main=0"
    );
}

#[test]
fn p43_a_container_that_never_becomes_started_is_killed() {
    let play = Play::on_failure().with("main", "stays+0s:3", |it| {
        it.startup_probe = Some(every(10));
    });
    let play = play.scripted(|it| {
        it.answers = vec![("main", ProbeKind::Startup, vec![(0, false)])];
    });
    let text = play.until(25).timeline();
    assert_eq!(
        text,
        "0 start main, Running | 20 Startup-failed main, term main 30s, exit main 3, \
         start main, Running restarts=1"
    );
}

#[test]
fn p4_readiness_gates_keep_a_pod_from_being_ready() {
    let play = Play::never().container("main", "stays").until(10);
    let text = play
        .template(|it| it.readiness_gates.push("gate".to_owned()))
        .timeline();
    assert_eq!(text, "0 start main, Running");
}
