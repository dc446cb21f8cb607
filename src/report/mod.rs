//! Readers of a run: every output format is one of them.

pub mod steps;
pub mod text;
