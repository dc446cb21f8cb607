//! What the API server fills in where a manifest is silent.

mod pod;
mod volume;

use super::twin::{CronJob, Job, JobSpec, Meta};
use crate::model::{Check, Release};
pub(super) use pod::template as pod_template;

/// Failures that a Job survives if it does not say.
const BACKOFF_LIMIT: i32 = 6;

/// Fills in the metadata of an object: the namespace of the request, which is this one if nobody
/// says otherwise.
fn meta(meta: &mut Meta) {
    if meta.namespace.is_empty() {
        "default".clone_into(&mut meta.namespace);
    }
}

/// Fills in a Job, its kind included.
pub(super) fn whole_job(job: &mut Job) {
    "Job".clone_into(&mut job.kind);
    "batch/v1".clone_into(&mut job.api_version);
    meta(&mut job.metadata);
    if job.metadata.labels.is_empty() {
        job.metadata.labels = job.spec.template.metadata.labels.clone();
    }
    job.spec.manual_selector.get_or_insert(false);
    self::job(&mut job.spec);
}

/// Fills in a `CronJob`, its kind included; its Jobs are filled in when they are made.
pub(super) fn cron_job(cron: &mut CronJob, release: Release) {
    "CronJob".clone_into(&mut cron.kind);
    "batch/v1".clone_into(&mut cron.api_version);
    meta(&mut cron.metadata);
    let spec = &mut cron.spec;
    if spec.concurrency_policy.is_empty() {
        "Allow".clone_into(&mut spec.concurrency_policy);
    }
    spec.suspend.get_or_insert(false);
    spec.successful_jobs_history_limit.get_or_insert(3);
    spec.failed_jobs_history_limit.get_or_insert(1);
    if release.has(Check::ConditionsInCronJobs) {
        conditions(&mut spec.job_template.spec);
    }
    pod_template(&mut spec.job_template.spec.template);
}

/// Fills in a Job's specification.
pub(super) fn job(spec: &mut JobSpec) {
    // With parallelism alone, completions stay unset: the Job is a work queue.
    if spec.completions.is_none() && spec.parallelism.is_none() {
        spec.completions = Some(1);
    }
    spec.parallelism.get_or_insert(1);
    let limit = if spec.backoff_limit_per_index.is_some() {
        i32::MAX
    } else {
        BACKOFF_LIMIT
    };
    spec.backoff_limit.get_or_insert(limit);
    spec.completion_mode
        .get_or_insert_with(|| "NonIndexed".to_owned());
    spec.suspend.get_or_insert(false);
    conditions(spec);
    let failed = spec.pod_failure_policy.is_some();
    let replace = if failed {
        "Failed"
    } else {
        "TerminatingOrFailed"
    };
    spec.pod_replacement_policy
        .get_or_insert_with(|| replace.to_owned());
    pod_template(&mut spec.template);
}

/// Fills in what the API server fills in even inside a `CronJob`'s template.
fn conditions(spec: &mut JobSpec) {
    for rule in spec
        .pod_failure_policy
        .iter_mut()
        .filter_map(|policy| policy.rules.as_mut())
        .flat_map(|rules| &mut rules.0)
    {
        for condition in &mut rule.on_pod_conditions.0 {
            if condition.status.is_empty() {
                "True".clone_into(&mut condition.status);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::twin::PodFailurePolicy;

    /// A specification completed, as parallelism/completions/backoffLimit/podReplacementPolicy.
    fn completed(change: impl FnOnce(&mut JobSpec)) -> String {
        let mut spec = JobSpec::default();
        change(&mut spec);
        job(&mut spec);
        let completions = spec.completions.map_or("-".to_owned(), |n| n.to_string());
        let (parallelism, backoff) = (spec.parallelism.unwrap(), spec.backoff_limit.unwrap());
        let replacement = spec.pod_replacement_policy.unwrap();
        format!("{parallelism}/{completions}/{backoff}/{replacement}")
    }

    #[test]
    fn silence_is_filled_in() {
        assert_eq!(completed(|_| {}), "1/1/6/TerminatingOrFailed");
        assert_eq!(
            completed(|s| s.parallelism = Some(3)),
            "3/-/6/TerminatingOrFailed"
        );
        assert_eq!(
            completed(|s| s.completions = Some(3)),
            "1/3/6/TerminatingOrFailed"
        );
        let per_index = completed(|s| s.backoff_limit_per_index = Some(1));
        assert_eq!(per_index, "1/1/2147483647/TerminatingOrFailed");
        let policy = completed(|s| s.pod_failure_policy = Some(PodFailurePolicy::default()));
        assert_eq!(policy, "1/1/6/Failed");
    }
}
