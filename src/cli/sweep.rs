//! `dryjob sweep`: a forecast for each combination of values.

use super::failure::{Code, Failure, Outcome};
use super::forecast::{Effort, Priced, failure};
use super::given::Given;
use super::progress::Trials;
use super::tell;
use super::variants::{Setting, Variants};
use crate::forecast::{Axis, Measure, Report, Sweep};
use clap::{Args, ValueEnum};
use std::io::Write;

/// What is measured unless told.
const MEASURES: [&str; 5] = [
    "p(complete)",
    "p50(duration)",
    "p95(duration)",
    "mean(pods)",
    "mean(wasted)",
];

/// What stands below the help.
const TEACHES: &str = "\
Names are fields of the manifest (spec.…, metadata.…) or other flags without their dashes (run,
fail, exit, nodes, preset, pace, drain, until …). Values are a list with commas, or a range of whole
numbers with both ends, 0..8 or 0..100/10. All combinations are played on the same fates.

  dryjob sweep -f job.yaml --set spec.backoffLimit=0..8 --set spec.parallelism=1,2,5,10 --fail 10%
  dryjob sweep -f job.yaml --set fail=1%,5%,10% --measure 'p95(duration)' -o csv

Exit codes: 0 as far as it could be played; others as everywhere.";

/// Plays a Job with all combinations of some values
#[derive(Debug, Args)]
#[command(after_help = TEACHES)]
pub(super) struct Arguments {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    trials: Effort,
    /// What varies, and its values; may be given more than once
    #[arg(long, value_name = "NAME=VALUES", required = true)]
    set: Vec<Axis>,
    /// What is measured, as in assertions: p(complete), p95(duration), mean(cost); may be given
    /// more than once [default: five of them]
    #[arg(long, value_name = "MEASURE")]
    measure: Vec<Measure>,
    #[command(flatten)]
    priced: Priced,
    /// The format of the output [default: table]
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    output: Option<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// A row for each combination
    Table,
    /// Comma-separated values, with intervals
    Csv,
    /// One JSON object
    Json,
    /// A page with heat maps
    Html,
}

impl Arguments {
    pub(super) fn run(&self) -> Outcome {
        let usage = |sentence| Failure::Sentence(Code::Usage, sentence);
        let mut plan = self.trials.plan(&self.given)?;
        let measures = if self.measure.is_empty() {
            MEASURES.iter().filter_map(|it| it.parse().ok()).collect()
        } else {
            self.measure.clone()
        };
        let prices = self.priced.over(crate::forecast::Prices::default());
        if measures.iter().any(Measure::is_cost) && !prices.is_given() {
            let sentence = "a measure is about the cost, but nothing has a price: see \
                            --price-core-hour";
            return Err(usage(sentence.to_owned()));
        }
        plan.within = measures.iter().filter_map(Measure::within).collect();
        let points = Sweep::combinations(&self.set).map_err(|it| usage(format!("--set: {it}")))?;
        let variants = Variants::new(&self.given)?;
        let mut notes = Vec::new();
        variants.plain(&mut notes)?;
        let mut sweep = Sweep::new(self.set.clone(), measures, plan.seed.0);
        let count = u64::try_from(points.len()).unwrap_or(u64::MAX);
        let progress = Trials::new(plan.trials.saturating_mul(count));
        for (number, values) in (0..).zip(points) {
            let names = self.set.iter().map(|it| it.name.as_str());
            let settings: Vec<Setting<'_>> = names.zip(values.iter().map(String::as_str)).collect();
            let scenario = variants.with(&settings)?;
            let before = plan.trials.saturating_mul(number);
            let observe = |played| progress.played(before + played);
            let forecast = scenario.forecast_observed(&plan, &observe);
            let report = Report::new(forecast.map_err(|it| failure(&it))?);
            sweep.add(values, &report, prices);
        }
        progress.finish();
        if self.given.is_of_several() {
            notes.push("what is measured is the first Job of the scenario".to_owned());
        }
        self.write(&sweep, &notes)?;
        Ok(Code::Fine)
    }

    fn write(&self, sweep: &Sweep, notes: &[String]) -> Result<(), Failure> {
        let mut out = tell::plain_output();
        match self.output.unwrap_or(Output::Table) {
            Output::Table => out.write_all(sweep.table(notes).as_bytes())?,
            Output::Csv => {
                out.write_all(sweep.csv().as_bytes())?;
                for note in notes {
                    tell::note(note);
                }
            }
            Output::Json => writeln!(out, "{}", sweep.to_json(notes))?,
            Output::Html => out.write_all(sweep.html(notes).as_bytes())?,
        }
        Ok(out.flush()?)
    }
}
