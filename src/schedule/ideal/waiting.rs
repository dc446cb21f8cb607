//! Pods that wait, in order of creation, and which of them a node has room for.

use super::seat::Room;
use crate::model::PodId;

/// A pod that waits, or did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) pod: PodId,
    asks: Room,
    /// The text of its last refusal.
    pub(super) told: Option<u16>,
    gone: bool,
}

/// The pods that wait. The first of them have been tried since nodes last changed.
///
/// They are kept in blocks, each with the least that any pod of it asks for: where a node has less
/// no pod of the block is looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    lines: Vec<Line>,
    least: Vec<Room>,
    gone: usize,
    tried: usize,
}

const BLOCK: usize = 64;
const NOBODY: Room = Room {
    cpu: u64::MAX,
    memory: u64::MAX,
};

impl Waiting {
    pub(super) fn clear(&mut self) {
        self.lines.clear();
        self.least.clear();
        (self.gone, self.tried) = (0, 0);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = PodId> {
        let there = self.lines.iter().filter(|it| !it.gone);
        there.map(|it| it.pod)
    }

    /// A pod waits, that was created after all others.
    pub(super) fn push(&mut self, pod: PodId, asks: Room) {
        if self.lines.len() % BLOCK == 0 {
            self.least.push(NOBODY);
        }
        if let Some(least) = self.least.last_mut() {
            *least = least.min(asks);
        }
        self.lines.push(Line {
            pod,
            asks,
            told: None,
            gone: false,
        });
    }

    /// A pod waits no more.
    pub(super) fn remove(&mut self, pod: PodId) {
        let Ok(place) = self.lines.binary_search_by_key(&pod, |it| it.pod) else {
            return;
        };
        if std::mem::replace(&mut self.lines[place].gone, true) {
            return;
        }
        self.gone += 1;
        let block = place / BLOCK;
        let end = self.lines.len().min((block + 1) * BLOCK);
        self.least[block] = least(&self.lines[block * BLOCK..end]);
    }

    /// All have to be tried again.
    pub(super) fn try_all(&mut self) {
        self.tried = 0;
    }

    /// Whether a pod was tried in vain.
    pub(super) fn has_tried(&self) -> bool {
        self.tried > 0
    }

    /// The next pod to be tried.
    pub(super) fn next(&mut self) -> Option<&mut Line> {
        while self.lines.get(self.tried)?.gone {
            self.tried += 1;
        }
        self.lines.get_mut(self.tried)
    }

    /// That pod was tried in vain.
    pub(super) fn next_is_refused(&mut self) {
        self.tried += 1;
    }

    /// The first pod from a place on that was tried in vain and that there is room for now; and
    /// the place after it.
    pub(super) fn first_with_room(&self, from: usize, free: Room) -> Option<(PodId, usize)> {
        let mut place = from;
        while place < self.tried {
            let block = place / BLOCK;
            let end = ((block + 1) * BLOCK).min(self.tried);
            if self.least[block].fits_in(free) {
                let lines = self.lines[place..end].iter();
                let mut fits = lines.zip(place..).filter(|(it, _)| !it.gone);
                if let Some((line, at)) = fits.find(|(it, _)| it.asks.fits_in(free)) {
                    return Some((line.pod, at + 1));
                }
            }
            place = end;
        }
        None
    }

    /// Forgets those that are gone, if they are many. Places change.
    pub(super) fn tidy(&mut self) {
        if self.gone < BLOCK || self.gone * 2 < self.lines.len() {
            return;
        }
        let gone = self.lines[..self.tried].iter().filter(|it| it.gone);
        self.tried -= gone.count();
        self.lines.retain(|it| !it.gone);
        self.gone = 0;
        self.least.clear();
        self.least.extend(self.lines.chunks(BLOCK).map(least));
    }
}

fn least(lines: &[Line]) -> Room {
    let there = lines.iter().filter(|it| !it.gone);
    there.fold(NOBODY, |least, it| least.min(it.asks))
}
