//! How much memory a Job of a million pods takes: `cargo bench --bench memory`.
//!
//! One run in a process of its own, because what is read is the most that the process ever had.
//! Reads /proc, so it says nothing on other systems than Linux.

use dryjob::base::Span;
use dryjob::model::{Job, PodScript, Release};
use dryjob::sim::{Limits, Scenario, World};

const PODS: u32 = 1_000_000;

/// The most memory that this process ever had, in KiB.
fn peak() -> Option<u32> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn main() {
    let text = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: million}}\nspec:\n  \
         completions: {PODS}\n  parallelism: 10000\n  completionMode: Indexed\n  \
         template:\n    spec:\n      restartPolicy: Never\n      \
         containers: [{{name: main, image: bench}}]\n"
    );
    let job = Job::from_yaml(&text).expect("the manifest is valid");
    let before = peak();
    let scenario = Scenario::on(Release::LATEST)
        .job(job, [PodScript::lasting(Span::from_secs(60))])
        .limits(Limits::IDEAL);
    let mut world = World::new(scenario);
    world.play_until_ended(&mut ());
    assert!(world.all_ended() && world.api().pods_created() == PODS);
    match before.zip(peak()) {
        Some((before, after)) => {
            let bytes = u64::from(after.saturating_sub(before)) * 1024 / u64::from(PODS);
            println!("peak memory {} MB, {bytes} bytes a pod", after / 1024);
        }
        None => println!("peak memory is not known on this system"),
    }
}
