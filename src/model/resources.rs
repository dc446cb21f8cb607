//! Amounts of resources by name: what containers ask for, may use at most, and nodes have.

use std::collections::BTreeMap;

use super::quantity::Quantity;
use super::template::{Container, PodTemplate};

/// An amount of each resource that is named. An amount of 0 is not the same as none: a container
/// without a request is scored as if it had a small one, and one with a request of 0 is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// `cpu`, in thousandths of a core, rounded up.
    pub milli_cpu: Option<u64>,
    /// `memory`, in bytes, rounded up.
    pub memory: Option<u64>,
    /// `ephemeral-storage`, in bytes, rounded up.
    pub ephemeral_storage: Option<u64>,
    /// The rest by name, in whole units, rounded up: `nvidia.com/gpu`, `hugepages-2Mi`.
    pub others: BTreeMap<String, u64>,
}

impl Resources {
    /// Whether nothing is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The amounts by name: cpu, memory, ephemeral-storage, then the others by name. That is the
    /// order in which Kubernetes looks for the one that does not fit.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        let fixed = [
            ("cpu", self.milli_cpu),
            ("memory", self.memory),
            ("ephemeral-storage", self.ephemeral_storage),
        ];
        let fixed = fixed.into_iter().filter_map(|(name, n)| Some((name, n?)));
        fixed.chain(self.others.iter().map(|(name, n)| (name.as_str(), *n)))
    }

    /// The amount of a resource, in the unit of its field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<u64> {
        match name {
            "cpu" => self.milli_cpu,
            "memory" => self.memory,
            "ephemeral-storage" => self.ephemeral_storage,
            other => self.others.get(other).copied(),
        }
    }

    /// Sets the amount of a resource, in the unit of its field.
    pub fn set(&mut self, name: &str, amount: u64) {
        match name {
            "cpu" => self.milli_cpu = Some(amount),
            "memory" => self.memory = Some(amount),
            "ephemeral-storage" => self.ephemeral_storage = Some(amount),
            other => {
                self.others.insert(other.to_owned(), amount);
            }
        }
    }

    /// Both together, resource by resource.
    #[must_use]
    pub fn sum(&self, other: &Self) -> Self {
        self.merge(other, u64::saturating_add)
    }

    /// The larger of the two, resource by resource.
    #[must_use]
    pub fn max(&self, other: &Self) -> Self {
        self.merge(other, u64::max)
    }

    /// These amounts, and the other's for resources that are not named here.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.merge(other, |own, _| own)
    }

    fn merge(&self, other: &Self, both: impl Fn(u64, u64) -> u64) -> Self {
        let mut merged = self.clone();
        for (name, amount) in other.iter() {
            let own = self.get(name);
            merged.set(name, own.map_or(amount, |own| both(own, amount)));
        }
        merged
    }

    /// Whether that much is free.
    #[must_use]
    pub fn fits_in(&self, free: &Self) -> bool {
        self.lacking(free).next().is_none()
    }

    /// The names of which less is free than asked for, in the order of [`Resources::iter`]. What is
    /// asked for with an amount of 0 is never lacking.
    pub fn lacking<'a>(&'a self, free: &'a Self) -> impl Iterator<Item = &'a str> {
        let short = |(name, amount): &(&str, u64)| *amount > free.get(name).unwrap_or(0);
        self.iter().filter(short).map(|(name, _)| name)
    }
}

/// Quantities by name; negative ones count as 0.
impl<N: AsRef<str>> FromIterator<(N, Quantity)> for Resources {
    fn from_iter<I: IntoIterator<Item = (N, Quantity)>>(all: I) -> Self {
        let mut resources = Self::default();
        for (name, quantity) in all {
            let name = name.as_ref();
            let amount = match name {
                "cpu" => quantity.milli(),
                _ => quantity.units(),
            };
            resources.set(name, u64::try_from(amount).unwrap_or(0));
        }
        resources
    }
}

/// How dear a pod is to its node when memory is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QosClass {
    /// Nothing is asked for.
    BestEffort,
    /// Something is asked for.
    Burstable,
    /// Every container asks for cpu and memory, and for exactly its limits.
    Guaranteed,
}

impl QosClass {
    /// As `status.qosClass` writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BestEffort => "BestEffort",
            Self::Burstable => "Burstable",
            Self::Guaranteed => "Guaranteed",
        }
    }
}

impl PodTemplate {
    /// What the scheduler and the kubelet set aside for a pod (P103): for each resource the larger
    /// of what its containers and sidecars need together and of what any init container needs next
    /// to the sidecars before it. Requests of the pod as a whole take the place of that, and the
    /// overhead comes on top.
    #[must_use]
    pub fn effective_requests(&self) -> Resources {
        self.requests_with(&Resources::default())
    }

    /// The same for scores: a container that does not ask for cpu or memory counts as if it asked
    /// for 0.1 cores or 200 MiB (P107).
    #[must_use]
    pub fn scoring_requests(&self) -> Resources {
        let mut missing = Resources {
            milli_cpu: Some(100),
            memory: Some(200 << 20),
            ..Resources::default()
        };
        if self.pod_requests().is_some_and(|pod| !pod.is_empty()) {
            let known = self.effective_requests();
            missing.milli_cpu = missing.milli_cpu.filter(|_| known.milli_cpu.is_none());
            missing.memory = missing.memory.filter(|_| known.memory.is_none());
        }
        self.requests_with(&missing)
    }

    fn requests_with(&self, missing: &Resources) -> Resources {
        let containers = self.together(|one| one.requests.or(missing));
        let pod = self.pod_requests().unwrap_or_default();
        pod.or(&containers).sum(&self.overhead)
    }

    /// What a pod may use at most, as far as it is limited: the limits of its containers taken
    /// together like requests, replaced by those of the pod as a whole, and with the overhead.
    #[must_use]
    pub fn effective_limits(&self) -> Resources {
        let containers = self.together(|one| one.limits.clone());
        let pod = self.resources.as_ref();
        let pod = pod.map(|pod| pod_level(&pod.limits)).unwrap_or_default();
        let mut limits = pod.or(&containers);
        for (name, amount) in self.overhead.iter() {
            if let Some(limit) = limits.get(name).filter(|limit| *limit > 0) {
                limits.set(name, limit.saturating_add(amount));
            }
        }
        limits
    }

    /// The pod's class, which its containers have in common, init containers included; if they do
    /// not, it is Burstable. Resources of the pod as a whole decide alone.
    #[must_use]
    pub fn qos_class(&self) -> QosClass {
        if let Some(pod) = &self.resources {
            return class(&self.pod_requests().unwrap_or_default(), &pod.limits);
        }
        let all = self.containers.iter().chain(&self.init_containers);
        let mut classes = all.map(|one| class(&one.requests, &one.limits));
        let first = classes.next().unwrap_or(QosClass::BestEffort);
        if classes.all(|other| other == first) {
            first
        } else {
            QosClass::Burstable
        }
    }

    /// The requests of the pod as a whole. Where there are limits but not all requests, Kubernetes
    /// fills in what the containers ask for together, else the limit.
    fn pod_requests(&self) -> Option<Resources> {
        let pod = self.resources.as_ref()?;
        if pod.limits.is_empty() {
            return Some(pod_level(&pod.requests));
        }
        let containers = self.together(|one| one.requests.clone());
        let filled = pod.requests.or(&containers).or(&pod.limits);
        Some(pod_level(&filled))
    }

    /// What containers, sidecars and init containers come to at the worst moment.
    fn together(&self, of: impl Fn(&Container) -> Resources) -> Resources {
        let mut sidecars = Resources::default();
        let mut starting = Resources::default();
        for container in &self.init_containers {
            let with = of(container).sum(&sidecars);
            if container.sidecar {
                sidecars.clone_from(&with);
            }
            starting = starting.max(&with);
        }
        let running = self.containers.iter().map(of);
        let running = running.fold(sidecars, |sum, one| sum.sum(&one));
        running.max(&starting)
    }
}

/// What may be said of a pod as a whole: cpu, memory and huge pages.
fn pod_level(resources: &Resources) -> Resources {
    let others = resources.others.iter();
    let huge = others.filter(|(name, _)| name.starts_with("hugepages-"));
    Resources {
        ephemeral_storage: None,
        others: huge.map(|(name, n)| (name.clone(), *n)).collect(),
        ..*resources
    }
}

/// The class of one container, or of a pod that speaks for itself.
fn class(requests: &Resources, limits: &Resources) -> QosClass {
    let given = |of: &Resources| {
        let amounts = [of.milli_cpu, of.memory];
        amounts.map(|amount| amount.filter(|amount| *amount > 0))
    };
    let (requests, limits) = (given(requests), given(limits));
    match (requests, limits) {
        ([None, None], [None, None]) => QosClass::BestEffort,
        (_, [Some(_), Some(_)]) if requests == limits => QosClass::Guaranteed,
        _ => QosClass::Burstable,
    }
}

#[cfg(test)]
mod tests;
