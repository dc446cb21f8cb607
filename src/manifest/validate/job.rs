//! The fields of a Job's specification.

use super::finding::Findings;
use super::{failure_policy, pod, scheduling, success_policy};
use crate::manifest::names::subdomain_flaws;
use crate::manifest::twin::JobSpec;

/// Pods at a time that an Indexed Job may have.
const PARALLELISM: i32 = 100_000;
/// The same where many completions have retries of their own.
const PARALLELISM_OF_MANY: i32 = 10_000;

pub(super) fn is_indexed(spec: &JobSpec) -> bool {
    spec.completion_mode.as_deref() == Some("Indexed")
}

/// Checks the specification that stands at `path`, selectors apart; `_old` is the stored one.
pub(super) fn spec(path: &str, spec: &JobSpec, _old: Option<&JobSpec>, found: &mut Findings) {
    counts(path, spec, found);
    if let Some(by) = &spec.managed_by {
        managed_by(&format!("{path}.managedBy"), by, found);
    }
    completion_mode(path, spec, found);
    if let Some(policy) = &spec.pod_failure_policy {
        failure_policy::check(
            &format!("{path}.podFailurePolicy.rules"),
            policy,
            spec,
            found,
        );
    }
    if let Some(policy) = &spec.success_policy {
        success_policy::check(&format!("{path}.successPolicy"), policy, spec, found);
    }
    pod_replacement_policy(path, spec, found);
    scheduling::check(path, spec, found);
    pod::check(&format!("{path}.template"), &spec.template, found);
    restart_policy(path, spec, found);
}

fn counts(path: &str, spec: &JobSpec, found: &mut Findings) {
    let fields = [
        ("parallelism", spec.parallelism.map(i64::from)),
        ("completions", spec.completions.map(i64::from)),
        ("activeDeadlineSeconds", spec.active_deadline_seconds),
        ("backoffLimit", spec.backoff_limit.map(i64::from)),
        (
            "ttlSecondsAfterFinished",
            spec.ttl_seconds_after_finished.map(i64::from),
        ),
        (
            "backoffLimitPerIndex",
            spec.backoff_limit_per_index.map(i64::from),
        ),
        ("maxFailedIndexes", spec.max_failed_indexes.map(i64::from)),
    ];
    for (field, value) in fields {
        found.negative(&format!("{path}.{field}"), value);
    }
    if spec.max_failed_indexes.is_some() && spec.backoff_limit_per_index.is_none() {
        let field = format!("{path}.backoffLimitPerIndex");
        found.required(&field, "when maxFailedIndexes is specified");
        found.help("add `backoffLimitPerIndex`: indexes fail one by one only with it");
    }
}

fn managed_by(field: &str, by: &str, found: &mut Findings) {
    if by.is_empty() {
        return found.required(field, "");
    }
    match by
        .split_once('/')
        .filter(|(prefix, path)| !prefix.is_empty() && !path.is_empty())
    {
        None => {
            let text = "must be a domain-prefixed path (such as \"acme.io/foo\")";
            found.invalid(field, by, text);
        }
        Some((prefix, path)) => {
            for flaw in subdomain_flaws(prefix) {
                found.invalid(field, prefix, &flaw);
            }
            let fine = |c: char| c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:".contains(c);
            if !path.chars().all(fine) {
                let form = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+";
                let text = format!("Invalid path (regex used for validation is '{form}')");
                found.invalid(field, path, &text);
            }
        }
    }
    if by.len() > 63 {
        found.too_long(field, 63);
    }
}

fn completion_mode(path: &str, spec: &JobSpec, found: &mut Findings) {
    match spec.completion_mode.as_deref() {
        Some("Indexed") => indexed(path, spec, found),
        None | Some("NonIndexed") => {
            let only_indexed = [
                ("backoffLimitPerIndex", spec.backoff_limit_per_index),
                ("maxFailedIndexes", spec.max_failed_indexes),
            ];
            for (field, value) in only_indexed {
                if let Some(value) = value {
                    let field = format!("{path}.{field}");
                    found.invalid(&field, &value, "requires indexed completion mode");
                    found.help("add `completionMode: Indexed`");
                }
            }
        }
        Some(other) => {
            let supported = ["NonIndexed", "Indexed"];
            found.not_supported(&format!("{path}.completionMode"), other, &supported);
        }
    }
}

fn indexed(path: &str, spec: &JobSpec, found: &mut Findings) {
    let most = "must be less than or equal to";
    let parallelism = spec.parallelism.unwrap_or_default();
    let completions_field = format!("{path}.completions");
    let parallelism_field = format!("{path}.parallelism");
    let failed_field = format!("{path}.maxFailedIndexes");
    if spec.completions.is_none() {
        found.required(&completions_field, "when completion mode is Indexed");
    }
    if parallelism > PARALLELISM {
        let text = format!("{most} {PARALLELISM} when completion mode is Indexed");
        found.invalid(&parallelism_field, &parallelism, &text);
    }
    if let Some(failed) = spec.max_failed_indexes {
        if spec
            .completions
            .is_some_and(|completions| failed > completions)
        {
            found.invalid(&failed_field, &failed, &format!("{most} completions"));
        }
        if failed > PARALLELISM {
            found.invalid(&failed_field, &failed, &format!("{most} {PARALLELISM}"));
        }
    }
    let many = spec
        .completions
        .is_some_and(|completions| completions > PARALLELISM);
    if many && spec.backoff_limit_per_index.is_some() {
        if spec.max_failed_indexes.is_none() {
            let text = format!("must be specified when completions is above {PARALLELISM}");
            found.required(&failed_field, &text);
        }
        let text = format!(
            "{most} {PARALLELISM_OF_MANY} when completions are above {PARALLELISM} and used with \
             backoff limit per index"
        );
        if parallelism > PARALLELISM_OF_MANY {
            found.invalid(&parallelism_field, &parallelism, &text);
        }
        if let Some(failed) = spec.max_failed_indexes.filter(|&n| n > PARALLELISM_OF_MANY) {
            found.invalid(&failed_field, &failed, &text);
        }
    }
}

fn pod_replacement_policy(path: &str, spec: &JobSpec, found: &mut Findings) {
    let Some(policy) = spec.pod_replacement_policy.as_deref() else {
        return;
    };
    let field = format!("{path}.podReplacementPolicy");
    if spec.pod_failure_policy.is_some() {
        if policy != "Failed" {
            found.not_supported(&field, policy, &["Failed"]);
            found.note("a podFailurePolicy looks at pods that have failed");
        }
    } else if !matches!(policy, "Failed" | "TerminatingOrFailed") {
        found.not_supported(&field, policy, &["Failed", "TerminatingOrFailed"]);
    }
}

fn restart_policy(path: &str, spec: &JobSpec, found: &mut Findings) {
    let field = format!("{path}.template.spec.restartPolicy");
    let help = "add `restartPolicy: Never` (a failed pod is replaced) or `OnFailure` (its \
                containers are restarted)";
    match spec.template.spec.restart_policy.as_str() {
        "" | "Always" => {
            found.required(&field, "valid values: \"OnFailure\", \"Never\"");
            found.note(
                "restartPolicy is missing here; pods default to Always, which Jobs do not allow",
            );
            found.help(help);
            found.if_given(
                "Jobs do not allow Always",
                "write `Never` (a failed pod is replaced) or `OnFailure` (its containers are \
                 restarted)",
            );
        }
        policy @ ("OnFailure" | "Never") => {
            if spec.pod_failure_policy.is_some() && policy != "Never" {
                let text = "only \"Never\" is supported when podFailurePolicy is specified";
                found.invalid(&field, policy, text);
            }
        }
        other => found.not_supported(&field, other, &["OnFailure", "Never"]),
    }
}
