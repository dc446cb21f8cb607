//! The taints that say why a node is not to be used (P72).

use crate::api::ApiServer;
use crate::model::{Effect, NodeId, NodeReady, Taint};

/// The node's kubelet says that it is not ready.
pub(super) const NOT_READY: &str = "node.kubernetes.io/not-ready";
/// The node's kubelet is not heard.
pub(super) const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
/// The node is cordoned.
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// Puts the taints `NoSchedule` on a node that go with its conditions, and takes the others off.
pub(super) fn follow_conditions(api: &mut ApiServer, id: NodeId) {
    // A node that is gone needs none.
    let _ = api.patch_node(id, |node| {
        let wanted = [
            (NOT_READY, matches!(node.ready, NodeReady::False(_))),
            (UNREACHABLE, matches!(node.ready, NodeReady::Unknown(_))),
            (UNSCHEDULABLE, node.unschedulable),
        ];
        for (key, wanted) in wanted {
            if wanted {
                put_on(&mut node.taints, key, Effect::NoSchedule);
            } else {
                take_off(&mut node.taints, key, Effect::NoSchedule);
            }
        }
    });
}

/// Whether the node has that taint with the effect `NoExecute`.
pub(super) fn evicts(api: &ApiServer, id: NodeId, key: &str) -> bool {
    let is_it = |taint: &Taint| taint.key == key && taint.effect == Effect::NoExecute;
    api.node(id).is_some_and(|it| it.taints.iter().any(is_it))
}

/// The taint that evicts the pods of a node in that state, and the one of the other state;
/// `None` for a node that is ready.
pub(super) const fn of_state(ready: NodeReady) -> Option<(&'static str, &'static str)> {
    match ready {
        NodeReady::True(_) => None,
        NodeReady::False(_) => Some((NOT_READY, UNREACHABLE)),
        NodeReady::Unknown(_) => Some((UNREACHABLE, NOT_READY)),
    }
}

/// Puts the taint of the node's state on it, instead of the one of the other state.
pub(super) fn swap(api: &mut ApiServer, id: NodeId, on: &str, off: &str) {
    // A node that is gone needs none.
    let _ = api.patch_node(id, |node| {
        put_on(&mut node.taints, on, Effect::NoExecute);
        take_off(&mut node.taints, off, Effect::NoExecute);
    });
}

/// Takes both taints off that evict the pods of a node.
pub(super) fn clear(api: &mut ApiServer, id: NodeId) {
    // A node that is gone has none.
    let _ = api.patch_node(id, |node| {
        take_off(&mut node.taints, UNREACHABLE, Effect::NoExecute);
        take_off(&mut node.taints, NOT_READY, Effect::NoExecute);
    });
}

fn put_on(taints: &mut Vec<Taint>, key: &str, effect: Effect) {
    if !taints.iter().any(|it| it.key == key && it.effect == effect) {
        taints.push(Taint {
            key: key.to_owned(),
            value: String::new(),
            effect,
        });
    }
}

fn take_off(taints: &mut Vec<Taint>, key: &str, effect: Effect) {
    taints.retain(|it| it.key != key || it.effect != effect);
}
