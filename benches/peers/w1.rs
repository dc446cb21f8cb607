//! W1: a small Job, again and again: completions 10, parallelism 3, backoffLimit 4; an attempt
//! takes an exponential time of 30 s and fails in one of ten.

use super::{Clock, report};
use dryjob::base::Seed;
use dryjob::forecast::{Estimate, Metric, Plan};
use dryjob::model::{Release, Resources};
use dryjob::node::Pace;
use dryjob::sim::{Limits, Scenario};
use dryjob::workload::Fate;
use std::num::NonZeroUsize;
use std::time::Instant;

fn scenario() -> Scenario {
    let mut job = super::job("data-processor", Resources::default());
    (job.spec.completions, job.spec.parallelism) = (Some(10), 3);
    job.spec.backoff_limit = 4;
    let fate = Fate::lasting("exponential(mean=30s)").failing("10%", 1);
    let mut scenario = Scenario::on(Release::LATEST).workload(job, [fate]);
    scenario.limits = Limits::IDEAL;
    scenario.pace = match std::env::var("PACE").as_deref() {
        Ok("quiet") => Pace::quiet(),
        _ => Pace::instant(),
    };
    scenario
}

/// A forecast, summaries with their distributions included.
pub(super) fn play(trials: u64, threads: usize) {
    let scenario = scenario();
    let mut plan = Plan::new(Seed(99), trials);
    plan.threads = NonZeroUsize::new(threads).expect("not zero");
    let (mut clock, before) = (Clock::default(), Instant::now());
    clock.start();
    let forecast = scenario
        .forecast(&plan)
        .expect("the scenario can be played");
    clock.stop();
    let (workload, took) = match threads {
        1 => ("w1", clock.total()),
        _ => ("w1x2", before.elapsed()),
    };
    let summary = &forecast.jobs[0].summary;
    let p = summary.p_complete();
    let mean = Estimate::mean(summary.metric(Metric::Duration)).expect("Jobs end");
    let check = format!("p_ok={:.4},mean_end={:.2}", p.value, mean.value / 1e6);
    report(workload, trials, trials, took, &check);
}
