//! The labels and the selector by which a Job finds its pods.

use super::finding::Findings;
use super::path::Path;
use crate::manifest::names::{label_value_flaws, qualified_flaws};
use crate::manifest::prepare::{CONTROLLER, GENERATED, NAME};
use crate::manifest::twin::{Job, LabelSelector, TextMap};
use crate::model::Release;

/// The generated labels are those of this Job. Jobs of old releases lack those with a prefix.
pub(super) fn check(job: &Job, prefixed: bool, found: &mut Findings) {
    let Some(selector) = &job.spec.selector else {
        return;
    };
    if job.spec.manual_selector == Some(true) {
        return;
    }
    let meta = &job.metadata;
    if meta.uid.is_empty() {
        found.required("metadata.uid", "");
    }
    let at = Path::new("spec.template.metadata.labels");
    let labels = &job.spec.template.metadata.labels;
    let mut expected = TextMap::default();
    for label in GENERATED {
        let value = if label.ends_with("uid") {
            &meta.uid
        } else {
            &meta.name
        };
        if !prefixed && [CONTROLLER, NAME].contains(&label) {
            continue;
        }
        let text = format!("must be '{value}'");
        match labels.get(label) {
            None => found.required(&at.at(label), &text),
            Some(other) if other != value => found.invalid(&at.at(label), labels, &text),
            Some(_) => {}
        }
        expected.insert(label.to_owned(), value.clone());
    }
    if selects(selector, &expected, found.release()) == Some(false) {
        found.invalid("spec.selector", selector, "`selector` not auto-generated");
    }
}

/// Whether a selector selects labels; nothing if it is no valid selector.
pub(super) fn selects(
    selector: &LabelSelector,
    labels: &TextMap,
    release: Release,
) -> Option<bool> {
    let is_key = |key: &str| qualified_flaws(key, release).is_empty();
    let is_value = |value: &String| label_value_flaws(value, release).is_empty();
    let mut all = true;
    for (key, value) in selector.match_labels.iter() {
        if !is_key(key) || !is_value(value) {
            return None;
        }
        all &= labels.get(key) == Some(value);
    }
    for wanted in &selector.match_expressions {
        let values = &wanted.values;
        if !is_key(&wanted.key) || !values.iter().all(is_value) {
            return None;
        }
        let value = labels.get(&wanted.key);
        let listed = value.is_some_and(|value| values.contains(value));
        all &= match (wanted.operator.as_str(), values.is_empty()) {
            ("In", false) => listed,
            ("NotIn", false) => !listed,
            ("Exists", true) => value.is_some(),
            ("DoesNotExist", true) => value.is_none(),
            _ => return None,
        };
    }
    Some(all)
}

/// Whether a stored selector has values that are no longer allowed, and so may stay.
pub(super) fn has_invalid_values(selector: Option<&LabelSelector>, release: Release) -> bool {
    let expressions = selector.map_or(&[][..], |it| &it.match_expressions);
    let mut values = expressions.iter().flat_map(|it| &it.values);
    values.any(|value| !label_value_flaws(value, release).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(selector: &str, labels: &str) -> Option<bool> {
        let selector = serde_json::from_str(selector).unwrap();
        let labels = serde_json::from_str(labels).unwrap();
        selects(&selector, &labels, Release::LATEST)
    }

    #[test]
    fn selectors_select_as_those_of_kubernetes_do() {
        let labels = r#"{"a": "1", "b": ""}"#;
        let expression = |operator: &str, values: &str| {
            let one = format!(r#"{{"key": "a", "operator": "{operator}", "values": {values}}}"#);
            answer(&format!(r#"{{"matchExpressions": [{one}]}}"#), labels)
        };
        assert_eq!(answer("{}", labels), Some(true));
        assert_eq!(
            answer(r#"{"matchLabels": {"a": "1", "b": ""}}"#, labels),
            Some(true)
        );
        assert_eq!(answer(r#"{"matchLabels": {"c": ""}}"#, labels), Some(false));
        assert_eq!(answer(r#"{"matchLabels": {"a b": ""}}"#, labels), None);
        for (operator, values, want) in [
            ("In", r#"["1", "2"]"#, Some(true)),
            ("NotIn", r#"["1"]"#, Some(false)),
            ("Exists", "[]", Some(true)),
            ("DoesNotExist", "[]", Some(false)),
            ("In", "[]", None),
            ("Exists", r#"["1"]"#, None),
            ("in", r#"["1"]"#, None),
            ("In", r#"["a b"]"#, None),
        ] {
            assert_eq!(expression(operator, values), want, "{operator} {values}");
        }
    }
}
