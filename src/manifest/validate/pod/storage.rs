//! Volumes of storage systems that Kubernetes knows by name.

use crate::manifest::names::label_flaws;
use crate::manifest::twin::{
    AWSElasticBlockStoreVolumeSource, AzureDiskVolumeSource, AzureFileVolumeSource,
    CephFSVolumeSource, CinderVolumeSource, FCVolumeSource, FlexVolumeSource, FlockerVolumeSource,
    GCEPersistentDiskVolumeSource, GitRepoVolumeSource, GlusterfsVolumeSource, ISCSIVolumeSource,
    LocalObjectReference, NFSVolumeSource, PhotonPersistentDiskVolumeSource, PortworxVolumeSource,
    QuobyteVolumeSource, RBDVolumeSource, ScaleIOVolumeSource, StorageOSVolumeSource, Volume,
    VsphereVirtualDiskVolumeSource,
};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;

pub(super) fn git_repo(at: &Path, repo: &GitRepoVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("repository"), &repo.repository);
    super::volume::downwards(&at.child("directory"), &repo.directory, found);
}

pub(super) fn gce_disk(at: &Path, disk: &GCEPersistentDiskVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("pdName"), &disk.pd_name);
    partition(at, disk.partition, found);
}

pub(super) fn aws_disk(at: &Path, disk: &AWSElasticBlockStoreVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("volumeID"), &disk.volume_id);
    partition(at, disk.partition, found);
}

/// A 0 is taken, whatever the text says.
fn partition(at: &Path, partition: i32, found: &mut Findings) {
    if !(0..=255).contains(&partition) {
        let text = "must be between 1 and 255, inclusive";
        found.invalid(&at.child("partition"), &partition, text);
    }
}

pub(super) fn nfs(at: &Path, nfs: &NFSVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("server"), &nfs.server);
    found.not_empty(&at.child("path"), &nfs.path);
    if !nfs.path.starts_with('/') {
        found.invalid(&at.child("path"), &nfs.path, "must be an absolute path");
    }
}

pub(super) fn iscsi(at: &Path, iscsi: &ISCSIVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("targetPortal"), &iscsi.target_portal);
    let field = at.child("iqn");
    if iscsi.iqn.is_empty() {
        found.required(&field, "");
    } else if let Some(flaw) = initiator_flaw(&iscsi.iqn) {
        found.invalid(&field, &iscsi.iqn, flaw);
    }
    found.within(&at.child("lun"), iscsi.lun.into(), 0, 255);
    if (iscsi.chap_auth_discovery || iscsi.chap_auth_session) && iscsi.secret_ref.is_none() {
        found.required(&at.child("secretRef"), "");
    }
    if let Some(name) = &iscsi.initiator_name {
        if let Some(flaw) = initiator_flaw(name) {
            found.invalid(&at.child("initiatorname"), name, flaw);
        }
    }
}

/// Why a text is not the name of one who asks for storage: `iqn.2026-01.com.example:name`, `eui.`
/// with 16 letters and digits, or `naa.` with 32.
fn initiator_flaw(name: &str) -> Option<&'static str> {
    let letters = |rest: &str, count: usize| {
        let mut rest = rest.chars();
        // Any character may stand where the point should.
        rest.next().is_some_and(|c| c != '\n')
            && rest.clone().count() == count
            && rest.all(|c| c.is_ascii_alphanumeric())
    };
    let fits = if name.starts_with("iqn") {
        is_iqn(name)
    } else if let Some(rest) = name.strip_prefix("eui") {
        letters(rest, 16)
    } else if let Some(rest) = name.strip_prefix("naa") {
        letters(rest, 32)
    } else {
        return Some("must be valid format starting with iqn, eui, or naa");
    };
    (!fits).then_some("must be valid format")
}

/// `iqn.`, year and month, a domain, and behind a colon what tells names of a domain apart. All of
/// it may stand at the end of a longer text.
fn is_iqn(name: &str) -> bool {
    let own =
        |c: char| !(matches!(c, ',' | ';' | '*' | '&' | '$' | '|') || c.is_ascii_whitespace());
    let starts = name.match_indices("iqn.").map(|(at, _)| &name[at + 4..]);
    starts.into_iter().any(|rest| {
        let bytes = rest.as_bytes();
        let date = bytes.len() > 8
            && bytes[..7].iter().enumerate().all(|(i, c)| match i {
                4 => *c == b'-',
                _ => c.is_ascii_digit(),
            })
            && bytes[7] == b'.';
        let domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        date && rest[8..].split_once(':').is_some_and(|(before, after)| {
            !before.is_empty()
                && before.chars().all(domain)
                && !after.is_empty()
                && after.chars().all(own)
        })
    })
}

/// The volume's name and the portal are one name when the initiator has a name of its own.
pub(super) fn initiator(at: &Path, volume: &Volume, found: &mut Findings) {
    let Some(iscsi) = volume
        .iscsi
        .as_ref()
        .filter(|it| it.initiator_name.is_some())
    else {
        return;
    };
    if volume.name.len() + 1 + iscsi.target_portal.len() > 64 {
        let text = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters \
                    if iscsi.initiatorName is specified.";
        found.invalid(&at.child("name"), &volume.name, text);
    }
}

pub(super) fn glusterfs(at: &Path, glusterfs: &GlusterfsVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("endpoints"), &glusterfs.endpoints);
    found.not_empty(&at.child("path"), &glusterfs.path);
}

pub(super) fn flocker(at: &Path, flocker: &FlockerVolumeSource, found: &mut Findings) {
    match (
        flocker.dataset_name.is_empty(),
        flocker.dataset_uuid.is_empty(),
    ) {
        (true, true) => found.required(at, "one of datasetName and datasetUUID is required"),
        (false, false) => {
            let text = "datasetName and datasetUUID can not be specified simultaneously";
            found.invalid(at, "resource", text);
        }
        _ => {}
    }
    if flocker.dataset_name.contains('/') {
        let field = at.child("datasetName");
        found.invalid(&field, &flocker.dataset_name, "must not contain '/'");
    }
}

pub(super) fn rbd(at: &Path, rbd: &RBDVolumeSource, found: &mut Findings) {
    if rbd.monitors.is_empty() {
        found.required(&at.child("monitors"), "");
    }
    found.not_empty(&at.child("image"), &rbd.image);
}

pub(super) fn cinder(at: &Path, cinder: &CinderVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("volumeID"), &cinder.volume_id);
    secret_name(at, cinder.secret_ref.as_ref(), found);
}

fn secret_name(at: &Path, secret: Option<&LocalObjectReference>, found: &mut Findings) {
    if let Some(secret) = secret {
        found.not_empty(&at.child("secretRef.name"), &secret.name);
    }
}

pub(super) fn ceph_fs(at: &Path, ceph: &CephFSVolumeSource, found: &mut Findings) {
    if ceph.monitors.is_empty() {
        found.required(&at.child("monitors"), "");
    }
}

pub(super) fn quobyte(at: &Path, quobyte: &QuobyteVolumeSource, found: &mut Findings) {
    let pairs = "must be a host:port pair or multiple pairs separated by commas";
    let registry = at.child("registry");
    if quobyte.registry.is_empty() {
        found.required(&registry, pairs);
    } else if quobyte.tenant.len() >= 65 {
        let text = "must be a UUID and may not exceed a length of 64 characters";
        found.required(&at.child("tenant"), text);
    } else {
        for pair in quobyte.registry.split(',') {
            if !is_host_and_port(pair) {
                found.invalid(&registry, &quobyte.registry, pairs);
            }
        }
    }
    found.not_empty(&at.child("volume"), &quobyte.volume);
}

/// Whether a text is a host and a port as Go splits them: `host:port`, `[host]:port`.
fn is_host_and_port(pair: &str) -> bool {
    let Some((host, port)) = pair.rsplit_once(':') else {
        return false;
    };
    let (inner, bracketed) = match host.strip_prefix('[') {
        Some(rest) => match rest.strip_suffix(']') {
            Some(inner) => (inner, true),
            None => return false,
        },
        None => (host, false),
    };
    !inner.contains(['[', ']']) && !port.contains(['[', ']']) && (bracketed || !inner.contains(':'))
}

pub(super) fn fibre_channel(at: &Path, fc: &FCVolumeSource, found: &mut Findings) {
    let field = at.child("targetWWNs");
    match (fc.target_wwns.is_empty(), fc.wwids.is_empty()) {
        (true, true) => {
            found.required(
                &field,
                "must specify either targetWWNs or wwids, but not both",
            );
        }
        (false, false) => {
            let text = "targetWWNs and wwids can not be specified simultaneously";
            found.invalid(&field, &fc.target_wwns, text);
        }
        _ => {}
    }
    if !fc.target_wwns.is_empty() {
        match fc.lun {
            None => found.required(
                &at.child("lun"),
                "lun is required if targetWWNs is specified",
            ),
            Some(lun) => found.within(&at.child("lun"), lun.into(), 0, 255),
        }
    }
}

pub(super) fn flex_volume(at: &Path, flex: &FlexVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("driver"), &flex.driver);
    for key in flex.options.keys() {
        let owner = key.split('/').next().unwrap_or_default();
        let owner = format!(".{}", owner.to_lowercase());
        if owner.ends_with(".kubernetes.io") || owner.ends_with(".k8s.io") {
            let text = "kubernetes.io and k8s.io namespaces are reserved";
            found.invalid(&at.child("options").at(key), key, text);
        }
    }
}

pub(super) fn azure_file(at: &Path, file: &AzureFileVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("secretName"), &file.secret_name);
    found.not_empty(&at.child("shareName"), &file.share_name);
}

pub(super) fn azure_disk(at: &Path, disk: &AzureDiskVolumeSource, found: &mut Findings) {
    const MANAGED: &str = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/\
                           microsoft.compute/disks/{disk-id}";
    const BLOB: &str =
        "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
    let uri = at.child("diskURI");
    found.not_empty(&at.child("diskName"), &disk.disk_name);
    found.not_empty(&uri, &disk.disk_uri);
    if let Some(mode) = &disk.caching_mode {
        found.one_of(
            &at.child("cachingMode"),
            mode,
            &["None", "ReadOnly", "ReadWrite"],
        );
    }
    if let Some(kind) = &disk.kind {
        found.one_of(&at.child("kind"), kind, &["Dedicated", "Managed", "Shared"]);
        if kind == "Managed" {
            if !disk.disk_uri.starts_with("/subscriptions/") {
                found.not_supported(&uri, &disk.disk_uri, &[MANAGED]);
            }
        } else if !disk.disk_uri.starts_with("https://") {
            found.not_supported(&uri, &disk.disk_uri, &[BLOB]);
        }
    }
}

pub(super) fn vsphere(at: &Path, disk: &VsphereVirtualDiskVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("volumePath"), &disk.volume_path);
}

pub(super) fn photon(at: &Path, disk: &PhotonPersistentDiskVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("pdID"), &disk.pd_id);
}

pub(super) fn portworx(at: &Path, portworx: &PortworxVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("volumeID"), &portworx.volume_id);
}

pub(super) fn scale_io(at: &Path, scale: &ScaleIOVolumeSource, found: &mut Findings) {
    found.not_empty(&at.child("gateway"), &scale.gateway);
    found.not_empty(&at.child("system"), &scale.system);
    found.not_empty(&at.child("volumeName"), &scale.volume_name);
}

pub(super) fn storage_os(at: &Path, storage: &StorageOSVolumeSource, found: &mut Findings) {
    let name = at.child("volumeName");
    if storage.volume_name.is_empty() {
        found.required(&name, "");
    } else {
        found.flaws(
            &name,
            &storage.volume_name,
            label_flaws(&storage.volume_name),
        );
    }
    let namespace = &storage.volume_namespace;
    if !namespace.is_empty() {
        found.flaws(
            &at.child("volumeNamespace"),
            namespace,
            label_flaws(namespace),
        );
    }
    secret_name(at, storage.secret_ref.as_ref(), found);
}
