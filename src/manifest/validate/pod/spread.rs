//! How pods are spread over the parts of a cluster.

use std::collections::BTreeSet;

use super::affinity;
use crate::manifest::twin::{LabelSelector, TopologySpreadConstraint};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::labels;
use crate::manifest::validate::path::Path;
use crate::model::Check;

pub(super) fn check(at: &Path, all: &[TopologySpreadConstraint], found: &mut Findings) {
    for (index, one) in all.iter().enumerate() {
        let at = at.at(index);
        if one.max_skew <= 0 {
            found.invalid(
                &at.child("maxSkew"),
                &one.max_skew,
                "must be greater than zero",
            );
        }
        if one.topology_key.is_empty() {
            found.required(&at.child("topologyKey"), "can not be empty");
        }
        let when = one.when_unsatisfiable.as_str();
        let supported = ["DoNotSchedule", "ScheduleAnyway"];
        found.one_of(&at.child("whenUnsatisfiable"), when, &supported);
        let same = |it: &TopologySpreadConstraint| {
            it.topology_key == one.topology_key && it.when_unsatisfiable == when
        };
        if all[index + 1..].iter().any(same) {
            let value = format!("{{{}, {when}}}", one.topology_key);
            found.duplicate(&at.child("{topologyKey, whenUnsatisfiable}"), &value);
        }
        domains(&at.child("minDomains"), one, found);
        let policies = [
            ("nodeAffinityPolicy", &one.node_affinity_policy),
            ("nodeTaintsPolicy", &one.node_taints_policy),
        ];
        for (field, policy) in policies {
            if let Some(policy) = policy {
                found.one_of(&at.child(field), policy, &["Honor", "Ignore"]);
            }
        }
        let selector = one.label_selector.as_ref();
        if found.has(Check::SpreadKeysAreMerged) {
            affinity::label_keys(&at, &one.match_label_keys, &[], selector, found);
        } else {
            label_keys(
                &at.child("matchLabelKeys"),
                &one.match_label_keys,
                selector,
                found,
            );
        }
        labels::selector(&at.child("labelSelector"), selector, found);
    }
}

fn domains(at: &Path, one: &TopologySpreadConstraint, found: &mut Findings) {
    let Some(domains) = one.min_domains else {
        return;
    };
    if domains <= 0 {
        found.invalid(at, &domains, "must be greater than zero");
    }
    if one.when_unsatisfiable != "DoNotSchedule" {
        let text = format!(
            "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {}",
            one.when_unsatisfiable
        );
        found.invalid(at, &domains, &text);
    }
}

/// Keys of which the pod's own values are taken, before they became a part of the selector.
fn label_keys(at: &Path, keys: &[String], selector: Option<&LabelSelector>, found: &mut Findings) {
    if keys.is_empty() {
        return;
    }
    if selector.is_none() {
        found.forbidden(at, "must not be specified when labelSelector is not set");
    }
    let labels_of = |it: &LabelSelector| -> BTreeSet<String> {
        let expressions = it.match_expressions.iter().map(|it| it.key.clone());
        it.match_labels.keys().cloned().chain(expressions).collect()
    };
    let taken = selector.map(labels_of).unwrap_or_default();
    for (index, key) in keys.iter().enumerate() {
        labels::key(&at.at(index), key, found);
        if taken.contains(key) {
            let text = "exists in both matchLabelKeys and labelSelector";
            found.invalid(&at.at(index), key, text);
        }
    }
}
