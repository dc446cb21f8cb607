//! Annotations that once were, or still are, a part of the specification.

use super::volume::downwards;
use super::{every_container, tolerations};
use crate::manifest::twin::{AppArmorProfile, List, PodSpec, SeccompProfile, TextMap, Toleration};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;

/// What the kubelet marks the images of its own pods with.
const MIRROR: &str = "kubernetes.io/config.mirror";
const TOLERATIONS: &str = "scheduler.alpha.kubernetes.io/tolerations";
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
/// The profile of a pod's system calls.
pub(in crate::manifest) const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
/// The same of a container, whose name stands behind.
pub(in crate::manifest) const SECCOMP: &str = "container.seccomp.security.alpha.kubernetes.io/";
/// The AppArmor profile of a container, whose name stands behind.
pub(in crate::manifest) const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

pub(super) fn check(at: &Path, annotations: &TextMap, spec: &PodSpec, found: &mut Findings) {
    if let Some(value) = annotations
        .get(MIRROR)
        .filter(|_| spec.node_name.is_empty())
    {
        let text = "must set spec.nodeName if mirror pod annotation is set";
        found.invalid(&at.at(MIRROR), value, text);
    }
    if let Some(text) = annotations.get(TOLERATIONS).filter(|text| !text.is_empty()) {
        of_tolerations(at, text, found);
    }
    if let Some(cost) = annotations.get(DELETION_COST) {
        if !is_cost(cost) {
            found.invalid(&at.at(DELETION_COST), cost, "must be a 32bit integer");
        }
    }
    if let Some(profile) = annotations.get(SECCOMP_POD) {
        seccomp(&at.child(SECCOMP_POD), profile, found);
    }
    for (key, profile) in annotations
        .iter()
        .filter(|(key, _)| key.starts_with(SECCOMP))
    {
        seccomp(&at.child(key), profile, found);
    }
    for (key, profile) in &annotations.0 {
        let Some(name) = key.strip_prefix(APP_ARMOR) else {
            continue;
        };
        if every_container(at, spec).all(|(_, container)| container.name != name) {
            found.invalid(&at.at(key), name, "container not found");
        }
        let known = matches!(profile.as_str(), "" | "runtime/default" | "unconfined");
        if !known && !profile.starts_with("localhost/") {
            let text = format!("invalid AppArmor profile name: {profile:?}");
            found.invalid(&at.at(key), profile, &text);
        }
    }
}

fn of_tolerations(at: &Path, text: &str, found: &mut Findings) {
    match serde_json::from_str::<Option<List<Toleration>>>(text) {
        Ok(list) => {
            let at = at.child(TOLERATIONS);
            tolerations::check(&at, List::items(list.as_ref()), found);
        }
        Err(error) => found.invalid(at, TOLERATIONS, &error.to_string()),
    }
}

/// A whole number of 32 bits, without a plus or zeros before it.
fn is_cost(cost: &str) -> bool {
    let first = cost.bytes().next().unwrap_or(b'+');
    let zero = first == b'0' && cost.len() > 1;
    cost.parse::<i32>().is_ok() && first != b'+' && !zero
}

fn seccomp(at: &Path, profile: &str, found: &mut Findings) {
    if let Some(path) = profile.strip_prefix("localhost/") {
        downwards(at, path, found);
    } else if !matches!(profile, "runtime/default" | "docker/default" | "unconfined") {
        found.invalid(at, profile, "must be a valid seccomp profile");
    }
}

/// Where a profile is given as an annotation and as a field, they have to be the same.
pub(super) fn against_fields(
    at: &Path,
    annotations: &TextMap,
    spec: &PodSpec,
    found: &mut Findings,
) {
    let context = spec.security_context.as_ref();
    let of_pod = context.and_then(|it| it.seccomp_profile.as_ref());
    if let (Some(field), Some(text)) = (of_pod, annotations.get(SECCOMP_POD)) {
        same_seccomp(
            &at.child("securityContext.seccompProfile"),
            field,
            text,
            found,
        );
    }
    for (at, container) in every_container(at, spec) {
        let context = container.security_context.as_ref();
        let field = context.and_then(|it| it.seccomp_profile.as_ref());
        let text = annotations.get(&format!("{SECCOMP}{}", container.name));
        if let (Some(field), Some(text)) = (field, text) {
            same_seccomp(
                &at.child("securityContext.seccompProfile"),
                field,
                text,
                found,
            );
        }
    }
    if spec.os.as_ref().is_some_and(|os| os.name == "windows") {
        return;
    }
    let of_pod = context.and_then(|it| it.app_armor_profile.as_ref());
    for (at, container) in every_container(at, spec) {
        let context = container.security_context.as_ref();
        let own = context
            .and_then(|it| it.app_armor_profile.as_ref())
            .or(of_pod);
        let text = annotations.get(&format!("{APP_ARMOR}{}", container.name));
        if let (Some(field), Some(text)) = (own, text) {
            same_app_armor(
                &at.child("securityContext.appArmorProfile"),
                field,
                text,
                found,
            );
        }
    }
}

fn same_seccomp(at: &Path, field: &SeccompProfile, text: &str, found: &mut Findings) {
    let other_type = match field.kind.as_str() {
        "Unconfined" => text != "unconfined",
        "RuntimeDefault" => !matches!(text, "runtime/default" | "docker/default"),
        "Localhost" => match text.strip_prefix("localhost/") {
            None => true,
            Some(name) => {
                if field.localhost_profile.as_deref() != Some(name) {
                    let text = "seccomp profile in annotation and field must match";
                    found.forbidden(&at.child("localhostProfile"), text);
                }
                false
            }
        },
        _ => false,
    };
    if other_type {
        let text = "seccomp type in annotation and field must match";
        found.forbidden(&at.child("type"), text);
    }
}

fn same_app_armor(at: &Path, field: &AppArmorProfile, text: &str, found: &mut Findings) {
    let other_type = match field.kind.as_str() {
        "Unconfined" => text != "unconfined",
        "RuntimeDefault" => text != "runtime/default",
        "Localhost" => match text.strip_prefix("localhost/") {
            None => true,
            Some(name) => {
                if field.localhost_profile.as_deref() != Some(name) {
                    let text = "apparmor profile in annotation and field must match";
                    found.forbidden(&at.child("localhostProfile"), text);
                }
                false
            }
        },
        _ => false,
    };
    if other_type {
        let text = "apparmor type in annotation and field must match";
        found.forbidden(&at.child("type"), text);
    }
}
