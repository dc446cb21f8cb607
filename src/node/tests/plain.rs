//! Pods with regular containers that start, run and end by themselves: P8, P11, P14, P18, E4.

use super::Play;
use crate::base::Span;
use crate::model::Release;

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
