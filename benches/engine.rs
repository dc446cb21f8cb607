//! What a run costs: one trial of a small Job, one sync among many pods, a Job of a million.
//!
//! `cargo bench --bench engine` prints times; `cargo bench --bench engine -- million` runs that
//! part alone.

use divan::Bencher;
use dryjob::base::Span;
use dryjob::model::{Job, PodScript, Release};
use dryjob::sim::{Limits, Scenario, World};

fn main() {
    divan::main();
}

fn lasting(secs: i64) -> PodScript {
    PodScript {
        schedule: Some(Span::ZERO),
        start: Some(Span::ZERO),
        run: Some(Span::from_secs(secs)),
        ..PodScript::default()
    }
}

fn job(spec: &str) -> Job {
    let text = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: bench}}\nspec:\n  {spec}\n  \
         template:\n    spec:\n      restartPolicy: Never\n      \
         containers: [{{name: main, image: bench}}]\n"
    );
    Job::from_yaml(&text).expect("the manifest is valid")
}

fn scenario(job: Job, pods: impl IntoIterator<Item = PodScript>) -> Scenario {
    Scenario::on(Release::LATEST)
        .job(job, pods)
        .limits(Limits::IDEAL)
}

/// The manifest that the project's examples start with.
fn data_processor() -> Job {
    Job::from_yaml(include_str!(
        "../tests/fixtures/patterns/data-processor.yaml"
    ))
    .expect("the manifest is valid")
}

/// One trial of a warm world, with nobody watching.
#[divan::bench]
fn trial_of_data_processor(bencher: Bencher<'_, '_>) {
    let mut world = World::new(scenario(data_processor(), [lasting(60)]));
    bencher.bench_local(|| {
        world.reset();
        world.play_until_ended(&mut ());
        world.now()
    });
}

/// The same with two failed attempts among the ten, and so with back-off.
#[divan::bench]
fn trial_with_failures(bencher: Bencher<'_, '_>) {
    let failing = PodScript {
        nth: vec![1, 4],
        exit: vec![("processor".into(), 1)],
        ..lasting(25)
    };
    let mut world = World::new(scenario(data_processor(), [failing, lasting(60)]));
    bencher.bench_local(|| {
        world.reset();
        world.play_until_ended(&mut ());
        world.now()
    });
}

/// A thousand seconds in which one pod ends, and one sync follows, every second, among so many
/// active pods that do not change. Divide by 1,000 for the cost of a sync with what it does.
#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 5)]
fn thousand_syncs_among(bencher: Bencher<'_, '_>, active: u32) {
    let spec = format!("completions: 1000000\n  parallelism: {active}\n  completionMode: Indexed");
    let waves: Vec<PodScript> = (0..1000)
        .map(|second| PodScript {
            index: vec![second],
            ..lasting(600 + i64::from(second))
        })
        .collect();
    // What makes 100,000 pods appear is not measured: the world is played up to there first.
    let forever = PodScript {
        run: None,
        ..lasting(0)
    };
    let scenario = scenario(job(&spec), waves.into_iter().chain([forever]));
    bencher
        .with_inputs(|| {
            let mut world = World::new(scenario.clone());
            world.play_to(
                dryjob::base::Instant::ORIGIN + Span::from_secs(599),
                &mut (),
            );
            world
        })
        .bench_local_values(|mut world| {
            world.play_to(
                dryjob::base::Instant::ORIGIN + Span::from_secs(1601),
                &mut (),
            );
            world.counts()
        });
}

/// 1,000,000 completions, 10,000 at a time, 60 s each, every sync at its real time.
#[divan::bench(args = ["NonIndexed", "Indexed"], sample_count = 3, sample_size = 1)]
fn million(bencher: Bencher<'_, '_>, mode: &str) {
    let spec = format!("completions: 1000000\n  parallelism: 10000\n  completionMode: {mode}");
    let scenario = scenario(job(&spec), [lasting(60)]);
    bencher
        .with_inputs(|| World::new(scenario.clone()))
        .bench_local_values(|mut world| {
            world.play_until_ended(&mut ());
            assert!(world.all_ended());
            world
        });
}
