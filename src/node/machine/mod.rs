//! A node as a whole: what it refuses, whom it evicts, how it pulls images. Values and decisions;
//! who owns clock and queue carries them out on the pods.

mod admission;
mod eviction;
mod preemption;
mod pulls;

pub use admission::{Occupancy, refusal};
pub use eviction::{Candidate, Pressed, first_evicted, oom_victim, score_adjustment};
pub use preemption::{Tenant, victims};
pub use pulls::{PullEnd, PullQueue};

/// Pods of this priority and above are critical: they are neither evicted nor preempted (P65,
/// P115).
pub const CRITICAL: i32 = 2_000_000_000;
