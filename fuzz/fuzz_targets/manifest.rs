//! Any bytes are either manifests or errors: never a panic, a hang or unbounded memory.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let options = dryjob::manifest::Options::default();
    let _ = dryjob::manifest::read("fuzz", data, &options);
});
