//! What pods cost that live on nodes, next to pods that follow a script: trials of the same Job
//! in a warm world, with nobody watching.
//!
//! `cargo bench --bench pods` prints both, to be held against each other: what the full model may
//! cost is told as a multiple of what the same trial costs by scripts, that is of pods that run as
//! long and fail as often. A sample is 50 trials, since no two of them are alike. Allocations are
//! counted.

use divan::{AllocProfiler, Bencher};
use dryjob::base::{Seed, Span};
use dryjob::model::{Job, PodScript, Release};
use dryjob::sim::{Limits, PlainWorld, Scenario, World};
use dryjob::workload::Fate;

/// Counts allocations.
#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// The manifest that the project's examples start with.
fn data_processor() -> Job {
    Job::from_yaml(include_str!(
        "../tests/fixtures/patterns/data-processor.yaml"
    ))
    .expect("the manifest is valid")
}

fn scenario() -> Scenario {
    Scenario::on(Release::LATEST).limits(Limits::IDEAL)
}

/// Trial after trial, each with its own random numbers.
fn play(bencher: Bencher<'_, '_>, scenario: Scenario) {
    let mut world = World::new(scenario);
    let mut trial = 0;
    bencher.bench_local(|| {
        world.reset_to(Seed(1), trial);
        trial += 1;
        world.play_until_ended(&mut ());
        world.now()
    });
}

/// The same on the engine that forecasts play plain scenarios on, with the same outcome.
fn play_plain(bencher: Bencher<'_, '_>, scenario: &Scenario) {
    let mut world = PlainWorld::of(scenario).expect("the scenario is plain");
    let mut trial = 0;
    bencher.bench_local(|| {
        trial += 1;
        world.play(Seed(1), trial)
    });
}

fn lasting(millis: i64) -> PodScript {
    PodScript {
        schedule: Some(Span::ZERO),
        start: Some(Span::ZERO),
        run: Some(Span::from_millis(millis)),
        ..PodScript::default()
    }
}

/// Each pod is placed and started at once, runs for a minute and succeeds.
fn even() -> Scenario {
    scenario().job(data_processor(), [lasting(60_000)])
}

/// Two pods of twelve fail, and are replaced after the back-off.
fn failing() -> Scenario {
    let failing = PodScript {
        nth: vec![1, 4],
        exit: vec![("processor".into(), 1)],
        ..lasting(25_000)
    };
    scenario().job(data_processor(), [failing, lasting(60_000)])
}

/// What `full` comes to in a trial like most: run times as its law has them, no two of them alike,
/// and one failure.
fn alike() -> Scenario {
    let millis = [
        52_430, 87_115, 34_720, 61_904, 118_377, 44_259, 71_866, 58_013, 29_648, 98_791, 66_502,
    ];
    let script = |(nth, millis)| PodScript {
        nth: vec![nth],
        exit: (nth == 4)
            .then(|| ("processor".into(), 1))
            .into_iter()
            .collect(),
        ..lasting(millis)
    };
    let scripts: Vec<_> = (0..).zip(millis).map(script).collect();
    scenario().job(data_processor(), scripts)
}

/// The full model: kubelets with their delays, run times that follow a law, and one run in ten
/// that fails.
fn full() -> Scenario {
    let fate = Fate::lasting("lognormal(median=1m,p95=2m)").failing("10%", 1);
    scenario().workload(data_processor(), [fate])
}

/// The full model with the pods of `even`: all run for a minute.
fn full_and_even() -> Scenario {
    scenario().workload(data_processor(), [Fate::lasting("1m")])
}

#[divan::bench(sample_size = 50)]
fn scripted(bencher: Bencher<'_, '_>) {
    play(bencher, even());
}

#[divan::bench(sample_size = 50)]
fn scripted_with_failures(bencher: Bencher<'_, '_>) {
    play(bencher, failing());
}

#[divan::bench(sample_size = 50)]
fn scripted_alike(bencher: Bencher<'_, '_>) {
    play(bencher, alike());
}

#[divan::bench(sample_size = 50)]
fn living(bencher: Bencher<'_, '_>) {
    play(bencher, full());
}

#[divan::bench(sample_size = 50)]
fn living_and_even(bencher: Bencher<'_, '_>) {
    play(bencher, full_and_even());
}

#[divan::bench(sample_size = 50)]
fn forecast_scripted(bencher: Bencher<'_, '_>) {
    play_plain(bencher, &even());
}

#[divan::bench(sample_size = 50)]
fn forecast_scripted_alike(bencher: Bencher<'_, '_>) {
    play_plain(bencher, &alike());
}

#[divan::bench(sample_size = 50)]
fn forecast_living(bencher: Bencher<'_, '_>) {
    play_plain(bencher, &full());
}
