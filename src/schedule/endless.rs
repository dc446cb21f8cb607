//! A cluster that always has another node: each pod gets one of its own, `node-1`, `node-2` ….

use crate::api::{ApiServer, StoredNode};
use crate::base::{Instant, Span};
use crate::model::{Node, NodeId, PodId};
use std::sync::Arc;

/// The supply of nodes. A node whose pod has ended takes the next one; the one of the lowest
/// number goes first.
#[derive(Clone, Debug)]
pub struct Endless {
    /// What new nodes look like, but for their names.
    pattern: Node,
    made: u32,
}

impl Endless {
    /// Nodes like that one, named after it: `NAME-1`, `NAME-2` ….
    #[must_use]
    pub const fn like(pattern: Node) -> Self {
        Self { pattern, made: 0 }
    }

    /// Forgets the nodes made so far.
    pub fn clear(&mut self) {
        self.made = 0;
    }

    /// A node for the pod: a free one, or a new one.
    pub fn node_for(&mut self, now: Instant, api: &mut ApiServer, pod: PodId) -> NodeId {
        debug_assert!(!api.pod(pod).is_bound());
        let free = api.nodes().find(|(_, node)| is_free(api, node));
        match free {
            Some((id, _)) => id,
            None => self.make(now, api),
        }
    }

    fn make(&mut self, now: Instant, api: &mut ApiServer) -> NodeId {
        self.made += 1;
        let mut node = Node::named(format!("{}-{}", self.pattern.name, self.made));
        let labels = self.pattern.labels.iter();
        let labels = labels.filter(|(key, _)| key.as_str() != Node::HOSTNAME);
        node.labels
            .extend(labels.map(|(key, value)| (key.clone(), value.clone())));
        node.allocatable = self.pattern.allocatable.clone();
        // Leases of different nodes are not renewed at the same instants.
        node.heartbeat = Span::from_millis(i64::from(self.made * 700 % 10_000));
        api.create_node(now, Arc::new(node))
    }
}

fn is_free(api: &ApiServer, node: &StoredNode) -> bool {
    let open = !node.gone && !node.unschedulable && node.taints.is_empty();
    let busy = |pod: u32| !api.pod(PodId(pod)).phase.is_final();
    open && node.ready.is_true() && !node.pods.iter().any(busy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Job, Phase, Release};

    #[test]
    fn a_node_is_used_again_when_its_pod_has_ended() {
        let mut api = ApiServer::new(Release::LATEST);
        let job = Job::from_yaml(
            "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {spec: \
             {restartPolicy: Never, containers: [{name: m, image: m}]}}}}",
        );
        let job = api.create_job(Instant::ORIGIN, Arc::new(job.unwrap()));
        let mut nodes = Endless::like(Node::named("node"));
        let mut next = |api: &mut ApiServer| {
            let pod = api.create_pod(Instant::ORIGIN, job, None, None, None);
            let node = nodes.node_for(Instant::ORIGIN, api, pod);
            api.bind_pod(pod, node).unwrap();
            (pod, api.node(node).unwrap().node.name.clone())
        };
        let first = next(&mut api);
        assert_eq!(
            (first.1.as_str(), next(&mut api).1.as_str()),
            ("node-1", "node-2")
        );
        api.patch_pod(first.0, |pod| pod.phase = Phase::Failed)
            .unwrap();
        assert_eq!(next(&mut api).1, "node-1");
        assert_eq!(next(&mut api).1, "node-3");
    }
}
