//! What each kind of trouble does to a Job: found by playing the scenario once without, and once
//! with each of them.

mod cause;
mod outcome;
mod strike;
mod write;

use super::{Run, RunError};
use crate::base::{Seed, Span, WireTime};
use crate::fault::PodLabel;
use crate::model::Release;
use crate::sim::{Scenario, World};
pub use cause::Cause;
pub use outcome::{Outcome, PodEnd, Replacement};

/// Where a pod's run has no end, the trouble comes so long after its start.
const EARLY: Span = Span::from_secs(600);

/// What each of some causes does to the first Job of a scenario: see [`Scenario::matrix`].
#[derive(Clone, Debug)]
pub struct Matrix {
    release: Release,
    job: String,
    quiet: Outcome,
    scene: Scene,
    rows: Vec<(Cause, Outcome)>,
}

/// Where and when the trouble comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scene {
    /// The pod that it is about: the Job's first one.
    pub pod: PodLabel,
    /// When: in the middle of that pod's run, after the scenario's start.
    pub at: Span,
    /// From the start of that pod's containers to the trouble.
    pub into: Span,
    /// How long they run without trouble; `None` if they do not end.
    pub run: Option<Span>,
    /// When the Job is created.
    pub created: Span,
}

/// Why there is no matrix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// The scenario cannot be played.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The pods follow scripts, which tell themselves what happens to pods.
    #[error(
        "the pods of Job {0:?} follow scripts, to which nothing else can happen\n  = help: say \
         what containers do instead: `workload` in place of `pods` in a scenario file, \
         Scenario::workload in place of Scenario::job"
    )]
    Scripts(String),
    /// No pod runs, with or without trouble.
    #[error(
        "no pod of Job {job:?} ever runs, even without trouble: {ending}\n  = help: `dryjob run` \
         shows why; there has to be a run that something can happen to"
    )]
    NoRun {
        /// The Job's name.
        job: String,
        /// How it ends.
        ending: String,
    },
    /// A run took more than the scenario's budget.
    #[error(
        "the run with {0} takes more events or pods than it may\n  = help: watch for less with \
         --until, or leave the cause out"
    )]
    Spent(String),
}

impl Scenario {
    /// What each kind of trouble does to the first Job, found by playing it once without, and
    /// once with each. Trouble comes to the first pod, in the middle of its run; where no nodes
    /// are given, pods have nodes of their own in an unlimited cluster.
    ///
    /// ```
    /// use dryjob::model::{Job, Release};
    /// use dryjob::report::matrix::{Cause, Replacement};
    /// use dryjob::workload::Fate;
    /// use dryjob::{Scenario, Seed, Span};
    ///
    /// let job = Job::from_yaml("
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: {name: train}
    /// spec:
    ///   podReplacementPolicy: Failed
    ///   template: {spec: {restartPolicy: Never, containers: [{name: main, image: train}]}}
    /// ")?;
    /// let scenario = Scenario::on(Release::V1_37).workload(job, [Fate::lasting("20m")]);
    /// let matrix = scenario.matrix(Seed(0))?;
    ///
    /// let crash = matrix.outcome(Cause::ContainerFails).unwrap();
    /// assert_eq!(crash.failed, 1);
    /// assert!(crash.ending.is_complete(), "a failure is tried again: it costs a run");
    ///
    /// let lost = matrix.outcome(Cause::NodeLost).unwrap();
    /// assert_eq!(lost.replaced, Replacement::Never, "the pod never gets a final phase");
    /// assert_eq!(lost.ending_words(), "does not end: 1 Terminating");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The scenario cannot be played, its pods follow scripts, or no pod ever runs: see
    /// [`MatrixError`].
    pub fn matrix(&self, seed: Seed) -> Result<Matrix, MatrixError> {
        self.matrix_of(Cause::ALL, seed, |_, _| ())
    }

    /// The same for some causes. `observe` is shown the world after each instant, and with which
    /// cause it is played, for progress.
    ///
    /// # Errors
    ///
    /// As [`Scenario::matrix`].
    pub fn matrix_of(
        &self,
        causes: &[Cause],
        seed: Seed,
        mut observe: impl FnMut(Option<Cause>, &World),
    ) -> Result<Matrix, MatrixError> {
        let mut scenario = self.clone();
        scenario.unlimited = true;
        let job = scenario.first_job().ok_or(RunError::NoJob)?;
        let name = scenario.workloads[job].job.name.clone();
        if scenario.workloads[job].fates.is_empty() {
            return Err(MatrixError::Scripts(name));
        }
        let mut play = |scenario: &Scenario, cause: Option<Cause>| {
            let run = scenario.run_observed(seed, |world| observe(cause, world))?;
            if run.world().is_spent() {
                let words = cause.map_or_else(|| "no trouble".to_owned(), |it| it.to_string());
                return Err(MatrixError::Spent(words));
            }
            Ok(run)
        };
        let run = play(&scenario, None)?;
        let Some(scene) = Scene::of(&run) else {
            let ending = super::why::headline(&run.ending());
            return Err(MatrixError::NoRun { job: name, ending });
        };
        let (quiet, ends) = (Outcome::of(&run, &scene, None, None), outcome::ends(&run));
        let mut rows = Vec::with_capacity(causes.len());
        for cause in causes {
            let mut troubled = scenario.clone();
            cause.strikes(&mut troubled, job, &scene);
            let run = play(&troubled, Some(*cause))?;
            let before = Some((&quiet, &ends));
            let outcome = Outcome::of(&run, &scene, cause.comes(&scene), before);
            rows.push((*cause, outcome));
        }
        Ok(Matrix {
            release: self.release,
            job: name,
            quiet,
            scene,
            rows,
        })
    }

    /// The place of the Job that is created first.
    fn first_job(&self) -> Option<usize> {
        let jobs = self.workloads.iter().enumerate();
        jobs.min_by_key(|(_, it)| it.at).map(|(place, _)| place)
    }
}

impl Scene {
    /// The middle of the first pod's run, if it runs.
    fn of(quiet: &Run) -> Option<Self> {
        let pod = outcome::pods(quiet).next()?;
        let from = pod.attempt().started?;
        let stored = quiet.api().pod(pod.pod());
        let ended = stored.finished.map(WireTime::instant);
        let run = ended.or(pod.attempt().ended).map(|it| it.since(from));
        let half = run.map_or(EARLY, |it| Span::from_micros(it.micros() / 2));
        // On a whole second if that is still about the middle, so that the table is easy to follow.
        let whole = Span::from_secs(half.micros() / 1_000_000);
        let into = if half < Span::from_secs(2) {
            half
        } else {
            whole
        };
        let at = quiet.age(from) + into;
        let created = quiet.trace().milestones().first()?.created?;
        Some(Self {
            pod: outcome::label(quiet, pod.pod()),
            at,
            into,
            run,
            created: quiet.age(created),
        })
    }
}

impl Matrix {
    /// The Job's name.
    #[must_use]
    pub fn job(&self) -> &str {
        &self.job
    }

    /// What the Job comes to without trouble.
    #[must_use]
    pub const fn quiet(&self) -> &Outcome {
        &self.quiet
    }

    /// Where and when the trouble comes.
    #[must_use]
    pub const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Each cause and what it does, in the order in which they were asked for.
    #[must_use]
    pub fn rows(&self) -> &[(Cause, Outcome)] {
        &self.rows
    }

    /// What that cause does, if it was asked for.
    #[must_use]
    pub fn outcome(&self, cause: Cause) -> Option<&Outcome> {
        let row = self.rows.iter().find(|it| it.0 == cause);
        row.map(|it| &it.1)
    }
}
