//! What pods need, in numbers worked out by hand.

use super::*;
use crate::model::PodResources;

/// `cpu=500m memory=1Gi gpu=1`
fn amounts(text: &str) -> Resources {
    let pairs = text.split_whitespace().filter_map(|it| it.split_once('='));
    pairs
        .map(|(name, text)| (name, Quantity::parse(text).expect("a quantity")))
        .collect()
}

fn written(resources: &Resources) -> String {
    let all = resources.iter().map(|(name, n)| format!("{name}={n}"));
    all.collect::<Vec<_>>().join(" ")
}

fn asking(requests: &str) -> Container {
    Container {
        requests: amounts(requests),
        ..Container::default()
    }
}

/// Containers by their requests; among the init containers `*` marks sidecars.
fn pod(containers: &[&str], init: &[&str]) -> PodTemplate {
    let init = init.iter().map(|text| Container {
        sidecar: text.starts_with('*'),
        ..asking(text.trim_start_matches('*'))
    });
    PodTemplate {
        containers: containers.iter().copied().map(asking).collect(),
        init_containers: init.collect(),
        ..PodTemplate::default()
    }
}

#[test]
fn amounts_are_in_the_units_and_the_order_of_the_scheduler() {
    let all = amounts("b/x=2 memory=1Ki cpu=1.5 ephemeral-storage=1k a/x=1 hugepages-2Mi=4Mi");
    let want = "cpu=1500 memory=1024 ephemeral-storage=1000 a/x=1 b/x=2 hugepages-2Mi=4194304";
    assert_eq!(written(&all), want);
    assert_eq!(
        written(&amounts("cpu=1u memory=0.5 a/x=100m")),
        "cpu=1 memory=1 a/x=1"
    );
    assert_eq!(written(&amounts("cpu=-1 memory=-1Gi")), "cpu=0 memory=0");
    assert!(amounts("").is_empty() && !amounts("cpu=0").is_empty());
}

#[test]
fn amounts_are_put_together_resource_by_resource() {
    let (one, other) = (
        amounts("cpu=1 memory=8 a/x=1"),
        amounts("cpu=2 memory=4 b/x=1"),
    );
    assert_eq!(written(&one.sum(&other)), "cpu=3000 memory=12 a/x=1 b/x=1");
    assert_eq!(written(&one.max(&other)), "cpu=2000 memory=8 a/x=1 b/x=1");
    assert_eq!(written(&one.or(&other)), "cpu=1000 memory=8 a/x=1 b/x=1");
    let most = amounts("memory=8Ei");
    let much = (0..3).fold(most.clone(), |sum, _| sum.sum(&most));
    assert_eq!(much.memory, Some(u64::MAX));
}

/// P2
#[test]
fn what_does_not_fit_is_named_in_order() {
    let lacking = |request: &str, free: &str| {
        let (request, free) = (amounts(request), amounts(free));
        let names = request.lacking(&free).collect::<Vec<_>>().join(" ");
        assert_eq!(names.is_empty(), request.fits_in(&free));
        names
    };
    assert_eq!(lacking("cpu=1 memory=1Gi", "cpu=1 memory=1Gi a/x=1"), "");
    assert_eq!(lacking("cpu=1001m memory=1Gi", "cpu=1 memory=1Gi"), "cpu");
    assert_eq!(
        lacking("a/x=1 memory=2 cpu=1", "memory=1"),
        "cpu memory a/x"
    );
    assert_eq!(lacking("cpu=0 a/x=0", ""), "");
}

/// P103
#[test]
fn a_pod_needs_what_its_worst_moment_needs() {
    let check = |containers: &[&str], init: &[&str], want: &str| {
        let got = pod(containers, init).effective_requests();
        assert_eq!(written(&got), want, "{containers:?} {init:?}");
    };
    check(&[], &[], "");
    check(&["", ""], &[""], "");
    check(&["cpu=1", "cpu=500m memory=1"], &[], "cpu=1500 memory=1");
    // Init containers run one after another, before the others.
    check(
        &["cpu=1"],
        &["cpu=3", "cpu=2 memory=5"],
        "cpu=3000 memory=5",
    );
    check(&["cpu=2", "cpu=2"], &["cpu=3"], "cpu=4000");
    // A sidecar runs along with the containers, and with the init containers after it.
    check(&["cpu=1"], &["*cpu=2"], "cpu=3000");
    check(&["cpu=1"], &["*cpu=2", "cpu=3"], "cpu=5000");
    check(&["cpu=1"], &["cpu=3", "*cpu=2"], "cpu=3000");
    check(&["cpu=1"], &["*cpu=2", "cpu=1", "*cpu=4"], "cpu=7000");
    check(&["cpu=1"], &["*cpu=2", "*cpu=4", "cpu=5"], "cpu=11000");
    check(&["cpu=1"], &["*memory=2", "cpu=3"], "cpu=3000 memory=2");
}

/// P103
#[test]
fn requests_of_the_pod_as_a_whole_take_the_place_of_the_sum() {
    let check = |requests: &str, limits: &str, want: &str| {
        let whole = PodTemplate {
            overhead: amounts("cpu=10m"),
            resources: Some(Box::new(PodResources {
                requests: amounts(requests),
                limits: amounts(limits),
            })),
            ..pod(&["cpu=1 a/x=1", "cpu=1"], &["cpu=5"])
        };
        let got = whole.effective_requests();
        assert_eq!(written(&got), want, "{requests} {limits}");
    };
    check("", "", "cpu=5010 a/x=1");
    check("cpu=3", "", "cpu=3010 a/x=1");
    check("cpu=3 memory=9 a/x=7", "", "cpu=3010 memory=9 a/x=1");
    // Limits alone: what the containers ask for, else the limit.
    check("", "cpu=8 memory=9", "cpu=5010 memory=9 a/x=1");
    check("memory=4", "cpu=8 memory=9", "cpu=5010 memory=4 a/x=1");
}

/// P107
#[test]
fn a_container_that_asks_for_nothing_is_scored_as_if_it_asked_for_a_little() {
    let check = |template: &PodTemplate, want: &str| {
        assert_eq!(written(&template.scoring_requests()), want);
    };
    check(&pod(&["", "cpu=1"], &[]), "cpu=1100 memory=419430400");
    check(&pod(&["cpu=0 memory=0"], &[]), "cpu=0 memory=0");
    check(&pod(&["memory=1", ""], &[]), "cpu=200 memory=209715201");
    let whole = PodTemplate {
        resources: Some(Box::new(PodResources {
            requests: amounts("cpu=2"),
            ..PodResources::default()
        })),
        ..pod(&["", ""], &[])
    };
    check(&whole, "cpu=2000 memory=419430400");
}

/// P68
#[test]
fn limits_count_where_there_are_any() {
    let limited = |limits: &str| Container {
        limits: amounts(limits),
        ..Container::default()
    };
    let template = PodTemplate {
        overhead: amounts("ephemeral-storage=1 memory=1 cpu=1"),
        containers: vec![
            limited("ephemeral-storage=5 memory=3"),
            limited("ephemeral-storage=2"),
        ],
        init_containers: vec![limited("memory=9")],
        ..PodTemplate::default()
    };
    assert_eq!(
        written(&template.effective_limits()),
        "memory=10 ephemeral-storage=8"
    );
}

#[test]
fn a_class_is_what_all_containers_have_in_common() {
    // Requests and limits of each container.
    let check = |all: &[(&str, &str)], want: QosClass| {
        let mut containers = all.iter().map(|(requests, limits)| Container {
            limits: amounts(limits),
            ..asking(requests)
        });
        let template = PodTemplate {
            init_containers: containers.next().into_iter().collect(),
            containers: containers.collect(),
            ..PodTemplate::default()
        };
        assert_eq!(template.qos_class(), want, "{all:?}");
    };
    let full = ("cpu=1 memory=1Gi", "cpu=1 memory=1Gi");
    check(&[], QosClass::BestEffort);
    check(&[("", ""), ("", "")], QosClass::BestEffort);
    check(
        &[("cpu=0", "memory=0"), ("a/x=1", "a/x=1")],
        QosClass::BestEffort,
    );
    check(&[("ephemeral-storage=1", "")], QosClass::BestEffort);
    check(&[("cpu=1", "")], QosClass::Burstable);
    check(&[("cpu=1", "cpu=1")], QosClass::Burstable);
    check(&[("cpu=1 memory=1", "cpu=1 memory=2")], QosClass::Burstable);
    check(&[full], QosClass::Guaranteed);
    check(&[full, full], QosClass::Guaranteed);
    check(&[full, ("", "")], QosClass::Burstable);
    check(&[("", ""), full], QosClass::Burstable);
    check(&[("cpu=1 memory=1Gi a/x=1", full.1)], QosClass::Guaranteed);
}

#[test]
fn resources_of_the_pod_as_a_whole_decide_its_class_alone() {
    let check = |requests: &str, limits: &str, want: QosClass| {
        let template = PodTemplate {
            resources: Some(Box::new(PodResources {
                requests: amounts(requests),
                limits: amounts(limits),
            })),
            ..pod(&["memory=1"], &[])
        };
        assert_eq!(template.qos_class(), want, "{requests} {limits}");
    };
    check("", "", QosClass::BestEffort);
    check("cpu=1 memory=1", "", QosClass::Burstable);
    check("", "cpu=1", QosClass::Burstable);
    check("", "cpu=1 memory=1", QosClass::Guaranteed);
    check("", "cpu=1 memory=2", QosClass::Burstable);
    check("cpu=1 memory=2", "cpu=1 memory=2", QosClass::Guaranteed);
}
