//! Amounts of resources by name: what containers ask for, may use at most, and nodes have.

use std::collections::BTreeMap;

use super::quantity::Quantity;

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
