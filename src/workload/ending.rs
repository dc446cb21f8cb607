//! How runs end: exit codes, signals, and when in a run's course it fails.

use super::words::{IntoLaw, Read};
use crate::base::{Chance, Law};
use crate::model::Exit;
use std::ops::RangeInclusive;

/// How a run ends (P6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// It exits with that code; 0 is a success.
    Exit(u8),
    /// That signal ends it: exit code 128 + its number. From 1 to 64.
    Signal(u8),
    /// The runtime cannot start it: exit code 128, reason StartError, as soon as it starts.
    StartError,
    /// The kernel kills the whole container for want of memory: exit code 137, reason OOMKilled.
    OutOfMemory,
}

impl Ending {
    /// Exit code 0.
    pub const SUCCESS: Self = Self::Exit(0);

    /// As the container runtime reports it.
    #[must_use]
    pub const fn exit(self) -> Exit {
        match self {
            Self::Exit(code) => Exit::with(code as i16),
            Self::Signal(number) => Exit::with(128 + number as i16),
            Self::StartError => Exit::NOT_STARTED,
            Self::OutOfMemory => Exit::OOM_KILLED,
        }
    }
}

/// An exit code.
impl From<u8> for Ending {
    fn from(code: u8) -> Self {
        Self::Exit(code)
    }
}

/// How a run fails, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// How it ends.
    pub ending: Ending,
    /// When it ends.
    pub at: At,
    /// What could not be read.
    pub(super) flaws: Vec<super::flaw::Flaw>,
}

impl Failure {
    /// At the end of the work.
    #[must_use]
    pub fn with(ending: impl Into<Ending>) -> Self {
        Self {
            ending: ending.into(),
            at: At::End,
            flaws: Vec::new(),
        }
    }

    /// The same, but when so many per cent of the work are done: see [`At::PerCent`].
    #[must_use]
    pub fn at_per_cent(mut self, per_cent: u8) -> Self {
        self.at = At::PerCent(per_cent);
        self
    }

    /// The same, but that long after the start of the run.
    #[must_use]
    pub fn after(mut self, law: impl IntoLaw) -> Self {
        if let Some(law) = self.flaws.read("after", law.into_law()) {
            self.at = At::After(law);
        }
        self
    }
}

/// At the end of the work.
impl From<u8> for Failure {
    fn from(code: u8) -> Self {
        Self::with(code)
    }
}

/// At the end of the work.
impl From<Ending> for Failure {
    fn from(ending: Ending) -> Self {
        Self::with(ending)
    }
}

/// When in its course a run fails. What comes first ends it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum At {
    /// At the end of its work; never, if that has no end. The work is done for nothing. Who works
    /// on a queue is at the end when that is empty, and ends so instead of with 0.
    #[default]
    End,
    /// When so many per cent of its work are done, from 0 to 100, cut down to microseconds; never,
    /// if that has no end. A bad input counts from the start of the piece, so that a retry that
    /// goes on from a checkpoint meets the same place, or fails at once if it lies behind it;
    /// everything else counts what this run has to do.
    PerCent(u8),
    /// That long after the start of the run.
    After(Law),
}

/// Some of all: by numbers, or by chance.
#[derive(Clone, Debug, PartialEq)]
pub enum Which<T> {
    /// These.
    Listed(Vec<T>),
    /// Each with this chance, drawn once for all of its runs.
    Drawn(Chance),
}

/// Inputs that cannot be worked on. The input of a run is its piece of work: see
/// [`Work`](super::Work).
#[derive(Clone, Debug, PartialEq)]
pub struct BadInputs {
    /// Which pieces of work: completion indexes, or, if the Job is not Indexed, numbers from 0.
    pub which: Which<RangeInclusive<u32>>,
    /// What each of their runs comes to.
    pub failure: Failure,
}

/// Nodes on which runs fail.
#[derive(Clone, Debug, PartialEq)]
pub struct BadNodes {
    /// Which nodes: by name. Drawn by name too, so that a node is bad for all Jobs that draw with
    /// the same chance. A pod somewhere in an unlimited cluster has a node of its own.
    pub which: Which<String>,
    /// How likely a run on one of them fails.
    pub chance: Chance,
    /// What it comes to then.
    pub failure: Failure,
}

/// Runs that fail before one is let through.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstRuns {
    /// So many, counted for each piece of work over its pods and their restarts.
    pub runs: u32,
    /// What they come to.
    pub failure: Failure,
}
