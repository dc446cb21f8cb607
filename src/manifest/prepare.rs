//! What the API server does to an object before it validates it: fields that it makes itself,
//! fields that a request cannot set, and fields of gates that are off.

mod pod;

use serde_json::Value;

use super::twin::{CronJob, Job, JobSpec, JobStatus, Meta};
use crate::model::cron::Moment;
use crate::model::{Check, Release, UID};

/// What is shown in place of the unique id.
const SHOWN: &str = "<uid>";
/// What stands for the time of creation.
const NOW: &str = "<now>";
/// What stands for the end of a generated name. The API server draws five characters; here the same
/// manifest has to give the same name.
const DRAWN: &str = "xxxxx";
/// Bytes that a generated name has before its last five.
const STEM: usize = 58;

/// The label by which a Job finds its pods.
pub(super) const CONTROLLER: &str = "batch.kubernetes.io/controller-uid";
/// The label with the Job's name.
pub(super) const NAME: &str = "batch.kubernetes.io/job-name";
/// The labels that a Job's pods get, in the order in which they are checked.
pub(super) const GENERATED: [&str; 4] = ["controller-uid", "job-name", CONTROLLER, NAME];

/// A text in which the unique id is not shown.
pub(super) fn without_uid(text: &mut String) {
    if text.contains(UID) {
        *text = text.replace(UID, SHOWN);
    }
}

/// An object in which the unique id is not shown.
pub(super) fn show(value: &mut Value) {
    match value {
        Value::String(text) => without_uid(text),
        Value::Array(items) => items.iter_mut().for_each(show),
        Value::Object(fields) => fields.values_mut().for_each(show),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Prepares a Job that is to be created. Its labels may be `shared` with its template, where the
/// API server has filled them in: then they get the generated ones, too.
pub(super) fn new_job(job: &mut Job, shared: bool, release: Release) {
    new_meta(&mut job.metadata);
    job.status = Some(JobStatus::default());
    if job.spec.manual_selector != Some(true) {
        generate_selector(job);
        if shared {
            job.metadata
                .labels
                .clone_from(&job.spec.template.metadata.labels);
        }
    }
    if !release.has(Check::ManagedBy) {
        job.spec.managed_by = None;
    }
    gates(&mut job.spec, None, release);
}

/// Prepares a `CronJob` that is to be created.
pub(super) fn new_cron_job(cron: &mut CronJob, release: Release) {
    new_meta(&mut cron.metadata);
    cron.status = Some(serde_json::json!({}));
    // Its strategy asks for nothing of a Job's but what pods have, and scheduling.
    cron.spec.job_template.spec.scheduling = None;
    pod_gates(&mut cron.spec.job_template.spec, None, release);
}

/// Prepares a Job that is to take the place of a stored one.
pub(super) fn changed_job(job: &mut Job, old: &Job, release: Release) {
    job.status.clone_from(&old.status);
    gates(&mut job.spec, Some(&old.spec), release);
    let changed = job.spec != old.spec;
    changed_meta(&mut job.metadata, &old.metadata, changed);
}

/// Prepares a `CronJob` that is to take the place of a stored one.
pub(super) fn changed_cron_job(cron: &mut CronJob, old: &CronJob, release: Release) {
    cron.status.clone_from(&old.status);
    let (spec, old_spec) = (
        &mut cron.spec.job_template.spec,
        &old.spec.job_template.spec,
    );
    if old_spec.scheduling.is_none() {
        spec.scheduling = None;
    }
    pod_gates(spec, Some(old_spec), release);
    let changed = cron.spec != old.spec;
    changed_meta(&mut cron.metadata, &old.metadata, changed);
}

fn generate_selector(job: &mut Job) {
    let labels = &mut job.spec.template.metadata.labels;
    for label in GENERATED {
        let value = if label.ends_with("uid") {
            UID
        } else {
            &job.metadata.name
        };
        let entry = labels.entry(label.to_owned());
        entry.or_insert_with(|| value.to_owned());
    }
    let selector = job.spec.selector.get_or_insert_default();
    let entry = selector.match_labels.entry(CONTROLLER.to_owned());
    entry.or_insert_with(|| UID.to_owned());
}

/// Drops the fields of gates that are off, unless they are in use already.
fn gates(spec: &mut JobSpec, old: Option<&JobSpec>, release: Release) {
    let used = |field: fn(&JobSpec) -> bool| old.is_some_and(field);
    if !release.has(Check::SuccessPolicy) && !used(|it| it.success_policy.is_some()) {
        spec.success_policy = None;
    }
    if !used(|it| it.scheduling.is_some()) {
        spec.scheduling = None;
    }
    pod_gates(spec, old, release);
}

fn pod_gates(spec: &mut JobSpec, old: Option<&JobSpec>, release: Release) {
    pod::drop_disabled(&mut spec.template, old.map(|old| &old.template), release);
}

fn new_meta(meta: &mut Meta) {
    if meta.name.is_empty() && !meta.generate_name.is_empty() {
        let stem = &meta.generate_name;
        let end = (0..=STEM.min(stem.len()))
            .rev()
            .find(|&at| stem.is_char_boundary(at));
        meta.name = format!("{}{DRAWN}", &stem[..end.unwrap_or(0)]);
    }
    UID.clone_into(&mut meta.uid);
    meta.creation_timestamp = Some(NOW.to_owned());
    meta.deletion_timestamp = None;
    meta.deletion_grace_period_seconds = None;
    meta.self_link.clear();
    meta.generation = 1;
    times(meta);
}

/// What a request to change an object cannot set comes from the stored one.
fn changed_meta(meta: &mut Meta, old: &Meta, spec_changed: bool) {
    meta.generation = old.generation + i64::from(spec_changed);
    if meta.uid.is_empty() {
        meta.uid.clone_from(&old.uid);
    }
    if meta.resource_version.is_empty() {
        meta.resource_version.clone_from(&old.resource_version);
    }
    if old.creation_timestamp.is_some() {
        meta.creation_timestamp.clone_from(&old.creation_timestamp);
    }
    if old.deletion_timestamp.is_some() {
        meta.deletion_timestamp.clone_from(&old.deletion_timestamp);
    }
    let seconds = &mut meta.deletion_grace_period_seconds;
    *seconds = seconds.or(old.deletion_grace_period_seconds);
    times(meta);
}

/// Times are stored in UTC and in whole seconds.
fn times(meta: &mut Meta) {
    for entry in meta.managed_fields.iter_mut() {
        let time = entry.time.as_ref().and_then(|it| it.parse::<Moment>().ok());
        if let Some(time) = time {
            entry.time = Some(time.to_string());
        }
    }
}
