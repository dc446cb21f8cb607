//! The one integration test: recordings, goldens, properties, determinism, program, house rules.

#[cfg(feature = "cli")]
mod admission;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod cluster;
#[cfg(feature = "cli")]
mod conformance;
#[cfg(feature = "cli")]
mod decode;
mod docs;
mod golden;
#[cfg(feature = "cli")]
mod nodes;
mod properties;
#[cfg(feature = "cli")]
mod suites;
mod tidy;
mod trouble;
