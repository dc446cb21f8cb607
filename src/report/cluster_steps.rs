//! A run of a whole cluster in steps, as recordings of Kubernetes' control plane have it: one for
//! each instant at which something changed, taken when everything had come to rest.

use super::steps::{JobState, is_default, job_state, short_number};
use super::text;
use crate::api::{ApiServer, Notice, Refusal, StoredBudget, StoredNode};
use crate::base::Instant;
use crate::model::{BudgetId, JobEvent, JobId, NodeId, Pod, PodId};
use crate::sim::Recorder;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One step. Pods are named `JOB/INDEX.NTH` or `JOB/NTH`, everything else by its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterStep {
    /// Seconds after the origin.
    #[serde(serialize_with = "short_number")]
    pub t: f64,
    /// Jobs that appeared or changed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub jobs: BTreeMap<String, JobState>,
    /// Jobs that disappeared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jobs_gone: Vec<String>,
    /// Pods that appeared or changed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pods: BTreeMap<String, PodState>,
    /// Pods that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// Nodes that appeared or changed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub nodes: BTreeMap<String, NodeState>,
    /// Nodes that disappeared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes_gone: Vec<String>,
    /// Disruption budgets whose status changed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pdbs: BTreeMap<String, BudgetState>,
    /// What the Job controller reported, before anything is combined or dropped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventState>,
    /// Pods whose eviction was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// Other requests of the scenario that were refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<String>,
}

/// A pod at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)] // the API's own fields
pub struct PodState {
    pub phase: String,
    pub created: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<i32>,
    /// Whether it has the tracking finalizer.
    pub finalizer: bool,
    /// `spec.nodeName`
    #[serde(skip_serializing_if = "String::is_empty")]
    pub node: String,
    /// `status.nominatedNodeName`
    #[serde(skip_serializing_if = "String::is_empty")]
    pub nominated: String,
    #[serde(skip_serializing_if = "is_default")]
    pub ready: bool,
    /// Reason of the condition DisruptionTarget=True.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub disruption: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub index_failure_count: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub index_ignored_failure_count: String,
    #[serde(skip_serializing_if = "is_default")]
    pub restarts: u32,
}

/// A node at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeState {
    /// Status of the condition Ready.
    pub ready: String,
    /// `key=value:effect`, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taints: Vec<String>,
    /// `spec.unschedulable`
    #[serde(skip_serializing_if = "is_default")]
    pub unschedulable: bool,
}

/// The status of a disruption budget at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)] // the API's own fields
pub struct BudgetState {
    pub disruptions_allowed: u32,
    pub current_healthy: u32,
    pub desired_healthy: u32,
    pub expected_pods: u32,
    /// Reason of the condition DisruptionAllowed.
    pub reason: String,
}

/// Equal events of one Job and one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)] // the API's own fields
pub struct EventState {
    pub job: String,
    pub r#type: String,
    pub reason: String,
    /// With pod names replaced by `<pod>`.
    pub message: String,
    /// How many.
    pub n: u32,
}

/// Records the steps of a cluster.
#[derive(Clone, Debug, Default)]
pub struct ClusterStepRecorder {
    steps: Vec<ClusterStep>,
    touched: BTreeSet<PodId>,
    pods: BTreeMap<PodId, PodState>,
    touched_jobs: BTreeSet<JobId>,
    jobs: BTreeMap<JobId, JobState>,
    touched_nodes: BTreeSet<NodeId>,
    nodes: BTreeMap<NodeId, NodeState>,
    touched_budgets: BTreeSet<BudgetId>,
    budgets: BTreeMap<BudgetId, BudgetState>,
    next: ClusterStep,
}

impl ClusterStepRecorder {
    /// Nothing recorded yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The steps since the last time, for those who do not want to keep them all.
    pub fn take_steps(&mut self) -> Vec<ClusterStep> {
        std::mem::take(&mut self.steps)
    }

    /// The steps, for keeps.
    #[must_use]
    pub fn into_steps(self) -> Vec<ClusterStep> {
        self.steps
    }

    fn job_steps(&mut self, api: &ApiServer) {
        for job in std::mem::take(&mut self.touched_jobs) {
            let stored = api.job(job);
            let name = || stored.job.name.clone();
            if stored.gone {
                if self.jobs.remove(&job).is_some() {
                    self.next.jobs_gone.push(name());
                }
                continue;
            }
            let state = job_state(api, job, &|pod| label(api, pod));
            if self.jobs.get(&job) != Some(&state) {
                self.jobs.insert(job, state.clone());
                self.next.jobs.insert(name(), state);
            }
        }
    }

    fn pod_steps(&mut self, api: &ApiServer) {
        for pod in std::mem::take(&mut self.touched) {
            if api.pod_exists(pod) {
                let state = pod_state(api, api.pod(pod));
                if self.pods.get(&pod) != Some(&state) {
                    self.pods.insert(pod, state.clone());
                    self.next.pods.insert(label(api, pod), state);
                }
            } else if self.pods.remove(&pod).is_some() {
                self.next.removed.push(label(api, pod));
            }
        }
    }

    fn node_steps(&mut self, api: &ApiServer) {
        for id in std::mem::take(&mut self.touched_nodes) {
            let Some(stored) = api.node(id) else { continue };
            let name = || stored.node.name.clone();
            if stored.gone {
                if self.nodes.remove(&id).is_some() {
                    self.next.nodes_gone.push(name());
                }
                continue;
            }
            let state = node_state(stored);
            if self.nodes.get(&id) != Some(&state) {
                self.nodes.insert(id, state.clone());
                self.next.nodes.insert(name(), state);
            }
        }
    }

    fn budget_steps(&mut self, api: &ApiServer) {
        for id in std::mem::take(&mut self.touched_budgets) {
            let stored = api.budget(id);
            let Some((stored, state)) = stored.and_then(|it| Some((it, budget_state(it)?))) else {
                continue;
            };
            if self.budgets.get(&id) != Some(&state) {
                self.budgets.insert(id, state.clone());
                self.next.pdbs.insert(stored.budget.name.clone(), state);
            }
        }
    }
}

impl Recorder for ClusterStepRecorder {
    fn wrote(&mut self, _now: Instant, _api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Job(job, _) => {
                self.touched_jobs.insert(*job);
            }
            Notice::Pod(change) => {
                self.touched.insert(change.id);
                // An uncounted pod that goes takes its label out of its Job's status.
                if let (Some(old), None) = (change.old, change.new) {
                    self.touched_jobs.insert(old.job);
                }
            }
            Notice::Node(node, _) => {
                self.touched_nodes.insert(*node);
            }
            Notice::Budget(budget) => {
                self.touched_budgets.insert(*budget);
            }
        }
    }

    fn reported(&mut self, _now: Instant, api: &ApiServer, job: JobId, event: JobEvent) {
        let event = EventState {
            job: api.job(job).job.name.clone(),
            r#type: event.severity().to_owned(),
            reason: event.reason().to_owned(),
            message: text::event_message(api, job, event, &|_| "<pod>".to_owned()),
            n: 1,
        };
        let same = |known: &&mut EventState| {
            (&known.job, &known.reason, &known.message)
                == (&event.job, &event.reason, &event.message)
        };
        match self.next.events.iter_mut().find(same) {
            Some(known) => known.n += 1,
            None => self.next.events.push(event),
        }
    }

    fn refused(&mut self, _now: Instant, refusal: &Refusal) {
        self.next.rejected.push(refusal.to_string());
    }

    fn kept(&mut self, _now: Instant, api: &ApiServer, pod: PodId, refusal: &Refusal) {
        match refusal {
            Refusal::Budget { .. } => self.next.refused.push(label(api, pod)),
            other => self.next.rejected.push(other.to_string()),
        }
    }

    fn came_to_rest(&mut self, now: Instant, api: &ApiServer) {
        self.job_steps(api);
        self.pod_steps(api);
        self.node_steps(api);
        self.budget_steps(api);
        if self.next == ClusterStep::default() {
            return;
        }
        let mut step = std::mem::take(&mut self.next);
        #[allow(clippy::cast_precision_loss)] // microseconds of a run are far below 2⁵³
        {
            step.t = now.micros() as f64 / 1e6;
        }
        for names in [
            &mut step.jobs_gone,
            &mut step.removed,
            &mut step.nodes_gone,
            &mut step.refused,
        ] {
            names.sort_unstable();
        }
        let order = |it: &EventState| (it.job.clone(), it.reason.clone(), it.message.clone());
        step.events.sort_by_key(order);
        self.steps.push(step);
    }
}

fn label(api: &ApiServer, pod: PodId) -> String {
    let job = &api.job(api.pod(pod).job).job.name;
    format!("{job}/{}", text::pod_label(api, pod))
}

fn pod_state(api: &ApiServer, pod: &Pod) -> PodState {
    let count = |count: Option<u32>| count.map_or_else(String::new, |it| it.to_string());
    let node = pod.node.and_then(|node| api.node(node));
    let nominated = pod.nominated.and_then(|node| api.node(node));
    PodState {
        phase: pod.phase.as_str().to_owned(),
        created: pod.created.secs(),
        deletion_timestamp: pod.deletion.map(|it| it.at.secs()),
        finalizer: pod.finalizer,
        node: node.map_or_else(String::new, |it| it.node.name.clone()),
        nominated: nominated.map_or_else(String::new, |it| it.node.name.clone()),
        ready: pod.is_ready(),
        disruption: (pod.disruption).map_or_else(String::new, |it| it.as_str().to_owned()),
        index_failure_count: count(pod.index_failures),
        index_ignored_failure_count: count(pod.ignored_failures),
        restarts: pod.restarts,
    }
}

fn node_state(stored: &StoredNode) -> NodeState {
    let taints = stored.taints.iter().map(|taint| {
        let effect = taint.effect.as_str();
        match (taint.key.as_str(), taint.value.as_str()) {
            (key, "") => format!("{key}:{effect}"),
            (key, value) => format!("{key}={value}:{effect}"),
        }
    });
    let mut taints: Vec<String> = taints.collect();
    taints.sort_unstable();
    NodeState {
        ready: stored.ready.as_str().to_owned(),
        taints,
        unschedulable: stored.unschedulable,
    }
}

fn budget_state(stored: &StoredBudget) -> Option<BudgetState> {
    let status = stored.status?;
    Some(BudgetState {
        disruptions_allowed: status.allowed,
        current_healthy: status.healthy,
        desired_healthy: status.desired,
        expected_pods: status.expected,
        reason: status.reason.as_str().to_owned(),
    })
}
