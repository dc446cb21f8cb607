//! W2: a large Indexed Job: parallelism a hundredth of its completions, attempts of 60 s of which
//! one in 200 fails, backoffLimitPerIndex 3. W2j: attempts of 30 s and an exponential time more.

use super::{Clock, report};
use dryjob::base::{Seed, Span};
use dryjob::model::{CompletionMode, Release, Resources};
use dryjob::node::Pace;
use dryjob::sim::{Finish, Limits, PlainWorld, Scenario};
use dryjob::workload::Fate;

fn scenario(size: u64, jitter: bool) -> Scenario {
    let size = u32::try_from(size).expect("as many pods as can be numbered");
    let mut job = super::job("million", Resources::default());
    let spec = &mut job.spec;
    // More than the API server lets a Job with a limit per index have.
    (spec.completions, spec.parallelism) = (Some(size), size / 100);
    spec.completion_mode = CompletionMode::Indexed;
    // With a limit per index, failures of the Job are without limit unless told.
    (spec.backoff_limit_per_index, spec.backoff_limit) = (Some(3), i32::MAX.unsigned_abs());
    let fate = if jitter {
        Fate::lasting("exponential(mean=30s) + 30s")
    } else {
        Fate::lasting("60s")
    };
    let mut scenario = Scenario::on(Release::LATEST).workload(job, [fate.failing("0.5%", 1)]);
    scenario.limits = Limits::IDEAL;
    scenario.pace = match std::env::var("PACE").as_deref() {
        Ok("quiet") => Pace::quiet(),
        _ => Pace::instant(),
    };
    scenario
}

#[allow(clippy::cast_precision_loss)]
pub(super) fn play(size: u64, jitter: bool) {
    let scenario = scenario(size, jitter);
    let mut clock = Clock::default();
    clock.start();
    let mut world = PlainWorld::of(&scenario).expect("the scenario is plain");
    let outcome = world.play(Seed(7), 0);
    clock.stop();
    let done = matches!(outcome.finish, Finish::Complete(_) | Finish::Failed(_));
    assert!(done, "the Job ends");
    let pods = outcome.pods;
    let end = outcome.duration.map_or(0, Span::micros) as f64 / 1e6;
    let workload = if jitter { "w2j" } else { "w2" };
    let check = format!(
        "end={end:.0},done={},failed={},peak={},left={}",
        pods.succeeded,
        pods.failed,
        pods.peak,
        world.left()
    );
    report(
        workload,
        size,
        u64::from(pods.created),
        clock.total(),
        &check,
    );
}
