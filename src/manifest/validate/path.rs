//! Paths of fields, as Kubernetes writes them.

use std::fmt::Display;
use std::ops::Deref;

/// A field's path: `spec.template.spec.containers[0].name`.
#[derive(Clone, Debug)]
pub(super) struct Path(String);

impl Path {
    pub(super) fn new(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// A field of this one.
    pub(super) fn child(&self, name: &str) -> Self {
        Self(format!("{}.{name}", self.0))
    }

    /// An item of this list, or the value of a key in this map.
    pub(super) fn at(&self, item: impl Display) -> Self {
        Self(format!("{}[{item}]", self.0))
    }
}

impl Deref for Path {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
