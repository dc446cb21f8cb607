//! Pods with regular containers that start, run and end by themselves: P8, P11, P14, P18, E4.

use super::{Deed, Play};
use crate::base::{Instant, Law, Span, WireTime};
use crate::model::{Phase, Readiness, Release};

#[test]
fn p18_a_quiet_node_runs_a_pod_a_second_after_it_was_bound() {
    assert_eq!(
        Play::never().quiet().container("main", "30s").timeline(),
        "1 start main, Running ready | 31 exit main 0, Running main=0 | 32.2 Succeeded main=0"
    );
}

#[test]
fn p31_up_to_1_35_the_start_waits_for_a_relist() {
    let play = || Play::never().quiet().container("main", "30s");
    assert_eq!(
        play().on(Release::V1_35).timeline(),
        "1 start main | 2 Running ready | 31 exit main 0, Running main=0 | 32.2 Succeeded main=0"
    );
    // A run between two relists is never seen running.
    let short = Play::never().quiet().container("main", "500ms");
    assert_eq!(
        short.on(Release::V1_35).timeline(),
        "1 start main | 1.5 exit main 0 | 2 Pending main=0 | 3.2 Succeeded main=0"
    );
}

#[test]
fn e4_p14_success_shows_one_to_two_seconds_after_the_exit() {
    for (run, shows) in [("5s", "6"), ("5.1s", "7"), ("5.9s", "7"), ("6s", "7")] {
        let text = Play::never().container("main", run).timeline();
        let last = text.rsplit(" | ").next().unwrap();
        assert_eq!(last, format!("{shows} Succeeded main=0"), "{run}");
    }
}

#[test]
fn p8_p11_the_last_container_decides_and_the_end_is_withheld() {
    assert_eq!(
        Play::never()
            .quiet()
            .container("a", "5s:3")
            .container("b", "20s")
            .timeline(),
        "1 start a | 1.3 start b, Running ready | 6 exit a 3, Running a=3 | 21.3 exit b 0 | \
         22 Running a=3 b=0 | 23.2 Failed a=3 b=0"
    );
}

#[test]
fn p4_p18_writes_are_those_of_a_real_kubelet() {
    let play = || Play::never().quiet().container("main", "30s").writes();
    assert_eq!(
        play().timeline(),
        "0 Pending, Pending | 0.7 Pending | 1 start main, Running ready | \
         31 exit main 0, Running main=0 | 32.2 Succeeded main=0",
        "binding, first status, sandbox, start, exit, end"
    );
    assert_eq!(
        play().on(Release::V1_35).timeline(),
        "0 Pending, Pending | 1 start main | 2 Running ready | \
         31 exit main 0, Running main=0 | 32.2 Succeeded main=0",
        "the sandbox shows with the start"
    );
}

#[test]
fn p15_a_write_takes_its_time_and_brings_the_newest_status() {
    let play = Play::never().quiet().container("main", "30s");
    assert_eq!(
        play.pace(|it| it.api_write = Span::from_millis(50).into())
            .timeline(),
        "1 start main | 1.05 Running ready | 31 exit main 0 | 31.05 Running main=0 | \
         32.25 Succeeded main=0"
    );
}

#[test]
fn p3_p12_the_first_status_says_since_when_the_pod_is_not_ready() {
    let mut play = Play::never().container("main", "5s");
    play.deeds = vec![(Instant::ORIGIN + Span::from_millis(3_900), Deed::Bind)];
    let pod = play.pod_after(4);
    assert_eq!(pod.ready, Readiness::True(WireTime::from_secs(3)));
    let mut play = Play::never()
        .container("main", "stays")
        .scripted(|it| it.unpullable("main"));
    play.deeds = vec![(Instant::ORIGIN + Span::from_millis(3_900), Deed::Bind)];
    let pod = play.pod_after(60);
    assert_eq!(pod.ready, Readiness::False(WireTime::from_secs(3)));
}

#[test]
fn p12_p6_finish_times_are_cut_down_and_unknown_ones_are_none() {
    let pod = Play::never()
        .container("a", "5.9s:1")
        .container("b", "2s")
        .pod_after(60);
    assert_eq!(pod.finished, Some(WireTime::from_secs(5)));
    assert_eq!(pod.finish_time(), WireTime::from_secs(5));
    let lost = Play::never()
        .container("main", "1s")
        .scripted(|it| it.unpullable("main"));
    let pod = lost.at(5_000, Deed::Delete(None)).pod_after(60);
    assert_eq!((pod.phase, pod.finished), (Phase::Failed, None));
}

#[test]
fn p16_a_busy_worker_sees_nothing_until_it_is_done() {
    let play = Play::never().container("a", "3s:1").container("b", "5s");
    let play = play.scripted(|it| it.pullable("b"));
    let text = play
        .pace(|it| it.pull = Span::from_secs(20).into())
        .timeline();
    assert_eq!(
        text,
        "0 start a, pull b | 3 exit a 1 | 20 pulled b 20s, start b, Running a=1 | \
         25 exit b 0, Running a=1 b=0 | 26 Failed a=1 b=0"
    );
}

#[test]
fn p6_a_process_without_handler_ends_137_and_one_with_the_default_action_143() {
    for (run, code) in [("stays", 137), ("stays+0s:143", 143), ("stays+0s:0", 0)] {
        let play = Play::never()
            .container("main", run)
            .at(5_000, Deed::Delete(None));
        let (_, script) = play.perform();
        assert_eq!(script.ended[0].2.code, code);
    }
}

#[test]
fn p120_delays_follow_their_laws_and_belong_to_the_pod() {
    let play = |seed| {
        let mut play = Play::never().container("main", "30s");
        play.seed = seed;
        let law: Law = "uniform(10s,20s)".parse().unwrap();
        let starts = play.pace(|it| it.sandbox = law.into()).starts("main");
        assert!((10.0..20.0).contains(&starts[0]), "{starts:?}");
        starts
    };
    assert_eq!(play(1), play(1));
    assert_ne!(play(1), play(2));
}
