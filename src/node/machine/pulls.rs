//! Pulls of a node take turns (P39).

use crate::base::{Instant, Span};

/// The pulls under way on a node. Those that find no free slot wait, first come, first served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullQueue {
    /// When each slot is free again.
    slots: Vec<Instant>,
}

impl PullQueue {
    /// When a pull ends that is asked for now and takes that long, with so many slots; 0 is
    /// without a limit.
    pub fn ends(&mut self, now: Instant, takes: Span, slots: u32) -> Instant {
        if slots == 0 {
            return now + takes;
        }
        if self.slots.len() < slots as usize {
            self.slots.push(now + takes);
            return now + takes;
        }
        let free = self.slots.iter_mut().min();
        free.map_or(now + takes, |slot| {
            *slot = (*slot).max(now) + takes;
            *slot
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p39_pulls_wait_for_a_slot_in_the_order_in_which_they_came() {
        let at = |secs| Instant::ORIGIN + Span::from_secs(secs);
        for (slots, want) in [(1, [10, 20, 30]), (2, [10, 10, 20]), (0, [10, 10, 10])] {
            let mut queue = PullQueue::default();
            let ends = want.map(|_| queue.ends(at(0), Span::from_secs(10), slots));
            assert_eq!(ends, want.map(at), "{slots}");
        }
        let mut queue = PullQueue::default();
        queue.ends(at(0), Span::from_secs(10), 1);
        assert_eq!(
            queue.ends(at(50), Span::from_secs(10), 1),
            at(60),
            "idle between"
        );
    }
}
