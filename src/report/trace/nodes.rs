//! What happens to nodes, found by comparing them with how they were.

use super::{Trace, What};
use crate::api::{ApiServer, NodeChange};
use crate::base::Instant;
use crate::model::{JobId, NodeId, NodeReady, RuleId, Taint};
use crate::report::news::NodeNews;
use std::sync::Arc;

/// A node as it was when it was last looked at.
#[derive(Clone, Debug)]
pub(super) struct Glimpse {
    ready: NodeReady,
    unschedulable: bool,
    taints: Vec<Taint>,
}

impl Trace {
    pub(super) fn node_changed(
        &mut self,
        now: Instant,
        api: &ApiServer,
        id: NodeId,
        change: NodeChange,
    ) {
        let Some(stored) = api.node(id) else { return };
        let mut tell = |news: NodeNews, rule| {
            self.push(now, JobId::default(), What::Node(id, news), rule);
        };
        match change {
            NodeChange::Added => {
                // Those that are there from the beginning are no news.
                if now > Instant::ORIGIN {
                    tell(NodeNews::Joined, None);
                }
            }
            NodeChange::Gone => tell(NodeNews::Gone, Some(RuleId::OrphanedPods)),
            NodeChange::Written => {}
        }
        let new = Glimpse {
            ready: stored.ready,
            unschedulable: stored.unschedulable,
            taints: stored.taints.clone(),
        };
        let Some(old) = self.nodes.get_mut(id.slot()) else {
            self.nodes.push(new);
            return;
        };
        let old = std::mem::replace(old, new.clone());
        let mut tell = |news: NodeNews, rule| {
            self.push(now, JobId::default(), What::Node(id, news), rule);
        };
        if old.ready.as_str() != new.ready.as_str() {
            let news = NodeNews::Ready(new.ready.as_str());
            tell(news, Some(RuleId::NodeUnreachable));
        }
        if old.unschedulable != new.unschedulable {
            tell(NodeNews::Cordoned(new.unschedulable), None);
        }
        for taint in new.taints.iter().filter(|it| !old.taints.contains(it)) {
            tell(NodeNews::Tainted(text(taint)), Some(RuleId::NodeTaints));
        }
        for taint in old.taints.iter().filter(|it| !new.taints.contains(it)) {
            tell(NodeNews::Untainted(text(taint)), Some(RuleId::NodeTaints));
        }
    }
}

/// `key=value:effect`
fn text(taint: &Taint) -> Arc<str> {
    let Taint { key, value, effect } = taint;
    let effect = effect.as_str();
    match value.as_str() {
        "" => format!("{key}:{effect}").into(),
        value => format!("{key}={value}:{effect}").into(),
    }
}
