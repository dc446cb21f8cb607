//! A scheduler that decides at once: each pod goes, in order of creation, to the emptiest node
//! that takes it; those that find none wait until something changes.
//!
//! A node takes a pod that bears its taints and wants its labels, if it has room. The emptiest is
//! that with the best score: of each of cpu and memory the hundredths that would be left, cut
//! down, and of these the mean, cut down; of several the one that came first. When a pod ends,
//! those that wait are tried in order on the node that gained room, for no other can take them;
//! when a node changes, on all.

mod levels;
mod seat;
mod waiting;

use super::amounts::Amounts;
use super::room::{unwilling, verdict};
use crate::api::{ApiServer, Notice, PodChange};
use crate::model::{NodeId, Pod, PodId, PodNews, PodTemplate};
use levels::Levels;
use seat::{Names, Room, Seat, Shape, is_plain, shape_of};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use waiting::Waiting;

/// The scheduler and what it knows of the nodes' room.
#[derive(Clone, Debug, Default)]
pub struct IdealScheduler {
    waiting: Waiting,
    /// Nodes that gained room since pods were tried in vain, and the place of the pod that is
    /// next to be tried on the first of them.
    gained: VecDeque<NodeId>,
    place: usize,
    seats: Vec<Seat>,
    shapes: Vec<Shape>,
    /// The nodes that may have more pods.
    levels: Levels,
    /// Those that may not.
    crowded: BTreeSet<NodeId>,
    names: Names,
    /// What a pod of each Job asks for.
    asked: Vec<Option<Arc<Asks>>>,
}

/// Why nodes do not take a pod, and how many of them.
type Reasons = BTreeMap<String, u32>;

/// What a pod asks for.
#[derive(Clone, Debug)]
struct Asks {
    amounts: Amounts,
    room: Room,
    /// Whether that is cpu and memory only, and labels of nodes do not matter.
    is_plain: bool,
}

impl IdealScheduler {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.gained.clear();
        self.place = 0;
        self.seats.clear();
        self.shapes.clear();
        self.levels.clear();
        self.crowded.clear();
        self.asked.clear();
    }

    /// Pods that wait for a node, in order.
    pub fn waiting(&self) -> impl Iterator<Item = PodId> {
        self.waiting.iter()
    }

    /// Takes in a write, as the watch tells it.
    pub fn observe(&mut self, api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Node(id, _) => self.observe_node(api, *id),
            Notice::Pod(change) => self.observe_pod(api, change),
            Notice::Job(..) | Notice::Budget(_) => {}
        }
    }

    fn observe_node(&mut self, api: &ApiServer, id: NodeId) {
        let Some(stored) = api.node(id) else { return };
        self.waiting.try_all();
        self.gained.clear();
        self.place = 0;
        self.reseat(id, |seat, names, shapes| {
            seat.exists = !stored.gone;
            let has = &stored.node.allocatable;
            seat.has = Amounts::of(has, u64::MAX, |name| names.number(name));
            seat.most_pods = stored.node.pods;
            seat.shape = shape_of(stored, seat.limits(), shapes);
        });
    }

    fn observe_pod(&mut self, api: &ApiServer, change: &PodChange) {
        let Some(pod) = change.new.or(change.old) else {
            return;
        };
        let waits = |pod: &Pod| !pod.is_bound() && pod.deletion.is_none();
        match (change.old, change.new) {
            (None, Some(new)) if waits(&new) => {
                let room = self.asked(api, &new).room;
                self.waiting.push(change.id, room);
            }
            (Some(old), new) if waits(&old) && !new.is_some_and(|it| waits(&it)) => {
                self.waiting.remove(change.id);
            }
            _ => {}
        }
        let holds = |pod: Option<Pod>| pod.filter(|it| !it.phase.is_final())?.node;
        let (before, after) = (holds(change.old), holds(change.new));
        if before != after {
            let asked = self.asked(api, &pod);
            if let Some(node) = before.filter(|it| it.is_named()) {
                self.reseat(node, |seat, _, _| {
                    seat.taken.take(&asked.amounts);
                    seat.pods = seat.pods.saturating_sub(1);
                });
                if self.waiting.has_tried() {
                    self.gained.push_back(node);
                }
            }
            if let Some(node) = after.filter(|it| it.is_named()) {
                self.reseat(node, |seat, _, _| {
                    seat.taken.add(&asked.amounts);
                    seat.pods += 1;
                });
            }
        }
    }

    /// Changes a node's seat, and puts it where it is found then.
    fn reseat(&mut self, id: NodeId, change: impl FnOnce(&mut Seat, &mut Names, &mut Vec<Shape>)) {
        let needed = id.slot() + 1;
        if self.seats.len() < needed {
            self.seats.resize_with(needed, Seat::default);
        }
        let seat = &mut self.seats[id.slot()];
        if seat.exists && seat.is_full() {
            self.crowded.remove(&id);
        } else if seat.exists {
            self.levels.remove(id, seat);
        }
        change(seat, &mut self.names, &mut self.shapes);
        if seat.exists && seat.is_full() {
            self.crowded.insert(id);
        } else if seat.exists {
            self.levels.add(id, seat);
        }
    }

    /// Binds the next pod that finds a node; whether there was one. Those that find none are told
    /// so; and again, when nodes have changed, if the reason is another one then.
    pub fn bind_next(&mut self, api: &mut ApiServer, news: &mut Vec<(PodId, PodNews)>) -> bool {
        while let Some(node) = self.gained.front().copied() {
            if let Some(pod) = self.next_for(api, node) {
                // Refused only if somebody else was quicker; then the pod no longer waits.
                return api.bind_pod(pod, node).is_ok();
            }
            self.gained.pop_front();
            self.place = 0;
        }
        self.waiting.tidy();
        while let Some(line) = self.waiting.next() {
            let (pod, told) = (line.pod, line.told);
            let why = match self.place(api, pod) {
                Ok(node) => return api.bind_pod(pod, node).is_ok(),
                Err(why) => api.intern_text(why),
            };
            if told != Some(why) {
                if let Some(line) = self.waiting.next() {
                    line.told = Some(why);
                }
                news.push((pod, PodNews::Unschedulable(why)));
            }
            self.waiting.next_is_refused();
            if !api.pod(pod).unschedulable {
                // The pod waits, so it exists.
                let _ = api.patch_pod(pod, |pod| pod.unschedulable = true);
            }
        }
        false
    }

    /// The next pod, of those that were tried in vain, that goes to a node which gained room.
    fn next_for(&mut self, api: &ApiServer, node: NodeId) -> Option<PodId> {
        let free = self.seats[node.slot()].free();
        while let Some((pod, next)) = self.waiting.first_with_room(self.place, free) {
            self.place = next;
            let stored = *api.pod(pod);
            let template = &api.job(stored.job).job.spec.template;
            let asked = self.asked(api, &stored);
            if !api.is_gated(&stored) && self.takes(api, node, &asked, template) {
                return Some(pod);
            }
        }
        None
    }

    fn takes(&self, api: &ApiServer, node: NodeId, asked: &Asks, template: &PodTemplate) -> bool {
        let seat = &self.seats[node.slot()];
        let willing = || {
            api.node(node)
                .is_some_and(|it| unwilling(it, template).is_none())
        };
        seat.exists && seat.has_room(&asked.amounts) && willing()
    }

    fn place(&mut self, api: &ApiServer, pod: PodId) -> Result<NodeId, String> {
        let stored = *api.pod(pod);
        if api.is_gated(&stored) {
            let words = "Scheduling is blocked due to non-empty scheduling gates";
            return Err(words.to_owned());
        }
        let template = &api.job(stored.job).job.spec.template;
        let asked = self.asked(api, &stored);
        let best = if asked.is_plain {
            let open = |shape: u16| {
                let example = &self.shapes[usize::from(shape)].example;
                let closed = example.unschedulable || !example.taints.is_empty();
                !closed || unwilling(example, template).is_none()
            };
            let limits = |shape: u16| self.shapes[usize::from(shape)].limits;
            self.levels.best(asked.room, open, limits)
        } else {
            let takes = |id: &NodeId| self.takes(api, *id, &asked, template);
            let score = |id: &NodeId| {
                let seat = &self.seats[id.slot()];
                std::cmp::Reverse(seat.free().less(asked.room).score(seat.limits()))
            };
            // Of several the first.
            self.ids().filter(takes).min_by_key(score)
        };
        best.ok_or_else(|| self.refusal(api, &asked, template))
    }

    fn ids(&self) -> impl Iterator<Item = NodeId> {
        let all = (0u32..).map(NodeId).zip(&self.seats);
        all.filter(|(_, seat)| seat.exists).map(|(id, _)| id)
    }

    /// Why no node takes a pod.
    fn refusal(&self, api: &ApiServer, asked: &Asks, template: &PodTemplate) -> String {
        let mut reasons = Reasons::new();
        let mut nodes = 0;
        if asked.is_plain {
            for id in &self.crowded {
                nodes += 1;
                self.refuse(api, *id, asked, template, &mut reasons);
            }
            nodes += self.refuse_by_class(asked, template, &mut reasons);
        } else {
            for id in self.ids() {
                nodes += 1;
                self.refuse(api, id, asked, template, &mut reasons);
            }
        }
        verdict(nodes, &reasons)
    }

    /// Why a node does not take a pod.
    fn refuse(
        &self,
        api: &ApiServer,
        id: NodeId,
        asked: &Asks,
        template: &PodTemplate,
        reasons: &mut Reasons,
    ) {
        let mut tell = |why: String| *reasons.entry(why).or_insert(0) += 1;
        let seat = &self.seats[id.slot()];
        if let Some(why) = api.node(id).and_then(|it| unwilling(it, template)) {
            return tell(why);
        }
        if seat.is_full() {
            tell("Too many pods".to_owned());
        }
        for number in seat.lacks(&asked.amounts) {
            tell(format!("Insufficient {}", self.names.name(number)));
        }
    }

    /// Why those that may have more pods do not take one for which labels do not matter; how many
    /// they are.
    fn refuse_by_class(
        &self,
        asked: &Asks,
        template: &PodTemplate,
        reasons: &mut Reasons,
    ) -> usize {
        let examples = self.shapes.iter().map(|it| &it.example);
        let closed: Vec<_> = examples.map(|it| unwilling(it, template)).collect();
        let (mut nodes, mut cpu, mut memory) = (0, 0, 0);
        for class in self.levels.classes() {
            nodes += class.len();
            let count = u32::try_from(class.len()).unwrap_or(u32::MAX);
            if let Some(why) = &closed[usize::from(class.shape)] {
                *reasons.entry(why.clone()).or_insert(0) += count;
            } else {
                cpu += count * u32::from(asked.room.cpu > class.free.cpu);
                memory += count * u32::from(asked.room.memory > class.free.memory);
            }
        }
        for (name, count) in [("cpu", cpu), ("memory", memory)] {
            if count > 0 {
                *reasons.entry(format!("Insufficient {name}")).or_insert(0) += count;
            }
        }
        nodes
    }

    fn asked(&mut self, api: &ApiServer, pod: &Pod) -> Arc<Asks> {
        let slot = pod.job.slot();
        if self.asked.len() <= slot {
            self.asked.resize(slot + 1, None);
        }
        let template = &api.job(pod.job).job.spec.template;
        let names = &mut self.names;
        let known = self.asked[slot].get_or_insert_with(|| {
            let asks = template.effective_requests();
            let amounts = Amounts::of(&asks, 0, |name| names.number(name));
            let room = Room {
                cpu: amounts.milli_cpu,
                memory: amounts.memory,
            };
            let any = template.node_name.is_none() && template.node_selector.is_empty();
            Arc::new(Asks {
                is_plain: any && is_plain(&amounts),
                amounts,
                room,
            })
        });
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
