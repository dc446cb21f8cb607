//! What of its volumes a container sees, and where.

use std::collections::BTreeSet;

use super::Surroundings;
use super::volume::{downwards, no_back_steps};
use crate::manifest::twin::{Container, VolumeMount};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;

pub(super) fn check(
    at: &Path,
    container: &Container,
    pod: &Surroundings<'_>,
    found: &mut Findings,
) {
    mounts(&at.child("volumeMounts"), container, pod, found);
    devices(&at.child("volumeDevices"), container, pod, found);
}

/// Some errors of mounts stand at the list, not at the item.
fn mounts(list: &Path, container: &Container, pod: &Surroundings<'_>, found: &mut Findings) {
    let devices = &container.volume_devices;
    let mut paths = BTreeSet::new();
    for (index, mount) in container.volume_mounts.iter().enumerate() {
        let at = list.at(index);
        let (name, path) = (&mount.name, &mount.mount_path);
        found.not_empty(&at.child("name"), name);
        if !pod.volumes.contains_key(name.as_str()) {
            found.not_found(&at.child("name"), name, "");
        }
        found.not_empty(&at.child("mountPath"), path);
        if !paths.insert(path) {
            found.invalid(&at.child("mountPath"), path, "must be unique");
        }
        if devices.iter().any(|device| device.name == *name) {
            let text = "must not already exist in volumeDevices";
            found.invalid(&at.child("name"), name, text);
        }
        if devices.iter().any(|device| device.device_path == *path) {
            let text = "must not already exist as a path in volumeDevices";
            found.invalid(&at.child("mountPath"), path, text);
        }
        sub_paths(list, &at, mount, found);
        propagation(&list.child("mountPropagation"), mount, container, found);
        recursive(&list.child("recursiveReadOnly"), mount, found);
    }
}

fn sub_paths(list: &Path, at: &Path, mount: &VolumeMount, found: &mut Findings) {
    if !mount.sub_path.is_empty() {
        downwards(&list.child("subPath"), &mount.sub_path, found);
    }
    if !mount.sub_path_expr.is_empty() {
        if !mount.sub_path.is_empty() {
            let text = "subPathExpr and subPath are mutually exclusive";
            found.invalid(&at.child("subPathExpr"), &mount.sub_path_expr, text);
        }
        downwards(&list.child("subPathExpr"), &mount.sub_path_expr, found);
    }
}

fn propagation(at: &Path, mount: &VolumeMount, container: &Container, found: &mut Findings) {
    let Some(propagation) = &mount.mount_propagation else {
        return;
    };
    found.one_of(
        at,
        propagation,
        &["Bidirectional", "HostToContainer", "None"],
    );
    let security = container.security_context.as_ref();
    let privileged = security.and_then(|it| it.privileged).unwrap_or_default();
    if propagation == "Bidirectional" && !privileged {
        let text = "Bidirectional mount propagation is available only to privileged containers";
        found.forbidden(at, text);
    }
}

fn recursive(at: &Path, mount: &VolumeMount, found: &mut Findings) {
    match mount.recursive_read_only.as_deref() {
        None | Some("Disabled") => {}
        Some("Enabled" | "IfPossible") => {
            if !mount.read_only {
                found.forbidden(at, "may only be specified when readOnly is true");
            }
            if mount
                .mount_propagation
                .as_ref()
                .is_some_and(|it| it != "None")
            {
                let text = "may only be specified when mountPropagation is None or not specified";
                found.forbidden(at, text);
            }
        }
        Some(other) => found.not_supported(at, other, &["Disabled", "Enabled", "IfPossible"]),
    }
}

fn devices(list: &Path, container: &Container, pod: &Surroundings<'_>, found: &mut Findings) {
    let mounts = &container.volume_mounts;
    let (mut paths, mut names) = (BTreeSet::new(), BTreeSet::new());
    for (index, device) in container.volume_devices.iter().enumerate() {
        let at = list.at(index);
        let (of_name, of_path) = (at.child("name"), at.child("devicePath"));
        let (name, path) = (&device.name, &device.device_path);
        found.not_empty(&of_name, name);
        if names.contains(name) {
            found.invalid(&of_name, name, "must be unique");
        }
        match pod.volumes.get(name.as_str()) {
            None => found.not_found(&of_name, name, ""),
            Some(it) if it.persistent_volume_claim.is_none() && it.ephemeral.is_none() => {
                let text = "can only use volume source type of PersistentVolumeClaim or Ephemeral \
                            for block mode";
                found.invalid(&of_name, name, text);
            }
            Some(_) => {}
        }
        found.not_empty(&of_path, path);
        if paths.contains(path) {
            found.invalid(&of_path, path, "must be unique");
        }
        let mut steps = Findings::on(found.release());
        no_back_steps(&of_path, path, &mut steps);
        if steps.len() > 0 {
            found.invalid(&of_path, path, "can not contain backsteps ('..')");
        } else {
            paths.insert(path);
        }
        if mounts.iter().any(|mount| mount.name == *name) {
            found.invalid(&of_name, name, "must not already exist in volumeMounts");
        }
        if mounts.iter().any(|mount| mount.mount_path == *path) {
            let text = "must not already exist as a path in volumeMounts";
            found.invalid(&of_path, path, text);
        }
        if !name.is_empty() {
            names.insert(name);
        }
    }
}
