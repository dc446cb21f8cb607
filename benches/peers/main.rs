//! The project's own entry among the peers: one program, one workload a run, one line of result.
//!
//! `cargo bench --bench peers -- w3 1` plays a workload of the contract that the peers follow:
//! `<program> <workload> <size> [ops]`, and a line
//! `RESULT peer=… w=… size=… work=… sec=… rss_kib=… check=…`. `sec` is the CPU time of the work
//! alone, as Linux tells it.

mod w1;
mod w2;
mod w3;
mod w4;

use dryjob::model::{Container, Job, PodTemplate, Resources};
use std::time::Duration;

fn main() {
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| !it.starts_with("--"))
        .collect();
    let number = |place: usize| words.get(place).and_then(|it| it.parse::<u64>().ok());
    let (Some(workload), Some(size)) = (words.first(), number(1)) else {
        // As part of `cargo bench`, with no workload named.
        println!("peers: nothing to do without a workload and a size, such as `w3 1`");
        return;
    };
    match workload.as_str() {
        "w1" => w1::play(size, 1),
        "w1x2" => w1::play(size, 2),
        "w2" => w2::play(size, false),
        "w2j" => w2::play(size, true),
        "w3" => w3::play(size),
        "w4" => w4::play(size, number(2).unwrap_or(4_000_000)),
        other => {
            eprintln!("{other:?} is no workload here: w1, w1x2, w2, w2j, w3 or w4");
            std::process::exit(2);
        }
    }
}

/// A pseudo-random number that belongs to another one: that of the contract.
pub(crate) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A Job of pods with one container that asks for so much; the rest is as without a word.
pub(crate) fn job(name: impl Into<String>, requests: Resources) -> Job {
    let main = Container {
        name: "main".to_owned(),
        image: "app".to_owned(),
        requests,
        ..Container::default()
    };
    let template = PodTemplate {
        containers: vec![main],
        ..PodTemplate::default()
    };
    Job::named(name, template)
}

/// Measures pieces of work.
#[derive(Default)]
pub(crate) struct Clock {
    since: u64,
    total: u64,
}

impl Clock {
    pub(crate) fn start(&mut self) {
        self.since = nanoseconds_on_cpu();
    }

    pub(crate) fn stop(&mut self) {
        self.total += nanoseconds_on_cpu() - self.since;
    }

    /// CPU time between starts and stops so far.
    pub(crate) const fn total(&self) -> Duration {
        Duration::from_nanos(self.total)
    }
}

/// What a Linux system says of this thread; 0 elsewhere. It is brought up to date every few
/// milliseconds, so that short pieces of work have to be done many times.
fn nanoseconds_on_cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split_whitespace().next();
    first.and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// The most memory that this process ever had, in KiB; 0 if that is not known.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|it| it.split_whitespace().nth(1));
    kib.and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// The line that every program of the contract prints.
pub(crate) fn report(workload: &str, size: u64, work: u64, took: Duration, check: &str) {
    println!(
        "RESULT peer=dryjob w={workload} size={size} work={work} sec={:.6} rss_kib={} \
         check={check}",
        took.as_secs_f64(),
        peak()
    );
}
