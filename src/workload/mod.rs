//! What the processes in containers do: how long they run and how they end, by chance or by
//! trouble; what they save, use up and answer; and queues that they share.
//!
//! A [`Fate`] describes it, a [`Crew`] brings it about. Each draw belongs to the run, the piece of
//! work, the item or the node that it is about, so that nothing else changes it: two variants of a
//! manifest meet the same fates.

mod background;
mod checkpoint;
mod crew;
mod ending;
mod fate;
mod flaw;
mod memory;
mod piece;
mod queue;
mod stop;
#[cfg(test)]
mod tests;
mod words;

pub use background::{Background, Comes, Coming};
pub use checkpoint::Checkpoints;
pub use crew::{Crew, Site};
pub use ending::{At, BadInputs, BadNodes, Ending, Failure, FirstRuns, Which};
pub use fate::{Fate, Process, Whose, Work};
pub use flaw::FateError;
pub use memory::{Growth, Memory, OomKill};
pub use queue::{Idle, Orphans, QueueCounts, WorkQueue};
pub use stop::{Hang, Health, HookRun, Hooks, Stop};
pub use words::{IntoChance, IntoLaw};
