//! Time, random streams and index sets: the vocabulary of any simulation, without a word of
//! Kubernetes.

pub mod index_set;
pub mod stream;
pub mod time;

pub use index_set::{IndexSet, absent};
pub use time::{Instant, Span, WireTime};
