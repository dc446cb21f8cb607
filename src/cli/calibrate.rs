//! `dryjob calibrate`: from pods that ran on a cluster to a scenario file.

mod scenario;

use super::failure::{Code, Failure, Outcome};
use super::files::Source;
use super::tell;
use crate::forecast::calibrate::{CalibrateError, Calibration, Choice, Observations, Role};
use clap::Args;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Files are read whole; a pod is some ten kilobytes.
const MOST_BYTES: usize = 1 << 30;

/// What stands below the help.
const EXAMPLES: &str = "\
Examples:
  kubectl get pods,jobs -n ml -o json > pods.json
  dryjob calibrate pods.json -o scenario.yaml
  dryjob run -f job.yaml --scenario scenario.yaml
  dryjob forecast -f job.yaml --scenario scenario.yaml --trials 10000

  # of all Jobs of a namespace those of one kind, seen twice
  dryjob calibrate monday.json tuesday.json --job 'train-*'

  # without a file in between
  kubectl get pods -l batch.kubernetes.io/job-name=train -o json | dryjob calibrate -

Times of the API are whole seconds: nothing is learnt below that. A pod's status tells the last \
two runs of each container; with restartPolicy OnFailure, looks at several times tell more.";

/// Makes a scenario file from pods that ran on a cluster
///
/// Reads what `kubectl get pods,jobs -o json` prints, and writes what the containers do: laws of
/// run times, failures by exit code with their probabilities, start-up latencies. Comments tell
/// from how many runs each comes, and how well it fits. Runs that are under way or were ended from
/// outside count as longer than they look; evictions, preemptions and deadlines are told, and do
/// not count as failures.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// What kubectl printed, as JSON; - for stdin
    #[arg(value_name = "FILE|-", required = true)]
    pods: Vec<PathBuf>,
    /// The Job or CronJob whose pods count; 'train-*' for all whose names start so. All that are
    /// chosen count as one workload [default: the only one]
    #[arg(long, value_name = "NAME")]
    job: Vec<String>,
    /// The namespace whose pods count [default: all]
    #[arg(short, long)]
    namespace: Option<String>,
    /// Where the scenario is written [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn run(&self) -> Outcome {
        let mut seen = Observations::default();
        for path in &self.pods {
            let source = Source::at(path);
            let bytes = source.read(MOST_BYTES).map_err(Failure::unreadable)?;
            let name = source.name();
            if bytes.len() > MOST_BYTES {
                return Err(Failure::unreadable(format!(
                    "{name}: more than 1 GiB\n  = help: ask kubectl for less, by -n or -l"
                )));
            }
            seen.read(&name, &bytes).map_err(|it| failure(&it))?;
        }
        let choice = Choice {
            jobs: self.job.clone(),
            namespace: self.namespace.clone(),
        };
        let found = seen.calibrate(&choice).map_err(|it| failure(&it))?;
        let text = scenario::text(&found)?;
        match &self.output {
            Some(path) if path != Path::new("-") => {
                fs::write(path, text).map_err(|error| {
                    let sentence = format!("cannot write {}: {error}", path.display());
                    Failure::Sentence(Code::Limit, sentence)
                })?;
                tell_found(&found);
            }
            _ => {
                let mut out = tell::plain_output();
                out.write_all(text.as_bytes())?;
                out.flush()?;
            }
        }
        Ok(Code::Fine)
    }
}

/// What was found, in a line for each container.
fn tell_found(found: &Calibration) {
    for it in found
        .containers
        .iter()
        .filter(|it| it.role != Role::Sidecar)
    {
        tell::note(&format!("{}: {}", it.name, scenario::counts(&it.runs)));
    }
    let outside: u64 = found.outside.values().sum();
    if outside > 0 {
        let pods = if outside == 1 { "pod was" } else { "pods were" };
        tell::note(&format!(
            "{outside} {pods} ended from outside: the file tells by whom, and how to play it"
        ));
    }
}

fn failure(error: &CalibrateError) -> Failure {
    let code = if error.is_unreadable() {
        Code::Unreadable
    } else if error.is_choice() {
        Code::Usage
    } else {
        Code::Negative
    };
    Failure::Sentence(code, error.to_string())
}
