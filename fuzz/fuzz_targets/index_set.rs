//! An index set's text is read back as the same set, and no text makes the reader panic.

#![no_main]

use dryjob::base::IndexSet;
use libfuzzer_sys::fuzz_target;

/// Indexes from here on are cut off: far above what a few bytes of text need to be interesting.
const BOUND: u32 = 100_000;

fuzz_target!(|text: &str| {
    let set = IndexSet::parse_below(text, BOUND);
    let written = set.to_string();
    assert_eq!(
        IndexSet::parse_below(&written, BOUND),
        set,
        "{text:?} reads as {written:?}"
    );
    assert_eq!(
        written.parse().as_ref(),
        Ok(&set),
        "strictly, {text:?} reads as {written:?}"
    );
});
