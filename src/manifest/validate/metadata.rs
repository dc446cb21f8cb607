//! Metadata that pods and templates have.

use super::finding::Findings;
use super::path::Path;
use crate::manifest::names::qualified_flaws;
use crate::manifest::twin::TextMap;

/// Bytes of all annotations together.
const ANNOTATIONS: usize = 256 << 10;

/// Annotations, of which all errors are about the whole map; their keys may have capitals.
pub(super) fn annotations(at: &Path, annotations: &TextMap, found: &mut Findings) {
    for key in annotations.keys() {
        let flaws = qualified_flaws(&key.to_lowercase(), found.release());
        found.flaws(at, key, flaws);
    }
    annotations_size(at, annotations, found);
}

/// How much annotations may be.
pub(super) fn annotations_size(at: &Path, annotations: &TextMap, found: &mut Findings) {
    let size = annotations
        .iter()
        .map(|(key, value)| key.len() + value.len());
    if size.sum::<usize>() > ANNOTATIONS {
        found.too_long(at, ANNOTATIONS);
    }
}
