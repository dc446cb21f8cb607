//! The world and its loop: the one place that knows the clock, the controllers and the pods.

mod client;
mod recorder;
mod scenario;
mod world;

pub use client::Limits;
pub use recorder::Recorder;
pub use scenario::{Action, Budget, Deed, Fault, PodLabel, Scenario, Workload};
pub use world::World;
