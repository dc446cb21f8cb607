//! How fast manifests are decoded: `cargo bench --bench decode`.
//!
//! Three megabytes of Jobs, read to the types of the API, checked and made into Jobs of the model;
//! and the same bytes read by a YAML library to plain data, which knows nothing of Kubernetes.

use divan::counter::BytesCount;
use dryjob::manifest::{self, Limits, Options};
use serde::Deserialize;

const ONE: &str = include_str!("../tests/fixtures/patterns/indexed-job.yaml");
const BYTES: usize = 3_000_000;

fn main() {
    divan::main();
}

fn manifests() -> String {
    let count = BYTES / (ONE.len() + 4);
    vec![ONE; count].join("---\n")
}

/// From bytes to values with places.
#[divan::bench(sample_count = 10)]
fn values(bencher: divan::Bencher<'_, '_>) {
    let text = manifests();
    let bencher = bencher.counter(BytesCount::of_str(&text));
    bencher.bench_local(|| manifest::values("-", text.as_bytes(), &Limits::default()).len());
}

/// From bytes to Jobs, with every check of the API server.
#[divan::bench(sample_count = 10)]
fn jobs(bencher: divan::Bencher<'_, '_>) {
    let text = manifests();
    let options = Options::default();
    let bencher = bencher.counter(BytesCount::of_str(&text));
    bencher.bench_local(|| manifest::read("-", text.as_bytes(), &options).map(|it| it.len()));
}

/// What a YAML library alone takes to read the same as plain data.
#[divan::bench(sample_count = 10)]
fn yaml_library(bencher: divan::Bencher<'_, '_>) {
    let text = manifests();
    let bencher = bencher.counter(BytesCount::of_str(&text));
    bencher.bench_local(|| {
        let documents = serde_yaml::Deserializer::from_str(&text);
        documents.flat_map(serde_yaml::Value::deserialize).count()
    });
}
