//! Deletes: P49–P58, E5, E6, E15.

use super::{Deed, Play};
use crate::base::Span;
use crate::model::{Hook, HookEnd, Release};

fn deleted(runs: &'static str, grace: Option<u32>) -> Play {
    Play::never()
        .quiet()
        .container("main", runs)
        .at(10_000, Deed::Delete(grace))
}

#[test]
fn e5_p54_p55_a_process_without_handler_runs_the_whole_grace_period() {
    assert_eq!(
        deleted("stays", None)
            .at(60_000, Deed::DropFinalizer)
            .timeline(),
        "1 start main, Running ready | 10 Running ready deleted, term main 30s | \
         40 kill main, exit main 137 | 40.2 Failed main=137 deleted | 60 gone"
    );
}

#[test]
fn p13_p54_a_process_that_ends_well_makes_a_deleted_pod_succeed() {
    assert_eq!(
        deleted("stays+1.5s:0", None).timeline(),
        "1 start main, Running ready | 10 Running ready deleted, term main 30s | \
         11.5 exit main 0 | 11.7 Succeeded main=0 deleted"
    );
    let failed = deleted("stays+1.5s:143", None).timeline();
    assert!(failed.ends_with("11.7 Failed main=143 deleted"), "{failed}");
}

#[test]
fn p55_the_kubelet_deletes_the_object_after_the_next_relist() {
    let play = deleted("stays+1s:0", None).at(12_000, Deed::DropFinalizer);
    let text = play.timeline();
    // Stopped at 11.2, next relist at 12; the volumes were unmounted meanwhile.
    assert!(
        text.ends_with("11.2 Succeeded main=0 deleted | 12 gone"),
        "{text}"
    );
    let slow = deleted("stays+1s:0", None).at(11_300, Deed::DropFinalizer);
    let slow = slow.pace(|it| it.unmount = Span::from_millis(950).into());
    let text = slow.timeline();
    assert!(text.ends_with("12.2 gone"), "{text}");
}

#[test]
fn e6_p53_grace_0_still_leaves_two_seconds() {
    assert_eq!(
        deleted("stays", Some(0)).timeline(),
        "1 start main, Running ready | 10 Running ready deleted, term main 2s | \
         12 kill main, exit main 137 | 12.2 Failed main=137 deleted"
    );
    let one = deleted("stays", Some(1)).timeline();
    assert!(one.contains("term main 2s | 12 kill main"), "{one}");
}

#[test]
fn p56_the_containers_of_an_object_that_is_gone_are_stopped_too() {
    let play = deleted("stays", Some(0)).at(10_500, Deed::DropFinalizer);
    let (text, script) = play.perform();
    assert_eq!(
        text,
        "1 start main, Running ready | 10 Running ready deleted, term main 2s | 10.5 gone | \
         12 kill main, exit main 137"
    );
    assert_eq!(script.ended.len(), 1);
}

#[test]
fn p51_p52_a_shorter_grace_period_does_not_hurry_a_kill_under_way() {
    let text = deleted("stays", None)
        .at(12_000, Deed::Delete(Some(5)))
        .timeline();
    assert!(text.contains("40 kill main"), "{text}");
}

#[test]
fn p53_a_hook_takes_from_the_grace_period_and_leaves_two_seconds() {
    let hooked = |hook, millis| {
        let play = Play::never().with("main", "stays", |it| it.pre_stop = Some(hook));
        let play = play.scripted(|it| {
            it.hooks
                .insert("main", HookEnd::Succeeds(Span::from_millis(millis)));
        });
        let text = play.at(10_000, Deed::Delete(None)).timeline();
        let (_, rest) = text.split_once("deleted | ").unwrap();
        rest.split(", exit").next().unwrap().to_owned()
    };
    assert_eq!(hooked(Hook::Sleep(5), 0), "15 term main 25s | 40 kill main");
    assert_eq!(
        hooked(Hook::Command, 5_900),
        "15.9 term main 25s | 40.9 kill main"
    );
    assert_eq!(
        hooked(Hook::Http, 29_500),
        "39.5 term main 2s | 41.5 kill main"
    );
    assert_eq!(
        hooked(Hook::Command, 90_000),
        "40 term main 2s | 42 kill main"
    );
}

#[test]
fn p53_without_grace_there_is_no_hook() {
    let play = Play::never().with("main", "stays", |it| it.pre_stop = Some(Hook::Sleep(5)));
    let play = play.template(|it| it.termination_grace_period_seconds = 0);
    let text = play.at(10_000, Deed::Delete(None)).timeline();
    // The kubelet's own floor is one second (P52), so there is time for a hook, but not much.
    assert!(text.contains("11 term main 2s | 13 kill main"), "{text}");
}

#[test]
fn p54_a_sibling_that_ended_early_is_reported_with_the_last() {
    let play = Play::never()
        .container("a", "stays+1s:3")
        .container("b", "stays+8s:0");
    assert_eq!(
        play.at(10_000, Deed::Delete(None)).timeline(),
        "0 start a, start b, Running ready | \
         10 Running ready deleted, term b 30s, term a 30s | 11 exit a 3 | \
         18 exit b 0, Failed a=3 b=0 deleted"
    );
}

#[test]
fn p52_p54_a_worker_that_has_just_looked_waits_for_the_next_relist() {
    let play = Play::never()
        .container("main", "stays+1s:0")
        .on(Release::V1_35);
    let text = play.at(1_500, Deed::Delete(None)).timeline();
    assert!(
        text.contains("1.5 Running ready deleted | 2 term main"),
        "{text}"
    );
}

#[test]
fn e15_p10_p52_a_pod_deleted_while_it_pulls_ends_when_the_pull_does() {
    let pulling = |release| {
        let play = Play::never()
            .quiet()
            .on(release)
            .container("main", "stays+0s:143");
        let play = play.scripted(|it| it.pullable("main"));
        play.pace(|it| it.pull = Span::from_secs(60).into())
            .at(10_000, Deed::Delete(None))
    };
    // The pull succeeds: a short run.
    assert_eq!(
        pulling(Release::LATEST).timeline(),
        "0.7 pull main | 10 Pending deleted | 60.7 pulled main 1m0s | \
         61 start main, term main 30s, exit main 143, \
         Running ready deleted | 61.2 Failed main=143 deleted"
    );
    // Before 1.36 nothing has shown the start: the worker waits for a relist.
    let text = pulling(Release::V1_35).timeline();
    assert!(
        text.contains("61 start main | 62 term main 30s, exit main 143, Running ready deleted"),
        "{text}"
    );
}

#[test]
fn p10_a_container_that_never_ran_ends_as_137() {
    let play = Play::never()
        .quiet()
        .container("a", "stays+0s:0")
        .container("b", "stays");
    let play = play.scripted(|it| it.unpullable("b"));
    let text = play.at(5_000, Deed::Delete(None)).timeline();
    assert!(
        text.ends_with("5.2 Pending a=0 deleted | 6 Failed a=0 b=137 deleted"),
        "{text}"
    );
}

#[test]
fn p17_p52_waiting_for_volumes_is_broken_off() {
    let play = Play::never().quiet().container("main", "stays");
    let play = play.pace(|it| it.mount = Span::from_secs(100).into());
    assert_eq!(
        play.at(5_500, Deed::Delete(None)).timeline(),
        "5.5 Pending deleted | 7 Failed main=137 deleted"
    );
}

#[test]
fn p9_p57_a_pod_that_has_ended_stays_as_it_is() {
    let play = Play::never()
        .container("main", "1s")
        .at(10_000, Deed::Delete(None));
    let text = play.at(11_000, Deed::DropFinalizer).timeline();
    assert!(
        text.ends_with("2 Succeeded main=0 | 10 Succeeded main=0 deleted | 11 gone"),
        "{text}"
    );
}
