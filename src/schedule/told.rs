//! What the scheduler is told of nodes and pods.

use super::hints::{Event, own_labels_wake};
use super::kind::KindId;
use super::nodes::{Load, NodeKey, Seat};
use super::queue::Place;
use super::reason::Plugins;
use super::scheduler::{Entry, PodKey, Scheduler};
use crate::base::{Instant, WireTime};
use crate::model::Node;

impl Scheduler {
    /// A node joins.
    pub fn node_added(&mut self, now: Instant, node: &Node) -> NodeKey {
        let cluster = &mut self.cluster;
        let key = NodeKey(u32::try_from(cluster.seats.len()).unwrap_or(u32::MAX - 1));
        let seat = Seat::new(node, &mut cluster.names, &cluster.facts);
        cluster.topology.place(key.slot(), &node.labels);
        cluster.images.add(node);
        cluster.seats.push(seat);
        cluster.list.add(key, node);
        self.changes += 1;
        self.wake(now, Event::NodeAdded(key), None);
        key
    }

    /// A node is like that from now on.
    pub fn node_changed(&mut self, now: Instant, key: NodeKey, node: &Node) {
        let cluster = &mut self.cluster;
        let seat = &mut cluster.seats[key.slot()];
        if seat.node == *node || !seat.exists {
            return;
        }
        let old = Seat {
            load: Load::default(),
            pods: Vec::new(),
            ..seat.clone()
        };
        seat.renew(node, &mut cluster.names, &cluster.facts);
        cluster.topology.place(key.slot(), &node.labels);
        cluster.images.remove(&old.node);
        cluster.images.add(node);
        cluster.list.relabel(key, &old.node, node);
        self.changes += 1;
        self.wake(now, Event::NodeChanged(key, &old), None);
    }

    /// A node is gone. Pods on it stay until they are gone themselves.
    pub fn node_removed(&mut self, now: Instant, key: NodeKey) {
        self.changes += 1;
        self.wake(now, Event::NodeRemoved(key), None);
        let cluster = &mut self.cluster;
        let seat = &mut cluster.seats[key.slot()];
        seat.exists = false;
        cluster.images.remove(&seat.node);
        cluster.list.remove(key);
    }

    /// A pod without a node; with scheduling gates it waits for them to be removed (S3). Of pods
    /// that come at one instant the lower order goes first.
    pub fn pod_added(&mut self, now: Instant, kind: KindId, order: u64, gated: bool) -> PodKey {
        let entry = Entry {
            kind,
            place: Place::Nowhere,
            node: NodeKey::NONE,
            at: 0,
            since: now,
            order,
            rejections: 0,
            errors: 0,
            plugins: Plugins::NONE,
            nominated: NodeKey::NONE,
            started: None,
            terminating: false,
            preempted: false,
            told: None,
            attempts: 0,
        };
        let key = self.free.pop().unwrap_or_else(|| {
            self.pods.push(entry.clone());
            PodKey(u32::try_from(self.pods.len() - 1).unwrap_or(u32::MAX))
        });
        self.pods[key.slot()] = entry;
        self.put(key, if gated { Place::Gated } else { Place::Active });
        key
    }

    /// The last scheduling gate of a pod is removed.
    pub fn pod_ungated(&mut self, pod: PodKey) {
        if self.pods[pod.slot()].place == Place::Gated {
            self.put(pod, Place::Active);
        }
    }

    /// A pod is of another kind from now on: its labels were changed.
    pub fn pod_relabelled(&mut self, now: Instant, pod: PodKey, kind: KindId) {
        self.changes += 1;
        let entry = &self.pods[pod.slot()];
        let (old, node, place) = (entry.kind, entry.node, entry.place);
        if let Some(node) = node.some() {
            let staying = !entry.terminating;
            let cluster = &mut self.cluster;
            let load = &mut cluster.seats[node.slot()].load;
            load.take(old, &cluster.kinds[old.slot()], staying);
            load.add(kind, &cluster.kinds[kind.slot()], staying);
            self.pods[pod.slot()].kind = kind;
            self.touch(pod);
            self.wake(now, Event::PodRelabelled(old, kind), None);
            return;
        }
        let plugins = entry.plugins;
        self.put(pod, Place::Nowhere);
        self.pods[pod.slot()].kind = kind;
        let kinds = &self.cluster.kinds;
        let (old, new) = (&kinds[old.slot()], &kinds[kind.slot()]);
        if place == Place::Asleep && own_labels_wake(plugins, old, new, &self.cluster) {
            self.stir(now, pod);
        } else {
            self.put(pod, place);
        }
    }

    /// The API server has written that a pod is bound: to the node that it was given by an
    /// attempt, or by somebody else.
    pub fn pod_bound(&mut self, now: Instant, pod: PodKey, node: NodeKey) {
        if self.pods[pod.slot()].node != node {
            self.put(pod, Place::Nowhere);
            self.nominate(pod, NodeKey::NONE);
            self.seat(pod, node);
        }
        self.touch(pod);
        self.wake(now, Event::PodAdded(self.pods[pod.slot()].kind), None);
    }

    /// A binding was refused: the pod is tried again later (S37).
    pub fn bind_refused(&mut self, now: Instant, pod: PodKey) {
        self.unseat(pod);
        self.wake(now, Event::PodDeleted(self.pods[pod.slot()].kind), None);
        self.rest_after_error(now, pod);
    }

    /// The kubelet has taken a pod up.
    pub fn pod_started(&mut self, pod: PodKey, at: WireTime) {
        self.pods[pod.slot()].started = Some(at);
        self.touch(pod);
    }

    /// Something was written about a pod that has a node (S36).
    pub fn pod_written(&mut self, pod: PodKey) {
        self.touch(pod);
    }

    /// A pod is marked as the target of a scheduler's preemption.
    pub fn pod_preempted(&mut self, pod: PodKey) {
        self.pods[pod.slot()].preempted = true;
        self.changes += 1;
        self.touch(pod);
    }

    /// A pod is asked to terminate.
    pub fn pod_deleting(&mut self, pod: PodKey) {
        self.changes += 1;
        let entry = &mut self.pods[pod.slot()];
        if std::mem::replace(&mut entry.terminating, true) {
            return;
        }
        let (kind, node) = (entry.kind, entry.node);
        if let Some(node) = node.some() {
            self.cluster.seats[node.slot()].load.leaves(kind);
            self.touch(pod);
        }
    }

    /// A pod is gone, or it has ended, which is the same to a scheduler.
    pub fn pod_gone(&mut self, now: Instant, pod: PodKey) {
        let entry = &self.pods[pod.slot()];
        let (kind, nominated) = (entry.kind, entry.nominated.some());
        if entry.node.some().is_some() {
            self.unseat(pod);
            self.wake(now, Event::PodDeleted(kind), None);
        } else {
            self.put(pod, Place::Nowhere);
            self.nominate(pod, NodeKey::NONE);
            if nominated.is_some() && self.cluster.facts.nominations_wake {
                let most = self.kind(kind).priority;
                self.wake(now, Event::PodDeleted(kind), Some(most));
            }
        }
        if self.held == Some(pod) {
            self.held = None;
        }
        self.free.push(pod);
    }

    /// All victims of the last preemption but one were asked to go: the pod that they make room
    /// for can be woken from now on.
    pub fn victims_asked(&mut self) {
        self.held = None;
    }
}
