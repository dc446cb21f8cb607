//! Many pods that run: a wheel of seconds, in each of which no order is kept, because the
//! controller takes in what happened since its last sync all at once.

use super::books::{Books, End, Running};
use super::life::Pod;
use super::terms::Terms;
use super::wheel::{Entry, Wheel};
use crate::base::{Instant, Span};
use crate::control::job::BATCH_PERIOD;
use std::collections::VecDeque;

/// Many pods, of which each runs no sooner than those created before it.
#[derive(Debug)]
pub(super) struct Many {
    /// From the write that shows a pod's end to its final phase.
    between: Span,
    /// Pods that are still to run, by when they do.
    starting: VecDeque<(Instant, u32)>,
    /// Writes before that, as far as they may matter.
    silent: VecDeque<Instant>,
    /// Pods whose end was not shown yet, by when it will be.
    wheel: Wheel,
    /// Pods whose end was shown, but not their final phase.
    leaving: Vec<Entry>,
    /// Whether pods are Ready while they run.
    ready: bool,
    /// Pods that run, and how many of them make the parallelism full, which has not happened yet.
    running: u32,
    full: Option<u32>,
    /// When pods began and ended to run since the last sync, as long as that is to be known.
    begun: Vec<(Instant, u32)>,
    ended: Vec<Instant>,
}

impl Many {
    /// No pods; from the write that shows a pod's end to its final phase it takes so long.
    pub(super) fn new(between: Span) -> Self {
        Self {
            between,
            starting: VecDeque::new(),
            silent: VecDeque::new(),
            wheel: Wheel::default(),
            leaving: Vec::new(),
            ready: true,
            running: 0,
            full: None,
            begun: Vec::new(),
            ended: Vec::new(),
        }
    }

    #[inline]
    fn end(&mut self, terms: &Terms, books: &mut Books, it: &Entry) {
        let end = End {
            exits: it.exits,
            fails: it.fails(),
            ran: it.ran(self.between),
        };
        books.ended(terms, it.index, it.nth(), &end);
        if it.runs != Instant::NEVER {
            self.running -= 1;
            if self.full.is_some() {
                self.ended.push(it.unready + self.between);
            }
        }
    }

    fn pass_leaving(&mut self, now: Instant, terms: &Terms, books: &mut Books) {
        let mut place = 0;
        while let Some(it) = self.leaving.get(place).copied() {
            if it.unready + self.between < now {
                self.leaving.swap_remove(place);
                self.end(terms, books, &it);
            } else {
                place += 1;
            }
        }
    }

    /// Pods that began to run before that instant.
    fn pass_starting(&mut self, now: Instant, books: &mut Books) {
        while let Some((at, count)) = self.starting.front().copied().filter(|it| it.0 < now) {
            self.starting.pop_front();
            self.running += count;
            books.ready += if self.ready { count } else { 0 };
            if self.full.is_some() {
                self.begun.push((at, count));
            }
        }
    }

    /// Whether as many pods as wanted ran when some began to. Where others end at the same
    /// instant, that depends on their order, which is not kept here.
    fn look_for_full(&mut self, full: u32, books: &mut Books) -> bool {
        let begun: u32 = self.begun.iter().map(|it| it.1).sum();
        let mut running = self.running + as_count(self.ended.len()) - begun;
        for (at, count) in &self.begun {
            running += count;
            let before = self.ended.iter().filter(|it| *it < at).count();
            let by = self.ended.iter().filter(|it| *it <= at).count();
            if running - as_count(by) >= full {
                books.tally.is_full(*at);
                self.full = None;
                return true;
            }
            if running - as_count(before) >= full {
                return false;
            }
        }
        true
    }
}

impl Running for Many {
    fn clear(&mut self, full: u32) {
        self.starting.clear();
        self.silent.clear();
        self.wheel.clear();
        self.leaving.clear();
        self.ended.clear();
        (self.running, self.full) = (0, Some(full));
    }

    #[inline]
    fn add(&mut self, pod: &Pod) {
        if pod.silent >= pod.created + BATCH_PERIOD && self.silent.back() != Some(&pod.silent) {
            self.silent.push_back(pod.silent);
        }
        if pod.ran_at_all() {
            match self.starting.back_mut().filter(|it| it.0 == pod.runs) {
                Some((_, count)) => *count += 1,
                None => self.starting.push_back((pod.runs, 1)),
            }
        }
        self.ready = pod.ready;
        self.wheel.add(Entry {
            unready: pod.unready,
            exits: pod.exits,
            runs: pod.runs,
            index: pod.index,
            tail: pod.nth << 1 | u32::from(pod.fails),
        });
    }

    fn next_write(&mut self) -> Instant {
        let silent = self.silent.front().copied();
        let runs = self.starting.front().map(|it| it.0);
        let ends = self.leaving.iter().map(|it| it.unready + self.between);
        let others = silent.into_iter().chain(runs).chain(ends);
        others.fold(self.wheel.next(), Instant::min)
    }

    #[inline]
    fn pass(&mut self, now: Instant, terms: &Terms, books: &mut Books) -> bool {
        self.begun.clear();
        self.ended.clear();
        while self.silent.front().is_some_and(|it| *it < now) {
            self.silent.pop_front();
        }
        self.pass_starting(now, books);
        self.pass_leaving(now, terms, books);
        let mut wheel = std::mem::take(&mut self.wheel);
        wheel.pass(now, |it| {
            books.ready -= u32::from(self.ready && it.runs != Instant::NEVER);
            if it.unready + self.between < now {
                self.end(terms, books, it);
            } else {
                self.leaving.push(*it);
            }
        });
        self.wheel = wheel;
        match self.full.filter(|_| !self.begun.is_empty()) {
            Some(full) => self.look_for_full(full, books),
            None => true,
        }
    }

    fn take(&mut self, pods: &mut Vec<Pod>) {
        let (between, ready) = (self.between, self.ready);
        let pod = |it: &Entry| Pod {
            index: it.index,
            nth: it.nth(),
            created: it.runs,
            bound: it.runs,
            silent: it.runs,
            runs: it.runs,
            unready: it.unready,
            ends: it.unready + between,
            exits: it.exits,
            fails: it.fails(),
            ready,
        };
        pods.extend(self.leaving.drain(..).map(|it| pod(&it)));
        self.wheel.pass(Instant::NEVER, |it| pods.push(pod(it)));
    }
}

fn as_count(len: usize) -> u32 {
    super::books::as_count(len)
}
