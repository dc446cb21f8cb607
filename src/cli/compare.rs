//! `dryjob compare`: what a change changes.

use super::failure::{Code, Failure, Outcome};
use super::forecast::{Effort, failure};
use super::given::Given;
use super::progress::Trials;
use super::tell;
use super::variants::{Setting, Variants};
use clap::{Args, ValueEnum};
use std::io::Write;

/// What stands below the help.
const TEACHES: &str = "\
Both are played on the same fates: a pod of the one runs as long as its counterpart in the other,
and fails where it fails. What differs is due to the change, and few trials tell.

  dryjob compare -f a.yaml -f b.yaml --run 'lognormal(median=20m,p95=35m)' --fail 2%:42
  dryjob compare -f job.yaml --set spec.backoffLimit=6 --fail 10%

Exit codes: 0 as far as it could be played; others as everywhere.";

/// Plays two Jobs, or one with a change, on the same fates: what differs, and is it sure?
#[derive(Debug, Args)]
#[command(after_help = TEACHES)]
pub(super) struct Arguments {
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    trials: Effort,
    /// What is other in the second, where one manifest is given: a field of the manifest, or
    /// another flag without its dashes, as in spec.backoffLimit=6 or fail=5%
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// The format of the output [default: table]
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    output: Option<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Both side by side, and the difference
    Table,
    /// One JSON object
    Json,
    /// A page
    Html,
}

impl Arguments {
    pub(super) fn run(&self) -> Outcome {
        let plan = self.trials.plan(&self.given)?;
        if plan.precision.is_some() {
            return refuse(
                "--precision is for forecasts: say how many --trials are to be compared",
            );
        }
        let mut notes = Vec::new();
        let files = self.given.files();
        let (first, second) = match (files, self.set.as_slice()) {
            ([one, other], []) => {
                let first = Variants::of_file(&self.given, one.clone())?.plain(&mut notes)?;
                let second = Variants::of_file(&self.given, other.clone())?;
                (first, second.plain(&mut Vec::new())?)
            }
            (_, []) => {
                return refuse(
                    "two are to be compared: write -f twice, or -f once and --set NAME=VALUE",
                );
            }
            (_, sets) => {
                let variants = Variants::new(&self.given)?;
                let settings: Result<Vec<Setting<'_>>, Failure> =
                    sets.iter().map(|it| setting(it)).collect();
                let first = variants.plain(&mut notes)?;
                (first, variants.with(&settings?)?)
            }
        };
        let progress = Trials::new(plan.trials);
        let observe = |played| progress.played(played);
        let comparison = first.compare_observed(&second, &plan, &observe);
        progress.finish();
        let comparison = comparison.map_err(|it| failure(&it))?;
        let mut out = tell::plain_output();
        match self.output.unwrap_or(Output::Table) {
            Output::Table => out.write_all(comparison.table(&notes).as_bytes())?,
            Output::Json => writeln!(out, "{}", comparison.to_json(&notes))?,
            Output::Html => out.write_all(comparison.html(&notes).as_bytes())?,
        }
        out.flush()?;
        Ok(Code::Fine)
    }
}

fn refuse(sentence: &str) -> Outcome {
    Err(Failure::Sentence(Code::Usage, sentence.to_owned()))
}

fn setting(text: &str) -> Result<Setting<'_>, Failure> {
    text.split_once('=').ok_or_else(|| {
        let sentence = format!("--set {text}: write NAME=VALUE, as in spec.backoffLimit=6");
        Failure::Sentence(Code::Usage, sentence)
    })
}
