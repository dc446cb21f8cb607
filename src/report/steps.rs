//! A run in steps, as recordings of Kubernetes' controllers have it: one for each instant at
//! which something changed, taken when everything had come to rest.

use super::text;
use crate::api::{ApiServer, Notice, Refusal};
use crate::base::{IndexSet, Instant, WireTime};
use crate::control::announcer::Announcement;
use crate::model::{JobId, Pod, PodId};
use crate::sim::Recorder;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Seconds after the whole second before the Job's creation.
    #[serde(serialize_with = "short_number")]
    pub t: f64,
    /// The Job, if anything of it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<JobState>,
    /// Whether the Job disappeared in this step.
    #[serde(rename = "jobGone", default, skip_serializing_if = "is_default")]
    pub job_gone: bool,
    /// Pods that appeared or changed, by label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pods: BTreeMap<String, PodState>,
    /// Labels of pods that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// Events recorded at that instant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventState>,
    /// An action that the API server refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rejected: String,
}

/// The Job at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)] // the API's own fields
pub struct JobState {
    pub generation: u64,
    pub active: u32,
    pub ready: Option<u32>,
    pub terminating: Option<u32>,
    pub succeeded: u32,
    pub failed: u32,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub completed_indexes: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_indexes: Option<String>,
    /// Labels of uncounted pods: succeeded, failed.
    pub uncounted: [Option<Vec<String>>; 2],
    pub start_time: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_time: Option<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<ConditionState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<i32>,
}

/// One condition of the Job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the API's own fields
pub struct ConditionState {
    pub r#type: String,
    pub status: String,
    pub reason: String,
    pub message: String,
    /// `lastTransitionTime`
    pub at: i32,
}

/// A pod at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)] // the API's own fields
pub struct PodState {
    pub phase: String,
    pub created: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<i32>,
    /// Whether it has the tracking finalizer.
    pub finalizer: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub ready: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub index_failure_count: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub index_ignored_failure_count: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub restarts: u32,
}

/// Equal events of one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the API's own fields
pub struct EventState {
    pub r#type: String,
    pub reason: String,
    /// With pod names replaced by `<pod>`.
    pub message: String,
    /// How many.
    pub n: u32,
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Whole numbers without a decimal point, as the recordings have them.
#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands it over so
pub(super) fn short_number<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    #[allow(clippy::cast_possible_truncation)] // compared just below
    let whole = *value as i64;
    #[allow(clippy::cast_precision_loss, clippy::float_cmp)] // seconds are far below 2⁵³
    if whole as f64 == *value {
        to.serialize_i64(whole)
    } else {
        to.serialize_f64(*value)
    }
}

/// Records the steps of the first Job of a run.
#[derive(Clone, Debug, Default)]
pub struct StepRecorder {
    steps: Vec<Step>,
    touched: BTreeSet<PodId>,
    shown: BTreeMap<PodId, PodState>,
    job_touched: bool,
    last_job: Option<JobState>,
    gone: bool,
    events: Vec<EventState>,
    rejected: String,
}

const FIRST: JobId = JobId(0);

impl StepRecorder {
    /// Nothing recorded yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The steps so far.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The steps since the last time, for those who do not want to keep them all.
    pub fn take_steps(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.steps)
    }

    /// The steps, for keeps.
    #[must_use]
    pub fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    fn job_step(&mut self, api: &ApiServer, step: &mut Step) {
        if !std::mem::take(&mut self.job_touched) {
            return;
        }
        let stored = api.job(FIRST);
        if stored.gone {
            step.job_gone = !std::mem::replace(&mut self.gone, true);
            return;
        }
        let state = job_state(api, FIRST, &|pod| text::pod_label(api, pod));
        if self.last_job.as_ref() != Some(&state) {
            self.last_job = Some(state.clone());
            step.job = Some(state);
        }
    }

    fn pod_steps(&mut self, api: &ApiServer, step: &mut Step) {
        for pod in std::mem::take(&mut self.touched) {
            let label = || text::pod_label(api, pod);
            if api.pod_exists(pod) {
                let state = pod_state(api.pod(pod));
                if self.shown.get(&pod) != Some(&state) {
                    self.shown.insert(pod, state.clone());
                    step.pods.insert(label(), state);
                }
            } else if self.shown.remove(&pod).is_some() {
                step.removed.push(label());
            }
        }
        step.removed.sort_unstable();
    }
}

impl Recorder for StepRecorder {
    fn wrote(&mut self, _now: Instant, _api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Job(job, _) => self.job_touched |= *job == FIRST,
            Notice::Pod(change) => {
                let of_first = change
                    .new
                    .or(change.old)
                    .is_some_and(|pod| pod.job == FIRST);
                if of_first {
                    self.touched.insert(change.id);
                    // An uncounted pod that goes takes its label out of the Job's status.
                    self.job_touched |= change.new.is_none();
                }
            }
            Notice::Node(..) | Notice::Budget(_) => {}
        }
    }

    fn announced(&mut self, _now: Instant, api: &ApiServer, it: &Announcement) {
        if it.job != FIRST {
            return;
        }
        let plain = text::event_message(api, it.job, it.event, &|_| "<pod>".to_owned());
        let combined = if it.combined {
            "(combined from similar events): "
        } else {
            ""
        };
        let event = EventState {
            r#type: it.event.severity().to_owned(),
            reason: it.event.reason().to_owned(),
            message: format!("{combined}{plain}"),
            n: 1,
        };
        let same = |known: &&mut EventState| {
            known.r#type == event.r#type
                && known.reason == event.reason
                && known.message == event.message
        };
        match self.events.iter_mut().find(same) {
            Some(known) => known.n += 1,
            None => self.events.push(event),
        }
    }

    fn refused(&mut self, _now: Instant, refusal: &Refusal) {
        self.rejected = refusal.to_string();
    }

    fn came_to_rest(&mut self, now: Instant, api: &ApiServer) {
        #[allow(clippy::cast_precision_loss)] // microseconds of a run are far below 2⁵³
        let t = now.micros() as f64 / 1e6;
        let mut step = Step {
            t,
            ..Step::default()
        };
        step.events = std::mem::take(&mut self.events);
        step.events
            .sort_by_key(|it| format!("{}{}", it.reason, it.message));
        step.rejected = std::mem::take(&mut self.rejected);
        self.pod_steps(api, &mut step);
        self.job_step(api, &mut step);
        if step
            != (Step {
                t,
                ..Step::default()
            })
        {
            self.steps.push(step);
        }
    }
}

/// The Job at rest; `label` names pods.
pub(super) fn job_state(api: &ApiServer, job: JobId, label: &dyn Fn(PodId) -> String) -> JobState {
    let stored = api.job(job);
    let status = &stored.status;
    let secs = |time: Option<WireTime>| time.map(WireTime::secs);
    let labels = |pods: &[PodId]| {
        // A pod that is gone has no label any more.
        let named = pods.iter().map(|pod| {
            if api.pod_exists(*pod) {
                label(*pod)
            } else {
                String::new()
            }
        });
        let mut labels: Vec<String> = named.collect();
        labels.sort_unstable();
        (!labels.is_empty()).then_some(labels)
    };
    let by_label = |pod: PodId| format!("<{}>", label(pod));
    let conditions = status.conditions.iter().map(|it| ConditionState {
        r#type: it.kind.as_str().to_owned(),
        status: if it.status { "True" } else { "False" }.to_owned(),
        reason: it.cause.reason().to_owned(),
        message: text::condition_message(api, job, it.cause, &by_label),
        at: it.at.secs(),
    });
    JobState {
        generation: stored.generation,
        active: status.active,
        ready: status.ready,
        terminating: status.terminating,
        succeeded: status.succeeded,
        failed: status.failed,
        completed_indexes: status.completed_indexes.to_string(),
        failed_indexes: status.failed_indexes.as_ref().map(IndexSet::to_string),
        uncounted: [
            labels(&status.uncounted_succeeded),
            labels(&status.uncounted_failed),
        ],
        start_time: secs(status.start_time),
        completion_time: secs(status.completion_time),
        conditions: conditions.collect(),
        deletion_timestamp: secs(stored.deletion),
    }
}

fn pod_state(pod: &Pod) -> PodState {
    let count = |count: Option<u32>| count.map_or_else(String::new, |it| it.to_string());
    PodState {
        phase: pod.phase.as_str().to_owned(),
        created: pod.created.secs(),
        deletion_timestamp: pod.deletion.map(|it| it.at.secs()),
        finalizer: pod.finalizer,
        ready: pod.is_ready(),
        index_failure_count: count(pod.index_failures),
        index_ignored_failure_count: count(pod.ignored_failures),
        restarts: pod.restarts,
    }
}
