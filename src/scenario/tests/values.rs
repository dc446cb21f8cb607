//! Each word of a scenario file means what it says.

use super::{example, job, read};
use crate::base::Span;
use crate::fault::{Absence, Deed, NodeTarget, Outage, Pressure, When};
use crate::model::{Amount, Availability, Effect, LabelTest, Node, PreemptionPolicy, Release};
use crate::node::{Beats, Delay, Jitter};
use crate::sim::Scenario;
use crate::workload::{At, Ending, Idle, OomKill, Orphans, Stop, Which, Work};

fn scenario(name: &str) -> Scenario {
    let file = read(&example(name)).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(file.warnings(), [], "{name}");
    let job = job("NonIndexed", 3);
    assert_eq!(file.check_against(&job), [], "{name}");
    let mut scenario = Scenario::on(Release::LATEST).job(job, []);
    file.apply(&mut scenario);
    scenario
}

fn secs(secs: i64) -> Span {
    Span::from_secs(secs)
}

#[test]
fn nodes_are_counted_and_have_their_zones_in_turn_p103() {
    let scenario = scenario("nodes.yaml");
    let names: Vec<_> = (scenario.nodes.iter())
        .map(|it| (it.name.as_str(), it.zone()))
        .collect();
    let want = [
        ("node-1", Some("a")),
        ("node-2", Some("b")),
        ("node-3", Some("a")),
        ("node-4", Some("b")),
        ("spare", Some("c")),
    ];
    assert_eq!(names, want);
    let node = &scenario.nodes[1];
    assert_eq!(node.labels[Node::HOSTNAME], "node-2");
    assert_eq!(node.labels["rack"], "r1");
    let amounts: Vec<_> = node.allocatable.iter().collect();
    let want = [
        ("cpu", 8000),
        ("memory", 32 << 30),
        ("ephemeral-storage", 100 << 30),
        ("nvidia.com/gpu", 8),
    ];
    assert_eq!(amounts, want);
    assert_eq!((node.pods, node.heartbeat), (110, secs(3)));
    assert_eq!(node.taints[0].effect, Effect::PreferNoSchedule);
    assert!(scenario.nodes[4].unschedulable && !node.unschedulable);
    let pool = scenario.pool.unwrap();
    assert_eq!((pool.node.name.as_str(), pool.most), ("spot", 20));
    assert_eq!(pool.delay.to_string(), "1m..2m");
}

#[test]
fn budgets_and_priorities_are_read_p80_p115() {
    let scenario = scenario("nodes.yaml");
    let budget = &scenario.budgets[0];
    let two = Some(Availability::Min(Amount::Count(2)));
    assert_eq!((budget.name.as_str(), budget.wants), ("keep-two", two));
    assert_eq!(budget.selector.as_ref().unwrap().labels["app"], "a");
    let other = &scenario.budgets[1];
    assert!(other.unhealthy_may_go && other.wants.is_none());
    let test = &other.selector.as_ref().unwrap().expressions[0].test;
    assert_eq!(*test, LabelTest::In(vec!["web".to_owned()]));
    let class = |name: &str| {
        let class = &scenario.priority_classes[name];
        (class.value, class.preemption_policy)
    };
    let high = (1000, PreemptionPolicy::PreemptLowerPriority);
    assert_eq!(class("high"), high);
    assert_eq!(class("polite"), (500, PreemptionPolicy::Never));
}

#[test]
fn every_deed_is_an_action_of_its_name() {
    let scenario = scenario("actions.yaml");
    let mut names = Vec::new();
    for (at, action) in (1..).zip(&scenario.actions) {
        assert_eq!(action.at, secs(at), "{:?}", action.deed);
        names.push(action.deed.name());
    }
    names.sort_unstable();
    names.dedup();
    let mut known = crate::scenario::vocabulary::deeds::DEED.names.to_vec();
    known.sort_unstable();
    assert_eq!(names, known);
}

#[test]
fn deeds_have_what_they_say() {
    let actions = scenario("actions.yaml").actions;
    let deed = |secs: usize| format!("{:?}", actions[secs - 1].deed);
    let label = "PodLabel { index: None, nth: 0 }";
    assert_eq!(deed(10), format!("Crash({label}, None, 1)"));
    assert_eq!(deed(11), format!("Crash({label}, Some(\"main\"), 3)"));
    assert_eq!(deed(12), format!("OomKill({label}, Some(\"main\"))"));
    let is = |secs: usize, want: &Deed| assert_eq!(deed(secs), format!("{want:?}"));
    let named = |name: &str| NodeTarget::Named(name.to_owned());
    let labelled = |key: &str, value: &str| NodeTarget::Labelled(key.into(), value.into());
    is(14, &Deed::Failover(secs(15)));
    is(
        16,
        &Deed::NodeDown(named("node-1"), Absence::PowerLoss, None),
    );
    let zone = labelled(Node::ZONE, "b");
    is(17, &Deed::NodeDown(zone, Absence::Cut, Some(secs(600))));
    is(19, &Deed::Reboot(labelled("rack", "r1"), secs(60)));
    is(20, &Deed::RestartKubelet(NodeTarget::Every));
    is(
        21,
        &Deed::Shutdown {
            node: named("node-2"),
            total: secs(30),
            critical: secs(10),
        },
    );
    let reclaim = |notice, drain, deleted| Deed::Reclaim {
        node: NodeTarget::Any,
        notice: secs(notice),
        drain,
        deleted,
    };
    is(22, &reclaim(120, None, Some(secs(30))));
    is(23, &reclaim(30, Some(secs(5)), None));
    let third = crate::fault::PodLabel {
        index: None,
        nth: 3,
    };
    is(26, &Deed::Drain(NodeTarget::Of(third)));
    is(28, &Deed::Untaint(NodeTarget::Every, "k".to_owned(), None));
    is(
        30,
        &Deed::Pressure(named("node-1"), Pressure::Disk, secs(300)),
    );
    is(
        32,
        &Deed::CriticalPod {
            node: named("node-1"),
            milli_cpu: 500,
            memory: 1 << 30,
        },
    );
    is(
        38,
        &Deed::SoftPressure {
            node: named("node-1"),
            of: Pressure::Memory,
            lasts: secs(300),
            holds: secs(90),
            grace: 20,
        },
    );
}

#[test]
fn every_outage_is_a_fault() {
    let faults = scenario("faults.yaml").faults;
    let outages: Vec<&Outage> = faults.iter().map(|it| &it.outage).collect();
    assert!(faults.iter().all(|it| it.to == secs(60)));
    assert_eq!(*outages[1], Outage::Latency(Span::from_millis(200)));
    assert_eq!(*outages[2], Outage::Image(Some("i".to_owned())));
    assert_eq!(*outages[3], Outage::Image(None));
    assert_eq!(*outages[9], Outage::Clock(secs(2)));
    let Outage::Quota(quota) = outages[6] else {
        panic!("{outages:?}");
    };
    assert_eq!(
        (quota.pods, quota.requests.milli_cpu),
        (Some(5), Some(4000))
    );
    assert_eq!(quota.limits.memory, Some(8 << 30));
    let Outage::LimitRange(range) = outages[7] else {
        panic!("{outages:?}");
    };
    let cpu = [
        &range.min,
        &range.max,
        &range.default_limits,
        &range.default_requests,
    ];
    assert_eq!(cpu.map(|it| it.milli_cpu.unwrap()), [100, 2000, 1000, 500]);
}

#[test]
fn what_recurs_has_its_law_and_its_name() {
    let all = scenario("recurring.yaml").recurring;
    let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["drains", "nodeDown 0", "restartControllers 0"]);
    let When::Every { first, gap } = &all[0].when else {
        panic!("{:?}", all[0]);
    };
    assert_eq!(
        (*first, gap.to_string().as_str()),
        (Some(secs(3600)), "exponential(mean=7h)")
    );
    assert!(
        matches!(&all[1].when, When::EachNode { gap } if gap.mean() == Some(secs(154 * 86400)))
    );
    assert_eq!(
        all[2].when,
        When::Times(vec![secs(600), secs(1500), secs(10800)])
    );
}

#[test]
fn traces_are_read_beside_the_file() {
    let open = |name: &str| match name {
        "times.txt" => Ok("1m\n30\n".to_owned()),
        "nodes.txt" => Ok("1m, node-2\n2m\n".to_owned()),
        other => Err(format!("there is no {other}")),
    };
    let read = |yaml: &str| crate::scenario::ScenarioFile::read_with("-", yaml.as_bytes(), &open);
    let mut scenario = Scenario::on(Release::LATEST);
    let yaml = "recurring: [{trace: times.txt, evict: 0}, {trace: nodes.txt, drain: any}]";
    read(yaml).unwrap().apply(&mut scenario);
    let times = When::Times(vec![secs(30), secs(60)]);
    assert_eq!(scenario.recurring[0].when, times);
    let nodes: Vec<_> = scenario
        .actions
        .iter()
        .map(|it| it.deed.nodes().cloned())
        .collect();
    let named = NodeTarget::Named("node-2".to_owned());
    assert_eq!(nodes, [Some(named), Some(NodeTarget::Any)]);
    let errors = read("recurring: [{trace: no.txt, evict: 0}]").unwrap_err();
    assert!(
        errors.to_string().contains("there is no no.txt"),
        "{errors}"
    );
    let measured = "workload: {run: {file: times.txt}}";
    let mut scenario = Scenario::on(Release::LATEST).job(job("NonIndexed", 1), []);
    read(measured).unwrap().apply(&mut scenario);
    let work = format!("{:?}", scenario.workloads[0].fates[0].others.work);
    assert!(
        work.starts_with("For(") && work.contains("Listed"),
        "{work}"
    );
}

#[test]
fn the_pace_is_that_of_its_words_p120() {
    let pace = scenario("workload.yaml").pace;
    assert_eq!(pace.mount, Delay::Fixed(Span::from_millis(50)));
    assert_eq!(pace.pull, Delay::Fixed(secs(3)));
    assert_eq!((pace.beats, pace.jitter), (Beats::Aligned, Jitter::Most));
    assert!(matches!(&pace.pull_of[..], [(name, Delay::Drawn(law))]
        if name == "i" && law.to_string() == "1m..2m"));
    assert_eq!(pace.back_off, crate::node::BackOffLimits::up_to(secs(60)));
    assert!(matches!(pace.api_write, Delay::Drawn(_)));
}

#[test]
fn containers_do_what_their_words_say() {
    let scenario = scenario("workload.yaml");
    let fates = &scenario.workloads[0].fates;
    assert!(scenario.workloads[0].pods.is_empty());
    assert_eq!(fates[0].whose.nth, [0..=4, 7..=7]);
    let of = |at: usize, name: &str| {
        &fates[at]
            .containers
            .iter()
            .find(|it| it.0 == name)
            .unwrap()
            .1
    };
    let main = of(0, "main");
    assert!(matches!(&main.work, Work::Piece(law) if law.to_string().starts_with("lognormal")));
    let codes: Vec<_> = main
        .endings
        .iter()
        .map(|it| (it.1.ending, &it.1.at))
        .collect();
    let want = [
        (Ending::Exit(42), &At::End),
        (Ending::Exit(139), &At::PerCent(50)),
    ];
    assert_eq!(codes, want);
    assert_eq!(main.hazards[0].1, Ending::OutOfMemory);
    assert_eq!(main.first.as_ref().unwrap().runs, 2);
    assert!(matches!(
        main.bad_inputs.as_ref().unwrap().which,
        Which::Drawn(_)
    ));
    assert!(
        matches!(&main.bad_nodes.as_ref().unwrap().which, Which::Listed(it) if it == &["node-1"])
    );
    let memory = main.memory.unwrap();
    assert_eq!(
        (memory.growth.start, memory.kills),
        (1 << 30, OomKill::ChildThenExit(4))
    );
    assert_eq!(main.disk.unwrap().per, secs(1));
    assert!(matches!(
        &main.stop,
        Stop::Exits {
            ending: Some(Ending::Exit(0)),
            ..
        }
    ));
    assert!(main.hooks.post_start.is_some() && main.hooks.pre_stop.is_some());
    assert!(main.health.unready.is_some() && main.health.hangs.is_some());
    let rest = &fates.last().unwrap().others;
    assert_eq!(rest.endings[0].1.ending, Ending::StartError);
    assert_eq!(rest.stop, Stop::Ignores);
    assert!(matches!(&of(0, "setup").work, Work::For(law) if law.median() == secs(5)));
    let checkpoints = main.checkpoints.as_ref().unwrap();
    assert_eq!(checkpoints.every, secs(600));
    assert_eq!(checkpoints.restore.as_ref().unwrap().to_string(), "5s..9s");
}

#[test]
fn queues_are_what_their_words_say() {
    let scenario = scenario("queue.yaml");
    let fates = &scenario.workloads[0].fates;
    let works = fates.iter().map(|it| &it.others.work);
    let queues: Vec<_> = works
        .map(|work| match work {
            Work::Queue(queue) => queue,
            other => panic!("{other:?}"),
        })
        .collect();
    let first = queues[0];
    assert_eq!((first.items, first.deliveries), (1000, Some(3)));
    assert_eq!(first.service.to_string(), "exponential(mean=30s)");
    assert_eq!(first.arrivals.as_ref().unwrap().to_string(), "1s..3s");
    assert_eq!(first.idle, Idle::Asks(secs(10)));
    assert_eq!(first.orphans, Orphans::GivenBack(secs(300)));
    assert_eq!(
        (first.crashes.to_string(), first.crash),
        ("2%".to_owned(), Ending::Exit(42))
    );
    assert_eq!(first.poison, Some(Which::Listed(vec![3..=5])));
    assert_eq!(first.poisoned, Ending::OutOfMemory);
    let second = queues[1];
    assert_eq!(second.orphans, Orphans::Lost);
    assert_eq!((second.idle, second.deliveries), (Idle::Exits, None));
    assert!(matches!(second.poison, Some(Which::Drawn(_))));
}

#[test]
fn a_line_may_be_as_long_as_a_file() {
    let actions: Vec<String> = (1..60)
        .map(|n| format!("{{at: {n}s, evict: 2.10}}"))
        .collect();
    let text = format!("actions: [{}]", actions.join(", "));
    let file = read(&text).unwrap_or_else(|errors| panic!("{errors}"));
    let mut scenario = Scenario::on(Release::LATEST).job(job("Indexed", 3), []);
    file.apply(&mut scenario);
    assert_eq!(scenario.actions.len(), 59);
    let last = scenario.actions.last().map(|it| &it.deed);
    // Not pod 1 of index 2, which is what the number alone would mean.
    assert!(
        matches!(last, Some(Deed::Evict(pod)) if pod.nth == 10),
        "{last:?}"
    );
}
