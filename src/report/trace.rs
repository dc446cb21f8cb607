//! Everything that happened in a run, as data: what, when, and by which rule.

mod attempt;
mod nodes;

use super::news::NodeNews;
use super::text;
use crate::api::{ApiServer, JobChange, Notice, PodChange, Refusal, StoredJob};
use crate::base::{IndexSet, Instant, Span};
use crate::control::announcer::Announcement;
use crate::control::job::{Decision, Settlement};
use crate::model::{
    Condition, ConditionType, ContainerSlot, JobEvent, JobId, NodeId, Phase, Pod, PodId, PodNews,
    RuleId,
};
use crate::sim::Recorder;
pub use attempt::Attempt;
use nodes::Glimpse;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: Instant,
    /// To which Job, or to a pod of which Job.
    pub job: JobId,
    /// What.
    pub what: What,
    /// The rule behind it, where there is one.
    pub rule: Option<RuleId>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// The Job was created.
    JobCreated,
    /// Its spec was changed by a user.
    JobPatched {
        /// The generation from then on.
        generation: u64,
    },
    /// It was asked to go, and waits for its pods.
    JobDeleting,
    /// It is gone.
    JobGone,
    /// Its status was written, with other counts than before.
    Counts(Counts),
    /// A condition was added or changed.
    Condition(Condition),
    /// A pod was created.
    PodCreated(PodId),
    /// A pod was bound to a node.
    PodBound(PodId),
    /// A pod's containers run.
    PodStarted(PodId),
    /// A pod's container was started again; how often so far.
    PodRestarted(PodId, u32),
    /// A pod's container exited and will be started again.
    PodUnready(PodId),
    /// A pod has ended.
    PodEnded(PodId, Phase),
    /// A pod was asked to terminate within so many seconds.
    PodTerminating(PodId, u32),
    /// A pod is gone.
    PodGone(PodId),
    /// An event was written; whether it stands for similar ones.
    Event(JobEvent, bool),
    /// A finished pod was counted, or not.
    Settled(PodId, Settlement),
    /// No pod is created before that instant, after so many failures in a row.
    Waits(Instant, u32),
    /// A sync failed and will be tried again.
    SyncFailed,
    /// A user's action was refused, in the API server's words.
    Refused(String),
    /// Scheduler or kubelet did something about a pod.
    News(PodId, PodNews),
    /// Something happened to a node.
    Node(NodeId, NodeNews),
}

/// The counts in a Job's status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// `active`
    pub active: u32,
    /// `ready`
    pub ready: u32,
    /// `terminating`
    pub terminating: u32,
    /// `succeeded`
    pub succeeded: u32,
    /// `failed`
    pub failed: u32,
    /// Failed indexes, where there is a limit per index.
    pub failed_indexes: Option<u32>,
    /// `spec.completions` then.
    pub completions: Option<u32>,
    /// `spec.parallelism` then.
    pub parallelism: u32,
    /// What `kubectl get jobs` calls it then.
    pub state: JobState,
}

/// The STATUS that `kubectl get jobs` shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum JobState {
    /// None of the others.
    #[default]
    Running,
    /// Ended well.
    Complete,
    /// Ended badly.
    Failed,
    /// Asked to go.
    Terminating,
    /// Has no pods for now.
    Suspended,
    /// Will fail once its pods have gone.
    FailureTarget,
    /// Will be complete once its pods have gone.
    SuccessCriteriaMet,
}

impl JobState {
    /// In kubectl's order of precedence.
    fn of(stored: &StoredJob) -> Self {
        let holds = |kind| stored.status.holds(kind).is_some();
        if holds(ConditionType::Complete) {
            Self::Complete
        } else if holds(ConditionType::Failed) {
            Self::Failed
        } else if stored.deletion.is_some() {
            Self::Terminating
        } else if holds(ConditionType::Suspended) {
            Self::Suspended
        } else if holds(ConditionType::FailureTarget) {
            Self::FailureTarget
        } else if holds(ConditionType::SuccessCriteriaMet) {
            Self::SuccessCriteriaMet
        } else {
            Self::Running
        }
    }

    /// As kubectl writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Complete => "Complete",
            Self::Failed => "Failed",
            Self::Terminating => "Terminating",
            Self::Suspended => "Suspended",
            Self::FailureTarget => "FailureTarget",
            Self::SuccessCriteriaMet => "SuccessCriteriaMet",
        }
    }
}

/// The milestones of a Job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Milestones {
    /// When it was created.
    pub created: Option<Instant>,
    /// When it got its final condition.
    pub ended: Option<Instant>,
    /// When it was gone.
    pub gone: Option<Instant>,
    /// The most pods that were active or terminating at once.
    pub peak_pods: u32,
    last_counts: Counts,
    known_conditions: usize,
}

/// The records of a run. Keeps at most [`Trace::LIMIT`] of them; attempts are always complete.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    records: Vec<Record>,
    dropped: u64,
    attempts: Vec<Attempt>,
    jobs: Vec<Milestones>,
    conditions: Vec<Vec<Condition>>,
    present: Vec<u32>,
    nodes: Vec<Glimpse>,
    /// Pods whose eviction was refused.
    kept: IndexSet,
}

impl Trace {
    /// The most records kept: about 300 MB.
    pub const LIMIT: usize = 5_000_000;

    /// The records, in order.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// How many records were not kept.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The pods' lives, in order of creation.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The Jobs' milestones, in order of creation.
    #[must_use]
    pub fn milestones(&self) -> &[Milestones] {
        &self.jobs
    }

    fn push(&mut self, at: Instant, job: JobId, what: What, rule: Option<RuleId>) {
        if self.records.len() < Self::LIMIT {
            self.records.push(Record {
                at,
                job,
                what,
                rule,
            });
        } else {
            self.dropped += 1;
        }
    }

    fn job_changed(&mut self, now: Instant, api: &ApiServer, job: JobId, change: JobChange) {
        let stored = api.job(job);
        match change {
            JobChange::Added => {
                self.jobs.resize(job.slot() + 1, Milestones::default());
                self.conditions.resize(job.slot() + 1, Vec::new());
                self.present.resize(job.slot() + 1, 0);
                self.jobs[job.slot()].created = Some(now);
                self.push(now, job, What::JobCreated, None);
            }
            JobChange::Gone => {
                self.jobs[job.slot()].gone = Some(now);
                self.push(now, job, What::JobGone, Some(deletion_rule(now, stored)));
            }
            JobChange::Spec { .. } if stored.deletion.is_some() => {
                self.push(
                    now,
                    job,
                    What::JobDeleting,
                    Some(deletion_rule(now, stored)),
                );
            }
            JobChange::Spec { new_generation, .. } => {
                if new_generation {
                    let generation = stored.generation;
                    let rule = Some(RuleId::SyncAtOnce);
                    self.push(now, job, What::JobPatched { generation }, rule);
                }
            }
            JobChange::Status => self.status_changed(now, api, job),
        }
    }

    fn status_changed(&mut self, now: Instant, api: &ApiServer, job: JobId) {
        let status = &api.job(job).status;
        let counts = Counts {
            active: status.active,
            ready: status.ready.unwrap_or(0),
            terminating: status.terminating.unwrap_or(0),
            succeeded: status.succeeded,
            failed: status.failed,
            failed_indexes: status
                .failed_indexes
                .as_ref()
                .map(crate::base::IndexSet::len),
            completions: api.job(job).job.spec.completions,
            parallelism: api.job(job).job.spec.parallelism,
            state: JobState::of(api.job(job)),
        };
        let known = std::mem::take(&mut self.conditions[job.slot()]);
        for condition in status.conditions.iter().filter(|it| !known.contains(it)) {
            let rule = text::rule_of(condition.cause);
            self.push(now, job, What::Condition(*condition), rule);
        }
        self.conditions[job.slot()].clone_from(&status.conditions);
        if std::mem::replace(&mut self.jobs[job.slot()].last_counts, counts) != counts {
            self.push(now, job, What::Counts(counts), None);
        }
        let milestones = &mut self.jobs[job.slot()];
        if status.finished().is_some() && milestones.ended.is_none() {
            milestones.ended = Some(now);
        }
    }

    fn pod_changed(&mut self, now: Instant, change: &PodChange) {
        let id = change.id;
        let Some(pod) = change.new.or(change.old) else {
            return;
        };
        match (change.old, change.new) {
            (None, Some(_)) => {
                if self.attempts.len() <= id.slot() {
                    self.attempts.resize(id.slot() + 1, Attempt::default());
                }
                self.attempts[id.slot()].created = now;
                let present = &mut self.present[pod.job.slot()];
                *present += 1;
                let peak = &mut self.jobs[pod.job.slot()].peak_pods;
                *peak = (*peak).max(*present);
                self.push(now, pod.job, What::PodCreated(id), None);
            }
            (Some(old), None) => {
                if !old.phase.is_final() {
                    self.present[pod.job.slot()] -= 1;
                }
                let attempt = &mut self.attempts[id.slot()];
                attempt.gone = Some(now);
                let rule = attempt.deleted_by.filter(|_| attempt.terminating.is_none());
                self.push(now, pod.job, What::PodGone(id), rule);
            }
            (Some(old), Some(new)) => self.pod_updated(now, id, &old, &new),
            (None, None) => {}
        }
    }

    fn pod_updated(&mut self, now: Instant, id: PodId, old: &Pod, new: &Pod) {
        let attempt = &mut self.attempts[id.slot()];
        let mut news = Vec::new();
        if new.is_bound() && !old.is_bound() {
            attempt.bound = Some(now);
            attempt.node = new.node;
            news.push(What::PodBound(id));
        }
        if new.unschedulable && !old.unschedulable {
            attempt.unschedulable = Some(now);
        }
        if new.is_disrupted() && !old.is_disrupted() {
            attempt.disruption = Some(now);
        }
        if new.restarts > old.restarts {
            news.push(What::PodRestarted(id, new.restarts));
        }
        if new.phase == Phase::Running && old.phase == Phase::Pending {
            attempt.started = Some(now);
            news.push(What::PodStarted(id));
        } else if old.is_ready() && !new.is_ready() && !new.phase.is_final() {
            news.push(What::PodUnready(id));
        }
        if new.phase.is_final() && !old.phase.is_final() {
            attempt.ended = Some(now);
            self.present[new.job.slot()] -= 1;
            news.push(What::PodEnded(id, new.phase));
        }
        if let (Some(deletion), None) = (new.deletion, old.deletion) {
            attempt.terminating = Some(now);
            news.push(What::PodTerminating(id, deletion.grace));
        }
        let deleted_by = attempt.deleted_by;
        for what in news {
            let rule = deleted_by.filter(|_| matches!(what, What::PodTerminating(..)));
            self.push(now, new.job, what, rule);
        }
    }
}

/// Why a Job is deleted: its time to live is over, or somebody asked for it.
fn deletion_rule(now: Instant, stored: &StoredJob) -> RuleId {
    let ttl = stored.job.spec.ttl_seconds_after_finished;
    let expired = ttl
        .zip(stored.status.finished())
        .is_some_and(|(ttl, condition)| now.since(condition.at.instant()) >= Span::from_secs(ttl));
    if expired {
        RuleId::Ttl
    } else {
        RuleId::Deletion
    }
}

impl Recorder for Trace {
    fn wrote(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Job(job, change) => self.job_changed(now, api, *job, *change),
            Notice::Pod(change) => self.pod_changed(now, change),
            Notice::Node(node, change) => self.node_changed(now, api, *node, *change),
            Notice::Budget(_) => {}
        }
    }

    fn announced(&mut self, now: Instant, _api: &ApiServer, it: &Announcement) {
        let rule = match it.event {
            _ if it.combined => Some(RuleId::EventsCombined),
            JobEvent::SuccessfulDelete(pod) => self.attempts[pod.slot()].deleted_by,
            JobEvent::Failed(cause) => text::rule_of(cause),
            JobEvent::SuccessfulCreate(_)
            | JobEvent::FailedCreate(_)
            | JobEvent::FailedDelete(_)
            | JobEvent::Suspended
            | JobEvent::Resumed
            | JobEvent::Completed
            | JobEvent::TooManySucceededPods => None,
        };
        self.push(now, it.job, What::Event(it.event, it.combined), rule);
    }

    fn decided(&mut self, now: Instant, _api: &ApiServer, job: JobId, decision: &Decision) {
        match *decision {
            Decision::Settles { pod, how } => {
                let attempt = &mut self.attempts[pod.slot()];
                // A pod whose finalizer could not be removed is settled again; the first counts.
                if attempt.settled.is_none() {
                    attempt.settled = Some(how);
                    self.push(now, job, What::Settled(pod, how), Some(how.rule()));
                }
            }
            Decision::Deletes { pod, rule } => {
                self.attempts[pod.slot()].deleted_by.get_or_insert(rule);
            }
            Decision::Waits {
                rule,
                until,
                failures,
            } => {
                self.push(now, job, What::Waits(until, failures), Some(rule));
            }
            Decision::StatusRefused => {
                self.push(now, job, What::SyncFailed, Some(RuleId::StatusRefused));
            }
            Decision::Ends { .. } => {}
        }
    }

    fn told(&mut self, now: Instant, api: &ApiServer, pod: PodId, news: PodNews) {
        let ran = &mut self.attempts[pod.slot()].containers;
        match news {
            PodNews::Started(ContainerSlot::Regular(_), _) => {
                *ran = Some((ran.map_or(now, |it| it.0), None));
            }
            PodNews::Exited(ContainerSlot::Regular(_), _) => {
                *ran = ran.map(|(from, _)| (from, Some(now)));
            }
            _ => {}
        }
        let job = api.pod(pod).job;
        self.push(now, job, What::News(pod, news), Some(news.rule()));
    }

    fn kept(&mut self, now: Instant, api: &ApiServer, pod: PodId, _refusal: &Refusal) {
        // A drain asks again every five seconds; once is enough.
        if self.kept.insert(pod.0) {
            let (job, news) = (api.pod(pod).job, PodNews::EvictionRefused);
            self.push(now, job, What::News(pod, news), Some(news.rule()));
        }
    }

    fn refused(&mut self, now: Instant, refusal: &Refusal) {
        self.push(
            now,
            JobId::default(),
            What::Refused(refusal.to_string()),
            None,
        );
    }
}
