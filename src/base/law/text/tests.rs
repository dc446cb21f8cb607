//! How laws are written, printed and refused.

use proptest::prelude::*;

use super::*;

fn error(text: &str) -> String {
    text.parse::<Law>().unwrap_err().to_string()
}

/// A text, and what is printed of the law that it says.
const PRINTED: &[(&str, &str)] = &[
    ("30s", "30s"),
    ("0", "0s"),
    (" 1h30m ", "1h30m"),
    ("120m", "2h"),
    ("3601s", "1h0m1s"),
    ("constant(250ms)", "250ms"),
    ("CONSTANT(Value=250us)", "250µs"),
    ("20m..35m", "20m..35m"),
    ("20m .. 35m", "20m..35m"),
    ("1.5s...5m", "1.5s..30s"),
    ("uniform(20m,35m)", "20m..35m"),
    ("uniform( max = 35m, min = 20m )", "20m..35m"),
    ("uniform(20m,max=35m)", "20m..35m"),
    ("exponential(mean=30s)", "exponential(mean=30s)"),
    ("exp(30s)", "exponential(mean=30s)"),
    ("Exp (MEAN=30s)", "exponential(mean=30s)"),
    (
        "lognormal(p95=35m,median=20m)",
        "lognormal(median=20m,p95=35m)",
    ),
    (
        "LogNormal(median=20m, sigma=.50)",
        "lognormal(median=20m,sigma=0.5)",
    ),
    (
        "weibull(shape=1.5,scale=10m)",
        "weibull(shape=1.5,scale=10m)",
    ),
    ("weibull(mean=10m,shape=2)", "weibull(shape=2,mean=10m)"),
    ("gamma(shape=2e+0,mean=5m)", "gamma(shape=2,mean=5m)"),
    ("pareto(shape=2.5,min=1m)", "pareto(min=1m,shape=2.5)"),
    ("empirical(40s,10s,12s,40s)", "empirical(10s,12s,40s*2)"),
    ("empirical( 10s * 3 , 12s*1 )", "empirical(10s*3,12s)"),
    ("exp(30s)+10s", "exponential(mean=30s) + 10s"),
    ("exp(30s)in 10s..5m", "exponential(mean=30s) in 10s..5m"),
    (
        "exp(30s) + 10s IN 10s .. 5m",
        "exponential(mean=30s) + 10s in 10s..5m",
    ),
    ("20m..35m in 25m..40m+1m", "26m..36m"),
    ("empirical(1s,2s) + 1s", "empirical(1s,2s) + 1s"),
];

#[test]
fn laws_read_as_they_are_written_and_print_in_short() {
    for &(text, printed) in PRINTED {
        let law: Law = text.parse().unwrap_or_else(|it| panic!("{text}: {it}"));
        assert_eq!(law.to_string(), printed, "{text}");
        assert_eq!(printed.parse(), Ok(law), "{text}");
    }
}

/// A text, and why it is no law.
const REFUSED: &[(&str, &str)] = &[
    (
        " ",
        "there is no distribution here: write one as in 30s, 20m..35m or \
             exponential(mean=30s)",
    ),
    (
        "lognorm(median=20m,p95=35m)",
        "unknown distribution \"lognorm\": did you mean lognormal(median=…,p95=…)?",
    ),
    (
        "normal(1s,2s)",
        "unknown distribution \"normal\": did you mean lognormal(median=…,p95=…)?",
    ),
    (
        "wiebull(shape=1)",
        "unknown distribution \"wiebull\": did you mean weibull(shape=…,scale=…)?",
    ),
    (
        "empircal(1s)",
        "unknown distribution \"empircal\": did you mean empirical(10s,12s,40s)?",
    ),
    (
        "cauchy(1s)",
        "unknown distribution \"cauchy\": there are constant, empirical, exponential, gamma, \
             lognormal, pareto, uniform, weibull",
    ),
    (
        "exponential",
        "exponential needs its arguments in brackets: exponential(mean=…)",
    ),
    ("exp(30s", "the bracket after exponential is not closed"),
    (
        "exponential()",
        "exponential needs mean: exponential(mean=…)",
    ),
    (
        "lognormal(median=20m)",
        "lognormal needs p95: lognormal(median=…,p95=…)",
    ),
    (
        "lognormal(median=20m,p99=35m)",
        "lognormal has no argument \"p99\": lognormal(median=…,p95=…)",
    ),
    (
        "lognormal(20m,35m)",
        "lognormal takes its arguments by name, so \"20m\" needs one: \
             lognormal(median=…,p95=…)",
    ),
    (
        "lognormal(median=20m,p95=35m,sigma=1)",
        "lognormal takes p95 or sigma, not both",
    ),
    (
        "uniform(1s,2s,3s)",
        "uniform has too many arguments, \"3s\" is one more: uniform(min=…,max=…)",
    ),
    ("uniform(1s,min=2s)", "uniform is given min twice"),
    (
        "uniform(1s,)",
        "\"\" is no duration: write it with units, as in 1h30m, 12.5s or 250ms",
    ),
    ("30", "\"30\" is no duration: add a unit, as in 30s"),
    (
        "1w",
        "\"1w\" is no duration: write it with units, as in 1h30m, 12.5s or 250ms",
    ),
    (
        "-1s",
        "\"-1s\" is no duration: write it with units, as in 1h30m, 12.5s or 250ms",
    ),
    (
        "10min",
        "\"10min\" is no duration: write it with units, as in 1h30m, 12.5s or 250ms",
    ),
    (
        "999999999h",
        "the duration is longer than 640000000h, the longest duration there is",
    ),
    ("35m..20m", "the low end 35m is above the high end 20m"),
    (
        "lognormal(median=35m,p95=20m)",
        "p95 must be above the median, but 20m is not above 35m",
    ),
    (
        "gamma(shape=10m,mean=5m)",
        "shape is a plain number, as in shape=1.5, not \"10m\"",
    ),
    (
        "gamma(shape=0,mean=5m)",
        "shape must be a number from 0.01 to 1000, not 0",
    ),
    (
        "weibull(shape=nan,scale=5m)",
        "shape must be a number from 0.01 to 1000, not NaN",
    ),
    (
        "lognormal(median=20m,sigma=20)",
        "sigma must be a number from 0.001 to 10, not 20",
    ),
    ("exponential(mean=0s)", "the mean must be above zero"),
    ("pareto(min=0s,shape=1)", "the min must be above zero"),
    (
        "empirical()",
        "an empirical distribution needs at least one value",
    ),
    ("empirical(1s*0)", "the weight of 1s must be above zero"),
    (
        "empirical(1s*half)",
        "\"half\" is no weight: write a whole number up to 4294967295, as in 10s*3",
    ),
    (
        "exp(30s) in 1h..2h",
        "exponential(mean=30s) is between 1h and 2h less than once in a thousand million times",
    ),
    (
        "empirical(1s,2s) in 3s..4s",
        "empirical(…) is between 3s and 4s less than once in a thousand million times",
    ),
    (
        "exp(30s) in 1h",
        "\"1h\" is no range: write it as in 20m..35m",
    ),
    (
        "exp(30s) * 2",
        "\"* 2\" cannot follow a distribution: only + 10s and in 10s..5m can",
    ),
];

#[test]
fn what_is_no_law_is_refused_in_a_sentence() {
    for &(text, sentence) in REFUSED {
        assert_eq!(error(text), sentence, "{text}");
    }
    let many = format!("30s{}", " + 1s".repeat(17));
    assert_eq!(
        error(&many),
        "more than 16 times + or in after a distribution"
    );
}

#[test]
fn constructors_refuse_what_is_negative() {
    let (minus, one) = (Span::from_secs(-1), Span::from_secs(1));
    for (law, what) in [
        (Law::constant(minus), "duration"),
        (Law::uniform(minus, one), "low end"),
        (Law::uniform(one, minus), "high end"),
        (Law::exponential(minus), "mean"),
        (Law::weibull(1.0, minus), "scale"),
        (Law::weibull_of_mean(1.0, minus), "mean"),
        (Law::log_normal(minus, one), "median"),
        (Law::log_normal(one, minus), "p95"),
        (Law::log_normal_of_sigma(minus, 1.0), "median"),
        (Law::gamma(1.0, minus), "mean"),
        (Law::pareto(minus, 1.0), "min"),
        (Law::empirical([one, minus]), "value"),
        (Law::constant(one).and_then(|it| it.shifted(minus)), "shift"),
    ] {
        let sentence = format!("the {what} is -1s, but a duration cannot be negative");
        assert_eq!(law.unwrap_err().to_string(), sentence);
    }
}

#[test]
fn a_file_has_a_value_a_line() {
    let text = "\u{feff}# measured in May\r\n10s\r\n\n 12.5 # seconds\n1m30s*2\n0\n";
    let law = Law::empirical_from_text(text).unwrap();
    assert_eq!(law.to_string(), "empirical(0s,10s,12.5s,1m30s*2)");
    for (text, sentence) in [
        (
            "# nothing\n",
            "an empirical distribution needs at least one value",
        ),
        (
            "10s\n\nsoon # or not\n",
            "line 3: \"soon\" is no duration: write it with units, as in 1h30m, 12.5s or 250ms",
        ),
        (
            "-3",
            "line 1: \"-3\" is no duration: write it with units, as in 1h30m, 12.5s or 250ms",
        ),
        (
            "1s*-3",
            "line 1: \"-3\" is no weight: write a whole number up to 4294967295, as in 10s*3",
        ),
    ] {
        let refused = Law::empirical_from_text(text).unwrap_err();
        assert_eq!(refused.to_string(), sentence, "{text:?}");
    }
}

#[test]
fn lists_have_a_limit() {
    let values = std::iter::repeat(Span::ZERO);
    let refused = Law::empirical(values).unwrap_err();
    let sentence = "an empirical distribution has at most 10000000 values";
    assert_eq!(refused.to_string(), sentence);
}

#[test]
fn long_texts_take_no_time() {
    for part in [" ", "+", " in", "+1s", "(", "=,", "1s..", "e"] {
        let long = part.repeat(200_000);
        for text in [
            long.clone(),
            format!("exp(30s){long}"),
            format!("exp({long})"),
            format!("empirical({long})"),
        ] {
            let refused = text.parse::<Law>().err();
            assert!(refused.is_none_or(|it| it.to_string().len() < 400));
        }
    }
}

fn durations() -> impl Strategy<Value = Span> {
    prop_oneof![1..100_000_000_i64, 1..super::super::LONGEST.micros()].prop_map(Span::from_micros)
}

fn laws() -> impl Strategy<Value = Law> {
    let (one, two) = (durations, || (durations(), durations()));
    let shape = || 0.01..=1000.0;
    let plain = prop_oneof![
        one().prop_map(Law::constant),
        two().prop_map(|(a, b)| Law::uniform(a.min(b), a.max(b))),
        one().prop_map(Law::exponential),
        (shape(), one()).prop_map(|(shape, scale)| Law::weibull(shape, scale)),
        (shape(), one()).prop_map(|(shape, mean)| Law::weibull_of_mean(shape, mean)),
        two().prop_map(|(a, b)| Law::log_normal(a.min(b), a.max(b) + Span::from_micros(1))),
        (one(), 0.001..=10.0).prop_map(|(median, sigma)| Law::log_normal_of_sigma(median, sigma)),
        (shape(), one()).prop_map(|(shape, mean)| Law::gamma(shape, mean)),
        (one(), shape()).prop_map(|(min, shape)| Law::pareto(min, shape)),
        proptest::collection::vec((one(), 1..=u32::MAX), 1..9).prop_map(Law::weighted),
    ];
    let bounds = proptest::option::of(two());
    (plain, proptest::option::of(one()), bounds).prop_filter_map("too long", |parts| {
        let (law, more, bounds) = parts;
        let mut law = law.ok()?;
        if let Some(more) = more {
            law = law.shifted(more).ok()?;
        }
        if let Some((a, b)) = bounds {
            // An interval that is hardly hit is refused, which is another test's subject.
            law = law.clone().truncated(a.min(b), a.max(b)).unwrap_or(law);
        }
        Some(law)
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same_law(law in laws()) {
        prop_assert_eq!(law.to_string().parse(), Ok(law));
    }

    #[test]
    fn any_law_can_be_drawn_from(law in laws(), number in any::<u64>(), p in 0.0..1.0) {
        let key = crate::base::Key::new(crate::base::Seed(number), 0);
        let mut stream = key.stream(0, crate::base::Purpose::Fate);
        let drawn = law.draw(&mut stream);
        let (least, most) = (law.quantile(0.0), law.quantile(1.0));
        prop_assert!(least <= drawn && drawn <= most, "{drawn} of {law}");
        prop_assert!(law.mean().is_none_or(|it| least <= it && it <= most), "{law}");
        prop_assert!(law.quantile(p / 2.0) <= law.quantile(p), "{law}");
        prop_assert!((0.0..=1.0).contains(&law.cdf(drawn)), "{law}");
        prop_assert!(law.cdf(least) <= law.cdf(drawn) && law.cdf(drawn) <= law.cdf(most));
    }

    #[test]
    fn any_text_gets_an_answer(
        text in
            "(exp|lognormal|weibull|empirical|30s|in|\\+|[(),=.*]|1m|median|shape|[ -~µ]){0,12}",
    ) {
        if let Ok(law) = text.parse::<Law>() {
            prop_assert_eq!(law.to_string().parse(), Ok(law));
        }
        drop(Law::empirical_from_text(&text));
    }
}
