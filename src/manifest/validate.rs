//! What the API server refuses in a Job: its own fields, and what of the pod template decides how
//! it runs.
//!
//! The errors have Kubernetes' paths, types and texts and come in its order. The rest of the pod
//! template is not validated here.

mod failure_policy;
mod finding;
mod job;
mod labels;
mod metadata;
pub(super) mod path;
pub(super) mod pod;
mod success_policy;

use serde_json::Value;

use super::lower::INDEXES;
use super::names::{label_flaws, subdomain_flaws};
use super::node::Node;
use super::twin::{self, JobSpec, Meta};
use super::{defaults, prepare, warnings};
use crate::model::Release;
pub(super) use finding::{Finding, Findings};

/// What became of an object that could be decoded.
#[derive(Debug)]
pub(super) struct Reviewed {
    pub(super) name: String,
    pub(super) findings: Vec<Finding>,
    pub(super) warnings: Vec<String>,
    pub(super) stored: Option<Value>,
}

/// Takes an object of this kind through defaults, preparation, validation and warnings. An error is
/// what a decoder says.
pub(super) fn review(
    kind: &str,
    root: &Node,
    _stored: Option<&Value>,
    release: Release,
) -> Result<Reviewed, String> {
    let value = root.to_value();
    let words = |error: serde_path_to_error::Error<_>| error.to_string();
    if kind == "CronJob" {
        let mut cron: twin::CronJob = serde_path_to_error::deserialize(value).map_err(words)?;
        defaults::cron_job(&mut cron);
        prepare::new_cron_job(&mut cron, release);
        let spec = &cron.spec.job_template.spec;
        let findings = job_template(&cron.metadata, spec, release).all();
        let path = "spec.jobTemplate.spec.template";
        let warnings = warnings::of_template(path, &spec.template, release);
        Ok(Reviewed {
            name: cron.metadata.name.clone(),
            findings,
            warnings,
            stored: serde_json::to_value(&cron).ok(),
        })
    } else {
        let mut job: twin::Job = serde_path_to_error::deserialize(value).map_err(words)?;
        defaults::whole_job(&mut job);
        prepare::new_job(&mut job, release);
        let template = &job.spec.template;
        let warnings = warnings::of_template("spec.template", template, release);
        Ok(Reviewed {
            name: job.metadata.name.clone(),
            findings: self::job(&job.metadata, &job.spec, release).all(),
            warnings,
            stored: serde_json::to_value(&job).ok(),
        })
    }
}

/// All errors of a Job whose defaults are filled in.
pub(super) fn job(meta: &Meta, spec: &JobSpec, release: Release) -> Findings {
    let mut found = Findings::on(release);
    name(meta, &mut found);
    job::spec("spec", spec, &mut found);
    name_allows_completions(meta, spec, &mut found);
    found
}

/// All errors of the Job that a `CronJob` would make.
pub(super) fn job_template(meta: &Meta, spec: &JobSpec, release: Release) -> Findings {
    let mut found = Findings::on(release);
    name(meta, &mut found);
    job::spec("spec.jobTemplate.spec", spec, &mut found);
    found
}

fn name(meta: &Meta, found: &mut Findings) {
    if !meta.generate_name.is_empty() {
        // The name that is made of it may end in a dash before it gets its last characters.
        let stem = meta
            .generate_name
            .strip_suffix('-')
            .map(|stem| format!("{stem}a"));
        let stem = stem.as_deref().unwrap_or(&meta.generate_name);
        for flaw in subdomain_flaws(stem) {
            found.invalid("metadata.generateName", &meta.generate_name, &flaw);
        }
    }
    if meta.name.is_empty() {
        found.required("metadata.name", "name or generateName is required");
    } else {
        for flaw in subdomain_flaws(&meta.name) {
            found.invalid("metadata.name", &meta.name, &flaw);
        }
    }
    for flaw in label_flaws(&meta.namespace) {
        found.invalid("metadata.namespace", &meta.namespace, &flaw);
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
