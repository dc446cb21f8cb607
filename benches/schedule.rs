//! What a full cluster costs: 100 nodes and 1,067 pods of 20 Jobs, run to the end, and ten and a
//! hundred times as much.
//!
//! `cargo bench --bench schedule` prints times and the most memory that the process had, which is
//! that of the largest run; with `-- --exact schedule::jobs_on_a_cluster::1` it runs one size.

use divan::Bencher;
use dryjob::base::{Span, stream};
use dryjob::model::{Job, Node, PodScript, Release, Resources};
use dryjob::sim::{Limits, Scenario, Workload, World};

fn main() {
    divan::main();
    let peak = std::fs::read_to_string("/proc/self/status").ok();
    let peak = peak.as_deref().and_then(|it| {
        let line = it.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse::<u32>().ok()
    });
    match peak {
        Some(kib) => println!("peak memory {} MB", kib / 1024),
        None => println!("peak memory is not known on this system"),
    }
}

/// A number below `most` that belongs to this address.
fn number(purpose: u64, entity: u64, most: u64) -> u64 {
    stream::within(purpose, stream::within(0x5eed, entity)) % most
}

fn job(number_of: u64, pods: u64) -> Job {
    let cpu = 500 * (1 + number(1, number_of, 16));
    let memory = 1024 * (1 + number(2, number_of, 24));
    let text = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: job-{number_of}}}\nspec:\n  \
         completions: {pods}\n  parallelism: {pods}\n  completionMode: Indexed\n  template:\n    \
         spec:\n      restartPolicy: Never\n      containers:\n      - name: main\n        \
         image: bench\n        resources: {{requests: {{cpu: {cpu}m, memory: {memory}Mi}}}}\n"
    );
    Job::from_yaml(&text).expect("the manifest is valid")
}

/// Nodes of 32 cores and 128 GiB, Jobs that come within five minutes, pods of one to ten minutes.
fn cluster(scale: u64) -> Scenario {
    let mut scenario = Scenario::on(Release::LATEST).limits(Limits::IDEAL);
    for n in 0..100 * scale {
        let mut node = Node::named(format!("node-{n}"));
        node.allocatable = Resources {
            milli_cpu: Some(32_000),
            memory: Some(131_072 << 20),
            ..Resources::default()
        };
        scenario.nodes.push(node);
    }
    let (jobs, all) = (20 * scale, 1067 * scale);
    for n in 0..jobs {
        let pods = all * (n + 1) / jobs - all * n / jobs;
        let lasting = |index: u64| {
            let millis = 60_000 + number(3, n << 20 | index, 540_001);
            let run = Span::from_millis(i64::try_from(millis).expect("ten minutes"));
            let index = u32::try_from(index).expect("a small Job");
            PodScript::lasting(run).only([index])
        };
        let at = i64::try_from(number(4, n, 300_000)).expect("five minutes");
        scenario.workloads.push(Workload {
            job: job(n, pods).into(),
            at: Span::from_millis(at),
            pods: (0..pods).map(lasting).collect(),
            fates: Vec::new(),
        });
    }
    scenario
}

/// All of it, from the nodes' joining to the end of the last Job.
#[divan::bench(args = [1, 10, 100], max_time = 60)]
fn jobs_on_a_cluster(bencher: Bencher<'_, '_>, scale: u64) {
    let mut world = World::new(cluster(scale));
    bencher.bench_local(|| {
        world.reset();
        world.play_until_ended(&mut ());
        assert!(world.all_ended());
        world.now()
    });
}
