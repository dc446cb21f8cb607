//! Job, `CronJob`, and what they have in common.

use serde::Deserialize;

use super::{List, Meta, PodTemplate, given};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct Job {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) metadata: Meta,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) spec: JobSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct CronJob {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) metadata: Meta,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) spec: CronJobSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct CronJobSpec {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) job_template: JobTemplate,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct JobTemplate {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) spec: JobSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct JobSpec {
    pub(in crate::manifest) parallelism: Option<i32>,
    pub(in crate::manifest) completions: Option<i32>,
    pub(in crate::manifest) active_deadline_seconds: Option<i64>,
    pub(in crate::manifest) backoff_limit: Option<i32>,
    pub(in crate::manifest) backoff_limit_per_index: Option<i32>,
    pub(in crate::manifest) max_failed_indexes: Option<i32>,
    pub(in crate::manifest) ttl_seconds_after_finished: Option<i32>,
    pub(in crate::manifest) completion_mode: Option<String>,
    pub(in crate::manifest) suspend: Option<bool>,
    pub(in crate::manifest) pod_failure_policy: Option<PodFailurePolicy>,
    pub(in crate::manifest) success_policy: Option<SuccessPolicy>,
    pub(in crate::manifest) pod_replacement_policy: Option<String>,
    pub(in crate::manifest) managed_by: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) template: PodTemplate,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct PodFailurePolicy {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) rules: List<FailureRule>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct FailureRule {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) action: String,
    pub(in crate::manifest) on_exit_codes: Option<OnExitCodes>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) on_pod_conditions: List<OnPodCondition>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct OnExitCodes {
    pub(in crate::manifest) container_name: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) operator: String,
    pub(in crate::manifest) values: Option<List<i32>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct OnPodCondition {
    #[serde(rename = "type", deserialize_with = "given")]
    pub(in crate::manifest) kind: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) status: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct SuccessPolicy {
    pub(in crate::manifest) rules: Option<List<SuccessRule>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct SuccessRule {
    pub(in crate::manifest) succeeded_indexes: Option<String>,
    pub(in crate::manifest) succeeded_count: Option<i32>,
}
