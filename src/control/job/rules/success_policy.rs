//! `successPolicy`: enough of the right indexes make the Job a success.
//!
//! J27, KEP-3998, from 1.31. The first rule that is met decides; nothing is met before the first
//! index has succeeded.

use super::{Case, Rule, Verdict};
use crate::base::IndexSet;
use crate::model::{Cause, IndexList, RuleId, SuccessRule};

pub(super) const RULE: Rule = Rule {
    id: RuleId::SuccessPolicy,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Verdict> {
    let rules = case.spec().success_policy.as_deref()?;
    let completions = case.spec().completions?;
    if !case.spec().is_indexed() || case.succeeded == 0 {
        return None;
    }
    let met = rules
        .iter()
        .zip(0u16..)
        .find(|(rule, _)| is_met(rule, case, completions))?;
    Some(Verdict::Succeed(Cause::SuccessPolicy { rule: met.1 }))
}

fn is_met(rule: &SuccessRule, case: &Case<'_>, completions: u32) -> bool {
    let Some(IndexList { set: indexes, .. }) = &rule.succeeded_indexes else {
        return rule
            .succeeded_count
            .is_some_and(|count| case.succeeded >= count);
    };
    // Completions may have been lowered since the policy was written.
    let within: IndexSet;
    let indexes = if indexes.last().is_some_and(|last| last >= completions) {
        within = indexes
            .iter()
            .take_while(|index| *index < completions)
            .collect();
        &within
    } else {
        indexes
    };
    if indexes.is_empty() {
        return false;
    }
    let among = case.succeeded_among(indexes);
    among == indexes.len() || rule.succeeded_count.is_some_and(|count| among >= count)
}
