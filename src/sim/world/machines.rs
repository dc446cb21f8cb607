//! Nodes as a whole: admission, shutdown, power, and processes that are struck down.

use super::super::recorder::Recorder;
use super::World;
use super::cluster::Outside;
use super::living::Sight;
use super::pressure::Shortage;
use crate::api::Refusal;
use crate::base::{Instant, Span};
use crate::fault::Deed;
use crate::model::{Disruption, NodeId, NodeReady, Phase, PodId, PodNews, PodReason};
use crate::node::Ending;
use crate::node::machine::{CRITICAL, Occupancy, PullQueue, refusal};
use std::collections::{BTreeMap, BTreeSet};

/// All machines that have anything to remember.
#[derive(Debug, Default)]
pub(super) struct Machines {
    each: BTreeMap<NodeId, Machine>,
    /// Pods to be refused, wherever they come up.
    pub(super) refusals: u32,
}

/// What a node has to remember.
#[derive(Debug)]
pub(super) struct Machine {
    refusals: u32,
    shutting_down: bool,
    pub(super) off: bool,
    /// Of what it is made short.
    pub(super) pressure: Option<Shortage>,
    /// For each kind of pressure, when its kubelet last noticed it, if not too long ago.
    pub(super) held: [Option<Instant>; 3],
    /// The pods that its kubelet waits for, and until when.
    pub(super) evicted: Vec<PodId>,
    pub(super) waits_until: Instant,
    pub(super) next_pass: Option<Instant>,
    pub(super) pulls: PullQueue,
    /// The images that it has pulled, and with which secrets.
    pub(super) images: BTreeMap<Box<str>, BTreeSet<u64>>,
    /// What its kubelet could not hear.
    missed: Vec<(PodId, Sight)>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            refusals: 0,
            shutting_down: false,
            off: false,
            pressure: None,
            held: [None; 3],
            evicted: Vec::new(),
            waits_until: Instant::ORIGIN,
            next_pass: None,
            pulls: PullQueue::default(),
            images: BTreeMap::new(),
            missed: Vec::new(),
        }
    }
}

impl Machines {
    pub(super) fn clear(&mut self) {
        self.each.clear();
        self.refusals = 0;
    }

    /// The secrets with which a node has pulled an image; `None` for one that it does not have.
    pub(super) fn pulled_with(&self, node: NodeId, image: &str) -> Option<&BTreeSet<u64>> {
        self.each.get(&node)?.images.get(image)
    }

    pub(super) fn of(&mut self, node: NodeId) -> &mut Machine {
        self.each.entry(node).or_default()
    }
}

impl World {
    /// A kubelet takes a pod up, unless it refuses it (P2). One that cannot be heard does so
    /// when it is back.
    pub(super) fn take_up(&mut self, pod: PodId, recorder: &mut impl Recorder) {
        let Some(node) = self.node_of(pod) else {
            return self.admit(pod, None, recorder);
        };
        if self.is_silent(node) {
            self.machines.of(node).missed.push((pod, Sight::Bound));
        } else {
            self.admit(pod, Some(node), recorder);
        }
    }

    fn admit(&mut self, pod: PodId, node: Option<NodeId>, recorder: &mut impl Recorder) {
        let reason = self.refused_by(pod, node);
        let Some(reason) = reason else {
            self.see(pod, Sight::Bound, recorder);
            if let Some(node) = node.filter(|_| self.living_uses_up()) {
                self.plan_pass(node);
            }
            return;
        };
        // The pod exists, or there is nobody to be told.
        let _ = self.api.patch_pod(pod, |it| {
            if !it.phase.is_final() {
                it.phase = Phase::Failed;
                it.reason = Some(reason);
            }
        });
        recorder.told(self.now, &self.api, pod, PodNews::Rejected(reason));
    }

    fn refused_by(&mut self, pod: PodId, node: Option<NodeId>) -> Option<PodReason> {
        if self.machines.refusals > 0 {
            self.machines.refusals -= 1;
            return Some(PodReason::OutOfCpu);
        }
        let id = node?;
        let mut occupancy = self.occupancy(id, pod);
        let machine = self.machines.of(id);
        if machine.refusals > 0 {
            machine.refusals -= 1;
            return Some(PodReason::OutOfCpu);
        }
        occupancy.shutting_down = machine.shutting_down;
        let [memory, disk, pids] = machine.held;
        occupancy.short_of_memory = memory.is_some();
        occupancy.short_of_others = disk.or(pids).is_some();
        let stored = self.api.node(id)?;
        occupancy.taints.clone_from(&stored.taints);
        let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
        refusal(&stored.node, &occupancy, template)
    }

    /// What the other pods of a node hold, as its kubelet sees it.
    pub(super) fn occupancy(&self, node: NodeId, but: PodId) -> Occupancy {
        let mut occupancy = Occupancy::default();
        for pod in self.pods_on(node).into_iter().filter(|it| *it != but) {
            let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
            occupancy.pods += 1;
            occupancy.used = occupancy.used.sum(&template.effective_requests());
        }
        occupancy
    }

    /// The pods of a node that have not ended, in order of creation.
    pub(super) fn pods_on(&self, node: NodeId) -> Vec<PodId> {
        let pods = self.api.node(node).map(|it| it.pods.iter().map(PodId));
        let pods = pods.into_iter().flatten();
        pods.filter(|pod| !self.api.pod(*pod).phase.is_final())
            .collect()
    }

    /// Whether nobody hears of that node.
    pub(super) fn is_silent(&self, node: NodeId) -> bool {
        let stored = self.api.node(node);
        stored.is_some_and(|it| it.gone || it.lease.silent_since.is_some())
    }

    /// A kubelet hears something of a pod, or will when it is back.
    pub(super) fn hear(&mut self, pod: PodId, sight: Sight, recorder: &mut impl Recorder) {
        match self.node_of(pod).filter(|node| self.is_silent(*node)) {
            Some(node) => self.machines.of(node).missed.push((pod, sight)),
            None => self.see(pod, sight, recorder),
        }
    }

    /// The pods of a node are cut off, or lose their power.
    pub(super) fn absent(&mut self, node: NodeId, off: bool, recorder: &mut impl Recorder) {
        self.machines.of(node).off |= off;
        for pod in self.all_living_on(node) {
            if off {
                self.see(pod, Sight::PowerOff, recorder);
            }
            self.see(pod, Sight::CutOff, recorder);
        }
    }

    /// The pods of a node are back, and their kubelet hears what it has missed.
    pub(super) fn present(&mut self, node: NodeId, recorder: &mut impl Recorder) {
        let machine = self.machines.of(node);
        let off = std::mem::take(&mut machine.off);
        machine.shutting_down = false;
        let missed = std::mem::take(&mut machine.missed);
        for pod in self.all_living_on(node) {
            let sight = if off { Sight::PowerOn } else { Sight::Back };
            self.see(pod, sight, recorder);
        }
        if self.living.is_some() {
            self.plan_pass(node);
        }
        for (pod, sight) in missed {
            if sight == Sight::Bound {
                self.take_up(pod, recorder);
            } else {
                self.see(pod, sight, recorder);
            }
        }
    }

    fn all_living_on(&self, node: NodeId) -> Vec<PodId> {
        let pods = self.api.node(node).map(|it| it.pods.iter().map(PodId));
        let pods = pods.into_iter().flatten();
        pods.filter(|pod| self.lives(*pod)).collect()
    }

    /// Does a deed that concerns a node as a whole.
    pub(super) fn act_on_machine(
        &mut self,
        deed: &Deed,
        node: NodeId,
        recorder: &mut impl Recorder,
    ) -> Result<(), Refusal> {
        let now = self.now;
        match deed {
            Deed::Reboot(_, down) => self.reboot(node, *down, recorder)?,
            Deed::RestartKubelet(_) => {
                for pod in self.all_living_on(node) {
                    self.see(pod, Sight::Restart, recorder);
                }
            }
            Deed::Shutdown {
                total, critical, ..
            } => self.shut_down(node, *total, *critical, recorder)?,
            Deed::Reclaim {
                notice,
                drain,
                deleted,
                ..
            } => {
                if let Some(after) = drain {
                    self.plan_outside(now + *after, Outside::Drain(node));
                }
                self.plan_outside(now + *notice, Outside::PowerLoss(node));
                if let Some(after) = deleted {
                    self.plan_outside(now + *notice + *after, Outside::Delete(node));
                }
            }
            Deed::Pressure(_, of, lasts) => {
                let short = Shortage::hard(*of, now + *lasts);
                self.fall_short(node, short);
            }
            Deed::SoftPressure {
                of,
                lasts,
                holds,
                grace,
                ..
            } => {
                let short = Shortage::soft(*of, now + *lasts, *holds, *grace);
                self.fall_short(node, short);
            }
            Deed::NodeOom(_) => self.node_oom(node, recorder),
            Deed::CriticalPod {
                milli_cpu, memory, ..
            } => self.make_room(node, *milli_cpu, *memory, recorder),
            Deed::RefuseNextPod(_) => self.machines.of(node).refusals += 1,
            _ => {}
        }
        Ok(())
    }

    fn plan_outside(&mut self, at: Instant, what: Outside) {
        if let Some(cluster) = &mut self.cluster {
            cluster.plan(at, what);
        }
    }

    fn reboot(
        &mut self,
        node: NodeId,
        down: Span,
        recorder: &mut impl Recorder,
    ) -> Result<(), Refusal> {
        let absence = crate::fault::Absence::PowerLoss;
        self.node_down(node, absence, Some(down), recorder)
    }

    /// Graceful shutdown (P83): first the ordinary pods, then the critical ones, then the power.
    fn shut_down(
        &mut self,
        node: NodeId,
        total: Span,
        critical: Span,
        recorder: &mut impl Recorder,
    ) -> Result<(), Refusal> {
        let now = self.now;
        if total > Span::ZERO {
            self.machines.of(node).shutting_down = true;
            self.api
                .patch_node(node, |it| it.ready = NodeReady::False(now.wire()))?;
            let first = (total - critical).max(Span::ZERO);
            self.end_for_shutdown(node, false, first, recorder);
            self.plan_outside(now + first, Outside::ShutCritical(node, critical));
        }
        self.plan_outside(now + total, Outside::PowerLoss(node));
        Ok(())
    }

    /// Ends the ordinary or the critical pods of a node that is shut down.
    pub(super) fn end_for_shutdown(
        &mut self,
        node: NodeId,
        critical: bool,
        time: Span,
        recorder: &mut impl Recorder,
    ) {
        for pod in self.pods_on(node) {
            let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
            let own = template.termination_grace_period_seconds;
            if (template.priority.unwrap_or(0) >= CRITICAL) != critical {
                continue;
            }
            let time = u32::try_from(time.micros() / 1_000_000).unwrap_or(0);
            let ending = Ending {
                reason: PodReason::Terminated,
                disruption: Some(Disruption::TerminationByKubelet),
                grace: Some(own.min(time)),
                loses_records: false,
            };
            self.see(pod, Sight::End(ending), recorder);
        }
    }
}
