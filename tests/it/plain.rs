//! The fast engine for plain scenarios against the world that is its oracle.

use dryjob::base::{Seed, Span};
use dryjob::model::{Job, JobId, OnDelete, PodScript, Release};
use dryjob::node::Pace;
use dryjob::sim::{Finish, Gauge, Limits, Outcome, PlainWorld, Scenario, World};
use dryjob::workload::{Fate, Process, Stop};
use proptest::prelude::*;
use std::fmt::Write as _;

/// A Job with these words in its spec.
fn job(spec: &str, pod: &str) -> Job {
    let text = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: plain}}\nspec:\n{spec}\n  \
         template:\n    spec:\n      restartPolicy: Never\n{pod}\n      \
         containers: [{{name: main, image: app}}]\n"
    );
    Job::from_yaml(&text).expect("the manifest is valid")
}

/// What the oracle says, and how often each index failed.
fn measured(world: &mut World, seed: Seed, trial: u64) -> (Outcome, Vec<u32>) {
    let mut gauge = Gauge::default();
    world.reset_to(seed, trial);
    world.play_until_ended(&mut gauge);
    gauge.finish(world.watched_to());
    let failures = gauge.failures_by_index(JobId(0)).to_vec();
    (gauge.outcomes()[0], failures)
}

/// Plays some trials in both; how many of them the fast engine left to the other.
fn agree(scenario: &Scenario, seed: u64, trials: u64) -> Result<u64, TestCaseError> {
    let Some(mut plain) = PlainWorld::of(scenario) else {
        assert_ne!(scenario.limits, Limits::IDEAL, "the scenario is plain");
        return Ok(0);
    };
    let mut world = World::new(scenario.clone());
    for trial in 0..trials {
        let fast = plain.play(Seed(seed), trial);
        let (slow, failures) = measured(&mut world, Seed(seed), trial);
        prop_assert_eq!(fast, slow, "trial {} of {:?}", trial, scenario);
        prop_assert_eq!(plain.failures_by_index(), failures);
        prop_assert_eq!(plain.is_spent(), world.is_spent());
    }
    if std::env::var("CASES").is_ok() {
        eprintln!("LEFT {} {}", plain.left(), trials);
    }
    Ok(plain.left())
}

/// Words of a Job's spec, and the most pods that may be active.
fn specs() -> impl Strategy<Value = String> {
    let size = prop_oneof![
        8 => (0u32..12, 1u32..5).boxed(),
        3 => (20u32..70, 25u32..40).boxed(),
        1 => (400u32..1300, 500u32..700).boxed(),
    ];
    let limits = (0u32..7, 0u32..4, prop::option::of(0u32..4));
    let deadline = prop::option::weighted(0.2, 1u32..200);
    (size, 0u8..6, limits, deadline).prop_map(|(size, mode, limits, deadline)| {
        let ((completions, parallelism), (limit, per_index, max)) = (size, limits);
        let mut text = format!("  parallelism: {parallelism}");
        if mode > 0 {
            let _ = write!(text, "\n  completions: {completions}");
        }
        if mode > 2 {
            text += "\n  completionMode: Indexed";
        }
        if mode > 3 {
            let _ = write!(text, "\n  backoffLimitPerIndex: {per_index}");
            if let Some(max) = max.filter(|it| *it <= completions) {
                let _ = write!(text, "\n  maxFailedIndexes: {max}");
            }
        }
        if mode < 4 || limit == 6 {
            let _ = write!(text, "\n  backoffLimit: {limit}");
        }
        if let Some(deadline) = deadline {
            let _ = write!(text, "\n  activeDeadlineSeconds: {deadline}");
        }
        text
    })
}

fn paces() -> impl Strategy<Value = Pace> {
    prop::sample::select(vec![Pace::quiet(), Pace::ideal(), Pace::instant()])
}

fn stops() -> impl Strategy<Value = Option<Process>> {
    let process = Process::staying;
    prop::sample::select(vec![
        None,
        Some(process().stopping(Stop::Ignores)),
        Some(process().stopping_in("2s", 0)),
        Some(process().stopping_in("1s..10s", 143)),
    ])
}

fn fates() -> impl Strategy<Value = Fate> {
    let laws = [
        "exponential(mean=30s)",
        "exponential(mean=2s)",
        "60s",
        "0s..3s",
        "10s",
        "300ms..40s",
        "exponential(mean=30s) + 30s",
        "lognormal(median=20m,p95=35m)",
    ];
    let chance = prop::sample::select(vec!["0%", "10%", "1%", "40%", "100%"]);
    let law = prop::sample::select(laws.to_vec());
    (law, chance, 0u8..4, stops()).prop_map(|(law, chance, kind, stop)| {
        let mut process = Process::lasting(law);
        if let Some(stop) = stop {
            process.stop = stop.stop;
        }
        process = match kind {
            0 | 1 => process.failing(chance, 1),
            2 => process
                .failing(chance, 3)
                .failing("0%", 4)
                .hazard("exponential(mean=90s)", 137),
            _ => {
                let half = dryjob::workload::Failure::with(7).at_per_cent(50);
                process.failing(chance, half)
            }
        };
        Fate::of(process)
    })
}

fn releases() -> impl Strategy<Value = Release> {
    prop::sample::select(Release::ALL.to_vec())
}

/// None, those of upstream, and one that is felt.
fn limits() -> impl Strategy<Value = Limits> {
    let tight = Limits {
        milli_qps: Some(2_000),
        burst: 14,
        ..Limits::UPSTREAM
    };
    prop::sample::select(vec![Limits::IDEAL, Limits::UPSTREAM, tight])
}

fn living() -> impl Strategy<Value = Scenario> {
    let pod = prop::sample::select(vec![
        "",
        "      automountServiceAccountToken: false",
        "      terminationGracePeriodSeconds: 3",
    ]);
    let first = prop::option::weighted(0.2, fates());
    let until = prop_oneof![4 => Just(86_400i64), 1 => 4i64..600];
    let start = prop_oneof![2 => Just(0i64), 1 => 0i64..3_000_000];
    (
        specs(),
        pod,
        fates(),
        first,
        paces(),
        releases(),
        until,
        (start, limits()),
    )
        .prop_map(
            |(spec, pod, fate, first, pace, release, until, (start, limits))| {
                let first = first.map(|it| it.for_nth(0..=1));
                let fates = first.into_iter().chain([fate]);
                let mut scenario = Scenario::on(release).workload(job(&spec, pod), fates);
                scenario.pace = pace;
                scenario.limits = limits;
                scenario.until = Span::from_secs(until);
                scenario.workloads[0].at = Span::from_micros(start);
                scenario
            },
        )
}

fn scripted() -> impl Strategy<Value = Scenario> {
    let times = (0i64..3000, 0i64..3000, 0i64..40_000);
    let stop = (0i64..40_000, prop::sample::select(vec![0, 143]));
    let script = (
        times,
        0i32..3,
        stop,
        any::<bool>(),
        prop::collection::vec(0u32..5, 0..3),
    );
    let scripts = prop::collection::vec(script, 1..4);
    (specs(), scripts, releases(), limits()).prop_map(|(spec, scripts, release, limits)| {
        let scripts = scripts
            .into_iter()
            .map(|(times, exit, stop, not_ready, nth)| PodScript {
                nth,
                schedule: Some(Span::from_millis(times.0 / 10 * 10)),
                start: Some(Span::from_millis(times.1 / 500 * 500)),
                run: Some(Span::from_millis(times.2 / 250 * 250)),
                exit: vec![("main".to_owned(), i32::from(exit == 2))],
                not_ready,
                on_delete: OnDelete {
                    stop: Span::from_millis(stop.0),
                    exit: stop.1,
                },
                ..PodScript::default()
            });
        let mut scenario = Scenario::on(release).job(job(&spec, ""), scripts);
        scenario.limits = limits;
        scenario
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("CASES").map_or(300, |it| it.parse().unwrap()),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_fast_engine_agrees_with_the_world_on_pods_that_live(
        scenario in living(),
        seed in any::<u64>(),
    ) {
        agree(&scenario, seed, 3)?;
    }

    #[test]
    fn the_fast_engine_agrees_with_the_world_on_pods_that_follow_scripts(scenario in scripted()) {
        agree(&scenario, 0, 1)?;
    }
}

/// The Job of workload W1 of the benchmarks.
fn w1() -> Scenario {
    let job = job("  completions: 10\n  parallelism: 3\n  backoffLimit: 4", "");
    let fate = Fate::lasting("exponential(mean=30s)").failing("10%", 1);
    let scenario = Scenario::on(Release::LATEST).workload(job, [fate]);
    scenario.limits(Limits::IDEAL)
}

#[test]
fn hardly_a_trial_is_left_to_the_world() {
    for (pace, most) in [(Pace::instant(), 0), (Pace::quiet(), 10)] {
        let mut scenario = w1();
        scenario.pace = pace;
        let left = agree(&scenario, 7, 2000).expect("the engines agree");
        assert!(left <= most, "{left} of 2000");
    }
}

#[test]
fn the_usual_rate_limit_is_hardly_ever_felt() {
    let mut scenario = w1().limits(Limits::UPSTREAM);
    scenario.pace = Pace::quiet();
    let left = agree(&scenario, 3, 1000).expect("the engines agree");
    assert!(left <= 20, "{left} of 1000");
    let large = job("  completions: 100\n  parallelism: 14", "");
    let fate = Fate::lasting("1m");
    let large = Scenario::on(Release::LATEST).workload(large, [fate]);
    assert!(PlainWorld::of(&large).is_none(), "14 pods may have to wait");
}

#[test]
fn the_share_of_completions_is_that_of_theory() {
    let mut scenario = w1();
    scenario.pace = Pace::instant();
    let mut plain = PlainWorld::of(&scenario).expect("the scenario is plain");
    let (mut complete, mut time) = (0u32, 0i64);
    for trial in 0..20_000 {
        let outcome = plain.play(Seed(1), trial);
        complete += u32::from(matches!(outcome.finish, Finish::Complete(_)));
        time += outcome.duration.map_or(0, Span::micros);
    }
    // 0.9908 of 20,000, give or take three deviations.
    assert!(complete.abs_diff(19_816) < 41, "{complete}");
    let mean = time / 20_000;
    assert!((144_000_000..148_000_000).contains(&mean), "{mean}");
}
