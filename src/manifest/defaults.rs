//! What the API server fills in where a manifest is silent.

use super::twin::{Container, JobSpec, Meta, PodSpec, Probe, Volume};
use crate::model::{self, PullPolicy};

/// Failures that a Job survives if it does not say.
const BACKOFF_LIMIT: i32 = 6;

/// Fills in a Job's metadata.
pub(super) fn meta(meta: &mut Meta) {
    if meta.namespace.is_empty() {
        "default".clone_into(&mut meta.namespace);
    }
    // The API server draws five characters; here the same manifest has to give the same name.
    if meta.name.is_empty() && !meta.generate_name.is_empty() {
        let base = meta.generate_name.chars().take(58).collect::<String>();
        meta.name = format!("{base}xxxxx");
    }
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
    pod(&mut spec.template.spec);
}

/// Fills in what the API server fills in even inside a `CronJob`'s template.
pub(super) fn conditions(spec: &mut JobSpec) {
    for rule in spec
        .pod_failure_policy
        .iter_mut()
        .flat_map(|policy| &mut policy.rules.0)
    {
        for condition in &mut rule.on_pod_conditions.0 {
            if condition.status.is_empty() {
                "True".clone_into(&mut condition.status);
            }
        }
    }
}

fn pod(spec: &mut PodSpec) {
    if spec.restart_policy.is_empty() {
        "Always".clone_into(&mut spec.restart_policy);
    }
    spec.termination_grace_period_seconds
        .get_or_insert(model::PodTemplate::GRACE_SECONDS.into());
    spec.volumes.0.iter_mut().for_each(volume);
    let containers = &mut spec.containers.0;
    containers
        .iter_mut()
        .chain(&mut spec.init_containers.0)
        .for_each(container);
}

/// A volume without a source is an empty directory.
fn volume(volume: &mut Volume) {
    let known = volume.config_map.is_some()
        || volume.secret.is_some()
        || volume.projected.is_some()
        || volume.persistent_volume_claim.is_some();
    if !known && volume.others.values().all(Option::is_none) {
        volume.empty_dir.get_or_insert_default();
    }
}

fn container(container: &mut Container) {
    if container.image_pull_policy.is_empty() {
        let policy = match PullPolicy::of_image(&container.image) {
            PullPolicy::Always => "Always",
            PullPolicy::IfNotPresent => "IfNotPresent",
            PullPolicy::Never => "Never",
        };
        policy.clone_into(&mut container.image_pull_policy);
    }
    let probes = [
        &mut container.startup_probe,
        &mut container.readiness_probe,
        &mut container.liveness_probe,
    ];
    probes.into_iter().flatten().for_each(probe);
}

fn probe(probe: &mut Probe) {
    let fields = [
        (&mut probe.timeout_seconds, 1),
        (&mut probe.period_seconds, 10),
        (&mut probe.success_threshold, 1),
        (&mut probe.failure_threshold, 3),
    ];
    for (field, default) in fields {
        if *field == 0 {
            *field = default;
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
