//! What happens again and again: each occurrence plans the next one, as long as a Job runs.

use super::super::recorder::Recorder;
use super::{Event, World, rank};
use crate::base::stream::{address, within};
use crate::base::{Instant, Law, Purpose, Span};
use crate::fault::{Action, NodeTarget, When};
use crate::model::NodeId;

impl World {
    /// Plans the first occurrences of what does not belong to single nodes.
    pub(super) fn plan_recurring(&mut self) {
        let start = Instant::ORIGIN + self.scenario.start;
        for number in 0..self.scenario.recurring.len() {
            let first = match &self.scenario.recurring[number].when {
                When::Every { first, gap } => {
                    Some(first.unwrap_or_else(|| self.gap(number, 0, 0, gap)))
                }
                When::Times(times) => times.first().copied(),
                // These are planned when a node joins.
                When::EachNode { .. } => None,
            };
            if let Some(first) = first {
                self.plan_occurrence(start + first, number, None, 0);
            }
        }
    }

    /// Plans what may happen to a node that has just joined.
    pub(super) fn plan_for_node(&mut self, node: NodeId) {
        for number in 0..self.scenario.recurring.len() {
            self.plan_next_for_node(number, node, 0);
        }
    }

    fn plan_next_for_node(&mut self, number: usize, node: NodeId, nth: u32) {
        let When::EachNode { gap } = &self.scenario.recurring[number].when else {
            return;
        };
        let name = (self.api.node(node)).map_or(0, |it| address(&it.node.name));
        let at = self.now + self.gap(number, name, nth, gap);
        self.plan_occurrence(at, number, Some(node), nth);
    }

    fn plan_occurrence(&mut self, at: Instant, number: usize, node: Option<NodeId>, nth: u32) {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let event = Event::Recur { number, node, nth };
        self.events.push(at, rank::USER, event);
    }

    /// The time before occurrence `nth`. Not nothing, so that time passes.
    fn gap(&self, number: usize, node: u64, nth: u32, law: &Law) -> Span {
        let name = within(address(&self.scenario.recurring[number].name), node);
        let entity = within(name, u64::from(nth));
        let mut stream = self.key.stream(entity, Purpose::Fault);
        law.draw(&mut stream).max(Span::from_millis(1))
    }

    /// It happens: does the deed and plans the next occurrence.
    pub(super) fn recur(
        &mut self,
        number: u32,
        node: Option<NodeId>,
        nth: u32,
        recorder: &mut impl Recorder,
    ) {
        if self.all_ended() {
            return;
        }
        let place = number as usize;
        let recurring = &self.scenario.recurring[place];
        let (job, mut deed) = (recurring.job, recurring.deed.clone());
        let next = match &recurring.when {
            When::Every { gap, .. } => Some(self.now + self.gap(place, 0, nth + 1, gap)),
            When::Times(times) => {
                let start = Instant::ORIGIN + self.scenario.start;
                times.get(nth as usize + 1).map(|at| start + *at)
            }
            When::EachNode { .. } => None,
        };
        if let Some(next) = next {
            self.plan_occurrence(next.max(self.now), place, None, nth + 1);
        }
        if let Some(node) = node {
            match self.api.node(node).filter(|it| !it.gone) {
                None => return,
                Some(stored) => deed.aim(NodeTarget::Named(stored.node.name.clone())),
            }
            self.plan_next_for_node(place, node, nth + 1);
        }
        let at = self.now.since(Instant::ORIGIN + self.scenario.start);
        let draw = within(
            address(&self.scenario.recurring[place].name),
            u64::from(nth),
        );
        self.act(&Action { at, job, deed }, draw, recorder);
    }
}
