//! Nodes that are short of something: eviction passes, limits of local storage, and kills.

use super::super::recorder::Recorder;
use super::living::Sight;
use super::{Event, World, rank};
use crate::base::{Instant, Span};
use crate::fault::Pressure;
use crate::model::{
    ContainerSlot, Disruption, Effect, Exit, NodeId, PodId, PodReason, QosClass, Resources, Taint,
};
use crate::node::Ending;
use crate::node::machine::{
    Candidate, Pressed, Tenant, first_evicted, oom_victim, score_adjustment, victims,
};

/// Between two looks of the eviction manager (P65).
const PASS: Span = Span::from_secs(10);
/// How long the manager waits for an evicted pod, looking every second (P65).
const CLEANUP: Span = Span::from_secs(30);
/// How long a node counts as short of something after it last was (P66).
const HOLD: Span = Span::from_secs(300);
/// What a node keeps free of its memory (P63).
const MEMORY_MARGIN: u64 = 100 << 20;

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
