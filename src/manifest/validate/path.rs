//! Paths of fields, as Kubernetes writes them.

use std::fmt::Display;
use std::ops::Deref;

/// A field's path: `spec.template.spec.containers[0].name`.
#[derive(Clone, Debug)]
pub(in crate::manifest) struct Path(String);

impl Path {
    pub(in crate::manifest) fn new(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// A field of this one.
    pub(in crate::manifest) fn child(&self, name: &str) -> Self {
        Self(format!("{}.{name}", self.0))
    }

    /// An item of this list, or the value of a key in this map.
    pub(in crate::manifest) fn at(&self, item: impl Display) -> Self {
        Self(format!("{}[{item}]", self.0))
    }
}

impl Deref for Path {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
