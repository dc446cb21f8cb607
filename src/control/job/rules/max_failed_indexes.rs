//! `maxFailedIndexes`: more failed indexes than allowed fail the Job.
//!
//! J25, KEP-3850. Only with `backoffLimitPerIndex`.

use super::{Case, Rule, Verdict};
use crate::model::{Cause, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::MaxFailedIndexes,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Verdict> {
    case.spec().backoff_limit_per_index?;
    let max = case.spec().max_failed_indexes?;
    (case.failed_indexes > max).then_some(Verdict::Fail(Cause::MaxFailedIndexesExceeded))
}
