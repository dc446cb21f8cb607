//! The vocabulary of recordings of clusters: nodes, disruption budgets and what happens to them.

use super::times::Time;
use super::words::{PatchWords, pod_label, propagation};
use crate::base::Span;
use crate::fault::{Absence, Action, Deed, NodeTarget, PodLabel};
use crate::model::{
    Amount, Availability, DisruptionBudget, Effect, LabelSelector, LabelTest, Node, Quantity,
    Requirement, Resources, Taint,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A node.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeWords {
    name: String,
    cpu: Option<String>,
    memory: Option<String>,
    pods: Option<u32>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    zone: Option<String>,
    #[serde(default)]
    taints: Vec<TaintWords>,
    #[serde(default)]
    heartbeat: Option<Time>,
}

/// A taint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaintWords {
    key: String,
    #[serde(default)]
    value: String,
    effect: String,
}

impl NodeWords {
    pub(super) fn node(&self) -> Result<Node, String> {
        let mut node = Node::named(self.name.as_str());
        node.labels.extend(self.labels.clone());
        if let Some(zone) = &self.zone {
            node.labels.insert(Node::ZONE.to_owned(), zone.clone());
        }
        let amounts = [("cpu", &self.cpu), ("memory", &self.memory)];
        let amounts = amounts
            .iter()
            .filter_map(|(name, it)| Some((*name, it.as_ref()?)));
        let amounts: Result<Vec<_>, String> = amounts
            .map(|(name, text)| {
                let quantity = Quantity::parse(text);
                let quantity = quantity.ok_or_else(|| format!("{text:?} is no quantity"));
                Ok((name, quantity?))
            })
            .collect();
        node.allocatable = amounts?.into_iter().collect::<Resources>();
        node.pods = self.pods.unwrap_or(Node::PODS);
        node.heartbeat = self.heartbeat.as_ref().map_or(Span::ZERO, |it| it.0);
        let taints: Result<_, _> = self.taints.iter().map(TaintWords::taint).collect();
        node.taints = taints?;
        Ok(node)
    }
}

impl TaintWords {
    fn taint(&self) -> Result<Taint, String> {
        Ok(Taint {
            key: self.key.clone(),
            value: self.value.clone(),
            effect: effect(&self.effect)?,
        })
    }
}

fn effect(text: &str) -> Result<Effect, String> {
    let all = [
        Effect::NoSchedule,
        Effect::PreferNoSchedule,
        Effect::NoExecute,
    ];
    let found = all.into_iter().find(|it| it.as_str() == text);
    found.ok_or_else(|| format!("{text:?} is no effect: NoSchedule, PreferNoSchedule or NoExecute"))
}

/// A disruption budget.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BudgetWords {
    name: String,
    spec: BudgetSpecWords,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BudgetSpecWords {
    selector: Option<SelectorWords>,
    min_available: Option<AmountWords>,
    max_unavailable: Option<AmountWords>,
    unhealthy_pod_eviction_policy: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct SelectorWords {
    match_labels: BTreeMap<String, String>,
    match_expressions: Vec<RequirementWords>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementWords {
    key: String,
    operator: String,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum AmountWords {
    Count(u32),
    Percent(String),
}

impl BudgetWords {
    pub(super) fn budget(&self) -> Result<DisruptionBudget, String> {
        let spec = &self.spec;
        let amount = |it: &Option<AmountWords>| it.as_ref().map(AmountWords::amount).transpose();
        let wants = match (amount(&spec.min_available)?, amount(&spec.max_unavailable)?) {
            (Some(_), Some(_)) => {
                return Err("minAvailable and maxUnavailable cannot be both set".to_owned());
            }
            (Some(least), None) => Some(Availability::Min(least)),
            (None, Some(most)) => Some(Availability::MaxUnavailable(most)),
            (None, None) => None,
        };
        let selector = spec.selector.as_ref().map(SelectorWords::selector);
        Ok(DisruptionBudget {
            name: self.name.clone(),
            selector: selector.transpose()?,
            wants,
            unhealthy_may_go: match spec.unhealthy_pod_eviction_policy.as_deref() {
                None | Some("IfHealthyBudget") => false,
                Some("AlwaysAllow") => true,
                Some(other) => {
                    return Err(format!(
                        "{other:?} is no unhealthyPodEvictionPolicy: IfHealthyBudget or \
                         AlwaysAllow"
                    ));
                }
            },
        })
    }
}

impl AmountWords {
    fn amount(&self) -> Result<Amount, String> {
        match self {
            Self::Count(count) => Ok(Amount::Count(*count)),
            Self::Percent(text) => {
                let percent = text.strip_suffix('%').and_then(|it| it.parse().ok());
                let percent = percent.ok_or_else(|| format!("{text:?} is no percentage"));
                Ok(Amount::Percent(percent?))
            }
        }
    }
}

impl SelectorWords {
    fn selector(&self) -> Result<LabelSelector, String> {
        let expressions = self.match_expressions.iter().map(|it| {
            let values = it.values.clone();
            let test = match it.operator.as_str() {
                "In" => LabelTest::In(values),
                "NotIn" => LabelTest::NotIn(values),
                "Exists" => LabelTest::Exists,
                "DoesNotExist" => LabelTest::DoesNotExist,
                other => {
                    return Err(format!(
                        "{other:?} is no operator: In, NotIn, Exists or DoesNotExist"
                    ));
                }
            };
            Ok(Requirement {
                key: it.key.clone(),
                test,
            })
        });
        Ok(LabelSelector {
            labels: self.match_labels.clone(),
            expressions: expressions.collect::<Result<_, String>>()?,
        })
    }
}

/// Something that happens to the cluster; exactly one field beside `at` is set.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeedWords {
    at: Time,
    node_down: Option<String>,
    node_up: Option<String>,
    delete_node: Option<String>,
    add_node: Option<NodeWords>,
    cordon: Option<String>,
    uncordon: Option<String>,
    taint: Option<TaintedWords>,
    untaint: Option<UntaintedWords>,
    out_of_service: Option<String>,
    drain: Option<String>,
    evict: Option<String>,
    delete_pod: Option<String>,
    patch_job: Option<JobPatchWords>,
    delete_job: Option<JobDeletionWords>,
}

#[derive(Clone, Debug, Deserialize)]
struct TaintedWords {
    node: String,
    #[serde(flatten)]
    taint: TaintWords,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UntaintedWords {
    node: String,
    key: String,
    effect: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JobPatchWords {
    job: String,
    patch: PatchWords,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JobDeletionWords {
    job: String,
    policy: String,
}

impl DeedWords {
    /// The action; `jobs` are the names of the scenario's Jobs.
    pub(super) fn action(&self, jobs: &[&str]) -> Result<Action, String> {
        let mut deeds: Vec<(usize, Deed)> = Vec::new();
        let named = |name: &String| NodeTarget::Named(name.clone());
        let mut node = |name: &Option<String>, deed: &dyn Fn(NodeTarget) -> Deed| {
            deeds.extend(name.as_ref().map(|it| (0, deed(named(it)))));
        };
        node(&self.node_down, &|it| {
            Deed::NodeDown(it, Absence::Cut, None)
        });
        node(&self.node_up, &Deed::NodeUp);
        node(&self.delete_node, &Deed::DeleteNode);
        node(&self.cordon, &Deed::Cordon);
        node(&self.uncordon, &Deed::Uncordon);
        node(&self.out_of_service, &Deed::OutOfService);
        node(&self.drain, &Deed::Drain);
        if let Some(words) = &self.add_node {
            deeds.push((0, Deed::AddNode(Box::new(words.node()?))));
        }
        if let Some(TaintedWords { node, taint }) = &self.taint {
            deeds.push((0, Deed::Taint(named(node), taint.taint()?)));
        }
        if let Some(it) = &self.untaint {
            let effect = it.effect.as_deref().map(effect).transpose()?;
            deeds.push((0, Deed::Untaint(named(&it.node), it.key.clone(), effect)));
        }
        if let Some(text) = &self.evict {
            let (job, pod) = pod_of(text, jobs)?;
            deeds.push((job, Deed::Evict(pod)));
        }
        if let Some(text) = &self.delete_pod {
            let (job, pod) = pod_of(text, jobs)?;
            deeds.push((job, Deed::DeletePod(pod)));
        }
        if let Some(it) = &self.patch_job {
            deeds.push((place(&it.job, jobs)?, Deed::Patch(it.patch.patch()?)));
        }
        if let Some(it) = &self.delete_job {
            let deed = Deed::DeleteJob(propagation(&it.policy)?);
            deeds.push((place(&it.job, jobs)?, deed));
        }
        match (deeds.pop(), deeds.pop()) {
            (Some((job, deed)), None) => Ok(Action {
                at: self.at.0,
                job,
                deed,
            }),
            (None, _) => Err("an event says nothing".to_owned()),
            _ => Err("an event does two things: write two events".to_owned()),
        }
    }
}

/// The place of a Job in the scenario.
fn place(name: &str, jobs: &[&str]) -> Result<usize, String> {
    let place = jobs.iter().position(|it| *it == name);
    place.ok_or_else(|| format!("there is no Job {name:?}"))
}

/// `JOB/3` is the fourth pod of that Job, `JOB/2.0` the first pod of its index 2.
pub(super) fn pod_of(text: &str, jobs: &[&str]) -> Result<(usize, PodLabel), String> {
    let parts = text.split_once('/');
    let (job, label) = parts.ok_or_else(|| format!("{text:?} names no pod: write JOB/3"))?;
    Ok((place(job, jobs)?, pod_label(label)?))
}
