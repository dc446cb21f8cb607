//! Sentences are read as they are written, and judged.

use super::*;
use crate::model::Cause;
use crate::sim::{Finish, Outcome};

#[test]
fn assertions_read_as_they_are_written() {
    for text in [
        "p(complete) >= 0.99",
        "p(complete within 2h) > 0.5",
        "p(failed because DeadlineExceeded) < 0.01",
        "p95(duration) <= 2h",
        "p99.9(completion) <= 1m30s",
        "max(pods) <= 50",
        "mean(wasted) < 10m",
        "p50(cost) <= 12.50",
        "p(open) <= 0",
    ] {
        let it: Assertion = text.parse().unwrap();
        assert_eq!(it.to_string(), text);
    }
    let spaces: Assertion = " median( first-start )<=5m ".parse().unwrap();
    assert_eq!(spaces.to_string(), "p50(firstStart) <= 5m");
    let percent: Assertion = "p(complete) >= 99%".parse().unwrap();
    assert!((percent.bound - 0.99).abs() < 1e-12);
}

#[test]
fn what_cannot_be_read_is_told() {
    for (text, why) in [
        ("p(complete)", "compares nothing"),
        ("p(done) >= 1", "nothing that happens in a trial"),
        ("p(complete) >= 99", "no probability"),
        ("p101(duration) <= 1h", "write p(complete)"),
        ("p95(speed) <= 1h", "nothing is known of \"speed\""),
        ("p95(duration) <= 2", "no duration"),
        ("max(pods) <= many", "no number"),
        ("pé(pods) <= 1", "write p(complete)"),
    ] {
        let told = text.parse::<Assertion>().unwrap_err();
        assert!(told.contains(why), "{text}: {told}");
    }
}

#[test]
fn a_job_that_does_not_end_takes_longer_than_any_bound() {
    let mut summary = Summary::new([Span::from_secs(60)]);
    for trial in 0..100 {
        let ends = trial % 10 != 0;
        let complete = Finish::Complete(Cause::CompletionsReached);
        let outcome = Outcome {
            finish: if ends { complete } else { Finish::Open },
            duration: ends.then(|| Span::from_secs(50 + trial)),
            ..Outcome::default()
        };
        summary.add(u64::try_from(trial).unwrap(), &outcome);
    }
    let check = |text: &str| {
        let it: Assertion = text.parse().unwrap();
        let found = it.check(&summary, Price::default());
        (found.holds, found.surely)
    };
    assert_eq!(check("p(complete) >= 0.5"), (true, true));
    assert_eq!(check("p(complete) >= 0.88"), (true, false));
    assert_eq!(check("p(complete within 1m) <= 0.2"), (true, true));
    assert_eq!(check("p50(duration) <= 2m"), (true, true));
    assert_eq!(check("p99(duration) <= 24h"), (false, true));
    assert_eq!(check("max(duration) <= 24h"), (false, true));
}
