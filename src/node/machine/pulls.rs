//! Pulls of a node take turns, and not too many may begin at a time (P39).

use crate::base::{Instant, Span};

/// `registryPullQPS`, and `registryBurst`: pulls that begin in a second, and at once after a pause.
const QPS: i64 = 5;
const BURST: i64 = 10;

/// What one pull takes from the limit, which fills by [`QPS`] of them in a second.
const TOKEN: i64 = 1_000_000;

/// The pulls under way on a node. Those that find no free slot wait, first come, first served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullQueue {
    /// When each slot is free again.
    slots: Vec<Instant>,
    /// How much may begin at once, and since when that is so.
    tokens: i64,
    since: Instant,
}

impl Default for PullQueue {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            tokens: BURST * TOKEN,
            since: Instant::ORIGIN,
        }
    }
}

/// The end of a pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PullEnd {
    /// When.
    pub at: Instant,
    /// It has not even begun: the kubelet's limit was reached (`pull QPS exceeded`).
    pub refused: bool,
}

impl PullQueue {
    /// How a pull ends that is asked for now and takes that long, with so many slots; 0 is
    /// without a limit. One that takes no time is not counted.
    pub fn ends(&mut self, now: Instant, takes: Span, slots: u32) -> PullEnd {
        let free = self.slots.iter().copied().min().unwrap_or(now);
        let waits = slots > 0 && self.slots.len() >= slots as usize;
        let begins = if waits { free.max(now) } else { now };
        if takes > Span::ZERO && !self.take_token(begins) {
            let refused = true;
            return PullEnd {
                at: begins,
                refused,
            };
        }
        let at = begins + takes;
        if waits {
            if let Some(slot) = self.slots.iter_mut().min() {
                *slot = at;
            }
        } else if slots > 0 {
            self.slots.push(at);
        }
        let refused = false;
        PullEnd { at, refused }
    }

    fn take_token(&mut self, at: Instant) -> bool {
        let passed = at.since(self.since).micros().clamp(0, BURST * TOKEN);
        self.tokens = (self.tokens + passed * QPS).min(BURST * TOKEN);
        self.since = self.since.max(at);
        let takes = self.tokens >= TOKEN;
        if takes {
            self.tokens -= TOKEN;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Instant {
        Instant::ORIGIN + Span::from_millis(millis)
    }

    #[test]
    fn p39_pulls_wait_for_a_slot_in_the_order_in_which_they_came() {
        for (slots, want) in [(1, [10, 20, 30]), (2, [10, 10, 20]), (0, [10, 10, 10])] {
            let mut queue = PullQueue::default();
            let ends = want.map(|_| queue.ends(at(0), Span::from_secs(10), slots).at);
            assert_eq!(ends, want.map(|secs| at(secs * 1000)), "{slots}");
        }
        let mut queue = PullQueue::default();
        queue.ends(at(0), Span::from_secs(10), 1);
        let idle = queue.ends(at(50_000), Span::from_secs(10), 1);
        assert_eq!(idle.at, at(60_000), "idle between");
    }

    #[test]
    fn p39_more_than_ten_pulls_at_once_or_five_a_second_fail() {
        let refused = |slots, asked: &[i64]| {
            let mut queue = PullQueue::default();
            let each = asked.iter().enumerate();
            let each = each
                .filter(|(_, millis)| queue.ends(at(**millis), Span::from_secs(1), slots).refused);
            each.map(|(place, _)| place).collect::<Vec<_>>()
        };
        let mut asked = vec![0; 12];
        assert_eq!(refused(0, &asked), [10, 11]);
        // One after the other, each takes longer than a new one needs to be allowed.
        assert_eq!(refused(1, &asked), [0; 0]);
        asked.extend([100, 200, 399, 400]);
        assert_eq!(refused(0, &asked), [10, 11, 12, 14]);
    }
}
