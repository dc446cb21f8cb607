//! The pod garbage collector: every 20 s it ends pods that nobody else can end (P78, P79).
//!
//! Pods of nodes that are gone, after a quarantine of 40 s; terminating pods of nodes that are out
//! of service; terminating pods that were never bound; and the oldest finished pods, where there
//! are more than 12,500. A pass that finds nothing of the kind is not planned.

use super::passes::Passes;
use crate::api::{ApiServer, Notice, PodChange, StoredNode};
use crate::base::{Instant, Span};
use crate::model::{Deletion, Disruption, NodeId, Phase, Pod, PodId, PodReason};
use std::collections::{BTreeMap, BTreeSet};

/// From one pass to the next.
pub const PERIOD: Span = Span::from_secs(20);
/// How long a node has to be gone before its pods are ended.
const QUARANTINE: Span = Span::from_secs(40);
/// Finished pods that are kept.
const THRESHOLD: usize = 12_500;
/// The taint that says that a node will not come back by itself.
pub const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";

/// The pod garbage collector.
#[derive(Clone, Debug)]
pub struct PodGc {
    passes: Passes,
    /// The latest write after which there may be something to do.
    changed: Option<Instant>,
    /// The last pass that was made.
    last: Option<Instant>,
    /// When the next pass is, as far as there is something to do.
    due: Option<Instant>,
    gone: BTreeSet<NodeId>,
    out_of_service: BTreeSet<NodeId>,
    /// Pods that were never bound, are asked to terminate and have not ended.
    unbound: BTreeSet<PodId>,
    finished: usize,
    /// Nodes that are gone, and when that has been so for long enough.
    quarantine: BTreeMap<NodeId, Instant>,
}

impl PodGc {
    /// A collector that has just started; one of its passes is `phase` after the origin.
    #[must_use]
    pub const fn new(phase: Span) -> Self {
        Self {
            passes: Passes::every(PERIOD, phase),
            changed: None,
            last: None,
            due: None,
            gone: BTreeSet::new(),
            out_of_service: BTreeSet::new(),
            unbound: BTreeSet::new(),
            finished: 0,
            quarantine: BTreeMap::new(),
        }
    }

    /// Takes in a write, as the watch tells it.
    pub fn observe(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Node(id, _) => self.node_changed(now, api, *id),
            Notice::Pod(change) => self.pod_changed(now, change),
            Notice::Job(..) | Notice::Budget(_) => {}
        }
    }

    fn node_changed(&mut self, now: Instant, api: &ApiServer, id: NodeId) {
        let Some(node) = api.node(id) else { return };
        if node.gone {
            self.gone.insert(id);
            self.out_of_service.remove(&id);
        } else if is_out_of_service(node) {
            self.out_of_service.insert(id);
        } else {
            self.out_of_service.remove(&id);
            return;
        }
        self.changed = Some(now);
    }

    fn pod_changed(&mut self, now: Instant, change: &PodChange) {
        let finished = |pod: &Option<Pod>| pod.is_some_and(|it| it.phase.is_final());
        match (finished(&change.old), finished(&change.new)) {
            (false, true) => self.finished += 1,
            (true, false) => self.finished -= 1,
            (false, false) | (true, true) => {}
        }
        let waits = change
            .new
            .is_some_and(|it| it.is_terminating() && !it.is_bound());
        if waits {
            self.unbound.insert(change.id);
        } else {
            self.unbound.remove(&change.id);
        }
        let node = change.new.and_then(|it| it.node);
        let lost = |it: &NodeId| self.gone.contains(it) || self.out_of_service.contains(it);
        if waits || node.as_ref().is_some_and(lost) || self.finished > THRESHOLD {
            self.changed = Some(now);
        }
    }

    /// The next pass that finds something to do.
    #[must_use]
    pub fn next_pass(&self) -> Option<Instant> {
        let changed = self.changed;
        let look = changed.map(|at| self.passes.that_sees(at, self.last));
        [look, self.due].into_iter().flatten().min()
    }

    /// Makes the pass that is due; whether there was one.
    pub fn pass(&mut self, now: Instant, api: &mut ApiServer) -> bool {
        if self.next_pass().is_none_or(|due| due > now) {
            return false;
        }
        (self.changed, self.due) = (None, None);
        self.last = Some(now);
        self.collect_finished(now, api);
        self.collect_out_of_service(now, api);
        self.collect_orphans(now, api);
        for pod in std::mem::take(&mut self.unbound) {
            end(now, api, pod, None);
        }
        true
    }

    /// Evicted pods first, then the oldest; of equally old ones the one created first, for names
    /// are drawn by chance.
    fn collect_finished(&mut self, now: Instant, api: &mut ApiServer) {
        let Some(excess) = self.finished.checked_sub(THRESHOLD).filter(|it| *it > 0) else {
            return;
        };
        let jobs = api.jobs().flat_map(|(_, job)| job.pods.iter().map(PodId));
        let finished = jobs.filter(|id| api.pod(*id).phase.is_final());
        let mut finished: Vec<_> = finished
            .map(|id| {
                let pod = api.pod(id);
                (pod.reason != Some(PodReason::Evicted), pod.created, id)
            })
            .collect();
        finished.sort_unstable();
        for (_, _, id) in finished.into_iter().take(excess) {
            end(now, api, id, None);
        }
    }

    fn collect_out_of_service(&mut self, now: Instant, api: &mut ApiServer) {
        for node in &self.out_of_service {
            let stored = api.node(*node).filter(|it| !it.ready.is_true());
            let Some(pods) = stored.map(|it| it.pods.clone()) else {
                continue;
            };
            for pod in pods.iter().map(PodId) {
                if api.pod(pod).deletion.is_some() {
                    end(now, api, pod, None);
                }
            }
        }
    }

    fn collect_orphans(&mut self, now: Instant, api: &mut ApiServer) {
        let over = self.quarantine.iter().filter(|(_, until)| **until <= now);
        let over: Vec<NodeId> = over.map(|(node, _)| *node).collect();
        self.quarantine.retain(|_, until| *until > now);
        for node in &self.gone {
            let left = api.node(*node).is_some_and(|it| {
                let mut pods = it.pods.iter().map(PodId);
                pods.any(|pod| !is_ended(api.pod(pod)))
            });
            if left && !over.contains(node) {
                self.quarantine.entry(*node).or_insert(now + QUARANTINE);
            }
        }
        for node in over {
            let pods = api.node(node).map(|it| it.pods.clone());
            for pod in pods.iter().flat_map(|it| it.iter()).map(PodId) {
                end(now, api, pod, Some(Disruption::DeletionByPodGc));
            }
        }
        self.due = self
            .quarantine
            .values()
            .min()
            .map(|at| self.passes.from(*at));
    }
}

fn is_out_of_service(node: &StoredNode) -> bool {
    node.taints.iter().any(|it| it.key == OUT_OF_SERVICE)
}

/// Whether there is nothing left that the collector could do to a pod.
const fn is_ended(pod: &Pod) -> bool {
    pod.phase.is_final() && matches!(pod.deletion, Some(Deletion { grace: 0, .. }))
}

/// Ends a pod: Failed, unless it has ended, and deleted without grace.
fn end(now: Instant, api: &mut ApiServer, id: PodId, by: Option<Disruption>) {
    if !api.pod_exists(id) || is_ended(api.pod(id)) {
        return;
    }
    // The pod exists, so neither write is refused.
    if !api.pod(id).phase.is_final() {
        let _ = api.patch_pod(id, |pod| {
            pod.phase = Phase::Failed;
            pod.disruption = by.or(pod.disruption);
        });
    }
    let _ = api.delete_pod(now, id, Some(0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Job, Release};
    use std::sync::Arc;

    /// P79: of too many finished pods evicted ones go first, then the oldest. Those that a
    /// finalizer holds wait for it.
    #[test]
    fn no_more_than_12500_finished_pods_are_kept() {
        let mut api = ApiServer::new(Release::LATEST);
        let mut gc = PodGc::new(Span::ZERO);
        let job = "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {spec: \
                   {restartPolicy: Never, containers: [{name: m, image: m}]}}}}";
        let job = api.create_job(Instant::ORIGIN, Arc::new(Job::from_yaml(job).unwrap()));
        let total = 12_503;
        for number in 0..total {
            let now = Instant::ORIGIN + Span::from_secs(i64::from(number / 1_000));
            let id = api.create_pod(now, job, None, None, None);
            api.patch_pod(id, |pod| {
                pod.phase = Phase::Failed;
                pod.finalizer = number == 1;
                pod.reason = (number == 7_777).then_some(PodReason::Evicted);
            })
            .unwrap();
        }
        let mut notices = Vec::new();
        api.take_notices(&mut notices);
        let now = Instant::ORIGIN + Span::from_secs(13);
        for notice in &notices {
            gc.observe(now, &api, notice);
        }
        let pass = Instant::ORIGIN + PERIOD;
        assert_eq!(gc.next_pass(), Some(pass));
        assert!(gc.pass(pass, &mut api));
        let gone = (0..total).filter(|id| !api.pod_exists(PodId(*id)));
        assert_eq!(gone.collect::<Vec<_>>(), [0, 7_777]);
        assert!(api.pod(PodId(1)).deletion.is_some());
        assert_eq!(gc.next_pass(), None);
    }
}
