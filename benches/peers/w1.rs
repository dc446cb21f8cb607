//! W1: a small Job, again and again: completions 10, parallelism 3, backoffLimit 4; an attempt
//! takes an exponential time of 30 s and fails in one of ten.

use super::{cpu, report};
use dryjob::base::Seed;
use dryjob::model::{Job, Release};
use dryjob::node::Pace;
use dryjob::sim::{Finish, Limits, PlainWorld, Scenario};
use dryjob::workload::Fate;
use std::time::Instant;

fn scenario() -> Scenario {
    let job = Job::from_yaml(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: data-processor}\nspec:\n  \
         completions: 10\n  parallelism: 3\n  backoffLimit: 4\n  template:\n    spec:\n      \
         restartPolicy: Never\n      containers: [{name: main, image: app}]\n",
    )
    .expect("the manifest is valid");
    let fate = Fate::lasting("exponential(mean=30s)").failing("10%", 1);
    let mut scenario = Scenario::on(Release::LATEST).workload(job, [fate]);
    scenario.limits = Limits::IDEAL;
    scenario.pace = match std::env::var("PACE").as_deref() {
        Ok("quiet") => Pace::quiet(),
        _ => Pace::instant(),
    };
    scenario
}

/// How many complete, and microseconds to the end in all.
fn play(scenario: &Scenario, trials: std::ops::Range<u64>) -> (u64, i64, u64) {
    let mut world = PlainWorld::of(scenario).expect("the scenario is plain");
    let (mut complete, mut time) = (0, 0);
    for trial in trials {
        let outcome = world.play(Seed(99), trial);
        complete += u64::from(matches!(outcome.finish, Finish::Complete(_)));
        time += outcome.duration.map_or(0, |it| it.micros());
    }
    (complete, time, world.left())
}

#[allow(clippy::cast_precision_loss)]
pub(super) fn run(trials: u64, threads: u64) {
    let scenario = scenario();
    let (cpu_before, before) = (cpu(), Instant::now());
    let share = |n: u64| trials * n / threads..trials * (n + 1) / threads;
    let parts: Vec<_> = if threads == 1 {
        vec![play(&scenario, 0..trials)]
    } else {
        std::thread::scope(|scope| {
            let spawn = |n| {
                let (scenario, trials) = (&scenario, share(n));
                scope.spawn(move || play(scenario, trials))
            };
            let threads: Vec<_> = (0..threads).map(spawn).collect();
            let join = |it: std::thread::ScopedJoinHandle<'_, _>| it.join().expect("no panic");
            threads.into_iter().map(join).collect()
        })
    };
    let seconds = if threads == 1 {
        cpu() - cpu_before
    } else {
        before.elapsed().as_secs_f64()
    };
    let complete: u64 = parts.iter().map(|it| it.0).sum();
    let time: i64 = parts.iter().map(|it| it.1).sum();
    let left: u64 = parts.iter().map(|it| it.2).sum();
    let share = complete as f64 / trials as f64;
    let mean = time as f64 / 1e6 / trials as f64;
    let workload = if threads == 1 { "w1" } else { "w1x2" };
    let check = format!("p_ok={share:.4},mean_end={mean:.2},left={left}");
    report(workload, trials, trials, seconds, &check);
}
