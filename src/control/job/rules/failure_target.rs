//! `FailureTarget`: a Job once found failing fails, for the same reason.
//!
//! J21. Condition FailureTarget=True, KEP-3329; from 1.31 for every failure.

use super::{Case, Rule, Verdict};
use crate::model::{ConditionType, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::FailureTarget,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Verdict> {
    let target = case.stored.status.holds(ConditionType::FailureTarget)?;
    Some(Verdict::Failing(target.cause))
}
