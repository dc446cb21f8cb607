//! What pods cost that live on nodes, next to pods that follow a script: trials of the same Job
//! in a warm world, with nobody watching.
//!
//! `cargo bench --bench pods` prints both, to be held against each other: what the full model may
//! cost is told as a multiple of the scripted one. Allocations are counted.

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

/// Each pod is placed and started at once, runs for a minute and succeeds.
#[divan::bench]
fn scripted(bencher: Bencher<'_, '_>) {
    let pods = PodScript {
        schedule: Some(Span::ZERO),
        start: Some(Span::ZERO),
        run: Some(Span::from_secs(60)),
        ..PodScript::default()
    };
    play(bencher, scenario().job(data_processor(), [pods]));
}

/// Two pods of ten fail, and are replaced after the back-off.
#[divan::bench]
fn scripted_with_failures(bencher: Bencher<'_, '_>) {
    let lasting = |secs| PodScript {
        schedule: Some(Span::ZERO),
        start: Some(Span::ZERO),
        run: Some(Span::from_secs(secs)),
        ..PodScript::default()
    };
    let failing = PodScript {
        nth: vec![1, 4],
        exit: vec![("processor".into(), 1)],
        ..lasting(25)
    };
    let job = scenario().job(data_processor(), [failing, lasting(60)]);
    play(bencher, job);
}

/// The full model: kubelets with their delays, run times that follow a law, and one run in ten
/// that fails.
#[divan::bench]
fn living(bencher: Bencher<'_, '_>) {
    let fate = Fate::lasting("lognormal(median=1m,p95=2m)").failing("10%", 1);
    play(bencher, scenario().workload(data_processor(), [fate]));
}

/// The full model with the pods of `scripted`: all run for a minute.
#[divan::bench]
fn living_and_constant(bencher: Bencher<'_, '_>) {
    let fate = Fate::lasting("1m");
    play(bencher, scenario().workload(data_processor(), [fate]));
}

/// Trial after trial on the engine that forecasts play plain scenarios on, with the same outcome.
fn play_plain(bencher: Bencher<'_, '_>, scenario: &Scenario) {
    let mut world = PlainWorld::of(scenario).expect("the scenario is plain");
    let mut trial = 0;
    bencher.bench_local(|| {
        trial += 1;
        world.play(Seed(1), trial)
    });
}

/// `scripted`, as a forecast plays it.
#[divan::bench]
fn scripted_in_a_forecast(bencher: Bencher<'_, '_>) {
    let pods = PodScript {
        schedule: Some(Span::ZERO),
        start: Some(Span::ZERO),
        run: Some(Span::from_secs(60)),
        ..PodScript::default()
    };
    play_plain(bencher, &scenario().job(data_processor(), [pods]));
}

/// `living`, as a forecast plays it.
#[divan::bench]
fn living_in_a_forecast(bencher: Bencher<'_, '_>) {
    let fate = Fate::lasting("lognormal(median=1m,p95=2m)").failing("10%", 1);
    play_plain(bencher, &scenario().workload(data_processor(), [fate]));
}
