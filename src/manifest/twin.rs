//! The objects of a manifest as Kubernetes' own types have them: nothing checked, nothing filled
//! in. They are read as JSON is read by Kubernetes, where a `null` leaves a field as it is, and are
//! written as Kubernetes writes them. Which of the fields a release knows is told by the schema.

mod affinity;
mod container;
mod environment;
mod job;
mod meta;
mod pod;
mod probe;
mod projected;
mod quantity;
mod security;
mod storage;
mod volume;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize};

pub(super) use affinity::*;
pub(super) use container::*;
pub(super) use environment::*;
pub(super) use job::*;
pub(super) use meta::*;
pub(super) use pod::*;
pub(super) use probe::*;
pub(super) use projected::*;
pub(super) use quantity::{IntOrString, Quantities, Quantity};
pub(super) use security::*;
pub(super) use storage::*;
pub(super) use volume::*;

/// Structures of Kubernetes' API with the names of their fields in snake case. The fields after
/// `unless_empty` are not written if they are empty, as Go's `omitempty` has it.
macro_rules! records {
    ($(
        $(#[$about:meta])*
        $name:ident
        $(always { $($(#[$at_always:meta])* $always:ident: $of_always:ty,)+ })?
        $(unless_empty { $($(#[$at:meta])* $field:ident: $of:ty,)+ })?
        ;
    )+) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize)]
        #[serde(default, rename_all = "camelCase")]
        #[allow(clippy::struct_field_names)] // the API's own
        pub(in crate::manifest) struct $name {
            $($(
                $(#[$at_always])*
                #[serde(deserialize_with = "super::given")]
                pub(in crate::manifest) $always: $of_always,
            )+)?
            $($(
                $(#[$at])*
                #[serde(
                    deserialize_with = "super::given",
                    skip_serializing_if = "super::Empty::is_empty"
                )]
                pub(in crate::manifest) $field: $of,
            )+)?
        }
    )+};
}
use records;

/// What `omitempty` leaves out.
trait Empty {
    fn is_empty(&self) -> bool;
}

macro_rules! empty {
    ($($of:ty)+) => {$(
        impl Empty for $of {
            fn is_empty(&self) -> bool {
                *self == Self::default()
            }
        }
    )+};
}

empty!(String bool i32 i64);

impl<T> Empty for Option<T> {
    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl<T> Empty for List<T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Empty for Map<T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A list in which items may be `null`, as everything may be in Kubernetes' JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
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

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T> List<T> {
    /// The items of a list that may be missing.
    pub(super) fn items(list: Option<&Self>) -> &[T] {
        list.map_or(&[], |list| &list.0)
    }
}

/// A mapping in which a `null` is an empty value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct Map<T>(pub(super) BTreeMap<String, T>);

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Map<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let pairs = BTreeMap::<String, Option<T>>::deserialize(from)?.into_iter();
        Ok(Self(
            pairs
                .map(|(key, value)| (key, value.unwrap_or_default()))
                .collect(),
        ))
    }
}

impl<T> Deref for Map<T> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &BTreeMap<String, T> {
        &self.0
    }
}

impl<T> DerefMut for Map<T> {
    fn deref_mut(&mut self) -> &mut BTreeMap<String, T> {
        &mut self.0
    }
}

/// A field that is left as it is by a `null`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

/// A mapping of texts; a `null` is an empty one.
pub(super) type TextMap = Map<String>;
