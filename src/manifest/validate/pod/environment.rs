//! The environment of containers, and what it is taken from.

use super::volume::no_back_steps;
use crate::manifest::names::{
    key_flaws, label_flaws, qualified_flaws, subdomain_flaws, variable_flaws,
};
use crate::manifest::twin::{
    EnvFromSource, EnvVar, FileKeySelector, ObjectFieldSelector, ResourceFieldSelector,
};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::model::{Check, Release};

/// The fields of a pod that may become variables.
const FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// The fields of a pod that have a name at all.
const KNOWN: [&str; 14] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.serviceAccountName",
    "spec.schedulerName",
    "status.phase",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// The amounts of a container that may be told to it.
const AMOUNTS: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

pub(super) fn variables(at: &Path, variables: &[EnvVar], found: &mut Findings) {
    for (index, variable) in variables.iter().enumerate() {
        let at = at.at(index);
        if variable.name.is_empty() {
            found.required(&at.child("name"), "");
        } else {
            let flaws = variable_flaws(&variable.name, found.release());
            found.flaws(&at.child("name"), &variable.name, flaws);
        }
        source(&at.child("valueFrom"), variable, found);
    }
}

fn source(at: &Path, variable: &EnvVar, found: &mut Findings) {
    let Some(from) = &variable.value_from else {
        return;
    };
    let mut count = 0;
    if let Some(field) = &from.field_ref {
        count += 1;
        object_field(&at.child("fieldRef"), field, &FIELDS, found);
    }
    if let Some(resource) = &from.resource_field_ref {
        count += 1;
        container_resource(&at.child("resourceFieldRef"), resource, false, found);
    }
    if let Some(of) = &from.config_map_key_ref {
        count += 1;
        key(&at.child("configMapKeyRef"), &of.name, &of.key, found);
    }
    if let Some(of) = &from.secret_key_ref {
        count += 1;
        key(&at.child("secretKeyRef"), &of.name, &of.key, found);
    }
    if let Some(of) = &from.file_key_ref {
        count += 1;
        file_key(&at.child("fileKeyRef"), of, found);
    }
    let text = match count {
        0 if found.has(Check::EnvFiles) => {
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, \
             `secretKeyRef` or `fileKeyRef`"
        }
        0 => {
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or \
             `secretKeyRef`"
        }
        _ if !variable.value.is_empty() => "may not be specified when `value` is not empty",
        1 => return,
        _ => "may not have more than one field specified at a time",
    };
    found.invalid(at, "", text);
}

/// A field of the pod, in Kubernetes' own notation: `metadata.labels['app']`.
pub(super) fn object_field(
    at: &Path,
    field: &ObjectFieldSelector,
    allowed: &[&str],
    found: &mut Findings,
) {
    let own = at.child("fieldPath");
    if field.api_version.is_empty() {
        found.required(&at.child("apiVersion"), "");
        return;
    }
    let path = field.field_path.as_str();
    if path.is_empty() {
        found.required(&own, "");
        return;
    }
    let unknown = |what: String| format!("error converting fieldPath: {what}");
    if field.api_version != "v1" {
        let text = unknown(format!("unsupported pod version: {}", field.api_version));
        found.invalid(&own, path, &text);
        return;
    }
    if let Some((map, key)) = subscript(path) {
        let key = match map {
            "metadata.annotations" => key.to_lowercase(),
            "metadata.labels" => key.to_owned(),
            _ => {
                let text = unknown(format!("field label does not support subscript: {path}"));
                found.invalid(&own, path, &text);
                return;
            }
        };
        let flaws = qualified_flaws(&key, found.release());
        found.flaws(at, &key, flaws);
        return;
    }
    // An old name of the same.
    let path = if path == "spec.host" {
        "spec.nodeName"
    } else {
        path
    };
    if KNOWN.contains(&path) {
        found.one_of(&own, path, allowed);
    } else {
        let text = unknown(format!("field label not supported: {path}"));
        found.invalid(&own, path, &text);
    }
}

/// A path and the key at its end, if it has one.
fn subscript(path: &str) -> Option<(&str, &str)> {
    let inside = path.strip_suffix("']")?;
    let (map, key) = inside.split_once("['")?;
    (!map.is_empty()).then_some((map, key))
}

/// An amount of a container. Volumes have to say of which one.
pub(super) fn container_resource(
    at: &Path,
    field: &ResourceFieldSelector,
    of_volume: bool,
    found: &mut Findings,
) {
    let resource = field.resource.as_str();
    let huge =
        resource.starts_with("requests.hugepages-") || resource.starts_with("limits.hugepages-");
    if of_volume && field.container_name.is_empty() {
        found.required(&at.child("containerName"), "");
    } else if resource.is_empty() {
        found.required(&at.child("resource"), "");
    } else if !huge {
        found.one_of(&at.child("resource"), resource, &AMOUNTS);
    }
    divisor(&at.child("divisor"), field, huge, found);
}

fn divisor(at: &Path, field: &ResourceFieldSelector, huge: bool, found: &mut Findings) {
    const SIZES: [&str; 13] = [
        "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei",
    ];
    if field.divisor.exact() == crate::model::Quantity::ZERO {
        return;
    }
    let (values, of): (&[&str], _) = match field.resource.as_str() {
        "limits.cpu" | "requests.cpu" => (&["1m", "1"], "cpu"),
        "limits.memory" | "requests.memory" => (&SIZES, "memory"),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => {
            (&SIZES, "local ephemeral storage")
        }
        _ if huge => (&SIZES, "hugepages"),
        _ => return,
    };
    if !values.contains(&&*field.divisor.canonical()) {
        let values = if of == "cpu" {
            "1m and 1".to_owned()
        } else {
            values.join(", ")
        };
        let text = format!("only divisor's values {values} are supported with the {of} resource");
        found.invalid(at, &field.resource, &text);
    }
}

/// A key of a `ConfigMap` or `Secret`.
fn key(at: &Path, name: &str, key: &str, found: &mut Findings) {
    found.flaws(&at.child("name"), name, subdomain_flaws(name));
    if key.is_empty() {
        found.required(&at.child("key"), "");
    } else {
        found.flaws(&at.child("key"), key, key_flaws(key));
    }
}

/// A key in a file, of which the syntax is that of the newest releases.
fn file_key(at: &Path, of: &FileKeySelector, found: &mut Findings) {
    if of.key.is_empty() {
        found.required(&at.child("key"), "");
    } else {
        found.flaws(
            &at.child("key"),
            &of.key,
            variable_flaws(&of.key, Release::LATEST),
        );
    }
    if of.volume_name.is_empty() {
        found.required(&at.child("volumeName"), "");
    } else {
        found.flaws(
            &at.child("volumeName"),
            &of.volume_name,
            label_flaws(&of.volume_name),
        );
    }
    if of.path.is_empty() {
        found.required(&at.child("path"), "");
    } else {
        no_back_steps(&at.child("path"), &of.path, found);
    }
}

/// Whole objects that become variables. What is wrong with their number stands at the list.
pub(super) fn sources(at: &Path, sources: &[EnvFromSource], found: &mut Findings) {
    for (index, source) in sources.iter().enumerate() {
        let item = at.at(index);
        if !source.prefix.is_empty() {
            let flaws = variable_flaws(&source.prefix, found.release());
            found.flaws(&item.child("prefix"), &source.prefix, flaws);
        }
        let map = source
            .config_map_ref
            .as_ref()
            .map(|it| ("configMapRef", &it.name));
        let secret = source.secret_ref.as_ref().map(|it| ("secretRef", &it.name));
        let both = [map, secret];
        for (field, name) in both.iter().flatten() {
            let field = item.child(field).child("name");
            if name.is_empty() {
                found.required(&field, "");
            } else {
                // The name may be the beginning of one.
                let stem = name.strip_suffix('-').map(|stem| format!("{stem}a"));
                let flaws = subdomain_flaws(stem.as_ref().unwrap_or(name));
                found.flaws(&field, name, flaws);
            }
        }
        match both.iter().flatten().count() {
            0 => found.invalid(at, "", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => found.invalid(
                at,
                "",
                "may not have more than one field specified at a time",
            ),
        }
    }
}
