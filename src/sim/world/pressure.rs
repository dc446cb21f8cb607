//! Nodes that are short of something: eviction passes, limits of local storage, and kills.

use super::super::recorder::Recorder;
use super::living::Sight;
use super::{Event, World, rank};
use crate::base::{Instant, Span};
use crate::fault::Pressure;
use crate::model::{
    ContainerSlot, Disruption, Effect, Exit, Node, NodeId, PodId, PodReason, QosClass, Resources,
    Taint,
};
use crate::node::Ending;
use crate::node::machine::{
    Candidate, Pressed, Tenant, first_evicted, oom_victim, score_adjustment, victims,
};
use std::sync::Arc;

/// Between two looks of the eviction manager (P65).
const PASS: Span = Span::from_secs(10);
/// How long the manager waits for an evicted pod, looking every second (P65).
const CLEANUP: Span = Span::from_secs(30);
/// How long a node counts as short of something after it last was (P66).
const HOLD: Span = Span::from_secs(300);

/// What a node is short of, because the scenario says so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shortage {
    of: Pressure,
    until: Instant,
    soft: Option<Soft>,
}

/// A soft threshold (P64).
#[derive(Clone, Copy, Debug)]
struct Soft {
    /// Pods are evicted once it has been met for that long.
    holds: Span,
    /// The longest grace period of a pod, in seconds.
    grace: u32,
    /// When the kubelet first noticed that it is met.
    since: Option<Instant>,
}

impl Shortage {
    pub(super) const fn hard(of: Pressure, until: Instant) -> Self {
        let soft = None;
        Self { of, until, soft }
    }

    pub(super) const fn soft(of: Pressure, until: Instant, holds: Span, grace: u32) -> Self {
        let soft = Some(Soft {
            holds,
            grace,
            since: None,
        });
        Self { of, until, soft }
    }

    /// Whether pods have to go by now.
    fn evicts(&self, now: Instant) -> bool {
        let holds = |soft: &Soft| {
            soft.since
                .is_some_and(|since| now.since(since) >= soft.holds)
        };
        self.soft.as_ref().is_none_or(holds)
    }
}

/// The place of a kind of pressure in a list of all.
const fn place(of: Pressure) -> usize {
    match of {
        Pressure::Memory => 0,
        Pressure::Disk => 1,
        Pressure::Pids => 2,
    }
}

impl World {
    /// The next look of the node's eviction manager.
    pub(super) fn plan_pass(&mut self, node: NodeId) {
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

    /// A node is made short of something.
    pub(super) fn fall_short(&mut self, node: NodeId, short: Shortage) {
        self.machines.of(node).pressure = Some(short);
        self.plan_pass(node);
    }

    /// The node's eviction manager looks (P65): limits of local storage first, then pressure.
    pub(super) fn eviction_pass(&mut self, node: NodeId, recorder: &mut impl Recorder) {
        let now = self.now;
        let machine = self.machines.of(node);
        if machine.next_pass != Some(now) {
            return;
        }
        machine.next_pass = None;
        if machine.off {
            return;
        }
        if self.waits_for_evicted(node) {
            return self.plan_pass_at(node, now + Span::from_secs(1));
        }
        let mut evicted = self.pods_on(node);
        evicted.retain(|pod| self.exceeds_storage(*pod));
        for pod in &evicted {
            self.evict_for_storage(*pod, recorder);
        }
        let short = self.shortage(node);
        if let Some(short) = short {
            self.machines.of(node).held[place(short.of)] = Some(now);
            if evicted.is_empty() && short.evicts(now) {
                evicted.extend(self.evict_worst(node, &short, recorder));
            }
        }
        self.show_pressure(node);
        let watched = self.living_uses_up() && !self.pods_on(node).is_empty();
        let machine = self.machines.of(node);
        let held = machine.held.iter().any(Option::is_some);
        if !evicted.is_empty() {
            machine.evicted = evicted;
            machine.waits_until = now + CLEANUP;
            self.plan_pass_at(node, now + Span::from_secs(1));
        } else if short.is_some() || held || watched {
            self.plan_pass(node);
        }
    }

    /// Whether the kubelet still waits for the pods that it has evicted: it looks every second,
    /// and goes on at once when they have ended.
    fn waits_for_evicted(&mut self, node: NodeId) -> bool {
        let (now, api) = (self.now, &self.api);
        let machine = self.machines.of(node);
        machine
            .evicted
            .retain(|pod| !api.pod(*pod).phase.is_final());
        if now >= machine.waits_until {
            machine.evicted.clear();
        }
        !machine.evicted.is_empty()
    }

    /// Of what the node is short now: because the scenario says so, or because its pods use more
    /// than it has. `status.allocatable` leaves the thresholds out already: 100Mi of memory, and a
    /// tenth of the disk (P63).
    fn shortage(&mut self, node: NodeId) -> Option<Shortage> {
        let now = self.now;
        let machine = self.machines.of(node);
        if let Some(short) = machine.pressure.as_mut().filter(|it| now < it.until) {
            if let Some(soft) = &mut short.soft {
                soft.since.get_or_insert(now);
            }
            return Some(*short);
        }
        let all = &self.api.node(node)?.node.allocatable;
        let limits = [
            (Pressure::Memory, all.memory),
            (Pressure::Disk, all.ephemeral_storage),
        ];
        let pods = self.pods_on(node);
        let used = |of| -> u64 { pods.iter().map(|pod| self.usage(*pod, of)).sum() };
        let mut short = limits.into_iter();
        let short = short.find(|(of, limit)| limit.is_some_and(|limit| used(*of) > limit));
        short.map(|(of, _)| Shortage::hard(of, now))
    }

    /// Evicts the pod that goes first, if there is one that may go.
    fn evict_worst(
        &mut self,
        node: NodeId,
        short: &Shortage,
        recorder: &mut impl Recorder,
    ) -> Option<PodId> {
        let pod = self.worst_on(node, short.of)?;
        let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
        let own = template.termination_grace_period_seconds;
        let capped = self.scenario.release.behavior().soft_grace_is_capped;
        let grace = match short.soft {
            None => 1,
            Some(soft) if capped => soft.grace.min(own),
            Some(soft) => soft.grace,
        };
        let ending = Ending {
            reason: PodReason::Evicted,
            disruption: Some(Disruption::TerminationByKubelet),
            grace: Some(grace),
            loses_records: true,
        };
        self.see(pod, Sight::End(ending), recorder);
        Some(pod)
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

    /// The taints of a node that is short of something, or was until not long ago (P66). Nobody
    /// hears of them while the node is cut off.
    fn show_pressure(&mut self, node: NodeId) {
        let now = self.now;
        let machine = self.machines.of(node);
        for held in &mut machine.held {
            *held = held.filter(|last| now < *last + HOLD);
        }
        let held = machine.held;
        if self.is_silent(node) {
            return;
        }
        let keys = [
            "node.kubernetes.io/memory-pressure",
            "node.kubernetes.io/disk-pressure",
            "node.kubernetes.io/pid-pressure",
        ];
        // A node that is gone needs no taints.
        let _ = self.api.patch_node(node, |it| {
            for (key, held) in keys.into_iter().zip(held) {
                let there = it.taints.iter().any(|taint| taint.key == key);
                if held.is_some() && !there {
                    it.taints.push(Taint {
                        key: key.to_owned(),
                        value: String::new(),
                        effect: Effect::NoSchedule,
                    });
                } else if there && held.is_none() {
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
    pub(super) fn node_oom(&mut self, node: NodeId, recorder: &mut impl Recorder) {
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
    pub(super) fn make_room(
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
        let mut rest = Node::clone(&stored.node);
        let all = &stored.node.allocatable;
        let mut take = |name: &str, asked: u64| {
            let Some(all) = all.get(name) else {
                return asked;
            };
            rest.allocatable.set(name, all.saturating_sub(asked));
            asked.saturating_sub(all.saturating_sub(used.get(name).unwrap_or(0)))
        };
        let (milli_cpu, memory) = (take("cpu", milli_cpu), take("memory", memory));
        // Its room is gone for good: it stays. The node exists, so that is not refused.
        let rest = Arc::new(rest);
        let _ = self.api.patch_node(node, |it| it.node = rest);
        let pods = self.pods_on(node);
        let tenants: Vec<Tenant> = pods.iter().map(|pod| self.tenant(*pod)).collect();
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

    fn tenant(&self, pod: PodId) -> Tenant {
        let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
        let asked = template.effective_requests();
        Tenant {
            class: template.qos_class(),
            milli_cpu: asked.milli_cpu.unwrap_or(0),
            memory: asked.memory.unwrap_or(0),
            priority: template.priority.unwrap_or(0),
        }
    }
}
