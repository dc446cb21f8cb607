//! Back-off: how long a Job, or an index of it, waits before it tries again (J40–J42, J45).

use crate::base::{Instant, Span, WireTime};

/// The wait after the first failure.
const BASE: Span = Span::from_secs(10);
/// The longest wait.
const CAP: Span = Span::from_secs(600);

/// What the controller remembers of a Job's failures; lost when it restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Backoff {
    /// Failures since the last success.
    pub(crate) failures: u32,
    /// When the latest of them finished.
    pub(crate) latest: WireTime,
}

/// The pods that a sync finds newly finished, as far as back-off goes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NewlyFinished {
    /// How many failed, ignored ones included (J42).
    pub(crate) failed: u32,
    /// When the latest of these finished.
    pub(crate) latest_failure: Option<WireTime>,
    /// When the latest success finished.
    pub(crate) latest_success: Option<WireTime>,
    /// Failures that finished strictly after the latest success. Only meaningful with one.
    pub(crate) failed_after_success: u32,
}

impl Backoff {
    /// The record after a sync: failures add up until a success, which forgets them.
    pub(crate) fn after(self, new: &NewlyFinished) -> Self {
        match (new.latest_success, new.latest_failure) {
            (None, None) => self,
            (None, Some(latest)) => Self {
                failures: self.failures + new.failed,
                latest,
            },
            (Some(_), Some(latest)) if new.failed_after_success > 0 => Self {
                failures: new.failed_after_success,
                latest,
            },
            (Some(_), _) => Self::default(),
        }
    }

    /// How long from `now` until new pods may be created.
    pub(crate) fn remaining(self, now: Instant) -> Span {
        if self.failures == 0 {
            return Span::ZERO;
        }
        let mut wait = BASE;
        for _ in 1..self.failures {
            wait = wait.doubled();
            if wait >= CAP {
                wait = CAP;
                break;
            }
        }
        let elapsed = now.since(self.latest.instant());
        if wait < elapsed {
            Span::ZERO
        } else {
            wait - elapsed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remaining(failures: u32, latest: i32, now: i64) -> i64 {
        let record = Backoff {
            failures,
            latest: WireTime::from_secs(latest),
        };
        record.remaining(Instant::from_micros(now)).micros()
    }

    #[test]
    fn waits_double_up_to_ten_minutes() {
        for (failures, secs) in [
            (0, 0),
            (1, 10),
            (2, 20),
            (3, 40),
            (6, 320),
            (7, 600),
            (99, 600),
        ] {
            assert_eq!(
                remaining(failures, 0, 0),
                secs * 1_000_000,
                "after {failures}"
            );
        }
    }

    #[test]
    fn waits_count_from_the_whole_second() {
        assert_eq!(remaining(1, 31, 32_900_000), 8_100_000);
        assert_eq!(remaining(1, 31, 41_000_000), 0);
        assert_eq!(remaining(1, 31, 99_000_000), 0);
    }

    #[test]
    fn a_success_forgets_what_was_not_after_it() {
        let at = |secs| Some(WireTime::from_secs(secs));
        let record = Backoff {
            failures: 3,
            latest: WireTime::from_secs(5),
        };
        let mut new = NewlyFinished {
            failed: 2,
            latest_failure: at(9),
            latest_success: None,
            failed_after_success: 0,
        };
        assert_eq!(record.after(&new).failures, 5);
        new.latest_success = at(9);
        assert_eq!(record.after(&new), Backoff::default());
        new.latest_success = at(8);
        new.failed_after_success = 1;
        assert_eq!(
            record.after(&new),
            Backoff {
                failures: 1,
                latest: WireTime::from_secs(9)
            }
        );
        assert_eq!(record.after(&NewlyFinished::default()), record);
    }
}
