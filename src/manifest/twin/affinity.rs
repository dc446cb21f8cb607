//! Which nodes and neighbours a pod wants.

use serde::Deserialize;

use super::{List, TextMap, given};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(clippy::struct_field_names)] // the API's own
pub(in crate::manifest) struct Affinity {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) node_affinity: NodeAffinity,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) pod_affinity: PodAffinity,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) pod_anti_affinity: PodAffinity,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct NodeAffinity {
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    pub(in crate::manifest) required: Option<NodeSelector>,
    #[serde(
        rename = "preferredDuringSchedulingIgnoredDuringExecution",
        deserialize_with = "given"
    )]
    pub(in crate::manifest) preferred: List<PreferredNodes>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct NodeSelector {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) node_selector_terms: List<NodeTerm>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct PreferredNodes {
    pub(in crate::manifest) weight: i32,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) preference: NodeTerm,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct NodeTerm {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) match_expressions: List<Expression>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) match_fields: List<Expression>,
}

/// One of `matchExpressions`, of nodes or of other objects.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct Expression {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) key: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) operator: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) values: List<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::manifest) struct PodAffinity {
    #[serde(
        rename = "requiredDuringSchedulingIgnoredDuringExecution",
        deserialize_with = "given"
    )]
    pub(in crate::manifest) required: List<PodTerm>,
    #[serde(
        rename = "preferredDuringSchedulingIgnoredDuringExecution",
        deserialize_with = "given"
    )]
    pub(in crate::manifest) preferred: List<PreferredPods>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct PreferredPods {
    pub(in crate::manifest) weight: i32,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) pod_affinity_term: PodTerm,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct PodTerm {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) topology_key: String,
    pub(in crate::manifest) label_selector: Option<Selector>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) namespaces: List<String>,
    pub(in crate::manifest) namespace_selector: Option<Selector>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) match_label_keys: List<String>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) mismatch_label_keys: List<String>,
}

/// A label selector.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct Selector {
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) match_labels: TextMap,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) match_expressions: List<Expression>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::manifest) struct SpreadConstraint {
    pub(in crate::manifest) max_skew: i32,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) topology_key: String,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) when_unsatisfiable: String,
    pub(in crate::manifest) label_selector: Option<Selector>,
    pub(in crate::manifest) min_domains: Option<i32>,
    pub(in crate::manifest) node_affinity_policy: Option<String>,
    pub(in crate::manifest) node_taints_policy: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) match_label_keys: List<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(clippy::struct_field_names)] // the API's own
pub(in crate::manifest) struct ContainerPort {
    pub(in crate::manifest) container_port: i32,
    pub(in crate::manifest) host_port: i32,
    #[serde(deserialize_with = "given")]
    pub(in crate::manifest) protocol: String,
    #[serde(rename = "hostIP", deserialize_with = "given")]
    pub(in crate::manifest) host_ip: String,
}
