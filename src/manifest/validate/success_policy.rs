//! `spec.successPolicy`

use serde::Serialize;

use super::finding::Findings;
use super::is_beyond_us;
use super::job::is_indexed;
use crate::manifest::lower::INDEXES;
use crate::manifest::twin::{JobSpec, List, SuccessPolicy, SuccessRule};
use crate::model::{IndexCount, IndexList};

/// Rules of a policy.
const RULES: usize = 20;
/// Bytes of a list of indexes.
const TEXT: usize = 65_536;

pub(super) fn check(path: &str, policy: &SuccessPolicy, spec: &JobSpec, found: &mut Findings) {
    if !is_indexed(spec) {
        found.invalid(path, &printed(policy), "requires indexed completion mode");
        found.help("add `completionMode: Indexed`");
        return;
    }
    let path = format!("{path}.rules");
    let rules = List::items(policy.rules.as_ref());
    if rules.is_empty() {
        let text = "at least one rules must be specified when the successPolicy is specified";
        found.required(&path, text);
    }
    found.too_many(&path, rules.len(), RULES);
    for (index, one) in rules.iter().enumerate() {
        // Without completions Kubernetes itself falls over here; they were asked for already.
        if let Some(completions) = spec.completions {
            rule(&format!("{path}[{index}]"), one, completions, found);
        }
    }
}

fn rule(path: &str, rule: &SuccessRule, completions: i32, found: &mut Findings) {
    if rule.succeeded_indexes.is_none() && rule.succeeded_count.is_none() {
        let text = "at least one of succeededCount or succeededIndexes must be specified";
        found.required(path, text);
    }
    let mut total = 0;
    if let Some(text) = &rule.succeeded_indexes {
        let field = format!("{path}.succeededIndexes");
        if text.len() > TEXT {
            found.too_long(&field, TEXT);
        }
        match IndexList::count(text, i64::from(completions)) {
            Ok(IndexCount { largest, .. }) if is_beyond_us(largest) => {
                let words = format!("dryjob knows no index above {}", INDEXES - 1);
                found.invalid_whole(&field, &words);
            }
            Ok(read) => total = read.total,
            Err(words) => {
                found.invalid(
                    &field,
                    text,
                    &format!("error parsing succeededIndexes: {words}"),
                );
            }
        }
    }
    let Some(count) = rule.succeeded_count else {
        return;
    };
    let field = format!("{path}.succeededCount");
    found.negative(&field, Some(i64::from(count)));
    if count > completions {
        let most = format!(
            "must be less than or equal to {completions} (the number of specified completions)"
        );
        found.invalid(&field, &count, &most);
    }
    if rule.succeeded_indexes.is_some() && i64::from(count) > total {
        let most = format!(
            "must be less than or equal to {total} (the number of indexes in the specified \
             succeededIndexes field)"
        );
        found.invalid(&field, &count, &most);
    }
}

/// The policy as the API server prints it: its internal form.
fn printed(policy: &SuccessPolicy) -> impl Serialize {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Policy {
        rules: Option<Vec<Rule>>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Rule {
        succeeded_indexes: Option<String>,
        succeeded_count: Option<i32>,
    }
    let rule = |rule: &SuccessRule| Rule {
        succeeded_indexes: rule.succeeded_indexes.clone(),
        succeeded_count: rule.succeeded_count,
    };
    let rules = policy.rules.as_ref();
    Policy {
        rules: rules.map(|list| list.0.iter().map(rule).collect()),
    }
}
