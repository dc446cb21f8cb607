//! The explanation of an ending: which rule, and with which numbers.

use super::Run;
use super::attempts::PodStory;
use super::text;
use super::verdict::{Ending, Hang};
use crate::base::Span;
use crate::control::job::Settlement;
use crate::model::{Cause, JobId, PodId, RestartPolicy, RuleId};
use std::fmt;

/// Why the Jobs of a run ended as they did; `Display` writes a few lines a Job.
#[derive(Clone, Copy, Debug)]
pub struct Why<'r> {
    run: &'r Run,
}

/// A part of an explanation, and the rule that it follows from.
pub(super) type Reason = (String, Option<RuleId>);

/// Numbers of a Job's run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) created: u32,
    failures: u32,
    taken_down: u32,
    ignored: u32,
    restarts: u32,
    last_failure: Option<PodId>,
}

impl<'r> Why<'r> {
    pub(super) const fn new(run: &'r Run) -> Self {
        Self { run }
    }
}

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = totals(self.run);
        for ((job, ending), totals) in self.run.endings().iter().zip(&totals) {
            let name = &self.run.scenario().workloads[job.slot()].job.name;
            writeln!(f, "{name}: {}", headline(ending))?;
            for (text, rule) in reasons(self.run, *job, ending, totals) {
                let rule = rule.map_or_else(String::new, |it| format!("   {it}"));
                writeln!(f, "  {text}{rule}")?;
            }
        }
        Ok(())
    }
}

/// How a Job ended, in a few words.
pub(super) fn headline(ending: &Ending) -> String {
    match ending {
        Ending::Complete { after, .. } => format!("Complete in {}", text::clock(*after)),
        Ending::Failed { after, cause, .. } => {
            format!("Failed: {} after {}", cause.reason(), text::clock(*after))
        }
        Ending::Deleted { after } => {
            format!("deleted after {}, before it ended", text::clock(*after))
        }
        Ending::Open(hang) => format!("does not end: {hang}"),
    }
}

/// The rule behind an ending.
pub(super) fn rule_of(ending: &Ending) -> Option<RuleId> {
    match ending {
        Ending::Complete { cause, .. } | Ending::Failed { cause, .. } => text::rule_of(*cause),
        Ending::Deleted { .. } => Some(RuleId::JobDeletion),
        Ending::Open(Hang::Suspended) => Some(RuleId::Suspension),
        Ending::Open(Hang::ManagedElsewhere(_)) => Some(RuleId::ManagedBy),
        Ending::Open(Hang::NoParallelism) => Some(RuleId::WantActive),
        Ending::Open(Hang::NeverCreated | Hang::Stuck { .. } | Hang::StillRunning { .. }) => None,
    }
}

/// The numbers of each Job, in one walk over all pods.
pub(super) fn totals(run: &Run) -> Vec<Totals> {
    let mut all = vec![Totals::default(); run.scenario().workloads.len()];
    for story in run.attempts() {
        let pod = run.api().pod(story.pod());
        let it = &mut all[pod.job.slot()];
        it.created += 1;
        it.restarts += pod.restarts;
        match story.attempt().settled {
            Some(Settlement::Failed) => {
                it.failures += 1;
                let end = |pod: PodId| run.trace().attempts()[pod.slot()].ended;
                if it
                    .last_failure
                    .is_none_or(|last| end(last) <= end(story.pod()))
                {
                    it.last_failure = Some(story.pod());
                }
            }
            Some(Settlement::FailedUnfinished) => it.taken_down += 1,
            Some(Settlement::Ignored(_)) => it.ignored += 1,
            Some(Settlement::Succeeded | Settlement::AlreadySucceeded | Settlement::Uncounted)
            | None => {}
        }
    }
    all
}

/// The reasons of an ending, the decisive one first.
pub(super) fn reasons(run: &Run, job: JobId, ending: &Ending, totals: &Totals) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match ending {
        Ending::Complete { cause, .. } => {
            reasons.push((completed(run, job, *cause, totals), text::rule_of(*cause)));
            if totals.failures > 0 {
                let spec = &run.api().job(job).job.spec;
                let limit = match spec.backoff_limit_per_index {
                    Some(limit) => format!("backoffLimitPerIndex is {limit}"),
                    None => format!("backoffLimit is {}", spec.backoff_limit),
                };
                let failed = many(totals.failures, "pod");
                let text = format!("although {failed} failed: {limit}");
                reasons.push((text, Some(RuleId::BackoffLimit)));
            }
        }
        Ending::Failed { cause, after, .. } => {
            reasons.push((
                failed(run, job, *cause, *after, totals),
                text::rule_of(*cause),
            ));
            reasons.extend(besides(run, job, *cause, totals));
        }
        Ending::Deleted { .. } => {
            reasons.push((
                "it was deleted, and its pods with it".to_owned(),
                rule_of(ending),
            ));
        }
        Ending::Open(_) => {
            reasons.extend(rule_of(ending).map(|it| (it.title().to_owned(), Some(it))));
        }
    }
    if totals.ignored > 0 {
        let text = format!(
            "{} ignored by podFailurePolicy",
            many(totals.ignored, "failure")
        );
        reasons.push((text, Some(RuleId::PolicyIgnores)));
    }
    reasons
}

fn completed(run: &Run, job: JobId, cause: Cause, totals: &Totals) -> String {
    let stored = run.api().job(job);
    let succeeded = stored.status.succeeded;
    match (cause, stored.job.spec.completions) {
        (Cause::SuccessPolicy { rule }, _) => {
            let indexes = &stored.status.completed_indexes;
            format!("rule {rule} of successPolicy is met: indexes {indexes} succeeded")
        }
        (_, Some(wanted)) => {
            format!("{succeeded} of {wanted} completions succeeded, and no pod is active")
        }
        (_, None) => {
            let created = many(totals.created, "pod");
            format!("a work queue: {succeeded} of {created} succeeded, and all have ended")
        }
    }
}

fn failed(run: &Run, job: JobId, cause: Cause, after: Span, totals: &Totals) -> String {
    let stored = run.api().job(job);
    let spec = &stored.job.spec;
    match cause {
        Cause::BackoffLimitExceeded => {
            let failures = many(totals.failures, "failure");
            let limit = spec.backoff_limit;
            if spec.template.restart_policy == RestartPolicy::OnFailure && totals.restarts > 0 {
                let restarts = many(totals.restarts, "restart");
                return format!("{failures} and {restarts}, and backoffLimit is {limit}");
            }
            format!("{failures} counted, and backoffLimit is {limit}")
        }
        Cause::DeadlineExceeded => {
            let limit = spec.active_deadline_seconds.unwrap_or(0);
            let after = text::clock(after);
            format!("activeDeadlineSeconds is {limit}; it had existed for {after}")
        }
        Cause::MaxFailedIndexesExceeded | Cause::FailedIndexes => {
            let indexes = stored.status.failed_indexes.clone().unwrap_or_default();
            let count = indexes.len();
            let which = match (count, spec.max_failed_indexes) {
                (0..=64, _) => format!("{} failed: {indexes}", many_of(count, "index", "indexes")),
                _ => format!("{} failed", many_of(count, "index", "indexes")),
            };
            match spec
                .max_failed_indexes
                .filter(|_| cause == Cause::MaxFailedIndexesExceeded)
            {
                Some(limit) => format!("{which}, and maxFailedIndexes is {limit}"),
                None => format!("all indexes have ended, but {which}"),
            }
        }
        Cause::FailJobOnExitCode {
            pod, code, rule, ..
        } => {
            let pod = pod_words(run, pod);
            format!("rule {rule} of podFailurePolicy (FailJob) matched exit code {code} of {pod}")
        }
        Cause::FailJobOnCondition { pod, rule } => {
            let pod = pod_words(run, pod);
            format!("rule {rule} of podFailurePolicy (FailJob) matched a condition of {pod}")
        }
        Cause::Plain
        | Cause::Suspended
        | Cause::Resumed
        | Cause::SuccessPolicy { .. }
        | Cause::CompletionsReached => String::new(),
    }
}

/// What else is worth knowing of a failure.
fn besides(run: &Run, job: JobId, cause: Cause, totals: &Totals) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let spec = &run.api().job(job).job.spec;
    let by_policy = matches!(
        cause,
        Cause::FailJobOnExitCode { .. } | Cause::FailJobOnCondition { .. }
    );
    if by_policy && spec.backoff_limit_per_index.is_none() {
        let (limit, failures) = (spec.backoff_limit, totals.failures);
        let left = limit.saturating_sub(failures);
        let text = format!("although {left} of {limit} retries were left");
        reasons.push((text, Some(RuleId::BackoffLimit)));
    } else if let Some(pod) = totals.last_failure {
        let exit = text::exit_text(run.api(), pod);
        let exit = if exit.is_empty() {
            String::new()
        } else {
            format!(": exit code {exit}")
        };
        let text = format!("the last to fail was {}{exit}", pod_words(run, pod));
        reasons.push((text, Some(RuleId::Counted)));
    }
    if totals.taken_down > 0 {
        let pods = many(totals.taken_down, "unfinished pod");
        reasons.push((
            format!("{pods} taken down with it"),
            Some(RuleId::UnfinishedCounts),
        ));
    }
    reasons
}

/// `train-3-x7k2p (index 3, attempt 2)`
fn pod_words(run: &Run, id: PodId) -> String {
    let pod = run.api().pod(id);
    let attempt = pod.nth + 1;
    let place = match pod.index {
        Some(index) => format!("index {index}, attempt {attempt}"),
        None => format!("pod {attempt} of its Job"),
    };
    format!("{} ({place})", run.pod_name(id))
}

pub(super) fn many(count: u32, what: &str) -> String {
    many_of(count, what, &format!("{what}s"))
}

fn many_of(count: u32, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// The numbers of a Job in a line: `10 created, 10 succeeded, 0 failed, at most 3 at once`.
pub(super) fn numbers(run: &Run, job: JobId, totals: &Totals) -> String {
    let status = &run.api().job(job).status;
    let peak = run
        .trace()
        .milestones()
        .get(job.slot())
        .map_or(0, |it| it.peak_pods);
    format!(
        "{} created, {} succeeded, {} failed, at most {peak} at once",
        many(totals.created, "pod"),
        status.succeeded,
        status.failed
    )
}

/// The pods of each Job, in order of creation.
pub(super) fn pods_of(run: &Run, job: JobId) -> impl Iterator<Item = PodStory<'_>> {
    run.attempts()
        .filter(move |it| run.api().pod(it.pod()).job == job)
}
