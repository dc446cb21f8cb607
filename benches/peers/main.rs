//! The workloads of the peers: `peers <w1|w1x2|w2|w2j> <size>`, one line of results.

mod w1;
mod w2;

/// CPU time of this thread in seconds; 0 where the system does not tell.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos: f64 = text
        .split_whitespace()
        .next()
        .map_or(0.0, |it| it.parse().unwrap_or(0.0));
    nanos / 1e9
}

/// The most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|it| it.split_whitespace().nth(1));
    number.map_or(0, |it| it.parse().unwrap_or(0))
}

/// The line that every program of the comparison prints.
fn report(workload: &str, size: u64, work: u64, seconds: f64, check: &str) {
    println!(
        "RESULT peer=dryjob w={workload} size={size} work={work} sec={seconds:.6} rss_kib={} \
         check={check}",
        peak()
    );
}

fn main() {
    // Cargo adds --bench.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| it != "--bench")
        .collect();
    let size = arguments.get(1).map_or(Ok(10_000), |it| it.parse());
    let Ok(size) = size else {
        eprintln!("the size is a whole number");
        std::process::exit(2);
    };
    match arguments.first().map(String::as_str) {
        Some("w1") => w1::run(size, 1),
        Some("w1x2") => w1::run(size, 2),
        Some("w2") => w2::run(size, false),
        Some("w2j") => w2::run(size, true),
        None => w1::run(size, 1),
        Some(_) => {
            eprintln!("usage: peers <w1|w1x2|w2|w2j> <size>");
            std::process::exit(2);
        }
    }
}
