//! Volumes.

use super::quantity;
use crate::manifest::twin;
use crate::model::{self, ReferenceKind, VolumeSource};

pub(super) fn volume(volume: twin::Volume) -> model::Volume {
    let source = if let Some(dir) = volume.empty_dir {
        empty_dir(&dir)
    } else if let Some(map) = volume.config_map {
        VolumeSource::Objects(references(&map, ReferenceKind::ConfigMap))
    } else if let Some(secret) = volume.secret {
        let keys = twin::Keys {
            name: secret.secret_name,
            items: secret.items,
            optional: secret.optional,
        };
        VolumeSource::Objects(references(&keys, ReferenceKind::Secret))
    } else if let Some(projected) = volume.projected {
        let all = projected.sources.0.iter().flat_map(projection);
        VolumeSource::Objects(all.collect())
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

fn empty_dir(dir: &twin::EmptyDir) -> VolumeSource {
    let limit = dir.size_limit.as_ref().map(|limit| quantity(limit).units());
    VolumeSource::EmptyDir {
        // A limit of 0 is none.
        size_limit: limit.and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0),
        memory: dir.medium == "Memory",
    }
}

fn projection(source: &twin::Projection) -> Vec<model::Reference> {
    let kinds = [
        (&source.config_map, ReferenceKind::ConfigMap),
        (&source.secret, ReferenceKind::Secret),
    ];
    let given = kinds
        .into_iter()
        .filter_map(|(keys, kind)| Some((keys.as_ref()?, kind)));
    given
        .flat_map(|(keys, kind)| references(keys, kind))
        .collect()
}

/// The object, or each of its keys that is asked for.
fn references(keys: &twin::Keys, kind: ReferenceKind) -> Vec<model::Reference> {
    let one = |key: Option<&str>| model::Reference {
        kind,
        name: keys.name.clone(),
        key: key.map(str::to_owned),
        optional: keys.optional.unwrap_or_default(),
    };
    if keys.items.0.is_empty() {
        return vec![one(None)];
    }
    let items = keys.items.0.iter();
    items.map(|item| one(Some(&item.key))).collect()
}
