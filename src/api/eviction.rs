//! The eviction API: a delete that asks the pod's disruption budget first (P80).

use super::budgets::{BudgetReason, BudgetStatus, StoredBudget};
use super::{ApiServer, Refusal};
use crate::base::Instant;
use crate::model::{BudgetId, Disruption, DisruptionBudget, Phase, Pod, PodId};

/// Why the disruption controller cannot compute the numbers of a budget over Job pods (P81).
const NO_SCALE: &str = "jobs.batch does not implement the scale subresource";

impl ApiServer {
    /// Evicts a pod. One that has ended, has not started or is terminating already needs nobody's
    /// leave; any other that of its disruption budget, if it has one.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the pod is gone, [`Refusal::Budget`] (429) if its budget lets no
    /// pod go now, [`Refusal::SeveralBudgets`] (500) if there are several.
    pub fn evict_pod(&mut self, now: Instant, id: PodId) -> Result<(), Refusal> {
        if !self.pod_exists(id) {
            return Err(Refusal::NotFound);
        }
        let pod = *self.pod(id);
        if pod.phase == Phase::Running && pod.deletion.is_none() {
            self.ask_budget(&pod)?;
        }
        // Unlike others who disrupt pods, this one marks pods that have ended as well.
        self.delete_disrupted(now, id, Disruption::EvictionByEvictionApi)
    }

    /// Marks a pod as the target of a disruption, whatever its phase and whoever marked it
    /// before, and deletes it with its own grace period.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the pod is gone.
    pub fn delete_disrupted(
        &mut self,
        now: Instant,
        id: PodId,
        by: Disruption,
    ) -> Result<(), Refusal> {
        if !self.pod_exists(id) {
            return Err(Refusal::NotFound);
        }
        if self.pod(id).disruption != Some(by) {
            self.patch_pod(id, |pod| pod.disruption = Some(by))?;
        }
        self.delete_pod(now, id, None)
    }

    fn ask_budget(&mut self, pod: &Pod) -> Result<(), Refusal> {
        let about = |(id, it): (BudgetId, &StoredBudget)| {
            self.budget_selects(&it.budget, pod).then_some(id)
        };
        let mut about = self.budgets().filter_map(about);
        let (first, second) = (about.next(), about.next());
        drop(about);
        if second.is_some() {
            return Err(Refusal::SeveralBudgets);
        }
        let Some((id, stored)) = first.and_then(|id| Some((id, self.budget(id)?))) else {
            return Ok(());
        };
        let status = stored.status.unwrap_or_default();
        let name = &stored.budget.name;
        if !pod.is_ready() && spares(&stored.budget, &status) {
            return Ok(());
        }
        if !status.observed {
            return Err(Refusal::Budget {
                cause: format!(
                    "The disruption budget {name} is still being processed by the server."
                ),
            });
        }
        if status.allowed == 0 {
            let cause = self.cause(name, &status);
            return Err(Refusal::Budget { cause });
        }
        self.take_from(id, status);
        Ok(())
    }

    fn take_from(&mut self, id: BudgetId, mut status: BudgetStatus) {
        status.allowed -= 1;
        if status.allowed == 0 {
            status.say_why();
        }
        self.write_budget(id, status);
    }

    /// Why a budget lets no pod go, in the server's words.
    fn cause(&self, name: &str, status: &BudgetStatus) -> String {
        let BudgetStatus {
            desired, healthy, ..
        } = status;
        if status.reason == BudgetReason::SyncFailed && self.behavior.failed_budgets_say_so {
            format!(
                "The disruption budget {name} does not allow evicting pods currently because it \
                 failed sync: {NO_SCALE}"
            )
        } else if healthy <= desired || !self.behavior.failed_budgets_say_so {
            format!(
                "The disruption budget {name} needs {desired} healthy pods and has {healthy} \
                 currently"
            )
        } else {
            format!("The disruption budget {name} does not allow evicting pods currently")
        }
    }
}

/// Whether a pod that is not Ready may go without counting.
fn spares(budget: &DisruptionBudget, status: &BudgetStatus) -> bool {
    budget.unhealthy_may_go || (status.healthy >= status.desired && status.desired > 0)
}
