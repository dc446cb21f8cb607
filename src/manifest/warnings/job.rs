//! Warnings about Jobs and `CronJob`s, their pod templates apart.

use super::of_template;
use crate::manifest::names::label_flaws;
use crate::manifest::twin::JobSpec;
use crate::model::Release;

/// Completions and parallelism from which on failed indexes may become too long a list.
const COMPLETIONS: i32 = 100_000;
const PARALLELISM: i32 = 10_000;

/// The name of a new object ends up in names of pods and hosts.
pub(in crate::manifest) fn name(name: &str, told: &mut Vec<String>) {
    let flaws = label_flaws(name);
    if !flaws.is_empty() {
        told.push(format!(
            "metadata.name: this is used in Pod names and hostnames, which can result in \
             surprising behavior; a DNS label is recommended: [{}]",
            flaws.join(" ")
        ));
    }
}

/// The specification of a Job, new or changed.
pub(in crate::manifest) fn job_spec(
    path: &str,
    spec: &JobSpec,
    release: Release,
    told: &mut Vec<String>,
) {
    let indexed = spec.completion_mode.as_deref() == Some("Indexed");
    if indexed && spec.completions > Some(COMPLETIONS) && spec.parallelism > Some(PARALLELISM) {
        told.push(format!(
            "{path}: In Indexed Jobs with a number of completions higher than 10^5 and a \
             parallelism higher than 10^4, Kubernetes might not be able to track \
             completedIndexes when a big number of indexes fail"
        ));
    }
    told.extend(of_template(
        &format!("{path}.template"),
        &spec.template,
        release,
    ));
}

/// The doubled `spec` is Kubernetes' own.
pub(in crate::manifest) fn zone_in_schedule(schedule: &str, told: &mut Vec<String>) {
    if schedule.contains("TZ") {
        told.push(
            "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see \
             https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
                .to_owned(),
        );
    }
}
