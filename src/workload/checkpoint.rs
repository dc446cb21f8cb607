//! Saved work: a retry goes on where the last run saved it.

use super::flaw::Flaw;
use super::words::{IntoLaw, Read};
use crate::base::{Law, Span};

/// How a process saves its work. What is saved survives the pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoints {
    /// Work between two of them; the first comes after that much. Longer than zero.
    pub every: Span,
    /// What reading one takes at the start of a retry; nothing unless told.
    pub restore: Option<Law>,
    flaws: Vec<Flaw>,
}

impl Checkpoints {
    /// One each time that so much of the work is done.
    #[must_use]
    pub const fn every(every: Span) -> Self {
        Self {
            every,
            restore: None,
            flaws: Vec::new(),
        }
    }

    /// The same, and reading one takes that long.
    #[must_use]
    pub fn restored_in(mut self, law: impl IntoLaw) -> Self {
        self.restore = self.flaws.read("restore", law.into_law());
        self
    }

    pub(super) fn check(&self) -> Vec<Flaw> {
        let mut flaws = self.flaws.clone();
        if self.every.micros() <= 0 {
            flaws.push(Flaw::Zero("work between two checkpoints"));
        }
        flaws
    }

    /// What of the work done is saved.
    pub(super) fn saved(&self, done: Span) -> Span {
        let every = self.every.micros().max(1);
        Span::from_micros(done.micros() / every * every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_checkpoints_are_saved() {
        let secs = Span::from_secs;
        let checkpoints = Checkpoints::every(secs(60));
        for (done, saved) in [(0, 0), (59, 0), (60, 60), (179, 120), (180, 180)] {
            assert_eq!(checkpoints.saved(secs(done)), secs(saved), "{done}");
        }
        assert_eq!(Checkpoints::every(Span::ZERO).check().len(), 1);
        assert_eq!(checkpoints.restored_in("x").check().len(), 1);
    }
}
