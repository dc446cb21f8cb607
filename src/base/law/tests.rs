//! What the laws draw.

mod numbers;
mod theory;

use super::*;
use crate::base::{Key, Purpose, Seed};
use theory::DRAWN;

fn law(text: &str) -> Law {
    text.parse().unwrap()
}

fn stream() -> Stream {
    Key::new(Seed(7), 1).stream(42, Purpose::Fate)
}

/// Draws are part of every result: these may never change.
#[test]
fn the_first_draws_stay_the_same() {
    for (text, want) in [
        ("30s", [30000000, 30000000, 30000000]),
        ("20m..35m", [1833014539, 1665528867, 2043763701]),
        ("exponential(mean=30s)", [36456017, 21847958, 83184970]),
        (
            "lognormal(median=20m,p95=35m)",
            [1439103219, 1217793721, 2022441821],
        ),
        (
            "lognormal(median=20m,sigma=0.5)",
            [1567294421, 1226240957, 2584271692],
        ),
        (
            "weibull(shape=1.5,scale=10m)",
            [683255639, 485673393, 1184223446],
        ),
        (
            "weibull(shape=0.7,mean=10m)",
            [626186577, 301334558, 2034820501],
        ),
        ("gamma(shape=2,mean=5m)", [368336417, 680341699, 411325549]),
        ("gamma(shape=0.5,mean=5m)", [360346788, 5121922, 1588092230]),
        (
            "gamma(shape=40,mean=1h)",
            [3881359352, 4512189354, 3981202110],
        ),
        ("pareto(min=1m,shape=2.5)", [97555826, 80290448, 181903712]),
        (
            "exponential(mean=30s) + 10s",
            [46456017, 31847958, 93184970],
        ),
        (
            "exponential(mean=30s) in 10s..1m",
            [35354281, 26318940, 52868725],
        ),
        (
            "lognormal(median=20m,p95=35m) in 25m..1h",
            [1951940433, 1778110727, 2477084663],
        ),
        (
            "gamma(shape=2,mean=5m) in 1m..10m",
            [368336417, 411325549, 587704491],
        ),
        (
            "gamma(shape=2,mean=5m) + 1m in 9m..30m",
            [740341699, 647704491, 597368065],
        ),
        (
            "pareto(min=1m,shape=0.8) in 2m..1h",
            [457256567, 273868251, 1627789257],
        ),
        ("empirical(10s,12s,40s*3)", [40000000, 40000000, 40000000]),
    ] {
        let (law, mut stream) = (law(text), stream());
        let drawn = [(); 3].map(|()| law.draw(&mut stream).micros());
        assert_eq!(drawn, want, "{text}");
    }
}

#[test]
fn greater_numbers_draw_longer_durations() {
    let texts = DRAWN.iter().map(|case| case.0);
    for text in texts.chain(["empirical(1s,5s*3,7s)"]) {
        let law = law(text);
        if matches!(
            law.0,
            Form::Whole {
                family: Family::Gamma { .. },
                ..
            }
        ) {
            continue;
        }
        if matches!(
            law.0,
            Form::Within {
                family: Family::Gamma { .. },
                ..
            }
        ) {
            continue;
        }
        let mut pairs: Vec<(u64, Span)> = (0..10_000)
            .map(|entity| {
                let mut stream = Key::new(Seed(7), 1).stream(entity, Purpose::Fate);
                ({ stream }.next_u64(), law.draw(&mut stream))
            })
            .collect();
        pairs.sort_unstable();
        assert!(pairs.is_sorted_by_key(|pair| pair.1), "{text}");
    }
}

#[test]
fn truncated_laws_stay_between_their_ends() {
    for (text, low, high) in [
        ("20m..35m in 25m..40m", 1_500_000_000, 2_100_000_000),
        ("exponential(mean=30s) in 9m..10m", 540_000_000, 600_000_000),
        (
            "gamma(shape=2,mean=5m) in 50m..1h",
            3_000_000_000,
            3_600_000_000,
        ),
        (
            "pareto(min=1m,shape=0.1) + 5s in 1h..2h",
            3_600_000_000,
            7_200_000_000,
        ),
        ("weibull(shape=0.01,scale=1s) in 0s..1us", 0, 1),
    ] {
        let (law, mut stream) = (law(text), stream());
        for _ in 0..1000 {
            let drawn = law.draw(&mut stream).micros();
            assert!(low <= drawn && drawn <= high, "{text}: {drawn}");
        }
        let mean = law.mean().unwrap().micros();
        assert!(low <= mean && mean <= high, "{text}: {mean}");
        let ends = [law.quantile(0.0).micros(), law.quantile(1.0).micros()];
        assert_eq!(ends, [low, high], "{text}");
    }
}

#[test]
fn nothing_is_longer_than_the_longest() {
    let most = LONGEST.micros();
    for text in [
        format!("{most}us"),
        format!("0s..{most}us"),
        format!("exponential({most}us) + {most}us"),
        format!("weibull(shape=0.01,scale={most}us)"),
        format!("lognormal(median=1us,p95={most}us)"),
        format!("lognormal(median={most}us,sigma=10)"),
        format!("gamma(shape=0.01,mean={most}us)"),
        format!("pareto(min={most}us,shape=0.01)"),
        format!("pareto(min=1us,shape=0.01) in 1s..{most}us"),
        format!("empirical(0s,{most}us) + {most}us"),
    ] {
        let law = law(&text);
        let mut stream = stream();
        for _ in 0..1000 {
            let drawn = law.draw(&mut stream);
            assert!(Span::ZERO <= drawn && drawn <= LONGEST, "{text}: {drawn:?}");
        }
        assert_eq!(law.quantile(1.0), LONGEST, "{text}");
        assert!(law.quantile(f64::NAN) <= law.median(), "{text}");
        assert!(law.mean().is_none_or(|it| it <= LONGEST), "{text}");
    }
}

#[test]
fn a_mean_that_is_infinite_is_none() {
    for (text, finite) in [
        ("pareto(min=1m,shape=1)", false),
        ("pareto(min=1m,shape=0.5) + 1m", false),
        ("pareto(min=1m,shape=1.01)", true),
        ("pareto(min=1m,shape=0.5) in 1m..1h", true),
    ] {
        assert_eq!(law(text).mean().is_some(), finite, "{text}");
    }
}

#[test]
fn what_cannot_vary_is_constant() {
    for (text, constant) in [
        ("30s", true),
        ("30s..30s", true),
        ("30s + 1s in 30s..40s", true),
        ("empirical(3s,3s,3s)", true),
        ("empirical(3s,4s) in 1s..3s", true),
        ("empirical(3s,4s)", false),
        ("30s..31s", false),
        ("exponential(30s)", false),
    ] {
        assert_eq!(law(text).is_constant(), constant, "{text}");
    }
}

#[test]
fn composed_laws_take_their_simplest_form() {
    for (text, same) in [
        ("30s + 10s", "40s"),
        ("20m..35m + 1m in 10m..30m", "21m..30m"),
        ("exp(30s) + 5s + 5s", "exp(30s) + 10s"),
        ("exp(30s) in 5s..1m in 10s..2m", "exp(30s) in 10s..1m"),
        ("exp(30s) in 10s..1m + 5s", "exp(30s) + 5s in 15s..65s"),
        ("empirical(1s,2s,3s) in 2s..9s", "empirical(2s,3s)"),
        ("empirical(1s,2s*3,3s) in 0s..1s", "empirical(1s)"),
        ("empirical(3s,1s,3s)", "empirical(1s,3s*2)"),
    ] {
        assert_eq!(law(text), law(same), "{text}");
    }
}

#[test]
fn a_rounded_time_is_the_nearest_even_microsecond() {
    for (seconds, micros) in [
        (0.0, 0),
        (-1.0, 0),
        (f64::NAN, 0),
        (0.4e-6, 0),
        (0.5e-6, 0),
        (1.5e-6, 2),
        (2.5e-6, 2),
        (12.345_678_9, 12_345_679),
        (f64::INFINITY, LONGEST.micros()),
    ] {
        assert_eq!(rounded(seconds).micros(), micros, "{seconds}");
    }
}
