//! An accepted manifest becomes a Job of the model.

mod affinity;
mod container;
mod pod;
mod volume;

use std::collections::BTreeMap;

use super::twin;
use crate::base::IndexSet;
use crate::model;

/// Indexes that a success policy may name: a set of them takes a bit for each below its largest.
pub(super) const INDEXES: u32 = 100_000_000;

/// The pod template of a JSON value that nobody has checked.
pub(super) fn pod_template(json: &str) -> Result<model::PodTemplate, serde_json::Error> {
    serde_json::from_str(json).map(pod::template)
}

/// The Job of a manifest that has passed validation. A value that validation should not have let
/// pass is cut to the nearest that means something.
pub(super) fn job(name: String, namespace: String, spec: twin::JobSpec) -> model::Job {
    let completions = spec.completions.map(count);
    let bound = completions.unwrap_or(0).min(INDEXES);
    let failure = |policy: twin::PodFailurePolicy| {
        policy
            .rules
            .unwrap_or_default()
            .0
            .into_iter()
            .map(failure_rule)
    };
    let success = |policy: twin::SuccessPolicy| {
        policy
            .rules
            .unwrap_or_default()
            .0
            .into_iter()
            .map(move |rule| success_rule(rule, bound))
    };
    let spec = model::JobSpec {
        parallelism: count(spec.parallelism.unwrap_or(1)),
        completions,
        completion_mode: match spec.completion_mode.as_deref() {
            Some("Indexed") => model::CompletionMode::Indexed,
            _ => model::CompletionMode::NonIndexed,
        },
        backoff_limit: count(spec.backoff_limit.unwrap_or_default()),
        backoff_limit_per_index: spec.backoff_limit_per_index.map(count),
        max_failed_indexes: spec.max_failed_indexes.map(count),
        active_deadline_seconds: spec.active_deadline_seconds,
        ttl_seconds_after_finished: spec.ttl_seconds_after_finished.map(i64::from),
        suspend: spec.suspend.unwrap_or_default(),
        pod_failure_policy: spec
            .pod_failure_policy
            .map(|policy| failure(policy).collect()),
        success_policy: spec.success_policy.map(|policy| success(policy).collect()),
        pod_replacement_policy: match spec.pod_replacement_policy.as_deref() {
            Some("Failed") => model::PodReplacementPolicy::Failed,
            _ => model::PodReplacementPolicy::TerminatingOrFailed,
        },
        managed_by: spec.managed_by,
        template: pod::template(spec.template),
    };
    model::Job {
        name,
        namespace,
        spec,
    }
}

fn count(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

fn failure_rule(rule: twin::FailureRule) -> model::FailureRule {
    let action = match rule.action.as_str() {
        "FailJob" => model::FailureAction::FailJob,
        "FailIndex" => model::FailureAction::FailIndex,
        "Ignore" => model::FailureAction::Ignore,
        _ => model::FailureAction::Count,
    };
    let on = if let Some(codes) = rule.on_exit_codes {
        model::FailureMatch::ExitCodes {
            container: codes.container_name,
            operator: match codes.operator.as_str() {
                "NotIn" => model::Operator::NotIn,
                _ => model::Operator::In,
            },
            values: codes.values.unwrap_or_default().0,
        }
    } else {
        let conditions = rule.on_pod_conditions.0.into_iter();
        let pairs = conditions.map(|condition| (condition.kind, condition.status));
        model::FailureMatch::PodConditions(pairs.collect())
    };
    model::FailureRule { action, on }
}

fn success_rule(rule: twin::SuccessRule, bound: u32) -> model::SuccessRule {
    let indexes = rule.succeeded_indexes.map(|text| {
        let set = IndexSet::parse_below(&text, bound);
        model::IndexList { text, set }
    });
    model::SuccessRule {
        succeeded_indexes: indexes,
        succeeded_count: rule.succeeded_count.map(count),
    }
}

/// A number that cannot be negative, within 32 bits.
fn cut(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// A period of grace, of which a negative one means the shortest that there is.
fn grace(seconds: i64) -> u32 {
    cut(if seconds < 0 { 1 } else { seconds })
}

/// A text of which an empty one says nothing.
fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn texts(map: twin::TextMap) -> BTreeMap<String, String> {
    map.0
}

fn quantity(written: &twin::Quantity) -> model::Quantity {
    model::Quantity::parse(&written.0).unwrap_or(model::Quantity::ZERO)
}

fn resources(all: twin::Quantities) -> model::Resources {
    let pairs = all.0.into_iter();
    pairs
        .map(|(name, written)| (name, quantity(&written)))
        .collect()
}

#[cfg(test)]
mod tests;
