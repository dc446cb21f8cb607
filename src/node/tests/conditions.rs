//! The conditions that a kubelet writes: P4, G8.

use super::Play;
use crate::base::Span;
use crate::model::{ContainerRestart, Operator, Release, RestartAction, RestartRule};

/// Each condition as `STATUS@SECOND REASON`, in the order sandbox, Initialized, Ready,
/// ContainersReady, without those that say nothing new.
#[track_caller]
fn check(play: Play, millis: i64, want: [&str; 4]) {
    let text = play.conditions_at(millis);
    let kinds = [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
    ];
    let want: Vec<_> = kinds
        .iter()
        .zip(want)
        .map(|it| format!("{}={}", it.0, it.1))
        .collect();
    assert_eq!(text, format!("{}, PodScheduled=True@0", want.join(", ")));
}

#[test]
fn p4_g8_conditions_of_a_plain_pod() {
    let play = || Play::never().quiet().container("main", "30s");
    let unready = "False@0 ContainersNotReady";
    check(
        play(),
        500,
        ["False@0 PodSandboxNotReady", "True@0", unready, unready],
    );
    // From 1.36 on the sandbox shows at once, before with the start.
    check(play(), 800, ["True@0", "True@0", unready, unready]);
    check(
        play().on(Release::V1_35),
        800,
        ["False@0 PodSandboxNotReady", "True@0", unready, unready],
    );
    check(play(), 1_000, ["True@0", "True@0", "True@1", "True@1"]);
    let over = "False@31 PodCompleted";
    check(
        play(),
        31_500,
        ["True@0", "True@0 PodCompleted", over, over],
    );
}

#[test]
fn p4_a_failed_pod_is_not_ready_because_it_failed() {
    let over = "False@31 PodFailed";
    check(
        Play::never().quiet().container("main", "30s:1"),
        31_500,
        ["True@0", "True@0", over, over],
    );
}

#[test]
fn p4_initialized_waits_for_init_containers_and_for_sidecars_to_be_started() {
    let play = || {
        let play = Play::never().init("a", "2500ms").sidecar("s", "stays+0s:0");
        play.container("main", "30s")
    };
    let unready = "False@0 ContainersNotReady";
    check(
        play(),
        2_900,
        [
            "True@0",
            "False@0 ContainersNotInitialized",
            unready,
            unready,
        ],
    );
    check(play(), 3_000, ["True@0", "True@3", "True@3", "True@3"]);
}

#[test]
fn p4_readiness_gates_hold_ready_back_and_not_containers_ready() {
    let play = Play::never().container("main", "stays");
    let play = play.template(|it| it.readiness_gates.push("gate".to_owned()));
    check(
        play,
        5_000,
        [
            "True@0",
            "True@0",
            "False@0 ReadinessGatesNotReady",
            "True@0",
        ],
    );
}

#[test]
fn p4_p34_g4_a_restart_of_all_containers_leaves_a_pod_initialized() {
    let play = |release| {
        let play = Play::never().on(release).init("init", "1s");
        let play = play.with("main", "5s:42 5s", |it| {
            it.restart = Some(ContainerRestart::Never);
            it.restart_rules = vec![RestartRule {
                action: RestartAction::RestartAllContainers,
                operator: Operator::In,
                values: vec![42],
            }];
        });
        play.pace(|it| it.sandbox = Span::ZERO.into())
    };
    let text = play(Release::V1_36).conditions_at(6_000);
    assert!(text.contains("Initialized=True@1, "), "{text}");
    let failed = "False@6 PodFailed";
    check(
        play(Release::V1_35),
        6_500,
        ["True@1", "True@1", failed, failed],
    );
}
