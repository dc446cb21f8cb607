//! An accepted manifest becomes a Job of the model.

use super::twin;
use crate::base::IndexSet;
use crate::model;

/// Indexes that a success policy may name: a set of them takes a bit for each below its largest.
pub(super) const INDEXES: u32 = 100_000_000;

/// The Job of a manifest that has passed validation. A value that validation should not have let
/// pass is cut to the nearest that means something.
pub(super) fn job(name: String, namespace: String, spec: twin::JobSpec) -> model::Job {
    let completions = spec.completions.map(count);
    let bound = completions.unwrap_or(0).min(INDEXES);
    let failure = |policy: twin::PodFailurePolicy| policy.rules.0.into_iter().map(failure_rule);
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
        template: template(spec.template.spec),
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

fn template(spec: twin::PodSpec) -> model::PodTemplate {
    let containers = |all: twin::List<twin::Container>| all.0.into_iter().map(container).collect();
    // A negative period means the shortest that there is.
    let grace = match spec.termination_grace_period_seconds.unwrap_or_default() {
        ..0 => 1,
        seconds => seconds.unsigned_abs(),
    };
    model::PodTemplate {
        restart_policy: match spec.restart_policy.as_str() {
            "OnFailure" => model::RestartPolicy::OnFailure,
            _ => model::RestartPolicy::Never,
        },
        termination_grace_period_seconds: u32::try_from(grace).unwrap_or(u32::MAX),
        containers: containers(spec.containers),
        init_containers: containers(spec.init_containers),
        ..model::PodTemplate::default()
    }
}

fn container(container: twin::Container) -> model::Container {
    let env = container.env.0.into_iter();
    let literal = |var: twin::EnvVar| {
        let value = var.value_from.is_none().then_some(var.value);
        (var.name, value)
    };
    model::Container {
        name: container.name,
        image: container.image,
        env: env.map(literal).collect(),
        sidecar: container.restart_policy.as_deref() == Some("Always"),
        ..model::Container::default()
    }
}
