//! Pages about dryjob as a whole.

#[doc = include_str!("architecture.md")]
pub mod architecture {}

#[doc = include_str!("semantics.md")]
pub mod semantics {}

#[doc = include_str!("changelog.md")]
pub mod changelog {}
