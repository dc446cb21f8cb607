//! What a trial came to: how each Job ended, and what it took, in whole numbers.
//!
//! [`Gauge`] is the recorder that measures it. It keeps a few counters a Job and two instants a
//! pod, and allocates nothing in a warm trial.

use super::recorder::Recorder;
use crate::api::{ApiServer, JobChange, Notice, PodChange};
use crate::base::{Instant, Span};
use crate::control::job::{Decision, Settlement};
use crate::model::{Cause, ConditionType, JobId, Phase, Pod, PodId};

/// How a Job ended in a trial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finish {
    /// It did not, as long as it was watched.
    #[default]
    Open,
    /// With the condition Complete.
    Complete(Cause),
    /// With the condition Failed.
    Failed(Cause),
    /// It was deleted first.
    Deleted,
}

/// What a trial came to for one Job. Times count from the Job's creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub finish: Finish,
    /// To its end: the write of the final condition, or its deletion.
    pub duration: Option<Span>,
    /// To the first pod that ran.
    pub first_start: Option<Span>,
    /// To the first instant at which `min(parallelism, completions)` pods ran.
    pub full: Option<Span>,
    /// Pods by number.
    pub pods: PodCounts,
    /// Pods by time.
    pub times: PodTimes,
}

/// How many pods there were in a trial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PodCounts {
    /// Created.
    pub created: u32,
    /// In phase Succeeded.
    pub succeeded: u32,
    /// In phase Failed.
    pub failed: u32,
    /// Counted as failures by the Job (J51): what `backoffLimit` looks at.
    pub counted: u32,
    /// Failed, and ignored by the pod failure policy (J58).
    pub ignored: u32,
    /// Restarts of containers in place.
    pub restarts: u32,
    /// The most that had not ended at one time, those included that were terminating.
    pub peak: u32,
    /// The most failures (phase Failed) of one completion index; 0 if the Job is not Indexed.
    pub worst_index: u32,
}

/// Pod-time in a trial, up to the Job's end: one pod for one second is one second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PodTimes {
    /// From a pod's creation until it ran (or ended, or was asked to terminate).
    pub pending: Span,
    /// In phase Running, not asked to terminate.
    pub running: Span,
    /// Asked to terminate, and not ended yet: that overlaps with the pods that come instead.
    pub terminating: Span,
    /// Bound to a node and not ended: what a pod's requests are held for, and paid for.
    pub bound: Span,
    /// Of the time in which pods ran, that of pods which did not succeed.
    pub wasted: Span,
    /// Of the time in which pods ran, that of pods whose index had succeeded before.
    pub repeated: Span,
    /// Time of the Job, not of pods, in which the controller waited for a back-off to pass
    /// before it would create pods.
    pub back_off: Span,
}

/// What is known of a Job in the middle of a trial.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    outcome: Outcome,
    created: Instant,
    over: bool,
    /// Up to when the pod-times are added up.
    counted_to: Instant,
    pending: u32,
    running: u32,
    terminating: u32,
    bound: u32,
    /// When the back-off that was last waited for is over.
    waits_until: Instant,
    /// Pods that make the parallelism full.
    wanted: u32,
}

/// The recorder of [`Outcome`]s.
///
/// ```
/// use dryjob::base::{Seed, Span};
/// use dryjob::model::{Job, Release};
/// use dryjob::sim::{Finish, Gauge, Scenario, World};
/// use dryjob::workload::Fate;
///
/// let job = Job::from_yaml(
///     "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {completions: 4, \
///      template: {spec: {restartPolicy: Never, containers: [{name: main, image: a}]}}}}",
/// )?;
/// let scenario = Scenario::on(Release::LATEST).workload(job, [Fate::lasting("1m")]);
/// let mut world = World::seeded(scenario, Seed(1), 0);
/// let mut gauge = Gauge::default();
/// world.play_until_ended(&mut gauge);
/// gauge.finish(world.watched_to());
/// let outcome = gauge.outcomes()[0];
/// assert!(matches!(outcome.finish, Finish::Complete(_)));
/// assert_eq!(outcome.pods.created, 4);
/// assert!(outcome.times.running >= Span::from_secs(240));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Gauge {
    jobs: Vec<Progress>,
    outcomes: Vec<Outcome>,
    /// When each pod began to run.
    started: Vec<Instant>,
    /// Failures of each index, for Jobs that are Indexed: (Job, index) to number.
    failures: Vec<Vec<u32>>,
}

impl Gauge {
    /// Ready for another trial; keeps the memory of the last one.
    pub fn clear(&mut self) {
        self.jobs.clear();
        self.outcomes.clear();
        self.started.clear();
        self.failures.iter_mut().for_each(Vec::clear);
    }

    /// Tells the gauge that the trial is over, at that instant.
    pub fn finish(&mut self, now: Instant) {
        for job in self.jobs.iter_mut().filter(|it| !it.over) {
            job.pass(now);
            job.end_wait(now);
            job.over = true;
        }
        self.outcomes.clear();
        self.outcomes.extend(self.jobs.iter().map(|it| it.outcome));
    }

    /// What the trial came to, for each Job in order of creation; Jobs that were never created
    /// are not among them.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Failures of each index of that Job, up to the last index that failed.
    #[must_use]
    pub fn failures_by_index(&self, job: JobId) -> &[u32] {
        self.failures.get(job.slot()).map_or(&[], Vec::as_slice)
    }

    fn job_changed(&mut self, now: Instant, api: &ApiServer, id: JobId, change: JobChange) {
        if change == JobChange::Added {
            if self.jobs.len() <= id.slot() {
                self.jobs.resize_with(id.slot() + 1, Progress::default);
            }
            self.jobs[id.slot()] = Progress {
                created: now,
                counted_to: now,
                ..Progress::default()
            };
        }
        let stored = api.job(id);
        let job = &mut self.jobs[id.slot()];
        if job.over {
            return;
        }
        let spec = &stored.job.spec;
        job.wanted = spec.parallelism.min(spec.completions.unwrap_or(u32::MAX));
        job.outcome.pods.counted = stored.status.failed;
        let finish = match stored.status.finished() {
            Some(it) if it.kind == ConditionType::Complete => Finish::Complete(it.cause),
            Some(it) => Finish::Failed(it.cause),
            None if change == JobChange::Gone => Finish::Deleted,
            None => return,
        };
        job.pass(now);
        job.end_wait(now);
        job.over = true;
        job.outcome.finish = finish;
        job.outcome.duration = Some(now.since(job.created));
    }

    fn pod_changed(&mut self, now: Instant, change: &PodChange) {
        let Some(pod) = change.new.as_ref().or(change.old.as_ref()) else {
            return;
        };
        let slot = change.id.slot();
        if self.started.len() <= slot {
            self.started.resize(slot + 1, Instant::NEVER);
        }
        let Some(job) = self.jobs.get_mut(pod.job.slot()).filter(|it| !it.over) else {
            return;
        };
        let (old, new) = (
            Standing::of(change.old.as_ref()),
            Standing::of(change.new.as_ref()),
        );
        let restarts = |pod: &Option<Pod>| pod.map_or(0, |it| it.restarts);
        job.outcome.pods.restarts += restarts(&change.new).saturating_sub(restarts(&change.old));
        if old == new {
            return;
        }
        job.pass(now);
        job.move_pod(old, new);
        if change.old.is_none() {
            job.outcome.pods.created += 1;
        }
        let started = &mut self.started[slot];
        if pod.phase == Phase::Running && *started == Instant::NEVER {
            *started = now;
            job.outcome
                .first_start
                .get_or_insert(now.since(job.created));
        }
        if job.running >= job.wanted {
            job.outcome.full.get_or_insert(now.since(job.created));
        }
        if new.counts() || !old.counts() {
            return;
        }
        // It has ended, or is gone.
        let ran = if *started == Instant::NEVER {
            Span::ZERO
        } else {
            now.since(*started)
        };
        match pod.phase {
            Phase::Succeeded => job.outcome.pods.succeeded += 1,
            Phase::Failed => {
                job.outcome.pods.failed += 1;
                if let Some(index) = pod.index {
                    let failures = self.fail_index(pod.job, index);
                    let worst = &mut self.jobs[pod.job.slot()].outcome.pods.worst_index;
                    *worst = failures.max(*worst);
                }
            }
            Phase::Pending | Phase::Running => {}
        }
        if pod.phase == Phase::Succeeded {
            // What it took is kept, in case it turns out to have been for nothing.
            self.started[slot] = Instant::ORIGIN + ran;
        } else {
            self.jobs[pod.job.slot()].outcome.times.wasted += ran;
        }
    }

    /// Notes a failure of that index; how many it has had.
    fn fail_index(&mut self, job: JobId, index: u32) -> u32 {
        if self.failures.len() <= job.slot() {
            self.failures.resize_with(job.slot() + 1, Vec::new);
        }
        let failures = &mut self.failures[job.slot()];
        let index = index as usize;
        if failures.len() <= index {
            failures.resize(index + 1, 0);
        }
        failures[index] += 1;
        failures[index]
    }

    fn settled(&mut self, job: JobId, pod: PodId, how: Settlement) {
        let outcome = &mut self.jobs[job.slot()].outcome;
        match how {
            Settlement::AlreadySucceeded => {
                let ran = self.started[pod.slot()].since(Instant::ORIGIN);
                outcome.times.repeated += ran;
            }
            Settlement::Ignored(_) => outcome.pods.ignored += 1,
            _ => {}
        }
    }
}

impl Progress {
    /// Adds up pod-time until now.
    fn pass(&mut self, now: Instant) {
        let span = now.since(self.counted_to);
        self.counted_to = now;
        let times = &mut self.outcome.times;
        times.pending += span.times(i64::from(self.pending));
        times.running += span.times(i64::from(self.running));
        times.terminating += span.times(i64::from(self.terminating));
        times.bound += span.times(i64::from(self.bound));
    }

    fn move_pod(&mut self, old: Standing, new: Standing) {
        for (standing, by) in [(old, u32::MAX), (new, 1)] {
            let count = match standing.place {
                Place::Nowhere => continue,
                Place::Pending => &mut self.pending,
                Place::Running => &mut self.running,
                Place::Terminating => &mut self.terminating,
            };
            *count = count.wrapping_add(by);
            if standing.bound {
                self.bound = self.bound.wrapping_add(by);
            }
        }
        let there = self.pending + self.running + self.terminating;
        let peak = &mut self.outcome.pods.peak;
        *peak = there.max(*peak);
    }

    /// The controller waits for a back-off.
    fn wait(&mut self, now: Instant, until: Instant) {
        let from = now.max(self.waits_until);
        if until > from {
            self.outcome.times.back_off += until.since(from);
            self.waits_until = until;
        }
    }

    /// What was not waited for, because the Job ended before.
    fn end_wait(&mut self, now: Instant) {
        if self.waits_until > now {
            let left = self.waits_until.since(now);
            self.outcome.times.back_off = self.outcome.times.back_off - left;
        }
    }
}

/// Where a pod stands.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Standing {
    place: Place,
    bound: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Not there, or ended.
    Nowhere,
    Pending,
    Running,
    Terminating,
}

impl Standing {
    fn of(pod: Option<&Pod>) -> Self {
        let place = match pod {
            None => Place::Nowhere,
            Some(it) if it.phase.is_final() => Place::Nowhere,
            Some(it) if it.deletion.is_some() => Place::Terminating,
            Some(it) if it.phase == Phase::Running => Place::Running,
            Some(_) => Place::Pending,
        };
        let bound = place != Place::Nowhere && pod.is_some_and(Pod::is_bound);
        Self { place, bound }
    }

    /// Whether the pod is there and has not ended.
    fn counts(self) -> bool {
        self.place != Place::Nowhere
    }
}

impl Recorder for Gauge {
    const HEARS_EVENTS: bool = false;

    fn wrote(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        match notice {
            Notice::Job(job, change) => self.job_changed(now, api, *job, *change),
            Notice::Pod(change) => self.pod_changed(now, change),
            Notice::Node(..) | Notice::Budget(_) => {}
        }
    }

    fn decided(&mut self, now: Instant, _api: &ApiServer, job: JobId, decision: &Decision) {
        match *decision {
            Decision::Settles { pod, how } => self.settled(job, pod, how),
            Decision::Waits { until, .. } => {
                let job = &mut self.jobs[job.slot()];
                if !job.over {
                    job.wait(now, until);
                }
            }
            Decision::Ends { .. } | Decision::Deletes { .. } | Decision::StatusRefused => {}
        }
    }
}
