//! A Job as the Job controller reads it: the spec with its defaults filled in.

use std::collections::BTreeMap;

use super::pod::JobId;
use super::policy::{FailureRule, SuccessRule};
use super::template::PodTemplate;

/// A Job, accepted by the API server and completed with its defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// `metadata.name`
    pub name: String,
    /// `metadata.namespace`; `default` unless told.
    pub namespace: String,
    /// `spec`
    pub spec: JobSpec,
}

impl Job {
    /// A Job of namespace `default` whose manifest says nothing but its name and its template: one
    /// pod has to succeed, and six failures are borne.
    ///
    /// The API server is not asked about it; [`Job::from_yaml`] does that.
    ///
    /// ```
    /// use dryjob::model::{Container, Job, PodTemplate};
    ///
    /// let main = Container { name: "main".into(), image: "a:1".into(), ..Container::default() };
    /// let job = Job::named("a", PodTemplate { containers: vec![main], ..PodTemplate::default() });
    /// let manifest = "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: \
    ///     {spec: {restartPolicy: Never, containers: [{name: main, image: 'a:1'}]}}}}";
    /// let mut accepted = Job::from_yaml(manifest)?;
    /// accepted.spec.template.labels.clear(); // the API server has added some
    /// assert_eq!(job, accepted);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn named(name: impl Into<String>, template: PodTemplate) -> Self {
        Self {
            name: name.into(),
            namespace: "default".to_owned(),
            spec: JobSpec {
                parallelism: 1,
                completions: Some(1),
                completion_mode: CompletionMode::NonIndexed,
                backoff_limit: 6,
                backoff_limit_per_index: None,
                max_failed_indexes: None,
                active_deadline_seconds: None,
                ttl_seconds_after_finished: None,
                suspend: false,
                pod_failure_policy: None,
                success_policy: None,
                pod_replacement_policy: PodReplacementPolicy::TerminatingOrFailed,
                managed_by: None,
                template,
            },
        }
    }

    /// The labels of the Job's pods: those of the template, and the Job's name under both of its
    /// keys. Where the API server has added the Job's UID, that is another one for each number. A
    /// pod's index comes on top.
    #[must_use]
    pub fn pod_labels(&self, number: JobId) -> BTreeMap<String, String> {
        let mut labels = self.spec.template.labels.clone();
        for key in JOB_NAME_LABELS {
            labels.insert(key.to_owned(), self.name.clone());
        }
        for value in labels.values_mut().filter(|it| *it == UID) {
            *value = format!("0d1e0b00-0000-4000-8000-{:012x}", number.0);
        }
        labels
    }
}

/// The unique id that the API server makes. A manifest alone gives always this one, which is a
/// label's value as any is.
pub(crate) const UID: &str = "0d1e0b00-0000-4000-8000-00000000d1a1";

/// The labels under which a pod carries the name of its Job.
pub const JOB_NAME_LABELS: [&str; 2] = ["batch.kubernetes.io/job-name", "job-name"];

/// `spec` of a Job. Counts are what the API server accepted, so never negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSpec {
    /// Pods wanted at a time.
    pub parallelism: u32,
    /// Successes wanted; `None` makes the Job a work queue, done when one pod succeeded and
    /// all have ended.
    pub completions: Option<u32>,
    /// Whether each completion has an index of its own.
    pub completion_mode: CompletionMode,
    /// Failures after which the Job is given up.
    pub backoff_limit: u32,
    /// Failures after which an index is given up, instead of the Job (KEP-3850).
    pub backoff_limit_per_index: Option<u32>,
    /// Failed indexes after which the Job is given up (KEP-3850).
    pub max_failed_indexes: Option<u32>,
    /// Seconds the Job may be active.
    pub active_deadline_seconds: Option<i64>,
    /// Seconds a finished Job is kept.
    pub ttl_seconds_after_finished: Option<i64>,
    /// Whether the Job is to have no pods for now.
    pub suspend: bool,
    /// `podFailurePolicy.rules` (KEP-3329).
    pub pod_failure_policy: Option<Vec<FailureRule>>,
    /// `successPolicy.rules` (KEP-3998).
    pub success_policy: Option<Vec<SuccessRule>>,
    /// When a pod is replaced (KEP-3939).
    pub pod_replacement_policy: PodReplacementPolicy,
    /// Who looks after the Job (KEP-4368); `None` is the built-in controller.
    pub managed_by: Option<String>,
    /// What its pods are made from.
    pub template: PodTemplate,
}

impl JobSpec {
    /// Whether each completion has an index of its own.
    #[must_use]
    pub fn is_indexed(&self) -> bool {
        self.completion_mode == CompletionMode::Indexed
    }

    /// Whether another controller than Kubernetes' own looks after the Job (J63).
    #[must_use]
    pub fn is_managed_elsewhere(&self) -> bool {
        self.managed_by
            .as_deref()
            .is_some_and(|by| by != JOB_CONTROLLER)
    }

    /// Whether pods are replaced only once they have failed, not while they terminate.
    #[must_use]
    pub fn replaces_only_failed(&self) -> bool {
        self.pod_replacement_policy == PodReplacementPolicy::Failed
    }
}

/// The value of `spec.managedBy` that means the built-in controller.
pub const JOB_CONTROLLER: &str = "kubernetes.io/job-controller";

/// `spec.completionMode`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CompletionMode {
    /// Any success counts.
    #[default]
    NonIndexed,
    /// Each index from 0 to completions − 1 has to succeed once.
    Indexed,
}

/// `spec.podReplacementPolicy`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PodReplacementPolicy {
    /// As soon as the pod is asked to terminate.
    #[default]
    TerminatingOrFailed,
    /// Only when the pod has reached phase Failed.
    Failed,
}
