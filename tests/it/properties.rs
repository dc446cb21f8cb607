//! What must hold in every run, whatever the Job and whatever happens to it.

use dryjob::base::{Instant, Span};
use dryjob::model::{Job, JobPatch, PodScript, Release};
use dryjob::report::steps::{JobState, Step, StepRecorder};
use dryjob::sim::{Action, Deed, Limits, PodLabel, Scenario, World};
use proptest::prelude::*;

/// A Job of these numbers.
fn job(name: &str, completions: Option<u32>, parallelism: u32, rest: &str) -> Job {
    let completions = completions.map_or(String::new(), |it| format!("completions: {it}"));
    let text = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: {name}}}\nspec:\n  {completions}\n  \
         parallelism: {parallelism}\n  {rest}\n  template:\n    spec:\n      \
         restartPolicy: Never\n      containers: [{{name: main, image: app}}]\n"
    );
    Job::from_yaml(&text).expect("the manifest is valid")
}

fn script(millis: i64, exit: i32) -> PodScript {
    PodScript {
        schedule: Some(Span::from_millis(20)),
        start: Some(Span::from_millis(700)),
        run: Some(Span::from_millis(millis)),
        exit: vec![("main".to_owned(), exit)],
        ..PodScript::default()
    }
}

fn steps(scenario: &Scenario) -> Vec<Step> {
    let mut recorder = StepRecorder::new();
    World::new(scenario.clone()).play(&mut recorder);
    recorder.into_steps()
}

fn states(steps: &[Step]) -> impl Iterator<Item = &JobState> {
    steps.iter().filter_map(|step| step.job.as_ref())
}

/// One of the things that are done from outside.
fn deed(kind: u8, number: u32, indexed: bool) -> Deed {
    let label = PodLabel {
        index: indexed.then_some(number),
        nth: if indexed { 0 } else { number },
    };
    let suspend = |to| JobPatch {
        suspend: Some(Some(to)),
        ..JobPatch::default()
    };
    match kind {
        0 => Deed::DeletePod(label),
        1 => Deed::Evict(label),
        2 => Deed::NodeLost(label),
        3 => Deed::Patch(suspend(true)),
        4 => Deed::Patch(suspend(false)),
        5 => Deed::Patch(JobPatch {
            parallelism: Some(Some(i64::from(number))),
            ..JobPatch::default()
        }),
        6 => Deed::RestartControllers,
        _ => Deed::Unlabel(label),
    }
}

/// A Job, its pods' lives, and what is done to it.
fn scenarios() -> impl Strategy<Value = Scenario> {
    let lives = prop::collection::vec((200i64..40_000, 0i32..2, 0u32..9), 1..5);
    let deeds = prop::collection::vec((0i64..120_000, 0u8..8, 0u32..9), 0..5);
    let limits = (any::<bool>(), prop_oneof![Just(0i64), 1i64..200]);
    let mode = (0u8..4, 0u32..9, 0u32..6, 0u32..5);
    let release = prop::sample::select(Release::ALL.to_vec());
    (lives, deeds, limits, mode, release).prop_map(|(lives, deeds, limits, mode, release)| {
        let (kind, completions, parallelism, limit) = mode;
        let rest = match kind {
            0 | 1 => format!("backoffLimit: {limit}"),
            2 => format!("completionMode: Indexed\n  backoffLimit: {limit}"),
            _ => format!("completionMode: Indexed\n  backoffLimitPerIndex: {limit}"),
        };
        let completions = (kind > 0).then_some(completions);
        let mut scenario = Scenario::on(release);
        scenario.until = Span::from_secs(2_000);
        scenario.limits = Limits {
            latency: Span::from_millis(limits.1),
            ..Limits::UPSTREAM
        };
        if limits.0 {
            scenario.limits.milli_qps = None;
        }
        let last = lives.len() - 1;
        let scripts = lives
            .into_iter()
            .enumerate()
            .map(|(place, (run, exit, nth))| PodScript {
                nth: if place == last { vec![] } else { vec![nth] },
                ..script(run, exit)
            });
        scenario = scenario.job(job("job", completions, parallelism, &rest), scripts);
        let indexed = rest.contains("Indexed");
        scenario
            .actions
            .extend(deeds.into_iter().map(|(at, kind, number)| Action {
                at: Span::from_millis(at),
                job: 0,
                deed: deed(kind, number, indexed),
            }));
        scenario
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn terminal_conditions_never_leave_and_never_meet(scenario in scenarios()) {
        let mut ended: Option<String> = None;
        for state in states(&steps(&scenario)) {
            let is = |kind: &&str| {
                state.conditions.iter().any(|it| it.r#type == **kind && it.status == "True")
            };
            let now: Vec<&str> = ["Complete", "Failed"].into_iter().filter(is).collect();
            prop_assert!(now.len() <= 1, "{now:?}");
            if let Some(before) = &ended {
                prop_assert_eq!(now.first().copied(), Some(before.as_str()));
            }
            ended = now.first().map(|it| (*it).to_owned()).or(ended);
        }
    }

    #[test]
    fn no_pod_is_counted_twice(scenario in scenarios()) {
        let steps = steps(&scenario);
        let pods: std::collections::BTreeSet<&String> =
            steps.iter().flat_map(|step| step.pods.keys()).collect();
        let indexed = scenario.workloads[0].job.spec.is_indexed();
        for state in states(&steps) {
            let counted = state.failed + if indexed { 0 } else { state.succeeded };
            prop_assert!(counted as usize <= pods.len(), "{counted} of {} pods", pods.len());
        }
    }

    #[test]
    fn no_more_pods_are_ready_than_active_once_that_is_checked(scenario in scenarios()) {
        for state in states(&steps(&scenario)) {
            if scenario.release >= Release::V1_32 {
                prop_assert!(state.ready.unwrap_or(0) <= state.active);
            }
        }
    }

    #[test]
    fn a_run_that_never_ends_has_a_reason(scenario in scenarios()) {
        let run = scenario.run(dryjob::base::Seed(1)).expect("the scenario is sound");
        let sentence = run.ending().to_string();
        prop_assert!(!sentence.contains("nothing more happens"), "{sentence}");
    }

    #[test]
    fn whole_seconds_later_all_is_the_same(scenario in scenarios(), shift in 1i64..99) {
        let mut shifted = scenario.clone();
        shifted.start = scenario.start + Span::from_secs(shift);
        let (a, b) = (steps(&scenario), steps(&shifted));
        prop_assert_eq!(a.len(), b.len());
        for (a, b) in a.iter().zip(&b) {
            #[allow(clippy::cast_precision_loss)] // below 100
            let later = a.t + shift as f64;
            prop_assert!((later - b.t).abs() < 1e-6);
            prop_assert_eq!(a.events.clone(), b.events.clone());
            let counts = |it: &Step| it.job.as_ref().map(|it| (it.active, it.succeeded, it.failed));
            prop_assert_eq!(counts(a), counts(b));
        }
    }

    #[test]
    fn another_job_changes_nothing(scenario in scenarios()) {
        // With limits the two would share the controller's client, and its queue of events.
        let alone = scenario.limits(Limits::IDEAL);
        let mut beside = alone.clone();
        beside = beside.job(job("other", Some(3), 2, "backoffLimit: 1"), [script(9_000, 1)]);
        prop_assert_eq!(steps(&alone), steps(&beside));
    }

    #[test]
    fn a_world_used_again_does_the_same(scenario in scenarios()) {
        let mut world = World::new(scenario);
        let mut first = StepRecorder::new();
        world.play(&mut first);
        world.reset();
        let mut second = StepRecorder::new();
        world.play(&mut second);
        prop_assert_eq!(first.steps(), second.steps());
    }
}

/// Up to three pods that succeed, fail, hang or are evicted, and a restart of the controllers at
/// any moment: the Job ends as it would have, and no pod counts twice.
#[test]
fn a_restart_between_any_two_requests_loses_nothing() {
    for fates in 0..27u32 {
        let exit = |pod: u32| (fates / 3u32.pow(pod)) % 3;
        let scripts = (0..3).map(|pod| PodScript {
            nth: vec![pod],
            ..script(3_000, i32::from(exit(pod) == 1))
        });
        let spec = job("job", Some(3), 3, "backoffLimit: 6");
        let mut scenario = Scenario::on(Release::LATEST)
            .limits(Limits {
                latency: Span::from_millis(40),
                ..Limits::IDEAL
            })
            .until(Span::from_secs(900))
            .job(spec, scripts.chain([script(3_000, 0)]));
        for pod in (0..3).filter(|pod| exit(*pod) == 2) {
            let label = PodLabel {
                index: None,
                nth: pod,
            };
            scenario = scenario.action(Span::from_millis(2_000), Deed::Evict(label));
        }
        let quiet = steps(&scenario);
        let last = |steps: &[Step]| states(steps).last().map(|it| (it.succeeded, it.failed));
        let end = last(&quiet).expect("the Job has a status");
        for moment in (0..7_000).step_by(35) {
            let restart = Deed::RestartControllers;
            let restarted = scenario.clone().action(Span::from_millis(moment), restart);
            assert_eq!(
                last(&steps(&restarted)),
                Some(end),
                "fates {fates}, restart {moment} ms"
            );
        }
    }
}

#[test]
fn released_pods_live_on_and_strays_are_adopted_again() {
    let label = PodLabel {
        index: None,
        nth: 0,
    };
    let scenario = Scenario::on(Release::LATEST)
        .limits(Limits::IDEAL)
        .until(Span::from_secs(200))
        .job(
            job("job", Some(2), 1, "backoffLimit: 0"),
            [script(30_000, 0)],
        )
        .action(Span::from_secs(5), Deed::Unlabel(label))
        .action(Span::from_secs(20), Deed::Relabel(label));
    let mut world = World::new(scenario);
    world.play_to(Instant::ORIGIN + Span::from_secs(7), &mut ());
    let pod = *world.api().pod(dryjob::model::PodId(0));
    assert!(
        !pod.owned && !pod.finalizer && pod.is_active(),
        "released, and still running"
    );
    assert_eq!(world.api().pods_created(), 2, "and replaced");
    world.play_to(Instant::ORIGIN + Span::from_secs(22), &mut ());
    let pod = *world.api().pod(dryjob::model::PodId(0));
    assert!(pod.owned, "adopted again");
    world.play(&mut ());
    let status = &world.api().jobs().next().expect("there is a Job").1.status;
    assert!(
        status
            .finished()
            .is_some_and(|it| it.kind.as_str() == "Complete")
    );
}

#[test]
fn a_status_can_be_asked_for_at_any_instant() {
    let scenario = Scenario::on(Release::LATEST).limits(Limits::IDEAL).job(
        job("job", Some(3), 1, "backoffLimit: 0"),
        [script(10_000, 0)],
    );
    let first = dryjob::model::JobId(0);
    for (secs, succeeded) in [(0, 0), (11, 0), (12, 1), (24, 2), (60, 3)] {
        let at = Instant::ORIGIN + Span::from_secs(secs);
        let status = scenario
            .status_at(first, at)
            .expect("the scenario is sound");
        assert_eq!(
            status.map(|it| it.succeeded),
            Some(succeeded),
            "after {secs} s"
        );
    }
}
