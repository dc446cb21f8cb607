//! A few pods that run, looked at one by one.

use super::books::{Books, End, Running};
use super::life::Pod;
use super::terms::Terms;
use crate::base::Instant;
use crate::control::job::BATCH_PERIOD;

/// A few pods.
#[derive(Debug, Default)]
pub(super) struct Few {
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
    at: Instant,
    next: Next,
    pod: Pod,
}

impl Slot {
    fn new(pod: &Pod) -> Self {
        // What is written within a second of the creation finds the controller woken already.
        let (at, next) = if pod.silent >= pod.created + BATCH_PERIOD {
            (pod.silent, Next::Silent)
        } else if pod.ran_at_all() {
            (pod.runs, Next::Runs)
        } else {
            (pod.unready, Next::Unready)
        };
        Self {
            at,
            next,
            pod: *pod,
        }
    }

    /// Passes the writes before that instant; whether the pod has ended.
    #[inline]
    fn pass(&mut self, now: Instant, ready: &mut u32, begun: &mut Vec<Instant>) -> bool {
        let pod = &self.pod;
        let shows = pod.ready && pod.ran_at_all();
        while self.at < now {
            (self.at, self.next) = match self.next {
                Next::Silent if pod.ran_at_all() => (pod.runs, Next::Runs),
                Next::Silent => (pod.unready, Next::Unready),
                Next::Runs => {
                    *ready += u32::from(shows);
                    begun.push(pod.runs);
                    (pod.unready, Next::Unready)
                }
                Next::Unready => {
                    *ready -= u32::from(shows);
                    (pod.ends, Next::Ends)
                }
                Next::Ends => return true,
            };
        }
        false
    }
}

impl Running for Few {
    fn clear(&mut self, full: u32) {
        self.pods.clear();
        self.full = Some(full);
    }

    #[inline]
    fn add(&mut self, pod: &Pod) {
        self.pods.push(Slot::new(pod));
    }

    #[inline]
    fn next_write(&mut self) -> Instant {
        let writes = self.pods.iter().map(|it| it.at);
        writes.fold(Instant::NEVER, Instant::min)
    }

    #[inline]
    fn pass(&mut self, now: Instant, terms: &Terms, books: &mut Books) -> bool {
        self.begun.clear();
        let mut known = true;
        let mut place = 0;
        let mut any = false;
        for it in &mut self.pods {
            any |= it.pass(now, &mut books.ready, &mut self.begun);
        }
        if let Some(full) = self.full.filter(|_| !self.begun.is_empty()) {
            known = self.look_for_full(full, books);
        }
        while any && place < self.pods.len() {
            let Slot { at, next, pod } = &self.pods[place];
            if *next != Next::Ends || *at >= now {
                place += 1;
                continue;
            }
            let end = End {
                exits: pod.exits,
                fails: pod.fails,
                ran: pod.ran(),
            };
            books.ended(terms, pod.index, pod.nth, &end);
            self.pods.swap_remove(place);
        }
        known
    }

    fn take(&mut self, pods: &mut Vec<Pod>) {
        pods.extend(self.pods.drain(..).map(|it| it.pod));
    }
}

impl Few {
    /// Whether as many pods as wanted ran when one of them began to. Where one begins and another
    /// ends at the same instant, that depends on their order, which is not kept here.
    fn look_for_full(&mut self, full: u32, books: &mut Books) -> bool {
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
