//! What many trials came to, added up.

use super::distribution::{Bucket, Distribution, Quantile};
use super::interval::{Estimate, QuantileEstimate};
use super::metric::Metric;
use crate::base::Span;
use crate::sim::{Finish, Outcome};
use std::collections::BTreeMap;

/// Failures are told apart by index for so many indexes.
const INDEXES: usize = 10_000;

/// What became of one Job in many trials. Everything in it is a whole number and can be added, so
/// that shares of the trials come to the same as all of them at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Trials.
    pub trials: u64,
    /// Trials in which the Job got the condition Complete.
    pub complete: u64,
    /// Trials in which it failed, by the reason of the condition.
    pub failed: BTreeMap<String, u64>,
    /// Trials in which it was deleted before it ended.
    pub deleted: u64,
    /// Trials in which it did not end while it was watched.
    pub open: u64,
    /// Trials in which it was complete within so much time, for times that were asked for.
    pub within: BTreeMap<Span, u64>,
    /// Failures of each index, all trials together; of the first 10,000 indexes.
    pub failures_by_index: Vec<u64>,
    /// How the trial ended that took longest among those that ended worst.
    pub worst: Option<Worst>,
    metrics: [Distribution; Metric::COUNT],
}

/// The trial that came out worst: one that did not end before one that failed, before one that was
/// complete; of several, the one that took longest; of those, the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worst {
    /// 0 complete, 1 deleted, 2 failed, 3 open.
    pub rank: u8,
    /// Microseconds to its end; 0 if it did not end.
    pub took: u64,
    /// Which trial it was.
    pub trial: u64,
}

impl Summary {
    /// Nothing yet; counts completions within these times.
    #[must_use]
    pub fn new(within: impl IntoIterator<Item = Span>) -> Self {
        Self {
            within: within.into_iter().map(|it| (it, 0)).collect(),
            ..Self::default()
        }
    }

    /// Adds a trial.
    pub fn add(&mut self, trial: u64, outcome: &Outcome) {
        self.trials += 1;
        let rank = match outcome.finish {
            Finish::Complete(_) => {
                self.complete += 1;
                for (limit, hits) in &mut self.within {
                    *hits += u64::from(outcome.duration.is_some_and(|it| it <= *limit));
                }
                0
            }
            Finish::Failed(cause) => {
                self.fail(cause.reason());
                2
            }
            Finish::Deleted => {
                self.deleted += 1;
                1
            }
            Finish::Open => {
                self.open += 1;
                3
            }
        };
        let took = Metric::Duration.of(outcome).unwrap_or(0);
        self.consider(Worst { rank, took, trial });
        for metric in Metric::all() {
            if let Some(value) = metric.of(outcome) {
                self.metrics[metric as usize].add(value, trial);
            }
        }
    }

    fn fail(&mut self, reason: &str) {
        // A reason that was seen before costs no allocation.
        if let Some(count) = self.failed.get_mut(reason) {
            *count += 1;
        } else {
            self.failed.insert(reason.to_owned(), 1);
        }
    }

    fn consider(&mut self, other: Worst) {
        let order = |it: &Worst| (it.rank, it.took, std::cmp::Reverse(it.trial));
        if self.worst.is_none_or(|it| order(&other) > order(&it)) {
            self.worst = Some(other);
        }
    }

    /// Adds failures of each index.
    pub fn add_failures(&mut self, by_index: &[u32]) {
        let by_index = &by_index[..by_index.len().min(INDEXES)];
        if self.failures_by_index.len() < by_index.len() {
            self.failures_by_index.resize(by_index.len(), 0);
        }
        for (sum, failures) in self.failures_by_index.iter_mut().zip(by_index) {
            *sum += u64::from(*failures);
        }
    }

    /// Adds all trials of another summary.
    pub fn merge(&mut self, other: &Self) {
        self.trials += other.trials;
        self.complete += other.complete;
        self.deleted += other.deleted;
        self.open += other.open;
        for (reason, count) in &other.failed {
            *self.failed.entry(reason.clone()).or_default() += count;
        }
        for (limit, count) in &other.within {
            *self.within.entry(*limit).or_default() += count;
        }
        let indexes = other.failures_by_index.len();
        if self.failures_by_index.len() < indexes {
            self.failures_by_index.resize(indexes, 0);
        }
        for (sum, more) in self
            .failures_by_index
            .iter_mut()
            .zip(&other.failures_by_index)
        {
            *sum = sum.saturating_add(*more);
        }
        if let Some(worst) = other.worst {
            self.consider(worst);
        }
        for (own, more) in self.metrics.iter_mut().zip(&other.metrics) {
            own.merge(more);
        }
    }

    /// The values of a metric.
    #[must_use]
    pub fn metric(&self, metric: Metric) -> &Distribution {
        &self.metrics[metric as usize]
    }

    /// Replaces the values of a metric, as when a summary is read back.
    pub fn set_metric(&mut self, metric: Metric, to: Distribution) {
        self.metrics[metric as usize] = to;
    }

    /// Trials in which the Job failed, for whatever reason.
    #[must_use]
    pub fn all_failed(&self) -> u64 {
        self.failed.values().sum()
    }

    /// How likely the Job gets the condition Complete.
    #[must_use]
    pub fn p_complete(&self) -> Estimate {
        Estimate::probability(self.complete, self.trials)
    }

    /// A quantile of a metric. Trials in which it has no value count as beyond all others.
    #[must_use]
    pub fn quantile(&self, metric: Metric, at: Quantile) -> QuantileEstimate {
        QuantileEstimate::new(self.metric(metric), at, self.trials)
    }

    /// A trial whose duration is the median of all that ended.
    #[must_use]
    pub fn typical(&self) -> Option<&Bucket> {
        let durations = self.metric(Metric::Duration);
        durations.at_rank(Quantile::MEDIAN.rank(durations.count()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cause;

    fn outcome(finish: Finish, secs: i64) -> Outcome {
        Outcome {
            finish,
            duration: (finish != Finish::Open).then(|| Span::from_secs(secs)),
            ..Outcome::default()
        }
    }

    #[test]
    fn endings_are_counted_and_the_worst_is_kept() {
        let mut summary = Summary::new([Span::from_secs(60)]);
        let complete = Finish::Complete(Cause::CompletionsReached);
        summary.add(0, &outcome(complete, 50));
        summary.add(1, &outcome(complete, 70));
        summary.add(2, &outcome(Finish::Failed(Cause::BackoffLimitExceeded), 20));
        summary.add(3, &outcome(Finish::Failed(Cause::BackoffLimitExceeded), 20));
        assert_eq!((summary.trials, summary.complete), (4, 2));
        assert_eq!(summary.within[&Span::from_secs(60)], 1);
        assert_eq!(summary.failed["BackoffLimitExceeded"], 2);
        assert_eq!(summary.worst.map(|it| it.trial), Some(2));
        assert_eq!(summary.typical().map(|it| it.trial), Some(2));
        summary.add(4, &outcome(Finish::Open, 0));
        assert_eq!(summary.worst.map(|it| it.trial), Some(4));
        assert_eq!(
            summary
                .quantile(Metric::Completion, Quantile::percent(95))
                .value,
            None
        );
    }

    #[test]
    fn shares_come_to_the_whole() {
        let trials: Vec<Outcome> = (0..50_i64)
            .map(|n| match n % 5 {
                0 => outcome(Finish::Failed(Cause::DeadlineExceeded), n),
                1 => outcome(Finish::Open, n),
                _ => outcome(Finish::Complete(Cause::Plain), n * n),
            })
            .collect();
        let of = |range: std::ops::Range<usize>| {
            let mut summary = Summary::new([]);
            for trial in range {
                summary.add(trial as u64, &trials[trial]);
                summary.add_failures(&vec![1; trial]);
            }
            summary
        };
        let (mut right, left) = (of(20..50), of(0..20));
        right.merge(&left);
        assert_eq!(right, of(0..50));
    }
}
