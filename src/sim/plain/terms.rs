//! What a plain scenario says of its Job, as the fast engine needs it.

use crate::base::{Instant, Span};
use crate::model::{Cause, RestartPolicy};
use crate::sim::scenario::{Budget, Scenario};

/// The Job and what its release does.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about Job and release, each by itself"
)]
pub(super) struct Terms {
    /// When the Job is created, and until when it is watched.
    pub(super) created: Instant,
    pub(super) end: Instant,
    pub(super) budget: Budget,
    /// Requests in 1000 s, and at once; none for no limit.
    pub(super) rate: Option<(u32, u32)>,
    pub(super) parallelism: u32,
    pub(super) completions: Option<u32>,
    pub(super) indexed: bool,
    pub(super) backoff_limit: u32,
    pub(super) limit_per_index: Option<u32>,
    pub(super) max_failed_indexes: Option<u32>,
    pub(super) deadline: Option<Span>,
    /// What the condition Complete is written with.
    pub(super) complete: Cause,
    /// As in the release's [`Behavior`](crate::model::Behavior).
    pub(super) interim: bool,
    pub(super) keeps_active: bool,
    pub(super) strict: bool,
}

impl Terms {
    /// The terms, unless the scenario is not plain.
    pub(super) fn of(scenario: &Scenario) -> Option<Self> {
        let [workload] = scenario.workloads.as_slice() else {
            return None;
        };
        let (spec, facts) = (&workload.job.spec, scenario.release.behavior());
        let alone = scenario.actions.is_empty()
            && scenario.faults.is_empty()
            && scenario.recurring.is_empty()
            && scenario.budgets.is_empty()
            && scenario.background.is_empty()
            && !scenario.has_nodes()
            && scenario.limits.latency == Span::ZERO
            && workload.at <= scenario.until;
        let simple = !spec.suspend
            && spec.managed_by.is_none()
            && spec.pod_failure_policy.is_none()
            && spec.success_policy.is_none()
            && spec.template.restart_policy == RestartPolicy::Never
            && spec.template.scheduling_gates.is_empty()
            && (!spec.is_indexed() || spec.completions.is_some());
        let rate = scenario.limits.milli_qps;
        let most_active = spec.parallelism.min(spec.completions.unwrap_or(u32::MAX));
        let burst = u64::from(scenario.limits.burst);
        let suffices = rate.is_none() || 2 * u64::from(most_active) + 3 <= burst;
        let start = Instant::ORIGIN + scenario.start;
        (alone && simple && suffices).then(|| Self {
            created: start + workload.at,
            end: start + scenario.until,
            budget: scenario.budget,
            rate: rate.map(|it| (it, scenario.limits.burst)),
            parallelism: spec.parallelism,
            completions: spec.completions,
            indexed: spec.is_indexed(),
            backoff_limit: spec.backoff_limit,
            limit_per_index: spec.backoff_limit_per_index,
            max_failed_indexes: spec.max_failed_indexes,
            deadline: spec.active_deadline_seconds.map(Span::from_secs),
            complete: if facts.interim_conditions {
                Cause::CompletionsReached
            } else {
                Cause::Plain
            },
            interim: facts.interim_conditions,
            keeps_active: facts.backoff_keeps_active,
            strict: facts.strict_status,
        })
    }

    /// The most pods that are active at a time; so many make the parallelism full.
    pub(super) fn most_active(&self) -> u32 {
        self.parallelism.min(self.completions.unwrap_or(u32::MAX))
    }
}
