//! `spec.podFailurePolicy`

use super::finding::Findings;
use crate::manifest::names::qualified_flaws;
use crate::manifest::twin::{JobSpec, List, OnExitCodes, OnPodCondition, PodFailurePolicy};
use crate::model::Check;

/// Rules of a policy, and conditions of a rule.
const ITEMS: usize = 20;
/// Exit codes of a rule.
const CODES: usize = 255;

pub(super) fn check(path: &str, policy: &PodFailurePolicy, spec: &JobSpec, found: &mut Findings) {
    found.too_many(path, List::items(policy.rules.as_ref()).len(), ITEMS);
    let pod = &spec.template.spec;
    let containers = pod.containers.0.iter().chain(&pod.init_containers.0);
    let names = containers
        .map(|container| container.name.as_str())
        .collect::<Vec<_>>();
    for (index, rule) in List::items(policy.rules.as_ref()).iter().enumerate() {
        let path = format!("{path}[{index}]");
        action(&format!("{path}.action"), &rule.action, spec, found);
        if let Some(codes) = &rule.on_exit_codes {
            exit_codes(&format!("{path}.onExitCodes"), codes, &names, found);
        }
        let conditions = &rule.on_pod_conditions.0;
        let about_conditions = !conditions.is_empty();
        if about_conditions {
            pod_conditions(&format!("{path}.onPodConditions"), conditions, found);
        }
        match (rule.on_exit_codes.is_some(), about_conditions) {
            (true, true) => {
                let text = "specifying both OnExitCodes and OnPodConditions is not supported";
                found.invalid_whole(&path, text);
                found.help("make two rules of it");
            }
            (false, false) => {
                let text = "specifying one of OnExitCodes and OnPodConditions is required";
                found.invalid_whole(&path, text);
            }
            _ => {}
        }
    }
}

fn action(field: &str, action: &str, spec: &JobSpec, found: &mut Findings) {
    match action {
        "" => found.required(
            field,
            "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]",
        ),
        "FailIndex" if spec.backoff_limit_per_index.is_none() => {
            found.invalid(field, action, "requires the backoffLimitPerIndex to be set");
        }
        "Count" | "FailIndex" | "FailJob" | "Ignore" => {}
        other => {
            found.not_supported(field, other, &["Count", "FailIndex", "FailJob", "Ignore"]);
        }
    }
}

fn exit_codes(path: &str, codes: &OnExitCodes, names: &[&str], found: &mut Findings) {
    let operator = format!("{path}.operator");
    match codes.operator.as_str() {
        "" => found.required(&operator, "valid values: [\"In\" \"NotIn\"]"),
        "In" | "NotIn" => {}
        other => found.not_supported(&operator, other, &["In", "NotIn"]),
    }
    if let Some(name) = codes
        .container_name
        .as_deref()
        .filter(|name| !names.contains(name))
    {
        let text = "must be one of the container or initContainer names in the pod template";
        found.invalid(&format!("{path}.containerName"), name, text);
        found.help(&format!("the pod has: {}", names.join(", ")));
    }
    let values = List::items(codes.values.as_ref());
    let field = format!("{path}.values");
    if values.is_empty() {
        let text = "at least one value is required";
        match &codes.values {
            Some(list) => found.invalid(&field, list, text),
            // A list that is not there is printed as null, or as Go has it.
            None if found.has(Check::ValuesAsJson) => found.invalid(&field, &(), text),
            None => found.invalid_printed(&field, "[]int32(nil)", text),
        }
    }
    found.too_many(&field, values.len(), CODES);
    let mut seen = std::collections::BTreeSet::new();
    for (index, value) in values.iter().enumerate() {
        let field = format!("{field}[{index}]");
        if *value == 0 && codes.operator == "In" {
            found.invalid(&field, value, "must not be 0 for the In operator");
            found.note("a container that exits with 0 has not failed");
        }
        if !seen.insert(value) {
            found.duplicate(&field, value);
        }
    }
    if !values.is_sorted() {
        found.invalid(&field, values, "must be ordered");
    }
}

fn pod_conditions(path: &str, conditions: &[OnPodCondition], found: &mut Findings) {
    found.too_many(path, conditions.len(), ITEMS);
    for (index, condition) in conditions.iter().enumerate() {
        let path = format!("{path}[{index}]");
        for flaw in qualified_flaws(&condition.kind, found.release()) {
            found.invalid(&format!("{path}.type"), &condition.kind, &flaw);
        }
        let status = condition.status.as_str();
        if status.is_empty() {
            let text = "valid values: [\"False\" \"True\" \"Unknown\"]";
            found.required(&format!("{path}.status"), text);
        } else if !matches!(status, "True" | "False" | "Unknown") {
            let supported = ["False", "True", "Unknown"];
            found.not_supported(&format!("{path}.status"), status, &supported);
        }
    }
}
