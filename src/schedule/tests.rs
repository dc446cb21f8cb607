//! The scheduler told of small clusters, for what recordings do not show.

use super::{KindId, NodeKey, Outcome, PodKey, PodKind, Scheduler, Settings, Ties};
use crate::base::{Instant, Key, Seed, Span};
use crate::model::{Node, PodTemplate, Release};
use std::collections::BTreeMap;

/// A scheduler, and nodes of so many thousandths of a core.
fn cluster(release: Release, ties: Ties, nodes: &[u64]) -> Scheduler {
    let settings = Settings {
        cycle: Span::from_millis(5),
        ties,
        tells: false,
    };
    let mut scheduler = Scheduler::new(release, settings);
    for (number, milli_cpu) in nodes.iter().enumerate() {
        let mut node = Node::named(format!("n{number}"));
        node.allocatable.milli_cpu = Some(*milli_cpu);
        scheduler.node_added(Instant::ORIGIN, &node);
    }
    scheduler
}

/// Pods that ask for so many thousandths of a core.
fn kind(scheduler: &mut Scheduler, milli_cpu: u64, priority: i32) -> KindId {
    let mut kind = PodKind::of(&PodTemplate::default(), "default", BTreeMap::new());
    kind.requests.milli_cpu = Some(milli_cpu);
    kind.scored.0 = milli_cpu;
    kind.priority = priority;
    scheduler.learn(kind)
}

fn at(millis: i64) -> Instant {
    Instant::ORIGIN + Span::from_millis(millis)
}

/// The node that the next pod gets, and has from then on.
fn place(scheduler: &mut Scheduler, now: Instant) -> Option<(PodKey, NodeKey)> {
    let attempt = scheduler.attempt(now)?;
    match attempt.outcome {
        Outcome::Bound(node) => {
            scheduler.pod_bound(now, attempt.pod, node);
            Some((attempt.pod, node))
        }
        Outcome::Refused(_) | Outcome::Skipped => None,
    }
}

/// S29: from 1.35 on the search decides between equals, before that a draw that belongs to the pod.
#[test]
fn equals_are_taken_in_turn_or_drawn() {
    let nodes = |ties: Ties| {
        let mut scheduler = cluster(Release::LATEST, ties, &[4000; 8]);
        let one = kind(&mut scheduler, 0, 0);
        let got = (0..6u32).map(|n| {
            let now = at(i64::from(n) * 5);
            let pod = scheduler.pod_added(now, one, n.into(), false);
            let (placed, node) = place(&mut scheduler, now).expect("there is room");
            assert_eq!(placed, pod);
            // It does not stay, so that all nodes are equal for the next one.
            scheduler.pod_gone(now, pod);
            node.0
        });
        got.collect::<Vec<u32>>()
    };
    assert_eq!(nodes(Ties::InTurn), [0; 6]);
    let drawn = |seed| nodes(Ties::Drawn(Key::new(Seed(seed), 0)));
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
    assert!(drawn(1).iter().any(|it| *it != drawn(1)[0]));
}

/// S10: without nodes a pod is tried again and again, each time after a longer back-off.
#[test]
fn without_nodes_pods_are_tried_again_at_whole_seconds() {
    let mut scheduler = cluster(Release::LATEST, Ties::InTurn, &[]);
    let one = kind(&mut scheduler, 100, 0);
    scheduler.pod_added(at(500), one, 0, false);
    let mut tried = Vec::new();
    let mut now = at(500);
    while tried.len() < 5 {
        if let Some(attempt) = scheduler.attempt(now) {
            let Outcome::Refused(refused) = attempt.outcome else {
                panic!("there is no node");
            };
            assert_eq!(&*refused.message, "no nodes available to schedule pods");
            assert_eq!(refused.is_new, tried.is_empty());
            tried.push(now.micros() / 1000);
        }
        now = scheduler.next_due().expect("it is tried again").max(now);
    }
    assert_eq!(tried, [500, 2000, 5000, 10_000, 19_000]);
    assert!(!scheduler.hopes());
}

/// S34: while its victims are asked to go, a pod is not woken by the first of them that is gone.
#[test]
fn a_pod_waits_until_all_of_its_victims_were_asked_to_go() {
    let mut scheduler = cluster(Release::LATEST, Ties::InTurn, &[1000]);
    let (low, high) = (kind(&mut scheduler, 500, 0), kind(&mut scheduler, 1000, 10));
    for n in 0..2u32 {
        let now = at(i64::from(n) * 5);
        scheduler.pod_added(now, low, n.into(), false);
        assert!(place(&mut scheduler, now).is_some());
    }
    let top = scheduler.pod_added(at(10), high, 2, false);
    let attempt = scheduler.attempt(at(10)).expect("it is tried");
    let Outcome::Refused(refused) = attempt.outcome else {
        panic!("the node is full");
    };
    assert!(
        refused
            .message
            .ends_with("on node n0, preempting 2 victims")
    );
    assert_eq!(refused.nominated, Some(Some(NodeKey(0))));
    assert_eq!(
        (refused.victims.len(), scheduler.nominated_node(top)),
        (2, Some(NodeKey(0)))
    );
    scheduler.pod_gone(at(10), refused.victims[0]);
    assert!(scheduler.attempt(at(20)).is_none());
    scheduler.victims_asked();
    scheduler.pod_gone(at(30), refused.victims[1]);
    assert_eq!(place(&mut scheduler, at(30)), Some((top, NodeKey(0))));
}
