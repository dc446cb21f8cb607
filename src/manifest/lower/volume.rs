//! Volumes.

use super::quantity;
use crate::manifest::twin::{self, List};
use crate::model::{self, ReferenceKind, VolumeSource};

pub(super) fn volume(volume: twin::Volume) -> model::Volume {
    let source = if let Some(dir) = volume.empty_dir {
        empty_dir(&dir)
    } else if let Some(map) = volume.config_map {
        let kind = ReferenceKind::ConfigMap;
        VolumeSource::Objects(references(kind, &map.name, &map.items, map.optional))
    } else if let Some(it) = volume.secret {
        let kind = ReferenceKind::Secret;
        VolumeSource::Objects(references(kind, &it.secret_name, &it.items, it.optional))
    } else if let Some(projected) = volume.projected {
        let all = List::items(projected.sources.as_ref()).iter();
        VolumeSource::Objects(all.flat_map(projection).collect())
    } else if let Some(claim) = volume.persistent_volume_claim {
        VolumeSource::Claim(claim.claim_name)
    } else {
        VolumeSource::Other
    };
    model::Volume {
        name: volume.name,
        source,
    }
}

fn empty_dir(dir: &twin::EmptyDirVolumeSource) -> VolumeSource {
    let limit = dir.size_limit.as_ref().map(|limit| quantity(limit).units());
    VolumeSource::EmptyDir {
        // A limit of 0 is none.
        size_limit: limit.and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0),
        memory: dir.medium == "Memory",
    }
}

fn projection(source: &twin::VolumeProjection) -> Vec<model::Reference> {
    let map = source.config_map.as_ref();
    let secret = source.secret.as_ref();
    let both = [
        map.map(|it| references(ReferenceKind::ConfigMap, &it.name, &it.items, it.optional)),
        secret.map(|it| references(ReferenceKind::Secret, &it.name, &it.items, it.optional)),
    ];
    both.into_iter().flatten().flatten().collect()
}

/// The object, or each of its keys that is asked for.
fn references(
    kind: ReferenceKind,
    name: &str,
    items: &[twin::KeyToPath],
    optional: Option<bool>,
) -> Vec<model::Reference> {
    let one = |key: Option<&str>| model::Reference {
        kind,
        name: name.to_owned(),
        key: key.map(str::to_owned),
        optional: optional.unwrap_or_default(),
    };
    if items.is_empty() {
        return vec![one(None)];
    }
    items.iter().map(|item| one(Some(&item.key))).collect()
}
