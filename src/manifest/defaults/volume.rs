//! What the API server fills in in a volume.

use std::mem::take;

use super::pod::{pull_policy, quantities, text};
use crate::manifest::twin::{
    AzureDiskVolumeSource, DownwardAPIVolumeFile, EmptyDirVolumeSource, PersistentVolumeClaimSpec,
    ProjectedVolumeSource, Volume,
};

/// The permissions of files: `rw-r--r--`.
const MODE: i32 = 0o644;

/// Fills in a volume.
pub(super) fn fill(volume: &mut Volume) {
    let name = take(&mut volume.name);
    if *volume == Volume::default() {
        volume.empty_dir = Some(EmptyDirVolumeSource::default());
    }
    volume.name = name;
    if let Some(path) = &mut volume.host_path {
        path.kind.get_or_insert_default();
    }
    if let Some(image) = &mut volume.image {
        text(&mut image.pull_policy, pull_policy(&image.reference));
    }
    if let Some(secret) = &mut volume.secret {
        secret.default_mode.get_or_insert(MODE);
    }
    if let Some(map) = &mut volume.config_map {
        map.default_mode.get_or_insert(MODE);
    }
    if let Some(api) = &mut volume.downward_api {
        api.default_mode.get_or_insert(MODE);
        api.items.iter_mut().for_each(downward_file);
    }
    if let Some(projected) = &mut volume.projected {
        self::projected(projected);
    }
    let claim = volume.ephemeral.as_mut();
    if let Some(template) = claim.and_then(|it| it.volume_claim_template.as_mut()) {
        claim_spec(&mut template.spec);
    }
    storage(volume);
}

fn projected(projected: &mut ProjectedVolumeSource) {
    projected.default_mode.get_or_insert(MODE);
    for source in projected
        .sources
        .iter_mut()
        .flat_map(|list| list.iter_mut())
    {
        if let Some(api) = &mut source.downward_api {
            api.items.iter_mut().for_each(downward_file);
        }
        if let Some(token) = &mut source.service_account_token {
            token.expiration_seconds.get_or_insert(3600);
        }
    }
}

fn downward_file(file: &mut DownwardAPIVolumeFile) {
    if let Some(field) = &mut file.field_ref {
        text(&mut field.api_version, "v1");
    }
}

fn claim_spec(spec: &mut PersistentVolumeClaimSpec) {
    spec.volume_mode
        .get_or_insert_with(|| "Filesystem".to_owned());
    quantities(&mut spec.resources.limits);
    quantities(&mut spec.resources.requests);
}

fn storage(volume: &mut Volume) {
    if let Some(iscsi) = &mut volume.iscsi {
        text(&mut iscsi.iscsi_interface, "default");
    }
    if let Some(rbd) = &mut volume.rbd {
        text(&mut rbd.pool, "rbd");
        text(&mut rbd.user, "admin");
        text(&mut rbd.keyring, "/etc/ceph/keyring");
    }
    if let Some(disk) = &mut volume.azure_disk {
        azure_disk(disk);
    }
    if let Some(scale) = &mut volume.scale_io {
        text(&mut scale.storage_mode, "ThinProvisioned");
        text(&mut scale.fs_type, "xfs");
    }
}

fn azure_disk(disk: &mut AzureDiskVolumeSource) {
    disk.caching_mode
        .get_or_insert_with(|| "ReadWrite".to_owned());
    disk.fs_type.get_or_insert_with(|| "ext4".to_owned());
    disk.read_only.get_or_insert(false);
    disk.kind.get_or_insert_with(|| "Shared".to_owned());
}
