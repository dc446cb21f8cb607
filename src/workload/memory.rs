//! What runs use up: memory until the kernel kills, local storage until the kubelet does.

use crate::base::Span;
use crate::model::{Exit, ExitReason};

/// Bytes in use, growing evenly from the start of each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Bytes at the start.
    pub start: u64,
    /// Bytes that come on top …
    pub more: u64,
    /// … each time that this much time has passed; evenly, not in steps. Longer than zero.
    pub per: Span,
}

impl Growth {
    /// Always so many bytes.
    #[must_use]
    pub const fn steady(bytes: u64) -> Self {
        Self {
            start: bytes,
            more: 0,
            per: Span::from_secs(1),
        }
    }

    /// So many more in each such time.
    #[must_use]
    pub const fn growing(mut self, more: u64, per: Span) -> Self {
        self.more = more;
        self.per = per;
        self
    }

    /// Bytes in use so long after the start, cut down to whole ones.
    #[must_use]
    pub fn after(&self, age: Span) -> u64 {
        let more = u128::from(self.more) * micros(age) / micros(self.per).max(1);
        u64::try_from(more).map_or(u64::MAX, |more| self.start.saturating_add(more))
    }

    /// How long after the start more than that many bytes are in use; `None` if never.
    #[must_use]
    pub fn exceeds(&self, limit: u64) -> Option<Span> {
        let Some(room) = limit.checked_sub(self.start) else {
            return Some(Span::ZERO);
        };
        let one_too_many = (u128::from(room) + 1) * micros(self.per).max(1);
        let more = Some(u128::from(self.more)).filter(|more| *more > 0)?;
        let micros = i64::try_from(one_too_many.div_ceil(more)).ok()?;
        Some(Span::from_micros(micros))
    }
}

fn micros(span: Span) -> u128 {
    u128::try_from(span.micros()).unwrap_or(0)
}

/// Memory of a container's processes, and what happens when it exceeds the container's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Bytes in use.
    pub growth: Growth,
    /// Whom the kernel kills.
    pub kills: OomKill,
}

/// Whom the kernel kills when a container's memory exceeds its limit (P87).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OomKill {
    /// All of the container's processes: exit code 137. So it is on cgroup v2, unless the kubelet
    /// is told `singleProcessOOMKill`.
    #[default]
    Group,
    /// A child; the main process then exits at once with that code. The reason is OOMKilled all
    /// the same, also with code 0.
    ChildThenExit(u8),
    /// A child; the main process starts another one and goes on, with memory as at the start.
    /// The reason of its end is OOMKilled, whatever that is.
    ChildOnly,
}

impl Memory {
    /// How long after the start the kernel kills for the first time under that limit.
    pub(super) fn kills_after(&self, limit: Option<u64>) -> Option<Span> {
        self.growth.exceeds(limit?)
    }

    /// The end that the kernel brings about then, unless the main process goes on.
    pub(super) const fn end(&self) -> Option<Exit> {
        match self.kills {
            OomKill::Group => Some(Exit::OOM_KILLED),
            OomKill::ChildThenExit(code) => Some(Exit {
                code: code as i16,
                reason: ExitReason::OomKilled,
            }),
            OomKill::ChildOnly => None,
        }
    }

    /// Bytes in use so long after the start, if the kernel kills every so often.
    pub(super) fn after(&self, age: Span, kills: Option<Span>) -> u64 {
        let age = match (self.kills, kills) {
            (OomKill::ChildOnly, Some(every)) if every > Span::ZERO => {
                Span::from_micros(age.micros().rem_euclid(every.micros()))
            }
            _ => age,
        };
        self.growth.after(age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_even_and_exceeds_a_limit_at_the_computed_time() {
        let mib = |n: u64| n << 20;
        let per = |more, secs| Growth::steady(mib(100)).growing(more, Span::from_secs(secs));
        for (growth, at, bytes, limit, exceeds) in [
            (Growth::steady(5), 99, 5, 5, None),
            (Growth::steady(5), 99, 5, 4, Some(0)),
            (per(mib(10), 1), 3, mib(130), mib(100) - 1, Some(0)),
            // One byte more than 100 MiB: 1/10485760 s, rounded up to a microsecond.
            (per(mib(10), 1), 3, mib(130), mib(100), Some(1)),
            (
                per(mib(10), 60),
                90,
                mib(115),
                mib(120) - 1,
                Some(120_000_000),
            ),
            (
                per(1, 60),
                119,
                mib(100) + 1,
                mib(100) + 1,
                Some(120_000_000),
            ),
            (per(1, 60), 119, mib(100) + 1, u64::MAX, None),
            (
                per(u64::MAX, 1),
                99,
                u64::MAX,
                u64::MAX - 1,
                Some(1_000_000),
            ),
        ] {
            assert_eq!(growth.after(Span::from_secs(at)), bytes, "{growth:?}");
            let exceeds = exceeds.map(Span::from_micros);
            assert_eq!(growth.exceeds(limit), exceeds, "{growth:?} {limit}");
            if let Some(exceeds) = exceeds.filter(|it| *it > Span::ZERO) {
                assert!(growth.after(exceeds) > limit, "{growth:?}");
                let before = exceeds - Span::from_micros(1);
                assert!(growth.after(before) <= limit, "{growth:?}");
            }
        }
    }
}
