//! Init containers and sidecars: P43–P49, E14.

use super::{Deed, Play};
use crate::model::{Hook, Release};

#[test]
fn p43_p44_init_containers_run_one_after_the_other_and_each_end_waits_for_a_relist() {
    let play = || {
        Play::never()
            .init("a", "1.5s")
            .init("b", "1.5s")
            .container("main", "5s")
    };
    assert_eq!(
        play().timeline(),
        "0 start a | 1.5 exit a 0 | 2 start b, Pending a=0 | 3.5 exit b 0 | \
         4 start main, Pending a=0 b=0, Running ready a=0 b=0 | \
         9 exit main 0, Running a=0 b=0 main=0 | 10 Succeeded a=0 b=0 main=0"
    );
    let old = play().on(Release::V1_31).timeline();
    assert!(
        old.contains("4 start main, Pending a=0 b=0 | 5 Running ready"),
        "{old}"
    );
}

#[test]
fn p43_p44_a_sidecar_has_only_to_be_started() {
    let play = || {
        Play::never()
            .sidecar("s", "stays+0s:0")
            .container("main", "5s")
            .until(10)
    };
    assert_eq!(
        play().timeline(),
        "0 start s, start main, Running ready | 5 exit main 0, term s 30s, exit s 0, \
         Running main=0, Running s=0 main=0 | 7 Succeeded s=0 main=0"
    );
    // Up to 1.35 its start is seen at the next relist.
    let old = play().on(Release::V1_33).timeline();
    assert!(
        old.starts_with("0 start s | 1 start main | 2 Running"),
        "{old}"
    );
}

#[test]
fn p43_a_sidecar_waits_for_its_post_start_hook() {
    let play = Play::never().init_with("s", "stays+0s:0", |it| {
        it.sidecar = true;
        it.post_start = Some(Hook::Sleep(3));
    });
    let starts = play.container("main", "5s").starts("main");
    assert_eq!(starts, [3.]);
}

#[test]
fn p45_a_failed_init_container_fails_a_pod_that_never_restarts() {
    let play = Play::never()
        .init("init", "1s:7")
        .init("next", "1s")
        .container("main", "5s");
    assert_eq!(
        play.timeline(),
        "0 start init | 1 exit init 7, Pending init=7 | 2 Failed init=7"
    );
}

#[test]
fn p45_under_on_failure_only_the_failed_one_runs_again() {
    let play = Play::on_failure().init("a", "1s").init("b", "1s:1 1s:1 1s");
    let play = play.container("main", "5s");
    assert_eq!(play.on(Release::V1_34).starts("b"), [1., 2., 13.]);
    let play = Play::on_failure().init("a", "1s").init("b", "1s:1 1s");
    assert_eq!(play.container("main", "5s").starts("a"), [0.]);
}

#[test]
fn p47_a_sidecar_is_started_again_whatever_the_policy_and_its_code() {
    let play = Play::never()
        .sidecar("s", "2s 2s:1 stays+0s:0")
        .container("main", "30s");
    assert_eq!(
        play.timeline(),
        "0 start s, start main, Running ready | \
         2 exit s 0, start s, Running s=0, Running ready restarts=1 | \
         4 exit s 1, back-off s 10s, Running s=1 restarts=1 | \
         14 start s, Running restarts=1, Running ready restarts=2 | \
         30 exit main 0, term s 30s, exit s 0, Running main=0 restarts=2, \
         Running s=0 main=0 restarts=2 | 32 Succeeded s=0 main=0 restarts=2"
    );
}

#[test]
fn e14_p48_a_sidecar_that_ignores_the_stop_signal_delays_success() {
    let play = Play::never()
        .quiet()
        .sidecar("s", "stays")
        .container("main", "5s");
    let text = play.timeline();
    assert_eq!(
        text,
        "1 start s | 1.3 start main, Running ready | 6.3 exit main 0 | \
         7 term s 30s, Running main=0 | 37 kill s, exit s 137 | 37.2 Running s=137 main=0 | \
         39 Succeeded s=137 main=0"
    );
}

#[test]
fn p48_a_plain_container_as_a_sidecar_keeps_the_pod_running() {
    let play = Play::never()
        .container("main", "5s")
        .container("side", "stays");
    let text = play.timeline();
    assert!(text.ends_with("5 exit main 0, Running main=0"), "{text}");
}

#[test]
fn p48_sidecars_stop_in_reverse_order_and_share_the_grace_period() {
    let play = Play::never()
        .sidecar("a", "stays+1s:0")
        .sidecar("b", "stays+2.5s:0");
    let text = play.container("main", "5s").timeline();
    assert!(
        text.contains("term b 30s, Running main=0 | 7.5 exit b 0, term a 28s | 8.5 exit a 0"),
        "{text}"
    );
    let play = Play::never().sidecar("a", "stays").sidecar("b", "stays");
    let text = play.container("main", "5s").timeline();
    assert!(
        text.contains("term b 30s, Running main=0 | 35 term a 2s, kill b, exit b 137 | 37 kill a"),
        "{text}"
    );
}

#[test]
fn p49_on_deletion_hooks_of_sidecars_start_at_once_and_signals_wait() {
    let play = Play::never().init_with("s", "stays+0s:0", |it| {
        it.sidecar = true;
        it.pre_stop = Some(Hook::Sleep(3));
    });
    let play = play
        .container("main", "stays+5s:0")
        .at(10_000, Deed::Delete(None));
    let text = play.timeline();
    assert!(
        text.contains("term main 30s | 15 exit main 0, term s 25s, exit s 0, Succeeded"),
        "{text}"
    );
    let stuck = Play::never()
        .sidecar("s", "stays")
        .container("main", "stays");
    let text = stuck.at(10_000, Deed::Delete(Some(20))).timeline();
    assert!(
        text.contains("term main 20s | 30 term s 2s, kill main, exit main 137 | 32 kill s"),
        "{text}"
    );
}

#[test]
fn p35_restarts_of_all_kinds_of_containers_are_summed() {
    let play = Play::on_failure()
        .init("i", "1s:1 1s")
        .sidecar("s", "3s:1 stays");
    let text = play.container("main", "5s:1 stays").until(60).timeline();
    assert!(text.ends_with("restarts=3"), "{text}");
}

#[test]
fn p10_init_containers_that_never_ran_are_left_open_but_the_first() {
    let play = Play::never()
        .quiet()
        .init("a", "stays")
        .init("b", "1s")
        .container("main", "1s");
    let play = play
        .scripted(|it| it.unpullable("a"))
        .at(5_000, Deed::Delete(None));
    let text = play.timeline();
    assert!(text.ends_with("6 Failed a=137 deleted"), "{text}");
}
