//! A record in words: what it is about, what happened, and the rule behind it.

use super::Run;
use super::news::{self, node_name};
use super::text;
use super::trace::{Counts, Record, What};
use crate::base::Span;
use crate::control::job::Settlement;
use crate::model::{Condition, JobEvent, JobId, Phase, PodId, RuleId};

/// How many of several pods are named.
const NAMED: usize = 2;

/// A record together with the run that it belongs to, so that it can be put into words.
///
/// It is serialised as one object: `at` in seconds after the Job's creation, `kind`, `job`,
/// `pod`, `type`, `reason`, `message` and `rule`, where there are any.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'r> {
    run: &'r Run,
    record: &'r Record,
}

/// Pods to which the same happened: some of them, and how many they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd {
    some: Vec<PodId>,
    count: u32,
}

impl Crowd {
    /// One more; `None` for something that is not about a pod.
    pub(super) fn add(&mut self, pod: Option<PodId>) {
        self.count += 1;
        if self.some.len() <= NAMED {
            self.some.extend(pod);
        }
    }

    /// `JOB-abcde`, or `JOB-{abcde,fghij,…} x5`.
    fn names(&self, run: &Run) -> String {
        let names: Vec<String> = self.some.iter().map(|pod| run.pod_name(*pod)).collect();
        let [first, .., last] = names.as_slice() else {
            return names.concat();
        };
        let shared = first
            .bytes()
            .zip(last.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let shared = first.as_bytes()[..shared]
            .iter()
            .rposition(|it| *it == b'-');
        let start = shared.map_or(0, |dash| dash + 1);
        let tails: Vec<&str> = names
            .iter()
            .map(|it| it.get(start..).unwrap_or(it))
            .collect();
        let (shown, more) = match tails.get(..NAMED).filter(|_| tails.len() > NAMED) {
            Some(shown) => (shown, ",…"),
            None => (tails.as_slice(), ""),
        };
        format!(
            "{}{{{}{more}}}{}",
            &first[..start],
            shown.join(","),
            self.times()
        )
    }

    /// ` x5`, or nothing for one.
    fn times(&self) -> String {
        if self.count > 1 {
            format!(" x{}", self.count)
        } else {
            String::new()
        }
    }
}

impl<'r> Entry<'r> {
    pub(super) const fn new(run: &'r Run, record: &'r Record) -> Self {
        Self { run, record }
    }

    pub(super) const fn run(&self) -> &'r Run {
        self.run
    }

    /// The record itself.
    #[must_use]
    pub const fn record(&self) -> &'r Record {
        self.record
    }

    /// When, after the Job's creation.
    #[must_use]
    pub fn at(&self) -> Span {
        self.run.age(self.record.at)
    }

    /// The Job's name.
    #[must_use]
    pub fn job_name(&self) -> &'r str {
        &self.run.api().job(self.record.job).job.name
    }

    /// The pod that it is about, if it is about one.
    #[must_use]
    pub fn pod(&self) -> Option<PodId> {
        pod_of(&self.record.what)
    }

    /// `job/NAME` or `pod/NAME`.
    #[must_use]
    pub fn object(&self) -> String {
        self.object_of(&self.alone())
    }

    /// `Normal` or `Warning` for what Kubernetes writes an event about; empty for changes of
    /// state.
    #[must_use]
    pub fn event(&self) -> &'static str {
        match &self.record.what {
            What::Event(event, _) => event.severity(),
            What::PodBound(_) | What::PodStarted(_) | What::PodRestarted(..) => "Normal",
            What::PodTerminating(pod, grace) if self.is_stopped(*pod, *grace) => "Normal",
            What::News(_, news) => news::event(*news),
            What::Node(_, news) => news.event(),
            _ => "",
        }
    }

    /// The reason of the event, or the new state.
    #[must_use]
    pub fn reason(&self) -> String {
        let reason = match &self.record.what {
            What::JobCreated => "Created",
            What::JobPatched { .. } => "Patched",
            What::PodTerminating(pod, grace) if self.is_stopped(*pod, *grace) => "Killing",
            What::JobDeleting | What::PodTerminating(..) => "Terminating",
            What::JobGone | What::PodGone(_) => "Deleted",
            What::Counts(counts) => counts.state.as_str(),
            What::Condition(condition) => return condition_word(condition),
            What::PodCreated(_) => "Pending",
            What::PodBound(_) => "Scheduled",
            What::PodStarted(_) | What::PodRestarted(..) => "Started",
            What::PodUnready(_) => "Unready",
            What::PodEnded(_, Phase::Succeeded) => "Completed",
            What::PodEnded(pod, _) if self.exit_text(*pod).is_empty() => "Failed",
            What::PodEnded(..) => "Error",
            What::Event(event, _) => event.reason(),
            What::Settled(_, how) => settlement_word(*how),
            What::Waits(..) => "BackOff",
            What::SyncFailed => "SyncFailed",
            What::Refused(_) => "Refused",
            What::News(_, news) => news::reason(*news),
            What::Node(_, news) => news.reason(),
        };
        reason.to_owned()
    }

    /// What happened, in Kubernetes' words where it has any.
    #[must_use]
    pub fn message(&self) -> String {
        self.message_of(&self.alone())
    }

    /// The rule behind it.
    #[must_use]
    pub const fn rule(&self) -> Option<RuleId> {
        self.record.rule
    }

    /// The exit codes of its pod.
    fn exit_text(&self, pod: PodId) -> String {
        text::exit_text(self.run.api(), pod)
    }

    fn alone(&self) -> Crowd {
        let mut crowd = Crowd::default();
        crowd.add(self.pod());
        crowd
    }

    /// Whether running containers are stopped, which the kubelet writes an event about.
    pub(super) fn is_stopped(&self, pod: PodId, grace: u32) -> bool {
        let attempt = &self.run.trace().attempts()[pod.slot()];
        let ended = attempt.ended.is_some_and(|it| it < self.record.at);
        let started = attempt.started.is_some_and(|it| it <= self.record.at);
        // Where there is a kubelet, it tells itself when it stops something.
        grace > 0 && started && !ended && attempt.containers.is_none()
    }

    pub(super) fn object_of(&self, crowd: &Crowd) -> String {
        if let What::Node(node, _) = &self.record.what {
            return format!("node/{}", node_name(self.run, *node));
        }
        let about_job = matches!(self.record.what, What::Event(..));
        match self.pod().filter(|_| !about_job) {
            Some(_) => format!("pod/{}", crowd.names(self.run)),
            None => format!("job/{}", self.job_name()),
        }
    }

    pub(super) fn message_of(&self, crowd: &Crowd) -> String {
        let (run, job) = (self.run, self.record.job);
        match &self.record.what {
            What::JobCreated => created(run, job),
            What::JobPatched { generation } => format!("generation {generation}"),
            What::JobDeleting => "waits for its pods to be deleted".to_owned(),
            What::JobGone if self.record.rule == Some(RuleId::Ttl) => {
                let ttl = run
                    .api()
                    .job(job)
                    .job
                    .spec
                    .ttl_seconds_after_finished
                    .unwrap_or(0);
                format!("ttlSecondsAfterFinished: {ttl} is over")
            }
            What::JobGone | What::PodGone(_) => String::new(),
            What::PodBound(pod) => {
                let node = run.trace().attempts()[pod.slot()].node;
                let node = node.map_or("a node", |it| node_name(run, it));
                format!("Successfully assigned to {node}")
            }
            What::PodStarted(_) => format!("Started {}", containers(run, job)),
            What::Counts(counts) => counts_text(counts),
            What::Condition(condition) => condition_text(run, job, condition),
            What::PodCreated(_) => "created".to_owned(),
            What::PodRestarted(_, count) => {
                format!("Started {}, restart {count}", containers(run, job))
            }
            What::PodUnready(_) => "a container exited and will be started again".to_owned(),
            What::PodEnded(pod, _) => self.end_text(*pod),
            What::PodTerminating(pod, grace) if self.is_stopped(*pod, *grace) => {
                format!("Stopping {}, grace period {grace}s", containers(run, job))
            }
            What::PodTerminating(..) => "deletion asked for".to_owned(),
            What::Event(event, combined) => {
                let names = |pod| match self.pod() {
                    Some(_) => crowd.names(run),
                    None => run.pod_name(pod),
                };
                let message = text::event_message(run.api(), job, *event, &names);
                let mark = if *combined {
                    "(combined from similar events): "
                } else {
                    ""
                };
                let times = if self.pod().is_none() {
                    crowd.times()
                } else {
                    String::new()
                };
                format!("{mark}{message}{times}")
            }
            What::Settled(_, how) => settlement_text(*how),
            What::Waits(until, failures) => {
                let until = text::clock(run.age(*until));
                match failures {
                    0 => format!("no new pods before {until}"),
                    1 => format!("no new pods before {until}, 1 failure"),
                    n => format!("no new pods before {until}, {n} failures in a row"),
                }
            }
            What::SyncFailed => {
                format!("the sync failed, and will be tried again{}", crowd.times())
            }
            What::Refused(words) => words.clone(),
            What::News(_, told) => news::message(run, job, *told),
            What::Node(_, told) => told.message(),
        }
    }

    /// `exit code 42 after 1m0s`
    fn end_text(&self, pod: PodId) -> String {
        let attempt = &self.run.trace().attempts()[pod.slot()];
        let codes = self.exit_text(pod);
        let ran = attempt.ran();
        let mut text = match codes.as_str() {
            "" => String::new(),
            many if many.contains('=') => format!("exit codes {many}"),
            one => format!("exit code {one}"),
        };
        if let Some(ran) = ran {
            text += if text.is_empty() { "after " } else { " after " };
            text += &text::clock(ran);
        }
        if attempt.ended_disrupted() {
            text += if text.is_empty() { "" } else { ", " };
            text += "DisruptionTarget=True";
        }
        text
    }
}

/// The pod that something happened to.
pub(super) const fn pod_of(what: &What) -> Option<PodId> {
    match what {
        What::PodCreated(pod)
        | What::PodBound(pod)
        | What::PodStarted(pod)
        | What::PodRestarted(pod, _)
        | What::PodUnready(pod)
        | What::PodEnded(pod, _)
        | What::PodTerminating(pod, _)
        | What::PodGone(pod)
        | What::Settled(pod, _)
        | What::News(pod, _)
        | What::Event(JobEvent::SuccessfulCreate(pod) | JobEvent::SuccessfulDelete(pod), _) => {
            Some(*pod)
        }
        What::JobCreated
        | What::JobPatched { .. }
        | What::JobDeleting
        | What::JobGone
        | What::Counts(_)
        | What::Condition(_)
        | What::Event(..)
        | What::Waits(..)
        | What::SyncFailed
        | What::Refused(_)
        | What::Node(..) => None,
    }
}

/// `10 completions, 3 at a time, backoffLimit 4`
fn created(run: &Run, job: JobId) -> String {
    // As it was then: users may have changed it since.
    let spec = &run.scenario().workloads[job.slot()].job.spec;
    let wanted = match spec.completions {
        Some(1) => "1 completion".to_owned(),
        Some(n) => format!("{n} completions"),
        None => "a work queue".to_owned(),
    };
    let limit = match (spec.backoff_limit_per_index, spec.backoff_limit) {
        (Some(limit), _) => format!(", backoffLimitPerIndex {limit}"),
        (None, limit) => format!(", backoffLimit {limit}"),
    };
    let suspended = if spec.suspend { ", suspended" } else { "" };
    format!("{wanted}, {} at a time{limit}{suspended}", spec.parallelism)
}

/// `container main`
fn containers(run: &Run, job: JobId) -> String {
    let containers = &run.api().job(job).job.spec.template.containers;
    let names: Vec<&str> = containers.iter().map(|it| it.name.as_str()).collect();
    let s = if names.len() == 1 { "" } else { "s" };
    format!("container{s} {}", names.join(", "))
}

/// `3/10 completions, 3 active, 1 failed`
fn counts_text(counts: &Counts) -> String {
    // As kubectl's COMPLETIONS column.
    let mut text = match (counts.completions, counts.parallelism) {
        (Some(wanted), _) => format!("{}/{wanted} completions", counts.succeeded),
        (None, at_once @ 2..) => format!("{}/1 of {at_once} completions", counts.succeeded),
        (None, _) => format!("{}/1 completions", counts.succeeded),
    };
    let failed_indexes = counts.failed_indexes.unwrap_or(0);
    let parts = [
        (counts.active, "active"),
        (counts.terminating, "terminating"),
        (counts.failed, "failed"),
        (failed_indexes, "failed indexes"),
    ];
    for (count, what) in parts.iter().filter(|(count, _)| *count > 0) {
        text.extend([", ", &count.to_string(), " ", what]);
    }
    text
}

fn condition_word(condition: &Condition) -> String {
    let status = if condition.status { "True" } else { "False" };
    format!("{}={status}", condition.kind.as_str())
}

fn condition_text(run: &Run, job: JobId, condition: &Condition) -> String {
    let names = |pod| run.pod_name(pod);
    let message = text::condition_message(run.api(), job, condition.cause, &names);
    match condition.cause.reason() {
        "" => message,
        reason => format!("{reason}: {message}"),
    }
}

const fn settlement_word(how: Settlement) -> &'static str {
    match how {
        Settlement::Succeeded | Settlement::Failed | Settlement::FailedUnfinished => "Counted",
        Settlement::Ignored(_) => "Ignored",
        Settlement::AlreadySucceeded | Settlement::Uncounted => "NotCounted",
    }
}

fn settlement_text(how: Settlement) -> String {
    match how {
        Settlement::Succeeded => "as a success".to_owned(),
        Settlement::AlreadySucceeded => "its index has succeeded before".to_owned(),
        Settlement::Failed => "as a failure".to_owned(),
        Settlement::FailedUnfinished => "as a failure: its Job fails, and takes it down".to_owned(),
        Settlement::Ignored(rule) => format!("the failure, by rule {rule} of podFailurePolicy"),
        Settlement::Uncounted => {
            "its Job has ended, is being deleted, or has no such index".to_owned()
        }
    }
}
