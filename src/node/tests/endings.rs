//! What kubelets and machines do to pods that nobody has deleted: P13, P62, P65a, P77, P85, P86,
//! E7.

use super::{Deed, Play};
use crate::model::{Disruption, PodReason, Release};
use crate::node::Ending;

const EVICTION: Deed = Deed::End(Ending {
    reason: PodReason::Evicted,
    disruption: Some(Disruption::TerminationByKubelet),
    grace: Some(1),
    loses_records: true,
});

const SHUTDOWN: Deed = Deed::End(Ending {
    reason: PodReason::Terminated,
    disruption: Some(Disruption::TerminationByKubelet),
    grace: Some(20),
    loses_records: false,
});

fn ended(runs: &'static str, at: i64, deed: Deed) -> String {
    Play::never()
        .quiet()
        .container("main", runs)
        .at(at, deed)
        .timeline()
}

#[test]
fn e7_p13_p65a_an_evicted_pod_that_exits_well_has_succeeded_unless_its_record_is_lost() {
    assert_eq!(
        ended("stays+500ms:0", 10_200, EVICTION),
        "1 start main, Running ready | 10.2 ending Evicted, term main 2s | \
         10.7 exit main 0 | 10.9 Succeeded main=0 TerminationByKubelet"
    );
    let lost = ended("stays+1.7s:0", 10_200, EVICTION);
    assert!(
        lost.ends_with("12.1 Failed/Evicted main=137 restarts=1 TerminationByKubelet"),
        "{lost}"
    );
}

#[test]
fn p13_p83_a_shut_down_pod_keeps_its_exit_codes() {
    let well = ended("stays+1.9s:0", 10_000, SHUTDOWN);
    assert!(
        well.ends_with("12.1 Succeeded main=0 TerminationByKubelet"),
        "{well}"
    );
    let badly = ended("stays", 10_000, SHUTDOWN);
    assert!(badly.contains("term main 20s"), "{badly}");
    assert!(
        badly.ends_with("30.2 Failed/Terminated main=137 TerminationByKubelet"),
        "{badly}"
    );
}

#[test]
fn p13_a_pod_that_never_started_fails_with_the_reason() {
    let play = Play::never()
        .container("main", "1s")
        .scripted(|it| it.unpullable("main"));
    let text = play.at(5_000, EVICTION).timeline();
    assert!(
        text.ends_with(
            "Failed/Evicted TerminationByKubelet | \
                        6 Failed/Evicted main=137 TerminationByKubelet"
        ),
        "{text}"
    );
}

#[test]
fn p85_a_reboot_ends_containers_with_255() {
    let play = |play: Play| {
        let play = play
            .quiet()
            .container("main", "stays")
            .at(10_000, Deed::PowerOff);
        play.at(70_000, Deed::PowerOn).until(200).timeline()
    };
    assert_eq!(
        play(Play::never()),
        "1 start main, Running ready | 70 exit main 255, Running main=255 | 72 Failed main=255"
    );
    assert_eq!(
        play(Play::on_failure()),
        "1 start main, Running ready | 70 exit main 255, Running main=255 | \
         71 start main, Running ready restarts=1"
    );
}

#[test]
fn p46_p85_a_new_sandbox_runs_init_containers_again_but_not_what_succeeded() {
    let play = Play::on_failure()
        .init("i", "1s")
        .container("a", "3s")
        .container("b", "stays");
    let play = play
        .at(10_000, Deed::PowerOff)
        .at(20_000, Deed::PowerOn)
        .until(100);
    let text = play.timeline();
    let starts: Vec<_> = text.match_indices("start i").collect();
    assert_eq!(starts.len(), 2, "{text}");
    assert_eq!(text.matches("start a").count(), 1, "{text}");
    assert_eq!(text.matches("start b").count(), 2, "{text}");
    assert!(text.ends_with("Running i=0 a=0 restarts=2"), "{text}");
}

#[test]
fn p86_a_restarted_kubelet_forgets_back_off() {
    let play = Play::on_failure()
        .container("main", "5s:1")
        .on(Release::V1_34);
    let starts = play.at(12_000, Deed::Restart).until(60).starts("main");
    // Without the restart: 0, 5, 20, 45.
    assert_eq!(starts, [0., 5., 12., 27., 52.]);
}

#[test]
fn p77_a_node_that_is_cut_off_goes_on_and_reports_when_it_is_back() {
    let play = Play::never()
        .container("main", "30s")
        .at(10_000, Deed::CutOff);
    assert_eq!(
        play.at(60_000, Deed::Back).timeline(),
        "0 start main, Running ready | 30 exit main 0 | 60 Succeeded main=0"
    );
}

#[test]
fn p77_a_pod_deleted_meanwhile_keeps_its_true_phase() {
    let play = Play::never()
        .container("main", "30s")
        .at(10_000, Deed::CutOff);
    let play = play.at(60_000, Deed::Back).at(60_000, Deed::Delete(None));
    let text = play.at(70_000, Deed::DropFinalizer).timeline();
    assert!(
        text.ends_with("60 Succeeded main=0, Succeeded main=0 deleted | 70 gone"),
        "{text}"
    );
}
