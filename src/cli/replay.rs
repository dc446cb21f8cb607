//! `dryjob replay`: plays recorded scenarios and writes what happened, in the recordings' format.

use super::failure::{Code, Failure, Outcome};
use super::lines::{Line, Lines};
use super::tell;
use crate::model::Release;
use crate::report::steps::StepRecorder;
use crate::sim::{Budget, World};
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

/// What a scenario may cost.
pub(super) const BUDGET: Budget = Budget {
    events: 50_000_000,
    pods: 1_000_000,
};

/// Plays recorded scenarios, one JSON object a line, and writes what happened in the same format
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files of scenarios or recordings, plain or compressed by gzip, or - for stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The release of Kubernetes, from 1.29 to 1.37
    #[arg(long, value_name = "RELEASE", default_value_t = Release::LATEST)]
    kubernetes: Release,
}

impl Arguments {
    /// Ends at the first line that cannot be read.
    pub(super) fn run(&self) -> Outcome {
        let mut out = tell::plain_output();
        for file in &self.files {
            let mut lines = Lines::open(file)?;
            while let Some(line) = lines.next()? {
                self.play(&line, &mut out)?;
            }
        }
        out.flush()?;
        Ok(Code::Fine)
    }

    /// Writes each step as soon as it has been made.
    fn play(&self, line: &Line, out: &mut impl Write) -> Result<(), Failure> {
        let mut recording = line.recording(self.kubernetes)?;
        recording.scenario.budget = BUDGET;
        write!(out, "{{\"scenario\":{},\"steps\":[", recording.text)?;
        let mut world = World::new(recording.scenario);
        let mut recorder = StepRecorder::new();
        let mut first = true;
        while world.step(&mut recorder) {
            for step in recorder.take_steps() {
                if !std::mem::take(&mut first) {
                    out.write_all(b",")?;
                }
                serde_json::to_writer(&mut *out, &step).map_err(std::io::Error::from)?;
            }
        }
        if world.is_spent() {
            // A line that is not whole must not look as if it were.
            writeln!(out)?;
            out.flush()?;
            return Err(Failure::Sentence(Code::Limit, spent(line, &world)));
        }
        Ok(writeln!(out, "]}}")?)
    }
}

/// The sentence about a scenario that was stopped.
pub(super) fn spent(line: &Line, world: &World) -> String {
    let passed = world.now().since(crate::base::Instant::ORIGIN);
    format!(
        "{}: stopped after {passed} of virtual time: {} events or {} pods are the most that a \
         scenario may take",
        line.place, BUDGET.events, BUDGET.pods
    )
}
