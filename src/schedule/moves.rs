//! Moves of pods between queues and nodes.

use super::filter::Overview;
use super::hints::{Event, wakes};
use super::kind::KindId;
use super::nodes::NodeKey;
use super::queue::{Place, Turn, Waiting};
use super::reason::Plugins;
use super::scheduler::{PodKey, Scheduler};
use crate::base::Instant;
use std::cmp::Reverse;

impl Scheduler {
    /// Puts a pod into a queue, out of the one where it is.
    pub(super) fn put(&mut self, pod: PodKey, place: Place) {
        let mut it = self.waiting_entry(pod);
        self.queue.remove(&it);
        it.place = place;
        self.queue.put(&it);
        self.pods[pod.slot()].place = place;
    }

    fn waiting_entry(&self, pod: PodKey) -> Waiting {
        let entry = &self.pods[pod.slot()];
        Waiting {
            place: entry.place,
            turn: Turn {
                priority: Reverse(self.kind(entry.kind).priority),
                since: entry.since,
                order: entry.order,
                pod,
            },
            plugins: entry.plugins,
            kind: entry.kind,
        }
    }

    /// Moves every sleeping pod that the event may help, up to a priority.
    pub(super) fn wake(&mut self, now: Instant, event: Event<'_>, most: Option<i32>) {
        let helped = |(by, kind): &(Plugins, KindId)| {
            let pod = &self.cluster.kinds[kind.slot()];
            most.is_none_or(|most| pod.told.priority <= most)
                && wakes(event, *by, pod, &self.cluster)
        };
        let groups: Vec<_> = self.queue.groups().filter(helped).collect();
        for group in groups {
            let pods: Vec<PodKey> = self.queue.group(group).collect();
            for pod in pods {
                if self.held != Some(pod) {
                    self.stir(now, pod);
                }
            }
        }
    }

    /// A pod wakes: it is to be tried, after its back-off.
    pub(super) fn stir(&mut self, now: Instant, pod: PodKey) {
        let entry = &self.pods[pod.slot()];
        let times = if entry.errors > 0 && self.cluster.facts.errors_apart {
            entry.errors
        } else {
            entry.rejections
        };
        let until = self.queue.expiry(entry.since, times);
        let place = if times > 0 && self.queue.rests(until, now) {
            Place::Backoff(until)
        } else {
            Place::Active
        };
        self.put(pod, place);
    }

    /// A pod could not be tried, or its attempt came to nothing, through nobody's fault.
    pub(super) fn rest_after_error(&mut self, now: Instant, pod: PodKey) {
        let apart = self.cluster.facts.errors_apart;
        let entry = &mut self.pods[pod.slot()];
        entry.since = now;
        entry.plugins = Plugins::NONE;
        let times = if apart {
            entry.errors += 1;
            entry.errors
        } else {
            entry.rejections += 1;
            entry.rejections
        };
        let until = self.queue.expiry(now, times);
        self.put(pod, Place::Error(until));
    }

    /// Nominates a pod for a node, or for none.
    pub(super) fn nominate(&mut self, pod: PodKey, node: NodeKey) {
        let old = std::mem::replace(&mut self.pods[pod.slot()].nominated, node);
        if old == node {
            return;
        }
        self.changes += 1;
        if let Some(old) = old.some() {
            self.cluster.seats[old.slot()]
                .nominated
                .retain(|it| *it != pod);
        }
        if let Some(new) = node.some() {
            self.cluster.seats[new.slot()].nominated.push(pod);
        }
    }

    /// A pod is on a node from now on.
    pub(super) fn seat(&mut self, pod: PodKey, node: NodeKey) {
        self.changes += 1;
        let cluster = &mut self.cluster;
        let entry = &mut self.pods[pod.slot()];
        let seat = &mut cluster.seats[node.slot()];
        entry.node = node;
        entry.at = u32::try_from(seat.pods.len()).unwrap_or(u32::MAX);
        seat.pods.push(pod);
        let kind = &cluster.kinds[entry.kind.slot()];
        seat.load.add(entry.kind, kind, !entry.terminating);
    }

    /// A pod is not on its node any more: the last one there takes its place (S36).
    pub(super) fn unseat(&mut self, pod: PodKey) {
        self.changes += 1;
        let entry = &mut self.pods[pod.slot()];
        let (kind, node, at) = (entry.kind, entry.node, entry.at as usize);
        let staying = !entry.terminating;
        entry.node = NodeKey::NONE;
        let cluster = &mut self.cluster;
        let seat = &mut cluster.seats[node.slot()];
        seat.load.take(kind, &cluster.kinds[kind.slot()], staying);
        seat.pods.swap_remove(at);
        if let Some(moved) = seat.pods.get(at) {
            self.pods[moved.slot()].at = u32::try_from(at).unwrap_or(u32::MAX);
        }
    }

    /// A pod that is written about becomes the last on its node (S36).
    pub(super) fn touch(&mut self, pod: PodKey) {
        let entry = &self.pods[pod.slot()];
        let (node, at) = (entry.node, entry.at as usize);
        let Some(node) = node.some() else { return };
        let pods = &mut self.cluster.seats[node.slot()].pods;
        let last = pods.len() - 1;
        if at == last {
            return;
        }
        pods.swap(at, last);
        let moved = pods[at];
        self.pods[moved.slot()].at = u32::try_from(at).unwrap_or(u32::MAX);
        self.pods[pod.slot()].at = u32::try_from(last).unwrap_or(u32::MAX);
    }

    /// What a cycle has to know of all nodes together.
    pub(super) fn overview(&self, kind: KindId) -> Overview {
        Overview::of(&self.cluster.kinds[kind.slot()], &self.cluster)
    }
}
