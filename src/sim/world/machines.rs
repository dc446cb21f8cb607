//! Nodes as a whole: admission, pressure, shutdown, power, and processes that are struck down.

use super::super::recorder::Recorder;
use super::cluster::Outside;
use super::living::Sight;
use super::{Event, World, rank};
use crate::api::Refusal;
use crate::base::{Instant, Span};
use crate::fault::{Deed, Pressure};
use crate::model::{
    ContainerSlot, Disruption, Effect, Exit, NodeId, NodeReady, Phase, PodId, PodNews, PodReason,
    QosClass, Resources, Taint,
};
use crate::node::Ending;
use crate::node::machine::{
    CRITICAL, Candidate, Occupancy, Pressed, PullQueue, Tenant, first_evicted, oom_victim, refusal,
    score_adjustment, victims,
};
use std::collections::{BTreeMap, BTreeSet};

/// Between two looks of the eviction manager (P65).
const PASS: Span = Span::from_secs(10);
/// How long the manager waits for an evicted pod, looking every second (P65).
const CLEANUP: Span = Span::from_secs(30);
/// How long a node counts as short of something after it last was (P66).
const HOLD: Span = Span::from_secs(300);
/// What a node keeps free of its memory (P63).
const MEMORY_MARGIN: u64 = 100 << 20;

/// All machines that have anything to remember.
#[derive(Debug, Default)]
pub(super) struct Machines {
    each: BTreeMap<NodeId, Machine>,
    /// Pods to be refused, wherever they come up.
    pub(super) refusals: u32,
}

/// What a node has to remember.
#[derive(Debug, Default)]
pub(super) struct Machine {
    refusals: u32,
    shutting_down: bool,
    off: bool,
    /// Of what it is made short, and until when.
    pressure: Option<(Pressure, Instant)>,
    /// Of what it counts as short, and since when it was not any more.
    held: Option<(Pressure, Instant)>,
    /// The pod that it waits for, and until when.
    evicted: Option<(PodId, Instant)>,
    next_pass: Option<Instant>,
    pub(super) pulls: PullQueue,
    /// The images that it has pulled, and with which secrets.
    pub(super) images: BTreeMap<Box<str>, BTreeSet<u64>>,
    /// What its kubelet could not hear.
    missed: Vec<(PodId, Sight)>,
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
        match machine.held {
            Some((Pressure::Memory, _)) => occupancy.short_of_memory = true,
            Some(_) => occupancy.short_of_others = true,
            None => {}
        }
        let stored = self.api.node(id)?;
        occupancy.taints.clone_from(&stored.taints);
        let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
        refusal(&stored.node, &occupancy, template)
    }

    /// What the other pods of a node hold, as its kubelet sees it.
    fn occupancy(&self, node: NodeId, but: PodId) -> Occupancy {
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
                self.machines.of(node).pressure = Some((*of, now + *lasts));
                self.plan_pass(node);
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

    /// The next look of the node's eviction manager.
    fn plan_pass(&mut self, node: NodeId) {
        let period = PASS.micros();
        let at = Instant::from_micros((self.now.micros() / period + 1) * period);
        self.plan_pass_at(node, at);
    }

    fn plan_pass_at(&mut self, node: NodeId, at: Instant) {
        let machine = self.machines.of(node);
        if machine.next_pass.is_none_or(|known| at < known) {
            machine.next_pass = Some(at);
            self.events.push(at, rank::POD, Event::Pass { node });
        }
    }

    /// The node's eviction manager looks (P65): limits of local storage first, then pressure.
    pub(super) fn eviction_pass(&mut self, node: NodeId, recorder: &mut impl Recorder) {
        let now = self.now;
        if self.machines.of(node).next_pass != Some(now) {
            return;
        }
        self.machines.of(node).next_pass = None;
        if self.is_silent(node) {
            return;
        }
        if let Some((pod, until)) = self.machines.of(node).evicted {
            // Every second it looks whether the pod has ended, and then goes on at once.
            if !self.api.pod(pod).phase.is_final() && now < until {
                return self.plan_pass_at(node, now + Span::from_secs(1));
            }
            self.machines.of(node).evicted = None;
        }
        for pod in self.pods_on(node) {
            if self.exceeds_storage(pod) {
                self.evict_for_storage(pod, recorder);
            }
        }
        let short = self.is_short(node);
        if let Some(of) = short {
            self.machines.of(node).held = Some((of, now));
            if let Some(pod) = self.worst_on(node, of) {
                self.machines.of(node).evicted = Some((pod, now + CLEANUP));
                let ending = Ending {
                    reason: PodReason::Evicted,
                    disruption: Some(Disruption::TerminationByKubelet),
                    grace: Some(1),
                    loses_records: true,
                };
                self.see(pod, Sight::End(ending), recorder);
                self.plan_pass_at(node, now + Span::from_secs(1));
            }
        }
        self.show_pressure(node);
        let watched = self.living_uses_up() && !self.pods_on(node).is_empty();
        if short.is_some() || self.machines.of(node).held.is_some() || watched {
            self.plan_pass(node);
        }
    }

    /// Of what the node is short now.
    fn is_short(&mut self, node: NodeId) -> Option<Pressure> {
        let now = self.now;
        let made = self.machines.of(node).pressure.filter(|it| now < it.1);
        if let Some((of, _)) = made {
            return Some(of);
        }
        let memory = self.api.node(node)?.node.allocatable.memory?;
        let pods = self.pods_on(node);
        let used: u64 = pods
            .iter()
            .map(|pod| self.usage(*pod, Pressure::Memory))
            .sum();
        (used.saturating_add(MEMORY_MARGIN) > memory).then_some(Pressure::Memory)
    }

    fn worst_on(&self, node: NodeId, of: Pressure) -> Option<PodId> {
        let pods = self.pods_on(node);
        let candidates: Vec<Candidate> = pods.iter().map(|pod| self.candidate(*pod, of)).collect();
        let pressed = match of {
            Pressure::Memory | Pressure::Disk => Pressed::Bytes,
            Pressure::Pids => Pressed::Processes,
        };
        first_evicted(&candidates, pressed).map(|place| pods[place])
    }

    fn candidate(&self, pod: PodId, of: Pressure) -> Candidate {
        let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
        let asked: Resources = template.effective_requests();
        let request = match of {
            Pressure::Memory => asked.memory,
            Pressure::Disk | Pressure::Pids => asked.ephemeral_storage,
        };
        Candidate {
            usage: self.usage(pod, of),
            request: request.unwrap_or(0),
            priority: template.priority.unwrap_or(0),
        }
    }

    /// The taint of a node that is short of something, or was until not long ago (P66).
    fn show_pressure(&mut self, node: NodeId) {
        let now = self.now;
        let machine = self.machines.of(node);
        let held = machine.held.filter(|(_, last)| now < *last + HOLD);
        machine.held = held;
        let kinds = [
            (Pressure::Memory, "node.kubernetes.io/memory-pressure"),
            (Pressure::Disk, "node.kubernetes.io/disk-pressure"),
            (Pressure::Pids, "node.kubernetes.io/pid-pressure"),
        ];
        // A node that is gone needs no taints.
        let _ = self.api.patch_node(node, |it| {
            for (of, key) in kinds {
                let wanted = held.is_some_and(|(now, _)| now == of);
                let there = it.taints.iter().any(|taint| taint.key == key);
                if wanted && !there {
                    it.taints.push(Taint {
                        key: key.to_owned(),
                        value: String::new(),
                        effect: Effect::NoSchedule,
                    });
                } else if there && !wanted {
                    it.taints.retain(|taint| taint.key != key);
                }
            }
        });
    }

    /// A pod is found above its limits of local storage at the next look (P68).
    pub(super) fn plan_storage_eviction(&mut self, pod: PodId) {
        let period = PASS.micros();
        let at = Instant::from_micros((self.now.micros() / period + 1) * period);
        self.events.push(at, rank::POD, Event::Exceeds { pod });
    }

    /// A pod is above its limits of local storage: no DisruptionTarget (P68).
    pub(super) fn evict_for_storage(&mut self, pod: PodId, recorder: &mut impl Recorder) {
        let ending = Ending {
            reason: PodReason::Evicted,
            disruption: None,
            grace: Some(1),
            loses_records: true,
        };
        self.see(pod, Sight::End(ending), recorder);
    }

    /// The kernel kills the container with the worst score (P88).
    fn node_oom(&mut self, node: NodeId, recorder: &mut impl Recorder) {
        let capacity = self
            .api
            .node(node)
            .and_then(|it| it.node.allocatable.memory);
        let capacity = capacity.unwrap_or(1 << 40);
        let (mut places, mut scores) = (Vec::new(), Vec::new());
        for pod in self.pods_on(node) {
            let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
            let class: QosClass = template.qos_class();
            for (place, container) in (0..).zip(&template.containers) {
                let slot = ContainerSlot::Regular(place);
                let request = container.requests.memory.unwrap_or(0);
                let usage = self.usage_of(pod, slot, Pressure::Memory);
                places.push((pod, slot));
                scores.push((usage, score_adjustment(class, request, capacity)));
            }
        }
        if let Some((pod, slot)) = oom_victim(&scores, capacity).map(|at| places[at]) {
            self.see(pod, Sight::Struck(slot, Exit::OOM_KILLED), recorder);
        }
    }

    /// A critical pod takes the room of others (P82).
    fn make_room(
        &mut self,
        node: NodeId,
        milli_cpu: u64,
        memory: u64,
        recorder: &mut impl Recorder,
    ) {
        let used = self.occupancy(node, PodId(u32::MAX)).used;
        let Some(stored) = self.api.node(node) else {
            return;
        };
        let missing = |name: &str, asked: u64| match stored.node.allocatable.get(name) {
            None => asked,
            Some(all) => asked.saturating_sub(all.saturating_sub(used.get(name).unwrap_or(0))),
        };
        let (milli_cpu, memory) = (missing("cpu", milli_cpu), missing("memory", memory));
        let pods = self.pods_on(node);
        let tenants: Vec<Tenant> = pods
            .iter()
            .map(|pod| {
                let template = &self.api.job(self.api.pod(*pod).job).job.spec.template;
                let asked = template.effective_requests();
                Tenant {
                    class: template.qos_class(),
                    milli_cpu: asked.milli_cpu.unwrap_or(0),
                    memory: asked.memory.unwrap_or(0),
                    priority: template.priority.unwrap_or(0),
                }
            })
            .collect();
        for place in victims(&tenants, milli_cpu, memory) {
            let ending = Ending {
                reason: PodReason::Preempting,
                disruption: Some(Disruption::TerminationByKubelet),
                grace: None,
                loses_records: true,
            };
            self.see(pods[place], Sight::End(ending), recorder);
        }
    }
}
