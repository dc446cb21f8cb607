//! `dryjob merge`: adds the shares of a forecast.

use super::failure::{Code, Failure, Outcome};
use super::files::Source;
use super::forecast::Judged;
use crate::forecast::Report;
use clap::Args;
use std::path::PathBuf;

/// Adds up shares of a forecast, as `dryjob forecast --shard I/N -o json` wrote them
///
/// All shares together come to the same, to the byte, as the forecast without --shard.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The shares, in any order; a file, or -, may hold several one after the other
    #[arg(value_name = "FILE|-", required = true)]
    shares: Vec<PathBuf>,
    #[command(flatten)]
    judged: Judged,
}

impl Arguments {
    /// Exit code 1 if the shares do not belong together, or an assertion does not hold.
    pub(super) fn run(&self) -> Outcome {
        let mut whole: Option<Report> = None;
        for path in &self.shares {
            let source = Source::at(path);
            let name = source.name();
            let bytes = source.read(MOST_BYTES).map_err(Failure::unreadable)?;
            let shares = Report::all_from_json(&bytes)
                .map_err(|why| Failure::unreadable(format!("{name}: {why}")))?;
            for share in shares {
                let Some(it) = &mut whole else {
                    whole = Some(share);
                    continue;
                };
                it.forecast.merge(&share.forecast).map_err(|error| {
                    Failure::Sentence(Code::Negative, format!("{name}: {error}"))
                })?;
            }
        }
        let Some(report) = whole else {
            let sentence = "there is no share to add".to_owned();
            return Err(Failure::Sentence(Code::Negative, sentence));
        };
        self.judged.judge(report)
    }
}

/// Shares are a few hundred kilobytes for each Job.
const MOST_BYTES: usize = 1 << 30;
