//! Back-off of containers that crash and of images that cannot be pulled.
//!
//! P21–P28, P36. Waits double from 10 s to 300 s, without jitter. What looks like one rule is two:
//! a crash's wait counts from the exit, and its entry ages from the last start; a pull's wait
//! counts from the failure, and so does its age.

use crate::base::{Instant, Span};

/// Where waits begin and end (P28).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOffLimits {
    base: Span,
    max: Span,
}

impl BackOffLimits {
    /// 10 s, doubled up to 300 s.
    pub const DEFAULT: Self = Self {
        base: Span::from_secs(10),
        max: Span::from_secs(300),
    };

    /// With `crashLoopBackOff.maxContainerRestartPeriod`, which is held to 1 s to 300 s; the
    /// first wait is not longer than that.
    #[must_use]
    pub fn up_to(max: Span) -> Self {
        let max = max.clamp(Span::from_secs(1), Self::DEFAULT.max);
        Self {
            base: Self::DEFAULT.base.min(max),
            max,
        }
    }

    /// With the feature gate `ReduceDefaultCrashLoopBackOffDecay`: from 1 s, up to 60 s where the
    /// maximum cannot be configured (1.33, 1.34), and up to 300 s where it can.
    #[must_use]
    pub const fn reduced(configurable: bool) -> Self {
        Self {
            base: Span::from_secs(1),
            max: Span::from_secs(if configurable { 300 } else { 60 }),
        }
    }
}

/// An entry that old begins anew (P25).
const LIFETIME: Span = Span::from_secs(600);

/// How often entries that are too old are deleted (P26).
const HOUSEKEEPING: i64 = 2_000_000;

/// What the kubelet remembers of one container, or of one image of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BackOff {
    entry: Option<(Span, Instant)>,
}

impl BackOff {
    /// Until when a container has to wait that exited then (P22); `None` if it may start now.
    pub(super) fn holds_restart(&self, now: Instant, exited: Instant) -> Option<Instant> {
        let (delay, since) = self.entry?;
        let until = exited + delay;
        let fresh = exited.since(since) <= LIFETIME && !is_deleted(now, since);
        (fresh && now < until).then_some(until)
    }

    /// A container that exited then is started again (P23).
    pub(super) fn restarted(&mut self, now: Instant, exited: Instant, limits: BackOffLimits) {
        let known = self
            .entry
            .filter(|(_, since)| exited.since(*since) <= LIFETIME && !is_deleted(now, *since));
        self.advance(now, known, limits);
    }

    /// Until when an image is not pulled again (P36).
    pub(super) fn holds_pull(&self, now: Instant) -> Option<Instant> {
        let (delay, since) = self.entry?;
        let until = since + delay;
        (now.since(since) <= LIFETIME && now < until).then_some(until)
    }

    /// A pull has failed (P36).
    pub(super) fn pull_failed(&mut self, now: Instant) {
        let known = self
            .entry
            .filter(|(_, since)| now.since(*since) <= LIFETIME);
        self.advance(now, known, BackOffLimits::DEFAULT);
    }

    fn advance(&mut self, now: Instant, known: Option<(Span, Instant)>, limits: BackOffLimits) {
        let delay = known.map_or(limits.base, |(delay, _)| delay.times(2).min(limits.max));
        self.entry = Some((delay, now));
    }

    /// How long the wait is that would begin now, for those who are told.
    pub(super) fn delay(&self) -> Span {
        self.entry.map_or(Span::ZERO, |(delay, _)| delay)
    }
}

/// Whether housekeeping has deleted an entry by now (P26).
fn is_deleted(now: Instant, since: Instant) -> bool {
    let last = now.micros() - now.micros().rem_euclid(HOUSEKEEPING);
    Instant::from_micros(last).since(since) > LIFETIME
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Instant {
        Instant::ORIGIN + Span::from_secs(secs)
    }

    /// The first waits of a container that always runs so long, looked at every `check` seconds
    /// after its exit.
    fn waits<const N: usize>(run: i64, check: i64, limits: BackOffLimits) -> [i64; N] {
        let (mut back_off, mut now) = (BackOff::default(), 0);
        std::array::from_fn(|_| {
            let exited = now + run;
            now = exited;
            while back_off.holds_restart(at(now), at(exited)).is_some() {
                now += check;
            }
            back_off.restarted(at(now), at(exited), limits);
            now - exited
        })
    }

    #[test]
    fn p24_waits_are_0_10_20_40_80_160_300() {
        let got = waits(5, 1, BackOffLimits::DEFAULT);
        assert_eq!(got, [0, 10, 20, 40, 80, 160, 300, 300, 300]);
    }

    #[test]
    fn p25_a_run_of_more_than_600_s_begins_the_series_anew() {
        // Housekeeping comes every two seconds.
        assert_eq!(waits(600, 1, BackOffLimits::DEFAULT), [0, 2, 2, 2]);
        assert_eq!(waits(601, 1, BackOffLimits::DEFAULT), [0, 0, 0, 0]);
    }

    #[test]
    fn p26_the_entry_also_ages_while_the_container_waits() {
        // The figures of a replay of the real package with a fake clock.
        let got = waits(400, 10, BackOffLimits::DEFAULT);
        assert_eq!(got, [0, 10, 20, 40, 80, 160, 210, 10]);
    }

    #[test]
    fn g1_g2_p28_base_and_maximum_follow_the_configuration() {
        let secs = |max| BackOffLimits::up_to(Span::from_secs(max));
        assert_eq!(waits(1, 1, secs(60)), [0, 10, 20, 40, 60, 60]);
        assert_eq!(waits(1, 1, secs(4)), [0, 4, 4, 4, 4, 4]);
        assert_eq!(secs(0), secs(1));
        assert_eq!(secs(9999), BackOffLimits::DEFAULT);
        let reduced = BackOffLimits::reduced(false);
        assert_eq!(waits(1, 1, reduced), [0, 1, 2, 4, 8, 16, 32, 60, 60]);
        let both = BackOffLimits::reduced(true);
        assert_eq!(
            waits(1, 1, both),
            [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
        );
    }

    #[test]
    fn p36_a_pull_waits_from_its_failure_and_success_forgets_nothing() {
        let mut back_off = BackOff::default();
        assert_eq!(back_off.holds_pull(at(0)), None);
        let mut now = 0;
        let gaps: [i64; 7] = std::array::from_fn(|_| {
            back_off.pull_failed(at(now));
            let failed = now;
            while back_off.holds_pull(at(now)).is_some() {
                now += 1;
            }
            now - failed
        });
        assert_eq!(gaps, [10, 20, 40, 80, 160, 300, 300]);
        back_off.pull_failed(at(now + 301));
        assert_eq!(back_off.delay(), BackOffLimits::DEFAULT.base);
    }
}
