//! Readers of a run: every output format is one of them.
//!
//! [`Run`] is what a played scenario leaves behind: a [`Trace`] of everything that happened, each
//! record with the rule behind it, how each Job ended, and each attempt of its pods.

pub mod names;
pub mod render;
pub mod run;
pub mod steps;
pub mod text;
pub mod trace;
pub mod verdict;

pub use run::{Run, RunError};
pub use trace::{Attempt, Record, Trace, What};
pub use verdict::{Ending, Hang};
