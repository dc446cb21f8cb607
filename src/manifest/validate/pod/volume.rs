//! Volumes: that each is of one type, and those whose content Kubernetes makes.

use std::collections::{BTreeMap, BTreeSet};

use super::{claim, projected, storage};
use crate::manifest::names::{label_flaws, subdomain_flaws};
use crate::manifest::twin::{
    CSIVolumeSource, ConfigMapVolumeSource, DownwardAPIVolumeSource, EmptyDirVolumeSource,
    HostPathVolumeSource, ImageVolumeSource, KeyToPath, PersistentVolumeClaimVolumeSource,
    SecretVolumeSource, Volume,
};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::model::Check;

/// Checks all volumes, and gives those without a flaw, to which alone mounts may refer.
pub(super) fn check<'a>(
    at: &Path,
    volumes: &'a [Volume],
    found: &mut Findings,
) -> BTreeMap<&'a str, &'a Volume> {
    let mut fine = BTreeMap::new();
    let mut names = BTreeSet::new();
    for (index, volume) in volumes.iter().enumerate() {
        let at = at.at(index);
        let before = found.len();
        source(&at, volume, found);
        let name = volume.name.as_str();
        if name.is_empty() {
            found.required(&at.child("name"), "");
        } else {
            found.flaws(&at.child("name"), name, label_flaws(name));
        }
        if names.contains(name) {
            found.duplicate(&at.child("name"), name);
        }
        if found.len() == before {
            names.insert(name);
            fine.insert(name, volume);
        }
    }
    fine
}

/// How a type of volume is checked, with the name under which a second type is refused and the one
/// under which its own errors stand.
type Source<'a> = (&'a str, &'a str, &'a dyn Fn(&Path, &mut Findings));

fn source(at: &Path, volume: &Volume, found: &mut Findings) {
    let mut types = 0;
    let mut one = |(own, below, check): Source<'_>| {
        if types > 0 {
            found.forbidden(&at.child(own), "may not specify more than 1 volume type");
        } else {
            check(&at.child(below), found);
        }
        types += 1;
    };
    macro_rules! sources {
        ($($field:ident $own:literal $below:literal $check:path;)+) => {
            $(if let Some(it) = &volume.$field {
                one(($own, $below, &|at, found| $check(at, it, found)));
            })+
        };
    }
    sources! {
        empty_dir "emptyDir" "emptyDir" empty_dir;
        host_path "hostPath" "hostPath" host_path;
        git_repo "gitRepo" "gitRepo" storage::git_repo;
        gce_persistent_disk "gcePersistentDisk" "persistentDisk" storage::gce_disk;
        aws_elastic_block_store "awsElasticBlockStore" "awsElasticBlockStore" storage::aws_disk;
        secret "secret" "secret" secret;
        nfs "nfs" "nfs" storage::nfs;
    }
    if let Some(it) = &volume.iscsi {
        one(("iscsi", "iscsi", &|at, found| storage::iscsi(at, it, found)));
    }
    sources! {
        glusterfs "glusterfs" "glusterfs" storage::glusterfs;
        flocker "flocker" "flocker" storage::flocker;
        persistent_volume_claim "persistentVolumeClaim" "persistentVolumeClaim" own_claim;
        rbd "rbd" "rbd" storage::rbd;
        cinder "cinder" "cinder" storage::cinder;
        cephfs "cephFS" "cephfs" storage::ceph_fs;
        quobyte "quobyte" "quobyte" storage::quobyte;
        // The missing letter is Kubernetes' own.
        downward_api "downwarAPI" "downwardAPI" downward_api;
        fc "fc" "fc" storage::fibre_channel;
        flex_volume "flexVolume" "flexVolume" storage::flex_volume;
        config_map "configMap" "configMap" config_map;
        azure_file "azureFile" "azureFile" storage::azure_file;
        vsphere_volume "vsphereVolume" "vsphereVolume" storage::vsphere;
        photon_persistent_disk "photonPersistentDisk" "photonPersistentDisk" storage::photon;
        portworx_volume "portworxVolume" "portworxVolume" storage::portworx;
        azure_disk "azureDisk" "azureDisk" storage::azure_disk;
        storageos "storageos" "storageos" storage::storage_os;
        projected "projected" "projected" projected::check;
        scale_io "scaleIO" "scaleIO" storage::scale_io;
        csi "csi" "csi" csi;
        ephemeral "ephemeral" "ephemeral" claim::ephemeral;
        image "image" "image" image;
    }
    if types == 0 {
        found.required(at, "must specify a volume type");
    }
    storage::initiator(at, volume, found);
}

fn empty_dir(at: &Path, dir: &EmptyDirVolumeSource, found: &mut Findings) {
    if dir
        .size_limit
        .as_ref()
        .is_some_and(|limit| limit.exact() < crate::model::Quantity::ZERO)
    {
        let text = "SizeLimit field must be a valid resource quantity";
        found.forbidden(&at.child("sizeLimit"), text);
    }
}

fn host_path(at: &Path, host: &HostPathVolumeSource, found: &mut Findings) {
    const TYPES: [&str; 8] = [
        "",
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ];
    if host.path.is_empty() {
        found.required(&at.child("path"), "");
        return;
    }
    no_back_steps(&at.child("path"), &host.path, found);
    if let Some(kind) = &host.kind {
        found.one_of(&at.child("type"), kind, &TYPES);
    }
}

fn secret(at: &Path, secret: &SecretVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("secretName"), &secret.secret_name);
    mode(&at.child("defaultMode"), secret.default_mode, found);
    keys(&at.child("items"), &secret.items, found);
}

fn config_map(at: &Path, map: &ConfigMapVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("name"), &map.name);
    mode(&at.child("defaultMode"), map.default_mode, found);
    keys(&at.child("items"), &map.items, found);
}

fn downward_api(at: &Path, api: &DownwardAPIVolumeSource, found: &mut Findings) {
    mode(&at.child("defaultMode"), api.default_mode, found);
    for file in &api.items {
        projected::downward_file(at, file, found);
    }
}

fn own_claim(at: &Path, claim: &PersistentVolumeClaimVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("claimName"), &claim.claim_name);
}

fn csi(at: &Path, csi: &CSIVolumeSource, found: &mut Findings) {
    let driver = &at.child("driver");
    found.not_empty(driver, &csi.driver);
    if !csi.driver.is_empty() || !found.has(Check::CsiDriverOnce) {
        if csi.driver.len() > 63 {
            found.too_long(driver, 63);
        }
        let flaws = subdomain_flaws(&csi.driver.to_lowercase());
        found.flaws(driver, &csi.driver, flaws);
    }
    if let Some(secret) = &csi.node_publish_secret_ref {
        if secret.name.is_empty() {
            found.required(&at.child("nodePublishSecretRef.name"), "");
        } else {
            found.flaws(
                &at.child("name"),
                &secret.name,
                subdomain_flaws(&secret.name),
            );
        }
    }
}

fn image(at: &Path, image: &ImageVolumeSource, found: &mut Findings) {
    if found.has(Check::ImageVolumeReference) {
        found.not_empty(&at.child("reference"), &image.reference);
    }
    super::container::pull_policy(&at.child("pullPolicy"), &image.pull_policy, found);
}

/// Keys that become files.
fn keys(at: &Path, items: &[KeyToPath], found: &mut Findings) {
    for (index, item) in items.iter().enumerate() {
        key_to_path(&at.at(index), item, found);
    }
}

/// A key that becomes a file.
pub(super) fn key_to_path(at: &Path, item: &KeyToPath, found: &mut Findings) {
    found.not_empty(&at.child("key"), &item.key);
    found.not_empty(&at.child("path"), &item.path);
    inside(&at.child("path"), &item.path, found);
    mode(&at.child("mode"), item.mode, found);
}

/// The permissions of a file.
pub(super) fn mode(at: &Path, mode: Option<i32>, found: &mut Findings) {
    if let Some(mode) = mode.filter(|mode| !(0..=0o777).contains(mode)) {
        let text = "must be a number between 0 and 0777 (octal), both inclusive";
        found.invalid(at, &mode, text);
    }
}

/// A path that leads downwards and has no name that is reserved.
pub(super) fn inside(at: &Path, path: &str, found: &mut Findings) {
    downwards(at, path, found);
    if path.starts_with("..") && !path.starts_with("../") {
        found.invalid(at, path, "must not start with '..'");
    }
}

/// A path that leads downwards.
pub(super) fn downwards(at: &Path, path: &str, found: &mut Findings) {
    if path.starts_with('/') {
        found.invalid(at, path, "must be a relative path");
    }
    no_back_steps(at, path, found);
}

/// A path without a step upwards.
pub(super) fn no_back_steps(at: &Path, path: &str, found: &mut Findings) {
    if path.split('/').any(|step| step == "..") {
        found.invalid(at, path, "must not contain '..'");
    }
}
