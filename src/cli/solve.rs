//! `dryjob solve`: how small may it be?

use super::failure::{Code, Failure, Outcome};
use super::forecast::{Effort, Priced, failure};
use super::given::Given;
use super::progress::Trials;
use super::tell;
use super::variants::Variants;
use crate::forecast::{Assertion, Finding, Goal, Prices, Solution, Tried, solve};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::io::Write;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Trials of a value whose interval holds the bound, at most, if nobody says how many.
const MOST_TRIALS: u64 = 640_000;
/// Values that are looked at unless told.
const MOST: i64 = 1_000_000;

/// What stands below the help.
const TEACHES: &str = "\
The search tries 0, 1, 3, 7 … until it holds and then halves, all on the same fates; what holds for
a value is taken to hold for all beyond it. Without --trials, a value whose interval holds the bound
is played four times as often, and again, up to 640000 trials. The answer comes with that of its
neighbour, and says whether more trials might move it.

  dryjob solve -f job.yaml --fail 10% --find 'min spec.backoffLimit' \\
      --such-that 'p(complete) >= 0.99'
  dryjob solve -f job.yaml --find 'min spec.parallelism' --such-that 'p95(duration) <= 2h' \\
      --between 1..200

Exit codes: 0 a value was found; 1 there is none in the range; others as everywhere.";

/// Finds the smallest (or largest) value with which a forecast keeps a bound
#[derive(Debug, Args)]
#[command(after_help = TEACHES)]
pub(super) struct Arguments {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    trials: Effort,
    /// What is looked for: min or max, and a field of the manifest or another flag without its
    /// dashes, whose values are whole numbers
    #[arg(long, value_name = "min|max NAME")]
    find: Goal,
    /// What has to hold, as in 'p(complete) >= 0.99' or 'p(complete within 2h) >= 0.99'
    #[arg(long, value_name = "SENTENCE")]
    such_that: Assertion,
    /// The values to look among, both ends included [default: 0..1000000; from 1 where 0 means that
    /// nothing runs]
    #[arg(long, value_name = "LEAST..MOST")]
    between: Option<Between>,
    #[command(flatten)]
    priced: Priced,
    /// The format of the output [default: table]
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    output: Option<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// The answer, and what was tried
    Table,
    /// One JSON object
    Json,
}

/// `0..100`
#[derive(Clone, Debug, PartialEq, Eq)]
struct Between(RangeInclusive<i64>);

impl FromStr for Between {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once("..");
        let numbers = parts.and_then(|it| Some((it.0.parse().ok()?, it.1.parse().ok()?)));
        match numbers {
            Some((least, most)) if least <= most => Ok(Self(least..=most)),
            _ => Err("write LEAST..MOST, as in 0..100".to_owned()),
        }
    }
}

impl Arguments {
    /// Exit code 1 if nothing is found.
    pub(super) fn run(&self) -> Outcome {
        let mut plan = self.trials.plan(&self.given)?;
        plan.within = self.such_that.measure.within().into_iter().collect();
        let prices = self.priced.over(Prices::default());
        if self.such_that.measure.is_cost() && !prices.is_given() {
            let sentence = "the bound is about the cost, but nothing has a price: see \
                            --price-core-hour";
            return Err(Failure::Sentence(Code::Usage, sentence.to_owned()));
        }
        let variants = Variants::new(&self.given)?;
        let mut notes = Vec::new();
        variants.plain(&mut notes)?;
        let progress = Trials::new(plan.trials);
        let solution = solve(self.find.smallest, self.range(), |value| {
            progress.begin(&format!("{} = {value}", self.find.name));
            let scenario = variants.with(&[(&self.find.name, &value.to_string())])?;
            let observe = |played| progress.played(played);
            let mut plan = plan.clone();
            loop {
                let forecast = scenario.forecast_observed(&plan, &observe);
                let finding = self.judged(&forecast.map_err(|it| failure(&it))?, prices);
                // Close to the bound, more trials tell: as long as nobody said how many.
                if finding.surely || self.trials.is_told() || plan.trials >= MOST_TRIALS {
                    return Ok::<Finding, Failure>(finding);
                }
                plan.trials *= 4;
                progress.lengthen(plan.trials);
            }
        });
        progress.finish();
        let solution = solution?;
        self.write(&solution, &notes)?;
        Ok(if solution.found.is_some() {
            Code::Fine
        } else {
            Code::Negative
        })
    }

    /// Where several Jobs are played, the bound has to hold for each: the worst one counts.
    fn judged(&self, forecast: &crate::forecast::Forecast, prices: Prices) -> Finding {
        let jobs = forecast.jobs.iter();
        let mut findings =
            jobs.map(|job| self.such_that.check(&job.summary, prices.of(&job.requests)));
        let first = findings.next();
        let worst = findings.fold(first, |worst, it| match worst {
            Some(worst) if !worst.holds || it.holds => Some(worst),
            _ => Some(it),
        });
        worst.unwrap_or_else(|| {
            let none = crate::forecast::Summary::new([]);
            self.such_that
                .check(&none, crate::forecast::Price::default())
        })
    }

    fn range(&self) -> RangeInclusive<i64> {
        let least = i64::from(["spec.parallelism", "nodes"].contains(&self.find.name.as_str()));
        self.between
            .as_ref()
            .map_or(least..=MOST, |it| it.0.clone())
    }

    fn write(&self, solution: &Solution, notes: &[String]) -> Result<(), Failure> {
        let mut out = tell::plain_output();
        match self.output.unwrap_or(Output::Table) {
            Output::Table => {
                for line in self.lines(solution) {
                    writeln!(out, "{line}")?;
                }
                for note in notes {
                    writeln!(out, "note: {note}")?;
                }
            }
            Output::Json => {
                let json = self.json(solution, notes);
                writeln!(
                    out,
                    "{}",
                    serde_json::to_string_pretty(&json).unwrap_or_default()
                )?;
            }
        }
        Ok(out.flush()?)
    }

    fn lines(&self, solution: &Solution) -> Vec<String> {
        let (name, bound) = (&self.find.name, &self.such_that);
        let words = |it: &Tried| {
            let scale = it.finding.measured.scale;
            let estimate = it.finding.measured.estimate;
            let [value, low, high] =
                [estimate.value, estimate.low, estimate.high].map(|it| scale.words(it));
            if low == high {
                return format!("{} is {value}", bound.measure);
            }
            format!("{} is {value} ({low} to {high})", bound.measure)
        };
        let mut lines = Vec::new();
        if let Some(it) = &solution.found {
            let most = if self.find.smallest {
                "smallest"
            } else {
                "largest"
            };
            let value = it.value;
            let words = words(it);
            lines.push(format!(
                "{name} = {value} is the {most} with which {bound}: {words}"
            ));
        } else {
            let range = self.range();
            let (least, most) = (range.start(), range.end());
            lines.push(format!(
                "{bound} does not hold for any {name} from {least} to {most}"
            ));
        }
        if let Some(it) = &solution.beyond {
            lines.push(format!("with {} it does not hold: {}", it.value, words(it)));
        }
        lines.push(if solution.is_sure() {
            "both intervals of 95% are clear of the bound".to_owned()
        } else {
            "an interval of 95% holds the bound: more --trials might move the answer".to_owned()
        });
        let mut tried: Vec<i64> = solution.tried.iter().map(|it| it.value).collect();
        tried.sort_unstable();
        let tried: Vec<String> = tried.iter().map(ToString::to_string).collect();
        lines.push(format!("tried: {}", tried.join(", ")));
        lines
    }

    fn json(&self, solution: &Solution, notes: &[String]) -> Value {
        let tried = |it: &Tried| {
            let estimate = it.finding.measured.estimate;
            let finite = |it: f64| it.is_finite().then_some(it);
            json!({
                "value": it.value,
                "holds": it.finding.holds,
                "surely": it.finding.surely,
                "measured": finite(estimate.value),
                "low": finite(estimate.low),
                "high": finite(estimate.high),
            })
        };
        let end = if self.find.smallest { "min" } else { "max" };
        json!({
            "kind": "Solution",
            "find": format!("{end} {}", self.find.name),
            "suchThat": self.such_that.to_string(),
            "found": solution.found.as_ref().map(tried),
            "beyond": solution.beyond.as_ref().map(tried),
            "sure": solution.is_sure(),
            "tried": solution.tried.iter().map(tried).collect::<Vec<_>>(),
            "notes": notes,
        })
    }
}
