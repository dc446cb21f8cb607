//! Volumes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{List, Named, Quantity, given};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct Volume {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) name: String,
    pub(in crate::manifest) empty_dir: Option<EmptyDir>,
    pub(in crate::manifest) config_map: Option<Keys>,
    pub(in crate::manifest) secret: Option<SecretVolume>,
    pub(in crate::manifest) projected: Option<Projected>,
    pub(in crate::manifest) persistent_volume_claim: Option<Claim>,
    /// The sources that mean nothing to us.
    #[serde(flatten)]
    pub(in crate::manifest) others: BTreeMap<String, Option<IgnoredAny>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct EmptyDir {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) medium: String,
    pub(in crate::manifest) size_limit: Option<Quantity>,
}

/// A `ConfigMap` or `Secret`, or some of its keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct Keys {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) name: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) items: List<Named>,
    pub(in crate::manifest) optional: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct SecretVolume {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) secret_name: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) items: List<Named>,
    pub(in crate::manifest) optional: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct Projected {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) sources: List<Projection>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct Projection {
    pub(in crate::manifest) config_map: Option<Keys>,
    pub(in crate::manifest) secret: Option<Keys>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct Claim {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) claim_name: String,
}
