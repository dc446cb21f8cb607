//! The one integration test: recordings, goldens, properties, determinism, program, house rules.

#[cfg(feature = "cli")]
mod admission;
mod calibrate;
mod causes;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod cluster;
#[cfg(feature = "cli")]
mod conformance;
mod docs;
mod faults;
mod forecast;
mod golden;
mod independence;
mod matrix;
#[cfg(feature = "cli")]
mod nodes;
mod plain;
mod pressure;
mod properties;
#[cfg(feature = "cli")]
mod recordings;
mod reports;
mod rules;
#[cfg(feature = "cli")]
mod scheduler;
#[cfg(feature = "cli")]
mod suites;
mod tidy;
mod trouble;
mod workload;
