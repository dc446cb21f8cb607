//! Forecasts: the same bytes whoever plays, intervals that hold what they promise, comparisons on
//! the same fates, and answers that are known in closed form.

use dryjob::forecast::{
    Assertion, Distribution, Estimate, Forecast, Metric, Plan, Price, Quantile, QuantileEstimate,
    Report, Shard, solve,
};
use dryjob::model::{Job, Release};
use dryjob::node::Pace;
use dryjob::sim::{Limits, Scenario};
use dryjob::workload::Fate;
use dryjob::{Seed, Span};
use std::num::NonZeroUsize;

fn job(spec: &str) -> Job {
    let text = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: f}}\nspec:\n  {spec}\n  template:\n    \
         spec:\n      restartPolicy: Never\n      containers: [{{name: main, image: f}}]\n"
    );
    Job::from_yaml(&text).expect("the manifest is valid")
}

fn scenario(spec: &str, fate: Fate) -> Scenario {
    Scenario::on(Release::LATEST)
        .limits(Limits::IDEAL)
        .workload(job(spec), [fate])
}

/// The Job that speed is measured with, and what its runs do.
fn seed_job() -> Scenario {
    let fate = Fate::lasting("exponential(mean=30s)").failing("10%", 1);
    scenario("completions: 10\n  parallelism: 3\n  backoffLimit: 4", fate)
}

/// One pod, which fails in one of four trials.
fn coin() -> Scenario {
    scenario("backoffLimit: 0", Fate::lasting("10s").failing("25%", 1))
}

fn forecast(scenario: &Scenario, plan: &Plan) -> Forecast {
    scenario.forecast(plan).expect("the scenario can be played")
}

fn bytes(forecast: Forecast) -> String {
    Report::new(forecast).to_json()
}

#[test]
fn threads_change_no_byte() {
    let (scenario, mut plan) = (seed_job(), Plan::new(Seed(1), 300));
    plan.within = vec![Span::from_secs(150)];
    let alone = bytes(forecast(&scenario, &plan));
    for threads in [2, 7] {
        plan.threads = NonZeroUsize::new(threads).expect("not zero");
        assert!(
            bytes(forecast(&scenario, &plan)) == alone,
            "{threads} threads"
        );
    }
}

#[test]
fn shares_come_to_the_same_bytes_as_all_at_once() {
    let scenario = seed_job();
    let plan = Plan::new(Seed(1), 301);
    let whole = bytes(forecast(&scenario, &plan));
    for count in [1, 3, 10] {
        let mut shares: Vec<Report> = (0..count)
            .map(|number| {
                let mut plan = plan.clone();
                plan.shard = Shard::new(number, count).expect("there is such a share");
                let text = bytes(forecast(&scenario, &plan));
                let read = Report::all_from_json(text.as_bytes()).expect("it was just written");
                read.into_iter().next().expect("it is one")
            })
            .collect();
        let mut sum = shares.pop().expect("there is a share");
        // In whatever order they come.
        shares.rotate_left(count as usize / 2);
        for share in &shares {
            sum.forecast
                .merge(&share.forecast)
                .expect("they belong together");
        }
        assert!(sum.is_whole());
        assert!(sum.to_json() == whole, "{count} shares");
    }
}

#[test]
fn shares_that_do_not_belong_together_are_refused() {
    let share = |scenario: &Scenario, seed, number| {
        let mut plan = Plan::new(Seed(seed), 20);
        plan.shard = Shard::new(number, 2).expect("there is such a share");
        forecast(scenario, &plan)
    };
    let refused = |one: &Forecast, other: &Forecast| {
        let error = one
            .clone()
            .merge(other)
            .expect_err("they do not belong together");
        error.to_string()
    };
    let first = share(&coin(), 1, 0);
    assert!(refused(&first, &first).contains("trials 0 to 9 are in two"));
    assert!(refused(&first, &share(&coin(), 2, 1)).contains("different seeds"));
    assert!(refused(&first, &share(&seed_job(), 1, 1)).contains("different scenarios"));
}

#[test]
fn a_trial_is_the_run_of_that_number() {
    let scenario = seed_job();
    let forecast = forecast(&scenario, &Plan::new(Seed(3), 200));
    let summary = &forecast.jobs[0].summary;
    let worst = summary.worst.expect("there are trials");
    let run = scenario
        .run_trial(Seed(3), worst.trial, |_| ())
        .expect("it can be played");
    let after = run.ending().after().expect("it ended");
    assert_eq!(u64::try_from(after.micros()), Ok(worst.took));
    assert_eq!(run.ending().is_complete(), worst.rank == 0);
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let scenario = coin();
    let mut plan = Plan::new(Seed(0), 50);
    let (mut p, mut all) = (0, 0);
    for seed in 0..1000 {
        plan.seed = Seed(seed);
        let it = forecast(&scenario, &plan).jobs[0].summary.p_complete();
        p += u32::from(it.low <= 0.75 && 0.75 <= it.high);
        all += 1;
    }
    assert!((930..=970).contains(&(p * 1000 / all)), "{p} of {all}");
}

#[test]
fn intervals_of_quantiles_and_means_hold_the_truth_too() {
    let (mut median, mut p90, mut mean) = (0, 0, 0);
    for sample in 0..1000_u64 {
        // A Weyl sequence would be too even: draws of the library, between 0 and 1,000,000.
        let mut seen = Distribution::default();
        for trial in 0..200 {
            let draw = dryjob::base::stream::within(sample, trial);
            seen.add(draw % 1_000_001, trial);
        }
        let holds = |at: u8, truth: u64| {
            let it = QuantileEstimate::new(&seen, Quantile::percent(at), 200);
            it.low.is_some_and(|low| low <= truth) && it.high.is_none_or(|high| truth <= high)
        };
        median += u32::from(holds(50, 500_000));
        p90 += u32::from(holds(90, 900_000));
        let it = Estimate::mean(&seen).expect("there are values");
        mean += u32::from(it.low <= 500_000.0 && 500_000.0 <= it.high);
    }
    for (what, count) in [("median", median), ("p90", p90), ("mean", mean)] {
        assert!((930..=975).contains(&count), "{what}: {count}");
    }
}

#[test]
fn a_precision_takes_as_many_trials_as_it_needs() {
    let mut plan = Plan::new(Seed(1), 100_000);
    plan.precision = Some("3%".parse().expect("it is one"));
    let it = forecast(&coin(), &plan);
    // 0.03 = 1.96 √(0.75 · 0.25 / n) at n = 800; looks are an eighth apart, or 500 trials.
    assert!((800..=1000).contains(&it.trials()), "{}", it.trials());
    assert!(it.jobs[0].summary.p_complete().half_width() <= 0.03);
    assert_eq!(it.asked, it.trials(), "nothing is missing");
    plan.threads = NonZeroUsize::new(3).expect("not zero");
    assert!(bytes(forecast(&coin(), &plan)) == bytes(it));
}

#[test]
fn the_seed_job_comes_to_its_known_truth() {
    let mut scenario = seed_job();
    scenario.pace = Pace::instant();
    let it = forecast(&scenario, &Plan::new(Seed(1), 4000));
    let summary = &it.jobs[0].summary;
    let p = summary.p_complete();
    assert!(p.low <= 0.9908 && 0.9908 <= p.high, "{p:?}");
    let mean = Estimate::mean(summary.metric(Metric::Duration)).expect("it ends");
    assert!(mean.low <= 146e6 && 146e6 <= mean.high, "{mean:?}");
}

#[test]
fn pairing_makes_a_comparison_sharper() {
    let limit = |limit: u32| {
        let fate = Fate::lasting("exponential(mean=30s)").failing("30%", 1);
        let spec = format!("completions: 10\n  parallelism: 3\n  backoffLimit: {limit}");
        scenario(&spec, fate)
    };
    let comparison = limit(4)
        .compare(&limit(6), &Plan::new(Seed(1), 1500))
        .expect("both can be played");
    let pair = &comparison.pairs[0];
    let differences = &pair.differences;
    assert_eq!(
        differences.only_first.count, 0,
        "a higher limit never hurts"
    );
    assert!(differences.only_second.count > 0);
    let [four, six] = pair.summaries.each_ref().map(|it| it.p_complete().value);
    let unpaired = four * (1.0 - four) + six * (1.0 - six);
    let paired = variance(differences.p_complete(), differences.trials());
    // What parts is what both limits see differently; the rest of the variance is gone. For runs
    // that complete under both, nothing differs at all.
    assert!(paired * 1.5 < unpaired, "{paired} of {unpaired}");
    let durations = differences.mean(Metric::Completion).expect("both complete");
    let deviation = pair.summaries[0].metric(Metric::Completion).deviation();
    let deviation = deviation.expect("there are values");
    let unpaired = 2.0 * deviation * deviation;
    let paired = variance(durations, differences.both);
    assert!(paired * 5.0 < unpaired, "{paired} of {unpaired}");
}

/// The variance of one trial's difference, from the interval of the mean.
#[allow(clippy::cast_precision_loss)] // thousands
fn variance(of: Estimate, trials: u64) -> f64 {
    let error = of.half_width() / 1.96;
    error * error * trials as f64
}

#[test]
fn the_smallest_limit_is_found_where_it_is_known() {
    // Ten pods have to succeed; with p = 0.2 the failures before that are negative binomial:
    // P(at most 5) = 0.939, P(at most 6) = 0.973.
    let bound: Assertion = "p(complete) >= 0.955".parse().expect("it is one");
    let solution = solve(true, 0..=1000, |limit| {
        let fate = Fate::lasting("10s").failing("20%", 1);
        let spec = format!("completions: 10\n  parallelism: 10\n  backoffLimit: {limit}");
        let it = scenario(&spec, fate).forecast(&Plan::new(Seed(1), 1500))?;
        Ok::<_, dryjob::forecast::ForecastError>(bound.check(&it.jobs[0].summary, Price::default()))
    });
    let solution = solution.expect("all can be played");
    assert_eq!(solution.found.map(|it| it.value), Some(6));
    assert_eq!(solution.beyond.map(|it| it.value), Some(5));
    assert!(solution.is_sure(), "{solution:?}");
}

#[test]
fn a_job_that_does_not_end_is_open() {
    let stays = scenario("backoffLimit: 0", Fate::default()).until(Span::from_secs(3600));
    let it = forecast(&stays, &Plan::new(Seed(1), 10));
    let summary = &it.jobs[0].summary;
    assert_eq!((summary.open, summary.complete), (10, 0));
    // Its pod is paid for as long as it is watched.
    assert!(summary.metric(Metric::Bound).max() > Some(3_590_000_000));
    let late: Assertion = "p95(duration) <= 24h".parse().expect("it is one");
    assert!(!late.check(summary, Price::default()).holds);
}
