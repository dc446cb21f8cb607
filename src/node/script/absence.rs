//! Scripted pods of nodes: a kubelet that is cut off hears nothing and is not heard, and reports
//! what happened meanwhile when it is back (P77).

use super::{Life, ScriptedPods, Stage, Wake, unready};
use crate::api::ApiServer;
use crate::base::Instant;
use crate::model::{Deletion, ExitCodes, Phase, Pod, PodId, Readiness};
use std::collections::BTreeMap;

/// The exit code of a container that ended with its machine (P85).
const LOST: i16 = 255;

/// Whether the kubelet of the pod's node hears and is heard. Where there is no object for the
/// node, it always is.
pub(super) fn is_heard(api: &ApiServer, pod: &Pod) -> bool {
    let node = pod.node.and_then(|node| api.node(node));
    node.is_none_or(|it| !it.gone && it.lease.silent_since.is_none())
}

/// The pod as its kubelet knows it.
pub(super) fn known<'a>(
    unreported: &'a BTreeMap<PodId, Pod>,
    api: &'a ApiServer,
    id: PodId,
) -> &'a Pod {
    let unreported = unreported.get(&id).filter(|_| api.pod_exists(id));
    unreported.unwrap_or_else(|| api.pod(id))
}

/// Writes a pod's status, or keeps it until somebody can hear of it.
pub(super) fn write(
    unreported: &mut BTreeMap<PodId, Pod>,
    api: &mut ApiServer,
    id: PodId,
    change: impl FnOnce(&mut Pod),
) {
    if is_heard(api, api.pod(id)) {
        // Refused only if the pod is gone.
        let _ = api.patch_pod(id, change);
    } else {
        let pod = api.pod(id);
        change(unreported.entry(id).or_insert(*pod));
    }
}

/// A pod that was asked to terminate has ended: its kubelet deletes the object.
pub(super) fn dismiss(now: Instant, api: &mut ApiServer, id: PodId) {
    if is_heard(api, api.pod(id)) {
        // Refused only if its end has removed it already.
        let _ = api.delete_pod(now, id, Some(0));
    }
}

impl ScriptedPods {
    /// A pod was created where there are nodes: its script begins when it is taken up.
    pub fn awaits_node(&mut self) {
        self.lives.push(Life {
            stage: Stage::Unbound,
            script: 0,
            stamp: 0,
        });
    }

    /// The kubelet of its node takes a pod up, if it hears of it: picks its script.
    pub fn take_up(&mut self, now: Instant, api: &mut ApiServer, id: PodId) -> Option<Wake> {
        let pod = *api.pod(id);
        let unused = self.lives[id.slot()].stage == Stage::Unbound;
        let ended = !api.pod_exists(id) || pod.phase.is_final();
        if !unused || ended || !is_heard(api, &pod) {
            return None;
        }
        let node = pod.node.and_then(|node| api.node(node))?;
        let script = self.pick(&pod, &node.node.name);
        let cast = &self.casts[pod.job.slot()];
        let start = cast.get(script).and_then(|role| role.script.start);
        let life = &mut self.lives[id.slot()];
        life.stage = Stage::Bound;
        life.script = u16::try_from(script).unwrap_or(u16::MAX);
        let stamp = life.stamp;
        write(&mut self.unreported, api, id, |pod| {
            pod.ready = Readiness::False(now.wire());
        });
        start.map(|after| Wake { after, stamp })
    }

    /// The node of these pods is without power: their containers have ended, and nobody reports
    /// it.
    pub fn lose_power(&mut self, pods: &[PodId]) {
        for pod in pods {
            let Some(life) = self.lives.get_mut(pod.slot()) else {
                continue;
            };
            life.stage = match life.stage {
                Stage::Running(n) | Stage::Restarting(n) => Stage::Dead(n),
                Stage::Stopping(_) | Stage::GivingUp => Stage::Dead(0),
                // A pod that had not started begins anew.
                Stage::Bound => Stage::Unbound,
                other @ (Stage::Unbound | Stage::Dead(_) | Stage::Over) => other,
            };
            life.stamp += 1;
        }
    }

    /// The node of these pods is back: its kubelet reports what happened meanwhile, takes up what
    /// was bound to it, and begins to stop what was asked to terminate. Gives the wake-ups that
    /// follow.
    pub fn node_back(
        &mut self,
        now: Instant,
        api: &mut ApiServer,
        pods: &[PodId],
    ) -> Vec<(PodId, Wake)> {
        let mut wakes = Vec::new();
        for id in pods.iter().copied() {
            let truth = self.unreported.remove(&id);
            if api.pod(id).phase.is_final() {
                // Somebody has ended the pod: a kubelet does not overwrite that.
                self.lives[id.slot()].stage = Stage::Over;
                continue;
            }
            let wake = match self.lives[id.slot()].stage {
                Stage::Unbound => self.take_up(now, api, id),
                Stage::Dead(runs) => self.revive(now, api, id, runs),
                _ => {
                    self.report(now, api, id, truth);
                    None
                }
            };
            wakes.extend(wake.map(|wake| (id, wake)));
            let deletion = api.pod(id).deletion.filter(|_| api.pod_exists(id));
            if let Some(Deletion { grace, .. }) = deletion {
                if api.pod(id).phase.is_final() {
                    dismiss(now, api, id);
                } else {
                    let wake = self.stop(now, api, id, grace);
                    wakes.extend(wake.map(|wake| (id, wake)));
                }
            }
        }
        wakes
    }

    /// Reports what became of a pod.
    fn report(&mut self, now: Instant, api: &mut ApiServer, id: PodId, truth: Option<Pod>) {
        let life = self.lives[id.slot()];
        let truth = truth.unwrap_or(*api.pod(id));
        let role = self.casts[truth.job.slot()].get(usize::from(life.script));
        let runs = matches!(life.stage, Stage::Running(_) | Stage::Stopping(_));
        let ready = runs && role.is_none_or(|it| !it.script.not_ready);
        let mut pod = *api.pod(id);
        pod.phase = truth.phase;
        pod.exit = truth.exit;
        pod.finished = truth.finished;
        pod.restarts = truth.restarts;
        pod.disruption = pod.disruption.or(truth.disruption);
        if !ready {
            unready(now, &mut pod);
        } else if !pod.is_ready() {
            pod.ready = Readiness::True(now.wire());
        }
        if pod != *api.pod(id) {
            // The pod exists: it is in its node's list.
            let _ = api.patch_pod(id, |it| *it = pod);
        }
    }

    /// What becomes of a pod whose containers ended with their machine: it has failed, unless its
    /// containers are started again.
    fn revive(&mut self, now: Instant, api: &mut ApiServer, id: PodId, runs: u16) -> Option<Wake> {
        let pod = *api.pod(id);
        let script = usize::from(self.lives[id.slot()].script);
        let role = self.casts[pod.job.slot()].get(script)?;
        if !role.restarts || pod.deletion.is_some() {
            self.lives[id.slot()].stage = Stage::Over;
            write(&mut self.unreported, api, id, |pod| {
                role.finish(now, pod, ExitCodes::All(LOST), true);
            });
            return None;
        }
        let after = role.lasts(runs);
        let life = &mut self.lives[id.slot()];
        life.stage = Stage::Running(runs);
        life.stamp += 1;
        let stamp = life.stamp;
        write(&mut self.unreported, api, id, |pod| {
            pod.restarts += 1;
            pod.phase = Phase::Running;
            role.run(now, pod);
        });
        after.map(|after| Wake { after, stamp })
    }
}
