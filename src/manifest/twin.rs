//! The fields of a manifest that mean something to us, as they are written: nothing checked,
//! nothing filled in. Which fields there are at all is known to the schema alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// A list in which items may be `null`, as everything may be in Kubernetes' JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let items = Vec::<Option<T>>::deserialize(from)?;
        Ok(Self(
            items.into_iter().map(Option::unwrap_or_default).collect(),
        ))
    }
}

impl<T> List<T> {
    /// The items of a list that may be missing.
    pub(super) fn items(list: Option<&Self>) -> &[T] {
        list.map_or(&[], |list| &list.0)
    }
}

/// A field that is left as it is by a `null`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Job {
    #[serde(deserialize_with = "given")]
    pub(super) metadata: Meta,
    #[serde(deserialize_with = "given")]
    pub(super) spec: JobSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CronJob {
    #[serde(deserialize_with = "given")]
    pub(super) metadata: Meta,
    #[serde(deserialize_with = "given")]
    pub(super) spec: CronJobSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CronJobSpec {
    #[serde(deserialize_with = "given")]
    pub(super) job_template: JobTemplate,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct JobTemplate {
    #[serde(deserialize_with = "given")]
    pub(super) spec: JobSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Meta {
    #[serde(deserialize_with = "given")]
    pub(super) name: String,
    #[serde(deserialize_with = "given")]
    pub(super) generate_name: String,
    #[serde(deserialize_with = "given")]
    pub(super) namespace: String,
    #[serde(deserialize_with = "given")]
    pub(super) labels: BTreeMap<String, Option<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct JobSpec {
    pub(super) parallelism: Option<i32>,
    pub(super) completions: Option<i32>,
    pub(super) active_deadline_seconds: Option<i64>,
    pub(super) backoff_limit: Option<i32>,
    pub(super) backoff_limit_per_index: Option<i32>,
    pub(super) max_failed_indexes: Option<i32>,
    pub(super) ttl_seconds_after_finished: Option<i32>,
    pub(super) completion_mode: Option<String>,
    pub(super) suspend: Option<bool>,
    pub(super) pod_failure_policy: Option<PodFailurePolicy>,
    pub(super) success_policy: Option<SuccessPolicy>,
    pub(super) pod_replacement_policy: Option<String>,
    pub(super) managed_by: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(super) template: PodTemplate,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PodFailurePolicy {
    #[serde(deserialize_with = "given")]
    pub(super) rules: List<FailureRule>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct FailureRule {
    #[serde(deserialize_with = "given")]
    pub(super) action: String,
    pub(super) on_exit_codes: Option<OnExitCodes>,
    #[serde(deserialize_with = "given")]
    pub(super) on_pod_conditions: List<OnPodCondition>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OnExitCodes {
    pub(super) container_name: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(super) operator: String,
    pub(super) values: Option<List<i32>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OnPodCondition {
    #[serde(rename = "type", deserialize_with = "given")]
    pub(super) kind: String,
    #[serde(deserialize_with = "given")]
    pub(super) status: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SuccessPolicy {
    pub(super) rules: Option<List<SuccessRule>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SuccessRule {
    pub(super) succeeded_indexes: Option<String>,
    pub(super) succeeded_count: Option<i32>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PodTemplate {
    #[serde(deserialize_with = "given")]
    pub(super) spec: PodSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PodSpec {
    #[serde(deserialize_with = "given")]
    pub(super) restart_policy: String,
    pub(super) termination_grace_period_seconds: Option<i64>,
    #[serde(deserialize_with = "given")]
    pub(super) containers: List<Container>,
    #[serde(deserialize_with = "given")]
    pub(super) init_containers: List<Container>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Container {
    #[serde(deserialize_with = "given")]
    pub(super) name: String,
    #[serde(deserialize_with = "given")]
    pub(super) image: String,
    #[serde(deserialize_with = "given")]
    pub(super) env: List<EnvVar>,
    pub(super) restart_policy: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EnvVar {
    #[serde(deserialize_with = "given")]
    pub(super) name: String,
    #[serde(deserialize_with = "given")]
    pub(super) value: String,
    pub(super) value_from: Option<serde::de::IgnoredAny>,
}
