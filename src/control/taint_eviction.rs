//! The taint eviction controller: pods that do not bear a `NoExecute` taint of their node are
//! deleted, those that bear it for a while after that while (P74, P75).
//!
//! The time counts from the instant at which the controller sees the taint. It is forgotten when
//! the last `NoExecute` taint goes, and kept when one taint takes the place of another.

use crate::api::{ApiServer, Notice, PodChange};
use crate::base::{Instant, Span};
use crate::model::{Disruption, Effect, NodeId, PodId, Taint, Toleration, TolerationOperator};
use std::collections::BTreeMap;

/// How long pods that do not say anything about it stay on a node that is not ready (P75).
pub const DEFAULT_SECONDS: u64 = 300;

const DEFAULT_KEYS: [&str; 2] = [
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
];

/// The tolerations that pods with these have after admission: two more, for nodes that are not
/// ready or not reachable, unless there are such already (P75).
#[must_use]
pub fn admitted(own: &[Toleration]) -> Vec<Toleration> {
    let mut all = own.to_vec();
    for key in DEFAULT_KEYS {
        let covers = |it: &Toleration| {
            (it.key == key || it.key.is_empty())
                && it.effect.is_none_or(|effect| effect == Effect::NoExecute)
        };
        if !own.iter().any(covers) {
            all.push(Toleration {
                key: key.to_owned(),
                operator: TolerationOperator::Exists,
                value: String::new(),
                effect: Some(Effect::NoExecute),
                seconds: Some(DEFAULT_SECONDS),
            });
        }
    }
    all
}

/// How long a pod stays on a node with certain taints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    /// There is a taint that it does not bear at all.
    No,
    /// So long.
    For(Span),
    /// For ever.
    Always,
}

impl Stay {
    /// Of the tolerations that match a taint only the first counts.
    fn on(taints: &[Taint], tolerations: &[Toleration]) -> Self {
        let mut least: Option<u64> = None;
        for taint in taints {
            let Some(used) = tolerations.iter().find(|it| it.tolerates(taint)) else {
                return Self::No;
            };
            if let Some(seconds) = used.seconds {
                least = Some(least.map_or(seconds, |it| it.min(seconds)));
            }
        }
        let seconds = least.map(|it| i64::try_from(it).unwrap_or(i64::MAX));
        seconds.map_or(Self::Always, |it| Self::For(Span::from_secs(it)))
    }
}

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
            for pod in pods.iter() {
                self.timers.remove(&PodId(pod));
            }
            return;
        }
        self.tainted.insert(id, taints);
        for pod in pods.iter() {
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
        match Stay::on(taints, &admitted(own)) {
            Stay::No => {
                self.timers.remove(&id);
                evict(now, api, id);
            }
            Stay::Always => {
                self.timers.remove(&id);
            }
            Stay::For(_) if self.timers.get(&id).is_some_and(|it| it.since < now) => {}
            Stay::For(span) if span <= Span::ZERO => {
                self.timers.remove(&id);
                evict(now, api, id);
            }
            Stay::For(span) => {
                let due = now + span;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn taint(key: &str) -> Taint {
        Taint {
            key: key.to_owned(),
            value: String::new(),
            effect: Effect::NoExecute,
        }
    }

    fn toleration(text: &str) -> Toleration {
        let (key, seconds) = text.split_once('=').unwrap_or((text, ""));
        Toleration {
            key: key.to_owned(),
            operator: TolerationOperator::Exists,
            seconds: seconds.parse().ok(),
            ..Toleration::default()
        }
    }

    /// P74, P75.
    #[test]
    fn a_pod_stays_as_long_as_it_bears_every_taint() {
        const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
        let (no, always) = (Stay::No, Stay::Always);
        let secs = |n| Stay::For(Span::from_secs(n));
        for (taints, tolerations, stay) in [
            (&["work"][..], &[][..], no),
            (&["work"], &["work"], always),
            (&["work"], &["work=7"], secs(7)),
            (&["work"], &[""], always),
            (&["work", "other"], &["work=7"], no),
            (&["work", "other"], &["work=7", "other=3"], secs(3)),
            (&["work", "other"], &["work=7", "other"], secs(7)),
            (&["work"], &["work=0"], secs(0)),
            // Of two that match the first counts.
            (&["work"], &["work=7", "work=3"], secs(7)),
            (&[UNREACHABLE], &[], secs(300)),
            (
                &[UNREACHABLE],
                &["node.kubernetes.io/not-ready=5"],
                secs(300),
            ),
            (
                &[UNREACHABLE],
                &["node.kubernetes.io/unreachable=5"],
                secs(5),
            ),
            (&[UNREACHABLE], &[""], always),
        ] {
            let taints: Vec<Taint> = taints.iter().map(|it| taint(it)).collect();
            let own: Vec<Toleration> = tolerations.iter().map(|it| toleration(it)).collect();
            assert_eq!(
                Stay::on(&taints, &admitted(&own)),
                stay,
                "{taints:?} {tolerations:?}"
            );
        }
    }
}
