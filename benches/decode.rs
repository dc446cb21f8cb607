//! How fast manifests are decoded: `cargo bench --bench decode`.
//!
//! Three megabytes of Jobs: as values with places, as the types of the API with strict checks, and
//! as Jobs of the model with every check of the API server. The peer is a YAML library that reads
//! the same types, without places, and without a word about unknown fields.

use divan::Bencher;
use divan::counter::BytesCount;
use dryjob::manifest::bare::Jobs;
use dryjob::manifest::{self, Limits, Options};

const ONE: &str = include_str!("../tests/fixtures/decode/job.yaml");
const BYTES: usize = 3_000_000;

fn main() {
    divan::main();
}

fn manifests() -> String {
    let count = BYTES / ONE.len();
    let jobs = (0..count).map(|n| ONE.replace("0000", &format!("{n:04}")));
    jobs.collect::<Vec<_>>().join("---\n")
}

/// From bytes to values with places.
#[divan::bench(sample_count = 10)]
fn values(bencher: Bencher<'_, '_>) {
    let text = manifests();
    let bencher = bencher.counter(BytesCount::of_str(&text));
    bencher.bench_local(|| manifest::values("-", text.as_bytes(), &Limits::default()).len());
}

/// From bytes to the types of the API, with strict checks.
#[divan::bench(sample_count = 10)]
fn typed(bencher: Bencher<'_, '_>) {
    let text = manifests();
    let bencher = bencher.counter(BytesCount::of_str(&text));
    bencher.bench_local(|| Jobs::decode(&text).map(|jobs| jobs.count()));
}

/// The same types, read by a YAML library.
#[divan::bench(sample_count = 10)]
fn typed_by_serde_yaml(bencher: Bencher<'_, '_>) {
    let text = manifests();
    let bencher = bencher.counter(BytesCount::of_str(&text));
    bencher.bench_local(|| Jobs::by_serde_yaml(&text).map(|jobs| jobs.count()));
}

/// From bytes to Jobs of the model, with every check of the API server.
#[divan::bench(sample_count = 10)]
fn jobs(bencher: Bencher<'_, '_>) {
    let text = manifests();
    let options = Options::default();
    let bencher = bencher.counter(BytesCount::of_str(&text));
    bencher.bench_local(|| manifest::read("-", text.as_bytes(), &options).map(|it| it.len()));
}
