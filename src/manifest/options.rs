//! How manifests are read, and what they may cost.

use serde_json::Value;

use super::node::Node;
use crate::model::Release;

/// How manifests are read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// What a file may cost.
    pub limits: Limits,
    /// Take a document without `kind` or `apiVersion` for a Job, as the API server does where the
    /// request says what it is; kubectl refuses such files.
    pub assume_job: bool,
    /// The release of the API server.
    pub release: Release,
    /// What becomes of fields that are unknown or repeated.
    pub validation: FieldValidation,
    /// Keep the objects as they would be stored: [`Document::object`](super::Document::object).
    pub objects: bool,
    /// Objects that are stored already, with their status. A document of the same kind, namespace
    /// and name is an update of one of them.
    pub stored: Vec<Value>,
}

/// What becomes of fields that are unknown or repeated, as `--validate` of kubectl has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FieldValidation {
    /// They are errors.
    #[default]
    Strict,
    /// They are dropped with a warning.
    Warn,
    /// They are dropped.
    Ignore,
}

/// What a file may cost. The limits are far above those of any sensible manifest.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a file, and of the texts that aliases copy.
    pub bytes: usize,
    /// Documents of a file.
    pub documents: usize,
    /// Values in a file, those that aliases copy included.
    pub nodes: usize,
    /// Values that anchors keep and aliases copy: a short text can ask for any number of them.
    pub copies: usize,
    /// Lists and mappings inside each other.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            documents: 10_000,
            nodes: 1_000_000,
            copies: 100_000,
            depth: 128,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            assume_job: false,
            release: Release::LATEST,
            validation: FieldValidation::default(),
            objects: false,
            stored: Vec::new(),
        }
    }
}

impl Options {
    /// The stored object of the same kind, namespace and name as a document.
    pub(super) fn stored_as(&self, kind: &str, document: &Node) -> Option<&Value> {
        let meta = document.get("metadata");
        let of = |field| meta.and_then(|meta| meta.text(field)).unwrap_or_default();
        let (name, namespace) = (of("name"), in_default(of("namespace")));
        self.stored.iter().find(|stored| {
            let of = |path| {
                stored
                    .pointer(path)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let stored_namespace = in_default(of("/metadata/namespace"));
            of("/kind") == kind && of("/metadata/name") == name && stored_namespace == namespace
        })
    }
}

fn in_default(namespace: &str) -> &str {
    if namespace.is_empty() {
        "default"
    } else {
        namespace
    }
}
