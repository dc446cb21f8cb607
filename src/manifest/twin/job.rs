//! Job, `CronJob`, and what they have in common.

use serde_json::Value;

use super::{LabelSelector, List, Meta, PodTemplate, records};

records! {
    Job always {
        metadata: Meta,
        spec: JobSpec,
    } unless_empty {
        kind: String,
        api_version: String,
        status: Option<JobStatus>,
    };

    JobStatus unless_empty {
        conditions: List<JobCondition>,
        start_time: Option<String>,
        completion_time: Option<String>,
        active: i32,
        succeeded: i32,
        failed: i32,
        terminating: Option<i32>,
        completed_indexes: String,
        failed_indexes: Option<String>,
        uncounted_terminated_pods: Option<UncountedTerminatedPods>,
        ready: Option<i32>,
    };

    JobCondition always {
        #[serde(rename = "type")]
        kind: String,
        status: String,
    } unless_empty {
        last_probe_time: Option<String>,
        last_transition_time: Option<String>,
        reason: String,
        message: String,
    };

    UncountedTerminatedPods unless_empty {
        succeeded: List<String>,
        failed: List<String>,
    };

    CronJob always {
        metadata: Meta,
        spec: CronJobSpec,
    } unless_empty {
        kind: String,
        api_version: String,
        status: Option<Value>,
    };

    CronJobSpec always {
        schedule: String,
        job_template: JobTemplate,
    } unless_empty {
        time_zone: Option<String>,
        starting_deadline_seconds: Option<i64>,
        concurrency_policy: String,
        suspend: Option<bool>,
        successful_jobs_history_limit: Option<i32>,
        failed_jobs_history_limit: Option<i32>,
    };

    JobTemplate always {
        metadata: Meta,
        spec: JobSpec,
    };

    JobSpec always {
        template: PodTemplate,
    } unless_empty {
        parallelism: Option<i32>,
        completions: Option<i32>,
        active_deadline_seconds: Option<i64>,
        pod_failure_policy: Option<PodFailurePolicy>,
        success_policy: Option<SuccessPolicy>,
        backoff_limit: Option<i32>,
        backoff_limit_per_index: Option<i32>,
        max_failed_indexes: Option<i32>,
        selector: Option<LabelSelector>,
        manual_selector: Option<bool>,
        ttl_seconds_after_finished: Option<i32>,
        completion_mode: Option<String>,
        suspend: Option<bool>,
        pod_replacement_policy: Option<String>,
        managed_by: Option<String>,
        scheduling: Option<Value>,
    };

    PodFailurePolicy always {
        rules: Option<List<FailureRule>>,
    };

    FailureRule always {
        action: String,
    } unless_empty {
        on_exit_codes: Option<OnExitCodes>,
        on_pod_conditions: List<OnPodCondition>,
    };

    OnExitCodes always {
        operator: String,
        values: Option<List<i32>>,
    } unless_empty {
        container_name: Option<String>,
    };

    OnPodCondition always {
        #[serde(rename = "type")]
        kind: String,
    } unless_empty {
        status: String,
    };

    SuccessPolicy always {
        rules: Option<List<SuccessRule>>,
    };

    SuccessRule unless_empty {
        succeeded_indexes: Option<String>,
        succeeded_count: Option<i32>,
    };
}

impl JobStatus {
    /// Whether a condition is true.
    pub(in crate::manifest) fn has_condition(&self, kind: &str) -> bool {
        let mut conditions = self.conditions.iter();
        conditions.any(|it| it.kind == kind && it.status == "True")
    }
}
