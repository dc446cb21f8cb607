//! What the API server does to an object before it validates it: fields that it makes itself, and
//! fields of gates that are off.

mod pod;

use serde_json::json;

use super::twin::{CronJob, Job, Meta};
use crate::model::Release;

/// What stands for the unique id that the API server makes.
const UID: &str = "<uid>";
/// What stands for the time of creation.
const NOW: &str = "<now>";

/// Prepares a Job that is to be created.
pub(super) fn new_job(job: &mut Job, release: Release) {
    new_meta(&mut job.metadata);
    pod::drop_disabled(&mut job.spec.template, None, release);
    job.status = Some(json!({}));
    if job.spec.manual_selector != Some(true) {
        let name = job.metadata.name.clone();
        let labels = &mut job.spec.template.metadata.labels;
        for (key, value) in [
            ("job-name", &*name),
            ("batch.kubernetes.io/job-name", &*name),
            ("controller-uid", UID),
            (CONTROLLER, UID),
        ] {
            labels
                .entry(key.to_owned())
                .or_insert_with(|| value.to_owned());
        }
        let selector = job.spec.selector.get_or_insert_default();
        let labels = &mut selector.match_labels;
        labels
            .entry(CONTROLLER.to_owned())
            .or_insert_with(|| UID.to_owned());
    }
}

/// The label by which a Job finds its pods.
const CONTROLLER: &str = "batch.kubernetes.io/controller-uid";

/// Prepares a `CronJob` that is to be created.
pub(super) fn new_cron_job(cron: &mut CronJob, release: Release) {
    new_meta(&mut cron.metadata);
    pod::drop_disabled(&mut cron.spec.job_template.spec.template, None, release);
    cron.status = Some(json!({}));
}

fn new_meta(meta: &mut Meta) {
    UID.clone_into(&mut meta.uid);
    meta.creation_timestamp = Some(NOW.to_owned());
    meta.deletion_timestamp = None;
    meta.deletion_grace_period_seconds = None;
    meta.self_link.clear();
    meta.generation = 1;
}
