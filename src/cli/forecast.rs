//! `dryjob forecast`: how likely, how long, how dear.

use super::as_job::{self, Shards};
use super::failure::{Code, Failure, Outcome};
use super::given::Given;
use super::progress::Trials;
use super::tell;
use crate::forecast::{Assertion, ForecastError, Plan, Precision, Prices, Report, Shard};
use crate::report::yaml;
use clap::{Args, ValueEnum};
use std::io::Write;
use std::num::NonZeroUsize;

/// Trials unless told, and the most where a precision says how many are enough.
const TRIALS: u64 = 10_000;
const MOST_TRIALS: u64 = 1_000_000;

/// What stands below the help.
const TEACHES: &str = "\
A trial is the Job played once, with its own random numbers; the forecast is what they all come to,
the same for any number of threads. What is measured: `p(complete)`, `p(complete within 2h)`,
`p(failed)`, `p(failed because REASON)`, `p(open)`; and mean, min, max, median or pNN of duration,
completion, firstStart, fullParallelism, pods, succeeded, failed, counted, ignored, restarts, peak,
worstIndex, pending, running, terminating, bound, wasted, repeated, backOff (times of pods added
up) and, with prices, cost.

  dryjob forecast -f job.yaml --run 'lognormal(median=20m,p95=35m)' --fail 2%
  dryjob forecast -f job.yaml --fail 10% --precision 0.5% --assert 'p(complete) >= 0.99'
  dryjob forecast -f job.yaml --fail 10% --shard 0/3 -o json > s0.json    # dryjob merge s*.json

Exit codes: 0 every assertion holds; 1 one does not; others as everywhere.";

/// Plays a Job many times: how likely does it complete, when, and at what cost?
#[derive(Debug, Args)]
#[command(after_help = TEACHES)]
pub(super) struct Arguments {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    trials: Effort,
    /// Play one of N equal shares of the trials, counted from 0; `dryjob merge` adds them up
    #[arg(long, value_name = "I/N", conflicts_with = "precision")]
    shard: Option<Shard>,
    #[command(flatten)]
    judged: Judged,
    /// Print, in place of a forecast, an Indexed Job that plays its shares on a cluster; what its
    /// pods print is for `dryjob merge`
    #[arg(long, conflicts_with_all = ["shard", "precision"])]
    as_job: bool,
    /// With --as-job: how many shares
    #[arg(long, value_name = "N", default_value_t = 10, requires = "as_job",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    shards: u32,
    /// With --as-job: the image that holds the program
    #[arg(long, value_name = "IMAGE", default_value = IMAGE, requires = "as_job")]
    image: String,
}

/// An image with the program on its path, which is to be built.
const IMAGE: &str = concat!("dryjob:", env!("CARGO_PKG_VERSION"));

/// How many trials are played, and on what.
#[derive(Debug, Args)]
pub(super) struct Effort {
    /// How many trials; with --precision, the most there may be [default: 10000, or 1000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    trials: Option<u64>,
    /// Play as many trials as this takes: half the width of the 95% interval of p(complete), as in
    /// 0.5%, or of a quantile in relation to its value, as in p95(duration)=2%
    #[arg(long, value_name = "[MEASURE=]WIDTH")]
    precision: Option<Precision>,
    /// Threads to play them on; the result does not depend on it [default: one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl Effort {
    /// Whether somebody said how many trials, or how precise.
    pub(super) fn is_told(&self) -> bool {
        self.trials.is_some() || self.precision.is_some()
    }

    /// The plan, for trials with that seed.
    pub(super) fn plan(&self, given: &Given) -> Result<Plan, Failure> {
        if given.trial().is_some() {
            let sentence = "--seed: a forecast plays many trials: write the seed alone; `dryjob \
                            run` plays one of them";
            return Err(Failure::Sentence(Code::Usage, sentence.to_owned()));
        }
        let trials = match self.precision {
            None => TRIALS,
            Some(_) => MOST_TRIALS,
        };
        let mut plan = Plan::new(given.seed(), self.trials.unwrap_or(trials));
        plan.precision = self.precision;
        let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        plan.threads = self.threads.unwrap_or_else(cores);
        Ok(plan)
    }
}

/// What pods cost, by what they request and for how long.
#[derive(Debug, Args)]
#[allow(clippy::struct_field_names)] // the names of the flags
pub(super) struct Priced {
    /// What a core costs in an hour
    #[arg(long, value_name = "PRICE", value_parser = price)]
    price_core_hour: Option<f64>,
    /// What a GiB of memory costs in an hour
    #[arg(long, value_name = "PRICE", value_parser = price)]
    price_gib_hour: Option<f64>,
    /// What a GPU costs in an hour
    #[arg(long, value_name = "PRICE", value_parser = price)]
    price_gpu_hour: Option<f64>,
}

impl Priced {
    /// These prices, and below them others.
    pub(super) fn over(&self, below: Prices) -> Prices {
        Prices {
            core: self.price_core_hour.unwrap_or(below.core),
            gib: self.price_gib_hour.unwrap_or(below.gib),
            gpu: self.price_gpu_hour.unwrap_or(below.gpu),
        }
    }
}

/// What a forecast is held against, and how it is told.
#[derive(Debug, Args)]
pub(super) struct Judged {
    /// What has to hold, as in 'p(complete) >= 0.99' or 'p95(duration) <= 2h'; may be given more
    /// than once
    #[arg(long, value_name = "SENTENCE")]
    assert: Vec<Assertion>,
    #[command(flatten)]
    priced: Priced,
    /// The format of the output [default: table]
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    output: Option<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Endings, measures, and seeds worth a look
    Table,
    /// The same with all measures, a histogram, and the indexes that fail most
    Wide,
    /// One JSON object, which `dryjob merge` reads
    Json,
    /// The same as YAML
    Yaml,
    /// A page with charts
    Html,
}

fn price(text: &str) -> Result<f64, String> {
    let price = text.parse::<f64>().ok();
    let price = price.filter(|it| it.is_finite() && *it >= 0.0);
    price.ok_or_else(|| "write a price as in 0.04".to_owned())
}

impl Arguments {
    /// Exit code 1 if an assertion does not hold.
    pub(super) fn run(&self) -> Outcome {
        let mut notes = Vec::new();
        let scenario = self.given.scenario(&mut notes)?;
        let mut plan = self.trials.plan(&self.given)?;
        if self.as_job {
            return self.print_job();
        }
        plan.shard = self.shard.unwrap_or(Shard::WHOLE);
        let assertions = self.given.assertions()?;
        let all = assertions.iter().chain(&self.judged.assert);
        plan.within = all.filter_map(|it| it.measure.within()).collect();
        let progress = Trials::new(plan.share().end - plan.share().start);
        let forecast = scenario.forecast_observed(&plan, &|played| progress.played(played));
        progress.finish();
        let mut report = Report::new(forecast.map_err(|it| failure(&it))?);
        report.notes = notes;
        report.assertions = assertions;
        self.judged.judge(report)
    }
}

impl Arguments {
    fn print_job(&self) -> Outcome {
        let manifests = self.given.held_sources()?;
        let scenario = self.given.scenario_source();
        let shards = Shards {
            count: self.shards,
            image: &self.image,
            manifests: &manifests,
            scenario: scenario.as_ref(),
            arguments: std::env::args_os().skip(1).collect(),
        };
        let mut out = tell::plain_output();
        as_job::write(&shards, &mut out)?;
        out.flush()?;
        tell::note(&format!(
            "when it is complete: kubectl logs -l job-name=dryjob-forecast --tail=-1 \
             --max-log-requests={} | dryjob merge -",
            self.shards
        ));
        Ok(Code::Fine)
    }
}

/// What is in the way of a forecast.
pub(super) fn failure(error: &ForecastError) -> Failure {
    let code = match error {
        ForecastError::Spent { .. } => Code::Limit,
        _ => Code::Negative,
    };
    Failure::Sentence(code, error.to_string())
}

impl Judged {
    /// Tells the forecast, and whether the assertions hold.
    pub(super) fn judge(&self, mut report: Report) -> Outcome {
        for assertion in &self.assert {
            if !report.assertions.contains(assertion) {
                report.assertions.push(assertion.clone());
            }
        }
        let given = self.priced.over(report.prices);
        report.prices = given;
        let costs = report.assertions.iter().any(|it| it.measure.is_cost());
        if costs && !given.is_given() {
            let sentence = "an assertion is about the cost, but nothing has a price\n  = help: \
                            say what things cost with --price-core-hour and the like";
            return Err(Failure::Sentence(Code::Usage, sentence.to_owned()));
        }
        self.write(&report)?;
        if !report.is_whole() {
            return Ok(Code::Fine);
        }
        let mut code = Code::Fine;
        for (holds, sentence) in report.findings() {
            if holds {
                tell::note(&sentence);
            } else {
                tell::error(&sentence);
                code = Code::Negative;
            }
        }
        Ok(code)
    }

    fn write(&self, report: &Report) -> Result<(), Failure> {
        let mut out = tell::plain_output();
        match self.output.unwrap_or(Output::Table) {
            Output::Table => out.write_all(report.table(false).as_bytes())?,
            Output::Wide => out.write_all(report.table(true).as_bytes())?,
            Output::Json => writeln!(out, "{}", report.to_json())?,
            Output::Yaml => {
                yaml::write(report, &mut out)?;
                writeln!(out)?;
            }
            Output::Html => out.write_all(report.html().as_bytes())?,
        }
        Ok(out.flush()?)
    }
}
