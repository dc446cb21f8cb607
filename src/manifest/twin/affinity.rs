//! Where a pod wants to be, and beside whom.

use super::{LabelSelector, List, records};

records! {
    Affinity unless_empty {
        node_affinity: Option<NodeAffinity>,
        pod_affinity: Option<PodAffinity>,
        pod_anti_affinity: Option<PodAntiAffinity>,
    };

    NodeAffinity unless_empty {
        required_during_scheduling_ignored_during_execution: Option<NodeSelector>,
        preferred_during_scheduling_ignored_during_execution: List<PreferredSchedulingTerm>,
    };

    NodeSelector always {
        node_selector_terms: List<NodeSelectorTerm>,
    };

    NodeSelectorTerm unless_empty {
        match_expressions: List<NodeSelectorRequirement>,
        match_fields: List<NodeSelectorRequirement>,
    };

    NodeSelectorRequirement always {
        key: String,
        operator: String,
    } unless_empty {
        values: List<String>,
    };

    PreferredSchedulingTerm always {
        weight: i32,
        preference: NodeSelectorTerm,
    };

    PodAffinity unless_empty {
        required_during_scheduling_ignored_during_execution: List<PodAffinityTerm>,
        preferred_during_scheduling_ignored_during_execution: List<WeightedPodAffinityTerm>,
    };

    PodAntiAffinity unless_empty {
        required_during_scheduling_ignored_during_execution: List<PodAffinityTerm>,
        preferred_during_scheduling_ignored_during_execution: List<WeightedPodAffinityTerm>,
    };

    PodAffinityTerm always {
        topology_key: String,
    } unless_empty {
        label_selector: Option<LabelSelector>,
        namespaces: List<String>,
        namespace_selector: Option<LabelSelector>,
        match_label_keys: List<String>,
        mismatch_label_keys: List<String>,
    };

    WeightedPodAffinityTerm always {
        weight: i32,
        pod_affinity_term: PodAffinityTerm,
    };
}
