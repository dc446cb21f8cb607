//! Kubernetes' words as types: Jobs, pods, statuses, releases and reasons. No behaviour beyond
//! what a value knows of itself, and no serialisation.

pub mod affinity;
pub mod budget;
pub mod check;
pub mod cron;
pub mod event;
pub mod image;
pub mod job;
pub mod news;
pub mod node;
pub mod patch;
pub mod pod;
pub mod policy;
pub mod process;
pub mod quantity;
pub mod release;
pub mod resources;
pub mod script;
pub mod selector;
pub mod status;
pub mod template;
pub mod toleration;
pub mod why;

pub use affinity::{
    Affinity, HostPort, NodeRequirement, NodeTerm, NodeTest, PodTerm, PreferredNodes,
    PreferredPods, SpreadConstraint,
};
pub use budget::{Amount, Availability, BudgetId, DisruptionBudget, LimitRange, Quota};
pub use check::Check;
pub use event::{JobEvent, PodRefusal};
pub use image::ImageName;
pub(crate) use job::UID;
pub use job::{CompletionMode, JOB_NAME_LABELS, Job, JobSpec, PodReplacementPolicy};
pub use news::{PodNews, ProbeKind};
pub use node::{Lease, Node, NodeId, NodeReady};
pub use patch::{JobPatch, Propagation};
pub use pod::{Deletion, Disruption, ExitCodes, JobId, Phase, Pod, PodId, PodReason, Readiness};
pub use policy::{
    FailureAction, FailureMatch, FailureRule, IndexCount, IndexList, Operator, SuccessRule,
};
pub use process::{
    Answer, ContainerRun, ContainerSlot, Course, Exit, ExitReason, HookEnd, HookTurn, ImageState,
    OnStop,
};
pub use quantity::{Quantity, QuantityError, WrittenQuantity};
pub use release::{Behavior, Release};
pub use resources::{QosClass, Resources};
pub use script::{OnDelete, PodScript, Restart};
pub use selector::{LabelSelector, LabelTest, Requirement};
pub use status::{Cause, Condition, ConditionType, JobStatus};
pub use template::{
    Container, ContainerRestart, Hook, PodResources, PodTemplate, PreemptionPolicy, PriorityClass,
    Probe, PullPolicy, Reference, ReferenceKind, RestartAction, RestartPolicy, RestartRule, Volume,
    VolumeSource,
};
pub use toleration::{Effect, Stay, Taint, Toleration, TolerationOperator};
pub use why::RuleId;
