//! A zone: its nodes that wait for the taint `NoExecute`, and how fast they get it (P72, P73).

use super::taints;
use crate::api::ApiServer;
use crate::base::{Instant, Span};
use crate::kernel::TokenBucket;
use crate::model::{Node, NodeId};
use std::collections::{BTreeSet, VecDeque};

/// More nodes than this make a zone large.
const LARGE: u32 = 50;

/// How a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No pass has looked at it yet.
    Initial,
    /// Most of its nodes are ready.
    Normal,
    /// More than two nodes, and at least 55 % of them, are not ready.
    Partial,
    /// No node is ready.
    Full,
}

/// How many nodes of a zone are ready and how many are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Health {
    pub(super) ready: u32,
    pub(super) not_ready: u32,
}

impl Health {
    pub(super) fn state(self) -> State {
        let Self { ready, not_ready } = self;
        let (sick, all) = (
            u64::from(not_ready),
            u64::from(ready) + u64::from(not_ready),
        );
        if ready == 0 && not_ready > 0 {
            State::Full
        } else if not_ready > 2 && sick * 100 >= all * 55 {
            State::Partial
        } else {
            State::Normal
        }
    }

    const fn size(self) -> u32 {
        self.ready.saturating_add(self.not_ready)
    }
}

/// How fast nodes of a zone are tainted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rate {
    /// One node in ten seconds.
    Usual,
    /// One node in a hundred seconds.
    Reduced,
    /// None.
    Stopped,
}

impl Rate {
    fn bucket(self) -> Option<TokenBucket> {
        let seconds = match self {
            Self::Usual => 10,
            Self::Reduced => 100,
            Self::Stopped => return None,
        };
        Some(TokenBucket::new(1, Span::from_secs(seconds), 1))
    }
}

/// A zone.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) state: State,
    rate: Rate,
    bucket: Option<TokenBucket>,
    queue: VecDeque<NodeId>,
    /// Nodes that were queued and have not been ready since.
    marked: BTreeSet<NodeId>,
    queued_at: Instant,
}

impl Zone {
    pub(super) fn new() -> Self {
        Self {
            state: State::Initial,
            rate: Rate::Usual,
            bucket: Rate::Usual.bucket(),
            queue: VecDeque::new(),
            marked: BTreeSet::new(),
            queued_at: Instant::ORIGIN,
        }
    }

    /// What tells zones apart: region and zone.
    pub(super) fn key(node: &Node) -> String {
        let region = node.labels.get(Node::REGION).map_or("", String::as_str);
        let zone = node.zone().unwrap_or_default();
        format!("{region}:\0:{zone}")
    }

    /// A node that is not ready, and does not have its taint yet, goes to the end of the queue.
    pub(super) fn queue(&mut self, now: Instant, id: NodeId, tainted: bool) {
        if !tainted {
            self.forget(id);
        }
        if self.marked.insert(id) {
            self.queue.push_back(id);
            self.queued_at = now;
        }
    }

    /// A node that is ready is not to be tainted.
    pub(super) fn forget(&mut self, id: NodeId) {
        if self.marked.remove(&id) {
            self.queue.retain(|it| *it != id);
        }
    }

    /// The rate that goes with a state.
    pub(super) fn set_rate(&mut self, now: Instant, state: State, health: Health) {
        self.change_rate(
            now,
            match state {
                State::Partial if health.size() > LARGE => Rate::Reduced,
                State::Partial => Rate::Stopped,
                State::Normal | State::Full | State::Initial => Rate::Usual,
            },
        );
    }

    /// No node of the zone is to be tainted.
    pub(super) fn stop(&mut self, now: Instant) {
        self.change_rate(now, Rate::Stopped);
    }

    /// Who had to wait with the old bucket has to wait with the new one, so one that comes after
    /// none at all is empty at first (section 14.3).
    fn change_rate(&mut self, now: Instant, rate: Rate) {
        if self.rate == rate {
            return;
        }
        let had_one = self.bucket.as_mut().is_some_and(|it| it.try_accept(now));
        self.rate = rate;
        self.bucket = rate.bucket();
        if let Some(bucket) = self.bucket.as_mut().filter(|_| !had_one) {
            bucket.try_accept(now);
        }
    }

    /// When the next node of the queue may be tainted.
    pub(super) fn next_taint(&self) -> Option<Instant> {
        let mut bucket = self.bucket.clone().filter(|_| !self.queue.is_empty())?;
        Some(bucket.reserve(self.queued_at))
    }

    /// Taints nodes as long as there are tokens. One that is ready by now, or gone, takes one too.
    pub(super) fn tainting_pass(&mut self, now: Instant, api: &mut ApiServer) {
        let Some(bucket) = &mut self.bucket else {
            return;
        };
        while !self.queue.is_empty() && bucket.try_accept(now) {
            let node = self.queue.pop_front();
            let state = node.and_then(|id| Some((id, api.node(id)?.ready)));
            if let Some((id, (on, off))) =
                state.and_then(|(id, ready)| Some((id, taints::of_state(ready)?)))
            {
                taints::swap(api, id, on, off);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P73.
    #[test]
    fn a_zone_is_disrupted_by_its_share_of_nodes_that_are_not_ready() {
        for (ready, not_ready, state) in [
            (0, 0, State::Normal),
            (0, 1, State::Full),
            (1, 1, State::Normal),
            (1, 2, State::Normal),
            (1, 3, State::Partial),
            (3, 3, State::Normal),
            (9, 11, State::Partial),
            (10, 12, State::Normal),
            (0, 70, State::Full),
        ] {
            let health = Health { ready, not_ready };
            assert_eq!(health.state(), state, "{ready} ready, {not_ready} not");
        }
    }

    /// P73, section 14.3: the instants of the first two tainted nodes after a change.
    #[test]
    fn a_bucket_that_replaces_none_is_empty() {
        let at = |secs| Instant::ORIGIN + Span::from_secs(secs);
        let small = Health {
            ready: 1,
            not_ready: 3,
        };
        let large = Health {
            ready: 20,
            not_ready: 40,
        };
        let changes: [&[(State, Health)]; 6] = [
            &[],
            &[(State::Normal, small)],
            &[(State::Partial, small)],
            &[(State::Partial, large)],
            &[(State::Partial, small), (State::Normal, small)],
            &[(State::Partial, small), (State::Partial, large)],
        ];
        let firsts = [Some(100), Some(100), None, Some(100), Some(110), Some(200)];
        for (changes, first) in changes.into_iter().zip(firsts) {
            let mut zone = Zone::new();
            for (state, health) in changes {
                zone.set_rate(at(100), *state, *health);
            }
            zone.queue(at(100), NodeId(0), false);
            assert_eq!(zone.next_taint(), first.map(at), "{changes:?}");
        }
    }
}
