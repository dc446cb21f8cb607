//! The taint eviction controller: pods that do not bear a `NoExecute` taint of their node are
//! deleted, those that bear it for a while after that while (P74, P75).
//!
//! The time counts from the instant at which the controller sees the taint. It is forgotten when
//! the last `NoExecute` taint goes, and kept when one taint takes the place of another.

use crate::api::{ApiServer, Notice, PodChange};
use crate::base::{Instant, Span};
use crate::model::toleration::{Stay, admitted, stay};
use crate::model::{Disruption, Effect, NodeId, PodId, Taint};
use std::collections::BTreeMap;

/// A deletion to come.
#[derive(Clone, Copy, Debug)]
struct Timer {
    since: Instant,
    due: Instant,
}

/// Something to look at.
#[derive(Clone, Copy, Debug)]
enum Item {
    Node(NodeId),
    Pod(PodId),
}

/// The taint eviction controller.
#[derive(Clone, Debug, Default)]
pub struct TaintEviction {
    /// The `NoExecute` taints of nodes that have some, as seen last.
    tainted: BTreeMap<NodeId, Vec<Taint>>,
    timers: BTreeMap<PodId, Timer>,
    queue: Vec<Item>,
    queued_at: Option<Instant>,
}

impl TaintEviction {
    /// Takes in a write, as the watch tells it.
    pub fn observe(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Node(id, _) => {
                let known = self.tainted.get(id).map_or(&[][..], Vec::as_slice);
                if evicting(api, *id).ne(known) {
                    self.queue.push(Item::Node(*id));
                    self.queued_at = Some(now);
                }
            }
            Notice::Pod(PodChange { id, new: None, .. }) => {
                self.timers.remove(id);
            }
            Notice::Pod(PodChange {
                id,
                old,
                new: Some(new),
            }) => {
                let bound = old.is_none_or(|old| old.node != new.node) && new.is_bound();
                if bound && new.node.is_some_and(|it| self.tainted.contains_key(&it)) {
                    self.queue.push(Item::Pod(*id));
                    self.queued_at = Some(now);
                }
            }
            Notice::Job(..) | Notice::Budget(_) => {}
        }
    }

    /// When the controller next has something to do by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let timer = self.timers.values().map(|it| it.due).min();
        [self.queued_at, timer].into_iter().flatten().min()
    }

    /// Lets time pass, and does what is due; whether there was anything.
    pub fn advance(&mut self, now: Instant, api: &mut ApiServer) -> bool {
        self.queued_at = None;
        let mut any = !self.queue.is_empty();
        for item in std::mem::take(&mut self.queue) {
            match item {
                Item::Node(node) => self.look_at_node(now, api, node),
                Item::Pod(pod) => self.look_at_pod(now, api, pod),
            }
        }
        let due = self.timers.iter().filter(|(_, it)| it.due <= now);
        let due: Vec<PodId> = due.map(|(pod, _)| *pod).collect();
        for pod in due {
            self.timers.remove(&pod);
            evict(now, api, pod);
            any = true;
        }
        any
    }

    fn look_at_node(&mut self, now: Instant, api: &mut ApiServer, id: NodeId) {
        let Some(node) = api.node(id).filter(|it| !it.gone) else {
            // The timers of its pods go on.
            self.tainted.remove(&id);
            return;
        };
        let pods = node.pods.clone();
        let taints: Vec<Taint> = evicting(api, id).cloned().collect();
        if taints.is_empty() {
            self.tainted.remove(&id);
            for pod in &pods {
                self.timers.remove(&PodId(pod));
            }
            return;
        }
        self.tainted.insert(id, taints);
        for pod in &pods {
            self.look_at_pod(now, api, PodId(pod));
        }
    }

    fn look_at_pod(&mut self, now: Instant, api: &mut ApiServer, id: PodId) {
        let pod = *api.pod(id);
        let taints = pod.node.and_then(|node| self.tainted.get(&node));
        let Some(taints) = taints.filter(|_| api.pod_exists(id)) else {
            return;
        };
        let own = &api.job(pod.job).job.spec.template.tolerations;
        let own = admitted(own.clone());
        let borne = (taints.iter()).all(|taint| own.iter().any(|it| it.tolerates(taint)));
        // A time that runs already goes on, even if it would be another one now.
        let running = self.timers.get(&id).is_some_and(|it| it.since < now);
        match stay(&own, taints) {
            Stay::Forever => {
                self.timers.remove(&id);
            }
            Stay::Seconds(_) if borne && running => {}
            Stay::Seconds(0) => {
                self.timers.remove(&id);
                evict(now, api, id);
            }
            Stay::Seconds(seconds) => {
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                let due = now + Span::from_secs(seconds);
                self.timers.insert(id, Timer { since: now, due });
            }
        }
    }
}

/// The `NoExecute` taints of a node that exists.
fn evicting(api: &ApiServer, id: NodeId) -> impl Iterator<Item = &Taint> {
    let node = api.node(id).filter(|it| !it.gone);
    let taints = node.map_or(&[][..], |it| it.taints.as_slice());
    taints.iter().filter(|it| it.effect == Effect::NoExecute)
}

fn evict(now: Instant, api: &mut ApiServer, pod: PodId) {
    // A pod that is gone needs no deletion.
    let _ = api.delete_disrupted(now, pod, Disruption::DeletionByTaintManager);
}
