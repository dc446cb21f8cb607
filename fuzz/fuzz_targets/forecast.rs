//! Whatever is read of forecasts is refused or means something: shares are merged and written, and
//! sentences read as they are written.

#![no_main]

use dryjob::forecast::{Assertion, Axis, Goal, Measure, Precision, Report, Shard};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(shares) = Report::all_from_json(bytes) {
        let mut whole = shares[0].clone();
        for share in &shares[1..] {
            let _ = whole.forecast.merge(&share.forecast);
        }
        let written = whole.to_json();
        let read = Report::all_from_json(written.as_bytes()).expect("it was just written");
        assert_eq!(read[0].to_json(), written);
        let _ = (whole.table(true), whole.html(), whole.findings());
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(measure) = text.parse::<Measure>() {
        let written = measure.to_string();
        assert!(
            written.parse::<Measure>().is_ok(),
            "{text:?} is written {written:?}"
        );
    }
    let _ = text.parse::<Assertion>();
    let _ = text.parse::<Axis>();
    let _ = (
        text.parse::<Goal>(),
        text.parse::<Precision>(),
        text.parse::<Shard>(),
    );
});
