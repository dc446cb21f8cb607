//! How much room nodes have, and whether a pod may and can go there (P103, P106).

use crate::api::StoredNode;
use crate::model::{Effect, PodTemplate, Resources, Taint};
use std::collections::BTreeMap;

/// What the pods on a node have asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    pub(super) pods: u32,
    pub(super) used: Resources,
}

/// The taint of a cordoned node.
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

impl Room {
    pub(super) fn take(&mut self, asked: &Resources) {
        self.pods += 1;
        self.used = self.used.sum(asked);
    }

    /// What the node lacks for the pod, in the scheduler's words and order.
    pub(super) fn lacking<'a>(
        &'a self,
        node: &'a StoredNode,
        asked: &'a Resources,
    ) -> impl Iterator<Item = String> + 'a {
        let crowded = (self.pods >= node.node.pods).then(|| "Too many pods".to_owned());
        let short = asked.iter().filter(|(name, amount)| {
            *amount > 0
                && limit(node, name).is_some_and(|limit| {
                    self.used.get(name).unwrap_or(0).saturating_add(*amount) > limit
                })
        });
        crowded
            .into_iter()
            .chain(short.map(|(name, _)| format!("Insufficient {name}")))
    }
}

/// How much of a resource a node has: of cpu, memory and local storage without limit unless told,
/// of anything else nothing.
fn limit(node: &StoredNode, name: &str) -> Option<u64> {
    let told = node.node.allocatable.get(name);
    match name {
        "cpu" | "memory" | "ephemeral-storage" => told,
        _ => Some(told.unwrap_or(0)),
    }
}

/// Why the node does not take the pod however much room it has, in the scheduler's words.
pub(super) fn unwilling(node: &StoredNode, template: &PodTemplate) -> Option<String> {
    let tolerates = |taint: &Taint| template.tolerations.iter().any(|it| it.tolerates(taint));
    let cordoned = Taint {
        key: UNSCHEDULABLE.to_owned(),
        value: String::new(),
        effect: Effect::NoSchedule,
    };
    if template
        .node_name
        .as_ref()
        .is_some_and(|name| *name != node.node.name)
    {
        return Some("node(s) didn't match the requested node name".to_owned());
    }
    if node.unschedulable && !tolerates(&cordoned) {
        return Some("node(s) were unschedulable".to_owned());
    }
    let repels = |taint: &&Taint| taint.effect != Effect::PreferNoSchedule && !tolerates(taint);
    if let Some(Taint { key, value, .. }) = node.taints.iter().find(repels) {
        return Some(format!("node(s) had untolerated taint {{{key}: {value}}}"));
    }
    let labelled = |(key, value): (&String, &String)| node.node.labels.get(key) == Some(value);
    if !template.node_selector.iter().all(labelled) {
        return Some("node(s) didn't match Pod's node affinity/selector".to_owned());
    }
    None
}

/// `0/4 nodes are available: 1 Insufficient cpu, 3 node(s) were unschedulable.`
pub(super) fn verdict(nodes: usize, reasons: &BTreeMap<String, u32>) -> String {
    let mut each: Vec<String> = reasons
        .iter()
        .map(|(why, n)| format!("{n} {why}"))
        .collect();
    each.sort_unstable();
    if each.is_empty() {
        return "no nodes available to schedule pods".to_owned();
    }
    format!("0/{nodes} nodes are available: {}.", each.join(", "))
}
