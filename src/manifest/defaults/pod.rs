//! What the API server fills in in a pod template. Some of what it fills in in pods, such as
//! requests from limits, it does not fill in in templates.

use super::volume;
use crate::manifest::twin::{
    Container, HTTPGetAction, LifecycleHandler, PodSpec, PodTemplate, Probe, Quantities,
};
use crate::model::{self, PullPolicy};

/// Fills in a template.
pub(in crate::manifest) fn template(template: &mut PodTemplate) {
    let spec = &mut template.spec;
    pod(spec);
    spec.volumes.iter_mut().for_each(volume::fill);
    spec.init_containers.iter_mut().for_each(container);
    spec.containers.iter_mut().for_each(container);
    spec.ephemeral_containers.iter_mut().for_each(container);
    quantities(&mut spec.overhead);
    if let Some(resources) = &mut spec.resources {
        quantities(&mut resources.limits);
        quantities(&mut resources.requests);
    }
}

fn pod(spec: &mut PodSpec) {
    // Two names of one field, of which the newer counts.
    if spec.service_account_name.is_empty() {
        spec.service_account_name.clone_from(&spec.service_account);
    }
    spec.service_account.clone_from(&spec.service_account_name);
    text(&mut spec.dns_policy, "ClusterFirst");
    text(&mut spec.restart_policy, "Always");
    text(&mut spec.scheduler_name, "default-scheduler");
    spec.security_context.get_or_insert_default();
    let grace = model::PodTemplate::GRACE_SECONDS.into();
    spec.termination_grace_period_seconds.get_or_insert(grace);
}

fn container(container: &mut Container) {
    text(
        &mut container.image_pull_policy,
        pull_policy(&container.image),
    );
    text(
        &mut container.termination_message_path,
        "/dev/termination-log",
    );
    text(&mut container.termination_message_policy, "File");
    for port in container.ports.iter_mut() {
        text(&mut port.protocol, "TCP");
    }
    for source in container
        .env
        .iter_mut()
        .filter_map(|it| it.value_from.as_mut())
    {
        if let Some(field) = &mut source.field_ref {
            text(&mut field.api_version, "v1");
        }
        if let Some(key) = &mut source.file_key_ref {
            key.optional.get_or_insert(false);
        }
    }
    quantities(&mut container.resources.limits);
    quantities(&mut container.resources.requests);
    let probes = [
        &mut container.liveness_probe,
        &mut container.readiness_probe,
        &mut container.startup_probe,
    ];
    probes.into_iter().flatten().for_each(probe);
    if let Some(hooks) = &mut container.lifecycle {
        let hooks = [&mut hooks.post_start, &mut hooks.pre_stop];
        hooks.into_iter().flatten().for_each(hook);
    }
}

/// Without a tag, an image is the latest.
pub(super) fn pull_policy(image: &str) -> &'static str {
    match PullPolicy::of_image(image) {
        PullPolicy::Always => "Always",
        PullPolicy::IfNotPresent => "IfNotPresent",
        PullPolicy::Never => "Never",
    }
}

fn probe(probe: &mut Probe) {
    let fields = [
        (&mut probe.timeout_seconds, 1),
        (&mut probe.period_seconds, 10),
        (&mut probe.success_threshold, 1),
        (&mut probe.failure_threshold, 3),
    ];
    for (field, default) in fields {
        if *field == 0 {
            *field = default;
        }
    }
    if let Some(action) = &mut probe.http_get {
        http(action);
    }
    if let Some(action) = &mut probe.grpc {
        action.service.get_or_insert_default();
    }
}

fn hook(hook: &mut LifecycleHandler) {
    if let Some(action) = &mut hook.http_get {
        http(action);
    }
}

fn http(action: &mut HTTPGetAction) {
    text(&mut action.path, "/");
    text(&mut action.scheme, "HTTP");
}

/// Amounts finer than a thousandth are rounded up to one.
pub(super) fn quantities(all: &mut Quantities) {
    for quantity in all.values_mut() {
        quantity.round_up_to_milli();
    }
}

/// Fills in a text that is empty.
pub(super) fn text(field: &mut String, default: &str) {
    if field.is_empty() {
        default.clone_into(field);
    }
}
