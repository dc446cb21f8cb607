//! Who gets which node. The scheduler knows pods and nodes, and not what a Job is.
//!
//! [`Scheduler`] decides as kube-scheduler does, with its default profile: queues, filters, scores
//! and preemption. Like the Job controller it is a value without input or output: it is told what
//! happened in the cluster, and says of each attempt what has to be written.
//!
//! [`IdealScheduler`] decides at once and takes no time; [`Endless`] stands for a cluster that
//! always has another node; [`Pool`] makes nodes that are missing.

mod amounts;
mod attempt;
mod endless;
mod filter;
mod hints;
mod ideal;
mod kind;
mod moves;
mod neighbors;
mod nodes;
mod pool;
mod preemption;
mod queue;
mod reason;
mod room;
mod scheduler;
mod score;
mod search;
mod spread;
#[cfg(test)]
mod tests;
mod told;
mod topology;

pub use attempt::{Attempt, Details, Outcome, Refused};
pub use endless::Endless;
pub use ideal::IdealScheduler;
pub use kind::{KindId, PodKind};
pub use nodes::NodeKey;
pub use pool::Pool;
pub use preemption::Freeable;
pub use reason::Plugins;
pub use scheduler::{PodKey, Scheduler, Settings, Ties};
