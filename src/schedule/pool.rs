//! A pool that makes nodes when pods find none: a cluster autoscaler at its simplest.

use super::room::{Room, unwilling};
use crate::api::StoredNode;
use crate::base::{IndexSet, Instant, Law, WireTime};
use crate::model::{Lease, Node, NodeReady, PodTemplate};
use std::sync::Arc;

/// Nodes that can be made.
#[derive(Clone, Debug)]
pub struct Pool {
    /// What they look like, and what their names begin with: `NAME-1`, `NAME-2` ….
    pub node: Node,
    /// The most nodes of the pool.
    pub most: u32,
    /// From the need to the node's joining the cluster (P120).
    pub delay: Law,
}

impl Pool {
    /// How many nodes have to be begun for the pods that wait, if so many are under way and so
    /// many have been made already. Pods that the pool's nodes would not take do not count.
    #[must_use]
    pub fn missing<'a>(
        &self,
        waiting: impl Iterator<Item = &'a PodTemplate>,
        under_way: u32,
        made: u32,
    ) -> u32 {
        let example = self.example();
        let mut rooms = vec![Room::default(); under_way as usize];
        for template in waiting {
            let asked = template.effective_requests();
            let fits = |room: &Room| room.lacking(&example, &asked).next().is_none();
            if unwilling(&example, template).is_some() || !fits(&Room::default()) {
                continue;
            }
            let at = rooms.iter().position(fits).unwrap_or(rooms.len());
            if at == rooms.len() {
                if made as usize + at >= self.most as usize {
                    break;
                }
                rooms.push(Room::default());
            }
            rooms[at].take(&asked);
        }
        u32::try_from(rooms.len()).unwrap_or(u32::MAX) - under_way
    }

    /// The pool's node of that number, from 1.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Node {
        let name = format!("{}-{number}", self.node.name);
        let mut node = self.node.clone();
        node.labels.insert(Node::HOSTNAME.to_owned(), name.clone());
        Node { name, ..node }
    }

    fn example(&self) -> StoredNode {
        StoredNode {
            node: Arc::new(self.node.clone()),
            taints: self.node.taints.clone(),
            unschedulable: false,
            ready: NodeReady::True(WireTime::default()),
            lease: Lease {
                first: Instant::ORIGIN,
                heard_since: Instant::ORIGIN,
                silent_since: None,
            },
            created: WireTime::default(),
            gone: false,
            pods: IndexSet::new(),
        }
    }
}
