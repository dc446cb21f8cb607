//! `activeDeadlineSeconds`: a started Job that has been active for too long fails.
//!
//! J24. Counted from `status.startTime`, which the API stores in whole seconds, so a Job started
//! at 0.9 s with a deadline of 10 s ends at 10.0 s, not at 10.9 s. Suspended Jobs do not age.

use super::{Case, Rule, Verdict};
use crate::base::{Instant, Span, WireTime};
use crate::model::{Cause, JobSpec, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::ActiveDeadline,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Verdict> {
    let left = remaining(case.spec(), case.started(), case.now)?;
    (left <= Span::ZERO).then_some(Verdict::Fail(Cause::DeadlineExceeded))
}

impl Case<'_> {
    /// `startTime` as the sub-second clock of this sync has it.
    fn started(&self) -> Option<Instant> {
        // A start time that this very sync sets is the clock's, not yet cut down.
        match self.stored.status.start_time {
            Some(time) => Some(time.instant()),
            None => self.start_time.map(|_| self.now),
        }
    }

    /// How long the Job may still be active (J33); `None` without a deadline.
    pub(in super::super) fn active_time_left(&self) -> Option<Span> {
        remaining(self.spec(), self.started(), self.now)
    }
}

fn remaining(spec: &JobSpec, started: Option<Instant>, now: Instant) -> Option<Span> {
    let limit = Span::from_secs(spec.active_deadline_seconds?);
    let age = now.since(started?);
    (!spec.suspend).then(|| limit - age)
}

/// How long a started Job may still be active by a new deadline (J6).
pub(in super::super) fn left_after_change(
    spec: &JobSpec,
    started: Option<WireTime>,
    now: Instant,
) -> Option<Span> {
    let limit = Span::from_secs(spec.active_deadline_seconds?);
    Some(limit - now.since(started?.instant()))
}
