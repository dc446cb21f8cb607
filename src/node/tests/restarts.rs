//! Containers that crash and are started again: P20–P35, E1–E3.

use super::{Deed, Play};
use crate::base::Span;
use crate::model::{ContainerRestart, Operator, Release, RestartAction, RestartRule};
use crate::node::{BackOffLimits, Beats, Jitter};

fn crashing(run: &'static str) -> Play {
    Play::on_failure().container("main", run)
}

#[test]
fn e1_p24_p29_waits_after_a_crash_double_from_nothing_to_300_s() {
    let starts = crashing("5s:1")
        .on(Release::V1_34)
        .until(1300)
        .starts("main");
    assert_eq!(
        starts,
        [0., 5., 20., 45., 90., 175., 340., 645., 950., 1255.]
    );
}

#[test]
fn p30_precise_rechecks_without_jitter_start_at_the_same_times() {
    let starts = crashing("5s:1")
        .on(Release::V1_35)
        .until(700)
        .starts("main");
    assert_eq!(starts, [0., 5., 20., 45., 90., 175., 340., 645.]);
}

#[test]
fn e2_p30_the_last_wait_overshoots_by_half_its_length() {
    let play = crashing("5s:1").pace(|it| it.jitter = Jitter::Most);
    let starts = play.until(900).starts("main");
    let waits: Vec<f64> = starts.windows(2).map(|it| it[1] - it[0] - 5.).collect();
    assert_eq!(waits, [0., 15., 30., 60., 90., 180., 315.]);
}

#[test]
fn p29_the_old_rechecks_are_ten_to_fifteen_seconds_apart() {
    let play = crashing("5s:1").on(Release::V1_31);
    let starts = play
        .pace(|it| it.jitter = Jitter::Most)
        .until(120)
        .starts("main");
    let waits: Vec<f64> = starts.windows(2).map(|it| it[1] - it[0] - 5.).collect();
    assert_eq!(waits, [0., 15., 30., 45.]);
}

#[test]
fn p29_p30_drawn_waits_lie_between_the_bounds() {
    for (release, most) in [
        (Release::V1_31, [17., 32., 47.]),
        (Release::V1_37, [17., 32., 62.]),
    ] {
        let play = crashing("5s:1").on(release).pace(|it| {
            it.jitter = Jitter::Drawn;
            it.beats = Beats::Drawn;
        });
        let starts = play.until(200).starts("main");
        let waits = starts.windows(2).map(|it| it[1] - it[0] - 5.);
        let least = [10., 20., 40.];
        for ((wait, least), most) in waits.skip(1).zip(least).zip(most) {
            assert!((least..most).contains(&wait), "{release}: {starts:?}");
        }
    }
}

#[test]
fn e3_p26_a_run_of_400_s_at_the_cap_is_free_after_200_s() {
    let waits = |release| {
        let runs = "5s:1 5s:1 5s:1 5s:1 5s:1 5s:1 5s:1 400s:1";
        let starts = crashing(runs).on(release).until(3000).starts("main");
        let waits = starts.windows(2).map(|it| it[1] - it[0]).skip(7);
        waits.map(|it| it - 400.).take(2).collect::<Vec<_>>()
    };
    assert_eq!(waits(Release::V1_34), [210., 10.]);
    assert_eq!(waits(Release::V1_37), [240., 10.]);
}

#[test]
fn p25_a_run_of_more_than_600_s_begins_the_series_anew() {
    let starts = crashing("5s:1 5s:1 5s:1 601s:1").until(1000).starts("main");
    assert_eq!(starts, [0., 5., 20., 45., 646.]);
}

#[test]
fn p28_the_limits_can_be_configured() {
    let limits = BackOffLimits::up_to(Span::from_secs(4));
    let starts = crashing("1s:1")
        .pace(|it| it.back_off = limits)
        .until(20)
        .starts("main");
    assert_eq!(starts, [0., 1., 6., 11., 16.]);
}

#[test]
fn p5_p7_p20_states_and_counts_of_a_crashing_container() {
    // The reason CrashLoopBackOff hides the exit code until the next start.
    assert_eq!(
        crashing("5s:1 5s:1 5s").timeline(),
        "0 start main, Running ready | 5 exit main 1, start main, Running main=1, \
         Running ready restarts=1 | 10 exit main 1, back-off main 10s, \
         Running main=1 restarts=1 | 20 start main, Running restarts=1, Running ready restarts=2 | \
         25 exit main 0, Running main=0 restarts=2 | 26 Succeeded main=0 restarts=2"
    );
}

#[test]
fn p20_a_container_that_succeeded_stays_stopped_while_its_sibling_restarts() {
    let play = Play::on_failure()
        .container("a", "3s")
        .container("b", "5s:1 5s");
    assert_eq!(
        play.timeline(),
        "0 start a, start b, Running ready | 3 exit a 0, Running a=0 | \
         5 exit b 1, start b, Running a=0 b=1, Running a=0 restarts=1 | \
         10 exit b 0, Running a=0 b=0 restarts=1 | 11 Succeeded a=0 b=0 restarts=1"
    );
}

#[test]
fn p22_p32_a_siblings_event_is_a_recheck_too() {
    // The wait of 10 s is over at 20 s, when the work queue would look; b's end at 17 s does not
    // help, c's at 21 s would come too late.
    let play = Play::on_failure()
        .container("a", "5s:1 5s:1 5s")
        .container("b", "17s");
    let starts = play.on(Release::V1_31).until(100).starts("a");
    // A sync that finds it waiting at 17 s puts the next look to 27 s.
    assert_eq!(starts, [0., 5., 27.]);
}

fn rule(action: RestartAction, code: i32) -> RestartRule {
    RestartRule {
        action,
        operator: Operator::In,
        values: vec![code],
    }
}

#[test]
fn p33_a_container_rule_restarts_under_never_and_the_pod_goes_on() {
    let play = |release| {
        let play = Play::never().on(release).with("main", "5s:42 5s:1", |it| {
            it.restart = Some(ContainerRestart::Never);
            it.restart_rules = vec![rule(RestartAction::Restart, 42)];
        });
        play.timeline()
    };
    assert_eq!(
        play(Release::V1_36),
        "0 start main, Running ready | 5 exit main 42, start main, Running main=42, \
         Running ready restarts=1 | 10 exit main 1, Running main=1 restarts=1 | \
         11 Failed main=1 restarts=1"
    );
    assert!(play(Release::V1_34).ends_with("6 Failed main=42"));
}

#[test]
fn p34_all_containers_restart_from_the_first_init_container_without_back_off() {
    let play = Play::never().init("init", "1s").container("side", "stays");
    let play = play.with("main", "5s:42 5s:42 5s", |it| {
        it.restart = Some(ContainerRestart::Never);
        it.restart_rules = vec![rule(RestartAction::RestartAllContainers, 42)];
    });
    assert_eq!(
        play.until(20).timeline(),
        "0 start init | 1 exit init 0, start side, start main, Pending init=0, \
         Running ready init=0 | 6 exit main 42, restart-all main, term side 2s, \
         Running init=0 main=42 | 8 kill side, exit side 137, start init, Running restarts=3, \
         Pending restarts=3 | 9 exit init 0, start side, start main, Running init=0 restarts=3, \
         Running ready init=0 restarts=3 | 14 exit main 42, restart-all main, \
         term side 2s, Running init=0 main=42 restarts=3 | 16 kill side, exit side 137, \
         start init, Running restarts=6, Pending restarts=6 | 17 exit init 0, \
         start side, start main, Running init=0 restarts=6, Running ready init=0 restarts=6"
    );
}

#[test]
fn p5_a_process_that_cannot_be_started_counts_as_an_exit() {
    assert_eq!(
        Play::never().container("main", "0s:error").timeline(),
        "0 exit main 128 | 1 Pending main=128 | 2 Failed main=128"
    );
}

#[test]
fn p58_nothing_is_restarted_once_the_pod_is_to_be_deleted() {
    let play = crashing("5s:1").at(12_000, Deed::Delete(None));
    assert_eq!(
        play.timeline(),
        "0 start main, Running ready | 5 exit main 1, start main, Running main=1, \
         Running ready restarts=1 | 10 exit main 1, back-off main 10s, \
         Running main=1 restarts=1 | 12 Running main=1 restarts=1 deleted, \
         Failed main=1 restarts=1 deleted"
    );
}

#[test]
fn p87_a_container_killed_for_memory_looks_as_its_process_ended() {
    let starts = crashing("5s:oom 5s").until(50).starts("main");
    assert_eq!(starts, [0., 5.]);
    let child = Play::never().container("main", "5s:oom0").timeline();
    assert!(child.ends_with("6 Succeeded main=0"), "{child}");
}

#[test]
fn p21_p23_each_container_has_a_back_off_of_its_own() {
    let play = || {
        let play = Play::on_failure().on(Release::V1_34).container("a", "5s:1");
        play.container("b", "6s 6s").until(30)
    };
    assert_eq!(play().starts("a"), [0., 5., 20.]);
    let both = || {
        Play::on_failure()
            .container("a", "5s:1")
            .container("b", "6s:1 60s")
            .until(30)
    };
    assert_eq!(both().starts("b"), [0., 6.]);
}

#[test]
fn p27_a_wait_is_told_once() {
    let text = crashing("5s:1").until(89).timeline();
    assert_eq!(text.matches("back-off main 40s").count(), 1, "{text}");
}
