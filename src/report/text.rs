//! Names and messages in Kubernetes' words, made from the data that a run keeps.

use crate::api::{ApiServer, Refusal};
use crate::model::{Cause, JobEvent, JobId, PodId};

/// How pods are named in a text: by name or by label.
pub trait PodNames {
    /// The pod's name as it is to be shown.
    fn pod_name(&self, pod: PodId) -> String;
}

impl<F: Fn(PodId) -> String> PodNames for F {
    fn pod_name(&self, pod: PodId) -> String {
        self(pod)
    }
}

/// `message` of a condition.
#[must_use]
pub fn condition_message(
    api: &ApiServer,
    job: JobId,
    cause: Cause,
    names: &impl PodNames,
) -> String {
    let stored = api.job(job);
    let namespace = &stored.job.namespace;
    match cause {
        Cause::Plain => String::new(),
        Cause::Suspended => "Job suspended".to_owned(),
        Cause::Resumed => "Job resumed".to_owned(),
        Cause::BackoffLimitExceeded => "Job has reached the specified backoff limit".to_owned(),
        Cause::DeadlineExceeded => "Job was active longer than specified deadline".to_owned(),
        Cause::MaxFailedIndexesExceeded => {
            "Job has exceeded the specified maximal number of failed indexes".to_owned()
        }
        Cause::FailedIndexes => "Job has failed indexes".to_owned(),
        Cause::FailJobOnExitCode {
            pod,
            container,
            code,
            rule,
        } => {
            let containers = &stored.job.spec.template.containers;
            let name = containers
                .get(usize::from(container))
                .map_or("", |it| it.name.as_str());
            let pod = names.pod_name(pod);
            format!(
                "Container {name} for pod {namespace}/{pod} failed with exit code {code} \
                 matching FailJob rule at index {rule}"
            )
        }
        Cause::FailJobOnCondition { pod, rule } => {
            let pod = names.pod_name(pod);
            let kind = matched_condition(api, job, rule);
            format!(
                "Pod {namespace}/{pod} has condition {kind} matching FailJob rule at index {rule}"
            )
        }
        Cause::SuccessPolicy { rule } => format!("Matched rules at index {rule}"),
        Cause::CompletionsReached => "Reached expected number of succeeded pods".to_owned(),
    }
}

/// The condition type that a FailJob rule is about; of several, the one a pod can have.
fn matched_condition(api: &ApiServer, job: JobId, rule: u16) -> String {
    use crate::model::FailureMatch;
    let rules = api
        .job(job)
        .job
        .spec
        .pod_failure_policy
        .as_deref()
        .unwrap_or_default();
    match rules.get(usize::from(rule)).map(|rule| &rule.on) {
        Some(FailureMatch::PodConditions(patterns)) => patterns
            .iter()
            .find(|(kind, _)| kind == "DisruptionTarget")
            .or_else(|| patterns.first())
            .map_or_else(String::new, |(kind, _)| kind.clone()),
        _ => String::new(),
    }
}

/// `message` of an event.
#[must_use]
pub fn event_message(
    api: &ApiServer,
    job: JobId,
    event: JobEvent,
    names: &impl PodNames,
) -> String {
    let refusal = |code| Refusal::Injected {
        code,
        resource: "pods",
    };
    match event {
        JobEvent::SuccessfulCreate(pod) => format!("Created pod: {}", names.pod_name(pod)),
        JobEvent::FailedCreate(code) => format!("Error creating: {}", refusal(code)),
        JobEvent::SuccessfulDelete(pod) => format!("Deleted pod: {}", names.pod_name(pod)),
        JobEvent::FailedDelete(code) => format!("Error deleting: {}", refusal(code)),
        JobEvent::Suspended => "Job suspended".to_owned(),
        JobEvent::Resumed => "Job resumed".to_owned(),
        JobEvent::Completed => "Job completed".to_owned(),
        JobEvent::Failed(cause) => condition_message(api, job, cause, names),
        JobEvent::TooManySucceededPods => {
            "Too many succeeded pods running after completion count reached".to_owned()
        }
    }
}

/// A pod's label in a run: `INDEX.NTH` for Indexed Jobs, else `NTH`.
#[must_use]
pub fn pod_label(api: &ApiServer, pod: PodId) -> String {
    let pod = api.pod(pod);
    match pod.index {
        Some(index) => format!("{index}.{}", pod.nth),
        None => pod.nth.to_string(),
    }
}
