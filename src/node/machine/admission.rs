//! What a kubelet refuses (P2): it counts the room of every pod that has not ended, also of those
//! that terminate, and so may find less than the scheduler did.

use crate::model::toleration::{admitted, stay};
use crate::model::{
    Effect, Node, PodReason, PodTemplate, QosClass, Resources, Stay, Taint, Toleration,
};

/// What the node's pods hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occupancy {
    /// Pods that have not ended.
    pub pods: u32,
    /// What they have asked for.
    pub used: Resources,
    /// It is short of memory, or was within the last five minutes (P66).
    pub short_of_memory: bool,
    /// It is short of disk or process numbers, or was.
    pub short_of_others: bool,
    /// It is being shut down (P83).
    pub shutting_down: bool,
    /// Its taints as they are now.
    pub taints: Vec<Taint>,
}

const MEMORY_PRESSURE: &str = "node.kubernetes.io/memory-pressure";

/// Why the kubelet of that node refuses the pod, if it does.
#[must_use]
pub fn refusal(node: &Node, now: &Occupancy, template: &PodTemplate) -> Option<PodReason> {
    let critical = template.priority.is_some_and(|it| it >= super::CRITICAL);
    if now.short_of_others && !critical {
        return Some(PodReason::Evicted);
    }
    if now.short_of_memory && !critical {
        let tolerated = |it: &Toleration| it.key.is_empty() || it.key == MEMORY_PRESSURE;
        let best_effort = template.qos_class() == QosClass::BestEffort;
        if best_effort && !template.tolerations.iter().any(tolerated) {
            return Some(PodReason::Evicted);
        }
    }
    if now.pods >= node.pods {
        return Some(PodReason::OutOfPods);
    }
    let asked = template.effective_requests();
    for (name, amount) in asked.iter().filter(|(_, amount)| *amount > 0) {
        let limit = match (node.allocatable.get(name), name) {
            (None, "cpu" | "memory" | "ephemeral-storage") => continue,
            // What the node does not know of is no business of its kubelet.
            (None, name) if is_extended(name) => continue,
            (limit, _) => limit.unwrap_or(0),
        };
        if now.used.get(name).unwrap_or(0).saturating_add(amount) > limit {
            return Some(match name {
                "cpu" => PodReason::OutOfCpu,
                "memory" => PodReason::OutOfMemory,
                "ephemeral-storage" => PodReason::OutOfEphemeralStorage,
                _ => PodReason::OutOfOther,
            });
        }
    }
    let labelled = |(key, value): (&String, &String)| node.labels.get(key) == Some(value);
    if !template.node_selector.iter().all(labelled) {
        return Some(PodReason::NodeAffinity);
    }
    if is_driven_away(now, template) {
        return Some(PodReason::TaintToleration);
    }
    now.shutting_down.then_some(PodReason::NodeShutdown)
}

/// Whether a resource is one that somebody brought to Kubernetes, such as a GPU.
fn is_extended(name: &str) -> bool {
    name.contains('/') && !name.contains("kubernetes.io/")
}

/// Whether the node has a taint `NoExecute` that the pod does not bear at all.
fn is_driven_away(now: &Occupancy, template: &PodTemplate) -> bool {
    now.taints.iter().any(|it| it.effect == Effect::NoExecute)
        && stay(&admitted(template.tolerations.clone()), &now.taints) == Stay::Seconds(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Node, &mut Occupancy, &mut PodTemplate), want: &str) {
        let mut node = Node::named("a");
        node.allocatable.milli_cpu = Some(1000);
        let mut occupancy = Occupancy::default();
        let mut template = PodTemplate::default();
        change(&mut node, &mut occupancy, &mut template);
        let got = refusal(&node, &occupancy, &template).map_or("-", PodReason::as_str);
        assert_eq!(got, want);
    }

    fn asking(template: &mut PodTemplate, name: &str, amount: u64) {
        let mut container = crate::model::Container::default();
        container.requests.set(name, amount);
        template.containers = vec![container];
    }

    #[test]
    fn p2_a_kubelet_refuses_what_has_no_room_or_no_place() {
        check(|_, _, _| (), "-");
        check(|_, _, pod| asking(pod, "cpu", 1000), "-");
        check(|_, _, pod| asking(pod, "cpu", 1001), "OutOfcpu");
        check(
            |_, now, pod| {
                now.used.milli_cpu = Some(600);
                asking(pod, "cpu", 500);
            },
            "OutOfcpu",
        );
        check(|_, _, pod| asking(pod, "memory", 1 << 40), "-");
        check(|_, _, pod| asking(pod, "nvidia.com/gpu", 1), "-");
        check(
            |node, _, pod| {
                node.allocatable.set("nvidia.com/gpu", 1);
                asking(pod, "nvidia.com/gpu", 2);
            },
            "OutOf",
        );
        check(|_, _, pod| asking(pod, "hugepages-2Mi", 1 << 21), "OutOf");
        check(|_, now, _| now.pods = 110, "OutOfpods");
        check(|_, now, _| now.shutting_down = true, "NodeShutdown");
        check(
            |_, _, pod| drop(pod.node_selector.insert("disk".into(), "ssd".into())),
            "NodeAffinity",
        );
    }

    #[test]
    fn p2_a_kubelet_refuses_pods_that_a_taint_would_drive_away_at_once() {
        let taint = |key: &str, effect| Taint {
            key: key.into(),
            value: String::new(),
            effect,
        };
        let unreachable = "node.kubernetes.io/unreachable";
        for (key, effect, want) in [
            ("work", Effect::NoExecute, "TaintToleration"),
            ("work", Effect::NoSchedule, "-"),
            (unreachable, Effect::NoExecute, "-"),
        ] {
            check(|_, now, _| now.taints = vec![taint(key, effect)], want);
        }
        // The predicates are asked before the shutdown.
        check(
            |_, now, _| {
                now.taints = vec![taint("work", Effect::NoExecute)];
                now.shutting_down = true;
            },
            "TaintToleration",
        );
    }

    #[test]
    fn p66_under_pressure_only_some_pods_are_refused() {
        check(|_, now, _| now.short_of_memory = true, "Evicted");
        check(
            |_, now, pod| {
                now.short_of_memory = true;
                asking(pod, "cpu", 1);
            },
            "-",
        );
        check(
            |_, now, pod| {
                now.short_of_others = true;
                asking(pod, "cpu", 1);
            },
            "Evicted",
        );
        check(
            |_, now, pod| {
                now.short_of_others = true;
                pod.priority = Some(super::super::CRITICAL);
            },
            "-",
        );
    }
}
