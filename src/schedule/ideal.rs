//! A scheduler that decides at once: each pod goes, in order of creation, to the emptiest node
//! that takes it; those that find none wait until something changes.

use super::room::{Room, unwilling, verdict};
use crate::api::{ApiServer, Notice, PodChange, StoredNode};
use crate::model::{NodeId, Pod, PodId, PodNews, PodTemplate, Resources};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The scheduler and what it knows of the nodes' room.
#[derive(Clone, Debug, Default)]
pub struct IdealScheduler {
    /// Pods without a node, in order of creation, each with the text of its last refusal.
    waiting: Vec<(PodId, Option<u16>)>,
    /// How many of them have been tried since the last change.
    tried: usize,
    rooms: Vec<Room>,
    /// What a pod of each Job asks for.
    asked: Vec<Option<Arc<Resources>>>,
}

impl IdealScheduler {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.tried = 0;
        self.rooms.clear();
        self.asked.clear();
    }

    /// Pods that wait for a node, in order.
    pub fn waiting(&self) -> impl Iterator<Item = PodId> {
        self.waiting.iter().map(|(pod, _)| *pod)
    }

    /// Takes in a write, as the watch tells it.
    pub fn observe(&mut self, api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Node(..) => self.tried = 0,
            Notice::Pod(change) => self.observe_pod(api, change),
            Notice::Job(..) | Notice::Budget(_) => {}
        }
    }

    fn observe_pod(&mut self, api: &ApiServer, change: &PodChange) {
        let Some(pod) = change.new.or(change.old) else {
            return;
        };
        let waits = |pod: &Pod| !pod.is_bound() && pod.deletion.is_none();
        match (change.old, change.new) {
            (None, Some(new)) if waits(&new) => self.waiting.push((change.id, None)),
            (Some(old), new) if waits(&old) && !new.is_some_and(|it| waits(&it)) => {
                if let Some(at) = self.waiting.iter().position(|it| it.0 == change.id) {
                    self.waiting.remove(at);
                    self.tried -= usize::from(at < self.tried);
                }
            }
            _ => {}
        }
        let holds = |pod: Option<Pod>| pod.filter(|it| !it.phase.is_final())?.node;
        let (before, after) = (holds(change.old), holds(change.new));
        if before != after {
            let asked = self.asked(api, &pod);
            if let Some(node) = before {
                self.room(node).give_back(&asked);
                self.tried = 0;
            }
            if let Some(node) = after {
                self.room(node).take(&asked);
            }
        }
    }

    /// Binds the next pod that finds a node; whether there was one. Those that find none are told
    /// so, each time that the reason is a new one.
    pub fn bind_next(&mut self, api: &mut ApiServer, news: &mut Vec<(PodId, PodNews)>) -> bool {
        while let Some((pod, told)) = self.waiting.get(self.tried).copied() {
            let why = match self.place(api, pod) {
                // Refused only if somebody else was quicker; then the pod no longer waits.
                Ok(node) => return api.bind_pod(pod, node).is_ok(),
                Err(why) => api.intern_text(why),
            };
            if told != Some(why) {
                self.waiting[self.tried].1 = Some(why);
                news.push((pod, PodNews::Unschedulable(why)));
            }
            self.tried += 1;
            if !api.pod(pod).unschedulable {
                // The pod waits, so it exists.
                let _ = api.patch_pod(pod, |pod| pod.unschedulable = true);
            }
        }
        false
    }

    fn place(&mut self, api: &ApiServer, pod: PodId) -> Result<NodeId, String> {
        let stored = *api.pod(pod);
        if api.is_gated(&stored) {
            let words = "Scheduling is blocked due to non-empty scheduling gates";
            return Err(words.to_owned());
        }
        let template = &api.job(stored.job).job.spec.template;
        let asked = self.asked(api, &stored);
        let mut best: Option<(u64, NodeId)> = None;
        let mut reasons = BTreeMap::new();
        let mut nodes = 0;
        for (id, node) in api.nodes().filter(|(_, node)| !node.gone) {
            nodes += 1;
            let refusals = self.refusals(id, node, template, &asked);
            if refusals.is_empty() {
                let fill = self.room(id).fill(node, &asked);
                if best.is_none_or(|(least, _)| fill < least) {
                    best = Some((fill, id));
                }
            }
            for why in refusals {
                *reasons.entry(why).or_insert(0) += 1;
            }
        }
        best.map(|(_, id)| id)
            .ok_or_else(|| verdict(nodes, &reasons))
    }

    fn refusals(
        &mut self,
        id: NodeId,
        node: &StoredNode,
        template: &PodTemplate,
        asked: &Resources,
    ) -> Vec<String> {
        match unwilling(node, template) {
            Some(why) => vec![why],
            None => self.room(id).lacking(node, asked).collect(),
        }
    }

    fn room(&mut self, node: NodeId) -> &mut Room {
        let needed = node.slot() + 1;
        if self.rooms.len() < needed {
            self.rooms.resize_with(needed, Room::default);
        }
        &mut self.rooms[node.slot()]
    }

    fn asked(&mut self, api: &ApiServer, pod: &Pod) -> Arc<Resources> {
        let slot = pod.job.slot();
        if self.asked.len() <= slot {
            self.asked.resize(slot + 1, None);
        }
        let template = &api.job(pod.job).job.spec.template;
        let known = self.asked[slot].get_or_insert_with(|| Arc::new(template.effective_requests()));
        Arc::clone(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Instant;
    use crate::model::{Container, Effect, Job, Node, Taint};

    /// Pods that ask for 600m each, on nodes as `NAME CPU [cordoned|tainted]`; where they go.
    fn placed(nodes: &[&str], pods: u32) -> String {
        let mut api = ApiServer::new(crate::model::Release::LATEST);
        let mut scheduler = IdealScheduler::default();
        let mut job = Job::from_yaml(
            "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {spec: \
             {restartPolicy: Never, containers: [{name: m, image: m}]}}}}",
        )
        .unwrap();
        let requests = [("cpu", crate::model::Quantity::parse("600m").unwrap())];
        job.spec.template.containers = vec![Container {
            requests: requests.into_iter().collect(),
            ..job.spec.template.containers[0].clone()
        }];
        let job = api.create_job(Instant::ORIGIN, Arc::new(job));
        for text in nodes {
            let mut words = text.split(' ');
            let mut node = Node::named(words.next().unwrap());
            node.allocatable.milli_cpu = words.next().unwrap().parse().ok();
            let word = words.next();
            node.unschedulable = word == Some("cordoned");
            if word == Some("tainted") {
                node.taints.push(Taint {
                    key: "k".into(),
                    value: "v".into(),
                    effect: Effect::NoSchedule,
                });
            }
            api.create_node(Instant::ORIGIN, Arc::new(node));
        }
        for _ in 0..pods {
            api.create_pod(Instant::ORIGIN, job, None, None, None);
        }
        let (mut notices, mut news) = (Vec::new(), Vec::new());
        loop {
            api.take_notices(&mut notices);
            for notice in notices.drain(..) {
                scheduler.observe(&api, &notice);
            }
            if !scheduler.bind_next(&mut api, &mut news) {
                break;
            }
        }
        let name = |pod: u32| {
            let node = api.pod(PodId(pod)).node.and_then(|it| api.node(it));
            node.map_or("-", |it| it.node.name.as_str()).to_owned()
        };
        let places: Vec<String> = (0..pods).map(name).collect();
        let told = news.first().map(|(_, told)| match told {
            PodNews::Unschedulable(text) => api.text(*text).to_owned(),
            other => format!("{other:?}"),
        });
        format!("{} {}", places.join(" "), told.unwrap_or_default())
    }

    #[test]
    fn pods_go_to_the_emptiest_node_that_takes_them() {
        for (nodes, pods, want) in [
            (&["a 2000", "b 4000"][..], 4, "b a b b "),
            (
                &["a 1000"],
                2,
                "a - 0/1 nodes are available: 1 Insufficient cpu.",
            ),
            (
                &["a 1000 cordoned", "b 500", "c 9000 tainted"],
                1,
                "- 0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint \
                 {k: v}, 1 node(s) were unschedulable.",
            ),
            (&[], 1, "- no nodes available to schedule pods"),
        ] {
            assert_eq!(placed(nodes, pods), want, "{nodes:?}");
        }
    }
}
