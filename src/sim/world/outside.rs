//! What is done to a run from outside: by users and by nodes.

use super::super::recorder::Recorder;
use super::World;
use crate::api::Refusal;
use crate::base::Span;
use crate::base::stream::{address, within};
use crate::fault::{Action, Deed, PodLabel};
use crate::model::{Disruption, JobId, Propagation};
use std::collections::BTreeMap;

impl World {
    /// Does what the scenario says is done from outside.
    ///
    /// `draw` is the address of what chance decides about it.
    pub(super) fn act(&mut self, action: &Action, draw: u64, recorder: &mut impl Recorder) {
        let job = JobId(u32::try_from(action.job).unwrap_or(u32::MAX));
        if action.deed.is_about_job() && !self.api.has_job(job) {
            return;
        }
        let find = |label: &PodLabel| self.labels.get(&(job, *label)).copied();
        let (now, api) = (self.now, &mut self.api);
        let done = match &action.deed {
            // A write that changes nothing is no write. Recordings of Jobs without nodes were made
            // with a server that did not know that.
            Deed::Patch(patch) if self.cluster.is_some() && !api.patch_changes(job, patch) => {
                Ok(())
            }
            Deed::Patch(patch) => api.patch_job(job, patch),
            Deed::DeleteJob(propagation) => api.delete_job(now, job, *propagation),
            Deed::DeletePod(label) => {
                find(label).map_or(Ok(()), |pod| api.delete_pod(now, pod, None))
            }
            // Where there are nodes, there may be disruption budgets.
            Deed::Evict(label) if self.cluster.is_none() => find(label).map_or(Ok(()), |pod| {
                api.patch_pod(pod, |pod| pod.disrupt(Disruption::EvictionByEvictionApi))?;
                api.delete_pod(now, pod, None)
            }),
            Deed::NodeLost(label) => find(label).map_or(Ok(()), |pod| {
                api.patch_pod(pod, lose)?;
                api.delete_pod(now, pod, Some(0))
            }),
            Deed::Unlabel(label) => {
                find(label).map_or(Ok(()), |pod| api.patch_pod(pod, |pod| pod.matches = false))
            }
            Deed::Relabel(label) => {
                find(label).map_or(Ok(()), |pod| api.patch_pod(pod, |pod| pod.matches = true))
            }
            Deed::RestartControllers => {
                self.restart_controllers();
                Ok(())
            }
            Deed::Failover(pause) => {
                self.fail_over(*pause);
                Ok(())
            }
            Deed::TerminateNamespace => {
                self.terminate_namespace();
                Ok(())
            }
            _ => self.act_on_nodes(action, draw, recorder),
        };
        if let Err(refusal) = done {
            if refusal != Refusal::NotFound {
                recorder.refused(self.now, &refusal);
            }
        }
    }

    /// The namespace is deleted, and with it everything that is in it (P92).
    fn terminate_namespace(&mut self) {
        self.api.set_namespace(|it| it.terminating = true);
        let jobs: Vec<JobId> = self.api.jobs().map(|(id, _)| id).collect();
        for job in jobs {
            // Those that are gone already need not be deleted.
            let _ = self.api.delete_job(self.now, job, Propagation::Background);
        }
    }
}

/// What the draws of each action belong to: its deed, its time, and how many of the same stand
/// before it, so that other actions change nothing.
pub(super) fn draws(actions: &[Action]) -> Vec<u64> {
    let mut seen: BTreeMap<(&str, Span), u64> = BTreeMap::new();
    let draw = |action: &Action| {
        let name = action.deed.name();
        let nth = seen.entry((name, action.at)).or_insert(0);
        let own = within(address(name), action.at.micros().unsigned_abs());
        *nth += 1;
        within(own, *nth)
    };
    actions.iter().map(draw).collect()
}

/// What the loss of its node does to a pod's status.
fn lose(pod: &mut crate::model::Pod) {
    if !pod.phase.is_final() {
        pod.disrupt(Disruption::DeletionByPodGc);
        pod.phase = crate::model::Phase::Failed;
    }
}
