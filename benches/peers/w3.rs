//! W3: a cluster, filled and emptied. Pods of many sizes come in batches, wait for room, run and
//! end; the scheduler that decides at once gives each the emptiest node.
//!
//! All pods of a Job ask for the same, and in W3 each pod asks for something else: so each is a
//! Job of its own here, created, synced, finished and written like any other.

use super::{Clock, mix, report};
use dryjob::api::{ApiServer, Notice};
use dryjob::base::{Instant, Span};
use dryjob::model::{Job, Node, PodScript, Quantity, Release};
use dryjob::sim::{Limits, Placement, Recorder, Scenario, Workload, World};

/// Thousandths of cores and MiB of a node.
const NODE: (u64, u64) = (32_000, 131_072);

/// A pod: its request in thousandths of cores and MiB, and how long it runs.
struct Pod {
    cpu: u64,
    memory: u64,
    run: Span,
}

/// A number of the contract's input, for an entity and a purpose.
const fn number(entity: u64, purpose: u64) -> u64 {
    mix((entity * 8 + purpose).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x3039) >> 40
}

fn millis(millis: u64) -> Span {
    Span::from_millis(i64::try_from(millis).expect("within minutes"))
}

fn pod(n: u64) -> Pod {
    Pod {
        cpu: 500 * (1 + number(n, 0) % 16),
        memory: 1024 * (1 + number(n, 1) % 24),
        run: millis(60_000 + number(n, 2) % 540_001),
    }
}

/// A Job of one pod that asks for so much.
fn job(name: String, pod: &Pod) -> Job {
    let requests = [
        ("cpu", format!("{}m", pod.cpu)),
        ("memory", format!("{}Mi", pod.memory)),
    ];
    let requests = requests.map(|(name, text)| (name, Quantity::parse(&text).expect("a quantity")));
    super::job(name, requests.into_iter().collect())
}

fn scenario(scale: u64) -> Scenario {
    let mut scenario = Scenario::on(Release::LATEST).limits(Limits::IDEAL);
    scenario.placement = Placement::Ideal;
    for n in 0..100 * scale {
        let mut node = Node::named(format!("n{n}"));
        node.allocatable.milli_cpu = Some(NODE.0);
        node.allocatable.memory = Some(NODE.1 << 20);
        scenario.nodes.push(node);
    }
    let (pods, batches) = (1067 * scale, 20 * scale);
    let mut arrivals: Vec<u64> = (0..batches).map(|j| number(j, 3) % 300_000).collect();
    arrivals.sort_unstable();
    for (j, arrival) in (0..).zip(arrivals) {
        for n in pods * j / batches..pods * (j + 1) / batches {
            let pod = pod(n);
            let mut script = PodScript::lasting(pod.run);
            script.start = Some(Span::ZERO);
            scenario.workloads.push(Workload {
                job: job(format!("j{n}"), &pod).into(),
                at: millis(arrival),
                pods: vec![script],
                fates: Vec::new(),
            });
        }
    }
    scenario
}

/// Adds up which pod got which node when, as all programs of the contract do.
#[derive(Default)]
struct Witness {
    check: u64,
    waited: u64,
    end: Instant,
}

impl Recorder for Witness {
    const HEARS_EVENTS: bool = false;

    fn wrote(&mut self, now: Instant, _: &ApiServer, notice: &Notice) {
        let Notice::Pod(change) = notice else { return };
        let (Some(old), Some(new)) = (change.old, change.new) else {
            return;
        };
        if let (None, Some(node)) = (old.node, new.node) {
            let at = u64::try_from(now.micros() / 1000).unwrap_or(0);
            let place = at.wrapping_mul(31).wrapping_add(u64::from(node.0) + 1);
            // Each Job has one pod, so that the Job's number is the pod's.
            let pod = u64::from(new.job.0) + 1;
            self.check = self.check.wrapping_add(place.wrapping_mul(pod));
        }
        self.waited += u64::from(new.unschedulable && !old.unschedulable);
        if new.phase.is_final() && !old.phase.is_final() {
            self.end = now;
        }
    }
}

pub(crate) fn play(scale: u64) {
    let mut clock = Clock::default();
    let (mut runs, mut check) = (0, String::new());
    // A small cluster takes less time than the clock can tell: it is played a few times, each in a
    // world of its own.
    while runs == 0 || (scale < 10 && runs < 40) {
        let mut world = World::new(scenario(scale));
        let mut witness = Witness::default();
        clock.start();
        world.play_until_ended(&mut witness);
        clock.stop();
        runs += 1;
        assert!(world.all_ended(), "some Jobs have not ended");
        let end = (witness.end.micros() + 500_000) / 1_000_000;
        check = format!("{:x},end={end},waited={}", witness.check, witness.waited);
    }
    report("w3", scale, 1067 * scale, clock.total() / runs, &check);
}
