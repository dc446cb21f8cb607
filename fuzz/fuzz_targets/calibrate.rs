//! Any bytes are either pods, of which something is learnt or nothing, or errors.

#![no_main]

use dryjob::forecast::calibrate::{Choice, Observations};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut seen = Observations::default();
    if seen.read("fuzz", data).is_ok() {
        let _ = seen.calibrate(&Choice::default());
    }
});
