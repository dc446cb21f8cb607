//! dryjob: give it a Kubernetes Job and what its containers do, and it tells exactly what
//! Kubernetes will do with it, in virtual time, without a cluster.

pub mod base;
pub mod kernel;
pub mod manifest;
pub mod model;
pub mod api;
pub mod control;
pub mod node;
pub mod sim;
pub mod report;
pub mod scenario;
