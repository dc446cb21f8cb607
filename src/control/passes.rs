//! Passes: what a controller does again and again in a fixed rhythm.
//!
//! Nothing is planned for a pass that would find nothing to do: whoever needs one asks when it is.

use crate::base::{Instant, Span};

/// A rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passes {
    period: Span,
    phase: Span,
}

impl Passes {
    /// A pass every `period`, one of them `phase` after the origin of time. A period of nothing is
    /// taken for the shortest there is.
    #[must_use]
    pub const fn every(period: Span, phase: Span) -> Self {
        let period = if period.micros() > 0 {
            period
        } else {
            Span::from_micros(1)
        };
        let phase = Span::from_micros(phase.micros().rem_euclid(period.micros()));
        Self { period, phase }
    }

    /// The first pass that is not before that instant.
    #[must_use]
    pub fn from(&self, at: Instant) -> Instant {
        let since = at.micros() - self.phase.micros();
        let over = since.rem_euclid(self.period.micros());
        if over == 0 {
            at
        } else {
            at + (self.period - Span::from_micros(over))
        }
    }

    /// The first pass that sees what was written at that instant, if the last one was made then.
    ///
    /// A pass comes when everything else that happens at its instant has come to rest.
    #[must_use]
    pub fn that_sees(&self, written: Instant, last: Option<Instant>) -> Instant {
        let first = self.from(written);
        match last {
            Some(last) if first <= last => last + self.period,
            Some(_) | None => first,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_keep_their_rhythm() {
        // period, phase, at -> from (ms), and that after a pass at that instant
        for (period, phase, at, from, next) in [
            (5_000, 0, 0, 0, 5_000),
            (5_000, 30, 0, 30, 30),
            (5_000, 30, 30, 30, 5_030),
            (5_000, -1_970, 31, 3_030, 3_030),
            (100, -83, 17, 17, 117),
        ] {
            let ms = Span::from_millis;
            let passes = Passes::every(ms(period), ms(phase));
            let at = Instant::ORIGIN + ms(at);
            assert_eq!(passes.from(at), Instant::ORIGIN + ms(from));
            assert_eq!(passes.that_sees(at, None), Instant::ORIGIN + ms(from));
            let last = (from == at.micros() / 1000).then_some(at);
            assert_eq!(passes.that_sees(at, last), Instant::ORIGIN + ms(next));
        }
    }
}
