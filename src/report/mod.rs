//! Readers of a run: every output format is one of them.
//!
//! [`Run`] is what a played scenario leaves behind: a [`Trace`] of everything that happened, each
//! record with the rule behind it, how each Job ended, and each attempt of its pods.

mod api_status;
pub mod attempts;
pub mod cluster_steps;
pub mod cluster_use;
mod conditions;
pub mod deadlock;
pub mod digest;
mod document;
pub mod entry;
pub mod matrix;
pub mod names;
pub mod news;
pub mod render;
pub mod run;
pub mod scheduler_steps;
pub mod steps;
pub(crate) mod table;
pub mod text;
pub mod timeline;
pub mod trace;
pub mod verdict;
pub mod why;
pub mod yaml;

pub use attempts::PodStory;
pub use cluster_use::ClusterUse;
pub use deadlock::Deadlock;
pub use entry::Entry;
pub use matrix::Matrix;
pub use run::{Run, RunError};
pub use timeline::Timeline;
pub use trace::{Attempt, Record, Trace, What};
pub use verdict::{Ending, Hang};
pub use why::Why;
