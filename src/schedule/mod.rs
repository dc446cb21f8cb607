//! Who gets which node. The scheduler knows pods and nodes, and not what a Job is.
//!
//! [`IdealScheduler`] decides at once and takes no time; [`Endless`] stands for a cluster that
//! always has another node; [`Pool`] makes nodes that are missing.

mod endless;
mod ideal;
mod pool;
mod room;

pub use endless::Endless;
pub use ideal::IdealScheduler;
pub use pool::Pool;
