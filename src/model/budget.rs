//! What a namespace allows: disruption budgets, quotas and ranges of resources.

use super::resources::Resources;
use super::selector::LabelSelector;

/// A number of pods, or a part of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Count(u32),
    /// So many of a hundred.
    Percent(u32),
}

/// What a budget asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// `spec.minAvailable`
    Min(Amount),
    /// `spec.maxUnavailable`
    MaxUnavailable(Amount),
}

/// A disruption budget of the run, numbered in order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetId(pub u32);

impl BudgetId {
    /// The budget's place in a table of all budgets.
    #[must_use]
    pub const fn slot(self) -> usize {
        self.0 as usize
    }
}

/// A PodDisruptionBudget (P80, P81).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisruptionBudget {
    /// `metadata.name`
    pub name: String,
    /// `spec.selector`; `None` selects nothing.
    pub selector: Option<LabelSelector>,
    /// `spec.minAvailable` or `spec.maxUnavailable`; nothing means that no pod may go.
    pub wants: Option<Availability>,
    /// `spec.unhealthyPodEvictionPolicy: AlwaysAllow`
    pub unhealthy_may_go: bool,
}

/// A ResourceQuota: what the pods of the namespace may take together (P90, P93).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// `metadata.name`
    pub name: String,
    /// `spec.hard.pods`
    pub pods: Option<u32>,
    /// `spec.hard` of `requests.cpu`, `requests.memory` …
    pub requests: Resources,
    /// `spec.hard` of `limits.cpu`, `limits.memory` …
    pub limits: Resources,
}

/// A LimitRange for containers: defaults, and what is refused (P90).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitRange {
    /// `metadata.name`
    pub name: String,
    /// `min`
    pub min: Resources,
    /// `max`
    pub max: Resources,
    /// `defaultRequest`
    pub default_requests: Resources,
    /// `default`
    pub default_limits: Resources,
}
