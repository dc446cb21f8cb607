//! Nodes as the API server keeps them, with their leases, and what is bound to them.

use super::{ApiServer, Notice, Refusal};
use crate::base::{IndexSet, Instant, Span, WireTime};
use crate::model::{Lease, Node, NodeId, NodeReady, Pod, PodId, Taint};
use std::sync::Arc;

/// A node as the API server keeps it.
#[derive(Clone, Debug)]
pub struct StoredNode {
    /// As it joined: name, labels, allocatable.
    pub node: Arc<Node>,
    /// `spec.taints`
    pub taints: Vec<Taint>,
    /// `spec.unschedulable`
    pub unschedulable: bool,
    /// The condition `Ready`.
    pub ready: NodeReady,
    /// Its lease.
    pub lease: Lease,
    /// `metadata.creationTimestamp`
    pub created: WireTime,
    /// Whether the object has been removed.
    pub gone: bool,
    /// The pods bound to it that exist, ended or not.
    pub pods: IndexSet,
}

/// What happened to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeChange {
    /// It joined.
    Added,
    /// Its spec, taints or status were written.
    Written,
    /// Its object was removed.
    Gone,
}

impl ApiServer {
    /// Creates a node, Ready, with a lease.
    pub fn create_node(&mut self, now: Instant, node: Arc<Node>) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let (taints, unschedulable) = (node.taints.clone(), node.unschedulable);
        self.node_names.entry(node.name.clone()).or_insert(id);
        self.nodes.push(StoredNode {
            lease: Lease {
                first: now + node.heartbeat,
                heard_since: now,
                silent_since: None,
            },
            node,
            taints,
            unschedulable,
            ready: NodeReady::True(now.wire()),
            created: now.wire(),
            gone: false,
            pods: IndexSet::new(),
        });
        self.notices.push(Notice::Node(id, NodeChange::Added));
        id
    }

    /// Changes a node. A write that changes nothing is no write.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the node is gone.
    pub fn patch_node(
        &mut self,
        id: NodeId,
        change: impl FnOnce(&mut StoredNode),
    ) -> Result<(), Refusal> {
        let stored = self.nodes.get_mut(id.slot()).filter(|it| !it.gone);
        let stored = stored.ok_or(Refusal::NotFound)?;
        let (taints, node) = (stored.taints.clone(), Arc::clone(&stored.node));
        let before = (stored.unschedulable, stored.ready, stored.lease);
        change(stored);
        let changed = before != (stored.unschedulable, stored.ready, stored.lease);
        if changed || taints != stored.taints || !Arc::ptr_eq(&node, &stored.node) {
            self.notices.push(Notice::Node(id, NodeChange::Written));
        }
        Ok(())
    }

    /// Deletes a node's object and its lease. Its pods stay bound to it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the node is gone.
    pub fn delete_node(&mut self, id: NodeId) -> Result<(), Refusal> {
        let stored = self.nodes.get_mut(id.slot()).filter(|it| !it.gone);
        let stored = stored.ok_or(Refusal::NotFound)?;
        stored.gone = true;
        self.node_names.remove(&stored.node.name);
        self.notices.push(Notice::Node(id, NodeChange::Gone));
        Ok(())
    }

    /// The node of that number, also after its removal.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&StoredNode> {
        self.nodes.get(id.slot())
    }

    /// Every node ever created, in order.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &StoredNode)> {
        (0u32..).map(NodeId).zip(&self.nodes)
    }

    /// The node of that name that exists.
    #[must_use]
    pub fn node_named(&self, name: &str) -> Option<NodeId> {
        self.node_names.get(name).copied()
    }

    /// Binds a pod to a node (P1).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the pod is gone, [`Refusal::Stale`] if it is bound already, asked
    /// to terminate, or held back by scheduling gates.
    pub fn bind_pod(&mut self, id: PodId, node: NodeId) -> Result<(), Refusal> {
        if !self.pod_exists(id) {
            return Err(Refusal::NotFound);
        }
        let pod = self.pod(id);
        if pod.is_bound() || pod.deletion.is_some() || self.is_gated(pod) {
            return Err(Refusal::Stale);
        }
        if let Some(stored) = self.nodes.get_mut(node.slot()) {
            stored.pods.insert(id.0);
        }
        let ends = self.behavior.binding_ends_nomination;
        self.patch_pod(id, |pod| {
            pod.node = Some(node);
            if ends {
                pod.nominated = None;
            }
            pod.unschedulable = false;
        })
    }

    /// Whether the pod waits for somebody to lift its scheduling gates.
    #[must_use]
    pub fn is_gated(&self, pod: &Pod) -> bool {
        let template = &self.job(pod.job).job.spec.template;
        !template.scheduling_gates.is_empty()
    }

    /// A pod that was bound is no longer there.
    pub(super) fn leave_node(&mut self, id: PodId, pod: &Pod) {
        let stored = pod.node.and_then(|node| self.nodes.get_mut(node.slot()));
        if let Some(stored) = stored {
            stored.pods.remove(id.0);
        }
    }

    /// How much time passed since the node's kubelet was last heard.
    #[must_use]
    pub fn silence(&self, now: Instant, id: NodeId) -> Span {
        self.node(id)
            .map_or(Span::ZERO, |it| now.since(it.lease.renewed(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Job, Phase, Release};

    #[test]
    fn p1_a_bind_is_one_write_and_refused_where_it_comes_too_late_or_too_early() {
        for (state, gates, want) in [
            ("new", "", Ok(())),
            ("bound", "", Err(Refusal::Stale)),
            ("terminating", "", Err(Refusal::Stale)),
            ("gone", "", Err(Refusal::NotFound)),
            (
                "new",
                "schedulingGates: [{name: example.com/quota}], ",
                Err(Refusal::Stale),
            ),
        ] {
            let mut api = ApiServer::new(Release::LATEST);
            let job = format!(
                "{{apiVersion: batch/v1, kind: Job, metadata: {{name: a}}, spec: {{template: \
                 {{spec: {{restartPolicy: Never, {gates}containers: [{{name: m, image: m}}]}}}}}}}}"
            );
            let job = Arc::new(Job::from_yaml(&job).unwrap());
            let job = api.create_job(Instant::ORIGIN, job);
            let node = api.create_node(Instant::ORIGIN, Arc::new(Node::named("n")));
            let id = api.create_pod(Instant::ORIGIN, job, None, None, None);
            assert_eq!(api.pod(id).phase, Phase::Pending);
            api.patch_pod(id, |pod| {
                pod.finalizer = state != "gone";
                pod.unschedulable = true;
            })
            .unwrap();
            match state {
                "bound" => api.bind_pod(id, node).unwrap(),
                "terminating" | "gone" => api.delete_pod(Instant::ORIGIN, id, None).unwrap(),
                _ => {}
            }
            assert_eq!(api.bind_pod(id, node), want, "{state} {gates}");
            if want.is_ok() {
                let pod = api.pod(id);
                assert_eq!((pod.node, pod.unschedulable), (Some(node), false));
            }
        }
    }
}
