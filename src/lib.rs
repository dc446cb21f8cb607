//! dryjob: give it a Kubernetes Job and what its containers do, and it tells exactly what
//! Kubernetes will do with it, in virtual time, without a cluster.

pub mod api;
pub mod base;
#[cfg(feature = "cli")]
pub mod cli;
pub mod control;
pub mod kernel;
pub mod manifest;
pub mod model;
pub mod node;
pub mod report;
pub mod scenario;
pub mod sim;
