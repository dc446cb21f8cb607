//! A limit on how often something may be done, with an allowance for bursts.
//!
//! The bucket of client-go (`golang.org/x/time/rate`), which counts tokens in floating point, as
//! virtual scheduling in integers (ITU-T I.371, the generic cell rate algorithm): instead of how
//! many tokens there are, it remembers when the bucket will be full. Nothing is rounded but the
//! instant that is told to a caller who must wait, up to a whole microsecond.

use crate::base::{Instant, Span};

/// A bucket of `burst` tokens, full at first, that gains some tokens every so often.
///
/// `now` must not go back from call to call.
///
/// ```
/// use dryjob::base::{Instant, Span};
/// use dryjob::kernel::TokenBucket;
///
/// let mut bucket = TokenBucket::per_second(10, 2);
/// let now = Instant::ORIGIN;
/// assert_eq!([(); 4].map(|()| bucket.reserve(now).micros()), [0, 0, 100_000, 200_000]);
/// assert!(!bucket.try_accept(now + Span::from_millis(250)));
/// ```
#[derive(Clone, Debug)]
pub struct TokenBucket {
    /// Tokens gained in every `per`.
    tokens: i128,
    /// In microseconds. In ticks of 1 / `tokens` microseconds, it is the time one token takes.
    per: i128,
    burst: u32,
    /// When the bucket is full again, in those ticks.
    full_at: i128,
}

impl TokenBucket {
    /// A full bucket of `burst` tokens that gains `tokens` in every `per`.
    ///
    /// As in the original, a `per` of nothing (or less) sets no limit; else, a burst of 0 lets
    /// nobody through, and without gain (`tokens` is 0) there is only the first bucketful.
    #[must_use]
    pub fn new(tokens: u32, per: Span, burst: u32) -> Self {
        let per = i128::from(per.micros().max(0));
        Self {
            tokens: i128::from(tokens),
            per,
            burst,
            full_at: i128::MIN,
        }
    }

    /// A full bucket of `burst` tokens that gains `qps` tokens a second.
    #[must_use]
    pub fn per_second(qps: u32, burst: u32) -> Self {
        Self::new(qps, Span::from_secs(1), burst)
    }

    /// Takes a token that is there or still to come; the instant at which the caller may go.
    ///
    /// Callers queue up in the order of their calls, as with `Limiter.Reserve` and `Wait`. With
    /// no token ever to come it is [`Instant::NEVER`].
    pub fn reserve(&mut self, now: Instant) -> Instant {
        let full_at = self.full_after(now);
        let ready = full_at - self.depth();
        if self.per > 0 && self.burst == 0 {
            return Instant::NEVER;
        }
        self.full_at = full_at;
        if ready <= self.ticks(now) {
            return now;
        }
        if self.tokens == 0 {
            return Instant::NEVER;
        }
        // Euclid rounds down, so the negative rounds up.
        let micros = -(-ready).div_euclid(self.tokens);
        i64::try_from(micros).map_or(Instant::NEVER, Instant::from_micros)
    }

    /// Takes a token if there is one now, as `Limiter.Allow` does.
    pub fn try_accept(&mut self, now: Instant) -> bool {
        let full_at = self.full_after(now);
        let accepted = full_at - self.depth() <= self.ticks(now);
        if accepted {
            self.full_at = full_at;
        }
        accepted
    }

    /// Whether so many tokens are there now.
    #[must_use]
    pub fn holds(&self, now: Instant, count: usize) -> bool {
        let taken = self
            .per
            .saturating_mul(i128::try_from(count).unwrap_or(i128::MAX));
        let full_at = self.full_at.max(self.ticks(now)).saturating_add(taken);
        full_at - self.depth() <= self.ticks(now)
    }

    /// Fills the bucket and forgets who is waiting.
    pub fn reset(&mut self) {
        self.full_at = i128::MIN;
    }

    /// When the bucket would be full if one more token were taken now.
    fn full_after(&self, now: Instant) -> i128 {
        self.full_at.max(self.ticks(now)) + self.per
    }

    /// How long an empty bucket takes to fill.
    fn depth(&self) -> i128 {
        self.per * i128::from(self.burst)
    }

    fn ticks(&self, now: Instant) -> i128 {
        i128::from(now.micros()) * self.tokens
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Instant {
        Instant::ORIGIN + Span::from_millis(millis)
    }

    #[test]
    fn a_bucket_holds_what_it_can_give_at_once() {
        let mut bucket = TokenBucket::per_second(20, 3);
        let now = Instant::from_micros(7_000_000);
        assert!(bucket.holds(now, 3) && !bucket.holds(now, 4));
        assert!(bucket.try_accept(now));
        assert!(bucket.holds(now, 2) && !bucket.holds(now, 3));
        assert!(bucket.holds(now + Span::from_millis(50), 3));
    }

    #[test]
    fn twenty_a_second_with_bursts_of_thirty() {
        let mut bucket = TokenBucket::per_second(20, 30);
        for n in 0..100_i64 {
            assert_eq!(
                bucket.reserve(at(0)),
                at((n - 29).max(0) * 50),
                "caller {n}"
            );
        }
        // The last of them goes at 3.5 s; one second later there are 20 tokens.
        let go = [(); 22].map(|()| bucket.reserve(at(4_500)));
        assert_eq!(go[..20], [at(4_500); 20]);
        assert_eq!(go[20..], [at(4_550), at(4_600)]);
    }

    #[test]
    fn a_rest_fills_the_bucket_but_not_more() {
        let mut bucket = TokenBucket::per_second(20, 3);
        let _ = [(); 3].map(|()| bucket.reserve(at(0)));
        let hour = at(3_600_000);
        assert_eq!(
            [(); 5].map(|()| bucket.try_accept(hour)),
            [true, true, true, false, false]
        );
        bucket.reset();
        assert!(bucket.try_accept(hour));
    }

    #[test]
    fn a_refused_caller_takes_nothing() {
        let mut bucket = TokenBucket::new(1, Span::from_secs(300), 1);
        for (millis, accepted) in [
            (0, true),
            (299_999, false),
            (300_000, true),
            (300_001, false),
            (600_000, true),
        ] {
            assert_eq!(bucket.try_accept(at(millis)), accepted, "{millis} ms");
        }
    }

    #[test]
    fn odd_rates_do_not_drift() {
        // 3 a second, one third at a time: every third caller goes at a whole second.
        let mut bucket = TokenBucket::per_second(3, 1);
        let go: Vec<i64> = (0..3001).map(|_| bucket.reserve(at(0)).micros()).collect();
        assert_eq!(go[..4], [0, 333_334, 666_667, 1_000_000]);
        assert_eq!(go[3000], 1_000_000_000);
    }

    #[test]
    fn rates_and_bursts_of_nothing_are_what_they_say() {
        let forever = Instant::NEVER;
        for (mut bucket, go, accepted) in [
            (
                TokenBucket::per_second(0, 2),
                [at(0), at(0), forever],
                false,
            ),
            (TokenBucket::per_second(5, 0), [forever; 3], false),
            (TokenBucket::new(5, Span::ZERO, 0), [at(0); 3], true),
            (
                TokenBucket::new(1, Span::MAX, 1),
                [at(0), forever, forever],
                false,
            ),
        ] {
            assert_eq!([(); 3].map(|()| bucket.reserve(at(0))), go, "{bucket:?}");
            assert_eq!(bucket.try_accept(at(0)), accepted, "{bucket:?}");
        }
    }

    proptest! {
        /// The definition itself: tokens that are added and taken, here as exact fractions.
        #[test]
        fn agrees_with_counting_tokens(
            qps in 1..50_u32, burst in 1..40_u32,
            calls in prop::collection::vec((0..300_000_i64, any::<bool>()), 0..200),
        ) {
            let mut bucket = TokenBucket::per_second(qps, burst);
            let (mut now, qps) = (0_i64, i64::from(qps));
            // In millionths.
            let (full, mut tokens) = (i64::from(burst) * 1_000_000, i64::from(burst) * 1_000_000);
            for (later, waits) in calls {
                now += later;
                tokens = (tokens + later * qps).min(full);
                let missing = (1_000_000 - tokens).max(0);
                if waits {
                    let wait = Span::from_micros((missing + qps - 1) / qps);
                    let go = Instant::from_micros(now) + wait;
                    prop_assert_eq!(bucket.reserve(Instant::from_micros(now)), go);
                } else {
                    prop_assert_eq!(bucket.try_accept(Instant::from_micros(now)), missing == 0);
                }
                if waits || missing == 0 {
                    tokens -= 1_000_000;
                }
            }
        }
    }
}
