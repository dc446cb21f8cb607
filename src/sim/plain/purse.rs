//! A rate limit that is never felt: whether the controller's requests all go at once (J80).

use super::terms::Terms;
use crate::base::Instant;

/// Microtokens: what a request takes.
const REQUEST: i64 = 1_000_000;

/// The tokens that are there at least.
///
/// A client that can always send at once is as good as one without limits. Each sync is taken to
/// need as many tokens as it could at most; where that is more than there are, the trial is left
/// to a World, whose client waits.
#[derive(Debug, Default)]
pub(super) struct Purse {
    tokens: i64,
    at: Instant,
}

impl Purse {
    /// Full, as at the beginning.
    pub(super) fn fill(&mut self, terms: &Terms) {
        if let Some((_, burst)) = terms.rate {
            (self.tokens, self.at) = (i64::from(burst) * REQUEST, Instant::ORIGIN);
        }
    }

    /// Pays for a sync with so many requests in a row or side by side, each of which may have an
    /// event in its wake; whether it can. A sync writes the status twice at most, and has one more
    /// event.
    #[inline]
    pub(super) fn pays(&mut self, terms: &Terms, now: Instant, requests: u32) -> bool {
        let Some((milli_qps, burst)) = terms.rate else {
            return true;
        };
        let passed = now.since(self.at).micros();
        let gained = passed.saturating_mul(i64::from(milli_qps)) / 1000;
        let most = i64::from(burst) * REQUEST;
        // Requests side by side keep their order only as long as there are two tokens for each.
        let needs = (2 * i64::from(requests) + 3) * REQUEST;
        self.tokens = self.tokens.saturating_add(gained).min(most) - needs;
        self.at = now;
        self.tokens >= 0
    }
}
