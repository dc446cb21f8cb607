//! What can be wrong with a description of what containers do.

use std::fmt;

/// Why a description fits no Job, or not this one: everything that is wrong with it, a sentence
/// each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FateError {
    job: String,
    flaws: Vec<(Option<String>, Flaw)>,
}

impl FateError {
    /// Nothing, if nothing is wrong.
    pub(super) fn check(job: &str, flaws: Vec<(Option<String>, Flaw)>) -> Result<(), Self> {
        let job = job.to_owned();
        if flaws.is_empty() {
            Ok(())
        } else {
            Err(Self { job, flaws })
        }
    }
}

/// One line for each thing that is wrong.
impl fmt::Display for FateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (container, flaw)) in self.flaws.iter().enumerate() {
            let line = if at > 0 { "\n" } else { "" };
            write!(f, "{line}Job {:?}", self.job)?;
            if let Some(container) = container {
                write!(f, ", container {container:?}")?;
            }
            write!(f, ": {flaw}")?;
        }
        Ok(())
    }
}

impl std::error::Error for FateError {}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    #[error("{word}: {why}")]
    Unread { word: &'static str, why: String },
    #[error("there is no such container; there are {known}")]
    Unknown { known: String },
    #[error("the same container is described twice")]
    Twice,
    #[error("the chances of its endings add up to more than 100%")]
    MoreThanAll,
    #[error("{0}% of the work are more than all of it")]
    PerCent(u8),
    #[error("there is no signal {0}; signals are 1 to 64")]
    Signal(u8),
    #[error("the {0} must be longer than 0s")]
    Zero(&'static str),
    #[error("{what} need a piece of work with an end, not {work}")]
    NoPiece {
        what: &'static str,
        work: &'static str,
    },
}
