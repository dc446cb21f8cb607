//! Kubernetes' words as types: Jobs, pods, statuses, releases and reasons. No behaviour beyond
//! what a value knows of itself, and no serialisation.

pub mod event;
pub mod job;
pub mod news;
pub mod node;
pub mod patch;
pub mod pod;
pub mod policy;
pub mod process;
pub mod release;
pub mod script;
pub mod status;
pub mod why;

pub use event::JobEvent;
pub use job::{
    CompletionMode, Container, Job, JobSpec, PodReplacementPolicy, PodTemplate, RestartPolicy,
};
pub use news::{PodNews, ProbeKind};
pub use node::NodeId;
pub use patch::{JobPatch, Propagation};
pub use pod::{Deletion, Disruption, ExitCodes, JobId, Phase, Pod, PodId, PodReason, Readiness};
pub use policy::{
    FailureAction, FailureMatch, FailureRule, IndexCount, IndexList, Operator, SuccessRule,
};
pub use process::{ContainerRun, ContainerSlot, Course, Exit, ExitReason, OnStop};
pub use release::{Behavior, Release};
pub use script::{OnDelete, PodScript, Restart};
pub use status::{Cause, Condition, ConditionType, JobStatus};
pub use why::RuleId;
