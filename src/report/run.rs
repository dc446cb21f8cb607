//! Playing a scenario to its end, and asking what happened.

use super::names::Names;
use super::trace::Trace;
use super::verdict::{Ending, Hang};
use super::{Entry, PodStory, Timeline, Why, digest};
use crate::api::ApiServer;
use crate::base::{Instant, Seed, Span};
use crate::model::{JobId, JobStatus, PodId};
use crate::sim::{Scenario, World};

/// A played scenario.
#[derive(Debug)]
pub struct Run {
    world: World,
    trace: Trace,
    names: Names,
    over: bool,
}

/// A scenario that cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// There is nothing to play.
    #[error("the scenario has no Job")]
    NoJob,
    /// An action is about a Job that is not there.
    #[error("action {action} is about Job {job}, but the scenario has only {jobs}")]
    UnknownJob {
        /// The action's place.
        action: usize,
        /// The Job's place that it names.
        job: usize,
        /// How many Jobs there are.
        jobs: usize,
    },
    /// A script names a container that the Job does not have.
    #[error(
        "a script of Job {job:?} gives an exit code to container {container:?}, which it \
             does not have: its containers are {known}"
    )]
    UnknownContainer {
        /// The Job's name.
        job: String,
        /// The container's name.
        container: String,
        /// Those there are.
        known: String,
    },
    /// Two Jobs share a name and namespace.
    #[error("two Jobs are called {0:?}")]
    SameName(String),
}

impl Scenario {
    /// Plays the scenario and records everything.
    ///
    /// # Errors
    ///
    /// The scenario contradicts itself: see [`RunError`].
    pub fn run(&self, seed: Seed) -> Result<Run, RunError> {
        self.run_observed(seed, |_| ())
    }

    /// Plays the scenario and records everything; `observe` is shown the world after each
    /// instant, for progress.
    ///
    /// # Errors
    ///
    /// The scenario contradicts itself: see [`RunError`].
    pub fn run_observed(&self, seed: Seed, observe: impl FnMut(&World)) -> Result<Run, RunError> {
        self.run_trial(seed, 0, observe)
    }

    /// Plays one of the trials of a forecast and records everything.
    ///
    /// # Errors
    ///
    /// The scenario contradicts itself: see [`RunError`].
    pub fn run_trial(
        &self,
        seed: Seed,
        trial: u64,
        mut observe: impl FnMut(&World),
    ) -> Result<Run, RunError> {
        self.check()?;
        let mut world = World::seeded(self.clone(), seed, trial);
        world.remember_conditions();
        let mut trace = Trace::default();
        while world.step(&mut trace) {
            observe(&world);
        }
        let over = world.is_over();
        Ok(Run {
            world,
            trace,
            names: Names::new(seed),
            over,
        })
    }

    /// Whether it does not contradict itself.
    pub(crate) fn check(&self) -> Result<(), RunError> {
        let jobs = self.workloads.len();
        if jobs == 0 {
            return Err(RunError::NoJob);
        }
        for (place, workload) in self.workloads.iter().enumerate() {
            let job = &workload.job;
            let twin = |other: &&crate::sim::Workload| {
                other.job.name == job.name && other.job.namespace == job.namespace
            };
            if self.workloads[..place].iter().any(|other| twin(&other)) {
                return Err(RunError::SameName(job.name.clone()));
            }
            let known: Vec<&str> = job
                .spec
                .template
                .containers
                .iter()
                .map(|it| it.name.as_str())
                .collect();
            for (container, _) in workload.pods.iter().flat_map(|script| &script.exit) {
                if !known.contains(&container.as_str()) {
                    return Err(RunError::UnknownContainer {
                        job: job.name.clone(),
                        container: container.clone(),
                        known: known.join(", "),
                    });
                }
            }
        }
        for (action, it) in self.actions.iter().enumerate() {
            if it.job >= jobs && it.deed.is_about_job() {
                return Err(RunError::UnknownJob {
                    action,
                    job: it.job,
                    jobs,
                });
            }
        }
        Ok(())
    }

    /// A Job's status at an instant. Plays the scenario again up to there, which takes as long as
    /// it took to get there, and no memory in between.
    ///
    /// # Errors
    ///
    /// The scenario contradicts itself: see [`RunError`].
    pub fn status_at(&self, job: JobId, at: Instant) -> Result<Option<JobStatus>, RunError> {
        self.check()?;
        let mut world = World::new(self.clone());
        world.play_to(at, &mut ());
        let stored = world.api().jobs().find(|(id, _)| *id == job);
        Ok(stored
            .filter(|(_, it)| !it.gone)
            .map(|(_, it)| it.status.clone()))
    }
}

impl Run {
    /// What happened, record by record.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The API server as the run left it.
    #[must_use]
    pub const fn api(&self) -> &ApiServer {
        self.world.api()
    }

    /// The world as the run left it.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The scenario that was played.
    #[must_use]
    pub const fn scenario(&self) -> &Scenario {
        self.world.scenario()
    }

    /// When the Jobs were created: what durations count from.
    #[must_use]
    pub fn start(&self) -> Instant {
        Instant::ORIGIN + self.scenario().start
    }

    /// How each Job ended, in order of creation.
    #[must_use]
    pub fn endings(&self) -> Vec<(JobId, Ending)> {
        let stopped = self.over || self.world.is_spent();
        let end = self.start() + self.scenario().until;
        let now = if stopped { self.world.now() } else { end };
        let jobs = (0u32..).map(JobId).take(self.scenario().workloads.len());
        jobs.map(|job| {
            let Some(milestones) = self.trace.milestones().get(job.slot()) else {
                return (job, Ending::Open(Hang::NeverCreated));
            };
            let created = milestones.created.unwrap_or_default();
            let (ended, gone) = (milestones.ended, milestones.gone);
            (
                job,
                Ending::of(self.api(), job, created, ended, gone, self.over, now),
            )
        })
        .collect()
    }

    /// How the first Job ended.
    #[must_use]
    pub fn ending(&self) -> Ending {
        let first = self.endings().into_iter().next();
        first.map_or(Ending::Open(Hang::NeverCreated), |(_, ending)| ending)
    }

    /// A pod's name, as the API server made it up.
    #[must_use]
    pub fn pod_name(&self, pod: PodId) -> String {
        self.names.pod(self.api(), pod)
    }

    /// What happened, in words: the trace's records with the names that belong to them.
    pub fn records(&self) -> impl Iterator<Item = Entry<'_>> {
        self.trace
            .records()
            .iter()
            .map(|record| Entry::new(self, record))
    }

    /// The pods' lives, in order of creation.
    pub fn attempts(&self) -> impl Iterator<Item = PodStory<'_>> {
        let attempts = (0u32..).map(PodId).zip(self.trace.attempts());
        attempts.map(|(pod, attempt)| PodStory::new(self, pod, attempt))
    }

    /// What happened, as a table for people.
    #[must_use]
    pub const fn timeline(&self) -> Timeline<'_> {
        Timeline::new(self)
    }

    /// Why the Jobs ended as they did: the rules, with their numbers.
    #[must_use]
    pub const fn why(&self) -> Why<'_> {
        Why::new(self)
    }

    /// A number that stands for everything that happened: equal runs have equal digests, on every
    /// platform and in every build. Pod names do not matter.
    #[must_use]
    pub fn digest(&self) -> u64 {
        digest::of(&self.trace)
    }

    /// From the first Job's creation to an instant.
    #[must_use]
    pub fn age(&self, at: Instant) -> Span {
        at.since(self.start())
    }
}
