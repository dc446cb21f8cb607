//! The files of recordings, as the tests read them.

use flate2::read::GzDecoder;
use std::fs;
use std::io::Read;
use std::path::PathBuf;

/// A file of a suite.
pub(crate) fn path(suite: &str, name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/conformance", suite, name]
        .iter()
        .collect()
}

/// The lines of a packed file of a suite.
pub(crate) fn lines(suite: &str, name: &str) -> Vec<String> {
    let file = fs::File::open(path(suite, name)).expect("the recordings are there");
    let mut text = String::new();
    GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("the recordings are whole");
    text.lines().map(str::to_owned).collect()
}
