//! A forecast: what many trials of a scenario came to.

use super::plan::Plan;
use super::summary::Summary;
use super::trials;
use crate::base::{Seed, Span};
use crate::model::Resources;
use crate::report::RunError;
use crate::report::digest::Fnv;
use crate::sim::Scenario;
use std::ops::Range;

/// What many trials of a scenario came to.
///
/// Equal plans give equal forecasts on every machine and for any number of threads; forecasts of
/// different shares of the same trials can be [merged](Forecast::merge).
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// What all trials depend on.
    pub seed: Seed,
    /// Trials that were asked for.
    pub asked: u64,
    /// Trials that were played: ranges that neither touch nor overlap, in rising order.
    pub played: Vec<Range<u64>>,
    /// A number that stands for the scenario. Forecasts of one scenario share it.
    pub scenario: u64,
    /// For how long each trial is watched, from the creation of the first Job.
    pub until: Span,
    /// The Jobs, in order of creation.
    pub jobs: Vec<JobForecast>,
}

/// What became of a Job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobForecast {
    /// `metadata.namespace`
    pub namespace: String,
    /// `metadata.name`
    pub name: String,
    /// What each of its pods requests.
    pub requests: Resources,
    /// What its trials came to.
    pub summary: Summary,
}

/// Why there is no forecast.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForecastError {
    /// The scenario contradicts itself.
    #[error(transparent)]
    Scenario(#[from] RunError),
    /// A trial took more than the scenario's budget allows.
    #[error(
        "trial {trial} was stopped, because it took more events or pods than a run may\n  = help: \
         watch for less time, or look for a Job that creates pods without end"
    )]
    Spent {
        /// Which trial.
        trial: u64,
    },
    /// Jobs are compared pair by pair.
    #[error(
        "one side has {0} Jobs, the other {1}: they are compared pair by pair, in order of creation"
    )]
    OtherJobs(usize, usize),
    /// Forecasts of different scenarios cannot be added.
    #[error("these are forecasts of different scenarios: only shares of one can be merged")]
    OtherScenario,
    /// Nor those with different random numbers.
    #[error("these are shares of forecasts with different seeds, {0} and {1}")]
    OtherSeed(u64, u64),
    /// A share that is there twice.
    #[error("trials {0} to {1} are in two of the shares: each is to be given once")]
    Overlap(u64, u64),
}

impl Scenario {
    /// Plays many trials.
    ///
    /// ```
    /// use dryjob::base::Seed;
    /// use dryjob::forecast::Plan;
    /// use dryjob::model::{Job, Release};
    /// use dryjob::sim::Scenario;
    /// use dryjob::workload::Fate;
    ///
    /// let job = Job::from_yaml(
    ///     "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {backoffLimit: 0, \
    ///      template: {spec: {restartPolicy: Never, containers: [{name: main, image: a}]}}}}",
    /// )?;
    /// let fate = Fate::lasting("1m").failing("25%", 1);
    /// let scenario = Scenario::on(Release::LATEST).workload(job, [fate]);
    /// let forecast = scenario.forecast(&Plan::new(Seed(1), 1_000))?;
    /// let p = forecast.jobs[0].summary.p_complete();
    /// assert!(p.low < 0.78 && 0.72 < p.high);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The scenario contradicts itself, or a trial takes more than its budget.
    pub fn forecast(&self, plan: &Plan) -> Result<Forecast, ForecastError> {
        self.forecast_observed(plan, &|_| ())
    }

    /// Plays many trials; `observe` is told how many have been played, from any thread.
    ///
    /// # Errors
    ///
    /// As [`Scenario::forecast`].
    pub fn forecast_observed(
        &self,
        plan: &Plan,
        observe: &(dyn Fn(u64) + Sync),
    ) -> Result<Forecast, ForecastError> {
        self.check()?;
        let played = trials::play(self, plan, observe);
        let (summaries, played) = played.map_err(|it| ForecastError::Spent { trial: it.trial })?;
        // Jobs are played in the order in which they are created.
        let mut jobs: Vec<_> = self.workloads.iter().collect();
        jobs.sort_by_key(|it| it.at);
        let jobs = jobs
            .into_iter()
            .zip(summaries)
            .map(|(workload, summary)| JobForecast {
                namespace: workload.job.namespace.clone(),
                name: workload.job.name.clone(),
                requests: workload.job.spec.template.effective_requests(),
                summary,
            });
        let whole = plan.precision.is_some();
        Ok(Forecast {
            seed: plan.seed,
            asked: if whole { played.end } else { plan.trials },
            jobs: jobs.collect(),
            played: Some(played)
                .filter(|it| !it.is_empty())
                .into_iter()
                .collect(),
            scenario: fingerprint(self),
            until: self.until,
        })
    }
}

impl Forecast {
    /// Trials that were played.
    #[must_use]
    pub fn trials(&self) -> u64 {
        self.played.iter().map(|it| it.end - it.start).sum()
    }

    /// Adds another share of the same trials.
    ///
    /// # Errors
    ///
    /// It is of another scenario or seed, or of trials that are in this one.
    pub fn merge(&mut self, other: &Self) -> Result<(), ForecastError> {
        if self.scenario != other.scenario
            || self.asked != other.asked
            || self.jobs.len() != other.jobs.len()
        {
            return Err(ForecastError::OtherScenario);
        }
        if self.seed != other.seed {
            return Err(ForecastError::OtherSeed(self.seed.0, other.seed.0));
        }
        let mut played = self.played.clone();
        played.extend(other.played.iter().cloned());
        played.sort_by_key(|it| it.start);
        let mut joined: Vec<Range<u64>> = Vec::new();
        for range in played {
            match joined.last_mut() {
                Some(last) if last.end > range.start => {
                    let end = last.end.min(range.end);
                    return Err(ForecastError::Overlap(range.start, end - 1));
                }
                Some(last) if last.end == range.start => last.end = range.end,
                _ => joined.push(range),
            }
        }
        self.played = joined;
        for (own, more) in self.jobs.iter_mut().zip(&other.jobs) {
            own.summary.merge(&more.summary);
        }
        Ok(())
    }
}

/// A number that stands for all that a scenario says.
fn fingerprint(scenario: &Scenario) -> u64 {
    let mut digest = Fnv::default();
    digest.bytes(format!("{scenario:?}").as_bytes());
    digest.finish()
}
