//! The kubelet's beats: what it does every so often, and when that is next.
//!
//! P29, P31: containers are looked at by a relist, and pods in the work queue are taken up by a
//! ticker, each once a second. No event is spent on a beat at which nothing happens: the next one
//! that matters is computed.

use crate::base::{Instant, Span};

/// A beat of one second, with the phase that the node's kubelet happens to have; or one that never
/// stops, at each microsecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beat {
    phase: Span,
    never_stops: bool,
}

const SECOND: i64 = 1_000_000;

impl Beat {
    /// A beat that far into each second.
    pub(super) const fn new(phase: Span) -> Self {
        Self {
            phase,
            never_stops: false,
        }
    }

    /// The beat of each microsecond.
    pub(super) const CONTINUOUS: Self = Self {
        phase: Span::ZERO,
        never_stops: true,
    };

    /// The last beat at or before that instant.
    pub(super) const fn at_or_before(self, at: Instant) -> Instant {
        if self.never_stops {
            return at;
        }
        let since = at.micros() - self.phase.micros();
        Instant::from_micros(at.micros() - since.rem_euclid(SECOND))
    }

    /// The first beat after that instant.
    pub(super) fn after(self, at: Instant) -> Instant {
        if at == Instant::NEVER {
            return at;
        }
        let period = if self.never_stops { 1 } else { SECOND };
        self.at_or_before(at) + Span::from_micros(period)
    }

    /// The first beat at or after that instant.
    pub(super) fn at_or_after(self, at: Instant) -> Instant {
        let before = self.at_or_before(at);
        if before == at { at } else { self.after(at) }
    }
}

/// A span rounded up to whole polls (P17, P55): nothing takes no poll.
pub(super) const fn polled(span: Span, poll: Span) -> Span {
    let (span, poll) = (span.micros(), poll.micros());
    Span::from_micros((span + poll - 1) / poll * poll)
}

/// The part of a second below which the kubelet does not count (P53): grace periods are whole
/// seconds.
pub(super) fn whole_seconds(span: Span) -> u32 {
    u32::try_from(span.micros().max(0) / SECOND).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros)
    }

    #[test]
    fn p31_the_next_relist_follows_from_the_phase() {
        for (phase, now, before, from, after) in [
            (0, 0, 0, 0, 1_000_000),
            (0, 1, 0, 1_000_000, 1_000_000),
            (0, 1_000_000, 1_000_000, 1_000_000, 2_000_000),
            (300_000, 0, -700_000, 300_000, 300_000),
            (300_000, 300_000, 300_000, 300_000, 1_300_000),
            (999_999, 1_999_998, 999_999, 1_999_999, 1_999_999),
        ] {
            let beat = Beat::new(Span::from_micros(phase));
            let got = [
                beat.at_or_before(at(now)),
                beat.at_or_after(at(now)),
                beat.after(at(now)),
            ];
            assert_eq!(got, [at(before), at(from), at(after)], "{phase} {now}");
        }
        assert_eq!(Beat::default().after(Instant::NEVER), Instant::NEVER);
        let (often, now) = (Beat::CONTINUOUS, at(7));
        assert_eq!(
            (often.at_or_before(now), often.at_or_after(now)),
            (now, now)
        );
        assert_eq!(often.after(now), at(8));
    }

    #[test]
    fn p17_a_mount_is_noticed_by_the_poll_after_it() {
        let poll = Span::from_millis(300);
        for (takes, noticed) in [(0, 0), (1, 300), (100, 300), (300, 300), (301, 600)] {
            let (takes, noticed) = (Span::from_millis(takes), Span::from_millis(noticed));
            assert_eq!(polled(takes, poll), noticed);
        }
    }

    #[test]
    fn p53_seconds_that_a_hook_used_are_cut_down() {
        for (millis, secs) in [(0, 0), (999, 0), (1000, 1), (29_999, 29), (-5, 0)] {
            assert_eq!(whole_seconds(Span::from_millis(millis)), secs);
        }
    }
}
