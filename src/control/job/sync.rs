//! One sync of one Job, as a machine that can be stopped between any two requests.
//!
//! [`Sync::advance`] runs until the sync has to ask for something, and leaves a group of requests
//! that may travel at the same time; [`Sync::answer`] takes each answer; when all are in, the next
//! `advance` goes on. What the sync knows of the cache it has taken down when it began.

use super::backoff::Backoff;
use super::decision::Decision;
use super::rules::{self, Case, RULES, Verdict};
use super::scale::{NewPod, Plan, Scale};
use super::stock::{Candidate, Standing, Stock};
use super::view::View;
use crate::api::{ApiServer, Refusal, Request, StatusWrite, StoredJob};
use crate::base::{Instant, WireTime};
use crate::kernel::WorkQueue;
use crate::model::{Condition, ConditionType, JobEvent, JobId, PodId, RuleId};

/// What a sync works with besides itself.
pub(super) struct Surroundings<'a> {
    pub(super) now: Instant,
    pub(super) api: &'a ApiServer,
    pub(super) view: &'a mut View,
    pub(super) queue: &'a mut WorkQueue<JobId>,
}

/// Where a sync stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// Not begun.
    #[default]
    Begin,
    /// Waiting for adoptions and releases.
    Claim,
    /// Waiting for the deletion of all active pods.
    DeleteActive,
    /// Waiting for the deletion of some pods.
    ScaleDown,
    /// Waiting for a batch of creations.
    Create,
    /// Waiting for the first status write.
    Flush,
    /// Waiting for finalizers to be removed.
    RemoveFinalizers,
    /// Waiting for the status write after some finalizers could not be removed.
    FlushPart,
    /// Waiting for the last status write.
    FlushEnd,
    /// Over.
    Done,
}

/// What a sync comes back with when it is resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Requests are waiting in [`Sync::group`].
    Asks,
    /// The sync is over; whether it went well.
    Done(bool),
}

/// A sync under way. Kept and used again, so that a warm sync allocates nothing.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // findings of a sync, each on its own
pub struct Sync {
    pub(super) job: JobId,
    pub(super) stage: Stage,
    pub(super) group: Vec<Request>,
    /// Events announced since they were last taken.
    pub(super) announced: Vec<JobEvent>,
    /// Decisions taken since they were last taken.
    pub(super) decisions: Vec<Decision>,
    pub(super) draft: StatusWrite,
    pub(super) revision: u64,
    pub(super) satisfied: bool,
    pub(super) failed: bool,
    pub(super) troubled: bool,
    pub(super) deleting: bool,
    pub(super) stock: Stock,
    pub(super) verdict: Option<Verdict>,
    /// When the verdict was found: the interim condition's time.
    pub(super) judged: WireTime,
    pub(super) backoff: Backoff,
    pub(super) active: u32,
    pub(super) ready: u32,
    pub(super) terminating: u32,
    pub(super) dirty: bool,
    pub(super) capped: bool,
    pub(super) finish: Option<Condition>,
    pub(super) victims: Vec<PodId>,
    pub(super) taken_down: Vec<Candidate>,
    pub(super) newcomers: Vec<NewPod>,
    pub(super) created: usize,
    pub(super) batch: usize,
    pub(super) batch_troubled: bool,
    pub(super) removals: Vec<PodId>,
    pub(super) removed: Vec<PodId>,
    pub(super) ready_before: Vec<bool>,
    pub(super) undeleted: u32,
    /// Whether interim conditions come before the final one in this release (J30).
    pub(super) interim: bool,
}

impl Sync {
    /// Gets ready to sync that Job.
    pub(super) fn begin(&mut self, job: JobId) {
        self.job = job;
        self.stage = Stage::Begin;
        self.failed = false;
        self.troubled = false;
        self.verdict = None;
        self.finish = None;
        self.dirty = false;
        self.capped = false;
        self.undeleted = 0;
        for list in [&mut self.victims, &mut self.removals, &mut self.removed] {
            list.clear();
        }
        self.taken_down.clear();
        self.newcomers.clear();
        self.group.clear();
    }

    /// The Job that is synced.
    #[must_use]
    pub const fn job(&self) -> JobId {
        self.job
    }

    /// The requests to send now, all at the same time.
    #[must_use]
    pub fn group(&self) -> &[Request] {
        &self.group
    }

    /// The status that goes along with [`Request::UpdateStatus`].
    #[must_use]
    pub const fn status(&self) -> &StatusWrite {
        &self.draft
    }

    /// Whether nothing was announced and nothing decided since that was last taken.
    #[must_use]
    pub const fn is_quiet(&self) -> bool {
        self.announced.is_empty() && self.decisions.is_empty()
    }

    /// Takes the events announced so far.
    pub fn take_announced(&mut self) -> std::vec::Drain<'_, JobEvent> {
        self.announced.drain(..)
    }

    /// Takes the decisions taken so far.
    pub fn take_decisions(&mut self) -> std::vec::Drain<'_, Decision> {
        self.decisions.drain(..)
    }

    /// Runs until the next request, or the end.
    pub(super) fn advance(&mut self, env: &mut Surroundings<'_>) -> Progress {
        self.group.clear();
        loop {
            match self.stage {
                Stage::Begin => self.look(env),
                Stage::Claim => {
                    if self.failed {
                        self.stage = Stage::Done;
                    } else {
                        self.judge(env);
                    }
                }
                Stage::DeleteActive => self.all_deleted(env),
                Stage::ScaleDown | Stage::Create => self.scaled(env),
                Stage::Flush => self.flushed(env),
                Stage::RemoveFinalizers => self.finalizers_removed(env),
                Stage::FlushPart => self.stage = Stage::Done,
                Stage::FlushEnd => self.ended(env),
                Stage::Done => return Progress::Done(!(self.failed || self.troubled)),
            }
            if !self.group.is_empty() {
                return Progress::Asks;
            }
        }
    }

    /// Takes the answer to the request at that place of the group; a request that depends on it
    /// comes back, to be sent at once.
    pub(super) fn answer(
        &mut self,
        env: &mut Surroundings<'_>,
        place: usize,
        request: Request,
        answer: Result<Option<PodId>, Refusal>,
    ) -> Option<Request> {
        if answer.is_ok() && !matches!(request, Request::DeletePod(_) | Request::GetJob(_)) {
            env.view.last_write = Some(env.now);
        }
        match (self.stage, request) {
            (Stage::Claim, _) => self.failed |= answer.is_err(),
            (Stage::DeleteActive, Request::DeletePod(pod)) => self.active_deleted(pod, answer),
            (Stage::ScaleDown, Request::RemoveFinalizer(pod)) => {
                return self.freed(env, pod, &answer);
            }
            (Stage::ScaleDown, Request::DeletePod(pod)) => {
                self.scaled_down(env, place, pod, answer);
            }
            (Stage::Create, _) => self.pod_created(env, answer),
            (Stage::RemoveFinalizers, Request::RemoveFinalizer(pod)) => {
                self.finalizer_removed(env, pod, answer);
            }
            (Stage::Flush | Stage::FlushPart | Stage::FlushEnd, _) if answer.is_err() => {
                self.failed = true;
                self.decisions.push(Decision::StatusRefused);
            }
            _ => {}
        }
        None
    }

    /// Whether there is anything to sync at all; then claims the pods (J10).
    fn look(&mut self, env: &mut Surroundings<'_>) {
        let stored = env.api.job(self.job);
        let finished = stored.status.finished().is_some();
        let unseen = env.view.last_write == Some(env.now);
        if unseen && !stored.gone && env.api.behavior().waits_for_own_writes {
            self.failed = true;
            self.stage = Stage::Done;
            return;
        }
        if stored.gone || finished || stored.job.spec.is_managed_elsewhere() {
            if stored.gone {
                env.view.expectations.clear();
            }
            if stored.gone || finished {
                env.view.backoff = Backoff::default();
            }
            self.stage = Stage::Done;
            return;
        }
        self.interim = env.api.behavior().interim_conditions;
        self.satisfied = env.view.expectations.satisfied(env.now);
        self.deleting = stored.deletion.is_some();
        self.stage = Stage::Claim;
        if self.deleting || (env.view.strays.is_empty() && env.view.misfits.is_empty()) {
            return;
        }
        if !env.view.strays.is_empty() {
            // Before it adopts, the controller makes sure that the Job is not being deleted.
            self.group.push(Request::GetJob(self.job));
        }
        self.group.extend(
            env.view
                .strays
                .iter()
                .map(|pod| Request::AdoptPod(PodId(pod))),
        );
        self.group.extend(
            env.view
                .misfits
                .iter()
                .map(|pod| Request::ReleasePod(PodId(pod))),
        );
    }

    /// Takes stock, asks the rules, and starts to delete or create pods.
    fn judge(&mut self, env: &mut Surroundings<'_>) {
        let stored = env.api.job(self.job);
        self.take_down(env, stored);
        let spec = &stored.job.spec;
        let case = self.case(env, stored);
        let verdict = RULES
            .iter()
            .find_map(|rule| Some((rule.id, (rule.judge)(&case)?)));
        let still_in_time = verdict
            .is_none_or(|(rule, _)| rule > RuleId::ActiveDeadline)
            .then(|| case.active_time_left());
        if let Some(left) = still_in_time.flatten() {
            env.queue.add_after(env.now, self.job, left);
        }
        self.verdict = verdict.map(|(_, verdict)| verdict);
        self.judged = env.now.wire();
        if let Some((rule, verdict)) = verdict {
            if !matches!(verdict, Verdict::Failing(_) | Verdict::Succeeding(..)) {
                self.decisions.push(Decision::Ends {
                    rule,
                    cause: verdict.cause(),
                });
            }
            self.delete_active(env);
        } else if self.satisfied && !self.deleting {
            self.scale(env, stored);
        } else {
            if self.deleting {
                self.take_down_active(env, |_| true);
            }
            let suspend = spec.suspend;
            self.scale_over(env, false, suspend);
        }
    }

    /// Starts the draft of the new status from what is there.
    fn take_down(&mut self, env: &Surroundings<'_>, stored: &StoredJob) {
        let spec = &stored.job.spec;
        self.revision = stored.revision;
        let bound = spec
            .completions
            .filter(|_| spec.is_indexed())
            .unwrap_or(u32::MAX);
        self.draft.start_from(&stored.status, bound);
        self.stock.take(env.api, env.view, stored);
        self.active = env.view.active.len();
        self.ready = env.view.ready;
        self.terminating = env.view.terminating.len();
        self.backoff = env.view.backoff.after(&self.stock.finished);
        if self.draft.start_time.is_none() && !spec.suspend {
            self.draft.start_time = Some(env.now.wire());
        }
    }

    /// What the rules look at.
    pub(super) fn case<'a>(&'a self, env: &'a Surroundings<'_>, stored: &'a StoredJob) -> Case<'a> {
        Case {
            now: env.now,
            stored,
            start_time: self.draft.start_time,
            failed: self.stock.failed,
            succeeded: self.stock.succeeded,
            failed_indexes: self.stock.failed_index_count,
            newly_completed: &self.stock.completed,
            active: self.active,
            restarts: env.view.restarts,
            fail_job: &env.view.fail_job,
            api: env.api,
        }
    }

    /// `manageJob`.
    fn scale(&mut self, env: &mut Surroundings<'_>, stored: &StoredJob) {
        let scale = Scale {
            now: env.now,
            api: env.api,
            stored,
            stock: &self.stock,
            terminating: self.terminating,
            global_wait: self.backoff.remaining(env.now),
        };
        let plan = scale.plan(env.view, &mut self.victims, &mut self.newcomers);
        match plan {
            Plan::Rest => self.scale_over(env, true, stored.job.spec.suspend),
            Plan::Wait(rule, wait) => {
                let failures = self.backoff.failures;
                let until = env.now + wait;
                self.decisions.push(Decision::Waits {
                    rule,
                    until,
                    failures,
                });
                env.queue
                    .add_after(env.now, self.job, wait.max(super::BATCH_PERIOD));
                if !env.api.behavior().backoff_keeps_active {
                    self.active = 0;
                }
                self.scale_over(env, true, stored.job.spec.suspend);
            }
            Plan::Delete(rule) => self.start_scale_down(env, rule),
            Plan::Create => self.start_creation(env),
        }
    }

    /// What follows `manageJob`, or takes its place where it is not called: is the Job complete,
    /// suspended or resumed?
    pub(super) fn scale_over(&mut self, env: &mut Surroundings<'_>, managed: bool, suspend: bool) {
        let stored = env.api.job(self.job);
        let complete = (rules::COMPLETIONS.judge)(&self.case(env, stored));
        if let Some(verdict) = complete {
            let (rule, cause) = (rules::COMPLETIONS.id, verdict.cause());
            self.decisions.push(Decision::Ends { rule, cause });
            self.verdict = complete;
            self.judged = env.now.wire();
        } else if managed && suspend {
            self.suspend(env);
        } else if managed {
            self.resume(env);
        }
        self.settle(env);
    }

    /// J36: the condition Suspended becomes True, and the clock of the deadline is stopped.
    fn suspend(&mut self, env: &Surroundings<'_>) {
        let at = env.now.wire();
        let cause = crate::model::Cause::Suspended;
        let new = Condition {
            kind: ConditionType::Suspended,
            status: true,
            cause,
            at,
        };
        match self
            .draft
            .conditions
            .iter_mut()
            .find(|it| it.kind == ConditionType::Suspended)
        {
            Some(known) if known.status => return,
            Some(known) => *known = new,
            None => self.draft.conditions.push(new),
        }
        self.dirty = true;
        self.announced.push(JobEvent::Suspended);
        if env.api.behavior().clears_start_time {
            self.draft.start_time = None;
        }
    }

    /// J36: the condition Suspended becomes False, if there is one, and the clock starts anew.
    fn resume(&mut self, env: &Surroundings<'_>) {
        let at = env.now.wire();
        let known = self
            .draft
            .conditions
            .iter_mut()
            .find(|it| it.kind == ConditionType::Suspended);
        let Some(known) = known.filter(|it| it.status) else {
            return;
        };
        known.status = false;
        known.cause = crate::model::Cause::Resumed;
        known.at = at;
        self.dirty = true;
        self.announced.push(JobEvent::Resumed);
        self.draft.start_time = Some(at);
    }

    /// Remembers active pods that this sync deletes or lets go of, as they are now.
    pub(super) fn take_down_active(
        &mut self,
        env: &Surroundings<'_>,
        wanted: impl Fn(PodId) -> bool,
    ) {
        for id in env.view.active.iter().map(PodId).filter(|id| wanted(*id)) {
            let pod = env.api.pod(id);
            if pod.finalizer && !env.view.expectations.expects_removal(id) {
                let standing = Standing::Unfinished;
                self.taken_down.push(Candidate {
                    id,
                    index: pod.index,
                    standing,
                });
            }
        }
    }
}
