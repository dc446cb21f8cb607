//! Which nodes and neighbours a pod wants.

use super::{count, texts};
use crate::manifest::twin;
use crate::model::{self, LabelTest, NodeTest};

pub(super) fn affinity(all: twin::Affinity) -> model::Affinity {
    let nodes = all.node_affinity.unwrap_or_default();
    let near = all.pod_affinity.unwrap_or_default();
    let apart = all.pod_anti_affinity.unwrap_or_default();
    let required = |it: twin::List<twin::PodAffinityTerm>| it.0.into_iter().map(pod_term).collect();
    let preferred = |it: twin::List<twin::WeightedPodAffinityTerm>| {
        let each = it.0.into_iter().map(|it| model::PreferredPods {
            weight: count(it.weight),
            term: pod_term(it.pod_affinity_term),
        });
        each.collect()
    };
    model::Affinity {
        required: nodes
            .required_during_scheduling_ignored_during_execution
            .map(|it| {
                let terms = it.node_selector_terms.0.into_iter();
                terms.map(node_term).collect()
            }),
        preferred: (nodes
            .preferred_during_scheduling_ignored_during_execution
            .0
            .into_iter())
        .map(|it| model::PreferredNodes {
            weight: count(it.weight),
            term: node_term(it.preference),
        })
        .collect(),
        near: required(near.required_during_scheduling_ignored_during_execution),
        rather_near: preferred(near.preferred_during_scheduling_ignored_during_execution),
        apart: required(apart.required_during_scheduling_ignored_during_execution),
        rather_apart: preferred(apart.preferred_during_scheduling_ignored_during_execution),
    }
}

fn node_term(term: twin::NodeSelectorTerm) -> model::NodeTerm {
    let all = |it: twin::List<twin::NodeSelectorRequirement>| {
        it.0.into_iter().map(node_requirement).collect()
    };
    model::NodeTerm {
        labels: all(term.match_expressions),
        fields: all(term.match_fields),
    }
}

fn node_requirement(it: twin::NodeSelectorRequirement) -> model::NodeRequirement {
    let values = it.values.0;
    let number = |values: &[String]| values.first().and_then(|it| it.parse().ok());
    let test = match it.operator.as_str() {
        "In" => NodeTest::In(values),
        "NotIn" => NodeTest::NotIn(values),
        "Exists" => NodeTest::Exists,
        "DoesNotExist" => NodeTest::DoesNotExist,
        "Gt" => NodeTest::Gt(number(&values)),
        "Lt" => NodeTest::Lt(number(&values)),
        _ => NodeTest::Unknown,
    };
    model::NodeRequirement { key: it.key, test }
}

fn pod_term(term: twin::PodAffinityTerm) -> model::PodTerm {
    model::PodTerm {
        topology_key: term.topology_key,
        selector: term.label_selector.map(selector),
        namespaces: term.namespaces.0,
        namespace_selector: term.namespace_selector.map(selector),
        match_label_keys: term.match_label_keys.0,
        mismatch_label_keys: term.mismatch_label_keys.0,
    }
}

/// A selector; one of its operators that does not exist lets nothing pass.
fn selector(written: twin::LabelSelector) -> model::LabelSelector {
    let expressions = written.match_expressions.0.into_iter().map(|it| {
        let values = it.values.0;
        let test = match it.operator.as_str() {
            "In" => LabelTest::In(values),
            "NotIn" => LabelTest::NotIn(values),
            "Exists" => LabelTest::Exists,
            "DoesNotExist" => LabelTest::DoesNotExist,
            _ => LabelTest::In(Vec::new()),
        };
        model::Requirement { key: it.key, test }
    });
    model::LabelSelector {
        labels: texts(written.match_labels),
        expressions: expressions.collect(),
    }
}

pub(super) fn spread(it: twin::TopologySpreadConstraint) -> model::SpreadConstraint {
    model::SpreadConstraint {
        max_skew: count(it.max_skew).max(1),
        topology_key: it.topology_key,
        hard: it.when_unsatisfiable == "DoNotSchedule",
        selector: it.label_selector.map(selector),
        min_domains: it.min_domains.map_or(1, count),
        honors_affinity: it.node_affinity_policy.as_deref() != Some("Ignore"),
        honors_taints: it.node_taints_policy.as_deref() == Some("Honor"),
        match_label_keys: it.match_label_keys.0,
    }
}

/// A port of the node, if the container takes one. On the node's own network it takes them all.
pub(super) fn host_port(port: twin::ContainerPort, on_host: bool) -> Option<model::HostPort> {
    let own = if on_host { port.container_port } else { 0 };
    let number = if port.host_port > 0 {
        port.host_port
    } else {
        own
    };
    Some(model::HostPort {
        port: u16::try_from(number).ok().filter(|it| *it > 0)?,
        protocol: if port.protocol.is_empty() {
            "TCP".to_owned()
        } else {
            port.protocol
        },
        ip: port.host_ip,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = r#"{"spec": {"hostNetwork": false,
      "affinity": {
        "nodeAffinity": {
          "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{
            "matchExpressions": [{"key": "gen", "operator": "Gt", "values": ["3"]},
                                 {"key": "gpu", "operator": "Exists"}],
            "matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}]},
          "preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 7, "preference": {"matchExpressions": [
              {"key": "disk", "operator": "NotIn", "values": ["hdd"]}]}}]},
        "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
          {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "a"}},
           "namespaces": ["other"], "matchLabelKeys": ["rev"]}]},
        "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
          {"weight": 9, "podAffinityTerm": {"topologyKey": "rack", "namespaceSelector": {}}}]}},
      "topologySpreadConstraints": [{"maxSkew": 2, "topologyKey": "zone", "minDomains": 3,
        "whenUnsatisfiable": "DoNotSchedule", "nodeAffinityPolicy": "Ignore",
        "nodeTaintsPolicy": "Honor", "labelSelector": {"matchExpressions": [
          {"key": "app", "operator": "In", "values": ["a", "b"]}]}}],
      "containers": [{"name": "m", "ports": [{"containerPort": 80}, {"containerPort": 81,
        "hostPort": 8081, "protocol": "UDP", "hostIP": "10.0.0.1"}]}]}}"#;

    #[test]
    fn wishes_arrive_as_they_are_written() {
        let pod = crate::manifest::pod_template(POD).expect("it is JSON of that shape");
        let terms = pod.affinity.required.as_deref().unwrap_or_default();
        let tests: Vec<&NodeTest> = terms[0].labels.iter().map(|it| &it.test).collect();
        assert_eq!(tests, [&NodeTest::Gt(Some(3)), &NodeTest::Exists]);
        assert_eq!(terms[0].names(), Some(vec!["n1"]));
        let preferred = &pod.affinity.preferred[0];
        let test = &preferred.term.labels[0].test;
        assert_eq!((preferred.weight, test.holds(Some("hdd"))), (7, false));
        let near = &pod.affinity.near[0];
        assert_eq!(
            (near.topology_key.as_str(), &*near.namespaces),
            ("zone", &["other".into()][..])
        );
        assert_eq!(near.match_label_keys, ["rev"]);
        let apart = &pod.affinity.rather_apart[0];
        assert_eq!((apart.weight, apart.term.selector.is_none()), (9, true));
        assert!(apart.term.namespace_selector.is_some() && pod.affinity.apart.is_empty());
        let spread = &pod.spread[0];
        assert_eq!(
            (spread.max_skew, spread.min_domains, spread.hard),
            (2, 3, true)
        );
        assert!(!spread.honors_affinity && spread.honors_taints);
        let ports = &pod.containers[0].host_ports;
        let port = |it: &model::HostPort| format!("{}/{} {}", it.port, it.protocol, it.ip);
        assert_eq!(
            ports.iter().map(port).collect::<Vec<_>>(),
            ["8081/UDP 10.0.0.1"]
        );
        let on_host = POD.replace("\"hostNetwork\": false", "\"hostNetwork\": true");
        let pod = crate::manifest::pod_template(&on_host).expect("it is JSON of that shape");
        assert_eq!(pod.containers[0].host_ports[0].port, 80);
    }
}
