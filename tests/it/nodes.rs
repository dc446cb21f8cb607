//! What becomes of pods when something happens to their nodes: timelines of the whole control
//! plane. Passes over nodes and pods are at whole seconds, leases are renewed at 0, 10, 20 ….

use dryjob::base::Span;
use dryjob::fault::{Absence, NodeTarget};
use dryjob::model::{
    Amount, Availability, DisruptionBudget, Effect, Job, LabelSelector, Node, OnDelete,
    PodReplacementPolicy, PodScript, Release, RestartPolicy, Taint, Toleration, TolerationOperator,
};
use dryjob::report::cluster_steps::{ClusterStep, ClusterStepRecorder, PodState};
use dryjob::sim::{Action, Deed, Limits, Placement, PodLabel, Scenario, World};
use std::collections::BTreeMap;

const MANIFEST: &str = "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: \
                        {spec: {restartPolicy: Never, containers: [{name: m, image: m}]}}}}";

/// A Job with one pod that runs for ever on node `n0`; whoever replaces it runs on `n1`.
struct Case {
    release: Release,
    nodes: usize,
    job: Job,
    run: Option<Span>,
    deeds: Vec<(i64, Deed)>,
}

const fn pod(nth: u32) -> PodLabel {
    PodLabel { index: None, nth }
}

fn n0() -> NodeTarget {
    NodeTarget::Named("n0".to_owned())
}

fn down() -> Deed {
    Deed::NodeDown(n0(), Absence::Cut, None)
}

impl Case {
    fn new(deeds: impl IntoIterator<Item = (i64, Deed)>) -> Self {
        Self {
            release: Release::LATEST,
            nodes: 10,
            job: Job::from_yaml(MANIFEST).expect("a Job"),
            run: None,
            deeds: deeds.into_iter().collect(),
        }
    }

    fn scenario(&self) -> Scenario {
        let script = PodScript {
            start: Some(Span::ZERO),
            run: self.run,
            on_delete: OnDelete {
                stop: Span::from_secs(2),
                exit: 143,
            },
            ..PodScript::default()
        };
        let mut scenario = Scenario::on(self.release)
            .job(self.job.clone(), [script])
            .limits(Limits::IDEAL)
            .until(Span::from_secs(2_000));
        scenario.placement = Placement::ByHand;
        for n in 0..self.nodes {
            scenario.nodes.push(Node::named(format!("n{n}")));
        }
        let deeds = self.deeds.iter().cloned();
        let bound = (0, Deed::Bind(pod(0), "n0".to_owned()));
        for (at, deed) in [bound].into_iter().chain(deeds) {
            let at = Span::from_secs(at);
            scenario.actions.push(Action { at, job: 0, deed });
        }
        scenario
    }

    /// What shows, as `SECOND WHAT`: nodes with whether they are ready and evict, pods with their
    /// phase and whether they are going (`~REASON`).
    fn timeline(&self) -> String {
        let mut recorder = ClusterStepRecorder::new();
        World::new(self.scenario()).play(&mut recorder);
        let mut shown = BTreeMap::new();
        let mut log = Vec::new();
        for step in recorder.into_steps() {
            for (name, text) in told(&step) {
                if shown.get(&name) != Some(&text) {
                    log.push(format!("{} {name} {text}", step.t));
                    shown.insert(name, text);
                }
            }
        }
        log.retain(|line| !line.starts_with("0 "));
        log.join(", ")
    }
}

fn told(step: &ClusterStep) -> Vec<(String, String)> {
    let going = |it: &PodState| it.deletion_timestamp.map(|_| format!("~{}", it.disruption));
    let pods = step.pods.iter().map(|(name, it)| {
        let text = format!("{}{}", it.phase, going(it).unwrap_or_default());
        (name.clone(), text)
    });
    let removed = step
        .removed
        .iter()
        .map(|name| (name.clone(), "gone".to_owned()));
    let nodes = step.nodes.iter().map(|(name, it)| {
        let evicts = it.taints.iter().any(|taint| taint.ends_with("NoExecute"));
        let taint = if evicts { "+NoExecute" } else { "" };
        (name.clone(), format!("{}{taint}", it.ready))
    });
    let gone = step
        .nodes_gone
        .iter()
        .map(|name| (name.clone(), "gone".to_owned()));
    nodes.chain(gone).chain(pods).chain(removed).collect()
}

#[track_caller]
fn check(case: &Case, want: &str) {
    assert_eq!(case.timeline(), want);
}

/// P76, E9: the node is Unknown 40 to 55 s after its loss (30 to 45 s before 1.32, and the taint
/// one pass later before 1.34), the pod is deleted 300 s after that and never ends.
#[test]
fn e9_a_lost_node_evicts_after_five_minutes_and_nobody_tells_the_end() {
    for (release, lost, unknown, evicts) in [
        (Release::V1_37, 91, 140, 140),
        (Release::V1_37, 99, 140, 140),
        (Release::V1_37, 100, 150, 150),
        (Release::V1_34, 101, 150, 150),
        (Release::V1_33, 101, 150, 155),
        (Release::V1_32, 101, 150, 155),
        (Release::V1_31, 101, 140, 145),
    ] {
        let mut case = Case::new([(lost, down())]);
        case.release = release;
        let separate = if unknown < evicts {
            format!("{unknown} n0 Unknown, ")
        } else {
            String::new()
        };
        let (deleted, replaced) = (evicts + 300, evicts + 301);
        let want = format!(
            "{separate}{evicts} n0 Unknown+NoExecute, {deleted} a/0 \
             Running~DeletionByTaintManager, {replaced} a/1 Pending"
        );
        check(&case, &want);
    }
}

/// P76: under podReplacementPolicy Failed the pod is never replaced.
#[test]
fn a_pod_that_never_ends_is_not_replaced_where_only_failed_ones_are() {
    let mut case = Case::new([(100, down())]);
    case.job.spec.pod_replacement_policy = PodReplacementPolicy::Failed;
    check(
        &case,
        "150 n0 Unknown+NoExecute, 450 a/0 Running~DeletionByTaintManager",
    );
}

/// E10, P73: in a cluster of one node nothing is evicted.
#[test]
fn e10_the_only_node_evicts_nothing() {
    let mut case = Case::new([(100, down())]);
    case.nodes = 1;
    check(&case, "150 n0 Unknown");
}

/// E11, P73: neither where six of ten nodes are lost at once.
#[test]
fn e11_most_nodes_of_a_zone_evict_nothing() {
    let lost = (0..6).map(|n| {
        let node = NodeTarget::Named(format!("n{n}"));
        (100, Deed::NodeDown(node, Absence::Cut, None))
    });
    let case = Case::new(lost);
    let log = case.timeline();
    assert_eq!(log.matches("Unknown").count(), 6, "{log}");
    assert!(!log.contains("NoExecute") && !log.contains('~'), "{log}");
}

/// P77: a node that is back before the eviction changes nothing; after it, the kubelet stops the
/// pod. What ended meanwhile has its true end.
#[test]
fn a_node_that_is_back_reports_what_happened() {
    let back = |at| Case::new([(100, down()), (at, Deed::NodeUp(n0()))]);
    check(&back(120), "");
    check(
        &back(441),
        "150 n0 Unknown+NoExecute, 441 n0 True+NoExecute, 445 n0 True",
    );
    // The taint stays for up to 5 s, and the time runs on (section 14.7).
    check(
        &back(449),
        "150 n0 Unknown+NoExecute, 449 n0 True+NoExecute, \
         450 a/0 Running~DeletionByTaintManager, 450 n0 True, 452 a/0 gone, 460 a/1 Pending",
    );
    check(
        &back(601),
        "150 n0 Unknown+NoExecute, 450 a/0 Running~DeletionByTaintManager, 451 a/1 Pending, \
         601 n0 True+NoExecute, 603 a/0 gone, 605 n0 True",
    );
    let mut ended = back(601);
    ended.run = Some(Span::from_secs(300));
    check(
        &ended,
        "150 n0 Unknown+NoExecute, 450 a/0 Running~DeletionByTaintManager, 451 a/1 Pending, \
         601 n0 True+NoExecute, 601 a/0 gone, 605 n0 True",
    );
    ended.job.spec.pod_replacement_policy = PodReplacementPolicy::Failed;
    check(
        &ended,
        "150 n0 Unknown+NoExecute, 450 a/0 Running~DeletionByTaintManager, \
         601 n0 True+NoExecute, 601 a/0 Succeeded~DeletionByTaintManager, 602 a/0 gone, \
         605 n0 True",
    );
}

/// P85: a machine without power has lost its containers.
#[test]
fn a_machine_without_power_has_lost_its_containers() {
    let off = Deed::NodeDown(n0(), Absence::PowerLoss, Some(Span::from_secs(30)));
    check(
        &Case::new([(100, off.clone())]),
        "130 a/0 Failed, 140 a/1 Pending",
    );
    let mut case = Case::new([(100, off)]);
    case.job.spec.template.restart_policy = RestartPolicy::OnFailure;
    case.run = Some(Span::from_secs(200));
    check(&case, "330 a/0 Succeeded");
}

/// P78, section 14.9: pods of a deleted node are ended after 40 to 60 s.
#[test]
fn pods_of_a_deleted_node_are_ended_by_the_garbage_collector() {
    for (at, pass) in [(100, 140), (101, 160), (119, 160)] {
        let case = Case::new([(at, Deed::DeleteNode(n0()))]);
        let (counted, replaced) = (pass + 1, pass + 10);
        let want = format!(
            "{at} n0 gone, {pass} a/0 Failed~DeletionByPodGC, {counted} a/0 gone, {replaced} a/1 \
             Pending"
        );
        check(&case, &want);
    }
}

/// P79, section 14.10: the taint evicts at once, and the garbage collector ends the pods as soon
/// as the node is not ready.
#[test]
fn a_node_out_of_service_gives_up_its_pods() {
    for (at, want) in [
        (
            90,
            "90 n0 True+NoExecute, 90 a/0 Running~DeletionByTaintManager, 92 a/0 gone, \
             100 a/1 Pending, 150 n0 Unknown+NoExecute",
        ),
        (
            111,
            "111 n0 True+NoExecute, 111 a/0 Running~DeletionByTaintManager, 121 a/1 Pending, \
             150 n0 Unknown+NoExecute, 160 a/0 gone",
        ),
        (
            171,
            "150 n0 Unknown+NoExecute, 171 a/0 Running~DeletionByTaintManager, 172 a/1 Pending, \
             180 a/0 gone",
        ),
    ] {
        let case = Case::new([(100, down()), (at, Deed::OutOfService(n0()))]);
        check(&case, want);
    }
}

/// P50, P79: a pod that never had a node and is deleted waits for the garbage collector.
#[test]
fn a_deleted_pod_without_a_node_waits_for_the_garbage_collector() {
    let mut case = Case::new([
        (105, Deed::DeletePod(pod(0))),
        (121, Deed::DeletePod(pod(1))),
    ]);
    case.job.spec.pod_replacement_policy = PodReplacementPolicy::Failed;
    check(
        &case,
        "105 a/0 Running~, 107 a/0 Failed~, 108 a/0 gone, 117 a/1 Pending, 121 a/1 Pending~, \
         140 a/1 Failed~, 141 a/2 Pending, 141 a/1 gone",
    );
}

fn work(seconds: Option<u64>) -> (Toleration, Taint) {
    let taint = Taint {
        key: "work".to_owned(),
        value: String::new(),
        effect: Effect::NoExecute,
    };
    let toleration = Toleration {
        key: taint.key.clone(),
        operator: TolerationOperator::Exists,
        seconds,
        ..Toleration::default()
    };
    (toleration, taint)
}

/// P74: the time counts from when the controller sees the taint; it ends with the taint, and
/// begins anew with another controller.
#[test]
fn a_tolerated_taint_evicts_when_its_time_is_over() {
    let (_, taint) = work(None);
    let put = || Deed::Taint(n0(), taint.clone());
    let take = || Deed::Untaint(n0(), "work".to_owned(), None);
    for (seconds, deeds, want) in [
        (None, vec![(100, put())], "100 n0 True+NoExecute"),
        (
            Some(60),
            vec![(100, put())],
            "100 n0 True+NoExecute, 160 a/0 Running~DeletionByTaintManager, 162 a/0 gone, \
             170 a/1 Pending",
        ),
        (
            Some(60),
            vec![(100, put()), (150, take())],
            "100 n0 True+NoExecute, 150 n0 True",
        ),
        (
            Some(60),
            vec![(100, put()), (130, Deed::RestartControllers)],
            "100 n0 True+NoExecute, 190 a/0 Running~DeletionByTaintManager, 192 a/0 gone, \
             200 a/1 Pending",
        ),
        (
            Some(60),
            vec![(100, put()), (130, Deed::Failover(Span::from_secs(15)))],
            "100 n0 True+NoExecute, 205 a/0 Running~DeletionByTaintManager, 207 a/0 gone, \
             215 a/1 Pending",
        ),
    ] {
        let mut case = Case::new(deeds);
        case.job.spec.template.tolerations = vec![work(seconds).0];
        check(&case, want);
    }
    check(
        &Case::new([(100, put())]),
        "100 n0 True+NoExecute, 100 a/0 Running~DeletionByTaintManager, 102 a/0 gone, \
         110 a/1 Pending",
    );
}

/// P80: a drain cordons, and asks again every 5 s for what a budget does not let go.
#[test]
fn a_drain_asks_again_until_the_budget_lets_the_pod_go() {
    let budget = |wants| {
        Deed::AddBudget(Box::new(DisruptionBudget {
            name: "b".to_owned(),
            selector: Some(LabelSelector::default()),
            wants: Some(wants),
            unhealthy_may_go: false,
        }))
    };
    let drain = || Deed::Drain(n0());
    let least = |n| budget(Availability::Min(Amount::Count(n)));
    let most = budget(Availability::MaxUnavailable(Amount::Percent(100)));
    check(
        &Case::new([(100, drain())]),
        "100 a/0 Running~EvictionByEvictionAPI, 102 a/0 gone, 110 a/1 Pending",
    );
    check(
        &Case::new([(50, least(0)), (100, drain())]),
        "100 a/0 Running~EvictionByEvictionAPI, 102 a/0 gone, 110 a/1 Pending",
    );
    check(&Case::new([(50, least(1)), (100, drain())]), "");
    // P81: Jobs have no scale.
    check(&Case::new([(50, most), (100, drain())]), "");
    let mut two = Case::new([
        (20, Deed::Bind(pod(1), "n1".to_owned())),
        (50, least(1)),
        (100, drain()),
    ]);
    two.job.spec.parallelism = 2;
    two.job.spec.completions = Some(2);
    check(
        &two,
        "20 a/1 Running, 100 a/0 Running~EvictionByEvictionAPI, 102 a/0 gone, 110 a/2 Pending",
    );
    let gone = Case::new([
        (50, least(1)),
        (100, drain()),
        (118, Deed::DeletePod(pod(0))),
    ]);
    check(&gone, "118 a/0 Running~, 120 a/0 gone, 128 a/1 Pending");
}

/// P56, P114: what else is done to a pod from outside.
#[test]
fn pods_are_deleted_by_force_and_for_others() {
    check(
        &Case::new([(100, Deed::ForceDeletePod(pod(0)))]),
        "100 a/0 Running~, 101 a/0 gone, 110 a/1 Pending",
    );
    check(
        &Case::new([(100, Deed::Preempt(pod(0)))]),
        "100 a/0 Running~PreemptionByScheduler, 102 a/0 gone, 110 a/1 Pending",
    );
    check(
        &Case::new([(100, Deed::Evict(pod(0)))]),
        "100 a/0 Running~EvictionByEvictionAPI, 102 a/0 gone, 110 a/1 Pending",
    );
}

/// A node is meant by its name, by a pod on it, by a label, or with all others.
#[test]
fn deeds_find_their_nodes() {
    let zone = NodeTarget::Labelled("kubernetes.io/hostname".to_owned(), "n3".to_owned());
    for (target, count) in [
        (n0(), 1),
        (NodeTarget::Named("none".to_owned()), 0),
        (NodeTarget::Of(pod(0)), 1),
        (NodeTarget::Of(pod(7)), 0),
        (zone, 1),
        (NodeTarget::Every, 10),
    ] {
        let mut recorder = ClusterStepRecorder::new();
        let case = Case::new([(100, Deed::Cordon(target.clone()))]);
        World::new(case.scenario()).play(&mut recorder);
        let steps = recorder.into_steps();
        let cordoned =
            |step: &ClusterStep| step.nodes.values().filter(|it| it.unschedulable).count();
        let most = steps.iter().map(cordoned).max();
        assert_eq!(most, Some(count), "{target:?}");
    }
}

/// Nothing happens around nodes on which nothing happens, whatever their heartbeats.
#[test]
fn a_quiet_cluster_costs_nothing() {
    let mut world = World::new(Case::new([]).scenario());
    world.play(&mut ());
    assert!(world.counts().events < 40, "{:?}", world.counts());
}
