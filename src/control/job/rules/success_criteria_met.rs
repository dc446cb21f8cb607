//! `SuccessCriteriaMet`: a Job once found successful stays so.
//!
//! J20. Condition SuccessCriteriaMet=True, KEP-3998, from 1.31. It outranks every failure that
//! turns up while the remaining pods go.

use super::{Case, Rule, Verdict};
use crate::model::{ConditionType, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::SuccessCriteriaMet,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Verdict> {
    let met = case
        .stored
        .status
        .holds(ConditionType::SuccessCriteriaMet)?;
    Some(Verdict::Succeeding(met.cause, met.at))
}
