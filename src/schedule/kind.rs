//! What the scheduler reads of a pod. Pods that are alike share it: those of one Job are of one
//! kind, so that what is worked out for one of them holds for all.

use super::amounts::{Amounts, Resource};
use super::topology::{KeyId, Topology};
use crate::model::{
    Affinity, HostPort, LabelSelector, LabelTest, Node, PodTemplate, PodTerm, PreemptionPolicy,
    Requirement, Resources, SpreadConstraint, Taint, Toleration,
};
use std::collections::BTreeMap;

/// A kind of pods, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub u32);

impl KindId {
    pub(super) const fn slot(self) -> usize {
        self.0 as usize
    }
}

/// Pods that are alike to the scheduler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodKind {
    /// `metadata.namespace`
    pub namespace: String,
    /// `metadata.labels`
    pub labels: BTreeMap<String, String>,
    /// `spec.priority`
    pub priority: i32,
    /// Whether pods of lower priority have to make room (S30).
    pub preempts: bool,
    /// What is set aside for it (S15).
    pub requests: Resources,
    /// The same as scores see it: thousandths of a core and bytes of memory (S24).
    pub scored: (u64, u64),
    /// Taints that it bears.
    pub tolerations: Vec<Toleration>,
    /// Labels that the node must have.
    pub node_selector: BTreeMap<String, String>,
    /// Which nodes and neighbours it wants.
    pub affinity: Affinity,
    /// How evenly such pods are to be spread.
    pub spread: Vec<SpreadConstraint>,
    /// Ports of the node that it takes.
    pub ports: Vec<HostPort>,
    /// The images of its containers and init containers, with their tags.
    pub images: Vec<String>,
    /// Selector of the services that it belongs to, if any: by that it is spread where it does not
    /// say how (S27).
    pub services: Option<LabelSelector>,
}

impl PodKind {
    /// The kind of pods made from a template, with those labels.
    #[must_use]
    pub fn of(template: &PodTemplate, namespace: &str, labels: BTreeMap<String, String>) -> Self {
        let all = || template.containers.iter().chain(&template.init_containers);
        let lasting = |init: &bool| !*init;
        let ports = (template.containers.iter().map(|it| (it, false)))
            .chain((template.init_containers.iter()).map(|it| (it, !it.sidecar)))
            .filter(|(_, init)| lasting(init))
            .flat_map(|(it, _)| it.host_ports.iter().cloned());
        let scored = template.scoring_requests();
        Self {
            namespace: namespace.to_owned(),
            priority: template.priority.unwrap_or(0),
            preempts: template.preemption_policy != Some(PreemptionPolicy::Never),
            requests: template.effective_requests(),
            scored: (scored.milli_cpu.unwrap_or(0), scored.memory.unwrap_or(0)),
            tolerations: template.tolerations.clone(),
            node_selector: template.node_selector.clone(),
            affinity: template.affinity.clone(),
            spread: template.spread.clone(),
            ports: ports.collect(),
            images: all().map(|it| tagged(&it.image)).collect(),
            services: None,
            labels,
        }
    }

    /// Whether it bears every taint that keeps pods away.
    pub(super) fn bears(&self, taints: &[Taint]) -> bool {
        self.first_unborne(taints).is_none()
    }

    /// The place of the first taint that keeps it away.
    pub(super) fn first_unborne(&self, taints: &[Taint]) -> Option<usize> {
        use crate::model::Effect::PreferNoSchedule;
        let keeps = |it: &Taint| it.effect != PreferNoSchedule && !self.tolerates(it);
        taints.iter().position(keeps)
    }

    pub(super) fn tolerates(&self, taint: &Taint) -> bool {
        self.tolerations.iter().any(|it| it.tolerates(taint))
    }

    /// Whether the node has what the pod's selector and its required node affinity ask for.
    pub(super) fn wants(&self, node: &Node) -> bool {
        let has = |(key, value): (&String, &String)| node.labels.get(key) == Some(value);
        let terms = self.affinity.required.as_ref();
        self.node_selector.iter().all(has)
            && terms.is_none_or(|all| all.iter().any(|it| it.matches(&node.name, &node.labels)))
    }

    /// The nodes to which its required node affinity limits it by name, if it does (S18).
    fn names(&self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for term in self
            .affinity
            .required
            .as_ref()
            .filter(|it| !it.is_empty())?
        {
            names.extend(term.names()?.into_iter().map(str::to_owned));
        }
        names.sort_unstable();
        names.dedup();
        Some(names)
    }
}

/// An image's name as nodes report it: with a tag (S26).
pub(super) fn tagged(image: &str) -> String {
    let last = image.rfind('/').map_or(image, |slash| &image[slash + 1..]);
    if last.contains(':') || image.contains('@') {
        image.to_owned()
    } else {
        format!("{image}:latest")
    }
}

/// A kind with its names turned into numbers.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) told: PodKind,
    pub(super) asks: Amounts,
    pub(super) hard: Vec<Constraint>,
    pub(super) soft: Vec<Constraint>,
    pub(super) near: Vec<Term>,
    pub(super) rather_near: Vec<Term>,
    pub(super) apart: Vec<Term>,
    pub(super) rather_apart: Vec<Term>,
    /// Whether it asks anything of a node's labels or name.
    pub(super) picky: bool,
    /// The only nodes that it may go to, by name.
    pub(super) names: Option<Vec<String>>,
}

/// A spread constraint.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub(super) key: KeyId,
    /// Each node is a place of its own.
    pub(super) by_node: bool,
    pub(super) max_skew: i64,
    pub(super) min_domains: usize,
    pub(super) selector: Option<LabelSelector>,
    pub(super) honors_affinity: bool,
    pub(super) honors_taints: bool,
}

/// A term about other pods.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) key: KeyId,
    pub(super) weight: i64,
    selector: Option<LabelSelector>,
    namespaces: Vec<String>,
    namespace_selector: Option<LabelSelector>,
}

/// The labels of namespaces, by name.
pub(super) type Namespaces = BTreeMap<String, BTreeMap<String, String>>;

impl Term {
    /// Whether such pods are meant (S20).
    pub(super) fn matches(&self, pod: &Kind, namespaces: &Namespaces) -> bool {
        let named = self.namespaces.contains(&pod.told.namespace);
        let unknown = BTreeMap::new();
        let selected = || {
            let labels = namespaces.get(&pod.told.namespace).unwrap_or(&unknown);
            let selector = self.namespace_selector.as_ref();
            selector.is_some_and(|it| it.matches(labels))
        };
        (named || selected()) && self.selects(pod)
    }

    /// The same without a look at the labels of namespaces, as queueing hints have it (S8).
    pub(super) fn matches_blindly(&self, pod: &Kind) -> bool {
        let selector = self.namespace_selector.as_ref();
        let selected = selector.is_some_and(|it| it.matches(&BTreeMap::new()));
        (selected || self.namespaces.contains(&pod.told.namespace)) && self.selects(pod)
    }

    fn selects(&self, pod: &Kind) -> bool {
        let selector = self.selector.as_ref();
        selector.is_some_and(|it| it.matches(&pod.told.labels))
    }
}

impl Constraint {
    /// Whether pods of that kind are counted by a pod of that namespace (S16).
    pub(super) fn counts(&self, pod: &PodKind, namespace: &str) -> bool {
        pod.namespace == namespace
            && self
                .selector
                .as_ref()
                .is_some_and(|it| !asks_nothing(it) && it.matches(&pod.labels))
    }

    /// Whether a pod with those labels is one of those that the constraint is about.
    pub(super) fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        self.selector.as_ref().is_some_and(|it| it.matches(labels))
    }
}

fn asks_nothing(selector: &LabelSelector) -> bool {
    selector.labels.is_empty() && selector.expressions.is_empty()
}

impl Kind {
    pub(super) fn new(
        told: PodKind,
        topology: &mut Topology,
        resource: impl FnMut(&str) -> Resource,
    ) -> Self {
        let asks = Amounts::of(&told.requests, 0, resource);
        let mut terms = |all: Vec<(u32, &PodTerm)>| -> Vec<Term> {
            let each = all.into_iter();
            each.map(|(weight, it)| term(weight, it, &told, topology))
                .collect()
        };
        let wanted = &told.affinity;
        let required = |all: &'_ [PodTerm]| all.to_vec();
        let near = required(&wanted.near);
        let apart = required(&wanted.apart);
        let near = terms(near.iter().map(|it| (1, it)).collect());
        let apart = terms(apart.iter().map(|it| (1, it)).collect());
        let rather_near = terms(
            wanted
                .rather_near
                .iter()
                .map(|it| (it.weight, &it.term))
                .collect(),
        );
        let rather_apart = terms(
            wanted
                .rather_apart
                .iter()
                .map(|it| (it.weight, &it.term))
                .collect(),
        );
        let (hard, soft) = constraints(&told, topology);
        Self {
            asks,
            hard,
            soft,
            near,
            rather_near,
            apart,
            rather_apart,
            picky: !told.node_selector.is_empty() || told.affinity.required.is_some(),
            names: told.names(),
            told,
        }
    }

    /// Whether it says anything about other pods.
    pub(super) fn is_sociable(&self) -> bool {
        !(self.near.is_empty()
            && self.rather_near.is_empty()
            && self.apart.is_empty()
            && self.rather_apart.is_empty())
    }
}

fn term(weight: u32, term: &PodTerm, owner: &PodKind, topology: &mut Topology) -> Term {
    let mut namespaces = term.namespaces.clone();
    if namespaces.is_empty() && term.namespace_selector.is_none() {
        namespaces.push(owner.namespace.clone());
    }
    let mut selector = term.selector.clone();
    let keys = (term.match_label_keys.iter().map(|it| (it, true)))
        .chain(term.mismatch_label_keys.iter().map(|it| (it, false)));
    for (key, same) in keys {
        add_key(&mut selector, key, same, &owner.labels);
    }
    Term {
        key: topology.key(&term.topology_key),
        weight: i64::from(weight),
        selector,
        namespaces,
        namespace_selector: term.namespace_selector.clone(),
    }
}

/// Asks that a label of the pod's be the same, or not the same, if the pod has it.
fn add_key(
    selector: &mut Option<LabelSelector>,
    key: &str,
    same: bool,
    labels: &BTreeMap<String, String>,
) {
    if let (Some(selector), Some(value)) = (selector, labels.get(key)) {
        let values = vec![value.clone()];
        selector.expressions.push(Requirement {
            key: key.to_owned(),
            test: if same {
                LabelTest::In(values)
            } else {
                LabelTest::NotIn(values)
            },
        });
    }
}

/// Hard and soft constraints; without any, those of the system for pods of services (S27).
fn constraints(told: &PodKind, topology: &mut Topology) -> (Vec<Constraint>, Vec<Constraint>) {
    let mut one = |it: &SpreadConstraint| {
        let mut selector = it.selector.clone();
        for key in &it.match_label_keys {
            add_key(&mut selector, key, true, &told.labels);
        }
        Constraint {
            key: topology.key(&it.topology_key),
            by_node: it.topology_key == Node::HOSTNAME,
            max_skew: i64::from(it.max_skew),
            min_domains: it.min_domains as usize,
            selector,
            honors_affinity: it.honors_affinity,
            honors_taints: it.honors_taints,
        }
    };
    if told.spread.is_empty() {
        let default = |(key, max_skew): (&str, u32)| SpreadConstraint {
            max_skew,
            topology_key: key.to_owned(),
            hard: false,
            selector: told.services.clone(),
            min_domains: 1,
            honors_affinity: true,
            honors_taints: false,
            match_label_keys: Vec::new(),
        };
        let all = [(Node::HOSTNAME, 3), (Node::ZONE, 5)].map(default);
        let known = told.services.is_some();
        let soft = all.iter().filter(|_| known).map(one).collect();
        return (Vec::new(), soft);
    }
    let (hard, soft): (Vec<_>, Vec<_>) = told.spread.iter().partition(|it| it.hard);
    let hard = hard.into_iter().map(&mut one).collect();
    (hard, soft.into_iter().map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_get_the_tag_that_nodes_report() {
        for (written, reported) in [
            ("busybox", "busybox:latest"),
            ("busybox:1", "busybox:1"),
            ("registry:5000/team/app", "registry:5000/team/app:latest"),
            ("registry:5000/team/app:v2", "registry:5000/team/app:v2"),
            ("app@sha256:00", "app@sha256:00"),
        ] {
            assert_eq!(tagged(written), reported);
        }
    }

    #[test]
    fn names_limit_the_nodes_only_if_every_term_has_some() {
        let kind = |terms: &[&[&str]]| {
            let named = |names: &&[&str]| crate::model::NodeTerm {
                labels: Vec::new(),
                fields: names
                    .iter()
                    .map(|name| crate::model::NodeRequirement {
                        key: "metadata.name".to_owned(),
                        test: crate::model::NodeTest::In(vec![(*name).to_owned()]),
                    })
                    .collect(),
            };
            let mut kind = PodKind::of(&PodTemplate::default(), "default", BTreeMap::new());
            kind.affinity.required = Some(terms.iter().map(named).collect());
            kind.names()
        };
        let some = |names: &[&str]| Some(names.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(kind(&[&["b"], &["a"]]), some(&["a", "b"]));
        assert_eq!(kind(&[&["b"], &[]]), None);
        assert_eq!(kind(&[&["a", "b"]]), some(&[]));
        assert_eq!(kind(&[]), None);
    }
}
