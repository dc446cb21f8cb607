//! The program: one file per subcommand, each a thin layer on the library.

mod as_job;
mod check;
mod compare;
mod conformance;
mod explain;
mod failure;
mod files;
mod flags;
mod forecast;
mod given;
mod jobs;
mod lines;
mod matrix;
mod merge;
mod pods;
mod presets;
mod progress;
mod replay;
mod run;
mod scenarios;
mod schema;
mod solve;
mod sweep;
mod tell;
mod values;
mod variants;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use failure::{Code, Failure, Outcome};
use std::ffi::OsString;
use std::io;
use std::panic;
use std::path::Path;
use std::process::ExitCode;

/// What stands below the help of the program.
const EXIT_CODES: &str = "\
Exit codes: 0 fine; 1 a Job fails or does not end, a recording does not agree, or a manifest is \
invalid; 2 usage; 3 input that cannot be read or decoded; 4 a limit was reached, or a fault of \
the program.";

/// Predicts exactly what Kubernetes will do with a Job, in virtual time, without a cluster.
#[derive(Debug, Parser)]
#[command(name = "dryjob", version, after_help = EXIT_CODES)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Arguments>),
    Forecast(Box<forecast::Arguments>),
    Compare(Box<compare::Arguments>),
    Sweep(Box<sweep::Arguments>),
    Solve(Box<solve::Arguments>),
    Merge(merge::Arguments),
    Check(check::Arguments),
    Matrix(Box<matrix::Arguments>),
    Replay(replay::Arguments),
    Conformance(conformance::Arguments),
    Presets(presets::Arguments),
    Schema(schema::Arguments),
    Explain(explain::Arguments),
}

/// Runs the program with the arguments of its process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let code = panic::catch_unwind(|| program(&arguments)).unwrap_or_else(|_| {
        tell::error("this is a fault of dryjob: please report it with the input that led to it");
        Code::Limit
    });
    ExitCode::from(code as u8)
}

fn program(arguments: &[OsString]) -> Code {
    let name = name(arguments.first());
    let parsed = Program::command()
        .bin_name(name)
        .try_get_matches_from(arguments)
        .and_then(|matches| Program::from_arg_matches(&matches));
    match parsed {
        Ok(program) => ending(program.command.run()),
        Err(error) => {
            // Nobody is left to hear that the help could not be printed.
            let _ = error.print();
            if error.use_stderr() {
                Code::Usage
            } else {
                Code::Fine
            }
        }
    }
}

/// How people call the program: as a plugin of kubectl, or as itself.
fn name(first: Option<&OsString>) -> &'static str {
    let file = first.and_then(|it| Path::new(it).file_name());
    let plugin = file.is_some_and(|it| it.to_string_lossy().starts_with("kubectl-"));
    if plugin { "kubectl dryjob" } else { "dryjob" }
}

impl Command {
    fn run(&self) -> Outcome {
        match self {
            Self::Run(arguments) => arguments.run(),
            Self::Forecast(arguments) => arguments.run(),
            Self::Compare(arguments) => arguments.run(),
            Self::Sweep(arguments) => arguments.run(),
            Self::Solve(arguments) => arguments.run(),
            Self::Merge(arguments) => arguments.run(),
            Self::Check(arguments) => arguments.run(),
            Self::Matrix(arguments) => arguments.run(),
            Self::Replay(arguments) => arguments.run(),
            Self::Conformance(arguments) => arguments.run(),
            Self::Presets(arguments) => arguments.run(),
            Self::Schema(arguments) => arguments.run(),
            Self::Explain(arguments) => arguments.run(),
        }
    }
}

/// Says what went wrong, if that has not been done yet.
fn ending(outcome: Outcome) -> Code {
    match outcome {
        Ok(code) | Err(Failure::Told(code)) => code,
        Err(Failure::Sentence(code, sentence)) => {
            tell::error(&sentence);
            code
        }
        // Whoever reads the output has seen enough of it.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Code::Fine,
        Err(Failure::Output(error)) => {
            tell::error(&format!("cannot write the output: {error}"));
            Code::Limit
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Program::command().debug_assert();
    }

    #[test]
    fn a_plugin_is_called_by_way_of_kubectl() {
        for (first, want) in [
            ("dryjob", "dryjob"),
            ("/usr/bin/kubectl-dryjob", "kubectl dryjob"),
            ("/opt/kubectl-tools/dryjob", "dryjob"),
        ] {
            assert_eq!(name(Some(&OsString::from(first))), want);
        }
        assert_eq!(name(None), "dryjob");
    }
}
