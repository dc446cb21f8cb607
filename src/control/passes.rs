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

    /// The first pass after that instant.
    #[must_use]
    pub fn after(&self, at: Instant) -> Instant {
        self.from(at + Span::from_micros(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_keep_their_rhythm() {
        // period, phase, at -> from, after (ms)
        for (period, phase, at, from, after) in [
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
            assert_eq!(passes.after(at), Instant::ORIGIN + ms(after));
        }
    }
}
