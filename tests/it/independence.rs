//! Whatever is added elsewhere changes no fate: neither another Job, nor labels of nodes, nor
//! who watches, nor what goes wrong with something else.

use dryjob::api::{Resource, Verb};
use dryjob::base::{Seed, Span};
use dryjob::fault::{Action, Deed, Fault, NodeTarget, Outage, Recurring, When};
use dryjob::model::{ContainerSlot, Job, JobId, Node, PodId, Release};
use dryjob::node::{Beats, Jitter, Pace};
use dryjob::report::Run;
use dryjob::sim::{Limits, Placement, Scenario, World};
use dryjob::workload::{Checkpoints, Failure, Fate, Process, WorkQueue};
use proptest::prelude::*;

/// A Job of that name whose pods run on nodes of that group, if nodes have groups.
fn job(name: &str, spec: &str, group: Option<&str>) -> Job {
    let nodes = group.map_or(String::new(), |it| {
        format!("nodeSelector: {{group: {it}}}, ")
    });
    let text = format!(
        "{{apiVersion: batch/v1, kind: Job, metadata: {{name: {name}}}, spec: {{{spec}, template: \
         {{spec: {{restartPolicy: Never, {nodes}containers: [{{name: main, image: app}}]}}}}}}}}"
    );
    Job::from_yaml(&text).expect("the manifest is valid")
}

/// What the containers of a Job do, of many kinds.
fn fate(kind: u8) -> Fate {
    let work = "lognormal(median=1m,p95=3m)";
    let process = match kind {
        0 => Process::lasting(work).failing("20%", 3),
        1 => Process::lasting("gamma(shape=2,mean=1m)").hazard("exponential(mean=5m)", 9),
        2 => Process::working(work)
            .failing_first(1, 7)
            .bad_inputs("20%", 8),
        3 => Process::working("5m..9m")
            .failing("30%", Failure::with(4).after("exponential(mean=3m)"))
            .saving(Checkpoints::every(Span::from_secs(60)).restored_in("1s..9s")),
        _ => {
            let mut queue = WorkQueue::of(20, "exponential(mean=20s)");
            queue.crashes = "10%".parse().expect("a chance");
            Process::draining(queue)
        }
    };
    Fate::of(process)
}

/// Kubelets whose steps all follow laws.
fn pace() -> Pace {
    let law = |text: &str| text.parse::<dryjob::base::Law>().expect("a law").into();
    let mut pace = Pace::quiet();
    pace.api_write = law("lognormal(median=10ms,p95=30ms)");
    pace.sandbox = law("300ms..800ms");
    pace.pull = law("3s..5s");
    (pace.beats, pace.jitter) = (Beats::Drawn, Jitter::Drawn);
    pace
}

/// What is added to a scenario.
#[derive(Clone, Copy, Debug)]
struct More {
    job: Option<u8>,
    labels: bool,
    faults: bool,
}

/// The numbers of a scenario.
#[derive(Clone, Copy, Debug)]
struct Base {
    kind: u8,
    indexed: bool,
    parallelism: u32,
    nodes: bool,
    seed: u64,
    release: Release,
}

impl Base {
    fn scenario(self, more: More) -> Scenario {
        let shape = if self.indexed && self.kind != 4 {
            "completionMode: Indexed, completions: 6, "
        } else if self.kind == 4 {
            ""
        } else {
            "completions: 6, "
        };
        let spec = format!("{shape}parallelism: {}, backoffLimit: 4", self.parallelism);
        let group = |name| self.nodes.then_some(name);
        let mut scenario = Scenario::on(self.release)
            .limits(Limits::IDEAL)
            .until(Span::from_secs(3000));
        // The other one comes first, so that it has the first numbers of everything.
        if let Some(kind) = more.job {
            let other = job("other", "completions: 3, parallelism: 2", group("b"));
            scenario = scenario.workload(other, [fate(kind % 4)]);
        }
        scenario = scenario.workload(job("own", &spec, group("a")), [fate(self.kind)]);
        scenario.pace = pace();
        if self.nodes {
            // kube-scheduler looks at the nodes in turn: another pod moves the turn on.
            scenario.placement = Placement::Ideal;
            let number = scenario.workloads.len() - 1;
            Self::add_nodes(&mut scenario, more);
            let gap = "exponential(mean=2m)".parse().expect("a law");
            let deed = Deed::Crash(
                dryjob::sim::PodLabel {
                    index: None,
                    nth: 1,
                },
                None,
                5,
            );
            scenario.recurring.push(recurring("own", number, gap, deed));
        }
        if more.faults {
            self.add_faults(&mut scenario, more);
        }
        scenario
    }

    fn add_nodes(scenario: &mut Scenario, more: More) {
        for (name, group) in [("b-1", "b"), ("a-1", "a"), ("a-2", "a"), ("b-2", "b")] {
            let mut node = Node::named(name);
            node.labels.insert("group".into(), group.into());
            if more.labels {
                node.labels.insert("example.com/rack".into(), "7".into());
            }
            scenario.nodes.push(node);
        }
        let label = dryjob::sim::PodLabel {
            index: None,
            nth: 0,
        };
        let at = Span::from_secs(40);
        let job = scenario.workloads.len() - 1;
        let deed = Deed::Drain(NodeTarget::Of(label));
        scenario.actions.push(Action { at, job, deed });
        let deed = Deed::Uncordon(NodeTarget::Every);
        let at = Span::from_secs(70);
        scenario.actions.push(Action { at, job, deed });
    }

    /// What goes wrong with somebody else.
    fn add_faults(self, scenario: &mut Scenario, more: More) {
        let during = |outage| Fault {
            from: Span::from_secs(5),
            to: Span::from_secs(500),
            outage,
        };
        let requests = Outage::Requests {
            verb: Verb::Create,
            resource: Resource::Events,
            code: 500,
        };
        scenario.faults.push(during(requests));
        scenario
            .faults
            .push(during(Outage::Image(Some("another".into()))));
        scenario
            .faults
            .push(during(Outage::Reference("nobody-has-it".into())));
        if self.nodes {
            let named = || NodeTarget::Named("b-1".into());
            let at = Span::from_secs(20);
            let deed = Deed::Drain(named());
            scenario.actions.insert(0, Action { at, job: 0, deed });
            let gap = "exponential(mean=3m)".parse().expect("a law");
            let deed = Deed::RestartKubelet(named());
            scenario
                .recurring
                .insert(0, recurring("elsewhere", 0, gap, deed));
        }
        let _ = more;
    }
}

fn recurring(name: &str, job: usize, gap: dryjob::base::Law, deed: Deed) -> Recurring {
    let when = When::Every { first: None, gap };
    let name = name.to_owned();
    Recurring {
        name,
        job,
        when,
        deed,
    }
}

fn run(base: Base, more: More) -> Run {
    let run = base.scenario(more).run(Seed(base.seed));
    run.expect("the scenario can be played")
}

/// The fates of the pods of the Job `own`: which, when, where and how.
fn fates(run: &Run) -> Vec<String> {
    let api = run.api();
    let own = |id: JobId| api.job(id).job.name == "own";
    let mut lines: Vec<String> = run
        .attempts()
        .filter(|it| own(api.pod(it.pod()).job))
        .map(|it| {
            let pod = api.pod(it.pod());
            let node = pod.node.and_then(|node| api.node(node));
            let node = node.map_or("-", |it| it.node.name.as_str());
            let code = api.exit_code(pod, ContainerSlot::Regular(0));
            let at = it.attempt();
            format!(
                "{:?}.{} {node} {:?} {:?} {:?} {code:?} {:?}",
                pod.index, pod.nth, at.created, at.started, at.ended, at.settled
            )
        })
        .collect();
    let (_, stored) = api.jobs().find(|it| own(it.0)).expect("it was created");
    lines.push(format!(
        "{:?}",
        stored.status.finished().map(|it| (it.kind, it.at))
    ));
    lines
}

fn bases() -> impl Strategy<Value = Base> {
    let releases = prop::sample::select(vec![Release::V1_31, Release::LATEST]);
    let numbers = (0u8..5, any::<bool>(), 1u32..4, any::<bool>(), 0u64..1000);
    (numbers, releases).prop_map(|(numbers, release)| {
        let (kind, indexed, parallelism, nodes, seed) = numbers;
        Base {
            kind,
            indexed,
            parallelism,
            nodes,
            seed,
            release,
        }
    })
}

fn additions() -> impl Strategy<Value = More> {
    let job = prop::option::of(0u8..4);
    (job, any::<bool>(), any::<bool>()).prop_map(|(job, labels, faults)| More {
        job,
        labels,
        faults,
    })
}

const NOTHING: More = More {
    job: None,
    labels: false,
    faults: false,
};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_added_elsewhere_changes_no_fate(base in bases(), more in additions()) {
        prop_assert_eq!(fates(&run(base, more)), fates(&run(base, NOTHING)));
    }

    /// Who watches, and what was played before in the same world, changes nothing.
    #[test]
    fn neither_recorders_nor_earlier_trials_change_a_fate(base in bases(), more in additions()) {
        let watched = run(base, more);
        let mut world = World::seeded(base.scenario(more), Seed(base.seed ^ 1), 5);
        world.play(&mut ());
        world.reset_to(Seed(base.seed), 0);
        world.play(&mut ());
        let (one, other) = (watched.api(), world.api());
        prop_assert_eq!(one.pods_created(), other.pods_created());
        for id in (0..one.pods_created()).map(PodId) {
            let code = |api: &dryjob::api::ApiServer| {
                api.exit_code(api.pod(id), ContainerSlot::Regular(0))
            };
            prop_assert_eq!(code(one), code(other));
            let (one, other) = (one.pod(id), other.pod(id));
            prop_assert_eq!((one.phase, one.finished), (other.phase, other.finished));
        }
        prop_assert_eq!(watched.world().now(), world.now());
    }
}
