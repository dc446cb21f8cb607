//! The node lifecycle controller: nodes that are not heard any more become Unknown, their pods
//! lose Ready, and the nodes get the taints by which their pods are evicted.
//!
//! P69–P73. A monitor pass looks at all nodes every 5 s; another, every 0.1 s, puts the taint
//! `NoExecute` on one queued node after the other, as fast as the zone's token bucket lets it.
//! Taints `NoSchedule` follow a node's conditions at once. All of it is worked out without a pass
//! that would change nothing: a node that is heard costs nothing, whatever its heartbeat.
//!
//! From 1.37 on the live lease is read once more before a node becomes Unknown (P71, G12). That
//! shows where the controller's cache is behind, which in this model it never is.

mod monitor;
mod taints;
#[cfg(test)]
mod tests;
mod zone;

use super::passes::Passes;
use crate::api::{ApiServer, Notice, StoredNode};
use crate::base::{Instant, Span};
use crate::model::{Behavior, NodeId, NodeReady};
use std::collections::{BTreeMap, BTreeSet};
use zone::Zone;

/// From one monitor pass to the next.
pub const MONITOR_PERIOD: Span = Span::from_secs(5);
/// From one tainting pass to the next.
pub const TAINTING_PERIOD: Span = Span::from_millis(100);

/// Where the controller's rhythms begin, and whether it sees all nodes there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// When one of the monitor passes is, after the origin.
    pub monitor_phase: Span,
    /// When one of the tainting passes is, after the origin. One at the instant of a monitor pass
    /// comes after it.
    pub tainting_phase: Span,
    /// There are always healthy nodes beside those that are listed, as where nodes are made when
    /// they are needed: the brakes of P73 never act.
    pub unlimited: bool,
}

/// The node lifecycle controller.
#[derive(Clone, Debug)]
pub struct NodeLifecycle {
    monitor: Passes,
    tainting: Passes,
    unlimited: bool,
    grace: Span,
    taints_in_same_pass: bool,
    /// The latest change of a node that no monitor pass has seen.
    changed: Option<Instant>,
    /// The last monitor pass that was made.
    monitored: Option<Instant>,
    /// Nodes whose taints `NoSchedule` have to be looked at.
    touched: Vec<NodeId>,
    /// Nodes that are not heard and not Unknown yet.
    silent: BTreeSet<NodeId>,
    known: BTreeSet<NodeId>,
    zones: BTreeMap<String, Zone>,
    /// When the health clocks of all nodes were last set anew (P73).
    restarted: Instant,
}

impl NodeLifecycle {
    /// A controller that has just started and seen nothing.
    #[must_use]
    pub fn new(behavior: &Behavior, settings: Settings) -> Self {
        Self {
            monitor: Passes::every(MONITOR_PERIOD, settings.monitor_phase),
            tainting: Passes::every(TAINTING_PERIOD, settings.tainting_phase),
            unlimited: settings.unlimited,
            grace: Span::from_secs(if behavior.long_node_grace { 50 } else { 40 }),
            taints_in_same_pass: behavior.taints_in_same_pass,
            changed: None,
            monitored: None,
            touched: Vec::new(),
            silent: BTreeSet::new(),
            known: BTreeSet::new(),
            zones: BTreeMap::new(),
            restarted: Instant::ORIGIN,
        }
    }

    /// The controller starts again: what it remembered is lost, and its health clocks start now.
    pub fn restart(&mut self, now: Instant) {
        self.touched.clear();
        self.silent.clear();
        self.known.clear();
        self.zones.clear();
        self.restarted = now;
    }

    /// Takes in a write, as the watch tells it.
    pub fn observe(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        let Notice::Node(id, _) = notice else { return };
        self.changed = Some(now);
        self.touched.push(*id);
        let silent = api.node(*id).is_some_and(|it| {
            let known = matches!(it.ready, NodeReady::Unknown(_));
            !it.gone && !known && it.lease.silent_since.is_some()
        });
        if silent {
            self.silent.insert(*id);
        } else {
            self.silent.remove(id);
        }
    }

    /// When taints are next to be put on nodes or taken off.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let at_once = self.changed.filter(|_| !self.touched.is_empty());
        [at_once, self.next_tainting()].into_iter().flatten().min()
    }

    /// Puts taints on nodes and takes them off, as far as it is time; whether it was for any.
    pub fn advance(&mut self, now: Instant, api: &mut ApiServer) -> bool {
        let touched = std::mem::take(&mut self.touched);
        for id in &touched {
            taints::follow_conditions(api, *id);
        }
        let tainting = self.next_tainting().is_some_and(|due| due <= now);
        if tainting {
            for zone in self.zones.values_mut() {
                zone.tainting_pass(now, api);
            }
        }
        tainting || !touched.is_empty()
    }

    /// The next monitor pass that finds something to do.
    #[must_use]
    pub fn next_pass(&self, api: &ApiServer) -> Option<Instant> {
        let changed = self.changed;
        let changed = changed.map(|at| self.monitor.that_sees(at, self.monitored));
        let silent = self.silent.iter().filter_map(|id| api.node(*id));
        let unknown = silent.map(|it| self.unknown_at(it)).min();
        [changed, unknown].into_iter().flatten().min()
    }

    /// Makes the monitor pass that is due; whether there was one.
    pub fn pass(&mut self, now: Instant, api: &mut ApiServer) -> bool {
        let due = self.next_pass(api).is_some_and(|due| due <= now);
        if due {
            self.changed = None;
            self.monitored = Some(now);
            self.monitor_pass(now, api);
        }
        due
    }

    /// When a node that is not heard becomes Unknown (P70, section 14.1): the grace period counts
    /// from the pass that saw the last sign of it, and passes take time, so that the tenth one
    /// after is beyond 50 s.
    fn unknown_at(&self, node: &StoredNode) -> Instant {
        let (NodeReady::True(status) | NodeReady::False(status) | NodeReady::Unknown(status)) =
            node.ready;
        let silent = node.lease.silent_since.unwrap_or(Instant::NEVER);
        let sign = node.lease.renewed(silent).max(status.instant());
        self.monitor.from(sign.max(self.restarted)) + self.grace
    }

    fn next_tainting(&self) -> Option<Instant> {
        let due = self.zones.values().filter_map(Zone::next_taint);
        due.min().map(|due| self.tainting.from(due))
    }
}
