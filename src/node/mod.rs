//! What happens to pods on their nodes: kubelets and what they drive, or scripts in their place.

mod back_off;
mod kubelets;
mod life;
pub mod machine;
mod pace;
mod rhythm;
mod script;
mod surroundings;
#[cfg(test)]
mod tests;
mod ticks;

pub use back_off::BackOffLimits;
pub use kubelets::{Ending, Kubelets, PodCondition};
pub use pace::{Beats, Delay, Jitter, Pace};
pub use rhythm::{Lifetime, Rhythm, Stop, Stopped};
pub use script::{ScriptedPods, Wake};
pub use surroundings::{Cx, Outside, Processes, Surroundings};
