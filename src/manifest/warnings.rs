//! What the API server warns of although it takes the object; here, in its pod template.

mod containers;
mod job;
mod volumes;

use std::collections::BTreeSet;

use super::address::{is_sloppy, is_standard};
use super::names::label_value_flaws;
use super::twin::{
    Affinity, NodeSelectorTerm, PodAffinityTerm, PodSpec, PodTemplate, Quantities, TextMap,
    WeightedPodAffinityTerm,
};
use super::validate::path::Path;
use super::validate::pod::annotations::SECCOMP_POD;
use crate::model::{Check, Release};
pub(super) use job::{job_spec, name, zone_in_schedule};

/// Labels of nodes that have another name by now.
const NODE_LABELS: [(&str, &str); 8] = [
    (
        "beta.kubernetes.io/arch",
        "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
    ),
    (
        "beta.kubernetes.io/os",
        "deprecated since v1.14; use \"kubernetes.io/os\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    ),
    (
        "beta.kubernetes.io/instance-type",
        "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    ),
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    (
        "scheduler.alpha.kubernetes.io/preferAvoidPods",
        "deprecated since v1.22; use Taints and Tolerations instead",
    ),
    (
        "node-role.kubernetes.io/master",
        "use \"node-role.kubernetes.io/control-plane\" instead",
    ),
];

/// Annotations that do nothing any more.
const ANNOTATIONS: [(&str, &str); 3] = [
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
];

/// Warnings in the order in which they are found.
struct Warnings {
    all: Vec<String>,
    release: Release,
}

impl Warnings {
    fn add(&mut self, at: &Path, text: &str) {
        self.all.push(format!("{}: {text}", &**at));
    }
}

/// All warnings about a template that stands at `path`.
pub(super) fn of_template(path: &str, template: &PodTemplate, release: Release) -> Vec<String> {
    let mut told = Warnings {
        all: Vec::new(),
        release,
    };
    let (spec, annotations) = (&template.spec, &template.metadata.annotations);
    let at = Path::new(path).child("spec");
    let of_annotations = Path::new(path).child("metadata.annotations");
    node_labels(&at, spec, &mut told);
    for (key, text) in ANNOTATIONS {
        if annotations.contains_key(key) {
            told.add(&of_annotations.at(key), text);
        }
    }
    volumes::check(&at.child("volumes"), &spec.volumes, &mut told);
    repetitions(&at, spec, &mut told);
    for resource in ["memory", "ephemeral-storage"] {
        fractions(&at.child("overhead"), &spec.overhead, resource, &mut told);
    }
    seccomp_of_pod(&of_annotations, spec, annotations, &mut told);
    containers::check(&at, &of_annotations, spec, annotations, &mut told);
    if spec.termination_grace_period_seconds.is_some_and(|n| n < 0) {
        let text = "must be >= 0; negative values are invalid and will be treated as 1";
        told.add(&at.child("terminationGracePeriodSeconds"), text);
    }
    if let Some(affinity) = &spec.affinity {
        null_selectors(&at.child("affinity"), affinity, &mut told);
    }
    addresses(&at, spec, &mut told);
    told.all
}

fn deprecated(key: &str) -> Option<&'static str> {
    let known = NODE_LABELS.iter().find(|(label, _)| *label == key);
    known.map(|(_, text)| *text)
}

fn node_labels(at: &Path, spec: &PodSpec, told: &mut Warnings) {
    for key in spec.node_selector.keys() {
        if let Some(text) = deprecated(key) {
            told.add(&at.child("nodeSelector").at(key), text);
        }
    }
    let affinity = spec
        .affinity
        .as_ref()
        .and_then(|it| it.node_affinity.as_ref());
    if let Some(nodes) = affinity {
        let at = at.child("affinity.nodeAffinity");
        let required = &nodes.required_during_scheduling_ignored_during_execution;
        let terms = required.iter().flat_map(|it| &it.node_selector_terms);
        let own = at.child("requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms");
        for (index, term) in terms.enumerate() {
            node_term(&own.at(index), term, false, told);
        }
        let own = at.child("preferredDuringSchedulingIgnoredDuringExecution");
        let terms = &nodes.preferred_during_scheduling_ignored_during_execution;
        for (index, term) in terms.iter().enumerate() {
            let values = told.release.has(Check::NodeAffinityValues);
            node_term(
                &own.at(index).child("preference"),
                &term.preference,
                values,
                told,
            );
        }
    }
    for (index, one) in spec.topology_spread_constraints.iter().enumerate() {
        let at = at.child("topologySpreadConstraints").at(index);
        if let Some(text) = deprecated(&one.topology_key) {
            told.add(
                &at.child("topologyKey"),
                &format!("{} is {text}", one.topology_key),
            );
        }
        if one.label_selector.is_none() {
            told.add(&at.child("labelSelector"), NULL_SELECTOR);
        }
    }
}

const NULL_SELECTOR: &str = "a null labelSelector results in matching no pod";

fn node_term(at: &Path, term: &NodeSelectorTerm, values: bool, told: &mut Warnings) {
    for (index, wanted) in term.match_expressions.iter().enumerate() {
        let at = at.child("matchExpressions").at(index);
        if let Some(text) = deprecated(&wanted.key) {
            told.add(&at.child("key"), &format!("{} is {text}", wanted.key));
        }
        for (index, value) in wanted.values.iter().enumerate().filter(|_| values) {
            for flaw in label_value_flaws(value, told.release) {
                let text = format!("{value} is invalid, {flaw}");
                told.add(&at.child("values").at(index), &text);
            }
        }
    }
}

fn repetitions(at: &Path, spec: &PodSpec, told: &mut Warnings) {
    let mut seen = BTreeSet::new();
    for (index, alias) in spec.host_aliases.iter().enumerate() {
        if !seen.insert(&alias.ip) {
            let at = at.child("hostAliases").at(index).child("ip");
            told.add(&at, &format!("duplicate ip {:?}", alias.ip));
        }
    }
    let secrets = at.child("imagePullSecrets");
    let mut seen = BTreeSet::new();
    for (index, secret) in spec.image_pull_secrets.iter().enumerate() {
        if !seen.insert(&secret.name) {
            let text = format!("duplicate name {:?}", secret.name);
            told.add(&secrets.at(index).child("name"), &text);
        }
    }
    for (index, secret) in spec.image_pull_secrets.iter().enumerate() {
        if secret.name.is_empty() {
            told.add(&secrets.at(index).child("name"), "invalid empty name \"\"");
        }
    }
}

/// Bytes do not come in parts.
fn fractions(at: &Path, amounts: &Quantities, resource: &str, told: &mut Warnings) {
    let amount = amounts.get(resource);
    if let Some(amount) = amount.filter(|it| it.is_fractional()) {
        let value = amount.canonical();
        let text = format!("fractional byte value {value:?} is invalid, must be an integer");
        told.add(&at.at(resource), &text);
    }
}

const SECCOMP_FIELD: &str = "non-functional in v1.27+; use the \"seccompProfile\" field instead";

fn seccomp_of_pod(at: &Path, spec: &PodSpec, annotations: &TextMap, told: &mut Warnings) {
    let context = spec.security_context.as_ref();
    let has_field = context.is_some_and(|it| it.seccomp_profile.is_some());
    if !has_field && annotations.contains_key(SECCOMP_POD) {
        told.add(&at.at(SECCOMP_POD), SECCOMP_FIELD);
    }
}

fn null_selectors(at: &Path, affinity: &Affinity, told: &mut Warnings) {
    let mut of = |at: &Path, required: &[PodAffinityTerm], weighted: &[WeightedPodAffinityTerm]| {
        let own = at.child("requiredDuringSchedulingIgnoredDuringExecution");
        for (index, term) in required.iter().enumerate() {
            if term.label_selector.is_none() {
                told.add(&own.at(index).child("labelSelector"), NULL_SELECTOR);
            }
        }
        let own = at.child("preferredDuringSchedulingIgnoredDuringExecution");
        for (index, term) in weighted.iter().enumerate() {
            if term.pod_affinity_term.label_selector.is_none() {
                let at = own.at(index).child("podAffinityTerm.labelSelector");
                told.add(&at, NULL_SELECTOR);
            }
        }
    };
    if let Some(pods) = &affinity.pod_affinity {
        let required = &pods.required_during_scheduling_ignored_during_execution;
        let weighted = &pods.preferred_during_scheduling_ignored_during_execution;
        of(&at.child("podAffinity"), required, weighted);
    }
    if let Some(pods) = &affinity.pod_anti_affinity {
        let required = &pods.required_during_scheduling_ignored_during_execution;
        let weighted = &pods.preferred_during_scheduling_ignored_during_execution;
        of(&at.child("podAntiAffinity"), required, weighted);
    }
}

fn addresses(at: &Path, spec: &PodSpec, told: &mut Warnings) {
    if !told.release.has(Check::AddressWarnings) {
        return;
    }
    let servers = spec.dns_config.iter().flat_map(|it| &it.nameservers);
    for (index, server) in servers.enumerate() {
        address(&at.child("dnsConfig.nameservers").at(index), server, told);
    }
    for (index, alias) in spec.host_aliases.iter().enumerate() {
        address(
            &at.child("hostAliases").at(index).child("ip"),
            &alias.ip,
            told,
        );
    }
}

fn address(at: &Path, text: &str, told: &mut Warnings) {
    let Some(address) = is_sloppy(text) else {
        return;
    };
    let usual = address.canonical();
    if is_standard(text).is_none() || address.is_mapped_in(text) {
        let is = if told.release.has(Check::StrictAddresses) {
            "is invalid"
        } else {
            "will be considered invalid in a future Kubernetes release"
        };
        told.add(
            at,
            &format!("non-standard IP address {text:?} {is}: use {usual:?}"),
        );
    } else if text.contains(':') && usual != text {
        let text =
            format!("IPv6 address {text:?} should be in RFC 5952 canonical format ({usual:?})");
        told.add(at, &text);
    }
}
