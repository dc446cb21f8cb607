//! `dryjob schema`: schemas of the files that dryjob reads.

use super::failure::{Code, Outcome};
use super::tell;
use crate::scenario;
use clap::{Args, ValueEnum};
use std::io::{self, Write};

/// Prints the JSON schema of a kind of file
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Which file
    #[arg(value_enum)]
    of: Of,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// Files for `dryjob run --scenario`
    Scenario,
}

impl Arguments {
    pub(super) fn run(&self) -> Outcome {
        let schema = match self.of {
            Of::Scenario => scenario::json_schema(),
        };
        let mut out = tell::plain_output();
        serde_json::to_writer_pretty(&mut out, &schema).map_err(io::Error::from)?;
        writeln!(out)?;
        out.flush()?;
        Ok(Code::Fine)
    }
}
