//! What of a scenario file is hardly meant as it is written.

use super::content::Content;
use crate::base::Span;
use crate::fault::{Outage, When};
use crate::manifest::Flaw;
use crate::model::{Amount, Availability, PodScript};

/// Warnings about a file by itself.
pub(super) fn flaws(content: &Content) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    shadowed(content, &mut flaws);
    late(content, &mut flaws);
    for fault in &content.faults {
        let Outage::Quota(quota) = &fault.it.outage else {
            continue;
        };
        if quota.pods.is_none() && quota.requests.is_empty() && quota.limits.is_empty() {
            let words = "a quota without an amount forbids nothing";
            flaws.push(Flaw::new(format!("{}.quota", fault.path), words));
        }
    }
    for budget in &content.budgets {
        let field = match budget.it.wants {
            Some(Availability::MaxUnavailable(_)) => "maxUnavailable",
            Some(Availability::Min(Amount::Percent(_))) => "minAvailable",
            Some(Availability::Min(Amount::Count(_))) | None => continue,
        };
        let words = "of the pods of a Job this cannot be computed, so none of them may be evicted";
        let flaw = Flaw::new(format!("{}.{field}", budget.path), words);
        flaws.push(flaw.help("write minAvailable with a number of pods (P81)"));
    }
    flaws
}

fn shadowed(content: &Content, flaws: &mut Vec<Flaw>) {
    let all = |script: &PodScript| script.index.is_empty() && script.nth.is_empty();
    let Some(first) = content.pods.iter().position(|it| all(&it.it)) else {
        return;
    };
    if let Some(next) = content.pods.get(first + 1) {
        let for_all = &content.pods[first].path;
        let words = format!("no pod comes to this script: {for_all} is for all pods");
        let flaw = Flaw::new(next.path.clone(), words);
        flaws.push(flaw.help("write the script without `index` and `nth` last"));
    }
}

/// What comes after the end.
fn late(content: &Content, flaws: &mut Vec<Flaw>) {
    let Some(until) = content.until else {
        return;
    };
    let mut check = |field: String, at: Option<Span>| {
        if at.is_some_and(|at| at > until) {
            let words = format!("this does not happen: the run is watched for {until}");
            flaws.push(Flaw::new(field, words));
        }
    };
    for action in &content.actions {
        check(format!("{}.at", action.path), Some(action.it.at));
    }
    for fault in &content.faults {
        check(format!("{}.from", fault.path), Some(fault.it.from));
    }
    for again in &content.recurring {
        match &again.it.when {
            When::Every { first, .. } => check(format!("{}.first", again.path), *first),
            When::Times(times) => check(format!("{}.times", again.path), times.first().copied()),
            When::EachNode { .. } => {}
        }
    }
}
