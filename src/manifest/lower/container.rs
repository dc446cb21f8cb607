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
    let hooks = container.lifecycle.unwrap_or_default();
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
        pre_stop: hooks.pre_stop.and_then(|it| hook(&it)),
        post_start: hooks.post_start.and_then(|it| hook(&it)),
        stop_signal: hooks.stop_signal.and_then(some),
    }
}

/// What the environment is taken from: whole objects first, as the kubelet does it.
fn references(container: &twin::Container) -> Vec<model::Reference> {
    let whole = container.env_from.iter().flat_map(|from| {
        let map = from.config_map_ref.as_ref();
        let secret = from.secret_ref.as_ref();
        [
            map.map(|it| reference(ReferenceKind::ConfigMap, &it.name, None, it.optional)),
            secret.map(|it| reference(ReferenceKind::Secret, &it.name, None, it.optional)),
        ]
    });
    let sources = container
        .env
        .iter()
        .filter_map(|var| var.value_from.as_ref());
    let keys = sources.flat_map(|from| {
        let map = from.config_map_key_ref.as_ref();
        let secret = from.secret_key_ref.as_ref();
        let of = |kind, name: &str, key: &str, optional| {
            reference(kind, name, Some(key.to_owned()), optional)
        };
        [
            map.map(|it| of(ReferenceKind::ConfigMap, &it.name, &it.key, it.optional)),
            secret.map(|it| of(ReferenceKind::Secret, &it.name, &it.key, it.optional)),
        ]
    });
    whole.chain(keys).flatten().collect()
}

fn reference(
    kind: ReferenceKind,
    name: &str,
    key: Option<String>,
    optional: Option<bool>,
) -> model::Reference {
    model::Reference {
        kind,
        name: name.to_owned(),
        key,
        optional: optional.unwrap_or_default(),
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
fn restart_rule(rule: twin::ContainerRestartRule) -> Option<model::RestartRule> {
    let action = match rule.action.as_str() {
        "Restart" => model::RestartAction::Restart,
        "RestartAllContainers" => model::RestartAction::RestartAllContainers,
        _ => return None,
    };
    let codes = rule.exit_codes.unwrap_or_default();
    let operator = match codes.operator.as_str() {
        "In" => model::Operator::In,
        "NotIn" => model::Operator::NotIn,
        _ => return None,
    };
    Some(model::RestartRule {
        action,
        operator,
        values: codes.values.0,
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
fn hook(hook: &twin::LifecycleHandler) -> Option<model::Hook> {
    if hook.exec.is_some() {
        Some(model::Hook::Command)
    } else if hook.http_get.is_some() {
        Some(model::Hook::Http)
    } else if let Some(sleep) = &hook.sleep {
        Some(model::Hook::Sleep(cut(sleep.seconds)))
    } else {
        hook.tcp_socket.as_ref().map(|_| model::Hook::Tcp)
    }
}
