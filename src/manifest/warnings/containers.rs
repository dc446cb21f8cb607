//! Containers: what they ask for, their variables, and their ports.

use std::collections::{BTreeMap, BTreeSet};

use super::{SECCOMP_FIELD, Warnings, fractions};
use crate::manifest::twin::{AppArmorProfile, Container, ContainerPort, EnvVar, PodSpec, TextMap};
use crate::manifest::validate::path::Path;
use crate::manifest::validate::pod::annotations::{APP_ARMOR, SECCOMP};
use crate::manifest::validate::pod::every_container;
use crate::model::Check;

pub(super) fn check(
    at: &Path,
    of_annotations: &Path,
    spec: &PodSpec,
    annotations: &TextMap,
    told: &mut Warnings,
) {
    for (at, container) in every_container(at, spec) {
        profiles(of_annotations, spec, container, annotations, told);
        for resource in ["memory", "ephemeral-storage"] {
            let at = at.child("resources");
            let amounts = &container.resources;
            fractions(&at.child("limits"), &amounts.limits, resource, told);
            fractions(&at.child("requests"), &amounts.requests, resource, told);
        }
        variables(&at.child("env"), &container.env, told);
    }
    ports(at, spec, told);
    if told.release.has(Check::PortNameWarnings) {
        port_names(at, spec, told);
    }
}

/// Profiles that are given as annotations.
fn profiles(
    at: &Path,
    spec: &PodSpec,
    container: &Container,
    annotations: &TextMap,
    told: &mut Warnings,
) {
    let context = container.security_context.as_ref();
    let key = format!("{SECCOMP}{}", container.name);
    if context.is_none_or(|it| it.seccomp_profile.is_none()) && annotations.contains_key(&key) {
        told.add(&at.at(&key), SECCOMP_FIELD);
    }
    let key = format!("{APP_ARMOR}{}", container.name);
    let Some(annotation) = annotations.get(&key) else {
        return;
    };
    if context.is_some_and(|it| it.app_armor_profile.is_some()) {
        return;
    }
    let of_pod = spec.security_context.as_ref();
    let of_pod = of_pod.and_then(|it| it.app_armor_profile.as_ref());
    let said = if told.release.has(Check::AppArmorIsCompared) {
        of_pod.is_some() && of_pod == as_field(annotation).as_ref()
    } else {
        of_pod.is_some()
    };
    if !said {
        let text = "deprecated since v1.30; use the \"appArmorProfile\" field instead";
        told.add(&at.at(&key), text);
    }
}

/// The field that says the same as an annotation.
fn as_field(annotation: &str) -> Option<AppArmorProfile> {
    let (kind, localhost_profile) = match annotation {
        "unconfined" => ("Unconfined", None),
        "runtime/default" => ("RuntimeDefault", None),
        other => {
            let name = other
                .strip_prefix("localhost/")
                .filter(|name| !name.is_empty())?;
            ("Localhost", Some(name.to_owned()))
        }
    };
    let kind = kind.to_owned();
    Some(AppArmorProfile {
        kind,
        localhost_profile,
    })
}

/// A variable that hides another of its name and does not build on it.
fn variables(at: &Path, variables: &[EnvVar], told: &mut Warnings) {
    let mut seen = BTreeSet::new();
    for (index, variable) in variables.iter().enumerate() {
        let name = variable.name.as_str();
        if seen.insert(name) {
            continue;
        }
        let reference = format!("$({name})");
        let builds = variable.value_from.is_none()
            && variable.value != reference
            && variable.value.contains(&reference);
        if !builds {
            let text = format!(
                "hides previous definition of {name:?}, which may be dropped when using apply"
            );
            told.add(&at.at(index), &text);
        }
    }
}

fn ports(at: &Path, spec: &PodSpec, told: &mut Warnings) {
    let mut all: BTreeMap<(i32, &str), Vec<(Path, &ContainerPort)>> = BTreeMap::new();
    for (at, container) in every_container(at, spec) {
        for (index, port) in container.ports.iter().enumerate() {
            let at = at.child("ports").at(index);
            if !port.host_ip.is_empty() && port.host_port == 0 {
                told.add(
                    &at,
                    &format!("hostIP set without hostPort: {}", as_go(port)),
                );
            }
            let same = all
                .entry((port.container_port, &port.protocol))
                .or_default();
            for (other_at, other) in &*same {
                if let Some(how) = clash(port, other) {
                    let text = format!("{how} port definition with {}", &**other_at);
                    told.add(&at, &text);
                }
            }
            same.push((at, port));
        }
    }
}

/// How Go prints a port.
fn as_go(port: &ContainerPort) -> String {
    format!(
        "{{Name:{} HostPort:{} ContainerPort:{} Protocol:{} HostIP:{}}}",
        port.name, port.host_port, port.container_port, port.protocol, port.host_ip
    )
}

fn clash(port: &ContainerPort, other: &ContainerPort) -> Option<&'static str> {
    let any = (port.host_ip.is_empty(), other.host_ip.is_empty());
    if (&port.host_ip, port.host_port) == (&other.host_ip, other.host_port) {
        Some("duplicate")
    } else if port.host_port == 0 || other.host_port == 0 {
        Some("overlapping")
    } else if port.host_port == other.host_port && any.0 != any.1 {
        Some("dangerously ambiguous")
    } else {
        None
    }
}

fn port_names(at: &Path, spec: &PodSpec, told: &mut Warnings) {
    let mut first: BTreeMap<&str, Path> = BTreeMap::new();
    for (at, container) in every_container(at, spec) {
        for (index, port) in container.ports.iter().enumerate() {
            let (at, name) = (at.child("ports").at(index), port.name.as_str());
            if name.is_empty() {
                continue;
            }
            if let Some(other) = first.get(name) {
                let text = format!(
                    "duplicate port name {name:?} with {0}, services and probes that select ports \
                     by name will use {0}",
                    &**other
                );
                told.add(&at, &text);
            } else {
                first.insert(name, at);
            }
        }
    }
}
