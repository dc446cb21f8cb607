//! A run of the scheduler alone in steps, as recordings of kube-scheduler have it: two for each
//! instant at most, what the scenario did and then the attempt.

use super::steps::{is_default, short_number};
use crate::schedule::{Attempt, Details, NodeKey, Outcome, PodKey};
use crate::sim::{BareWorld, Effect, Moment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most feasible nodes whose order and scores are written out.
const MANY: usize = 40;

/// One step. Recordings say besides which pod moved to which queue; that explains, and is not
/// compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SchedulerStep {
    /// Seconds after the origin.
    #[serde(serialize_with = "short_number")]
    pub t: f64,
    /// The attempt.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<AttemptState>,
    /// Pods that were bound, and to which node.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bound: BTreeMap<String, String>,
    /// Pods whose condition PodScheduled=False appeared or changed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unschedulable: BTreeMap<String, ConditionState>,
    /// Pods whose nominated node changed; empty for none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub nominated: BTreeMap<String, String>,
    /// Pods that became the target of a disruption, with its reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub evicted: BTreeMap<String, String>,
    /// Pods that were asked to terminate, with their grace period.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub terminating: BTreeMap<String, u32>,
    /// Pods that succeeded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub finished: Vec<String>,
    /// Pods that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// The scheduler's events, other than those that an attempt speaks of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventState>,
}

/// An attempt to place a pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)] // see the recordings' own description
pub struct AttemptState {
    pub pod: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub node: String,
    #[serde(skip_serializing_if = "is_default")]
    pub feasible: usize,
    #[serde(skip_serializing_if = "is_default")]
    pub evaluated: usize,
    /// The nodes with the best total.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
    /// The feasible nodes in the order of the search.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, BTreeMap<String, i64>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Who rejected it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preempt: Option<PreemptState>,
}

/// A preemption.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PreemptState {
    /// The nominated node.
    pub node: String,
    /// The nodes that are equally good.
    pub candidates: Vec<String>,
    /// For each node that could be freed who would have to go.
    pub victims: BTreeMap<String, Vec<String>>,
    /// How many of them a disruption budget would rather keep.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pdb_violations: BTreeMap<String, usize>,
}

/// A condition PodScheduled=False.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the API's own fields
pub struct ConditionState {
    pub reason: String,
    pub message: String,
}

/// Equal events of one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // the API's own fields
pub struct EventState {
    pub reason: String,
    pub message: String,
    pub n: u32,
}

impl SchedulerStep {
    /// What can be seen of a moment.
    #[must_use]
    pub fn of(moment: &Moment, world: &BareWorld) -> Self {
        #[allow(clippy::cast_precision_loss)] // whole milliseconds
        let mut step = Self {
            t: moment.at.micros() as f64 / 1e6,
            ..Self::default()
        };
        if let Some(attempt) = &moment.attempt {
            step.attempts.push(attempt_state(attempt, world));
            if let Outcome::Skipped = attempt.outcome {
                let name = world.pod_name(attempt.pod);
                step.announce(
                    "FailedScheduling",
                    format!("skip schedule deleting pod: {name}"),
                );
            }
        }
        for effect in &moment.effects {
            step.take_in(effect, world);
        }
        step.finished.sort_unstable();
        step.removed.sort_unstable();
        step
    }

    fn take_in(&mut self, effect: &Effect, world: &BareWorld) {
        let pods = &world.scenario().pods;
        let name = |pod: usize| pods[pod].name.clone();
        let node =
            |node: Option<NodeKey>| node.map_or(String::new(), |it| world.node_name(it).to_owned());
        match effect {
            Effect::Bound(pod) => {
                self.bound.insert(name(*pod), node(world.node_of(*pod)));
            }
            Effect::Unscheduled(pod, reason, message) => {
                let condition = ConditionState {
                    reason: (*reason).to_owned(),
                    message: message.to_string(),
                };
                self.unschedulable.insert(name(*pod), condition);
            }
            Effect::Nominated(pod, on) => drop(self.nominated.insert(name(*pod), node(*on))),
            Effect::Evicted(pod, by, on) => {
                let reason = "PreemptionByScheduler".to_owned();
                self.evicted.insert(name(*pod), reason);
                let (by, on) = (name(*by), node(Some(*on)));
                self.announce(
                    "Preempted",
                    format!("Preempted by pod uid-{by} on node {on}"),
                );
            }
            Effect::Terminating(pod, grace) => drop(self.terminating.insert(name(*pod), *grace)),
            Effect::Finished(pod) => self.finished.push(name(*pod)),
            Effect::Removed(pod) => self.removed.push(name(*pod)),
        }
    }

    fn announce(&mut self, reason: &str, message: String) {
        let same = |it: &&mut EventState| it.message == message;
        match self.events.iter_mut().find(same) {
            Some(known) => known.n += 1,
            None => self.events.push(EventState {
                reason: reason.to_owned(),
                message,
                n: 1,
            }),
        }
    }

    /// Whether nothing can be seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let t = self.t;
        *self
            == Self {
                t,
                ..Self::default()
            }
    }
}

fn attempt_state(attempt: &Attempt, world: &BareWorld) -> AttemptState {
    let mut state = AttemptState {
        pod: world.pod_name(attempt.pod).to_owned(),
        ..AttemptState::default()
    };
    let untold = Details::default();
    let details = attempt.details.as_deref().unwrap_or(&untold);
    match &attempt.outcome {
        Outcome::Bound(node) => {
            world.node_name(*node).clone_into(&mut state.node);
            state.feasible = details.feasible.len();
            state.evaluated = details.evaluated;
            tell_scores(&mut state, details, world);
        }
        Outcome::Refused(refused) => {
            "Unschedulable".clone_into(&mut state.reason);
            state.message = refused.message.to_string();
            state.plugins = refused.plugins.names().map(str::to_owned).collect();
            if let Some(node) = refused
                .nominated
                .flatten()
                .or(details.equal.first().copied())
            {
                state.preempt = preempt_state(node, details, world);
            }
        }
        Outcome::Skipped => {}
    }
    state
}

fn tell_scores(state: &mut AttemptState, details: &Details, world: &BareWorld) {
    let name = |node: &NodeKey| world.node_name(*node).to_owned();
    if details.scores.is_empty() {
        state.candidates = details.feasible.iter().map(name).collect();
        return;
    }
    let totals = details.scores.iter().map(|it| it.iter().sum::<i64>());
    let most = totals.clone().max();
    let best = details.feasible.iter().zip(totals.clone());
    let best = best.filter(|(_, total)| Some(*total) == most);
    state.candidates = best.map(|(node, _)| name(node)).collect();
    state.candidates.sort_unstable();
    let many = details.feasible.len() > MANY;
    if !many {
        state.order = details.feasible.iter().map(name).collect();
    }
    let lines = details.feasible.iter().zip(&details.scores).zip(totals);
    for ((node, scores), total) in lines.filter(|(_, it)| !many || Some(*it) == most) {
        let each = Details::PLUGINS.iter().zip(scores);
        let each = each.filter(|(_, score)| !many && **score != 0);
        let mut line: BTreeMap<String, i64> = each
            .map(|(plugin, score)| ((*plugin).to_owned(), *score))
            .collect();
        line.insert("total".to_owned(), total);
        state.scores.insert(name(node), line);
    }
}

fn preempt_state(node: NodeKey, details: &Details, world: &BareWorld) -> Option<PreemptState> {
    let name = |node: &NodeKey| world.node_name(*node).to_owned();
    let pod = |pod: &PodKey| world.pod_name(*pod).to_owned();
    let all = &details.freeable;
    let violating = all.iter().filter(|it| it.violations > 0);
    (!all.is_empty()).then(|| PreemptState {
        node: name(&node),
        candidates: details.equal.iter().map(name).collect(),
        victims: all
            .iter()
            .map(|it| (name(&it.node), it.victims.iter().map(pod).collect()))
            .collect(),
        pdb_violations: violating
            .map(|it| (name(&it.node), it.violations))
            .collect(),
    })
}
