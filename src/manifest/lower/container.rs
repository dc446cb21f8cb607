//! Containers.

use super::affinity::host_port;
use super::{cut, grace, resources, some};
use crate::manifest::twin;
use crate::model::{self, ReferenceKind};

/// A container, or an init container.
pub(super) fn container(container: twin::Container, init: bool, on_host: bool) -> model::Container {
    let references = references(&container);
    let literal = |var: twin::EnvVar| {
        let value = var.value_from.is_none().then_some(var.value);
        (var.name, value)
    };
    let policy = container.restart_policy.as_deref();
    let sidecar = init && policy == Some("Always");
    let limits = resources(container.resources.limits);
    let rules = container.restart_policy_rules.0.into_iter();
    model::Container {
        image_pull_policy: match container.image_pull_policy.as_str() {
            "Always" => model::PullPolicy::Always,
            "IfNotPresent" => model::PullPolicy::IfNotPresent,
            "Never" => model::PullPolicy::Never,
            _ => model::PullPolicy::of_image(&container.image),
        },
        name: container.name,
        image: container.image,
        env: container.env.0.into_iter().map(literal).collect(),
        references,
        host_ports: (container.ports.0.into_iter())
            .filter_map(|it| host_port(it, on_host))
            .collect(),
        // The API server fills this in when it takes the pod, not when it takes the Job.
        requests: resources(container.resources.requests).or(&limits),
        limits,
        sidecar,
        restart: policy.filter(|_| !sidecar).and_then(restart),
        restart_rules: rules.filter_map(restart_rule).collect(),
        startup_probe: container.startup_probe.map(|it| probe(&it)),
        readiness_probe: container.readiness_probe.map(|it| probe(&it)),
        liveness_probe: container.liveness_probe.map(|it| probe(&it)),
        pre_stop: container.lifecycle.pre_stop.and_then(|it| hook(&it)),
        post_start: container.lifecycle.post_start.and_then(|it| hook(&it)),
        stop_signal: some(container.lifecycle.stop_signal),
    }
}

/// What the environment is taken from: whole objects first, as the kubelet does it.
fn references(container: &twin::Container) -> Vec<model::Reference> {
    let whole = container.env_from.0.iter().flat_map(|from| {
        let kinds = [
            (&from.config_map_ref, ReferenceKind::ConfigMap),
            (&from.secret_ref, ReferenceKind::Secret),
        ];
        kinds.map(|(named, kind)| Some(reference(named.as_ref()?, kind)))
    });
    let keys = container.env.0.iter().flat_map(|var| {
        let from = var.value_from.as_ref();
        let kinds = [
            (
                from.and_then(|it| it.config_map_key_ref.as_ref()),
                ReferenceKind::ConfigMap,
            ),
            (
                from.and_then(|it| it.secret_key_ref.as_ref()),
                ReferenceKind::Secret,
            ),
        ];
        kinds.map(|(named, kind)| {
            let named = named?;
            Some(model::Reference {
                key: Some(named.key.clone()),
                ..reference(named, kind)
            })
        })
    });
    whole.chain(keys).flatten().collect()
}

fn reference(named: &twin::Named, kind: ReferenceKind) -> model::Reference {
    model::Reference {
        kind,
        name: named.name.clone(),
        key: None,
        optional: named.optional.unwrap_or_default(),
    }
}

fn restart(policy: &str) -> Option<model::ContainerRestart> {
    match policy {
        "Always" => Some(model::ContainerRestart::Always),
        "OnFailure" => Some(model::ContainerRestart::OnFailure),
        "Never" => Some(model::ContainerRestart::Never),
        _ => None,
    }
}

/// A rule; one with an action or operator that does not exist matches nothing.
fn restart_rule(rule: twin::RestartRule) -> Option<model::RestartRule> {
    let action = match rule.action.as_str() {
        "Restart" => model::RestartAction::Restart,
        "RestartAllContainers" => model::RestartAction::RestartAllContainers,
        _ => return None,
    };
    let operator = match rule.exit_codes.operator.as_str() {
        "In" => model::Operator::In,
        "NotIn" => model::Operator::NotIn,
        _ => return None,
    };
    Some(model::RestartRule {
        action,
        operator,
        values: rule.exit_codes.values.0,
    })
}

fn probe(probe: &twin::Probe) -> model::Probe {
    let count = |n: i32| cut(n.into());
    let least = |n: i32| count(n).max(1);
    model::Probe {
        initial_delay_seconds: count(probe.initial_delay_seconds),
        period_seconds: least(probe.period_seconds),
        timeout_seconds: least(probe.timeout_seconds),
        success_threshold: least(probe.success_threshold),
        failure_threshold: least(probe.failure_threshold),
        termination_grace_period_seconds: probe.termination_grace_period_seconds.map(grace),
    }
}

/// A hook, in the kubelet's order if more than one is given.
fn hook(hook: &twin::Hook) -> Option<model::Hook> {
    match hook {
        twin::Hook { exec: Some(_), .. } => Some(model::Hook::Command),
        twin::Hook {
            http_get: Some(_), ..
        } => Some(model::Hook::Http),
        twin::Hook {
            sleep: Some(sleep), ..
        } => Some(model::Hook::Sleep(cut(sleep.seconds))),
        twin::Hook {
            tcp_socket: Some(_),
            ..
        } => Some(model::Hook::Tcp),
        _ => None,
    }
}
