//! What is done from outside to nodes, and to pods where there are nodes.

use super::super::recorder::Recorder;
use super::World;
use super::cluster::Outside;
use super::living::Sight;
use crate::api::Refusal;
use crate::base::{Purpose, Span};
use crate::control::pod_gc::OUT_OF_SERVICE;
use crate::fault::{Absence, Action, Deed, NodeTarget};
use crate::model::{
    Container, ContainerSlot, Disruption, Effect, Exit, JobId, Node, NodeId, NodeReady, PodId,
    Taint,
};
use std::sync::Arc;

/// How long a drain waits before it asks once more for a pod that was refused (P80).
const DRAIN_RETRY: Span = Span::from_secs(5);

impl World {
    /// Something comes from outside.
    pub(super) fn befall(&mut self, outside: Outside, recorder: &mut impl Recorder) {
        let now = self.now;
        match outside {
            Outside::Node(number) => {
                let node = self.scenario.nodes[number as usize].clone();
                self.add_node(node).unwrap_or_else(|refusal| {
                    recorder.refused(now, &refusal);
                });
            }
            Outside::Budget(number) => {
                let budget = Arc::new(self.scenario.budgets[number as usize].clone());
                if let Err(refusal) = self.api.create_budget(budget) {
                    recorder.refused(now, &refusal);
                }
            }
            Outside::Background(number) => self.background_begins(number, recorder),
            Outside::Job(number) => self.create_job(number),
            Outside::Act(number) => {
                let action = self.scenario.actions[number as usize].clone();
                self.act(&action, self.draws[number as usize], recorder);
            }
            Outside::Back(node, since) => {
                let silent = self.api.node(node).and_then(|it| it.lease.silent_since);
                if silent == Some(since) {
                    self.node_back(node, recorder);
                }
            }
            // What is planned for a node that is gone by then does not happen.
            Outside::Drain(node) => drop(self.drain(node, recorder)),
            Outside::PowerLoss(node) => {
                drop(self.node_down(node, Absence::PowerLoss, None, recorder));
            }
            Outside::Delete(node) => drop(self.delete_node(node, recorder)),
            Outside::ShutCritical(node, time) => {
                self.end_for_shutdown(node, true, time, recorder);
            }
            Outside::PoolNode(number) => {
                if let Some(node) = self.pool_node(number) {
                    self.add_node(node).unwrap_or_else(|refusal| {
                        recorder.refused(now, &refusal);
                    });
                }
            }
            Outside::EvictAgain(pod) => self.evict(pod, true, recorder),
        }
    }

    /// Does a deed that is about nodes, or about pods as nodes have them. Nothing, if what it is
    /// about is not there.
    pub(super) fn act_on_nodes(
        &mut self,
        action: &Action,
        draw: u64,
        recorder: &mut impl Recorder,
    ) -> Result<(), Refusal> {
        let job = JobId(u32::try_from(action.job).unwrap_or(u32::MAX));
        let pod = (action.deed.pod()).and_then(|label| self.labels.get(&(job, label)).copied());
        match (&action.deed, pod) {
            (Deed::AddNode(node), _) => return self.add_node((**node).clone()),
            (Deed::AddBudget(budget), _) => {
                self.api.create_budget(Arc::new((**budget).clone()))?;
            }
            (Deed::Evict(_), Some(pod)) => self.evict(pod, false, recorder),
            (Deed::ForceDeletePod(_), Some(pod)) => self.api.delete_pod(self.now, pod, Some(0))?,
            (Deed::Preempt(_), Some(pod)) => {
                let by = Disruption::PreemptionByScheduler;
                self.api.delete_disrupted(self.now, pod, by)?;
            }
            (Deed::Crash(_, name, code), Some(pod)) => {
                self.strike(pod, name.as_deref(), Exit::with(*code), recorder);
            }
            (Deed::OomKill(_, name), Some(pod)) => {
                self.strike(pod, name.as_deref(), Exit::OOM_KILLED, recorder);
            }
            (Deed::ExceedStorage(_), Some(pod)) => self.plan_storage_eviction(pod),
            (Deed::RefuseNextPod(NodeTarget::Any), _) => self.machines.refusals += 1,
            (Deed::Bind(_, name), Some(pod)) => {
                let node = self.api.node_named(name).ok_or(Refusal::NotFound)?;
                self.api.bind_pod(pod, node)?;
            }
            (deed, _) => {
                let target = deed.nodes();
                for node in target.map_or_else(Vec::new, |it| self.targets(job, it, draw)) {
                    self.act_on_node(deed, node, recorder)?;
                }
            }
        }
        Ok(())
    }

    /// The nodes that are meant, of those that exist.
    pub(super) fn targets(&self, job: JobId, target: &NodeTarget, draw: u64) -> Vec<NodeId> {
        let those = |wanted: &dyn Fn(&Node) -> bool| {
            let all = self.api.nodes();
            let these = all.filter(|(_, it)| !it.gone && wanted(&it.node));
            these.map(|(id, _)| id).collect()
        };
        match target {
            NodeTarget::Named(name) => self.api.node_named(name).into_iter().collect(),
            NodeTarget::Of(label) => {
                let pod = self.labels.get(&(job, *label));
                let node = pod.and_then(|pod| self.api.pod(*pod).node);
                node.filter(|node| self.api.node(*node).is_some_and(|it| !it.gone))
                    .into_iter()
                    .collect()
            }
            NodeTarget::Every => those(&|_| true),
            NodeTarget::Labelled(key, value) => those(&|it| it.labels.get(key) == Some(value)),
            NodeTarget::Busy => {
                let busy = those(&|_| true).into_iter();
                let busy: Vec<NodeId> = busy.filter(|it| !self.pods_on(*it).is_empty()).collect();
                let some = if busy.is_empty() {
                    those(&|_| true)
                } else {
                    busy
                };
                self.one_of(&some, draw)
            }
            NodeTarget::Any => self.one_of(&those(&|_| true), draw),
        }
    }

    /// One of these, drawn by chance at that address.
    fn one_of(&self, nodes: &[NodeId], draw: u64) -> Vec<NodeId> {
        let count = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        let place = self.key.stream(draw, Purpose::Target).below(count);
        nodes.get(place as usize).copied().into_iter().collect()
    }

    fn add_node(&mut self, node: Node) -> Result<(), Refusal> {
        if self.api.node_named(&node.name).is_some() {
            return Err(Refusal::Exists {
                resource: "nodes",
                name: node.name,
            });
        }
        let id = self.api.create_node(self.now, Arc::new(node));
        self.plan_for_node(id);
        Ok(())
    }

    fn act_on_node(
        &mut self,
        deed: &Deed,
        node: NodeId,
        recorder: &mut impl Recorder,
    ) -> Result<(), Refusal> {
        match deed {
            Deed::DeleteNode(_) => self.delete_node(node, recorder)?,
            Deed::NodeDown(_, absence, back) => {
                self.node_down(node, *absence, *back, recorder)?;
            }
            Deed::NodeUp(_) => self.node_back(node, recorder),
            Deed::Cordon(_) => self.api.patch_node(node, |it| it.unschedulable = true)?,
            Deed::Uncordon(_) => self.api.patch_node(node, |it| it.unschedulable = false)?,
            Deed::Drain(_) => self.drain(node, recorder)?,
            Deed::Taint(_, taint) => self.taint(node, taint)?,
            Deed::Untaint(_, key, effect) => self.api.patch_node(node, |it| {
                let meant = |it: &Taint| it.key == *key && effect.is_none_or(|e| e == it.effect);
                it.taints.retain(|it| !meant(it));
            })?,
            Deed::OutOfService(_) => {
                let taint = Taint {
                    key: OUT_OF_SERVICE.to_owned(),
                    value: "nodeshutdown".to_owned(),
                    effect: Effect::NoExecute,
                };
                self.taint(node, &taint)?;
            }
            _ => self.act_on_machine(deed, node, recorder)?,
        }
        Ok(())
    }

    /// The machine is gone for ever, and its object too.
    fn delete_node(&mut self, node: NodeId, recorder: &mut impl Recorder) -> Result<(), Refusal> {
        self.absent(node, true, recorder);
        self.api.delete_node(node)
    }

    /// A container's process is struck down: the named one's, else the first one's.
    fn strike(&mut self, pod: PodId, name: Option<&str>, exit: Exit, recorder: &mut impl Recorder) {
        let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
        let named = |it: &Container| name.is_none_or(|name| it.name == name);
        let place = |list: &[Container]| {
            let place = list.iter().position(named)?;
            u16::try_from(place).ok()
        };
        let regular = place(&template.containers).map(ContainerSlot::Regular);
        let slot = regular.or_else(|| place(&template.init_containers).map(ContainerSlot::Init));
        if let Some(slot) = slot {
            self.see(pod, Sight::Struck(slot, exit), recorder);
        }
    }

    fn taint(&mut self, node: NodeId, taint: &Taint) -> Result<(), Refusal> {
        self.api.patch_node(node, |it| {
            let same = |it: &&mut Taint| it.key == taint.key && it.effect == taint.effect;
            match it.taints.iter_mut().find(same) {
                Some(known) => known.clone_from(taint),
                None => it.taints.push(taint.clone()),
            }
        })
    }

    /// The node goes silent. Nothing, if it is silent already.
    pub(super) fn node_down(
        &mut self,
        node: NodeId,
        absence: Absence,
        back: Option<Span>,
        recorder: &mut impl Recorder,
    ) -> Result<(), Refusal> {
        let now = self.now;
        let silent = self.api.node(node).and_then(|it| it.lease.silent_since);
        if silent.is_some() {
            return Ok(());
        }
        if absence == Absence::PowerLoss {
            let scripted = self.scripted_on(node);
            self.pods.lose_power(&scripted);
        }
        self.absent(node, absence == Absence::PowerLoss, recorder);
        self.api
            .patch_node(node, |it| it.lease.silent_since = Some(now))?;
        if let (Some(cluster), Some(back)) = (&mut self.cluster, back) {
            cluster.plan(now + back, Outside::Back(node, now));
        }
        Ok(())
    }

    /// The node is back (P77). Nothing, if it is not silent.
    fn node_back(&mut self, node: NodeId, recorder: &mut impl Recorder) {
        let now = self.now;
        let stored = self.api.node(node).filter(|it| !it.gone);
        if stored.is_none_or(|it| it.lease.silent_since.is_none()) {
            return;
        }
        // The node exists, so that the write is not refused.
        let _ = self.api.patch_node(node, |it| {
            it.lease.silent_since = None;
            it.lease.heard_since = now;
            if !it.ready.is_true() {
                it.ready = NodeReady::True(now.wire());
            }
        });
        let scripted = self.scripted_on(node);
        for (pod, wake) in self.pods.node_back(now, &mut self.api, &scripted) {
            self.schedule(pod, Some(wake));
        }
        self.present(node, recorder);
    }

    /// The pods of a node that follow scripts.
    fn scripted_on(&self, node: NodeId) -> Vec<PodId> {
        let pods = self.api.node(node).map(|it| it.pods.iter().map(PodId));
        let pods = pods.into_iter().flatten();
        pods.filter(|pod| !self.lives(*pod)).collect()
    }

    /// `kubectl drain`: no new pods, and eviction of those that are there (P80).
    fn drain(&mut self, node: NodeId, recorder: &mut impl Recorder) -> Result<(), Refusal> {
        self.api.patch_node(node, |it| it.unschedulable = true)?;
        let pods = self.api.node(node).map(|it| it.pods.clone());
        let pods: Vec<PodId> = pods.iter().flat_map(|it| it.iter()).map(PodId).collect();
        for pod in pods {
            if self.api.pod(pod).deletion.is_none() {
                self.evict(pod, true, recorder);
            }
        }
        self.background_drained(node);
        Ok(())
    }

    /// Asks for the eviction of a pod; a drain asks again as long as the pod exists.
    fn evict(&mut self, pod: PodId, again: bool, recorder: &mut impl Recorder) {
        let Err(refusal) = self.api.evict_pod(self.now, pod) else {
            return;
        };
        if refusal == Refusal::NotFound {
            return;
        }
        recorder.kept(self.now, &self.api, pod, &refusal);
        if let (Some(cluster), true) = (&mut self.cluster, again) {
            cluster.plan(self.now + DRAIN_RETRY, Outside::EvictAgain(pod));
        }
    }
}
