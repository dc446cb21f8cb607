//! The disruption controller: how many pods each disruption budget lets go (P81).
//!
//! It works from counts that each write of a pod moves by one, so that a large Job costs it
//! nothing extra.

use crate::api::{ApiServer, BudgetStatus, Notice};
use crate::base::Instant;
use crate::model::{Amount, Availability, BudgetId, DisruptionBudget, Pod, PodId};
use std::collections::BTreeSet;

/// What a budget's pods come to.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// Objects that the selector matches, ended and terminating ones too.
    matching: u32,
    /// Of these, those that a Job controls.
    owned: u32,
    /// Ready, and not asked to terminate.
    healthy: u32,
}

/// The disruption controller.
#[derive(Clone, Debug, Default)]
pub struct DisruptionController {
    tallies: Vec<Tally>,
    queue: BTreeSet<BudgetId>,
    queued_at: Option<Instant>,
}

impl DisruptionController {
    /// Takes in a write, as the watch tells it.
    pub fn observe(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Pod(change) => {
                for (id, stored) in api.budgets().take(self.tallies.len()) {
                    let count =
                        |pod: &Option<Pod>| pod.map(|pod| Tally::of(api, &stored.budget, &pod));
                    let (old, new) = (count(&change.old), count(&change.new));
                    let tally = &mut self.tallies[id.slot()];
                    tally.replace(old.unwrap_or_default(), new.unwrap_or_default());
                    if [old, new].iter().flatten().any(|it| it.matching > 0) {
                        self.queue(now, id);
                    }
                }
            }
            Notice::Budget(id) => {
                if id.slot() == self.tallies.len() {
                    self.tallies.push(Tally::of_all(api, *id));
                }
                self.queue(now, *id);
            }
            Notice::Job(..) | Notice::Node(..) => {}
        }
    }

    fn queue(&mut self, now: Instant, id: BudgetId) {
        self.queue.insert(id);
        self.queued_at = Some(now);
    }

    /// When the controller next has something to do by itself.
    #[must_use]
    pub const fn next_due(&self) -> Option<Instant> {
        self.queued_at
    }

    /// Writes the statuses that have to be written; whether there were any to look at.
    pub fn advance(&mut self, api: &mut ApiServer) -> bool {
        self.queued_at = None;
        let queue = std::mem::take(&mut self.queue);
        for id in &queue {
            let Some(stored) = api.budget(*id) else {
                continue;
            };
            let tally = self.tallies.get(id.slot()).copied().unwrap_or_default();
            let status = match tally.wanted(&stored.budget) {
                Some((desired, expected)) => {
                    BudgetStatus::computed(tally.healthy, desired, expected)
                }
                None => BudgetStatus::failed(stored.status),
            };
            api.write_budget(*id, status);
        }
        !queue.is_empty()
    }
}

impl Tally {
    /// What one pod adds.
    fn of(api: &ApiServer, budget: &DisruptionBudget, pod: &Pod) -> Self {
        if !api.budget_selects(budget, pod) {
            return Self::default();
        }
        Self {
            matching: 1,
            owned: u32::from(pod.owned),
            healthy: u32::from(pod.is_ready() && pod.deletion.is_none()),
        }
    }

    /// What the pods add that are there when a budget is created.
    fn of_all(api: &ApiServer, id: BudgetId) -> Self {
        let mut sum = Self::default();
        let jobs = api.jobs();
        let pods = jobs.flat_map(|(_, job)| job.pods.iter().map(PodId));
        if let Some(stored) = api.budget(id) {
            for pod in pods {
                sum.replace(Self::default(), Self::of(api, &stored.budget, api.pod(pod)));
            }
        }
        sum
    }

    fn replace(&mut self, old: Self, new: Self) {
        self.matching = (self.matching + new.matching).saturating_sub(old.matching);
        self.owned = (self.owned + new.owned).saturating_sub(old.owned);
        self.healthy = (self.healthy + new.healthy).saturating_sub(old.healthy);
    }

    /// How many pods should be healthy, and how many are counted. `None` where the number of pods
    /// that there should be has to be known: Jobs have no scale that would tell it.
    fn wanted(&self, budget: &DisruptionBudget) -> Option<(u32, u32)> {
        match budget.wants {
            None => Some((0, 0)),
            Some(Availability::Min(Amount::Count(least))) => Some((least, self.matching)),
            Some(Availability::Min(Amount::Percent(_)) | Availability::MaxUnavailable(_)) => {
                (self.owned == 0).then_some((0, 0))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P81, section 14.12.
    #[test]
    fn only_a_whole_number_of_pods_to_keep_can_be_computed() {
        let min = |n| Some(Availability::Min(Amount::Count(n)));
        let percent = Some(Availability::Min(Amount::Percent(50)));
        let max = |n| Some(Availability::MaxUnavailable(Amount::Count(n)));
        for (wants, matching, owned, wanted) in [
            (min(2), 0, 0, Some((2, 0))),
            (min(2), 5, 5, Some((2, 5))),
            (min(2), 5, 0, Some((2, 5))),
            (percent, 0, 0, Some((0, 0))),
            (percent, 5, 5, None),
            (percent, 5, 0, Some((0, 0))),
            (max(1), 0, 0, Some((0, 0))),
            (max(1), 1, 1, None),
            (None, 5, 5, Some((0, 0))),
        ] {
            let budget = DisruptionBudget {
                name: "b".to_owned(),
                selector: None,
                wants,
                unhealthy_may_go: false,
            };
            let tally = Tally {
                matching,
                owned,
                healthy: 0,
            };
            assert_eq!(tally.wanted(&budget), wanted, "{wants:?} of {matching}");
        }
    }
}
