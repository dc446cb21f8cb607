//! Forecasts as JSON: what programs read, and what shares are merged from.
//!
//! Numbers that are whole in a summary are whole here. `buckets` and `sums` are all that a
//! distribution is; the rest is for the reader, and is not read back.

use super::cost::Prices;
use super::distribution::{Bucket, Distribution, Quantile};
use super::interval::Estimate;
use super::measure::Assertion;
use super::metric::{Metric, Unit};
use super::result::{Forecast, JobForecast};
use super::summary::{Summary, Worst};
use crate::base::{Seed, Span};
use crate::model::Resources;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// A forecast with what the reader should know of it: what it was asked, what is assumed, and what
/// pods cost.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The forecast.
    pub forecast: Forecast,
    /// What it has to keep.
    pub assertions: Vec<Assertion>,
    /// What things cost.
    pub prices: Prices,
    /// Assumptions and limits.
    pub notes: Vec<String>,
}

impl Report {
    /// A forecast with nothing to say about it.
    #[must_use]
    pub const fn new(forecast: Forecast) -> Self {
        Self {
            forecast,
            assertions: Vec::new(),
            prices: Prices {
                core: 0.0,
                gib: 0.0,
                gpu: 0.0,
            },
            notes: Vec::new(),
        }
    }

    /// Whether all trials that were asked for are there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.forecast.trials() == self.forecast.asked
    }

    /// As one JSON object, over several lines.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(&self.document());
        // Lists of numbers fill the page else; nothing else has a line that is a number alone.
        text.map_or_else(|_| String::new(), |it| numbers_in_a_line(&it))
    }

    /// Reads what [`Report::to_json`] wrote, one or several one after the other.
    ///
    /// # Errors
    ///
    /// The text is no forecast, or one that contradicts itself: why, in a sentence.
    pub fn all_from_json(text: &[u8]) -> Result<Vec<Self>, String> {
        let documents = serde_json::Deserializer::from_slice(text).into_iter::<Document>();
        let all: Result<Vec<Self>, String> = documents
            .map(|it| {
                let document = it.map_err(|it| format!("this is no forecast: {it}"))?;
                document.read().ok_or_else(|| {
                    "this forecast contradicts itself: it was changed, or cut short".to_owned()
                })
            })
            .collect();
        let all = all?;
        if all.is_empty() {
            return Err("this is no forecast: it is empty".to_owned());
        }
        Ok(all)
    }

    pub(super) fn document(&self) -> Document {
        let it = &self.forecast;
        Document {
            kind: KIND.to_owned(),
            seed: it.seed.0,
            trials: it.trials(),
            asked: it.asked,
            played: it.played.iter().map(|it| [it.start, it.end]).collect(),
            scenario: format!("{:016x}", it.scenario),
            until: micros(it.until),
            prices: self.prices.is_given().then_some(self.prices),
            assertions: self.assertions.iter().map(|it| self.asserted(it)).collect(),
            notes: self.notes.clone(),
            jobs: it.jobs.iter().map(|it| self.job(it)).collect(),
        }
    }

    fn asserted(&self, it: &Assertion) -> Asserted {
        let jobs = self.forecast.jobs.iter();
        let found: Vec<_> = jobs
            .map(|job| it.check(&job.summary, self.prices.of(&job.requests)))
            .collect();
        let whole = self.is_whole();
        Asserted {
            text: it.to_string(),
            holds: whole.then(|| found.iter().all(|it| it.holds)),
            surely: whole.then(|| found.iter().all(|it| it.surely)),
        }
    }

    fn job(&self, job: &JobForecast) -> JobDocument {
        let it = &job.summary;
        let n = it.trials;
        let p = |hits| Probability::new(hits, n);
        let cost = self.prices.of(&job.requests);
        let mean = Estimate::mean(it.metric(Metric::Bound));
        JobDocument {
            namespace: job.namespace.clone(),
            name: job.name.clone(),
            requests: job
                .requests
                .iter()
                .map(|it| (it.0.to_owned(), it.1))
                .collect(),
            trials: n,
            complete: p(it.complete),
            failed: it
                .failed
                .iter()
                .map(|it| (it.0.clone(), p(*it.1)))
                .collect(),
            deleted: p(it.deleted),
            open: p(it.open),
            within: it
                .within
                .iter()
                .map(|it| (micros(*it.0), p(*it.1)))
                .collect(),
            mean_cost: mean
                .filter(|_| self.prices.is_given())
                .map(|it| cost.of(it).value),
            worst: it.worst.map(|it| (it.rank, it.took, it.trial)),
            failures_by_index: it.failures_by_index.clone(),
            typical: it.typical().map(|it| it.trial),
            metrics: Metric::all()
                .map(|metric| (metric.name().to_owned(), MetricDocument::new(it, metric)))
                .collect(),
        }
    }
}

const KIND: &str = "Forecast";

fn micros(span: Span) -> i64 {
    span.micros()
}

/// Puts what stands between brackets on one line, if it is numbers alone.
fn numbers_in_a_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let (before, list) = rest.split_at(open + 1);
        out.push_str(before);
        let plain = |it: char| it.is_ascii_digit() || it == ',' || it.is_whitespace();
        match list.find(|it: char| !plain(it)) {
            Some(close) if list[close..].starts_with(']') => {
                let numbers: Vec<&str> = list[..close].split_whitespace().collect();
                out.push_str(&numbers.join(" "));
                rest = &list[close..];
            }
            _ => rest = list,
        }
    }
    out.push_str(rest);
    out
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    kind: String,
    seed: u64,
    trials: u64,
    asked: u64,
    /// From, and up to but not including.
    played: Vec<[u64; 2]>,
    scenario: String,
    until: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    prices: Option<Prices>,
    assertions: Vec<Asserted>,
    notes: Vec<String>,
    jobs: Vec<JobDocument>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Asserted {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    holds: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    surely: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobDocument {
    namespace: String,
    name: String,
    requests: BTreeMap<String, u64>,
    trials: u64,
    complete: Probability,
    failed: BTreeMap<String, Probability>,
    deleted: Probability,
    open: Probability,
    within: BTreeMap<i64, Probability>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_cost: Option<f64>,
    typical: Option<u64>,
    worst: Option<(u8, u64, u64)>,
    failures_by_index: Vec<u64>,
    metrics: BTreeMap<String, MetricDocument>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Probability {
    count: u64,
    p: Option<f64>,
    low: f64,
    high: f64,
}

impl Probability {
    fn new(count: u64, trials: u64) -> Self {
        let it = Estimate::probability(count, trials);
        Self {
            count,
            p: (trials > 0).then_some(it.value),
            low: it.low,
            high: it.high,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct MetricDocument {
    unit: String,
    count: u64,
    mean: Option<f64>,
    deviation: Option<f64>,
    /// `null` where it lies beyond all that was observed.
    quantiles: BTreeMap<String, [Option<u64>; 3]>,
    /// The sum, and that of the squares: beyond what numbers in JSON hold.
    sums: [String; 2],
    /// Count, least, most, and the first trial with the most.
    buckets: Vec<[u64; 4]>,
}

impl MetricDocument {
    fn new(summary: &Summary, metric: Metric) -> Self {
        let it = summary.metric(metric);
        let (sum, squares) = it.sums();
        let quantiles = [5, 25, 50, 75, 95, 99].map(Quantile::percent);
        let quantiles = quantiles.map(|at| {
            let it = summary.quantile(metric, at);
            (at.to_string(), [it.value, it.low, it.high])
        });
        let unit = match metric.unit() {
            Unit::Time => "microseconds",
            Unit::Count => "count",
        };
        Self {
            unit: unit.to_owned(),
            count: it.count(),
            mean: it.mean(),
            deviation: it.deviation(),
            quantiles: quantiles.into_iter().collect(),
            sums: [sum.to_string(), squares.to_string()],
            buckets: it
                .buckets()
                .map(|it| [it.count, it.least, it.most, it.trial])
                .collect(),
        }
    }

    fn read(&self) -> Option<Distribution> {
        let buckets = self.buckets.iter().map(|it| Bucket {
            count: it[0],
            least: it[1],
            most: it[2],
            trial: it[3],
        });
        let [sum, squares] = &self.sums;
        let it = Distribution::from_parts(buckets, sum.parse().ok()?, squares.parse().ok()?)?;
        (it.count() == self.count).then_some(it)
    }
}

impl Document {
    fn read(self) -> Option<Report> {
        if self.kind != KIND {
            return None;
        }
        let played: Vec<Range<u64>> = self.played.iter().map(|it| it[0]..it[1]).collect();
        let ordered = played.windows(2).all(|it| it[0].end < it[1].start);
        let within = |it: &Range<u64>| it.start < it.end && it.end <= self.asked;
        let jobs: Option<Vec<JobForecast>> = self.jobs.iter().map(JobDocument::read).collect();
        let assertions = self.assertions.iter().map(|it| it.text.parse().ok());
        let forecast = Forecast {
            seed: Seed(self.seed),
            asked: self.asked,
            played,
            scenario: u64::from_str_radix(&self.scenario, 16).ok()?,
            until: Span::from_micros(self.until),
            jobs: jobs?,
        };
        let trials = forecast.played.iter().try_fold(0_u64, |sum, it| {
            sum.checked_add(it.end.checked_sub(it.start)?)
        });
        let same = forecast
            .jobs
            .iter()
            .all(|it| Some(it.summary.trials) == trials);
        let fits = ordered && forecast.played.iter().all(within) && same;
        Some(Report {
            assertions: assertions.collect::<Option<_>>()?,
            prices: self.prices.unwrap_or_default(),
            notes: self.notes,
            forecast,
        })
        .filter(|_| fits)
    }
}

impl JobDocument {
    fn read(&self) -> Option<JobForecast> {
        let limits = self.within.iter();
        let mut summary = Summary::new([]);
        summary.trials = self.trials;
        summary.complete = self.complete.count;
        summary.failed = self
            .failed
            .iter()
            .map(|it| (it.0.clone(), it.1.count))
            .collect();
        summary.deleted = self.deleted.count;
        summary.open = self.open.count;
        summary.within = limits
            .map(|it| (Span::from_micros(*it.0), it.1.count))
            .collect();
        summary
            .failures_by_index
            .clone_from(&self.failures_by_index);
        summary.worst = self
            .worst
            .map(|(rank, took, trial)| Worst { rank, took, trial });
        for metric in Metric::all() {
            let it = self.metrics.get(metric.name())?.read()?;
            if it.count() > self.trials {
                return None;
            }
            summary.set_metric(metric, it);
        }
        let mut ends = summary.failed.values().copied();
        let ends = ends.try_fold(0_u64, u64::checked_add)?;
        let ends = ends
            .checked_add(summary.complete)?
            .checked_add(summary.deleted)?;
        if ends.checked_add(summary.open)? != summary.trials {
            return None;
        }
        Some(JobForecast {
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            requests: resources(&self.requests),
            summary,
        })
    }
}

fn resources(named: &BTreeMap<String, u64>) -> Resources {
    let mut all = Resources::default();
    for (name, amount) in named {
        match name.as_str() {
            "cpu" => all.milli_cpu = Some(*amount),
            "memory" => all.memory = Some(*amount),
            "ephemeral-storage" => all.ephemeral_storage = Some(*amount),
            other => {
                all.others.insert(other.to_owned(), *amount);
            }
        }
    }
    all
}

impl Serialize for Report {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_numbers_stand_in_a_line() {
        let text =
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": [\n    \"x\"\n  ],\n  \"c\": []\n}";
        let want = "{\n  \"a\": [1, 2],\n  \"b\": [\n    \"x\"\n  ],\n  \"c\": []\n}";
        assert_eq!(numbers_in_a_line(text), want);
    }

    #[test]
    fn what_is_no_forecast_is_refused() {
        for (text, why) in [
            ("", "it is empty"),
            ("{}", "missing field `kind`"),
            ("[1]", "this is no forecast"),
        ] {
            let told = Report::all_from_json(text.as_bytes()).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
