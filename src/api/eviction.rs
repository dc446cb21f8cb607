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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Amount, Availability, Job, Node, Readiness, Release};
    use std::sync::Arc;

    const JOB: &str = "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: \
                       {spec: {restartPolicy: Never, containers: [{name: m, image: m}]}}}}";

    /// A pod in that state (`Pending`, `Running`, `Ready`, `Terminating`, `Failed`), and budgets as
    /// `ALLOWED/HEALTHY/DESIRED`, with `+` where pods that are not Ready may go, `!` for one whose
    /// numbers cannot be computed, `?` for one that nobody has looked at.
    fn evicted(release: Release, state: &str, budgets: &[&str]) -> (String, ApiServer) {
        let now = Instant::from_micros(1_500_000);
        let mut api = ApiServer::new(release);
        let job = api.create_job(now, Arc::new(Job::from_yaml(JOB).unwrap()));
        let node = api.create_node(now, Arc::new(Node::named("n")));
        let id = api.create_pod(now, job, None, None, None);
        api.bind_pod(id, node).unwrap();
        api.patch_pod(id, |pod| match state {
            "Pending" => {}
            "Failed" => pod.phase = Phase::Failed,
            "Ready" => {
                pod.phase = Phase::Running;
                pod.ready = Readiness::True(now.wire());
            }
            _ => pod.phase = Phase::Running,
        })
        .unwrap();
        if state == "Terminating" {
            api.delete_pod(now, id, None).unwrap();
        }
        for (name, text) in ["x", "y"].into_iter().zip(budgets) {
            let budget = DisruptionBudget {
                name: name.to_owned(),
                selector: Some(crate::model::LabelSelector::default()),
                wants: Some(Availability::Min(Amount::Count(1))),
                unhealthy_may_go: text.ends_with('+'),
            };
            let id = api.create_budget(Arc::new(budget)).unwrap();
            let failed = text.contains('!');
            let mut numbers = text.trim_end_matches(['+', '!']).split('/').map(str::parse);
            if *text != "?" {
                let mut number = || numbers.next().unwrap().unwrap();
                let (allowed, healthy, desired) = (number(), number(), number());
                let mut status = BudgetStatus::computed(healthy, desired, 9);
                status.allowed = allowed;
                if failed {
                    status = BudgetStatus::failed(Some(status));
                }
                api.write_budget(id, status);
            }
        }
        let answer = api.evict_pod(now, id);
        let text = answer.map_or_else(|it| it.to_string(), |()| "evicted".to_owned());
        let pod = api.pod(id);
        assert_eq!(pod.disruption.is_some(), text == "evicted");
        assert_eq!(
            pod.deletion.is_some(),
            text == "evicted" || state == "Terminating"
        );
        (text, api)
    }

    /// P80.
    #[test]
    fn a_budget_is_asked_for_pods_that_run() {
        let several = "This pod has more than one PodDisruptionBudget, which the eviction \
                       subresource does not support.";
        for (state, budgets, answer) in [
            ("Ready", &[][..], "evicted"),
            ("Ready", &["1/2/1"], "evicted"),
            (
                "Ready",
                &["0/1/1"],
                "needs 1 healthy pods and has 1 currently",
            ),
            (
                "Ready",
                &["0/1/1+"],
                "needs 1 healthy pods and has 1 currently",
            ),
            ("Ready", &["?"], "is still being processed by the server."),
            ("Ready", &["1/2/1", "1/2/1"], several),
            ("Running", &["0/1/1"], "evicted"),
            (
                "Running",
                &["0/0/1"],
                "needs 1 healthy pods and has 0 currently",
            ),
            ("Running", &["0/0/1+"], "evicted"),
            (
                "Running",
                &["0/0/0"],
                "needs 0 healthy pods and has 0 currently",
            ),
            ("Pending", &["0/0/1", "0/0/1"], "evicted"),
            ("Failed", &["0/0/1"], "evicted"),
            ("Terminating", &["0/0/1"], "evicted"),
        ] {
            let (text, _) = evicted(Release::LATEST, state, budgets);
            assert!(text.ends_with(answer), "{state} {budgets:?}: {text}");
        }
    }

    /// P80: from 1.35 on a refusal says that the numbers could not be computed.
    #[test]
    fn a_refusal_names_what_is_wrong_with_the_budget() {
        let numbers = "The disruption budget x needs 1 healthy pods and has 1 currently";
        let failed = "The disruption budget x does not allow evicting pods currently because it \
                      failed sync: jobs.batch does not implement the scale subresource";
        for (release, cause) in [
            (Release::V1_31, numbers),
            (Release::V1_34, numbers),
            (Release::V1_35, failed),
            (Release::V1_37, failed),
        ] {
            let (text, _) = evicted(release, "Ready", &["0/1/1!"]);
            let words = "Cannot evict pod as it would violate the pod's disruption budget.";
            assert_eq!(text, format!("{words} {cause}"));
        }
    }

    /// P80: what a budget allows goes down with each pod that it lets go.
    #[test]
    fn an_eviction_is_taken_from_the_budget() {
        let (_, api) = evicted(Release::LATEST, "Ready", &["1/2/1"]);
        let (_, stored) = api.budgets().next().unwrap();
        let status = stored.status.unwrap();
        assert_eq!(
            (status.allowed, status.reason),
            (0, BudgetReason::InsufficientPods)
        );
        let (_, api) = evicted(Release::LATEST, "Running", &["1/2/1"]);
        let (_, stored) = api.budgets().next().unwrap();
        assert_eq!(stored.status.unwrap().allowed, 1);
    }
}
