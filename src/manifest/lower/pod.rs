//! The pod template.

use super::affinity::{affinity, spread};
use super::container::container;
use super::volume::volume;
use super::{cut, grace, resources, some, texts};
use crate::manifest::twin;
use crate::model;

pub(super) fn template(template: twin::PodTemplate) -> model::PodTemplate {
    let spec = template.spec;
    let on_host = spec.host_network;
    let spreads = spec.topology_spread_constraints.0.into_iter();
    let secrets = spec.image_pull_secrets.0.into_iter();
    let holds = spec.scheduling_gates.0.into_iter();
    let gates = spec.readiness_gates.0.into_iter();
    let containers = spec.containers.0.into_iter();
    let init = spec.init_containers.0.into_iter();
    model::PodTemplate {
        labels: texts(template.metadata.labels),
        restart_policy: match spec.restart_policy.as_str() {
            "OnFailure" => model::RestartPolicy::OnFailure,
            _ => model::RestartPolicy::Never,
        },
        termination_grace_period_seconds: spec
            .termination_grace_period_seconds
            .map_or(model::PodTemplate::GRACE_SECONDS, grace),
        active_deadline_seconds: spec.active_deadline_seconds.map(cut),
        node_name: some(spec.node_name),
        node_selector: texts(spec.node_selector),
        affinity: affinity(spec.affinity.unwrap_or_default()),
        spread: spreads.map(spread).collect(),
        tolerations: spec
            .tolerations
            .0
            .into_iter()
            .filter_map(toleration)
            .collect(),
        priority: spec.priority,
        priority_class: some(spec.priority_class_name),
        preemption_policy: match spec.preemption_policy.as_deref() {
            Some("Never") => Some(model::PreemptionPolicy::Never),
            Some("PreemptLowerPriority") => Some(model::PreemptionPolicy::PreemptLowerPriority),
            _ => None,
        },
        runtime_class: spec.runtime_class_name.and_then(some),
        scheduler_name: some(spec.scheduler_name).filter(|name| name != "default-scheduler"),
        service_account: some(spec.service_account_name).or(some(spec.service_account)),
        mounts_token: spec.automount_service_account_token,
        image_pull_secrets: secrets.map(|secret| secret.name).collect(),
        scheduling_gates: holds.map(|gate| gate.name).collect(),
        readiness_gates: gates.map(|gate| gate.condition_type).collect(),
        overhead: resources(spec.overhead),
        resources: spec.resources.map(|pod| {
            Box::new(model::PodResources {
                requests: resources(pod.requests),
                limits: resources(pod.limits),
            })
        }),
        volumes: spec.volumes.0.into_iter().map(volume).collect(),
        containers: containers
            .map(|one| container(one, false, on_host))
            .collect(),
        init_containers: init.map(|one| container(one, true, on_host)).collect(),
    }
}

/// A toleration; one with an effect or operator that does not exist bears no taint.
fn toleration(toleration: twin::Toleration) -> Option<model::Toleration> {
    let effect = match toleration.effect.as_str() {
        "" => None,
        "NoSchedule" => Some(model::Effect::NoSchedule),
        "PreferNoSchedule" => Some(model::Effect::PreferNoSchedule),
        "NoExecute" => Some(model::Effect::NoExecute),
        _ => return None,
    };
    let operator = match toleration.operator.as_str() {
        "" | "Equal" => model::TolerationOperator::Equal,
        "Exists" => model::TolerationOperator::Exists,
        _ => return None,
    };
    let seconds = toleration.toleration_seconds;
    Some(model::Toleration {
        key: toleration.key,
        operator,
        value: toleration.value,
        effect,
        seconds: seconds.map(|seconds| u64::try_from(seconds).unwrap_or(0)),
    })
}
