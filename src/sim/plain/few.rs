//! A few pods that run, looked at one by one.

use super::books::{Books, End, Running};
use super::life::Pod;
use super::terms::Terms;
use crate::base::{Instant, Span};
use crate::control::job::BATCH_PERIOD;

/// A few pods.
#[derive(Debug, Default)]
pub(super) struct Few {
    /// When each pod writes next.
    at: Vec<Instant>,
    pods: Vec<Slot>,
    /// As many pods that run make the parallelism full, which has not happened yet.
    full: Option<u32>,
    /// Pods that began to run since the last sync.
    begun: Vec<Instant>,
}

/// A pod, as far as it matters here.
#[derive(Clone, Copy, Debug)]
struct Slot {
    runs: Instant,
    unready: Instant,
    ends: Instant,
    exits: Instant,
    index: u32,
    nth: u32,
    fails: bool,
    /// Whether it is Ready when it runs, and whether it is counted as such.
    ready: bool,
    counted: bool,
}

impl Slot {
    #[inline]
    fn new(pod: &Pod) -> Self {
        Self {
            runs: pod.runs,
            unready: pod.unready,
            ends: pod.ends,
            exits: pod.exits,
            index: pod.index,
            nth: pod.nth,
            fails: pod.fails,
            ready: pod.ready,
            counted: false,
        }
    }

    /// Passes the writes before that instant; when the next one is, unless the pod has ended.
    #[inline]
    fn pass(&mut self, now: Instant, ready: &mut u32) -> Option<Instant> {
        if self.unready < now {
            *ready -= u32::from(self.counted);
            self.counted = false;
            (self.ends >= now).then_some(self.ends)
        } else if self.runs < now {
            let counts = self.ready && !self.counted;
            *ready += u32::from(counts);
            self.counted |= counts;
            Some(self.unready)
        } else {
            Some(self.runs.min(self.unready))
        }
    }

    /// How long it is shown to run.
    #[inline]
    fn ran(&self) -> Span {
        if self.runs == Instant::NEVER {
            Span::ZERO
        } else {
            self.ends.since(self.runs)
        }
    }
}

impl Running for Few {
    fn clear(&mut self, full: u32) {
        self.at.clear();
        self.pods.clear();
        self.full = Some(full);
    }

    #[inline]
    fn add(&mut self, pod: &Pod) {
        // What is written within a second of the creation finds the controller woken already.
        let silent = pod.silent >= pod.created + BATCH_PERIOD;
        let appears = pod.runs.min(pod.unready);
        self.at.push(if silent { pod.silent } else { appears });
        self.pods.push(Slot::new(pod));
    }

    #[inline]
    fn next_write(&mut self) -> Instant {
        self.at.iter().copied().fold(Instant::NEVER, Instant::min)
    }

    #[inline]
    fn pass(&mut self, now: Instant, terms: &Terms, books: &mut Books) -> bool {
        let known = match self.full {
            Some(full) => self.look_for_full(now, full, books),
            None => true,
        };
        let mut place = 0;
        while let Some(at) = self.at.get_mut(place) {
            if *at >= now {
                place += 1;
                continue;
            }
            let pod = &mut self.pods[place];
            if let Some(next) = pod.pass(now, &mut books.ready) {
                *at = next;
                place += 1;
                continue;
            }
            let end = End {
                exits: pod.exits,
                fails: pod.fails,
                ran: pod.ran(),
            };
            books.ended(terms, pod.index, pod.nth, &end);
            self.at.swap_remove(place);
            self.pods.swap_remove(place);
        }
        known
    }

    fn take(&mut self, pods: &mut Vec<Pod>) {
        self.at.clear();
        pods.extend(self.pods.drain(..).map(|it| Pod {
            index: it.index,
            nth: it.nth,
            created: it.runs,
            bound: it.runs,
            silent: it.runs,
            runs: it.runs,
            unready: it.unready,
            ends: it.ends,
            exits: it.exits,
            fails: it.fails,
            ready: it.ready,
        }));
    }
}

impl Few {
    /// Whether as many pods as wanted ran when one of them began to, before that instant. Where
    /// one begins and another ends at the same instant, that depends on their order, which is not
    /// kept here.
    fn look_for_full(&mut self, now: Instant, full: u32, books: &mut Books) -> bool {
        self.begun.clear();
        // Who began earlier has been looked at.
        let new = |(at, it): &(&Instant, &Slot)| **at <= it.runs && it.runs < now;
        let begun = self.at.iter().zip(&self.pods).filter(new);
        self.begun.extend(begun.map(|(_, it)| it.runs));
        self.begun.sort_unstable();
        for at in &self.begun {
            let run = |it: &&Slot| it.runs <= *at;
            let later = |it: &&Slot| it.ends > *at;
            let among = |it: &&Slot| it.ends >= *at;
            let running = self.pods.iter().filter(run);
            if count(running.clone().filter(later)) >= full {
                books.tally.is_full(*at);
                self.full = None;
                return true;
            }
            if count(running.filter(among)) >= full {
                return false;
            }
        }
        true
    }
}

fn count<'a>(slots: impl Iterator<Item = &'a Slot>) -> u32 {
    super::books::as_count(slots.count())
}
