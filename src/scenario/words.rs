//! The vocabulary of scenarios: what pods do, what happens from outside, which requests fail.

use crate::api::{Resource, Verb};
use crate::base::Span;
use crate::model::{JobPatch, OnDelete, PodReplacementPolicy, PodScript, Propagation, Restart};
use crate::sim::{Action, Deed, Fault, Outage, PodLabel};
use serde::Deserialize;
use std::collections::BTreeMap;

use super::times::{Time, When};

/// What is meant where a pod's times are not told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Untold {
    schedule: Option<Span>,
    start: Option<Span>,
    run: Option<Span>,
}

impl Untold {
    /// In recordings: never.
    pub(super) const RECORDED: Self = Self {
        schedule: None,
        start: None,
        run: None,
    };

    /// In files of people: bound at once, started a second later, and done after a minute.
    pub(super) const WRITTEN: Self = Self {
        schedule: Some(Span::ZERO),
        start: Some(PodScript::START),
        run: Some(Span::from_secs(60)),
    };
}

/// What pods do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ScriptWords {
    #[serde(default)]
    index: Vec<u32>,
    #[serde(default)]
    nth: Vec<u32>,
    #[serde(default)]
    schedule: When,
    #[serde(default)]
    start: When,
    #[serde(default)]
    not_ready: bool,
    #[serde(default)]
    restarts: Vec<RestartWords>,
    #[serde(default)]
    run: When,
    #[serde(default)]
    exit: BTreeMap<String, i32>,
    reason: Option<String>,
    disrupt: Option<String>,
    on_delete: Option<OnDeleteWords>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RestartWords {
    run: Time,
    #[serde(default)]
    exit: i32,
    wait: Time,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDeleteWords {
    stop: Time,
    #[serde(default)]
    exit: i32,
}

impl ScriptWords {
    pub(super) fn script(&self, untold: &Untold) -> PodScript {
        let restart = |it: &RestartWords| Restart {
            run: it.run.0,
            exit: it.exit,
            wait: it.wait.0,
        };
        let on_delete = |it: &OnDeleteWords| OnDelete {
            stop: it.stop.0,
            exit: it.exit,
        };
        let exit = self.exit.iter().map(|(name, code)| (name.clone(), *code));
        PodScript {
            index: self.index.clone(),
            nth: self.nth.clone(),
            node: Vec::new(),
            schedule: self.schedule.or(untold.schedule),
            start: self.start.or(untold.start),
            not_ready: self.not_ready,
            restarts: self.restarts.iter().map(restart).collect(),
            run: self.run.or(untold.run),
            exit: exit.collect(),
            reason: self.reason.clone(),
            disrupt: self.disrupt.clone(),
            on_delete: self.on_delete.as_ref().map(on_delete).unwrap_or_default(),
        }
    }
}

/// Something done from outside; exactly one field beside `at` is set.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ActionWords {
    at: Time,
    patch: Option<PatchWords>,
    delete_job: Option<String>,
    delete_pod: Option<String>,
    evict: Option<String>,
    node_lost: Option<String>,
    unlabel_pod: Option<String>,
    relabel_pod: Option<String>,
    #[serde(default)]
    restart_controllers: bool,
}

const NO_DEED: &str = "an action says nothing: name one of patch, deleteJob, deletePod, evict, \
                       nodeLost, unlabelPod, relabelPod, restartControllers";

impl ActionWords {
    pub(super) fn action(&self) -> Result<Action, String> {
        let label = |text: &Option<String>| text.as_deref().map(pod_label).transpose();
        let mut deeds = Vec::new();
        deeds.extend(
            self.patch
                .as_ref()
                .map(PatchWords::patch)
                .transpose()?
                .map(Deed::Patch),
        );
        deeds.extend(
            self.delete_job
                .as_deref()
                .map(propagation)
                .transpose()?
                .map(Deed::DeleteJob),
        );
        deeds.extend(label(&self.delete_pod)?.map(Deed::DeletePod));
        deeds.extend(label(&self.evict)?.map(Deed::Evict));
        deeds.extend(label(&self.node_lost)?.map(Deed::NodeLost));
        deeds.extend(label(&self.unlabel_pod)?.map(Deed::Unlabel));
        deeds.extend(label(&self.relabel_pod)?.map(Deed::Relabel));
        deeds.extend(self.restart_controllers.then_some(Deed::RestartControllers));
        match (deeds.pop(), deeds.pop()) {
            (Some(deed), None) => Ok(Action {
                at: self.at.0,
                job: 0,
                deed,
            }),
            (None, _) => Err(NO_DEED.to_owned()),
            _ => Err("an action does two things: write two actions".to_owned()),
        }
    }
}

pub(super) fn propagation(text: &str) -> Result<Propagation, String> {
    match text {
        "Background" => Ok(Propagation::Background),
        "Foreground" => Ok(Propagation::Foreground),
        "Orphan" => Ok(Propagation::Orphan),
        _ => Err(format!(
            "{text:?} is no propagation: Background, Foreground or Orphan"
        )),
    }
}

/// `3` is the fourth pod of the Job, `2.0` the first pod of index 2.
pub(super) fn pod_label(text: &str) -> Result<PodLabel, String> {
    let digits = |part: &str| part.bytes().all(|it| it.is_ascii_digit());
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| digits(part));
    let label = match text.split_once('.') {
        Some((index, nth)) => number(index)
            .zip(number(nth))
            .map(|(index, nth)| (Some(index), nth)),
        None => number(text).map(|nth| (None, nth)),
    };
    let (index, nth) = label.ok_or_else(|| {
        format!("{text:?} names no pod: write 3 for the fourth pod, 2.0 for the first of index 2")
    })?;
    Ok(PodLabel { index, nth })
}

/// A JSON merge patch of a Job, as far as it can change anything.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PatchWords {
    #[serde(default)]
    spec: SpecWords,
}

/// `null` removes a field, a missing one is left alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(clippy::option_option)] // missing, null and a value are three things
struct SpecWords {
    #[serde(deserialize_with = "named")]
    parallelism: Option<Option<i64>>,
    #[serde(deserialize_with = "named")]
    completions: Option<Option<i64>>,
    #[serde(deserialize_with = "named")]
    suspend: Option<Option<bool>>,
    #[serde(deserialize_with = "named")]
    active_deadline_seconds: Option<Option<i64>>,
    #[serde(deserialize_with = "named")]
    ttl_seconds_after_finished: Option<Option<i64>>,
    #[serde(deserialize_with = "named")]
    backoff_limit: Option<Option<i64>>,
    #[serde(deserialize_with = "named")]
    backoff_limit_per_index: Option<Option<i64>>,
    #[serde(deserialize_with = "named")]
    max_failed_indexes: Option<Option<i64>>,
    #[serde(deserialize_with = "named")]
    pod_replacement_policy: Option<Option<String>>,
    #[serde(deserialize_with = "named")]
    managed_by: Option<Option<String>>,
}

#[allow(clippy::option_option)] // missing, null and a value are three things
fn named<'de, D, T>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(from).map(Some)
}

impl PatchWords {
    pub(super) fn patch(&self) -> Result<JobPatch, String> {
        let spec = &self.spec;
        let replacement = |text: &String| match text.as_str() {
            "Failed" => Ok(PodReplacementPolicy::Failed),
            "TerminatingOrFailed" => Ok(PodReplacementPolicy::TerminatingOrFailed),
            _ => Err(format!("{text:?} is no podReplacementPolicy")),
        };
        let policy = match &spec.pod_replacement_policy {
            Some(policy) => Some(policy.as_ref().map(replacement).transpose()?),
            None => None,
        };
        Ok(JobPatch {
            parallelism: spec.parallelism,
            completions: spec.completions,
            suspend: spec.suspend,
            active_deadline_seconds: spec.active_deadline_seconds,
            ttl_seconds_after_finished: spec.ttl_seconds_after_finished,
            backoff_limit: spec.backoff_limit,
            backoff_limit_per_index: spec.backoff_limit_per_index,
            max_failed_indexes: spec.max_failed_indexes,
            pod_replacement_policy: policy,
            managed_by: spec.managed_by.clone(),
        })
    }
}

/// Requests that fail for a while.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultWords {
    from: Time,
    to: Time,
    verb: String,
    resource: String,
    code: u16,
}

impl FaultWords {
    pub(super) fn fault(&self) -> Result<Fault, String> {
        Ok(Fault {
            from: self.from.0,
            to: self.to.0,
            outage: requests(&self.verb, &self.resource, self.code)?,
        })
    }
}

/// Requests that fail.
pub(super) fn requests(verb: &str, resource: &str, code: u16) -> Result<Outage, String> {
    let verb = match verb {
        "create" => Verb::Create,
        "get" => Verb::Get,
        "update" => Verb::Update,
        "patch" => Verb::Patch,
        "delete" => Verb::Delete,
        other => {
            return Err(format!(
                "{other:?} is no verb: create, get, update, patch or delete"
            ));
        }
    };
    let resource = match resource {
        "jobs" => Resource::Jobs,
        "jobs/status" => Resource::JobsStatus,
        "pods" => Resource::Pods,
        "events" => Resource::Events,
        other => {
            return Err(format!(
                "{other:?} is no resource: jobs, jobs/status, pods or events"
            ));
        }
    };
    Ok(Outage::Requests {
        verb,
        resource,
        code,
    })
}
