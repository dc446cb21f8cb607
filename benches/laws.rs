//! What a draw costs, one line a law: `cargo bench --bench laws`.

use divan::{Bencher, counter::ItemsCount};
use dryjob::base::{Chance, Key, Law, Purpose, Seed};

const DRAWS: u64 = 1000;

const LAWS: [&str; 13] = [
    "30s",
    "20m..35m",
    "exponential(mean=30s)",
    "lognormal(median=20m,p95=35m)",
    "weibull(shape=1.5,scale=10m)",
    "gamma(shape=2,mean=5m)",
    "gamma(shape=0.5,mean=5m)",
    "pareto(min=1m,shape=2.5)",
    "empirical(10s,12s,15s,20s,40s)",
    "empirical(10s,12s,15s*2,20s,40s*3)",
    "exponential(mean=30s) + 10s",
    "lognormal(median=20m,p95=35m) in 10m..1h",
    "gamma(shape=2,mean=5m) in 1m..10m",
];

fn main() {
    divan::main();
}

/// A thousand draws, each from a stream of its own, as the pods of a run have them.
#[divan::bench(args = LAWS)]
fn draw(bencher: Bencher<'_, '_>, text: &str) {
    let law: Law = text.parse().expect("the law is valid");
    let key = Key::new(Seed(7), 1);
    bencher.counter(ItemsCount::new(DRAWS)).bench_local(|| {
        (0..DRAWS)
            .map(|pod| law.draw(&mut key.stream(pod, Purpose::Fate)).micros())
            .fold(0, i64::wrapping_add)
    });
}

/// A thousand times whether it happens.
#[divan::bench(args = ["2%"])]
fn hits(bencher: Bencher<'_, '_>, text: &str) {
    let chance: Chance = text.parse().expect("the chance is valid");
    let key = Key::new(Seed(7), 1);
    bencher.counter(ItemsCount::new(DRAWS)).bench_local(|| {
        (0..DRAWS)
            .filter(|pod| chance.hits(&mut key.stream(*pod, Purpose::Fate)))
            .count()
    });
}
