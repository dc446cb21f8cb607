//! Disruption budgets as the API server keeps them, and which pods they are about.

use super::{ApiServer, Notice, Refusal};
use crate::model::{BudgetId, DisruptionBudget, Pod};
use std::sync::Arc;

/// The label by which a pod of an Indexed Job tells its index.
const INDEX_LABEL: &str = "batch.kubernetes.io/job-completion-index";

/// A budget as the API server keeps it.
#[derive(Clone, Debug)]
pub struct StoredBudget {
    /// As it was created.
    pub budget: Arc<DisruptionBudget>,
    /// `status`; `None` until the disruption controller has looked at it.
    pub status: Option<BudgetStatus>,
}

/// `status` of a disruption budget (P81).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetStatus {
    /// `disruptionsAllowed`: how many more pods may be evicted now.
    pub allowed: u32,
    /// `currentHealthy`: pods that are Ready and not asked to terminate.
    pub healthy: u32,
    /// `desiredHealthy`: how many of them there should be.
    pub desired: u32,
    /// `expectedPods`: how many pods the budget counts.
    pub expected: u32,
    /// Reason of the condition `DisruptionAllowed`.
    pub reason: BudgetReason,
    /// Whether the numbers have ever been computed (`observedGeneration`).
    pub observed: bool,
}

/// Reason of a budget's condition `DisruptionAllowed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BudgetReason {
    /// Some pods may go.
    SufficientPods,
    /// No pod may go.
    #[default]
    InsufficientPods,
    /// The numbers cannot be computed, so no pod may go.
    SyncFailed,
}

impl BudgetReason {
    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SufficientPods => "SufficientPods",
            Self::InsufficientPods => "InsufficientPods",
            Self::SyncFailed => "SyncFailed",
        }
    }
}

impl BudgetStatus {
    /// The reason that goes with the number of pods that may go.
    pub(super) fn say_why(&mut self) {
        self.reason = if self.allowed > 0 {
            BudgetReason::SufficientPods
        } else {
            BudgetReason::InsufficientPods
        };
    }

    /// A status with these numbers: how many pods may go follows from them.
    #[must_use]
    pub fn computed(healthy: u32, desired: u32, expected: u32) -> Self {
        let mut status = Self {
            allowed: if expected > 0 {
                healthy.saturating_sub(desired)
            } else {
                0
            },
            healthy,
            desired,
            expected,
            reason: BudgetReason::default(),
            observed: true,
        };
        status.say_why();
        status
    }

    /// The same numbers, as far as there are any, but nobody may go: they cannot be computed.
    #[must_use]
    pub fn failed(earlier: Option<Self>) -> Self {
        Self {
            allowed: 0,
            reason: BudgetReason::SyncFailed,
            ..earlier.unwrap_or_default()
        }
    }
}

impl ApiServer {
    /// Creates a disruption budget.
    ///
    /// # Errors
    ///
    /// [`Refusal::Exists`] if there is one of that name.
    pub fn create_budget(&mut self, budget: Arc<DisruptionBudget>) -> Result<BudgetId, Refusal> {
        if self.budgets().any(|(_, it)| it.budget.name == budget.name) {
            return Err(Refusal::Exists {
                resource: "poddisruptionbudgets.policy",
                name: budget.name.clone(),
            });
        }
        let id = BudgetId(u32::try_from(self.budgets.len()).unwrap_or(u32::MAX));
        self.budgets.push(StoredBudget {
            budget,
            status: None,
        });
        self.notices.push(Notice::Budget(id));
        Ok(id)
    }

    /// Writes a budget's status. A write that changes nothing is no write.
    pub fn write_budget(&mut self, id: BudgetId, status: BudgetStatus) {
        let stored = self.budgets.get_mut(id.slot());
        if let Some(stored) = stored.filter(|it| it.status != Some(status)) {
            stored.status = Some(status);
            self.notices.push(Notice::Budget(id));
        }
    }

    /// The budget of that number.
    #[must_use]
    pub fn budget(&self, id: BudgetId) -> Option<&StoredBudget> {
        self.budgets.get(id.slot())
    }

    /// Every budget, in order of creation.
    pub fn budgets(&self) -> impl Iterator<Item = (BudgetId, &StoredBudget)> {
        (0u32..).map(BudgetId).zip(&self.budgets)
    }

    /// Whether the budget is about that pod.
    #[must_use]
    pub fn budget_selects(&self, budget: &DisruptionBudget, pod: &Pod) -> bool {
        budget.selector.as_ref().is_some_and(|selector| {
            let job = &self.job(pod.job).job;
            let mut labels = if pod.matches {
                job.pod_labels(pod.job)
            } else {
                job.spec.template.labels.clone()
            };
            if let Some(index) = pod.index {
                labels.insert(INDEX_LABEL.to_owned(), index.to_string());
            }
            selector.matches(&labels)
        })
    }
}
