//! The world and its loop: the one place that knows the clock, the controllers and the pods.

mod bare;
mod client;
mod outcome;
mod plain;
mod recorder;
mod scenario;
mod world;

pub use crate::fault::{Action, Deed, Fault, Outage, PodLabel};
pub use bare::{BareDeed, BarePod, BareScenario, BareWorld, Effect, Moment, NodeDeed};
pub use client::Limits;
pub use outcome::{Finish, Gauge, Outcome, PodCounts, PodTimes};
pub use plain::PlainWorld;
pub use recorder::Recorder;
pub use scenario::{Budget, Phases, Placement, Scenario, TieBreak, Workload};
pub use world::World;
