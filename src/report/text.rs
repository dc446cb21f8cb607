//! Names and messages in Kubernetes' words, made from the data that a run keeps.

use crate::api::{ApiServer, Refusal};
use crate::base::Span;
use crate::model::{Cause, ContainerSlot, JobEvent, JobId, PodId, PodRefusal, RuleId};

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
            let template = &stored.job.spec.template;
            let mut containers = template.containers.iter().chain(&template.init_containers);
            let name = containers
                .nth(usize::from(container))
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

/// The condition type that a `FailJob` rule is about; of several, the one a pod can have.
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
    let refusal = |why| match why {
        PodRefusal::Status(code) => {
            let resource = "pods";
            Refusal::Injected { code, resource }.to_string()
        }
        PodRefusal::Denied(number) => api.text(number).to_owned(),
    };
    match event {
        JobEvent::SuccessfulCreate(pod) => format!("Created pod: {}", names.pod_name(pod)),
        JobEvent::FailedCreate(why) => format!("Error creating: {}", refusal(why)),
        JobEvent::SuccessfulDelete(pod) => format!("Deleted pod: {}", names.pod_name(pod)),
        JobEvent::FailedDelete(why) => format!("Error deleting: {}", refusal(why)),
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

/// The rule behind a condition.
#[must_use]
pub const fn rule_of(cause: Cause) -> Option<RuleId> {
    match cause {
        Cause::Plain | Cause::CompletionsReached => Some(RuleId::Completions),
        Cause::Suspended | Cause::Resumed => Some(RuleId::Suspension),
        Cause::BackoffLimitExceeded => Some(RuleId::BackoffLimit),
        Cause::DeadlineExceeded => Some(RuleId::ActiveDeadline),
        Cause::MaxFailedIndexesExceeded => Some(RuleId::MaxFailedIndexes),
        Cause::FailedIndexes => Some(RuleId::FailedIndexes),
        Cause::FailJobOnExitCode { .. } | Cause::FailJobOnCondition { .. } => {
            Some(RuleId::PodFailurePolicy)
        }
        Cause::SuccessPolicy { .. } => Some(RuleId::SuccessPolicy),
    }
}

/// The exit codes of a pod by container; none where nothing ended of itself.
pub fn exit_codes(api: &ApiServer, pod: PodId) -> impl Iterator<Item = (&str, i32)> {
    let pod = api.pod(pod);
    let template = &api.job(pod.job).job.spec.template;
    let code = |slot| api.exit_code(pod, slot);
    let regular = template.containers.iter().zip(0u16..);
    let regular = regular.map(move |(it, place)| (it, code(ContainerSlot::Regular(place))));
    // Init containers end well in nearly every pod, and then nobody asks.
    let init = template.init_containers.iter().zip(0u16..);
    let init = init.map(move |(it, place)| (it, code(ContainerSlot::Init(place))));
    let init = init.filter(|(_, code)| *code != Some(0));
    let codes = regular.chain(init);
    codes.filter_map(|(it, code)| Some((it.name.as_str(), code?)))
}

/// The exit codes of a pod: `42`, or `main=0 side=3` where there are several containers; empty
/// where there is none.
#[must_use]
pub fn exit_text(api: &ApiServer, pod: PodId) -> String {
    let codes: Vec<(&str, i32)> = exit_codes(api, pod).collect();
    match codes.as_slice() {
        [(_, code)] => code.to_string(),
        many => {
            let parts: Vec<String> = many
                .iter()
                .map(|(name, it)| format!("{name}={it}"))
                .collect();
            parts.join(" ")
        }
    }
}

/// A length of time as people read it: `3m42s`, `1.25s`; below a millisecond it is cut off.
#[must_use]
pub fn clock(span: Span) -> String {
    let millis = span.micros() / 1000;
    if millis.abs() < 1000 && millis != 0 {
        let sign = if millis < 0 { "-" } else { "" };
        let digits = format!("{:03}", millis.abs());
        return format!("{sign}0.{}s", digits.trim_end_matches('0'));
    }
    Span::from_millis(millis).to_string()
}
