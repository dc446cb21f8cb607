//! Means, quantiles and probabilities, computed and drawn, held against theory.
//!
//! The reference values were computed with 40 digits, from the textbook formulas and by numerical
//! integration, not by this code.

use super::*;

/// A law, its mean and standard deviation, and its quantiles at [`LEVELS`], all in seconds.
pub(super) type Case = (&'static str, f64, f64, [f64; 6]);

const LEVELS: [f64; 6] = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

#[rustfmt::skip] // a law is a line, and its quantiles two more
#[allow(clippy::excessive_precision)] // as computed
pub(super) const DRAWN: &[Case] = &[
    ("20m..35m", 1650.0, 259.8076211353316,
     [1245.0, 1425.0, 1650.0,
      1875.0, 2055.0, 2091.0]),
    ("exponential(mean=30s)", 30.0, 30.0,
     [1.538798831626516, 8.630462173553428, 20.79441541679836,
      41.58883083359672, 89.87196820661973, 138.1551055796427]),
    ("lognormal(median=20m,p95=35m)", 1271.499793669533, 445.4179671741924,
     [685.7142857142857, 953.939661058262, 1200.0,
      1509.529437535412, 2100.0, 2647.979364171513]),
    ("lognormal(median=20m,sigma=0.5)", 1359.778143680192, 724.6806398530575,
     [527.2369259129909, 856.4808513697896, 1200.0,
      1681.298534225225, 2731.219930217181, 3840.088809531555]),
    ("weibull(shape=1.5,scale=10m)", 541.6471757705602, 367.7614750528058,
     [82.8307599337705, 261.4727590218143, 469.9318612647908,
      745.9703309251029, 1246.866382520734, 1660.791219013515]),
    ("weibull(shape=0.7,mean=10m)", 600.0, 877.4547438280907,
     [6.807811356873241, 79.94593351905621, 280.7927535477411,
      755.8380421793489, 2272.462174441259, 4200.218940635563]),
    ("gamma(shape=2,mean=5m)", 300.0, 212.1320343559643,
     [53.30422660479931, 144.1918144672166, 251.7520485024991,
      403.8951793334544, 711.5796777585868, 995.7528101990718]),
    ("gamma(shape=0.5,mean=5m)", 300.0, 424.2640687119285,
     [1.179642000005857, 30.45931328028646, 136.4809269358718,
      396.9911090794398, 1152.437646208238, 1990.468980306365]),
    ("gamma(shape=40,mean=1h)", 3600.0, 569.2099788303083,
     [2717.616527491026, 3201.502885901281, 3570.044850962019,
      3965.861598936397, 4584.576328444615, 5054.795663413379]),
    ("pareto(min=1m,shape=2.5)", 100.0, 89.44271909999159,
     [61.24375468974826, 67.31730872677197, 79.17047464637366,
      104.4660675955349, 198.8672410403992, 378.5744066881159]),
    ("exponential(mean=30s) + 10s", 40.0, 30.0,
     [11.53879883162652, 18.63046217355343, 30.79441541679836,
      51.58883083359672, 99.87196820661973, 148.1551055796427]),
    ("exponential(mean=30s) in 10s..1m", 28.35717409695069, 13.50197429411042,
     [11.24204674361024, 16.79877946170319, 25.60417575022319,
      38.12108748311519, 54.16448087438068, 58.73854959817764]),
    ("lognormal(median=20m,p95=35m) in 25m..1h", 1863.442210786858, 336.5085763877855,
     [1520.664955728774, 1613.415685424313, 1765.287214655112,
      2011.585944265159, 2549.35470213846, 3036.97868977048]),
    ("gamma(shape=2,mean=5m) in 1m..10m", 267.0907500488808, 137.2939685151125,
     [81.63176256369995, 153.6815787477604, 244.6323086523755,
      363.5696212743044, 527.8097020892214, 583.3696216305073]),
    ("gamma(shape=2,mean=5m) + 1m in 9m..30m", 724.8797862256156, 175.8139222806385,
     [550.0665093001713, 595.8620996412317, 672.5041383726371,
      799.3578740106784, 1080.350216755695, 1344.506475885016]),
    ("pareto(min=1m,shape=0.8) in 2m..1h", 500.6359259909323, 589.7100505516078,
     [127.3941885211689, 167.3302236978023, 263.5531098212156,
      541.9276102608852, 1841.360364990373, 3049.609664085039]),
];

/// Where the mathematics is hard.
#[rustfmt::skip] // a law is a line, and its quantiles two more
#[allow(clippy::excessive_precision)] // as computed
const COMPUTED: &[Case] = &[
    ("weibull(shape=1.5,scale=10m) + 30s in 5m..20m", 634.1133800889271, 233.2358247331176,
     [327.1337743981343, 437.8216879401272, 593.4053988232189,
      799.338052345649, 1078.165862722466, 1171.855485648475]),
    ("pareto(min=1m,shape=1) in 2m..1h", 422.21760599944, 503.7184661932712,
     [126.0945709281961, 158.2417582417582, 232.258064516129,
      436.3636363636364, 1469.387755102041, 2790.697674418605]),
    ("exponential(mean=30s) in 8m..20m", 509.999999972819, 29.99999967382837,
     [481.5387988315669, 488.6304621731759, 500.7944154156658,
      521.5888308301991, 569.8719681851015, 618.1551054675212]),
    ("gamma(shape=900,mean=1h)", 3600.0, 120.0,
     [3404.917646028287, 3518.350896574373, 3598.666754493778,
      3680.195734424623, 3799.630196488319, 3885.029995892716]),
    ("gamma(shape=0.1,mean=1h)", 3600.0, 11384.19957660617,
     [0.000000002135056064909136, 0.02085016786189057, 21.36207976056813,
      1271.028890648099, 20895.66379163286, 57185.20144546219]),
];

const DRAWS: u32 = 1_000_000;
const N: f64 = 1e6;

/// Within a microsecond of rounding, and 11 digits.
fn assert_close(got: Span, want: f64, what: &str) {
    let off = (seconds(got) - want).abs();
    assert!(off <= 0.6e-6 + want * 1e-11, "{what}: {got:?}, not {want}");
}

#[test]
fn means_quantiles_and_probabilities_are_those_of_theory() {
    for &(text, mean, _, quantiles) in DRAWN.iter().chain(COMPUTED) {
        let law = law(text);
        // A part far out in a tail leaves few digits to subtract.
        let rare = matches!(law.0, Form::Within { part, .. } if part.mass < 1e-6);
        let slack = if rare { 1e-3 } else { 0.0 };
        let off = (seconds(law.mean().unwrap()) - mean).abs();
        assert!(off <= 0.6e-6 + mean * 1e-11 + slack, "{text}: mean {off}");
        for (p, want) in LEVELS.into_iter().zip(quantiles) {
            let got = law.quantile(p);
            if !rare {
                assert_close(got, want, &format!("{text} at {p}"));
            }
            let width = seconds(law.quantile(p + 1e-6)) - seconds(law.quantile(p));
            if width > 1e-4 {
                let back = law.cdf(got);
                assert!((back - p).abs() < 1e-7, "{text}: {back}, not {p}");
            }
        }
        assert_eq!(law.median(), law.quantile(0.5));
    }
}

/// What is counted, as a float.
fn count(it: impl TryInto<u32>) -> f64 {
    it.try_into().map_or(f64::NAN, f64::from)
}

/// The n-th smallest draws, in seconds.
fn sample(law: &Law) -> Vec<Span> {
    let mut stream = stream();
    let mut drawn: Vec<Span> = (0..DRAWS).map(|_| law.draw(&mut stream)).collect();
    drawn.sort_unstable();
    drawn
}

#[test]
fn a_million_draws_have_the_mean_and_the_quantiles_of_theory() {
    for &(text, mean, deviation, quantiles) in DRAWN {
        let drawn = sample(&law(text));
        let sum: f64 = drawn.iter().map(|it| seconds(*it)).sum();
        let off = (sum / N - mean) / (deviation / N.sqrt());
        assert!(off.abs() < 4.0, "{text}: mean off by {off} errors");
        for (p, quantile) in LEVELS.into_iter().zip(quantiles) {
            // The share below the quantile, whose error does not depend on the law.
            let below = count(drawn.partition_point(|it| seconds(*it) <= quantile));
            let off = (below / N - p) / (p * (1.0 - p) / N).sqrt();
            assert!(off.abs() < 4.0, "{text}: {p} off by {off} errors");
        }
        assert_smirnov(text, &drawn);
    }
}

/// The statistic of Kolmogorov and Smirnov, which exceeds 1.9495 / √n once in a thousand times.
fn assert_smirnov(text: &str, drawn: &[Span]) {
    let law = law(text);
    let mut most = 0.0_f64;
    for (rank, value) in (0_u32..).zip(drawn) {
        let p = law.cdf(*value);
        let before = f64::from(rank) / N;
        most = most.max(p - before).max(before + 1.0 / N - p);
    }
    assert!(most < 1.9495 / N.sqrt(), "{text}: {most}");
}

#[test]
fn a_wrong_law_does_not_pass_for_another() {
    let drawn = sample(&law("exponential(mean=30s)"));
    let near = std::panic::catch_unwind(|| assert_smirnov("exponential(mean=30.2s)", &drawn));
    assert!(near.is_err());
}

/// The mean of draws of a list, and their quantiles, which are those of the list but for errors
/// of the levels.
fn assert_moments(text: &str, law: &Law, drawn: &[Span]) {
    let n = count(drawn.len());
    let mean = drawn.iter().map(|it| seconds(*it)).sum::<f64>() / n;
    let squares = drawn.iter().map(|it| {
        let off = seconds(*it) - mean;
        off * off
    });
    let deviation = (squares.sum::<f64>() / n).sqrt();
    let off = (mean - seconds(law.mean().unwrap())) / (deviation / n.sqrt());
    assert!(off.abs() < 4.0, "{text}: mean off by {off} errors");
    for (place, level) in LEVELS.into_iter().enumerate() {
        let error = 4.0 * (level * (1.0 - level) / n).sqrt();
        let (least, most) = (law.quantile(level - error), law.quantile(level + error));
        let got = drawn[[50_000, 250_000, 500_000, 750_000, 950_000, 990_000][place] - 1];
        assert!(least <= got && got <= most, "{text}: {got} at {level}");
    }
}

#[test]
fn lists_are_drawn_by_their_weights() {
    for text in [
        "empirical(10s,12s,40s)",
        "empirical(10s,12s,40s*3)",
        "empirical(1s*1000,2s,3s*7)",
        "empirical(5s,10s*2,12s,40s*3,50s) + 1s in 10s..45s",
    ] {
        let law = law(text);
        let Form::Listed { by, table } = &law.0 else {
            panic!("{text} is a list");
        };
        let drawn = sample(&law);
        let total: u64 = table.pairs().map(|it| it.1).sum();
        assert_moments(text, &law, &drawn);
        for (value, weight) in table.pairs() {
            let value = value + *by;
            let found = count(drawn.iter().filter(|it| **it == value).count());
            let p = count(weight) / count(total);
            let off = (found - N * p) / (N * p * (1.0 - p)).sqrt();
            assert!(off.abs() < 4.0, "{text}: {value} off by {off} errors");
            assert!(law.cdf(value) - law.cdf(value - Span::from_micros(1)) - p < 1e-15);
        }
    }
    let law = law("empirical(10s,12s,40s*3) + 1s");
    assert_eq!(law.mean(), Some(Span::from_micros(29_400_000)));
    for (p, secs) in [
        (0.0, 11),
        (0.2, 11),
        (0.21, 13),
        (0.4, 13),
        (0.5, 41),
        (1.0, 41),
    ] {
        assert_eq!(law.quantile(p), Span::from_secs(secs), "{p}");
    }
}
