//! A forecast as text, for people.

use super::distribution::Quantile;
use super::document::Report;
use super::interval::Estimate;
use super::measure::{Event, Finding, Measure, Scale};
use super::metric::{Metric, Unit};
use super::result::JobForecast;
use super::summary::{Summary, Worst};
use crate::report::table::Columns;
use std::fmt::Write as _;

/// Rows of a histogram, and the most letters of a bar.
const ROWS: u64 = 12;
const BAR: u64 = 40;
/// Indexes that are told for their failures.
const INDEXES: usize = 5;

impl Report {
    /// For people. `wide` tells of everything that was measured, and of how it is distributed.
    #[must_use]
    pub fn table(&self, wide: bool) -> String {
        let mut text = String::new();
        for (number, job) in self.forecast.jobs.iter().enumerate() {
            if number > 0 {
                text.push('\n');
            }
            self.job_lines(job, wide, &mut text);
        }
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        text
    }

    fn job_lines(&self, job: &JobForecast, wide: bool, text: &mut String) {
        let it = &job.summary;
        let share = match self.forecast.asked {
            asked if asked == it.trials => String::new(),
            asked => format!(" of {asked}"),
        };
        let (name, seed, trials) = (&job.name, self.forecast.seed.0, it.trials);
        let _ = writeln!(text, "{name}: {trials}{share} trials, seed {seed}\n");
        text.push_str(&endings(it));
        text.push('\n');
        text.push_str(&self.numbers(job, wide));
        if wide {
            text.push_str(&histogram(it));
            text.push_str(&indexes(it));
        }
        text.push('\n');
        text.push_str(&self.seeds(it));
    }

    /// Mean and quantiles of what was measured, a line each.
    fn numbers(&self, job: &JobForecast, wide: bool) -> String {
        let it = &job.summary;
        let mut rows = Vec::new();
        for metric in Metric::all() {
            let seen = it.metric(metric);
            let told = wide
                || match metric {
                    Metric::Duration => it.complete < it.trials,
                    Metric::Completion => it.complete > 0,
                    Metric::FirstStart | Metric::Pods | Metric::Running => true,
                    Metric::FullParallelism | Metric::Peak => seen.max() > Some(1),
                    Metric::Succeeded | Metric::Bound | Metric::Counted | Metric::WorstIndex => {
                        false
                    }
                    _ => seen.max() > Some(0),
                };
            if told && seen.count() > 0 {
                rows.push(row(it, metric));
            }
        }
        if self.prices.is_given() {
            let price = self.prices.of(&job.requests);
            let value = |measure: Measure| {
                let it = measure.of(it, price).estimate.value;
                Scale::Money.words(it)
            };
            let at = |percent| value(Measure::CostQuantile(Quantile::percent(percent)));
            rows.push([
                "cost".to_owned(),
                value(Measure::MeanCost),
                at(5),
                at(50),
                at(95),
                at(99),
                value(Measure::MaxCost),
            ]);
        }
        Columns::table(["MEASURE", "MEAN", "P5", "P50", "P95", "P99", "MAX"], &rows)
    }

    /// Seeds of trials worth a look.
    fn seeds(&self, it: &Summary) -> String {
        let seed = self.forecast.seed.0;
        let mut text = String::new();
        let time = |micros: u64| Scale::Time.words(as_float(micros));
        if let Some(bucket) = it.typical() {
            let took = time(bucket.most);
            let _ = writeln!(
                text,
                "a typical trial ({took}): --seed {seed}:{}",
                bucket.trial
            );
        }
        if let Some(Worst { rank, took, trial }) = it.worst {
            let how = match rank {
                0 => format!("complete after {}", time(took)),
                1 => format!("deleted after {}", time(took)),
                2 => format!("failed after {}", time(took)),
                _ => "does not end".to_owned(),
            };
            let _ = writeln!(text, "the worst ({how}): --seed {seed}:{trial}");
        }
        text
    }

    /// A sentence for each assertion and Job, with whether it holds.
    #[must_use]
    pub fn findings(&self) -> Vec<(bool, String)> {
        let mut told = Vec::new();
        let several = self.forecast.jobs.len() > 1;
        for assertion in &self.assertions {
            for job in &self.forecast.jobs {
                let found = assertion.check(&job.summary, self.prices.of(&job.requests));
                let whose = if several {
                    format!("{}: ", job.name)
                } else {
                    String::new()
                };
                told.push((
                    found.holds,
                    format!("{whose}{}", sentence(assertion, &found)),
                ));
            }
        }
        told
    }
}

/// `p(complete) >= 0.99 holds: it is 99.1% (98.9% to 99.2%)`
fn sentence(assertion: &super::Assertion, found: &Finding) -> String {
    let Estimate { value, low, high } = found.measured.estimate;
    let words = |it| found.measured.scale.words(it);
    let verb = if found.holds {
        "holds"
    } else {
        "does not hold"
    };
    let mut text = format!("{assertion} {verb}: it is {}", words(value));
    if words(low) != words(high) {
        let _ = write!(text, " ({} to {})", words(low), words(high));
    }
    if !found.surely {
        text += ", which is too close to be sure: more trials tell";
    }
    text
}

/// How the trials ended, a line each.
fn endings(it: &Summary) -> String {
    let mut rows = vec![("complete".to_owned(), it.complete)];
    let failed = it.failed.iter();
    rows.extend(failed.map(|(reason, count)| (format!("failed: {reason}"), *count)));
    if it.deleted > 0 {
        rows.push(("deleted".to_owned(), it.deleted));
    }
    if it.open > 0 {
        rows.push(("does not end".to_owned(), it.open));
    }
    let rows: Vec<[String; 4]> = rows
        .into_iter()
        .map(|(name, count)| {
            let p = Estimate::probability(count, it.trials);
            let words = |it| Scale::Probability.words(it);
            let interval = format!("{} to {}", words(p.low), words(p.high));
            [name, words(p.value), interval, count.to_string()]
        })
        .collect();
    let mut text = Columns::table(["ENDING", "P", "95% INTERVAL", "TRIALS"], &rows);
    for (limit, hits) in &it.within {
        let event = Event::CompleteWithin(*limit);
        let p = Estimate::probability(*hits, it.trials);
        let words = |it| Scale::Probability.words(it);
        let (value, low, high) = (words(p.value), words(p.low), words(p.high));
        let _ = writeln!(text, "{event}: {value} ({low} to {high}, {hits} trials)");
    }
    text
}

fn row(it: &Summary, metric: Metric) -> [String; 7] {
    let scale = match metric.unit() {
        Unit::Time => Scale::Time,
        Unit::Count => Scale::Count,
    };
    let seen = it.metric(metric);
    let at = |percent| {
        // What is told of a time that not every trial has is told of those that have one.
        let value = seen.quantile(Quantile::percent(percent));
        value.map_or_else(String::new, |it| scale.words(as_float(it)))
    };
    let mut name = metric.words().to_owned();
    if seen.count() < it.trials {
        name += " (if ever)";
    }
    [
        name,
        seen.mean().map_or_else(String::new, |it| scale.words(it)),
        at(5),
        at(50),
        at(95),
        at(99),
        seen.max()
            .map_or_else(String::new, |it| scale.words(as_float(it))),
    ]
}

/// How long trials took, as bars.
fn histogram(it: &Summary) -> String {
    let seen = it.metric(Metric::Duration);
    let (Some(min), Some(max)) = (seen.min(), seen.max()) else {
        return String::new();
    };
    let step = ((max - min) / ROWS + 1).max(1_000_000);
    let mut counts = vec![0_u64; usize::try_from((max - min) / step + 1).unwrap_or(1)];
    for bucket in seen.buckets() {
        let row = usize::try_from((bucket.most - min) / step).unwrap_or(0);
        counts[row] += bucket.count;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let mut rows = Vec::new();
    for (number, count) in (0_u64..).zip(&counts) {
        let from = Scale::Time.words(as_float(min.saturating_add(number * step)));
        let bar = usize::try_from((count * BAR).div_ceil(most)).unwrap_or(0);
        let share = Scale::Probability.words(as_float(*count) / as_float(it.trials));
        rows.push([from, share, "#".repeat(bar)]);
    }
    "\n".to_owned() + &Columns::table(["ENDS AFTER", "TRIALS", "HOW MANY"], &rows)
}

/// The indexes that fail most.
fn indexes(it: &Summary) -> String {
    let mut failing: Vec<(usize, u64)> = it.failures_by_index.iter().copied().enumerate().collect();
    failing.retain(|it| it.1 > 0);
    if failing.is_empty() {
        return String::new();
    }
    let indexes = failing.len();
    failing.sort_by_key(|(index, count)| (std::cmp::Reverse(*count), *index));
    failing.truncate(INDEXES);
    let each = failing.iter().map(|(index, count)| {
        let mean = as_float(*count) / as_float(it.trials);
        format!("{index} ({mean:.2})")
    });
    let each: Vec<String> = each.collect();
    format!(
        "\nfailures of an index in a trial, the most of {indexes} that fail: {}\n",
        each.join(", ")
    )
}

#[allow(clippy::cast_precision_loss)] // for people's eyes
pub(super) fn as_float(number: u64) -> f64 {
    number as f64
}
