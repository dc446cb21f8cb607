//! Claims that are made with the pod.

use crate::manifest::names::{label_flaws, subdomain_flaws};
use crate::manifest::twin::{
    EphemeralVolumeSource, Meta, PersistentVolumeClaimSpec, TypedLocalObjectReference,
    TypedObjectReference,
};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::manifest::validate::{labels, metadata};
use crate::model::Check;

pub(super) fn ephemeral(at: &Path, ephemeral: &EphemeralVolumeSource, found: &mut Findings) {
    let at = at.child("volumeClaimTemplate");
    match &ephemeral.volume_claim_template {
        None => found.required(&at, ""),
        Some(template) => {
            meta(&at.child("metadata"), &template.metadata, found);
            spec(&at.child("spec"), &template.spec, found);
        }
    }
}

/// Only labels and annotations may be chosen.
fn meta(at: &Path, meta: &Meta, found: &mut Findings) {
    metadata::annotations(&at.child("annotations"), &meta.annotations, found);
    labels::map(&at.child("labels"), &meta.labels, found);
    let others = [
        ("name", !meta.name.is_empty()),
        ("generateName", !meta.generate_name.is_empty()),
        ("namespace", !meta.namespace.is_empty()),
        ("selfLink", !meta.self_link.is_empty()),
        ("uID", !meta.uid.is_empty()),
        ("resourceVersion", !meta.resource_version.is_empty()),
        ("generation", meta.generation != 0),
        ("creationTimestamp", meta.creation_timestamp.is_some()),
        ("deletionTimestamp", meta.deletion_timestamp.is_some()),
        (
            "deletionGracePeriodSeconds",
            meta.deletion_grace_period_seconds.is_some(),
        ),
        ("ownerReferences", !meta.owner_references.is_empty()),
        ("finalizers", !meta.finalizers.is_empty()),
        ("managedFields", !meta.managed_fields.is_empty()),
    ];
    for (field, _) in others.into_iter().filter(|(_, given)| *given) {
        found.forbidden(&at.child(field), "cannot be set");
    }
}

fn spec(at: &Path, spec: &PersistentVolumeClaimSpec, found: &mut Findings) {
    access_modes(&at.child("accessModes"), spec, at, found);
    storage(&at.child("resources").at("storage"), spec, found);
    class(
        &at.child("storageClassName"),
        spec.storage_class_name.as_deref(),
        found,
    );
    if let Some(mode) = &spec.volume_mode {
        found.one_of(&at.child("volumeMode"), mode, &["Block", "Filesystem"]);
    }
    sources(at, spec, found);
    if found.has(Check::VolumeAttributesClasses) {
        let name = spec.volume_attributes_class_name.as_deref();
        class(&at.child("volumeAttributesClassName"), name, found);
    }
}

fn access_modes(at: &Path, spec: &PersistentVolumeClaimSpec, whole: &Path, found: &mut Findings) {
    const MODES: [&str; 4] = [
        "ReadOnlyMany",
        "ReadWriteMany",
        "ReadWriteOnce",
        "ReadWriteOncePod",
    ];
    if spec.access_modes.is_empty() {
        found.required(at, "at least 1 access mode is required");
    }
    labels::selector(&whole.child("selector"), spec.selector.as_ref(), found);
    for mode in &spec.access_modes {
        found.one_of(at, mode, &MODES);
    }
    let alone = spec.access_modes.iter().any(|mode| mode == MODES[3]);
    if alone
        && spec
            .access_modes
            .iter()
            .any(|mode| MODES[..3].contains(&mode.as_str()))
    {
        found.forbidden(at, "may not use ReadWriteOncePod with other access modes");
    }
}

fn storage(at: &Path, spec: &PersistentVolumeClaimSpec, found: &mut Findings) {
    let Some(storage) = spec.resources.requests.get("storage") else {
        found.required(at, "");
        return;
    };
    if storage.exact() <= crate::model::Quantity::ZERO {
        found.invalid(at, &storage.canonical(), "must be greater than zero");
    }
}

fn class(at: &Path, name: Option<&str>, found: &mut Findings) {
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        found.flaws(at, name, subdomain_flaws(name));
    }
}

/// What the claim is filled with.
fn sources(at: &Path, spec: &PersistentVolumeClaimSpec, found: &mut Findings) {
    if let Some(source) = &spec.data_source {
        let TypedLocalObjectReference {
            name,
            kind,
            api_group,
        } = source;
        data_source(
            &at.child("dataSource"),
            name,
            kind,
            api_group.as_deref(),
            found,
        );
    }
    let own = at.child("dataSource");
    if let Some(source) = &spec.data_source_ref {
        let at = at.child("dataSourceRef");
        data_source(
            &at,
            &source.name,
            &source.kind,
            source.api_group.as_deref(),
            found,
        );
        if let Some(namespace) = source.namespace.as_ref().filter(|it| !it.is_empty()) {
            found.flaws(&at.child("namespace"), namespace, label_flaws(namespace));
        }
    }
    let (Some(source), Some(reference)) = (&spec.data_source, &spec.data_source_ref) else {
        return;
    };
    if reference
        .namespace
        .as_ref()
        .is_some_and(|it| !it.is_empty())
    {
        let text = "may not be specified when dataSourceRef.namespace is specified";
        found.invalid(at, &*own, text);
    } else if !is_same(source, reference) {
        found.invalid(at, &*own, "must match dataSourceRef");
    }
}

fn is_same(source: &TypedLocalObjectReference, reference: &TypedObjectReference) -> bool {
    (&source.api_group, &source.kind, &source.name)
        == (&reference.api_group, &reference.kind, &reference.name)
}

fn data_source(at: &Path, name: &str, kind: &str, group: Option<&str>, found: &mut Findings) {
    found.not_empty(&at.child("name"), name);
    found.not_empty(&at.child("kind"), kind);
    let group = group.unwrap_or_default();
    if group.is_empty() && kind != "PersistentVolumeClaim" {
        let text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
        found.invalid(at, kind, text);
    }
    if !group.is_empty() {
        found.flaws(&at.child("apiGroup"), group, subdomain_flaws(group));
    }
}
