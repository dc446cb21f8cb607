//! Amounts: of containers, of pods as a whole, and of what a pod costs beside its containers.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::names::{label_flaws, qualified_flaws};
use crate::manifest::twin::{
    Container, PodSpec, Quantities, Quantity, ResourceClaim, ResourceRequirements,
};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::model::{self, Check};

/// What is allotted to containers.
const OF_CONTAINERS: [&str; 3] = ["cpu", "ephemeral-storage", "memory"];

/// What is counted, and never in parts.
const COUNTED: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// Other names without a prefix that mean something in Kubernetes.
const QUOTAS: [&str; 8] = [
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "requests.storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "storage",
];

/// Checks the name of a resource.
type OfName = fn(&Path, &str, &mut Findings);

/// The amounts of a container.
pub(super) fn of_container(
    at: &Path,
    resources: &ResourceRequirements,
    claims: &BTreeSet<&str>,
    found: &mut Findings,
) {
    requirements(at, resources, container_name, claims, found);
}

/// What a pod costs beside its containers.
pub(super) fn overhead(at: &Path, overhead: &Quantities, found: &mut Findings) {
    let resources = ResourceRequirements {
        limits: overhead.clone(),
        ..ResourceRequirements::default()
    };
    requirements(at, &resources, container_name, &BTreeSet::new(), found);
}

/// The amounts of the pod as a whole, alone and against its containers.
pub(super) fn of_pod(at: &Path, spec: &PodSpec, claims: &BTreeSet<&str>, found: &mut Findings) {
    let Some(resources) = &spec.resources else {
        return;
    };
    if spec.os.as_ref().is_some_and(|os| os.name == "windows") {
        found.forbidden(at, "may not be set for a windows pod");
        return;
    }
    if !resources.claims.is_empty() {
        let text = "claims may not be set for Resources at pod-level";
        found.forbidden(&at.child("claims"), text);
    }
    requirements(at, resources, pod_name, claims, found);
    consistency(at, spec, resources, found);
}

fn is_huge(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// Whether the name is Kubernetes' own.
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// Whether the name is one that others may give to resources of theirs.
fn is_extended(name: &str, found: &Findings) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && qualified_flaws(&format!("requests.{name}"), found.release()).is_empty()
}

/// Gives whether the name is fine so far.
fn resource_name(at: &Path, name: &str, found: &mut Findings) -> bool {
    let flaws = qualified_flaws(name, found.release());
    if !flaws.is_empty() {
        for flaw in flaws {
            found.invalid_resource(at, name, &flaw);
        }
        return false;
    }
    let standard = OF_CONTAINERS.contains(&name)
        || COUNTED.contains(&name)
        || QUOTAS.contains(&name)
        || is_huge(name)
        || name.starts_with("requests.hugepages-");
    if !name.contains('/') && !standard {
        found.invalid_resource(
            at,
            name,
            "must be a standard resource type or fully qualified",
        );
        return false;
    }
    true
}

fn container_name(at: &Path, name: &str, found: &mut Findings) {
    resource_name(at, name, found);
    if !name.contains('/') {
        if !OF_CONTAINERS.contains(&name) && !is_huge(name) {
            found.invalid_resource(at, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name, found) {
        found.invalid_resource(at, name, "doesn't follow extended resource name standard");
    }
}

fn pod_name(at: &Path, name: &str, found: &mut Findings) {
    let fine = resource_name(at, name, found);
    if fine && !matches!(name, "cpu" | "memory") && !is_huge(name) {
        found.not_supported_resource(at, name, &["cpu", "hugepages-", "memory"]);
    }
}

fn requirements(
    at: &Path,
    resources: &ResourceRequirements,
    of_name: OfName,
    claims: &BTreeSet<&str>,
    found: &mut Findings,
) {
    let (limits, requests) = (at.child("limits"), at.child("requests"));
    for (name, limit) in &resources.limits.0 {
        let at = limits.at(name);
        of_name(&at, name, found);
        amount(&at, name, limit, found);
        huge_pages(&at, name, limit, found);
    }
    for (name, request) in &resources.requests.0 {
        let at = requests.at(name);
        of_name(&at, name, found);
        amount(&at, name, request, found);
        let exact = is_huge(name) || !is_native(name);
        match resources.limits.get(name) {
            Some(limit) => against_limit(&requests, name, request, limit, found),
            None if exact => {
                let text = "Limit must be set for non overcommitable resources";
                found.required(&limits, text);
            }
            None => {}
        }
        huge_pages(&at, name, request, found);
    }
    let names = || resources.limits.keys().chain(resources.requests.keys());
    if names().any(|name| is_huge(name)) && !names().any(|it| it == "cpu" || it == "memory") {
        found.forbidden(at, "HugePages require cpu or memory");
    }
    self::claims(&at.child("claims"), &resources.claims, claims, found);
}

fn against_limit(
    at: &Path,
    name: &str,
    request: &Quantity,
    limit: &Quantity,
    found: &mut Findings,
) {
    let exact = is_huge(name) || !is_native(name);
    let must = match request.exact().cmp(&limit.exact()) {
        std::cmp::Ordering::Equal => return,
        _ if exact => "must be equal to",
        std::cmp::Ordering::Greater => "must be less than or equal to",
        std::cmp::Ordering::Less => return,
    };
    let text = format!("{must} {name} limit of {}", limit.canonical());
    found.invalid(at, &request.canonical(), &text);
}

fn amount(at: &Path, name: &str, amount: &Quantity, found: &mut Findings) {
    let exact = amount.exact();
    if exact < model::Quantity::ZERO {
        found.invalid(
            at,
            &amount.canonical(),
            "must be greater than or equal to 0",
        );
    }
    let counted = COUNTED.contains(&name) || is_extended(name, found);
    if counted && amount.is_fractional() {
        let text = "must be an integer";
        if found.has(Check::ValuesAsJson) {
            found.invalid(at, &amount.canonical(), text);
        } else {
            found.invalid_printed(at, &as_go(amount), text);
        }
    }
}

/// How Go prints an amount that it holds in thousandths.
fn as_go(amount: &Quantity) -> String {
    let milli = amount.exact().milli();
    format!(
        "resource.Quantity{{i:resource.int64Amount{{value:{milli}, scale:-3}}, \
         d:resource.infDecAmount{{Dec:(*inf.Dec)(nil)}}, s:\"{}\", Format:\"DecimalSI\"}}",
        amount.canonical()
    )
}

/// Huge pages come whole.
fn huge_pages(at: &Path, name: &str, amount: &Quantity, found: &mut Findings) {
    let Some(size) = name.strip_prefix("hugepages-") else {
        return;
    };
    let size = model::Quantity::parse(size).unwrap_or_default();
    let whole =
        size.units() > 0 && size.milli() % 1000 == 0 && amount.exact().units() % size.units() == 0;
    if !whole {
        let amount = amount.canonical();
        let text = format!("{amount} is not positive integer multiple of {name}");
        found.invalid(at, &amount, &text);
    }
}

/// The claims of a container are among those of its pod.
fn claims(at: &Path, claims: &[ResourceClaim], of_pod: &BTreeSet<&str>, found: &mut Findings) {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (index, claim) in claims.iter().enumerate() {
        let at = at.at(index);
        let name = claim.name.as_str();
        if name.is_empty() {
            found.required(&at, "");
            continue;
        }
        if names.contains(name) {
            found.duplicate(&at, name);
        } else {
            request(&at, claim, &mut names, found);
        }
        if !of_pod.contains(name) {
            let known = match of_pod.len() {
                0 => " which is empty".to_owned(),
                _ => format!(
                    ": {}",
                    of_pod.iter().copied().collect::<Vec<_>>().join(", ")
                ),
            };
            let text = format!("must be one of the names in pod.spec.resourceClaims{known}");
            found.not_found(&at, name, &text);
        }
    }
}

fn request(at: &Path, claim: &ResourceClaim, names: &mut BTreeSet<String>, found: &mut Findings) {
    let name = claim.name.as_str();
    let key = if claim.request.is_empty() {
        name.to_owned()
    } else {
        let flaws = label_flaws(&claim.request);
        found.flaws(&at.child("request"), &claim.request, flaws);
        format!("{name}/{}", claim.request)
    };
    if names.contains(&key) {
        found.duplicate(at, &key);
    } else if claim.request.is_empty() {
        let parts = names
            .iter()
            .filter(|it| it.split_once('/').is_some_and(|(of, _)| of == name));
        for _ in 0..parts.count() {
            found.duplicate(at, name);
        }
    }
    names.insert(key);
}

/// The pod asks for at least as much as its containers.
fn consistency(at: &Path, spec: &PodSpec, own: &ResourceRequirements, found: &mut Findings) {
    let requests = together(spec, |it| &it.resources.requests);
    for (name, sum) in requests {
        let Some(of_pod) = own.requests.get(name).filter(|it| it.exact() < sum.exact()) else {
            continue;
        };
        let sum = sum.canonical();
        let text =
            format!("must be greater than or equal to aggregate container requests of {sum}");
        found.invalid(&at.child("requests").at(name), &of_pod.canonical(), &text);
    }
    let limits = together(spec, |it| &it.resources.limits);
    for (name, sum) in limits.into_iter().filter(|(name, _)| is_huge(name)) {
        let Some(of_pod) = own.limits.get(name).filter(|it| it.exact() < sum.exact()) else {
            continue;
        };
        let sum = sum.canonical();
        let text = format!("must be greater than or equal to aggregate container limits of {sum}");
        found.invalid(&at.child("limits").at(name), &of_pod.canonical(), &text);
    }
    for (index, container) in spec.containers.iter().enumerate() {
        for (name, limit) in &container.resources.limits.0 {
            let Some(of_pod) = own.limits.get(name).filter(|it| it.exact() < limit.exact()) else {
                continue;
            };
            let field = at.child("containers").at(index).at(name).child("limits");
            let text = format!(
                "must be less than or equal to pod limits of {}",
                of_pod.canonical()
            );
            found.invalid(&field, &limit.canonical(), &text);
        }
    }
}

/// What all containers need at the same time: the ordinary ones and the sidecars, or an init
/// container and the sidecars before it, whichever is more.
fn together(spec: &PodSpec, of: fn(&Container) -> &Quantities) -> BTreeMap<&str, Quantity> {
    let mut sum = BTreeMap::new();
    for container in &spec.containers {
        add(&mut sum, of(container));
    }
    let mut before = BTreeMap::new();
    let mut most: BTreeMap<&str, Quantity> = BTreeMap::new();
    for container in &spec.init_containers {
        let mut need: BTreeMap<&str, Quantity> = BTreeMap::new();
        if container.restart_policy.as_deref() == Some("Always") {
            add(&mut sum, of(container));
            add(&mut before, of(container));
            need.clone_from(&before);
        } else {
            need.clone_from(&before);
            add(&mut need, of(container));
        }
        larger(&mut most, need);
    }
    larger(&mut sum, most);
    sum
}

fn add<'a>(sum: &mut BTreeMap<&'a str, Quantity>, more: &'a Quantities) {
    for (name, amount) in &more.0 {
        let entry = sum.entry(name).or_insert_with(|| Quantity("0".to_owned()));
        *entry = entry.plus(amount);
    }
}

fn larger<'a>(most: &mut BTreeMap<&'a str, Quantity>, other: BTreeMap<&'a str, Quantity>) {
    for (name, amount) in other {
        match most.get(name) {
            Some(known) if known.exact() >= amount.exact() => {}
            _ => drop(most.insert(name, amount)),
        }
    }
}
