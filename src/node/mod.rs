//! What happens to pods outside the control plane: scheduler, kubelet and containers. For now
//! all three follow scripts.

mod script;

pub use script::{ScriptedPods, Wake};
