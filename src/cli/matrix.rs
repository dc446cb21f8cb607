//! `dryjob matrix`: what each kind of trouble does to a Job.

use super::failure::{Code, Failure, Outcome};
use super::given::Given;
use super::progress::Progress;
use super::tell;
use crate::manifest;
use crate::report::matrix::{Cause, Matrix, MatrixError};
use crate::report::render::Format;
use crate::sim::{Scenario, World};
use clap::{Args, ValueEnum};
use std::io::Write;

/// What stands below the help.
const TEACHES: &str = "\
For each cause, the Job is played once more, and the cause strikes its first pod in the middle of
its run (some are there from the beginning: a bad image, a full quota). A row says what became of
the pod, whether that counted as a failure of the Job, when another pod took its place, how many
more pods there were at once, how much later the Job completed, and how it ended; with the rules
that decided. `dryjob explain J51` tells a rule, -o wide what exactly happens.

  dryjob matrix -f train.yaml --run 20m
  dryjob matrix -f train.yaml --run 20m --cause node-lost --cause drain -o wide
  dryjob matrix -f train.yaml --run 20m --nodes 1      # a small cluster evicts nothing (P73)

Exit codes: 0 the Job completes if nothing happens; 1 it does not; others as everywhere.";

/// Shows what each kind of trouble does to a Job: does it count, and what does it cost?
#[derive(Debug, Args)]
#[command(after_help = TEACHES)]
pub(super) struct Arguments {
    #[command(flatten)]
    given: Given,
    /// Only this cause; may be given more than once [default: all]
    #[arg(long, value_name = "NAME", value_parser = cause)]
    cause: Vec<Cause>,
    /// The format of the output [default: table]
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    output: Option<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// A row for each cause
    Table,
    /// The same with reasons, and what exactly happens
    Wide,
    /// One JSON object
    Json,
    /// The same as YAML
    Yaml,
}

impl Arguments {
    /// Exit code 1 if the Job does not complete even without trouble.
    pub(super) fn run(&self) -> Outcome {
        let mut notes = Vec::new();
        let scenario = self.given.scenario(&mut notes)?;
        if !self.given.has_file() {
            let words = "containers that are asked to stop do so at once, with code 143: say \
                         otherwise with --scenario, as they may be there for another 30s";
            notes.push(words.to_owned());
        }
        notes.extend(assumptions(&scenario));
        let causes = if self.cause.is_empty() {
            Cause::ALL
        } else {
            &self.cause
        };
        let matrix = played(&scenario, causes, &self.given)?;
        self.write(&matrix, &notes)?;
        let complete = matrix.quiet().ending.is_complete();
        Ok(if complete { Code::Fine } else { Code::Negative })
    }

    fn write(&self, matrix: &Matrix, notes: &[String]) -> Result<(), Failure> {
        let format = match self.output.unwrap_or(Output::Table) {
            Output::Table => Format::Table,
            Output::Wide => Format::Wide,
            Output::Json => Format::Json,
            Output::Yaml => Format::Yaml,
        };
        let mut out = tell::plain_output();
        matrix.write(format, notes, &mut out)?;
        Ok(out.flush()?)
    }
}

fn played(scenario: &Scenario, causes: &[Cause], given: &Given) -> Result<Matrix, Failure> {
    let mut progress = Progress::new();
    let mut last = None;
    let mut done = 0;
    let observe = |cause: Option<Cause>, world: &World| {
        if cause != last {
            (last, done) = (cause, done + 1);
            let name = cause.map_or("", Cause::name);
            progress.begin(&format!("{name} ({done} of {})", causes.len()));
        }
        progress.observe(world);
    };
    let matrix = scenario.matrix_of(causes, given.seed(), observe);
    progress.finish();
    matrix.map_err(|error| {
        let code = match error {
            MatrixError::Spent(_) => Code::Limit,
            MatrixError::Scripts(_) => Code::Usage,
            _ => Code::Negative,
        };
        Failure::Sentence(code, error.to_string())
    })
}

/// What is assumed of the cluster, and about which Job it is.
fn assumptions(scenario: &Scenario) -> Vec<String> {
    let mut notes = Vec::new();
    let limited = !scenario.nodes.is_empty() || scenario.pool.is_some();
    if !limited {
        let words = "there are always healthy nodes besides, so that the pods of a lost one are \
                     evicted (P73): not so with --nodes 1";
        notes.push(words.to_owned());
    } else if scenario.pool.is_none() && scenario.nodes.len() == 1 {
        let words = "the cluster has a single node: where it is lost, nothing is evicted (P73)";
        notes.push(words.to_owned());
    }
    let jobs = &scenario.workloads;
    if let ([first, _, ..], more) = (jobs.as_slice(), jobs.len()) {
        let name = &first.job.name;
        notes.push(format!("trouble comes to the first of {more} Jobs, {name}"));
    }
    notes
}

fn cause(name: &str) -> Result<Cause, String> {
    Cause::named(name).ok_or_else(|| {
        let names: Vec<&str> = Cause::ALL.iter().map(|it| it.name()).collect();
        let meant = manifest::nearest(name, names.iter().copied());
        let meant = meant.map_or_else(String::new, |it| format!("did you mean {it:?}? "));
        format!("{meant}there are {}", names.join(", "))
    })
}
