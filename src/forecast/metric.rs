//! What is measured in each trial of a forecast.

use crate::base::Span;
use crate::sim::{Finish, Outcome};

/// A number that each trial has, for each Job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Metric {
    /// To the Job's end, however it ends; a Job that does not end has none.
    Duration,
    /// To its completion; a Job that fails, or does not end, has none.
    Completion,
    /// To the first pod that runs.
    FirstStart,
    /// To the first instant at which as many pods run as may.
    FullParallelism,
    /// Pods created.
    Pods,
    /// Pods that succeeded.
    Succeeded,
    /// Pods that failed.
    Failed,
    /// Failures that the Job counts.
    Counted,
    /// Failures that its pod failure policy ignores.
    Ignored,
    /// Restarts of containers.
    Restarts,
    /// The most pods at one time.
    Peak,
    /// The most failures of one index.
    WorstIndex,
    /// Pod-time from creation to start.
    Pending,
    /// Pod-time at work.
    Running,
    /// Pod-time of termination, which overlaps with the pods that come instead.
    Terminating,
    /// Pod-time on nodes: what is paid for.
    Bound,
    /// Pod-time at work of pods that did not succeed.
    Wasted,
    /// Pod-time at work of pods whose index had succeeded before.
    Repeated,
    /// Time of the Job in which back-off kept it from creating pods.
    BackOff,
}

/// What a metric's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Microseconds.
    Time,
    /// Pods, or something else that is counted.
    Count,
}

/// Name, unit, and what it is, in the order of [`Metric::ALL`].
const ROWS: [(Metric, &str, Unit, &str); Metric::COUNT] = {
    use Metric as M;
    use Unit::{Count, Time};
    [
        (M::Duration, "duration", Time, "time to the end"),
        (M::Completion, "completion", Time, "time to completion"),
        (
            M::FirstStart,
            "firstStart",
            Time,
            "time to the first running pod",
        ),
        (
            M::FullParallelism,
            "fullParallelism",
            Time,
            "time to full parallelism",
        ),
        (M::Pods, "pods", Count, "pods created"),
        (M::Succeeded, "succeeded", Count, "pods that succeeded"),
        (M::Failed, "failed", Count, "pods that failed"),
        (M::Counted, "counted", Count, "failures counted"),
        (M::Ignored, "ignored", Count, "failures ignored"),
        (M::Restarts, "restarts", Count, "restarts of containers"),
        (M::Peak, "peak", Count, "most pods at once"),
        (
            M::WorstIndex,
            "worstIndex",
            Count,
            "most failures of an index",
        ),
        (M::Pending, "pending", Time, "pod-time pending"),
        (M::Running, "running", Time, "pod-time running"),
        (M::Terminating, "terminating", Time, "pod-time terminating"),
        (M::Bound, "bound", Time, "pod-time on nodes"),
        (M::Wasted, "wasted", Time, "pod-time wasted"),
        (M::Repeated, "repeated", Time, "pod-time repeated"),
        (M::BackOff, "backOff", Time, "time in back-off"),
    ]
};

impl Metric {
    /// How many there are.
    pub const COUNT: usize = 19;

    /// All of them, in the order in which they are told.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|it| it.0)
    }

    /// Its name in assertions and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        ROWS[self as usize].1
    }

    /// What its numbers are.
    #[must_use]
    pub const fn unit(self) -> Unit {
        ROWS[self as usize].2
    }

    /// What it is, in a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        ROWS[self as usize].3
    }

    /// The metric of that name; case and hyphens do not matter.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let plain = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
        let name = plain(name);
        ROWS.iter().find(|it| plain(it.1) == name).map(|it| it.0)
    }

    /// What it was in a trial.
    #[must_use]
    pub fn of(self, outcome: &Outcome) -> Option<u64> {
        let Outcome { pods, times, .. } = outcome;
        let time = |span: Span| u64::try_from(span.micros()).unwrap_or(0);
        let count = u64::from;
        match self {
            Self::Duration => outcome.duration.map(time),
            Self::Completion => {
                let complete = matches!(outcome.finish, Finish::Complete(_));
                outcome.duration.filter(|_| complete).map(time)
            }
            Self::FirstStart => outcome.first_start.map(time),
            Self::FullParallelism => outcome.full.map(time),
            Self::Pods => Some(count(pods.created)),
            Self::Succeeded => Some(count(pods.succeeded)),
            Self::Failed => Some(count(pods.failed)),
            Self::Counted => Some(count(pods.counted)),
            Self::Ignored => Some(count(pods.ignored)),
            Self::Restarts => Some(count(pods.restarts)),
            Self::Peak => Some(count(pods.peak)),
            Self::WorstIndex => Some(count(pods.worst_index)),
            Self::Pending => Some(time(times.pending)),
            Self::Running => Some(time(times.running)),
            Self::Terminating => Some(time(times.terminating)),
            Self::Bound => Some(time(times.bound)),
            Self::Wasted => Some(time(times.wasted)),
            Self::Repeated => Some(time(times.repeated)),
            Self::BackOff => Some(time(times.back_off)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_metrics() {
        for (place, metric) in Metric::all().enumerate() {
            assert_eq!(metric as usize, place);
            assert_eq!(Metric::named(metric.name()), Some(metric));
        }
        assert_eq!(Metric::named("first-start"), Some(Metric::FirstStart));
        assert_eq!(Metric::named("latency"), None);
    }
}
