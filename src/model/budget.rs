//! What a namespace allows: disruption budgets, quotas and ranges of resources.

use super::resources::Resources;
use super::selector::LabelSelector;
use super::template::PodTemplate;

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

impl LimitRange {
    /// The limits of containers that set none: `default`, else `max`.
    fn limits(&self) -> Resources {
        self.default_limits.or(&self.max)
    }

    /// The requests of containers that set neither requests nor limits: `defaultRequest`, else
    /// their limits, else `min`.
    fn requests(&self) -> Resources {
        self.default_requests.or(&self.limits()).or(&self.min)
    }

    /// Gives every container what it does not set itself (P90).
    pub fn fill(&self, template: &mut PodTemplate) {
        let (limits, requests) = (self.limits(), self.requests());
        let all = template.containers.iter_mut();
        for container in all.chain(&mut template.init_containers) {
            // A limit of its own has become a request before that.
            let own = container.requests.or(&container.limits);
            container.requests = own.or(&requests);
            container.limits = container.limits.or(&limits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Container;

    #[test]
    fn p90_a_limit_range_fills_in_what_containers_do_not_set() {
        let cpu = |milli| Resources {
            milli_cpu: milli,
            ..Resources::default()
        };
        // Request and limit as written; min, max, defaultRequest, default; request and limit then.
        for (own, [min, max, request, limit], want) in [
            ((None, None), [None; 4], (None, None)),
            (
                (None, None),
                [None, None, Some(2), Some(5)],
                (Some(2), Some(5)),
            ),
            (
                (None, None),
                [None, None, None, Some(5)],
                (Some(5), Some(5)),
            ),
            (
                (None, None),
                [Some(1), Some(9), None, None],
                (Some(9), Some(9)),
            ),
            ((None, None), [Some(1), None, None, None], (Some(1), None)),
            (
                (Some(3), None),
                [None, None, Some(2), Some(5)],
                (Some(3), Some(5)),
            ),
            (
                (None, Some(4)),
                [None, None, Some(2), Some(5)],
                (Some(4), Some(4)),
            ),
        ] {
            let range = LimitRange {
                min: cpu(min),
                max: cpu(max),
                default_requests: cpu(request),
                default_limits: cpu(limit),
                ..LimitRange::default()
            };
            let container = Container {
                requests: cpu(own.0),
                limits: cpu(own.1),
                ..Container::default()
            };
            let mut template = PodTemplate {
                containers: vec![container],
                ..PodTemplate::default()
            };
            range.fill(&mut template);
            let filled = &template.containers[0];
            let got = (filled.requests.milli_cpu, filled.limits.milli_cpu);
            assert_eq!(got, want, "{own:?} {range:?}");
        }
    }
}
