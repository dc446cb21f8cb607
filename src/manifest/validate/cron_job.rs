//! The fields of a `CronJob`'s specification.

use super::finding::Findings;
use super::job;
use crate::manifest::twin::CronJobSpec;
use crate::model::Check;
use crate::model::cron::{Schedule, Zone};

/// Checks a specification; `old` is that of the stored object, if there is one.
pub(super) fn check(spec: &CronJobSpec, old: Option<&CronJobSpec>, found: &mut Findings) {
    let last = found.has(Check::EmptyScheduleIsLast);
    if !spec.schedule.is_empty() {
        schedule(spec, old, found);
    } else if !last {
        empty_schedule(found);
    }
    found.negative(
        "spec.startingDeadlineSeconds",
        spec.starting_deadline_seconds,
    );
    if old.is_none_or(|old| old.time_zone != spec.time_zone) {
        if let Some(zone) = &spec.time_zone {
            time_zone(zone, found);
        }
    }
    concurrency_policy(&spec.concurrency_policy, found);
    let template = &spec.job_template.spec;
    let path = "spec.jobTemplate.spec";
    let old_template = old.map(|old| &old.job_template.spec);
    job::spec(path, template, old_template, found);
    if let Some(selector) = &template.selector {
        let field = format!("{path}.selector");
        found.invalid(&field, selector, "`selector` will be auto-generated");
        found.help("delete it: each Job of a CronJob gets one of its own");
    }
    if template.manual_selector == Some(true) {
        let field = format!("{path}.manualSelector");
        found.unsupported(&field, "true", &["nil", "false"]);
    }
    let limits = [
        (
            "successfulJobsHistoryLimit",
            spec.successful_jobs_history_limit,
        ),
        ("failedJobsHistoryLimit", spec.failed_jobs_history_limit),
    ];
    for (field, limit) in limits {
        found.negative(&format!("spec.{field}"), limit.map(i64::from));
    }
}

/// What newer releases tell last.
pub(super) fn declared(spec: &CronJobSpec, found: &mut Findings) {
    if spec.schedule.is_empty() && found.has(Check::EmptyScheduleIsLast) {
        empty_schedule(found);
    }
}

fn empty_schedule(found: &mut Findings) {
    found.required("spec.schedule", "");
    found.help("add a schedule, such as `schedule: \"30 1 * * *\"` for half past one every night");
}

fn schedule(spec: &CronJobSpec, old: Option<&CronJobSpec>, found: &mut Findings) {
    let field = "spec.schedule";
    let text = &spec.schedule;
    if let Err(error) = text.parse::<Schedule>() {
        found.invalid(field, text, &error.to_string());
    }
    if !text.contains("TZ") {
        return;
    }
    if old.is_some_and(|old| old.schedule.contains("TZ")) {
        if spec.time_zone.is_some() {
            let words = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
            found.invalid(field, text, words);
        }
    } else {
        let words = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        found.invalid(field, text, words);
    }
}

fn time_zone(zone: &str, found: &mut Findings) {
    let field = "spec.timeZone";
    if zone.is_empty() {
        let text = "timeZone must be nil or non-empty string";
        return found.invalid(field, zone, text);
    }
    let fine = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
    let bad = |part: &str| {
        matches!(part, "." | "..")
            || part.starts_with('-')
            || !(1..=14).contains(&part.len())
            || !part.chars().all(fine)
    };
    if zone.split('/').any(bad) {
        return found.invalid(field, zone, &format!("unknown time zone {zone}"));
    }
    if zone.eq_ignore_ascii_case("Local") {
        let text = "timeZone must be an explicit time zone as defined in \
                    https://www.iana.org/time-zones";
        found.invalid(field, zone, text);
    }
    if zone != "Local" {
        if let Err(error) = Zone::find(zone) {
            found.invalid(field, zone, &error.to_string());
        }
    }
}

fn concurrency_policy(policy: &str, found: &mut Findings) {
    let field = "spec.concurrencyPolicy";
    match policy {
        "" => found.required(field, ""),
        other => found.one_of(field, other, &["Allow", "Forbid", "Replace"]),
    }
}
