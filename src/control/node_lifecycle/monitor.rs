//! The monitor pass: every node is looked at, then every zone (P70–P73).

use super::zone::{Health, State, Zone};
use super::{NodeLifecycle, taints};
use crate::api::ApiServer;
use crate::base::Instant;
use crate::model::{NodeId, NodeReady, PodId, Readiness};
use std::collections::{BTreeMap, BTreeSet};

/// Nodes with this label do not count for the state of their zone.
const EXCLUDED: &str = "node.kubernetes.io/exclude-disruption";

impl NodeLifecycle {
    pub(super) fn monitor_pass(&mut self, now: Instant, api: &mut ApiServer) {
        let nodes = by_name(api);
        // All that follows sees the taints that were there when the pass began.
        let evicting: BTreeSet<NodeId> = (nodes.iter().copied())
            .filter(|id| {
                taints::evicts(api, *id, taints::UNREACHABLE)
                    || taints::evicts(api, *id, taints::NOT_READY)
            })
            .collect();
        self.register(&nodes, api);
        let mut health: BTreeMap<String, Health> = BTreeMap::new();
        for id in &nodes {
            self.look_at(now, api, *id, &mut health);
        }
        self.judge_zones(now, api, &nodes, &evicting, &health);
    }

    /// New nodes are taken for reachable, zones without a node are forgotten.
    fn register(&mut self, nodes: &[NodeId], api: &mut ApiServer) {
        let key = |id: &NodeId| api.node(*id).map(|it| Zone::key(&it.node));
        let zones: BTreeSet<String> = nodes.iter().filter_map(key).collect();
        self.zones.retain(|key, _| zones.contains(key));
        self.known.retain(|id| nodes.contains(id));
        for id in nodes {
            let Some(stored) = api.node(*id) else {
                continue;
            };
            let zone = self.zones.entry(Zone::key(&stored.node));
            let zone = zone.or_insert_with(Zone::new);
            if self.known.insert(*id) {
                zone.forget(*id);
                taints::clear(api, *id);
            }
        }
    }

    fn look_at(
        &mut self,
        now: Instant,
        api: &mut ApiServer,
        id: NodeId,
        health: &mut BTreeMap<String, Health>,
    ) {
        let Some(stored) = api.node(id) else { return };
        let observed = stored.ready;
        let silent = self.silent.contains(&id) && self.unknown_at(stored) <= now;
        let excluded = stored.node.labels.contains_key(EXCLUDED);
        let key = Zone::key(&stored.node);
        let current = if silent {
            // It exists: it was listed just now.
            let _ = api.patch_node(id, |node| node.ready = NodeReady::Unknown(now.wire()));
            NodeReady::Unknown(now.wire())
        } else {
            observed
        };
        if !excluded {
            let health = health.entry(key.clone()).or_default();
            if current.is_true() {
                health.ready += 1;
            } else {
                health.not_ready += 1;
            }
        }
        let decisive = if self.taints_in_same_pass {
            current
        } else {
            observed
        };
        if let Some(zone) = self.zones.get_mut(&key) {
            taint_or_clear(now, api, id, decisive, zone);
        }
        if observed.is_true() && !current.is_true() {
            mark_pods_not_ready(now, api, id);
        }
    }

    /// P73: brakes for zones in which many nodes are not ready, and for the whole cluster.
    fn judge_zones(
        &mut self,
        now: Instant,
        api: &mut ApiServer,
        nodes: &[NodeId],
        evicting: &BTreeSet<NodeId>,
        health: &BTreeMap<String, Health>,
    ) {
        let states = |key: &String| {
            let health = health.get(key).copied().unwrap_or_default();
            let state = if self.unlimited {
                State::Normal
            } else {
                health.state()
            };
            (state, health)
        };
        let all_are = health.keys().all(|key| states(key).0 == State::Full);
        let counted = self
            .zones
            .iter()
            .filter(|(key, _)| health.contains_key(*key));
        let all_were = counted.fold(true, |all, (_, zone)| all && zone.state == State::Full);
        match (all_were, all_are) {
            (true, true) => {}
            (false, true) => {
                for id in nodes {
                    if evicting.contains(id) {
                        taints::clear(api, *id);
                    }
                }
                for zone in self.zones.values_mut() {
                    for id in nodes {
                        zone.forget(*id);
                    }
                    zone.stop(now);
                    zone.state = State::Full;
                }
            }
            (true, false) => {
                self.restarted = now;
                for (key, zone) in &mut self.zones {
                    let (state, health) = states(key);
                    zone.set_rate(now, state, health);
                    zone.state = state;
                }
            }
            (false, false) => {
                for (key, zone) in &mut self.zones {
                    let (state, health) = states(key);
                    if zone.state != state {
                        zone.set_rate(now, state, health);
                        zone.state = state;
                    }
                }
            }
        }
    }
}

/// The existing nodes in order of their names: a cluster with several workers looks at them in
/// any order.
fn by_name(api: &ApiServer) -> Vec<NodeId> {
    let existing = api.nodes().filter(|(_, it)| !it.gone);
    let mut named: Vec<_> = existing.map(|(id, it)| (&it.node.name, id)).collect();
    named.sort_unstable();
    named.into_iter().map(|(_, id)| id).collect()
}

/// A ready node loses the taints that evict, one that is not is queued for its taint; one with the
/// taint of the other state gets the right one at once.
fn taint_or_clear(
    now: Instant,
    api: &mut ApiServer,
    id: NodeId,
    ready: NodeReady,
    zone: &mut Zone,
) {
    match taints::of_state(ready) {
        None => {
            taints::clear(api, id);
            zone.forget(id);
        }
        Some((own, other)) if taints::evicts(api, id, other) => taints::swap(api, id, own, other),
        Some((own, _)) => zone.queue(now, id, taints::evicts(api, id, own)),
    }
}

/// P71. A pod without a condition Ready, because its kubelet never took it up, has none to lose
/// (section 14.11).
fn mark_pods_not_ready(now: Instant, api: &mut ApiServer, id: NodeId) {
    let pods = api.node(id).map(|it| it.pods.clone()).unwrap_or_default();
    for pod in pods.iter().map(PodId) {
        if api.pod(pod).is_ready() {
            // It exists: a node's list holds no others.
            let _ = api.patch_pod(pod, |pod| pod.ready = Readiness::False(now.wire()));
        }
    }
}
