//! Pods of no Job, which fill the nodes: when they come, get a node, end, and come again.

use super::super::recorder::Recorder;
use super::placing::Placing;
use super::scheduling::{Scheduling, Who};
use super::{Event, World, rank};
use crate::base::stream::{address, within};
use crate::base::{Instant, Law, Purpose, Span, Stream};
use crate::model::{NodeId, PodTemplate, toleration};
use crate::schedule::{KindId, NodeKey, PodKey, PodKind};
use crate::workload::{Background, Comes};
use std::collections::BTreeMap;

/// The namespace of these pods, which no Job and no budget is in.
const NAMESPACE: &str = "background";

/// Something that happens to pods of the background.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The pod of that number of a group comes.
    Comes { group: u32, nth: u32 },
    /// A pod has run as long as it has to.
    Ends(u32),
    /// A pod that was asked to go is gone.
    Gone(u32),
}

/// A pod of the background.
#[derive(Clone, Copy, Debug)]
struct Filler {
    group: u32,
    /// Its place in the trace.
    line: Option<u32>,
    /// What its draws belong to, within its group.
    nth: u32,
    key: Option<PodKey>,
    node: Option<NodeKey>,
    leaves: bool,
}

/// The pods of the background, by number.
#[derive(Debug, Default)]
pub(super) struct Backdrop {
    pods: Vec<Filler>,
    /// How many of each group have come.
    came: Vec<u32>,
    /// The kinds of pods: by group, and by what pods of a trace ask for.
    kinds: BTreeMap<(u32, Vec<(String, u64)>), KindId>,
}

impl Backdrop {
    pub(super) fn clear(&mut self) {
        self.pods.clear();
        self.came.clear();
        self.kinds.clear();
    }

    /// What a pod is like.
    pub(super) fn template(&self, number: u32, all: &[Background]) -> PodTemplate {
        let pod = &self.pods[number as usize];
        template(&all[pod.group as usize], pod.line)
    }

    /// The pods that are on a node.
    fn on(&self, node: NodeId) -> Vec<u32> {
        let pods = (0u32..).zip(&self.pods);
        let there = pods.filter(|(_, it)| it.key.is_some() && it.node == Some(NodeKey(node.0)));
        there.map(|(number, _)| number).collect()
    }
}

fn template(group: &Background, line: Option<u32>) -> PodTemplate {
    match (&group.comes, line) {
        (Comes::AsTold(all), Some(line)) => group.of_trace(&all[line as usize]),
        _ => group.template.clone(),
    }
}

impl Scheduling {
    /// A pod of the background waits for a node.
    fn background_waits(&mut self, now: Instant, group: &Background, number: u32) {
        let pod = self.backdrop.pods[number as usize];
        let kind = self.background_kind(group, pod);
        // Of pods that come at one instant those of Jobs go first.
        let order = u64::MAX / 2 + u64::from(number);
        let key = self.scheduler.pod_added(now, kind, order, false);
        self.call(key, Who::Background(number));
        self.backdrop.pods[number as usize].key = Some(key);
    }

    fn background_kind(&mut self, group: &Background, pod: Filler) -> KindId {
        let template = template(group, pod.line);
        let asks = template.effective_requests();
        let asks = asks.iter().map(|(name, n)| (name.to_owned(), n)).collect();
        let known = (pod.group, asks);
        if let Some(kind) = self.backdrop.kinds.get(&known) {
            return *kind;
        }
        let mut kind = PodKind::of(&template, NAMESPACE, template.labels.clone());
        kind.tolerations = toleration::admitted(kind.tolerations);
        let id = self.scheduler.learn(kind);
        self.backdrop.kinds.insert(known, id);
        id
    }
}

impl World {
    /// The pods of a group are there, or the first of them is planned.
    pub(super) fn background_begins(&mut self, group: u32, recorder: &mut impl Recorder) {
        let start = Instant::ORIGIN + self.scenario.start;
        match &self.scenario.background[group as usize].comes {
            Comes::FromTheStart(count) => {
                for _ in 0..*count {
                    self.background_comes(group, None);
                    self.schedule_unpaced(recorder);
                }
            }
            Comes::Again(gap) => {
                let at = start + self.background_gap(group, 0, gap);
                self.background_planned(at, Step::Comes { group, nth: 0 });
            }
            Comes::AsTold(all) => {
                if let Some(first) = all.first() {
                    let at = start + first.at;
                    self.background_planned(at, Step::Comes { group, nth: 0 });
                }
            }
        }
    }

    /// Something happens to pods of the background.
    pub(super) fn background(&mut self, step: Step) {
        match step {
            Step::Comes { .. } if self.all_ended() => {}
            Step::Comes { group, nth } => {
                let next = nth.saturating_add(1);
                let (line, at) = match &self.scenario.background[group as usize].comes {
                    Comes::FromTheStart(_) => (None, None),
                    Comes::Again(gap) => {
                        let gap = self.background_gap(group, next, gap);
                        (None, Some(self.now + gap))
                    }
                    Comes::AsTold(all) => {
                        let start = Instant::ORIGIN + self.scenario.start;
                        let next = all.get(next as usize).map(|it| start + it.at);
                        (Some(nth), next.map(|at| at.max(self.now)))
                    }
                };
                if let Some(at) = at {
                    self.background_planned(at, Step::Comes { group, nth: next });
                }
                self.background_comes(group, line);
            }
            Step::Ends(number) => {
                if self.filler(number).is_some_and(|it| !it.leaves) {
                    self.background_gone(number);
                }
            }
            Step::Gone(number) => self.background_replaced(number),
        }
    }

    fn background_planned(&mut self, at: Instant, step: Step) {
        self.events.push(at, rank::USER, Event::Background(step));
    }

    fn backdrop(&mut self) -> Option<&mut Scheduling> {
        match &mut self.placing {
            Placing::Real { scheduling, .. } => Some(scheduling),
            Placing::ByHand | Placing::Ideal { .. } | Placing::Endless { .. } => None,
        }
    }

    /// A pod that is there.
    fn filler(&mut self, number: u32) -> Option<Filler> {
        let pod = self.backdrop()?.backdrop.pods[number as usize];
        pod.key.is_some().then_some(pod)
    }

    fn background_comes(&mut self, group: u32, line: Option<u32>) {
        let (now, all) = (self.now, &self.scenario.background);
        let Placing::Real { scheduling, .. } = &mut self.placing else {
            return;
        };
        let backdrop = &mut scheduling.backdrop;
        backdrop.came.resize(all.len(), 0);
        let came = &mut backdrop.came[group as usize];
        let number = u32::try_from(backdrop.pods.len()).unwrap_or(u32::MAX);
        backdrop.pods.push(Filler {
            group,
            line,
            nth: *came,
            key: None,
            node: None,
            leaves: false,
        });
        *came += 1;
        scheduling.background_waits(now, &all[group as usize], number);
    }

    /// A pod is on a node from now on.
    pub(super) fn background_placed(&mut self, number: u32, node: NodeKey) {
        let now = self.now;
        let Some(scheduling) = self.backdrop() else {
            return;
        };
        let pod = &mut scheduling.backdrop.pods[number as usize];
        pod.node = Some(node);
        let pod = *pod;
        let Some(key) = pod.key else { return };
        scheduling.scheduler.pod_bound(now, key, node);
        scheduling.scheduler.pod_started(key, now.wire());
        if let Some(lifetime) = self.background_lifetime(pod) {
            self.background_planned(now + lifetime, Step::Ends(number));
        }
    }

    /// A pod has to make room for another one.
    pub(super) fn background_preempted(&mut self, number: u32) {
        let Some(key) = self.filler(number).and_then(|it| it.key) else {
            return;
        };
        if let Some(scheduling) = self.backdrop() {
            scheduling.scheduler.pod_preempted(key);
        }
        self.background_leaves(number);
    }

    /// A node is drained: its pods go elsewhere.
    pub(super) fn background_drained(&mut self, node: NodeId) {
        let pods = self.backdrop().map(|it| it.backdrop.on(node));
        for number in pods.into_iter().flatten() {
            self.background_leaves(number);
        }
    }

    /// A node's object is gone, and with it the pods on it.
    pub(super) fn background_lost(&mut self, node: NodeId) {
        let pods = self.backdrop().map(|it| it.backdrop.on(node));
        for number in pods.into_iter().flatten() {
            self.background_replaced(number);
        }
    }

    /// A pod is asked to go.
    fn background_leaves(&mut self, number: u32) {
        let Some(pod) = self.filler(number).filter(|it| !it.leaves) else {
            return;
        };
        let group = &self.scenario.background[pod.group as usize];
        let grace = i64::from(group.template.termination_grace_period_seconds);
        let stop = group.stop.min(Span::from_secs(grace));
        let Some(scheduling) = self.backdrop() else {
            return;
        };
        scheduling.backdrop.pods[number as usize].leaves = true;
        if let Some(key) = pod.key {
            scheduling.scheduler.pod_deleting(key);
        }
        if stop == Span::ZERO {
            self.background_replaced(number);
        } else {
            self.background_planned(self.now + stop, Step::Gone(number));
        }
    }

    /// A pod is gone before its time: another one comes in its place.
    fn background_replaced(&mut self, number: u32) {
        if let Some(pod) = self.filler(number) {
            self.background_gone(number);
            self.background_comes(pod.group, pod.line);
        }
    }

    fn background_gone(&mut self, number: u32) {
        let now = self.now;
        let Some(scheduling) = self.backdrop() else {
            return;
        };
        let pod = &mut scheduling.backdrop.pods[number as usize];
        pod.node = None;
        if let Some(key) = pod.key.take() {
            scheduling.scheduler.pod_gone(now, key);
        }
    }

    fn background_lifetime(&self, pod: Filler) -> Option<Span> {
        let group = &self.scenario.background[pod.group as usize];
        let told = match (&group.comes, pod.line) {
            (Comes::AsTold(all), Some(line)) => all[line as usize].lifetime,
            _ => None,
        };
        told.or_else(|| {
            let mut stream = self.background_draws(pod.group, pod.nth, Purpose::Fate);
            Some(group.lifetime.as_ref()?.draw(&mut stream))
        })
    }

    /// The time before pod `nth` of a group comes. Not nothing, so that time passes.
    fn background_gap(&self, group: u32, nth: u32, law: &Law) -> Span {
        let mut stream = self.background_draws(group, nth, Purpose::Arrival);
        law.draw(&mut stream).max(Span::from_millis(1))
    }

    fn background_draws(&self, group: u32, nth: u32, purpose: Purpose) -> Stream {
        let name = address(&self.scenario.background[group as usize].name);
        self.key.stream(within(name, u64::from(nth)), purpose)
    }
}
