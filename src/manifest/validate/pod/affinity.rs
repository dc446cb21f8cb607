//! Where a pod wants to be, and beside whom.

use std::collections::BTreeSet;

use crate::manifest::names::{label_flaws, subdomain_flaws};
use crate::manifest::twin::{
    Affinity, LabelSelector, List, NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm,
    PodAffinityTerm, WeightedPodAffinityTerm,
};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::labels;
use crate::manifest::validate::path::Path;
use crate::model::Check;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

pub(super) fn check(at: &Path, affinity: &Affinity, found: &mut Findings) {
    if let Some(node) = &affinity.node_affinity {
        nodes(&at.child("nodeAffinity"), node, found);
    }
    if let Some(pods) = &affinity.pod_affinity {
        let at = at.child("podAffinity");
        let required = &pods.required_during_scheduling_ignored_during_execution;
        let preferred = &pods.preferred_during_scheduling_ignored_during_execution;
        self::pods(&at, required, preferred, found);
    }
    if let Some(pods) = &affinity.pod_anti_affinity {
        let at = at.child("podAntiAffinity");
        let required = &pods.required_during_scheduling_ignored_during_execution;
        let preferred = &pods.preferred_during_scheduling_ignored_during_execution;
        self::pods(&at, required, preferred, found);
    }
}

fn nodes(at: &Path, affinity: &NodeAffinity, found: &mut Findings) {
    if let Some(required) = &affinity.required_during_scheduling_ignored_during_execution {
        let at = at.child(REQUIRED).child("nodeSelectorTerms");
        if required.node_selector_terms.is_empty() {
            found.required(&at, "must have at least one node selector term");
        }
        for (index, term) in required.node_selector_terms.iter().enumerate() {
            let values = found.has(Check::NodeAffinityValues);
            node_term(&at.at(index), term, values, found);
        }
    }
    let preferred = &affinity.preferred_during_scheduling_ignored_during_execution;
    for (index, term) in preferred.iter().enumerate() {
        let at = at.child(PREFERRED).at(index);
        weight(&at, term.weight, found);
        // A value that no label can have is only warned of here.
        node_term(&at.child("preference"), &term.preference, false, found);
    }
}

fn weight(at: &Path, weight: i32, found: &mut Findings) {
    if !(1..=100).contains(&weight) {
        found.invalid(&at.child("weight"), &weight, "must be in the range 1-100");
    }
}

fn node_term(at: &Path, term: &NodeSelectorTerm, values: bool, found: &mut Findings) {
    for (index, wanted) in term.match_expressions.iter().enumerate() {
        node_labels(
            &at.child("matchExpressions").at(index),
            wanted,
            values,
            found,
        );
    }
    for (index, wanted) in term.match_fields.iter().enumerate() {
        node_fields(&at.child("matchFields").at(index), wanted, found);
    }
}

fn node_labels(at: &Path, wanted: &NodeSelectorRequirement, values: bool, found: &mut Findings) {
    let own = at.child("values");
    match (wanted.operator.as_str(), wanted.values.len()) {
        ("In" | "NotIn", 0) => {
            found.required(&own, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        ("Exists" | "DoesNotExist", 1..) => {
            let text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            found.forbidden(&own, text);
        }
        ("Gt" | "Lt", count) if count != 1 => {
            let text = "must be specified single value when `operator` is 'Lt' or 'Gt'";
            found.required(&own, text);
        }
        ("In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt", _) => {}
        (other, _) => {
            found.invalid(
                &at.child("operator"),
                other,
                "not a valid selector operator",
            );
        }
    }
    labels::key(&at.child("key"), &wanted.key, found);
    if values {
        labels::values(&own, &wanted.values, found);
    }
}

/// The only field is the node's name.
fn node_fields(at: &Path, wanted: &NodeSelectorRequirement, found: &mut Findings) {
    match wanted.operator.as_str() {
        "In" | "NotIn" => {
            if wanted.values.len() != 1 {
                let text = "must be only one value when `operator` is 'In' or 'NotIn' for node \
                            field selector";
                found.required(&at.child("values"), text);
            }
        }
        other => found.invalid(
            &at.child("operator"),
            other,
            "not a valid selector operator",
        ),
    }
    if wanted.key != "metadata.name" {
        found.invalid(
            &at.child("key"),
            &wanted.key,
            "not a valid field selector key",
        );
        return;
    }
    for (index, value) in wanted.values.iter().enumerate() {
        found.flaws(&at.child("values").at(index), value, subdomain_flaws(value));
    }
}

fn pods(
    at: &Path,
    required: &[PodAffinityTerm],
    preferred: &[WeightedPodAffinityTerm],
    found: &mut Findings,
) {
    for (index, term) in required.iter().enumerate() {
        pod_term(&at.child(REQUIRED).at(index), term, found);
    }
    for (index, term) in preferred.iter().enumerate() {
        let at = at.child(PREFERRED).at(index);
        weight(&at, term.weight, found);
        pod_term(&at.child("podAffinityTerm"), &term.pod_affinity_term, found);
    }
}

fn pod_term(at: &Path, term: &PodAffinityTerm, found: &mut Findings) {
    let selector = term.label_selector.as_ref();
    labels::selector(&at.child("labelSelector"), selector, found);
    labels::selector(
        &at.child("namespaceSelector"),
        term.namespace_selector.as_ref(),
        found,
    );
    for namespace in &term.namespaces {
        found.flaws(&at.child("namespace"), namespace, label_flaws(namespace));
    }
    let (matching, other) = (&term.match_label_keys, &term.mismatch_label_keys);
    label_keys(at, matching, other, selector, found);
    let topology = at.child("topologyKey");
    if term.topology_key.is_empty() {
        found.required(&topology, "can not be empty");
    }
    labels::key(&topology, &term.topology_key, found);
}

/// Keys of which the pod's own values are taken.
pub(super) fn label_keys(
    at: &Path,
    matching: &List<String>,
    mismatching: &[String],
    selector: Option<&LabelSelector>,
    found: &mut Findings,
) {
    keys(&at.child("matchLabelKeys"), matching, selector, found);
    keys(&at.child("mismatchLabelKeys"), mismatching, selector, found);
    if let Some(selector) = selector {
        let mut seen: BTreeSet<&str> = selector.match_labels.keys().map(String::as_str).collect();
        for expression in &selector.match_expressions {
            let key = expression.key.as_str();
            let index = matching.iter().rposition(|it| it == key);
            if let Some(index) = index.filter(|_| seen.contains(key)) {
                let text = "exists in both matchLabelKeys and labelSelector";
                found.invalid(&at.at(index), key, text);
            }
            seen.insert(key);
        }
    }
    for (index, key) in matching
        .iter()
        .enumerate()
        .filter(|(_, it)| mismatching.contains(it))
    {
        let text = "exists in both matchLabelKeys and mismatchLabelKeys";
        found.invalid(&at.child("matchLabelKeys").at(index), key, text);
    }
}

fn keys(at: &Path, keys: &[String], selector: Option<&LabelSelector>, found: &mut Findings) {
    if keys.is_empty() {
        return;
    }
    if selector.is_none() {
        found.forbidden(at, "must not be specified when labelSelector is not set");
        return;
    }
    for (index, key) in keys.iter().enumerate() {
        labels::key(&at.at(index), key, found);
    }
}
