//! What the API server does with a decoded object: defaults, preparation, validation, warnings.
//!
//! The errors have Kubernetes' paths, types and texts and come in its order. There is a file for
//! each concern, as the types are organised.

mod cron_job;
mod failure_policy;
mod finding;
mod generated;
mod job;
mod job_update;
mod labels;
mod metadata;
mod object_meta;
pub(super) mod path;
pub(super) mod pod;
mod scheduling;
mod success_policy;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::lower::INDEXES;
use super::names::label_flaws;
use super::node::{Kind as NodeKind, Node};
use super::prepare::{CONTROLLER, NAME};
use super::twin::{CronJob, Job, JobSpec, Meta};
use super::typed::typed;
use super::{defaults, prepare, warnings};
use crate::model::{Check, Release};
pub(super) use finding::{Finding, Findings};

/// What became of an object that could be decoded.
#[derive(Debug)]
pub(super) struct Reviewed {
    pub(super) findings: Vec<Finding>,
    pub(super) warnings: Vec<String>,
    pub(super) object: Object,
}

/// An object with its defaults, as it is stored if nothing is found.
#[derive(Debug)]
pub(super) enum Object {
    Job(Box<Job>),
    CronJob(Box<CronJob>),
}

impl Object {
    pub(super) fn meta(&self) -> &Meta {
        match self {
            Self::Job(job) => &job.metadata,
            Self::CronJob(cron) => &cron.metadata,
        }
    }

    /// As JSON.
    pub(super) fn to_value(&self) -> Option<Value> {
        let value = match self {
            Self::Job(job) => serde_json::to_value(job),
            Self::CronJob(cron) => serde_json::to_value(cron),
        };
        let mut value = value.ok()?;
        prepare::show(&mut value);
        Some(value)
    }
}

/// Takes an object of this kind through defaults, preparation, validation and warnings. An error is
/// what a decoder says.
pub(super) fn review(
    kind: &str,
    root: &Node,
    stored: Option<&Value>,
    release: Release,
) -> Result<Reviewed, String> {
    Ok(if kind == "CronJob" {
        let cron: CronJob = typed(root)?;
        review_cron_job(cron, decoded(stored)?, release)
    } else {
        let mut job: Job = typed(root)?;
        // Labels that are filled in are the template's own, and change with them.
        let mut path = ["spec", "template", "metadata", "labels"].into_iter();
        let labels = path.try_fold(root, |node, key| node.get(key));
        let given = labels.is_some_and(|node| matches!(node.kind, NodeKind::Map(_)));
        let shared = given && job.metadata.labels.is_empty();
        defaults::whole_job(&mut job);
        review_job(job, shared, decoded(stored)?, release)
    })
}

fn decoded<T: DeserializeOwned>(stored: Option<&Value>) -> Result<Option<T>, String> {
    let decode = |value: &Value| T::deserialize(value).map_err(|error| error.to_string());
    stored.map(decode).transpose()
}

fn review_job(mut job: Job, shared: bool, old: Option<Job>, release: Release) -> Reviewed {
    let mut found = Findings::on(release);
    let old = old.map(|mut old| {
        defaults::whole_job(&mut old);
        if !release.has(Check::JobScheduling) {
            old.spec.scheduling = None;
        }
        old
    });
    let mut warnings = Vec::new();
    if let Some(old) = &old {
        prepare::changed_job(&mut job, old, release);
        changed_job(&job, old, &mut found);
        if job.metadata.generation != old.metadata.generation {
            warnings::job_spec("spec", &job.spec, release, &mut warnings);
        }
    } else {
        prepare::new_job(&mut job, shared, release);
        object_meta::new(&job.metadata, &mut found);
        generated::check(&job, true, &mut found);
        job_spec(&job.spec, None, &mut found);
        name_allows_completions(&job.metadata, &job.spec, &mut found);
        warnings::name(&job.metadata.name, &mut warnings);
        warnings::job_spec("spec", &job.spec, release, &mut warnings);
    }
    let old_spec = old.as_ref().map(|old| &old.spec);
    scheduling::declared("spec", &job.spec, old_spec, &mut found);
    Reviewed {
        findings: finish(found),
        warnings,
        object: Object::Job(Box::new(job)),
    }
}

fn changed_job(job: &Job, old: &Job, found: &mut Findings) {
    object_meta::any(&job.metadata, found);
    object_meta::changed(&job.metadata, &old.metadata, found);
    let once = found.has(Check::UpdatesCheckedOnce);
    if !once {
        // Older API servers check the object as if it were new, too.
        object_meta::new(&job.metadata, found);
        let labels = &old.spec.template.metadata.labels;
        let prefixed = labels.contains_key(NAME) && labels.contains_key(CONTROLLER);
        generated::check(job, prefixed, found);
        job_spec(&job.spec, Some(&old.spec), found);
        name_allows_completions(&job.metadata, &job.spec, found);
    }
    object_meta::changed(&job.metadata, &old.metadata, found);
    object_meta::qualified_finalizers(&job.metadata, found);
    job_spec(&job.spec, Some(&old.spec), found);
    let status = old.status.clone().unwrap_or_default();
    job_update::check(&job.spec, &old.spec, &status, found);
    scheduling::changed(&job.spec, &old.spec, found);
    if once {
        name_allows_completions(&job.metadata, &job.spec, found);
    }
}

fn review_cron_job(mut cron: CronJob, old: Option<CronJob>, release: Release) -> Reviewed {
    let mut found = Findings::on(release);
    defaults::cron_job(&mut cron, release);
    let old = old.map(|mut old| {
        defaults::cron_job(&mut old, release);
        old
    });
    let path = "spec.jobTemplate.spec";
    let mut warnings = Vec::new();
    if let Some(old) = &old {
        prepare::changed_cron_job(&mut cron, old, release);
        object_meta::any(&cron.metadata, &mut found);
        object_meta::changed(&cron.metadata, &old.metadata, &mut found);
        object_meta::changed(&cron.metadata, &old.metadata, &mut found);
        object_meta::qualified_finalizers(&cron.metadata, &mut found);
        cron_job::check(&cron.spec, Some(&old.spec), &mut found);
        if cron.metadata.generation != old.metadata.generation {
            warnings::job_spec(path, &cron.spec.job_template.spec, release, &mut warnings);
        }
        warnings::zone_in_schedule(&cron.spec.schedule, &mut warnings);
    } else {
        prepare::new_cron_job(&mut cron, release);
        object_meta::new(&cron.metadata, &mut found);
        cron_job::check(&cron.spec, None, &mut found);
        if cron.metadata.name.len() > CRON_JOB_NAME {
            let text = format!("must be no more than {CRON_JOB_NAME} characters");
            found.invalid("metadata.name", &cron.metadata.name, &text);
            found.note("a Job of it gets eleven characters more");
        }
        warnings::name(&cron.metadata.name, &mut warnings);
        warnings::job_spec(path, &cron.spec.job_template.spec, release, &mut warnings);
    }
    cron_job::declared(&cron.spec, &mut found);
    let old_spec = old.as_ref().map(|old| &old.spec.job_template.spec);
    scheduling::declared(path, &cron.spec.job_template.spec, old_spec, &mut found);
    Reviewed {
        findings: finish(found),
        warnings,
        object: Object::CronJob(Box::new(cron)),
    }
}

/// Characters of a `CronJob`'s name: a Job has sixty-three, and eleven are for its time.
const CRON_JOB_NAME: usize = 52;

/// The errors as the release tells them: each once, or as often as they were found.
fn finish(found: Findings) -> Vec<Finding> {
    let mut all = if found.has(Check::ErrorsOnce) {
        found.finish()
    } else {
        found.all()
    };
    for one in &mut all {
        prepare::without_uid(&mut one.detail);
    }
    all
}

/// A Job's specification and its selector.
fn job_spec(spec: &JobSpec, old: Option<&JobSpec>, found: &mut Findings) {
    job::spec("spec", spec, old, found);
    let field = path::Path::new("spec.selector");
    let labels = &spec.template.metadata.labels;
    let selected = match &spec.selector {
        None => {
            found.required(&field, "");
            Some(false)
        }
        Some(selector) => {
            let mut checked = selector.clone();
            let old = old.and_then(|old| old.selector.as_ref());
            if generated::has_invalid_values(old, found.release()) {
                // What was stored before values were checked may stay.
                for wanted in checked.match_expressions.iter_mut() {
                    wanted.values.fill("fine".to_owned());
                }
            }
            labels::selector(&field, Some(&checked), found);
            generated::selects(selector, labels, found.release())
        }
    };
    if selected == Some(false) {
        let field = "spec.template.metadata.labels";
        let text = "`selector` does not match template `labels`";
        match Some(labels).filter(|labels| !labels.is_empty()) {
            None if !found.has(Check::ValuesAsJson) => {
                found.invalid_printed(field, "map[string]string(nil)", text);
            }
            printed => found.invalid(field, &printed, text),
        }
    }
}

/// The host name of an Indexed Job's pod has its index in it and has to be a DNS label.
fn name_allows_completions(meta: &Meta, spec: &JobSpec, found: &mut Findings) {
    let Some(last) = spec.completions.filter(|&n| n > 0).map(|n| n - 1) else {
        return;
    };
    let host = format!("{}-{last}", meta.name);
    if job::is_indexed(spec) && !label_flaws(&host).is_empty() {
        let text = format!("will not able to create pod with invalid DNS label: {host}");
        found.invalid("metadata.name", &meta.name, &text);
        found.note("pods of an Indexed Job are called after it and their index");
    }
}

/// Whether a set up to this index is one that we can hold.
fn is_beyond_us(largest: i64) -> bool {
    largest >= i64::from(INDEXES)
}
