//! Volumes of old kinds, and files that hide each other.

use super::{Warnings, fractions};
use crate::manifest::twin::{
    DownwardAPIVolumeFile, KeyToPath, List, PersistentVolumeClaimSpec, ProjectedVolumeSource,
    Volume, VolumeProjection,
};
use crate::manifest::validate::path::Path;
use crate::model::Check;

pub(super) fn check(at: &Path, volumes: &[Volume], told: &mut Warnings) {
    for (index, volume) in volumes.iter().enumerate() {
        old(&at.at(index), volume, told);
    }
    if told.release.has(Check::OverlapWarnings) {
        for volume in volumes {
            overlaps(volume, told);
        }
    }
}

fn old(at: &Path, volume: &Volume, told: &mut Warnings) {
    let git = if told.release.has(Check::GitRepoIsOff) {
        "deprecated in v1.11, and disabled by default in v1.33+"
    } else {
        "deprecated in v1.11"
    };
    let before = [
        (
            "photonPersistentDisk",
            volume.photon_persistent_disk.is_some(),
            "deprecated in v1.11, non-functional in v1.16+",
        ),
        ("gitRepo", volume.git_repo.is_some(), git),
        (
            "scaleIO",
            volume.scale_io.is_some(),
            "deprecated in v1.16, non-functional in v1.22+",
        ),
        ("flocker", volume.flocker.is_some(), IN_1_25),
        ("storageOS", volume.storageos.is_some(), IN_1_25),
        ("quobyte", volume.quobyte.is_some(), IN_1_25),
        (
            "glusterfs",
            volume.glusterfs.is_some(),
            "deprecated in v1.25, non-functional in v1.26+",
        ),
    ];
    for (field, _, text) in before.into_iter().filter(|(_, given, _)| *given) {
        told.add(&at.child(field), text);
    }
    let ephemeral = volume.ephemeral.as_ref();
    if let Some(template) = ephemeral.and_then(|it| it.volume_claim_template.as_ref()) {
        claim(
            &at.child("ephemeral.volumeClaimTemplate.spec"),
            &template.spec,
            told,
        );
    }
    let after = [
        ("cephfs", volume.cephfs.is_some()),
        ("rbd", volume.rbd.is_some()),
    ];
    for (field, _) in after.into_iter().filter(|(_, given)| *given) {
        let text = "deprecated in v1.28, non-functional in v1.31+";
        told.add(&at.child(field), text);
    }
}

const IN_1_25: &str = "deprecated in v1.22, non-functional in v1.25+";

fn claim(at: &Path, spec: &PersistentVolumeClaimSpec, told: &mut Warnings) {
    let at = at.child("resources");
    fractions(
        &at.child("requests"),
        &spec.resources.requests,
        "storage",
        told,
    );
    fractions(&at.child("limits"), &spec.resources.limits, "storage", told);
}

/// A file and what brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct File {
    path: String,
    source: String,
}

impl File {
    fn new(path: &str, source: &str) -> Self {
        Self {
            path: path.trim_end_matches('/').to_owned(),
            source: source.to_owned(),
        }
    }

    fn tell(&self) -> String {
        match self.source.as_str() {
            "" => format!("{:?}", self.path),
            source => format!("{:?} ({source})", self.path),
        }
    }

    /// Whether one is the other, or a folder that the other lies in.
    fn meets(&self, other: &Self) -> bool {
        let (one, two) = (format!("{}/", self.path), format!("{}/", other.path));
        let both = !self.path.is_empty() && !other.path.is_empty();
        both && (one.starts_with(&two) || two.starts_with(&one))
    }
}

fn overlaps(volume: &Volume, told: &mut Warnings) {
    let mut tell = |of: &str, files: Vec<File>| {
        for (index, file) in files.iter().enumerate() {
            for other in files[..index].iter().filter(|other| file.meets(other)) {
                let both = format!("{} with {}", file.tell(), other.tell());
                let name = &volume.name;
                told.all
                    .push(format!("volume {name:?} ({of}): overlapping paths: {both}"));
            }
        }
    };
    if let Some(map) = &volume.config_map {
        tell(&format!("ConfigMap {:?}", map.name), keys(&map.items, ""));
    }
    if let Some(secret) = &volume.secret {
        tell(
            &format!("Secret {:?}", secret.secret_name),
            keys(&secret.items, ""),
        );
    }
    if let Some(api) = &volume.downward_api {
        tell("DownwardAPI", downward(&api.items, ""));
    }
    if let Some(it) = &volume.projected {
        projected(volume, it, told);
    }
}

fn projected(volume: &Volume, projected: &ProjectedVolumeSource, told: &mut Warnings) {
    let name = &volume.name;
    let mut before: Vec<File> = Vec::new();
    let mut files_of: Vec<File> = Vec::new();
    for source in List::items(projected.sources.as_ref()) {
        if *source == VolumeProjection::default() {
            told.all.push(format!(
                "volume {name:?} (Projected) has no sources provided"
            ));
            continue;
        }
        let own = files(source);
        // Older API servers take the files of the source before for those of one without any.
        if !own.is_empty() || told.release.has(Check::OverlapsBySource) {
            files_of = own;
        }
        for file in files_of.clone() {
            for other in before.iter().filter(|other| file.meets(other)) {
                let both = format!("{} with {}", file.tell(), other.tell());
                let words = format!("volume {name:?} (Projected): overlapping paths: {both}");
                told.all.push(words);
            }
            before.push(file);
        }
    }
}

fn keys(items: &[KeyToPath], source: &str) -> Vec<File> {
    items
        .iter()
        .map(|item| File::new(&item.path, source))
        .collect()
}

fn downward(items: &[DownwardAPIVolumeFile], source: &str) -> Vec<File> {
    items
        .iter()
        .map(|item| File::new(&item.path, source))
        .collect()
}

/// The files of the first of its types that a source has.
fn files(source: &VolumeProjection) -> Vec<File> {
    let of = |word: &str, name: &str| format!("{word} {name:?}");
    let map = source.config_map.as_ref().filter(|it| !it.items.is_empty());
    let secret = source.secret.as_ref().filter(|it| !it.items.is_empty());
    let api = source
        .downward_api
        .as_ref()
        .filter(|it| !it.items.is_empty());
    if let Some(it) = map {
        keys(&it.items, &of("ConfigMap", &it.name))
    } else if let Some(it) = secret {
        keys(&it.items, &of("Secret", &it.name))
    } else if let Some(it) = api {
        downward(&it.items, "DownwardAPI")
    } else if let Some(it) = &source.service_account_token {
        vec![File::new(&it.path, "ServiceAccountToken")]
    } else if let Some(it) = &source.cluster_trust_bundle {
        let name = it.name.as_ref().or(it.signer_name.as_ref());
        let name = name.map(String::as_str).unwrap_or_default();
        vec![File::new(&it.path, &of("ClusterTrustBundle", name))]
    } else if let Some(it) = &source.pod_certificate {
        let paths = [
            (&it.certificate_chain_path, "PodCertificate chain"),
            (&it.key_path, "PodCertificate key"),
            (
                &it.credential_bundle_path,
                "PodCertificate credential bundle",
            ),
        ];
        let given = paths.into_iter().filter(|(path, _)| !path.is_empty());
        given
            .map(|(path, source)| File::new(path, source))
            .collect()
    } else {
        Vec::new()
    }
}
