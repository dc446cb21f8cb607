//! Two scenarios on the same fates: what one would have made of each trial of the other.

mod write;

use super::interval::Estimate;
use super::metric::Metric;
use super::plan::Plan;
use super::result::ForecastError;
use super::summary::Summary;
use super::trials::{self, Player, Share, Spent};
use crate::base::Seed;
use crate::sim::{Finish, Outcome, Scenario};

/// Seeds that are kept of each kind of parting.
const KEPT: usize = 5;

/// What two scenarios make of the same fates.
///
/// Draws are addressed ([`base::stream`](crate::base::stream)): a pod of the one runs as long as
/// its counterpart in the other and fails where it fails. What differs between two trials of the
/// same number is then due to what differs between the scenarios, and far fewer trials tell
/// whether a change is worth it.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What all trials depend on.
    pub seed: Seed,
    /// The Jobs, pair by pair in order of creation.
    pub pairs: Vec<Pair>,
}

/// A Job under both scenarios.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Its names.
    pub names: [String; 2],
    /// What it comes to under each of them.
    pub summaries: [Summary; 2],
    /// The differences, trial by trial.
    pub differences: Differences,
}

/// Differences of the second to the first, trial by trial. Everything in it is a whole number and
/// can be added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Trials that are Complete under both.
    pub both: u64,
    /// Trials that are Complete under the first alone, and the first of them.
    pub only_first: Parted,
    /// Trials that are Complete under the second alone, and the first of them.
    pub only_second: Parted,
    /// Trials that are Complete under neither.
    pub neither: u64,
    metrics: [Sums; Metric::COUNT],
}

/// Trials in which the two part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parted {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub trials: Vec<u64>,
}

/// Sums of the differences of a metric, of trials in which both have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    count: u64,
    sum: i128,
    squares: u128,
}

impl Scenario {
    /// Plays this scenario and another one on the same fates.
    ///
    /// ```
    /// use dryjob::base::Seed;
    /// use dryjob::forecast::Plan;
    /// use dryjob::model::{Job, Release};
    /// use dryjob::sim::Scenario;
    /// use dryjob::workload::Fate;
    ///
    /// let scenario = |limit: u32| -> Result<Scenario, Box<dyn std::error::Error>> {
    ///     let job = Job::from_yaml(&format!(
    ///         "{{apiVersion: batch/v1, kind: Job, metadata: {{name: a}}, spec: {{completions: 5, \
    ///          backoffLimit: {limit}, template: {{spec: {{restartPolicy: Never, \
    ///          containers: [{{name: main, image: a}}]}}}}}}}}"
    ///     ))?;
    ///     let fate = Fate::lasting("1m").failing("20%", 1);
    ///     Ok(Scenario::on(Release::LATEST).workload(job, [fate]))
    /// };
    /// let comparison = scenario(1)?.compare(&scenario(3)?, &Plan::new(Seed(1), 500))?;
    /// let differences = &comparison.pairs[0].differences;
    /// assert_eq!(differences.only_first.count, 0, "a higher limit never hurts");
    /// assert!(differences.p_complete().low > 0.2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// One of them contradicts itself, they have different numbers of Jobs, or a trial takes more
    /// than its budget.
    pub fn compare(&self, other: &Self, plan: &Plan) -> Result<Comparison, ForecastError> {
        self.compare_observed(other, plan, &|_| ())
    }

    /// As [`Scenario::compare`]; `observe` is told how many trials have been played, from any
    /// thread.
    ///
    /// # Errors
    ///
    /// As [`Scenario::compare`].
    pub fn compare_observed(
        &self,
        other: &Self,
        plan: &Plan,
        observe: &(dyn Fn(u64) + Sync),
    ) -> Result<Comparison, ForecastError> {
        self.check()?;
        other.check()?;
        let (left, right) = (self.workloads.len(), other.workloads.len());
        if left != right {
            return Err(ForecastError::OtherJobs(left, right));
        }
        let mut shares: Vec<_> = (0..trials::threads(plan))
            .map(|_| Double::new(self, other, plan))
            .collect();
        let share = plan.share();
        trials::batch(&mut shares, plan.seed, share.clone(), share.start, observe)
            .map_err(|it| ForecastError::Spent { trial: it.trial })?;
        let mut total = Double::new(self, other, plan);
        for share in &shares {
            total.merge(share);
        }
        let [first, second] = total.jobs;
        let names = |it: &Self| -> Vec<String> {
            let mut jobs: Vec<_> = it.workloads.iter().collect();
            jobs.sort_by_key(|it| it.at);
            jobs.into_iter().map(|it| it.job.name.clone()).collect()
        };
        let names = names(self).into_iter().zip(names(other));
        let summaries = first.into_iter().zip(second);
        let pairs = names.zip(summaries).zip(total.differences);
        let pairs = pairs.map(|((names, summaries), differences)| Pair {
            names: names.into(),
            summaries: summaries.into(),
            differences,
        });
        Ok(Comparison {
            seed: plan.seed,
            pairs: pairs.collect(),
        })
    }
}

/// One thread's two worlds.
struct Double {
    players: [Player; 2],
    jobs: [Vec<Summary>; 2],
    differences: Vec<Differences>,
}

impl Double {
    fn new(left: &Scenario, right: &Scenario, plan: &Plan) -> Self {
        Self {
            players: [Player::new(left), Player::new(right)],
            jobs: [trials::fresh(left, plan), trials::fresh(right, plan)],
            differences: left
                .workloads
                .iter()
                .map(|_| Differences::default())
                .collect(),
        }
    }

    fn merge(&mut self, other: &Self) {
        for (own, more) in self.jobs.iter_mut().zip(&other.jobs) {
            for (sum, part) in own.iter_mut().zip(more) {
                sum.merge(part);
            }
        }
        for (sum, part) in self.differences.iter_mut().zip(&other.differences) {
            sum.merge(part);
        }
    }
}

impl Share for Double {
    fn play(&mut self, seed: Seed, trial: u64) -> Result<(), Spent> {
        for (player, jobs) in self.players.iter_mut().zip(&mut self.jobs) {
            player.add_to(jobs, seed, trial)?;
        }
        let [first, second] = &self.players;
        let outcomes = first.outcomes().iter().zip(second.outcomes());
        for (differences, (first, second)) in self.differences.iter_mut().zip(outcomes) {
            differences.add(trial, first, second);
        }
        Ok(())
    }
}

impl Differences {
    fn add(&mut self, trial: u64, first: &Outcome, second: &Outcome) {
        let complete = |it: &Outcome| matches!(it.finish, Finish::Complete(_));
        match (complete(first), complete(second)) {
            (true, true) => self.both += 1,
            (true, false) => self.only_first.add(trial),
            (false, true) => self.only_second.add(trial),
            (false, false) => self.neither += 1,
        }
        for (metric, sums) in Metric::all().zip(&mut self.metrics) {
            if let Some((first, second)) = metric.of(first).zip(metric.of(second)) {
                sums.add(i128::from(second) - i128::from(first));
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.both += other.both;
        self.neither += other.neither;
        self.only_first.merge(&other.only_first);
        self.only_second.merge(&other.only_second);
        for (own, more) in self.metrics.iter_mut().zip(&other.metrics) {
            own.count += more.count;
            own.sum += more.sum;
            own.squares += more.squares;
        }
    }

    /// Trials.
    #[must_use]
    pub const fn trials(&self) -> u64 {
        self.both + self.neither + self.only_first.count + self.only_second.count
    }

    /// By how much P(Complete) is higher under the second, with the interval of paired
    /// proportions (Wald's, on the trials that part).
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // counts of trials
    pub fn p_complete(&self) -> Estimate {
        let n = self.trials().max(1) as f64;
        let (lost, won) = (self.only_first.count as f64, self.only_second.count as f64);
        let difference = (won - lost) / n;
        let spread = ((won + lost) / n - difference * difference).max(0.0);
        Estimate::normal(difference, (spread / n).sqrt())
    }

    /// By how much a metric is higher under the second in the mean, of the trials in which both
    /// have it; `None` if there are none.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // after exact sums
    pub fn mean(&self, metric: Metric) -> Option<Estimate> {
        let it = Some(&self.metrics[metric as usize]).filter(|it| it.count > 0)?;
        let n = it.count as f64;
        let mean = it.sum as f64 / n;
        let spread = (it.squares as f64 / n - mean * mean).max(0.0);
        let degrees = (n - 1.0).max(1.0);
        Some(Estimate::normal(mean, (spread / degrees).sqrt()))
    }
}

impl Parted {
    fn add(&mut self, trial: u64) {
        self.count += 1;
        self.keep(trial);
    }

    /// Keeps the trial if it is among the first.
    fn keep(&mut self, trial: u64) {
        let place = self.trials.partition_point(|it| *it < trial);
        if place < KEPT {
            self.trials.insert(place, trial);
            self.trials.truncate(KEPT);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        for trial in &other.trials {
            self.keep(*trial);
        }
    }
}

impl Sums {
    fn add(&mut self, difference: i128) {
        self.count += 1;
        self.sum += difference;
        self.squares += difference
            .unsigned_abs()
            .saturating_mul(difference.unsigned_abs());
    }
}
