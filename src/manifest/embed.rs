//! Jobs of the model from what other programs have: texts, and objects of their own.

use serde::Serialize;

use super::diagnostic::Fault;
use super::source::{Position, Source};
use super::{Errors, Options, read};
use crate::model::Job;

impl Job {
    /// Reads a manifest of exactly one Job, in YAML or JSON.
    ///
    /// A `CronJob` counts, too: as the Job that it would make.
    ///
    /// ```
    /// let errors = dryjob::model::Job::from_yaml("
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: train}
    /// spec: {template: {spec: {containers: [{name: main, image: train}]}}}
    /// ").unwrap_err();
    /// assert_eq!(errors.as_kubectl(), "The Job \"train\" is invalid: \
    ///     spec.template.spec.restartPolicy: Required value: \
    ///     valid values: \"OnFailure\", \"Never\"");
    /// ```
    ///
    /// # Errors
    /// All problems of the manifest.
    pub fn from_yaml(yaml: &str) -> Result<Self, Errors> {
        let source_name = "manifest";
        let documents = read(source_name, yaml.as_bytes(), &Options::default())?;
        let found = documents.len();
        let mut jobs = documents.into_iter().filter_map(|document| document.job);
        match (jobs.next(), jobs.next()) {
            (Some(job), None) => Ok(job),
            (first, _) => {
                let words = if first.is_none() {
                    "no Job"
                } else {
                    "more than one Job"
                };
                let detail = format!("one Job is expected, but there is {words}");
                let fault = Fault::at(Position::START, format!("{detail} ({found} documents)"));
                Err(fault.tell(&Source::unreadable(source_name)))
            }
        }
    }
    /// Reads the manifest of one Job in JSON: here numbers are as they are written, and repeated
    /// fields are errors.
    ///
    /// # Errors
    /// All problems of the manifest.
    pub fn from_json(json: &str) -> Result<Self, Errors> {
        // Kubernetes takes for JSON what begins with a brace; anything else is no object anyway.
        Self::from_yaml(json)
    }

    /// Takes a Job from anything that serialises as one: the types of `k8s-openapi` (for which the
    /// feature of that name has `Job::try_from`), the dynamic objects of `kube`, or plain JSON.
    ///
    /// ```
    /// use dryjob::Job;
    ///
    /// let object = serde_json::json!({
    ///     "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "train"},
    ///     "spec": {"completions": 3, "template": {"spec": {
    ///         "restartPolicy": "Never", "containers": [{"name": "main", "image": "train"}]}}},
    /// });
    /// assert_eq!(Job::from_object(&object)?.spec.completions, Some(3));
    /// # Ok::<(), dryjob::manifest::Errors>(())
    /// ```
    ///
    /// # Errors
    /// It cannot be serialised, or is no valid Job.
    pub fn from_object(object: &impl Serialize) -> Result<Self, Errors> {
        match serde_json::to_string(object) {
            Ok(json) => Self::from_json(&json),
            Err(error) => {
                let fault = Fault::at(Position::START, format!("it is no object: {error}"));
                Err(fault.tell(&Source::unreadable("object")))
            }
        }
    }
}
