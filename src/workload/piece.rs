//! Pieces of work: who is at them, how often they were tried, and how far they are.

use crate::base::Span;
use crate::model::PodId;
use std::collections::BTreeMap;

/// The pieces that the runs of one container of a Job work on.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    pieces: BTreeMap<u32, Piece>,
}

/// A piece of work.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    /// The pod that is at it.
    pub(super) holder: Option<PodId>,
    /// Whether it is done.
    pub(super) done: bool,
    /// Runs that were at it before.
    pub(super) runs: u32,
    /// How much of it is saved.
    pub(super) saved: Span,
}

impl Pieces {
    pub(super) fn clear(&mut self) {
        self.pieces.clear();
    }

    /// The piece for a run of that pod: its index's own, or, without indexes, the one that the
    /// pod had before, else the oldest that nobody is at and that is not done, else a new one.
    pub(super) fn take(&mut self, pod: PodId, index: Option<u32>) -> (u32, &mut Piece) {
        let number = index.unwrap_or_else(|| {
            let held = |(_, it): &(&u32, &Piece)| it.holder == Some(pod);
            let free = |(_, it): &(&u32, &Piece)| it.holder.is_none() && !it.done;
            let own = self.pieces.iter().find(held);
            let piece = own.or_else(|| self.pieces.iter().find(free));
            piece.map_or_else(|| self.next(), |(number, _)| *number)
        });
        let piece = self.pieces.entry(number).or_default();
        piece.holder = Some(pod);
        (number, piece)
    }

    fn next(&self) -> u32 {
        self.pieces.keys().next_back().map_or(0, |last| last + 1)
    }

    /// The piece of that number, if a run was ever at it.
    pub(super) fn get(&mut self, number: u32) -> Option<&mut Piece> {
        self.pieces.get_mut(&number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_indexes_the_oldest_unfinished_piece_goes_first() {
        let mut pieces = Pieces::default();
        let mut take = |pod| pieces.take(PodId(pod), None).0;
        assert_eq!((take(0), take(1), take(2)), (0, 1, 2));
        assert_eq!(take(1), 1, "a restart stays with its piece");
        for (number, done) in [(0, true), (1, false), (2, false)] {
            let piece = pieces.get(number).unwrap();
            (piece.holder, piece.done) = (None, done);
        }
        let mut take = |pod| pieces.take(PodId(pod), None).0;
        assert_eq!((take(3), take(4), take(5)), (1, 2, 3));
    }

    #[test]
    fn with_indexes_each_has_its_own() {
        let mut pieces = Pieces::default();
        assert_eq!(pieces.take(PodId(0), Some(7)).0, 7);
        assert_eq!(pieces.take(PodId(1), Some(7)).0, 7);
    }
}
