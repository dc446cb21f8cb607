//! The program: one file per subcommand, each a thin layer on the library.

use std::process::ExitCode;

/// Runs the program with the arguments of its process.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
