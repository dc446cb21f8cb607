//! Time, random streams and index sets: the vocabulary of any simulation, without a word of
//! Kubernetes.
//!
//! - [`time`]: a run has one clock, and it ticks in whole microseconds. Floats would make equal
//!   times differ by how they were added up; integers make "at the same instant" mean something.
//! - [`stream`]: a run may have chance in it, but not accident. Each draw has an address, so that
//!   it can be made again, and so that no draw depends on how many others came before.
//! - [`law`]: how long something takes is a distribution as often as a number. A law is one, in
//!   the words that people write it in, and draws from such a stream.
//! - [`index_set`]: much of a simulation's state is "which of them": which indexes are done,
//!   which numbers are in use. A bitmap answers that at a bit each.

pub mod index_set;
pub mod law;
pub mod sort;
pub mod stream;
pub mod time;

pub use index_set::{IndexSet, absent};
pub use law::{Chance, ChanceError, Law, LawError};
pub use stream::{Key, Purpose, Seed, Stream};
pub use time::{Instant, Span, WireTime};
