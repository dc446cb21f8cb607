//! The pod template, in the order in which the API server goes through it.

mod affinity;
pub(in crate::manifest) mod annotations;
mod claim;
mod container;
mod environment;
mod mounts;
mod network;
mod ports;
mod probe;
mod projected;
mod resources;
mod restart;
mod security;
mod spread;
mod storage;
mod tolerations;
mod volume;
mod windows;

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Findings;
use super::path::Path;
use super::{labels, metadata};
use crate::manifest::names::{label_flaws, qualified_flaws, subdomain_flaws};
use crate::manifest::twin::{
    Container, PodReadinessGate, PodResourceClaim, PodSchedulingGate, PodSpec, PodTemplate, Volume,
};
use crate::model::Check;

/// What of a pod its containers are held against.
struct Surroundings<'a> {
    /// The volumes without a flaw.
    volumes: BTreeMap<&'a str, &'a Volume>,
    claims: BTreeSet<&'a str>,
    /// `terminationGracePeriodSeconds`
    grace: Option<i64>,
    restart_policy: &'a str,
    /// Whether the users of the pod are those of the host.
    host_users: bool,
}

/// Checks a template that has its defaults and stands at `path`.
pub(super) fn check(path: &str, template: &PodTemplate, found: &mut Findings) {
    let at = Path::new(path);
    let annotations = &template.metadata.annotations;
    labels::map(&at.child("labels"), &template.metadata.labels, found);
    let of_annotations = at.child("annotations");
    metadata::annotations(&of_annotations, annotations, found);
    annotations::check(&of_annotations, annotations, &template.spec, found);
    let of_spec = at.child("spec");
    spec(&of_spec, &template.spec, found);
    annotations::against_fields(&of_spec, annotations, &template.spec, found);
    if !template.spec.ephemeral_containers.is_empty() {
        let text = "ephemeral containers not allowed in pod template";
        found.forbidden(&of_spec.child("ephemeralContainers"), text);
    }
}

/// All containers with their places: first the init containers.
pub(in crate::manifest) fn every_container<'a>(
    at: &Path,
    spec: &'a PodSpec,
) -> impl Iterator<Item = (Path, &'a Container)> {
    let lists = [
        (at.child("initContainers"), &spec.init_containers),
        (at.child("containers"), &spec.containers),
        (at.child("ephemeralContainers"), &spec.ephemeral_containers),
    ];
    lists.into_iter().flat_map(|(at, list)| {
        let all = list.iter().enumerate();
        all.map(move |(index, container)| (at.at(index), container))
    })
}

fn spec(at: &Path, spec: &PodSpec, found: &mut Findings) {
    let volumes = volume::check(&at.child("volumes"), &spec.volumes, found);
    let names = spec.resource_claims.iter().map(|claim| claim.name.as_str());
    let pod = Surroundings {
        volumes,
        claims: names.filter(|name| !name.is_empty()).collect(),
        grace: spec.termination_grace_period_seconds,
        restart_policy: &spec.restart_policy,
        host_users: spec.host_users != Some(false),
    };
    claims(&at.child("resourceClaims"), &spec.resource_claims, found);
    container::containers(&at.child("containers"), spec, &pod, found);
    container::init(&at.child("initContainers"), spec, &pod, found);
    container::ephemeral(&at.child("ephemeralContainers"), spec, &pod, found);
    if found.has(Check::PodLevelResources) {
        resources::of_pod(&at.child("resources"), spec, &pod.claims, found);
    }
    if spec.host_network {
        ports::on_host_network(&at.child("containers"), &spec.containers, found);
    }
    policies(at, spec, found);
    labels::map(&at.child("nodeSelector"), &spec.node_selector, found);
    if let Some(context) = &spec.security_context {
        security::of_pod(&at.child("securityContext"), context, spec, found);
    }
    processes(at, spec, found);
    if let Some(affinity) = &spec.affinity {
        affinity::check(&at.child("affinity"), affinity, found);
    }
    network::dns(&at.child("dnsConfig"), spec, found);
    readiness_gates(&at.child("readinessGates"), &spec.readiness_gates, found);
    scheduling_gates(&at.child("schedulingGates"), &spec.scheduling_gates, found);
    let spread = &spec.topology_spread_constraints;
    spread::check(&at.child("topologySpreadConstraints"), spread, found);
    windows::host_processes(at, spec, found);
    user_namespaces(at, spec, found);
    network::hostname_override(at, spec, found);
    names_and_times(at, spec, found);
    windows::os(at, spec, found);
    files_of_variables(at, spec, found);
}

fn claims(at: &Path, claims: &[PodResourceClaim], found: &mut Findings) {
    let mut names = BTreeSet::new();
    for (index, claim) in claims.iter().enumerate() {
        let at = at.at(index);
        let (field, name) = (at.child("name"), claim.name.as_str());
        if name.is_empty() {
            found.required(&field, "");
        } else if names.contains(name) {
            found.duplicate(&field, name);
        } else {
            found.flaws(&field, name, label_flaws(name));
            names.insert(name);
        }
        let own = &claim.resource_claim_name;
        let template = &claim.resource_claim_template_name;
        match (own, template) {
            (Some(_), Some(_)) => {
                let text = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may \
                            be specified";
                found.invalid(&at, claim, text);
            }
            (None, None) => {
                let text = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
                found.invalid(&at, claim, text);
            }
            _ => {}
        }
        for (field, name) in [
            ("resourceClaimName", own),
            ("resourceClaimTemplateName", template),
        ] {
            if let Some(name) = name {
                found.flaws(&at.child(field), name, subdomain_flaws(name));
            }
        }
    }
}

fn policies(at: &Path, spec: &PodSpec, found: &mut Findings) {
    let supported = ["Always", "OnFailure", "Never"];
    found.one_of(&at.child("restartPolicy"), &spec.restart_policy, &supported);
    let supported = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    found.one_of(&at.child("dnsPolicy"), &spec.dns_policy, &supported);
}

fn processes(at: &Path, spec: &PodSpec, found: &mut Findings) {
    if spec.share_process_namespace == Some(true) && spec.host_pid {
        let field = if found.has(Check::ShareProcessNamespaceInPod) {
            at.child("shareProcessNamespace")
        } else {
            at.child("securityContext.shareProcessNamespace")
        };
        let text = "ShareProcessNamespace and HostPID cannot both be enabled";
        found.invalid(&field, &true, text);
    }
}

fn readiness_gates(at: &Path, gates: &[PodReadinessGate], found: &mut Findings) {
    for (index, gate) in gates.iter().enumerate() {
        let flaws = qualified_flaws(&gate.condition_type, found.release());
        found.flaws(
            &at.at(index).child("conditionType"),
            &gate.condition_type,
            flaws,
        );
    }
}

fn scheduling_gates(at: &Path, gates: &[PodSchedulingGate], found: &mut Findings) {
    let mut names = BTreeSet::new();
    for (index, gate) in gates.iter().enumerate() {
        let (at, name) = (at.at(index), gate.name.as_str());
        found.flaws(&at, name, qualified_flaws(name, found.release()));
        if !names.insert(name) {
            found.duplicate(&at, name);
        }
    }
}

/// Users of their own do not go with namespaces of the host. Two of the fields are written so.
fn user_namespaces(at: &Path, spec: &PodSpec, found: &mut Findings) {
    if spec.host_users != Some(false) {
        return;
    }
    let text = if found.has(Check::HostUsersByName) {
        "when `hostUsers` is false"
    } else {
        "when `pod.Spec.HostUsers` is false"
    };
    let fields = [
        ("hostNetwork", spec.host_network),
        ("HostPID", spec.host_pid),
        ("HostIPC", spec.host_ipc),
    ];
    for (field, _) in fields.into_iter().filter(|(_, given)| *given) {
        found.forbidden(&at.child(field), text);
    }
    let devices = found.has(Check::DevicesOfHostUsers);
    for (at, container) in every_container(at, spec) {
        if devices && !container.volume_devices.is_empty() {
            found.forbidden(&at.child("volumeDevices"), text);
        }
    }
}

fn names_and_times(at: &Path, spec: &PodSpec, found: &mut Findings) {
    let name = |field: &str, name: &str, flaws: fn(&str) -> Vec<String>, found: &mut Findings| {
        if !name.is_empty() {
            found.flaws(&at.child(field), name, flaws(name));
        }
    };
    name(
        "serviceAccountName",
        &spec.service_account_name,
        subdomain_flaws,
        found,
    );
    name("nodeName", &spec.node_name, subdomain_flaws, found);
    if let Some(seconds) = spec.active_deadline_seconds {
        found.within(
            &at.child("activeDeadlineSeconds"),
            seconds,
            1,
            i32::MAX.into(),
        );
    }
    name("hostname", &spec.hostname, label_flaws, found);
    name("subdomain", &spec.subdomain, label_flaws, found);
    tolerations::check(&at.child("tolerations"), &spec.tolerations, found);
    network::host_aliases(&at.child("hostAliases"), &spec.host_aliases, found);
    name(
        "priorityClassName",
        &spec.priority_class_name,
        subdomain_flaws,
        found,
    );
    if let Some(class) = &spec.runtime_class_name {
        found.flaws(&at.child("runtimeClassName"), class, subdomain_flaws(class));
    }
    if let Some(policy) = &spec.preemption_policy {
        let field = at.child("preemptionPolicy");
        if policy.is_empty() {
            found.required(&field, "");
        } else {
            found.one_of(&field, policy, &["PreemptLowerPriority", "Never"]);
        }
    }
    if !spec.overhead.is_empty() {
        resources::overhead(&at.child("overhead"), &spec.overhead, found);
    }
}

/// Files from which variables are taken lie in a volume that starts empty.
fn files_of_variables(at: &Path, spec: &PodSpec, found: &mut Findings) {
    for (at, container) in every_container(at, spec) {
        for (index, variable) in container.env.iter().enumerate() {
            let from = variable.value_from.as_ref();
            let Some(file) = from.and_then(|it| it.file_key_ref.as_ref()) else {
                continue;
            };
            let field = at
                .child("env")
                .at(index)
                .child("valueFrom.fileKeyRef.volumeName");
            let name = file.volume_name.as_str();
            match spec.volumes.iter().rfind(|volume| volume.name == name) {
                None => found.not_found(&field, name, ""),
                Some(volume) if volume.empty_dir.is_none() => {
                    found.invalid(&field, name, "referenced volume must be of type emptyDir");
                }
                Some(_) => {}
            }
        }
    }
}
