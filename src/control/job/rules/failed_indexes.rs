//! `backoffLimitPerIndex`: once every index has ended and some have failed, the Job fails.
//!
//! J26, KEP-3850.

use super::{Case, Rule, Verdict};
use crate::model::{Cause, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::FailedIndexes,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Verdict> {
    case.spec().backoff_limit_per_index?;
    let completions = case.spec().completions?;
    let ended = case.failed_indexes + case.succeeded >= completions;
    (case.failed_indexes > 0 && ended).then_some(Verdict::Fail(Cause::FailedIndexes))
}
