//! Containers.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{ContainerPort, List, Quantities, given};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct Container {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) name: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) image: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) image_pull_policy: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) env: List<EnvVar>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) env_from: List<EnvFrom>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) ports: List<ContainerPort>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) resources: ResourceRequirements,
    pub(in crate::manifest) restart_policy: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) restart_policy_rules: List<RestartRule>,
    pub(in crate::manifest) startup_probe: Option<Probe>,
    pub(in crate::manifest) readiness_probe: Option<Probe>,
    pub(in crate::manifest) liveness_probe: Option<Probe>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) lifecycle: Lifecycle,
}

/// Requests and limits, of a container or of a pod.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct ResourceRequirements {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) requests: Quantities,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) limits: Quantities,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct EnvVar {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) name: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) value: String,
    pub(in crate::manifest) value_from: Option<EnvSource>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct EnvSource {
    pub(in crate::manifest) config_map_key_ref: Option<Named>,
    pub(in crate::manifest) secret_key_ref: Option<Named>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct EnvFrom {
    pub(in crate::manifest) config_map_ref: Option<Named>,
    pub(in crate::manifest) secret_ref: Option<Named>,
}

/// An object by its name, and perhaps one of its keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct Named {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) name: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) key: String,
    pub(in crate::manifest) optional: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct RestartRule {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) action: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) exit_codes: RestartCodes,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct RestartCodes {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) operator: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) values: List<i32>,
}

/// A 0 of times and thresholds stands for the default, except that of the delay.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct Probe {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) initial_delay_seconds: i32,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) period_seconds: i32,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) timeout_seconds: i32,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) success_threshold: i32,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) failure_threshold: i32,
    pub(in crate::manifest) termination_grace_period_seconds: Option<i64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct Lifecycle {
    pub(in crate::manifest) post_start: Option<Hook>,
    pub(in crate::manifest) pre_stop: Option<Hook>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) stop_signal: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct Hook {
    pub(in crate::manifest) exec: Option<IgnoredAny>,
    pub(in crate::manifest) http_get: Option<IgnoredAny>,
    pub(in crate::manifest) tcp_socket: Option<IgnoredAny>,
    pub(in crate::manifest) sleep: Option<Sleep>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct Sleep {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) seconds: i64,
}
