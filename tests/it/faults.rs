//! What goes wrong, from the words of a scenario file to what it hits: at instants, in a zone or
//! a rack, by a rate, and as a trace tells.

use dryjob::base::{Instant, Seed, Span};
use dryjob::model::{Job, Release};
use dryjob::scenario::ScenarioFile;
use dryjob::sim::{Limits, Scenario, World};

const MANIFEST: &str = "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {parallelism: \
                        4, completions: 4, template: {spec: {restartPolicy: Never, containers: \
                        [{name: m, image: m}]}}}}";

fn scenario(words: &str, until: i64) -> Scenario {
    let open = |_: &str| Ok("# when and where\n20s, node-2\n1m, node-4\n".to_owned());
    let words = format!("workload: {{run: never}}\n{words}");
    let file = ScenarioFile::read_with("-", words.as_bytes(), &open);
    let file = file.unwrap_or_else(|errors| panic!("{words}: {errors}"));
    let job = Job::from_yaml(MANIFEST).expect("the manifest is valid");
    assert_eq!(file.check_against(&job), [], "{words}");
    let mut scenario = Scenario::on(Release::LATEST)
        .job(job, [])
        .limits(Limits::IDEAL)
        .until(Span::from_secs(until));
    file.apply(&mut scenario);
    scenario
}

/// The names of nodes that are silent, and of those that are cordoned, after so many seconds.
fn nodes_after(words: &str, secs: i64) -> (Vec<String>, Vec<String>) {
    let mut world = World::new(scenario(words, 1000));
    world.play_to(Instant::ORIGIN + Span::from_secs(secs), &mut ());
    let (mut silent, mut cordoned) = (Vec::new(), Vec::new());
    for (_, stored) in world.api().nodes() {
        let name = stored.node.name.clone();
        if stored.lease.silent_since.is_some() {
            silent.push(name.clone());
        }
        if stored.unschedulable {
            cordoned.push(name);
        }
    }
    (silent, cordoned)
}

const ZONES: &str = "nodes: [{name: node, count: 4, zones: [a, b], labels: {rack: r1}}, \
                     {name: apart, labels: {rack: r2}}]\n";

#[test]
fn a_fault_of_a_zone_or_a_rack_hits_all_of_its_nodes_and_no_other() {
    for (target, want) in [
        ("{zone: a}", &["node-1", "node-3"][..]),
        ("{label: {rack: r2}}", &["apart"]),
        (
            "{label: {rack: r1}}",
            &["node-1", "node-2", "node-3", "node-4"],
        ),
        ("node-2", &["node-2"]),
    ] {
        let deed = format!("nodeDown: {{node: {target}, how: powerLoss}}");
        let words = format!("{ZONES}actions: [{{at: 30s, {deed}}}]");
        assert_eq!(nodes_after(&words, 29).0, [""; 0], "{target}");
        assert_eq!(nodes_after(&words, 30).0, want, "{target}");
    }
}

#[test]
fn a_trace_tells_when_and_where() {
    let words = format!("{ZONES}recurring: [{{trace: drains.txt, drain: any}}]");
    for (secs, want) in [
        (19, &[][..]),
        (20, &["node-2"]),
        (59, &["node-2"]),
        (60, &["node-2", "node-4"]),
    ] {
        assert_eq!(nodes_after(&words, secs).1, want, "{secs}");
    }
}

/// With a mean of an hour, a node is hit in an hour with probability 1 − 1/e, whatever happens to
/// the other one; and in some of the trials in which one is hit, so is the other.
#[test]
fn each_node_is_hit_at_its_own_rate() {
    const TRIALS: u32 = 2000;
    let words = "nodes: [{name: one}, {name: two}]\nrecurring: [{name: failures, eachNode: \
                 exponential(mean=1h), nodeDown: {node: any, how: cut}}]";
    let mut world = World::new(scenario(words, 3600));
    let (mut hits, mut both) = ([0_u32; 2], 0_u32);
    for trial in 0..u64::from(TRIALS) {
        world.reset_to(Seed(5), trial);
        world.play(&mut ());
        let silent = world
            .api()
            .nodes()
            .map(|it| it.1.lease.silent_since.is_some());
        let silent: Vec<bool> = silent.collect();
        hits[0] += u32::from(silent[0]);
        hits[1] += u32::from(silent[1]);
        both += u32::from(silent[0] && silent[1]);
    }
    let (n, p) = (f64::from(TRIALS), 1.0 - 1.0 / std::f64::consts::E);
    for (count, p) in [(hits[0], p), (hits[1], p), (both, p * p)] {
        let off = (f64::from(count) - n * p) / (n * p * (1.0 - p)).sqrt();
        assert!(
            off.abs() < 4.0,
            "{count} of {TRIALS}: {off} standard errors"
        );
    }
}
