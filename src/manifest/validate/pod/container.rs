//! Containers of all kinds.

use std::collections::BTreeSet;

use super::{Surroundings, environment, mounts, ports, probe, resources, restart, security};
use crate::manifest::names::label_flaws;
use crate::manifest::twin::{Container, ContainerResizePolicy, PodSpec, ResourceRequirements};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::model::Check;

/// The ordinary containers.
pub(super) fn containers(at: &Path, spec: &PodSpec, pod: &Surroundings<'_>, found: &mut Findings) {
    if spec.containers.is_empty() {
        found.required(at, "");
        found.help("add a container with a `name` and an `image`");
        return;
    }
    let mut names = BTreeSet::new();
    for (index, container) in spec.containers.iter().enumerate() {
        let at = at.at(index);
        common(&at, container, pod, found);
        if !names.insert(container.name.as_str()) {
            found.duplicate(&at.child("name"), &container.name);
        }
        probe::hooks(&at, container, pod.grace, found);
        probe::probes(&at, container, pod.grace, found);
        if found.has(Check::RestartRules) {
            restart::check(&at, container, found);
        } else if container.restart_policy.is_some() {
            let text = "may not be set for non-init containers";
            found.forbidden(&at.child("restartPolicy"), text);
        }
    }
    ports::unique_on_host(at, &spec.containers, found);
}

/// Init containers and sidecars.
pub(super) fn init(at: &Path, spec: &PodSpec, pod: &Surroundings<'_>, found: &mut Findings) {
    let mut names: BTreeSet<&str> = spec.containers.iter().map(|it| it.name.as_str()).collect();
    for (index, container) in spec.init_containers.iter().enumerate() {
        let item = at.at(index);
        common(&item, container, pod, found);
        restart::of_init(&item, container, found);
        let sidecar = container.restart_policy.as_deref() == Some("Always");
        let name = container.name.as_str();
        if names.contains(name) {
            found.duplicate(&item.child("name"), name);
        } else if !name.is_empty() {
            names.insert(name);
        }
        // Its place among the init containers is forgotten here.
        ports::unique_on_host(at, std::slice::from_ref(container), found);
        if sidecar {
            probe::hooks(&item, container, pod.grace, found);
            probe::probes(&item, container, pod.grace, found);
        } else {
            only_of_sidecars(&item, container, found);
        }
        of_resizing(&item.child("resizePolicy"), container, sidecar, found);
    }
}

fn only_of_sidecars(at: &Path, container: &Container, found: &mut Findings) {
    let fields = [
        ("lifecycle", container.lifecycle.is_some()),
        ("livenessProbe", container.liveness_probe.is_some()),
        ("readinessProbe", container.readiness_probe.is_some()),
        ("startupProbe", container.startup_probe.is_some()),
    ];
    for (field, _) in fields.into_iter().filter(|(_, given)| *given) {
        let text = "may not be set for init containers without restartPolicy=Always";
        found.forbidden(&at.child(field), text);
    }
}

fn of_resizing(at: &Path, container: &Container, sidecar: bool, found: &mut Findings) {
    let policies = &container.resize_policy;
    if !policies.is_empty() && !found.has(Check::InPlaceResize) {
        found.invalid(at, policies, "must not be set for init containers");
    }
    if sidecar || !found.has(Check::PlainInitResize) {
        return;
    }
    for (index, policy) in policies.iter().enumerate() {
        if policy.restart_policy == "RestartContainer" {
            let field = at.at(index).child("restartPolicy");
            let text = "must not be set to 'RestartContainer' for non-sidecar initContainers";
            found.invalid(&field, &policy.restart_policy, text);
        }
    }
}

/// What is only checked of containers that are added to a running pod; templates may have none.
pub(super) fn ephemeral(at: &Path, spec: &PodSpec, pod: &Surroundings<'_>, found: &mut Findings) {
    let all = spec.containers.iter().chain(&spec.init_containers);
    let mut names: BTreeSet<&str> = all.map(|it| it.name.as_str()).collect();
    for (index, container) in spec.ephemeral_containers.iter().enumerate() {
        let at = at.at(index);
        common(&at, container, pod, found);
        let image = container.image.as_str();
        if image.trim() != image {
            let text = "must not have leading or trailing whitespace";
            found.invalid(&at.child("image"), image, text);
        }
        if !names.insert(container.name.as_str()) {
            found.duplicate(&at.child("name"), &container.name);
        }
        let fields = [
            ("ports", !container.ports.is_empty()),
            (
                "resources",
                container.resources != ResourceRequirements::default(),
            ),
            ("resizePolicy", !container.resize_policy.is_empty()),
            ("restartPolicy", container.restart_policy.is_some()),
            (
                "restartPolicyRules",
                !container.restart_policy_rules.is_empty(),
            ),
            ("livenessProbe", container.liveness_probe.is_some()),
            ("readinessProbe", container.readiness_probe.is_some()),
            ("startupProbe", container.startup_probe.is_some()),
            ("lifecycle", container.lifecycle.is_some()),
        ];
        let text = "cannot be set for an Ephemeral Container";
        for (field, _) in fields.into_iter().filter(|(_, given)| *given) {
            found.forbidden(&at.child(field), text);
        }
        for (index, mount) in container.volume_mounts.iter().enumerate() {
            let at = at.child("volumeMounts").at(index);
            if !mount.sub_path.is_empty() {
                found.forbidden(&at.child("subPath"), text);
            }
            if !mount.sub_path_expr.is_empty() {
                found.forbidden(&at.child("subPathExpr"), text);
            }
        }
    }
}

/// What all containers have in common.
fn common(at: &Path, container: &Container, pod: &Surroundings<'_>, found: &mut Findings) {
    if container.name.is_empty() {
        found.required(&at.child("name"), "");
        found.note("this container has no name");
    } else {
        found.flaws(
            &at.child("name"),
            &container.name,
            label_flaws(&container.name),
        );
    }
    if container.image.is_empty() {
        found.required(&at.child("image"), "");
        found.note("this container has no image");
    }
    let policy = at.child("terminationMessagePolicy");
    if container.termination_message_policy.is_empty() {
        found.required(&policy, "");
    } else {
        let supported = ["File", "FallbackToLogsOnError"];
        found.one_of(&policy, &container.termination_message_policy, &supported);
    }
    ports::check(&at.child("ports"), &container.ports, found);
    environment::variables(&at.child("env"), &container.env, found);
    environment::sources(&at.child("envFrom"), &container.env_from, found);
    mounts::check(at, container, pod, found);
    pull_policy(
        &at.child("imagePullPolicy"),
        &container.image_pull_policy,
        found,
    );
    resources::of_container(
        &at.child("resources"),
        &container.resources,
        &pod.claims,
        found,
    );
    resize_policies(
        &at.child("resizePolicy"),
        &container.resize_policy,
        pod,
        found,
    );
    if let Some(context) = &container.security_context {
        let at = at.child("securityContext");
        security::of_container(&at, context, pod.host_users, found);
    }
}

/// When an image is pulled.
pub(super) fn pull_policy(at: &Path, policy: &str, found: &mut Findings) {
    if policy.is_empty() {
        found.required(at, "");
    } else {
        found.one_of(at, policy, &["Always", "IfNotPresent", "Never"]);
    }
}

/// The errors stand at the list, except those about repetitions.
fn resize_policies(
    at: &Path,
    policies: &[ContainerResizePolicy],
    pod: &Surroundings<'_>,
    found: &mut Findings,
) {
    let mut seen = BTreeSet::new();
    for (index, policy) in policies.iter().enumerate() {
        let resource = policy.resource_name.as_str();
        if !seen.insert(resource) {
            found.duplicate(&at.at(index), resource);
        }
        if resource.is_empty() {
            found.required(at, "");
        } else {
            let supported = ["cpu", "memory"];
            if !supported.contains(&resource) {
                found.not_supported_resource(at, resource, &supported);
            }
        }
        let restart = policy.restart_policy.as_str();
        if restart.is_empty() {
            found.required(at, "");
        } else {
            found.one_of(at, restart, &["NotRequired", "RestartContainer"]);
        }
        if pod.restart_policy == "Never" && restart != "NotRequired" {
            let whose = if found.has(Check::ResizePolicyOfPod) {
                "pod "
            } else {
                ""
            };
            let text = format!("must be 'NotRequired' when {whose}`restartPolicy` is 'Never'");
            found.invalid(at, restart, &text);
        }
    }
}
