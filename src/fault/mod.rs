//! What can go wrong, and what people do: one closed vocabulary for everything that comes from
//! outside, whether it is written down instant by instant, drawn by chance, or read from a trace.
//!
//! A [`Deed`] happens at an instant, an [`Outage`] lasts for a while. [`Action`]s say when a deed
//! is done; [`Recurring`] says how often one happens by chance.

mod deed;
mod outage;
mod recurring;

pub use deed::{Absence, Action, Deed, NodeTarget, PodLabel, Pressure};
pub use outage::{Fault, Outage};
pub use recurring::{Recurring, When};
