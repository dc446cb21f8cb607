//! A wheel of seconds: pods by the second in which something happens to them, in blocks of an
//! arena, so that each takes its 32 bytes and little more.

use crate::base::{Instant, Span};

/// Seconds that the wheel holds; what lies further away waits beside it.
const SLOTS: i64 = 1024;
/// After so many seconds, what lies further away is looked at again.
const TURN: i64 = SLOTS / 2;
const SECOND: i64 = 1_000_000;
const PER_BLOCK: usize = 30;
const NONE: u32 = u32::MAX;

/// A pod whose end is still to be shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    /// When it is.
    pub(super) unready: Instant,
    pub(super) exits: Instant,
    pub(super) runs: Instant,
    pub(super) index: u32,
    /// Twice its number among the pods of its index, and 1 more if it fails.
    pub(super) tail: u32,
}

impl Entry {
    #[inline]
    pub(super) const fn nth(&self) -> u32 {
        self.tail >> 1
    }

    #[inline]
    pub(super) const fn fails(&self) -> bool {
        self.tail & 1 == 1
    }

    /// How long it is shown to run.
    #[inline]
    pub(super) fn ran(&self, between: Span) -> Span {
        if self.runs == Instant::NEVER {
            Span::ZERO
        } else {
            (self.unready + between).since(self.runs)
        }
    }
}

#[derive(Clone, Debug)]
struct Block {
    entries: [Entry; PER_BLOCK],
    len: u32,
    next: u32,
}

/// The wheel.
#[derive(Clone, Debug, Default)]
pub(super) struct Wheel {
    /// For each second the first of its blocks.
    slots: Vec<u32>,
    blocks: Vec<Block>,
    /// The first of the blocks that are not used.
    free: u32,
    /// The first second that was not passed, and the one at which the wheel was turned.
    second: i64,
    turned: i64,
    /// How many are on the wheel, and those beside it.
    near: u32,
    far: Vec<Entry>,
    /// The first second of those, or one before it.
    far_from: i64,
}

impl Wheel {
    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.slots.resize(usize::try_from(SLOTS).unwrap_or(0), NONE);
        self.blocks.clear();
        self.free = NONE;
        (self.second, self.turned, self.near) = (0, 0, 0);
        self.far.clear();
        self.far_from = i64::MAX;
    }

    #[inline]
    pub(super) fn add(&mut self, it: Entry) {
        let second = second_of(it.unready);
        if second >= self.turned + SLOTS {
            self.far.push(it);
            self.far_from = self.far_from.min(second);
            return;
        }
        self.near += 1;
        let slot = slot_of(second);
        let head = self.slots[slot];
        if let Some(block) = self.blocks.get_mut(head as usize) {
            if let Some(place) = block.entries.get_mut(block.len as usize) {
                *place = it;
                block.len += 1;
                return;
            }
        }
        let own = self.block(head);
        self.slots[slot] = own;
        let block = &mut self.blocks[own as usize];
        block.entries[0] = it;
        block.len = 1;
    }

    /// An empty block that is followed by that one.
    fn block(&mut self, next: u32) -> u32 {
        let own = self.free;
        if let Some(block) = self.blocks.get_mut(own as usize) {
            self.free = block.next;
            block.next = next;
            return own;
        }
        self.blocks.push(Block {
            entries: [Entry::default(); PER_BLOCK],
            len: 0,
            next,
        });
        super::books::as_count(self.blocks.len() - 1)
    }

    /// When the first pod's end is shown.
    pub(super) fn next(&self) -> Instant {
        let seconds = if self.near > 0 { SLOTS } else { 0 };
        for second in self.second..self.turned + seconds {
            let mut head = self.slots[slot_of(second)];
            let mut next = Instant::NEVER;
            while let Some(block) = self.blocks.get(head as usize) {
                let entries = &block.entries[..block.len as usize];
                next = entries.iter().fold(next, |next, it| next.min(it.unready));
                head = block.next;
            }
            if next != Instant::NEVER {
                return next;
            }
        }
        let far = self.far.iter().map(|it| it.unready);
        far.fold(Instant::NEVER, Instant::min)
    }

    /// Lets go of all pods whose end is shown before that instant.
    #[inline]
    pub(super) fn pass(&mut self, now: Instant, mut each: impl FnMut(&Entry)) {
        let last = second_of(now);
        loop {
            if self.near == 0 {
                // Nothing happens before the first of those that are far away.
                self.second = last.min(self.far_from);
            }
            let to = last.min(self.turned + SLOTS);
            while self.second < to {
                self.empty(slot_of(self.second), &mut each);
                self.second += 1;
            }
            if self.second < self.turned + TURN {
                break;
            }
            self.turn();
        }
        if now.micros() % SECOND != 0 {
            self.pass_part(slot_of(last), now, &mut each);
        }
    }

    fn empty(&mut self, slot: usize, each: &mut impl FnMut(&Entry)) {
        let mut head = std::mem::replace(&mut self.slots[slot], NONE);
        while let Some(block) = self.blocks.get_mut(head as usize) {
            block.entries[..block.len as usize]
                .iter()
                .for_each(&mut *each);
            self.near -= block.len;
            (head, self.free, block.next) = (block.next, head, self.free);
        }
    }

    /// Lets go of those pods of a second whose end is shown before that instant.
    fn pass_part(&mut self, slot: usize, now: Instant, each: &mut impl FnMut(&Entry)) {
        let mut head = self.slots[slot];
        while let Some(block) = self.blocks.get_mut(head as usize) {
            let mut place = 0;
            while place < block.len as usize {
                if block.entries[place].unready < now {
                    each(&block.entries[place]);
                    block.len -= 1;
                    self.near -= 1;
                    block.entries[place] = block.entries[block.len as usize];
                } else {
                    place += 1;
                }
            }
            head = block.next;
        }
    }

    /// What has come near goes onto the wheel.
    fn turn(&mut self) {
        self.turned = self.second;
        self.far_from = i64::MAX;
        let mut place = 0;
        while let Some(it) = self.far.get(place).copied() {
            let second = second_of(it.unready);
            if second < self.turned + SLOTS {
                self.far.swap_remove(place);
                self.add(it);
            } else {
                self.far_from = self.far_from.min(second);
                place += 1;
            }
        }
    }
}

#[inline]
fn second_of(at: Instant) -> i64 {
    at.micros() / SECOND
}

#[inline]
fn slot_of(second: i64) -> usize {
    usize::try_from(second % SLOTS).unwrap_or(0)
}
