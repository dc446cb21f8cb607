//! A few pods that run, looked at one by one.

use super::books::{Books, End, Running};
use super::life::Pod;
use super::terms::Terms;
use crate::base::Instant;
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

/// What a pod writes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Silent,
    Runs,
    Unready,
    Ends,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    next: Next,
    pod: Pod,
}

impl Slot {
    /// A pod that was just created, and when it writes first.
    #[inline]
    fn new(pod: &Pod) -> (Instant, Self) {
        // What is written within a second of the creation finds the controller woken already.
        let (at, next) = if pod.silent >= pod.created + BATCH_PERIOD {
            (pod.silent, Next::Silent)
        } else {
            Self::appears(pod)
        };
        (at, Self { next, pod: *pod })
    }

    #[inline]
    fn appears(pod: &Pod) -> (Instant, Next) {
        if pod.ran_at_all() {
            (pod.runs, Next::Runs)
        } else {
            (pod.unready, Next::Unready)
        }
    }

    /// Passes the writes before that instant, the next being at `at`; when the one after these is.
    #[inline]
    fn pass(&mut self, mut at: Instant, now: Instant, ready: &mut u32) -> Instant {
        let pod = &self.pod;
        let shows = u32::from(pod.ready && pod.ran_at_all());
        while at < now {
            (at, self.next) = match self.next {
                Next::Silent => Self::appears(pod),
                Next::Runs => {
                    *ready += shows;
                    (pod.unready, Next::Unready)
                }
                Next::Unready => {
                    *ready -= shows;
                    (pod.ends, Next::Ends)
                }
                Next::Ends => break,
            };
        }
        at
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
        let (at, slot) = Slot::new(pod);
        self.at.push(at);
        self.pods.push(slot);
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
            let slot = &mut self.pods[place];
            *at = slot.pass(*at, now, &mut books.ready);
            if *at >= now {
                place += 1;
                continue;
            }
            let pod = &slot.pod;
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
        pods.extend(self.pods.drain(..).map(|it| it.pod));
    }
}

impl Few {
    /// Whether as many pods as wanted ran when one of them began to, before that instant. Where
    /// one begins and another ends at the same instant, that depends on their order, which is not
    /// kept here.
    fn look_for_full(&mut self, now: Instant, full: u32, books: &mut Books) -> bool {
        self.begun.clear();
        let new = |it: &&Slot| it.next != Next::Unready && it.next != Next::Ends;
        let begins = self.pods.iter().filter(new).map(|it| it.pod.runs);
        self.begun.extend(begins.filter(|at| *at < now));
        self.begun.sort_unstable();
        for at in &self.begun {
            let run = |it: &&Slot| it.pod.runs <= *at;
            let later = |it: &&Slot| it.pod.ends > *at;
            let among = |it: &&Slot| it.pod.ends >= *at;
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
