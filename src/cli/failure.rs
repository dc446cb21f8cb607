//! How the program ends: exit codes, and what to say when something is in the way.

use std::io;

/// Exit codes. They are part of the interface, and do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Code {
    /// Everything went well.
    Fine = 0,
    /// A Job fails or does not end, a recording does not agree, or a manifest is invalid.
    Negative = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// Input that cannot be read or decoded.
    Unreadable = 3,
    /// A limit was reached, or a fault of the program.
    Limit = 4,
}

/// Why the program cannot go on.
#[derive(Debug)]
pub(super) enum Failure {
    /// The reason has been told already.
    Told(Code),
    /// The reason, in a sentence.
    Sentence(Code, String),
    /// The output cannot be written.
    Output(io::Error),
}

/// What a subcommand comes to.
pub(super) type Outcome = Result<Code, Failure>;

impl Failure {
    /// Input that cannot be read.
    pub(super) fn unreadable(sentence: impl Into<String>) -> Self {
        Self::Sentence(Code::Unreadable, sentence.into())
    }
}

/// All input is read in `files` and `lines`, which say what they could not read.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
