//! Labels, and what selects them.

use super::finding::Findings;
use super::path::Path;
use crate::manifest::names::{label_value_flaws, qualified_flaws};
use crate::manifest::twin::{LabelSelector, LabelSelectorRequirement, TextMap};

/// A label's key.
pub(super) fn key(at: &Path, key: &str, found: &mut Findings) {
    found.flaws(at, key, qualified_flaws(key, found.release()));
}

/// The values of labels.
pub(super) fn values(at: &Path, values: &[String], found: &mut Findings) {
    for (index, value) in values.iter().enumerate() {
        let flaws = label_value_flaws(value, found.release());
        found.flaws(&at.at(index), value, flaws);
    }
}

/// Labels, of which all errors are about the whole map.
pub(super) fn map(at: &Path, labels: &TextMap, found: &mut Findings) {
    for (key, value) in &labels.0 {
        self::key(at, key, found);
        found.flaws(at, value, label_value_flaws(value, found.release()));
    }
}

/// A selector.
pub(super) fn selector(at: &Path, selector: Option<&LabelSelector>, found: &mut Findings) {
    let Some(selector) = selector else { return };
    map(&at.child("matchLabels"), &selector.match_labels, found);
    let at = at.child("matchExpressions");
    for (index, expression) in selector.match_expressions.iter().enumerate() {
        requirement(&at.at(index), expression, found);
    }
}

fn requirement(at: &Path, wanted: &LabelSelectorRequirement, found: &mut Findings) {
    let of_values = at.child("values");
    match wanted.operator.as_str() {
        "In" | "NotIn" if wanted.values.is_empty() => {
            let text = "must be specified when `operator` is 'In' or 'NotIn'";
            found.required(&of_values, text);
        }
        "Exists" | "DoesNotExist" if !wanted.values.is_empty() => {
            let text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            found.forbidden(&of_values, text);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => found.invalid(
            &at.child("operator"),
            other,
            "not a valid selector operator",
        ),
    }
    key(&at.child("key"), &wanted.key, found);
    values(&of_values, &wanted.values, found);
}

/// A key that has to have a prefix; errors are about the whole map.
pub(super) fn prefixed_key(at: &Path, key: &str, found: &mut Findings) {
    if key.is_empty() {
        found.required(at, "");
        return;
    }
    let flaws = qualified_flaws(key, found.release());
    if flaws.is_empty() && !key.contains('/') {
        let text = "must be a domain-prefixed key (such as \"acme.io/foo\")";
        found.invalid(at, key, text);
    }
    found.flaws(at, key, flaws);
}
