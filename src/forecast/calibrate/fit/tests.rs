//! Laws found again from what was drawn from them.

use super::*;
use crate::base::{Key, Purpose, Seed};

/// Draws of a law as the API lets them be seen: with a start anywhere in a second.
fn drawn(law: &str, n: u64, seed: u64) -> Sample {
    let law: Law = law.parse().unwrap();
    let key = Key::new(Seed(seed), 0);
    let length = |nth: u64| {
        let took = law.draw(&mut key.stream(nth, Purpose::RunTime)).micros();
        let start = i64::from(key.stream(nth, Purpose::Hazard).below(1_000_000));
        (start + took) / 1_000_000
    };
    Sample::of((0..n).map(length))
}

fn fit(law: &str, n: u64) -> Fit {
    Fit::of(&drawn(law, n, 7)).unwrap()
}

/// By how much one duration is longer than another, in per cent of the other.
fn off(one: Span, other: Span) -> i64 {
    100 * (one.micros() - other.micros()) / other.micros()
}

#[test]
fn laws_are_found_again() {
    for (text, kind) in [
        ("exponential(mean=5m)", Kind::Exponential),
        ("weibull(shape=3,scale=10m)", Kind::Weibull),
        ("lognormal(median=20m,p95=35m)", Kind::LogNormal),
        ("gamma(shape=2,mean=5m)", Kind::Gamma),
        ("20m..35m", Kind::Uniform),
        ("lognormal(median=3s,p95=9s)", Kind::LogNormal),
    ] {
        let (truth, fit) = (text.parse::<Law>().unwrap(), fit(text, 1500));
        assert_eq!((fit.kind, fit.ended, fit.open), (kind, 1500, 0), "{text}");
        assert_ne!(fit.quality, Quality::Few, "{text}");
        for p in [0.1, 0.5, 0.95] {
            let (found, true_one) = (fit.law.quantile(p), truth.quantile(p));
            assert!(off(found, true_one).abs() <= 8, "{text} {p}: {}", fit.law);
        }
        assert!(fit.distance < 0.03, "{text}: {}", fit.distance);
    }
}

/// Of runs of 5 minutes in the mean, each seen for at most 4.
#[test]
fn open_durations_count_as_longer_than_they_look() {
    for text in [
        "exponential(mean=5m)",
        "weibull(shape=3,scale=5m)",
        "gamma(shape=2,mean=5m)",
    ] {
        let truth: Law = text.parse().unwrap();
        let mut sample = Sample::default();
        for (seconds, count) in drawn(text, 2000, 3).ended {
            for _ in 0..count {
                if seconds < 240 {
                    sample.end(seconds);
                } else {
                    sample.stay_open(240);
                }
            }
        }
        let fit = Fit::of(&sample).unwrap();
        assert!(fit.open > 700, "{text}: {}", fit.open);
        assert_ne!(fit.kind, Kind::Empirical, "{text}: {:?}", fit.quality);
        let far = off(fit.law.median(), truth.median());
        assert!(far.abs() <= 5, "{text}: {}", fit.law);
    }
}

#[test]
fn what_is_the_same_to_the_second_is_constant() {
    let fit = fit("30.3s", 400);
    assert_eq!((fit.kind, fit.quality), (Kind::Constant, Quality::Same));
    assert!(
        off(fit.law.median(), Span::from_millis(30_300)).abs() <= 1,
        "{}",
        fit.law
    );
    let one = Fit::of(&Sample::of([7])).unwrap();
    assert_eq!(one.law.to_string(), "7s");
}

#[test]
fn few_durations_are_taken_as_they_are() {
    let fit = Fit::of(&Sample::of([10, 12, 12, 40, 0])).unwrap();
    assert_eq!(fit.law.to_string(), "empirical(500ms,10s,12s*2,40s)");
    assert_eq!(fit.quality, Quality::Few);
    assert_eq!(fit.median, Some(Span::from_secs(12)));
}

#[test]
fn few_durations_with_open_ones_weigh_what_kaplan_and_meier_say() {
    let mut sample = Sample::of([10, 20, 30]);
    sample.stay_open(15);
    // 1/4; of the rest of 3/4, half and half.
    let fit = Fit::of(&sample).unwrap();
    assert_eq!(fit.law.to_string(), "empirical(10s*250,20s*375,30s*375)");
    sample.stay_open(99);
    let fit = Fit::of(&sample).unwrap();
    assert_eq!(
        fit.law.to_string(),
        "empirical(10s*200,20s*267,30s*267,1m39s*267)"
    );
}

/// Two humps: no law of ours has them.
#[test]
fn where_no_law_fits_the_durations_are_taken_as_they_are() {
    let mut sample = drawn("lognormal(median=1m,p95=70s)", 300, 1);
    sample.absorb(&drawn("lognormal(median=30m,p95=40m)", 300, 2));
    let fit = Fit::of(&sample).unwrap();
    assert!(
        matches!(fit.quality, Quality::NoLaw(..)),
        "{:?}",
        fit.quality
    );
    assert_eq!(fit.kind, Kind::Empirical);
    let text = fit.law.to_string();
    assert!(text.matches(',').count() < MOST_VALUES, "{text}");
    for p in [0.25, 0.75, 0.95] {
        let want = Span::from_secs(sample.quantile(p).unwrap());
        assert!(off(fit.law.quantile(p), want).abs() <= 3, "{p}: {text}");
    }
}

/// A sample of a law passes as one of that law about as often as it should: Stephens' points are
/// for exact durations, and whole seconds are a little more forgiving.
#[test]
fn good_laws_are_refused_rarely_and_bad_ones_nearly_always() {
    let refused = |text: &str| {
        let law: Law = text.parse().unwrap();
        let kind = if text.starts_with('w') {
            Kind::Weibull
        } else {
            Kind::LogNormal
        };
        let bad = (0..60).filter(|seed| {
            let sample = drawn(text, 60, *seed);
            let own = candidates(&sample).into_iter().find(|it| it.1 == kind);
            let (_, _, own) = own.unwrap();
            assert!(off(own.median(), law.median()).abs() < 40);
            judge(kind, distance(&own, &sample.steps()), 60).is_none()
        });
        bad.count()
    };
    assert!(refused("weibull(shape=2,scale=10m)") <= 4);
    assert!(refused("lognormal(median=10m,p95=20m)") <= 4);
    let other = drawn("lognormal(median=10m,p95=2h)", 500, 1);
    let exponential = candidates(&other)
        .into_iter()
        .find(|it| it.1 == Kind::Exponential);
    let (_, kind, law) = exponential.unwrap();
    assert_eq!(judge(kind, distance(&law, &other.steps()), 500), None);
}

/// Nothing that a file may say leads to a panic, or to a law that is none.
#[test]
fn strange_durations_have_laws_too() {
    let most = 400_000_000_000;
    for values in [
        vec![0; 30],
        vec![most; 30],
        (0..60).map(|it| it * (most / 60)).collect(),
        (0..60).map(|it| if it < 59 { 0 } else { most }).collect(),
        (0..60).map(|it| 1_i64 << (it % 38)).collect(),
    ] {
        let fit = Fit::of(&Sample::of(values.iter().copied())).unwrap();
        let text = fit.law.to_string();
        assert_eq!(text.parse::<Law>().as_ref(), Ok(&fit.law), "{values:?}");
        assert!(fit.distance.is_finite());
    }
    let mut open = Sample::of([1; 25]);
    for _ in 0..1000 {
        open.stay_open(most);
    }
    assert!(Fit::of(&open).is_some());
    assert_eq!(Fit::of(&Sample::default()), None);
}
