//! The fields of a manifest that mean something to us, as they are written: nothing checked,
//! nothing filled in. Which fields there are at all is known to the schema alone.

mod affinity;
mod container;
mod job;
mod pod;
mod quantity;
mod volume;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

pub(super) use affinity::*;
pub(super) use container::*;
pub(super) use job::*;
pub(super) use pod::*;
pub(super) use quantity::{Quantities, Quantity};
pub(super) use volume::*;

/// A list in which items may be `null`, as everything may be in Kubernetes' JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let items = Vec::<Option<T>>::deserialize(from)?;
        Ok(Self(
            items.into_iter().map(Option::unwrap_or_default).collect(),
        ))
    }
}

impl<T> List<T> {
    /// The items of a list that may be missing.
    pub(super) fn items(list: Option<&Self>) -> &[T] {
        list.map_or(&[], |list| &list.0)
    }
}

/// A field that is left as it is by a `null`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

/// A mapping of texts; a `null` is an empty one.
pub(super) type TextMap = BTreeMap<String, Option<String>>;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Meta {
    #[serde(deserialize_with = "given")]
    pub(super) name: String,
    #[serde(deserialize_with = "given")]
    pub(super) generate_name: String,
    #[serde(deserialize_with = "given")]
    pub(super) namespace: String,
    #[serde(deserialize_with = "given")]
    pub(super) labels: TextMap,
}
