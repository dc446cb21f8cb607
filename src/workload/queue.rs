//! A queue of items that workers share: who gets what, and what becomes of it when they die.

use super::ending::{Ending, Which};
use super::flaw::Flaw;
use super::words::{IntoLaw, Read};
use crate::base::stream::{Key, entity};
use crate::base::{Chance, Instant, Law, Purpose, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// The items of a Job that works off a queue.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WorkQueue {
    /// How many items there are.
    pub items: u32,
    /// How long an item takes, whoever does it: drawn once for each.
    pub service: Law,
    /// Items come one after the other, each that long after the one before, from the first start
    /// of a worker on; unless told, all are there from the beginning.
    pub arrivals: Option<Law>,
    /// What a worker does that finds nothing.
    pub idle: Idle,
    /// What becomes of the item of a worker that dies.
    pub orphans: Orphans,
    /// How likely a delivery of an item ends its worker, when it would be done.
    pub crashes: Chance,
    /// How such a worker ends.
    pub crash: Ending,
    /// Items that end every worker that takes them.
    pub poison: Option<Which<RangeInclusive<u32>>>,
    /// How such a worker ends.
    pub poisoned: Ending,
    /// After so many deliveries an item is put aside; unless told, never.
    pub deliveries: Option<u32>,
    flaws: Vec<Flaw>,
}

/// What a worker does that finds nothing in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Idle {
    /// It exits with 0, even if others still work.
    #[default]
    Exits,
    /// It asks again after that time, as long as others are at items or more may come.
    Asks(Span),
}

/// What becomes of the item of a worker that dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orphans {
    /// Others may take it that long after it was taken (a visibility timeout), but not before its
    /// worker's death; zero is at once.
    GivenBack(Span),
    /// It is lost.
    Lost,
}

impl WorkQueue {
    /// So many items, each of which takes that long.
    #[must_use]
    pub fn of(items: u32, service: impl IntoLaw) -> Self {
        let mut flaws = Vec::new();
        let service = flaws.read("service", service.into_law());
        Self {
            items,
            service: service.unwrap_or(Law::ZERO),
            arrivals: None,
            idle: Idle::Exits,
            orphans: Orphans::GivenBack(Span::ZERO),
            crashes: Chance::NEVER,
            crash: Ending::Exit(1),
            poison: None,
            poisoned: Ending::Exit(1),
            deliveries: None,
            flaws,
        }
    }

    /// What is wrong with it.
    pub(super) fn check(&self) -> Vec<Flaw> {
        let mut flaws = self.flaws.clone();
        if let Idle::Asks(Span::ZERO) = self.idle {
            flaws.push(Flaw::Zero("time after which an idle worker asks again"));
        }
        flaws
    }
}

/// What has become of a queue's items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// How many there are in all.
    pub items: u32,
    /// Done.
    pub done: u32,
    /// Lost with a worker.
    pub lost: u32,
    /// Put aside after too many deliveries.
    pub put_aside: u32,
    /// How often an item was handed to a worker.
    pub deliveries: u32,
}

/// A queue in use.
#[derive(Clone, Debug, Default)]
pub(super) struct Tub {
    pub(super) counts: QueueCounts,
    /// The next item that nobody had, and when it comes.
    fresh: u32,
    comes: Instant,
    /// Items given back, by when they may be taken.
    back: BTreeSet<(Instant, u32)>,
    /// Deliveries of items that were given back.
    again: BTreeMap<u32, u32>,
    in_hand: u32,
    opened: bool,
}

/// What a worker gets when it asks for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Got {
    /// An item that it works on for that long, and whether that ends it.
    Item(Item, Span, Option<Ending>),
    /// Nothing: it asks again after that time.
    Later(Span),
    /// Nothing: it is done.
    Empty,
}

/// An item in a worker's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    number: u32,
    taken: Instant,
}

impl Tub {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// A worker asks for an item. `address` is the queue's own.
    pub(super) fn take(&mut self, now: Instant, queue: &WorkQueue, key: &Key, address: u64) -> Got {
        self.open(now, queue, key, address);
        let ready = self.back.first().copied().filter(|it| it.0 <= now);
        let number = if let Some(first) = ready {
            self.back.remove(&first);
            first.1
        } else if self.fresh < queue.items && self.comes <= now {
            self.next_fresh(queue, key, address)
        } else {
            return self.nothing(queue);
        };
        let before = self.again.get(&number).copied().unwrap_or(0);
        self.counts.deliveries += 1;
        self.in_hand += 1;
        let own = entity(&[address, u64::from(number)]);
        let delivery = entity(&[own, u64::from(before)]);
        let service = queue.service.draw(&mut key.stream(own, Purpose::Item));
        let poison = match &queue.poison {
            None => false,
            Some(Which::Listed(ranges)) => super::fate::among(ranges, number),
            Some(Which::Drawn(chance)) => chance.hits(&mut key.stream(own, Purpose::Poison)),
        };
        let crashes = |queue: &WorkQueue| {
            let mut stream = key.stream(delivery, Purpose::Delivery);
            queue.crashes != Chance::NEVER && queue.crashes.hits(&mut stream)
        };
        let ending = if poison {
            Some(queue.poisoned)
        } else {
            crashes(queue).then_some(queue.crash)
        };
        Got::Item(Item { number, taken: now }, service, ending)
    }

    fn open(&mut self, now: Instant, queue: &WorkQueue, key: &Key, address: u64) {
        if std::mem::replace(&mut self.opened, true) {
            return;
        }
        self.counts.items = queue.items;
        self.comes = now;
        if let Some(law) = &queue.arrivals {
            self.comes = now + gap(law, key, address, 0);
        }
    }

    fn next_fresh(&mut self, queue: &WorkQueue, key: &Key, address: u64) -> u32 {
        let number = self.fresh;
        self.fresh += 1;
        if let Some(law) = &queue.arrivals {
            self.comes += gap(law, key, address, self.fresh);
        }
        number
    }

    fn nothing(&self, queue: &WorkQueue) -> Got {
        let Idle::Asks(again) = queue.idle else {
            return Got::Empty;
        };
        let more = self.fresh < queue.items || !self.back.is_empty() || self.in_hand > 0;
        if !more {
            return Got::Empty;
        }
        Got::Later(again)
    }

    /// A worker has done an item.
    pub(super) fn done(&mut self, _item: Item) {
        self.in_hand = self.in_hand.saturating_sub(1);
        self.counts.done += 1;
    }

    /// A worker died with an item in its hands.
    pub(super) fn orphaned(&mut self, now: Instant, queue: &WorkQueue, item: Item) {
        self.in_hand = self.in_hand.saturating_sub(1);
        let deliveries = self.again.entry(item.number).or_insert(0);
        *deliveries += 1;
        if queue.deliveries.is_some_and(|most| *deliveries >= most) {
            self.counts.put_aside += 1;
            return;
        }
        match queue.orphans {
            Orphans::Lost => self.counts.lost += 1,
            Orphans::GivenBack(after) => {
                self.back
                    .insert(((item.taken + after).max(now), item.number));
            }
        }
    }
}

fn gap(law: &Law, key: &Key, address: u64, nth: u32) -> Span {
    let arrival = entity(&[address, u64::from(nth)]);
    law.draw(&mut key.stream(arrival, Purpose::Arrival))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use proptest::prelude::*;

    fn at(secs: i64) -> Instant {
        Instant::ORIGIN + Span::from_secs(secs)
    }

    fn key() -> Key {
        Key::new(Seed(1), 0)
    }

    #[test]
    fn an_item_that_a_worker_died_with_comes_back_when_it_is_visible_again() {
        let mut queue = WorkQueue::of(1, "2s");
        queue.orphans = Orphans::GivenBack(Span::from_secs(30));
        queue.idle = Idle::Asks(Span::from_secs(5));
        let mut tub = Tub::default();
        let Got::Item(item, service, None) = tub.take(at(10), &queue, &key(), 1) else {
            panic!("there is an item");
        };
        assert_eq!(service, Span::from_secs(2));
        tub.orphaned(at(11), &queue, item);
        let again = Got::Later(Span::from_secs(5));
        assert_eq!(tub.take(at(39), &queue, &key(), 1), again);
        assert!(matches!(tub.take(at(40), &queue, &key(), 1), Got::Item(..)));
        assert_eq!(tub.counts.deliveries, 2);
    }

    #[test]
    fn a_poison_item_ends_workers_until_it_is_put_aside() {
        let mut queue = WorkQueue::of(2, "1s");
        queue.poison = Some(Which::Listed(vec![0..=0]));
        queue.poisoned = Ending::Exit(3);
        queue.deliveries = Some(2);
        let mut tub = Tub::default();
        for second in 0..2 {
            let got = tub.take(at(second), &queue, &key(), 1);
            let Got::Item(item, _, Some(Ending::Exit(3))) = got else {
                panic!("the poison item comes first");
            };
            tub.orphaned(at(second + 1), &queue, item);
        }
        let Got::Item(item, _, None) = tub.take(at(2), &queue, &key(), 1) else {
            panic!("the other item is left");
        };
        tub.done(item);
        assert_eq!(tub.take(at(3), &queue, &key(), 1), Got::Empty);
        let counts = tub.counts;
        assert_eq!(
            (counts.done, counts.put_aside, counts.deliveries),
            (1, 1, 3)
        );
    }

    #[test]
    fn items_that_arrive_are_not_there_before() {
        let mut queue = WorkQueue::of(2, "1s");
        queue.arrivals = "10s".parse().ok();
        let mut tub = Tub::default();
        assert_eq!(tub.take(at(0), &queue, &key(), 1), Got::Empty);
        assert!(matches!(tub.take(at(10), &queue, &key(), 1), Got::Item(..)));
        assert_eq!(tub.take(at(19), &queue, &key(), 1), Got::Empty);
        assert!(matches!(tub.take(at(20), &queue, &key(), 1), Got::Item(..)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn every_item_has_one_end(
            dies in prop::collection::vec(any::<bool>(), 1..60),
            lost in any::<bool>(),
            most in prop::option::of(1..4_u32),
        ) {
            let mut queue = WorkQueue::of(10, "1s");
            queue.deliveries = most;
            if lost {
                queue.orphans = Orphans::Lost;
            }
            let mut tub = Tub::default();
            let mut turns = dies.into_iter().chain(std::iter::repeat(false));
            let mut second = 0;
            while let Got::Item(item, ..) = tub.take(at(second), &queue, &key(), 9) {
                second += 1;
                match turns.next() {
                    Some(true) => tub.orphaned(at(second), &queue, item),
                    _ => tub.done(item),
                }
            }
            let counts = tub.counts;
            prop_assert_eq!(counts.done + counts.lost + counts.put_aside, 10);
            prop_assert_eq!(tub.in_hand, 0);
        }
    }
}
