//! A controller's client: its rate limit and the way its requests take (J80, J81).

use crate::base::{Instant, Span};
use crate::kernel::TokenBucket;

/// Limits of the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second, in thousandths, of the Job controller's client; `None` for no limit.
    pub milli_qps: Option<u32>,
    /// Requests that may go at once after a pause.
    pub burst: u32,
    /// From sending a request to its effect and answer.
    pub latency: Span,
}

impl Limits {
    /// No limits and no latency.
    pub const IDEAL: Self = Self {
        milli_qps: None,
        burst: 0,
        latency: Span::ZERO,
    };

    /// Kubernetes' defaults for controllers: 20 requests a second, burst 30.
    pub const UPSTREAM: Self = Self {
        milli_qps: Some(20_000),
        burst: 30,
        latency: Span::ZERO,
    };
}

/// A client with its own rate limit.
#[derive(Clone, Debug)]
pub(super) struct Client {
    bucket: Option<TokenBucket>,
    latency: Span,
}

impl Client {
    pub(super) fn new(limits: &Limits) -> Self {
        let per = Span::from_secs(1000);
        let bucket = limits
            .milli_qps
            .map(|rate| TokenBucket::new(rate, per, limits.burst));
        Self {
            bucket,
            latency: limits.latency,
        }
    }

    pub(super) fn unlimited(latency: Span) -> Self {
        Self {
            bucket: None,
            latency,
        }
    }

    /// When a request that is sent now takes effect and is answered.
    pub(super) fn send(&mut self, now: Instant) -> Instant {
        self.bucket
            .as_mut()
            .map_or(now, |bucket| bucket.reserve(now))
            + self.latency
    }

    /// From now on a request takes so long.
    pub(super) const fn set_latency(&mut self, latency: Span) {
        self.latency = latency;
    }

    /// Whether so many requests can go at once now.
    pub(super) fn can_send(&self, now: Instant, count: usize) -> bool {
        self.bucket
            .as_ref()
            .is_none_or(|bucket| bucket.holds(now, count))
    }

    /// Whether its requests have to wait for each other.
    pub(super) const fn is_limited(&self) -> bool {
        self.bucket.is_some()
    }

    pub(super) fn reset(&mut self) {
        if let Some(bucket) = &mut self.bucket {
            bucket.reset();
        }
    }
}
