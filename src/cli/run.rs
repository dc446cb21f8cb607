//! `dryjob run`: plays Jobs and tells what becomes of them.

use super::failure::{Code, Failure, Outcome};
use super::given::Given;
use super::progress::Progress;
use super::tell;
use crate::report::Run;
use crate::report::render::{self, Format};
use crate::sim::Budget;
use clap::{Args, ValueEnum};
use std::io::Write;

/// Plays Jobs in virtual time, and tells what becomes of them
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    given: Given,
    /// The format of the output [default: table]
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    output: Option<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Timeline, attempts and verdict
    Table,
    /// The same with all that happened, and the rules behind it
    Wide,
    /// One JSON object
    Json,
    /// The same as YAML
    Yaml,
    /// One JSON object for each thing that happened
    Jsonl,
    /// job.batch/NAME of each Job
    Name,
}

impl Output {
    const fn format(self) -> Format {
        match self {
            Self::Table => Format::Table,
            Self::Wide => Format::Wide,
            Self::Json => Format::Json,
            Self::Yaml => Format::Yaml,
            Self::Jsonl => Format::Jsonl,
            Self::Name => Format::Name,
        }
    }
}

impl Arguments {
    /// Exit code 1 if a Job fails or does not end.
    pub(super) fn run(&self) -> Outcome {
        let mut notes = Vec::new();
        let scenario = self.given.scenario(&mut notes)?;
        let mut progress = Progress::new();
        let run = scenario.run_trial(
            self.given.seed(),
            self.given.trial().unwrap_or(0),
            |world| {
                progress.observe(world);
            },
        );
        progress.finish();
        let run = run.map_err(|error| Failure::Sentence(Code::Negative, error.to_string()))?;
        notes.extend(run.cluster_use().map(|it| format!("the nodes: {it}")));
        notes.extend(run.deadlock().map(|it| it.to_string()));
        self.write(&run, &notes)?;
        if run.world().is_spent() {
            return Err(Failure::Sentence(Code::Limit, spent(&run)));
        }
        let complete = run.endings().iter().all(|(_, ending)| ending.is_complete());
        Ok(if complete { Code::Fine } else { Code::Negative })
    }

    fn write(&self, run: &Run, notes: &[String]) -> Result<(), Failure> {
        let output = self.output.unwrap_or(Output::Table);
        let mut out: Box<dyn Write> = match output {
            Output::Table | Output::Wide => Box::new(tell::coloured_output()),
            _ => Box::new(tell::plain_output()),
        };
        render::write(run, output.format(), notes, &mut *out)?;
        if output == Output::Name {
            // A list of names has no place for them.
            for note in notes {
                tell::note(note);
            }
        }
        Ok(out.flush()?)
    }
}

/// The sentence about a run that was stopped.
fn spent(run: &Run) -> String {
    let passed = run.age(run.world().now());
    let Budget { events, pods } = run.scenario().budget;
    format!(
        "stopped after {passed} of virtual time: {events} events or {pods} pods are the most that \
         such a run may take\n  = help: watch for less with --until, or look for a Job that \
         creates pods without end"
    )
}
