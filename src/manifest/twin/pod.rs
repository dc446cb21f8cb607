//! The pod template.

use serde::Deserialize;

use super::{Affinity, Named, SpreadConstraint, Volume};
use super::{Container, List, Meta, Quantities, ResourceRequirements, TextMap, given};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct PodTemplate {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) metadata: Meta,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) spec: PodSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct PodSpec {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) restart_policy: String,
    pub(in crate::manifest) termination_grace_period_seconds: Option<i64>,
    pub(in crate::manifest) active_deadline_seconds: Option<i64>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) node_name: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) node_selector: TextMap,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) affinity: Affinity,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) topology_spread_constraints: List<SpreadConstraint>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) host_network: bool,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) tolerations: List<Toleration>,
    pub(in crate::manifest) priority: Option<i32>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) priority_class_name: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) preemption_policy: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) runtime_class_name: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) scheduler_name: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) service_account_name: String,
    /// What `serviceAccountName` was called before.
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) service_account: String,
    pub(in crate::manifest) automount_service_account_token: Option<bool>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) image_pull_secrets: List<Named>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) scheduling_gates: List<Named>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) readiness_gates: List<ReadinessGate>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) overhead: Quantities,
    pub(in crate::manifest) resources: Option<ResourceRequirements>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) volumes: List<Volume>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) containers: List<Container>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) init_containers: List<Container>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct Toleration {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) key: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) operator: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) value: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) effect: String,
    #[serde(rename = "tolerationSeconds")]
    pub(in crate::manifest) seconds: Option<i64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct ReadinessGate {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) condition_type: String,
}
