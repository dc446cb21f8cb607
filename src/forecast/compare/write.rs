//! A comparison as text, and as JSON.

use super::{Comparison, Pair};
use crate::forecast::distribution::Quantile;
use crate::forecast::html;
use crate::forecast::interval::Estimate;
use crate::forecast::measure::Scale;
use crate::forecast::metric::{Metric, Unit};
use crate::forecast::summary::Summary;
use crate::report::table::Columns;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

impl Comparison {
    /// For people: both forecasts side by side, and what the second changes.
    #[must_use]
    pub fn table(&self, notes: &[String]) -> String {
        let mut text = String::new();
        for pair in &self.pairs {
            let [first, second] = &pair.names;
            let trials = pair.differences.trials();
            let seed = self.seed.0;
            let _ = writeln!(
                text,
                "A {first}, B {second}: {trials} trials each, seed {seed}\n"
            );
            let rows = pair.rows();
            let heads = ["MEASURE", "A", "B", "B - A", "95% INTERVAL"];
            text.push_str(&Columns::table(heads, &rows));
            text.push('\n');
            for line in self.partings(pair) {
                let _ = writeln!(text, "{line}");
            }
        }
        for note in notes {
            let _ = writeln!(text, "note: {note}");
        }
        text
    }

    /// As a page.
    #[must_use]
    pub fn html(&self, notes: &[String]) -> String {
        let mut body = String::new();
        for pair in &self.pairs {
            let [first, second] = &pair.names;
            let (first, second) = (html::escaped(first), html::escaped(second));
            let trials = pair.differences.trials();
            let _ = writeln!(
                body,
                "<h1>{first} and {second}</h1>\n<p class=\"about\">{trials} trials each on the \
                 same fates, seed {}</p>\n<table><tr><th>measure<th>A<th>B<th>B − A<th>95% \
                 interval</tr>",
                self.seed.0
            );
            for row in pair.rows() {
                let cells: Vec<String> = row.iter().map(|it| html::escaped(it)).collect();
                let _ = writeln!(body, "<tr><td>{}</tr>", cells.join("<td>"));
            }
            body.push_str("</table>\n<ul>\n");
            for line in self.partings(pair) {
                let _ = writeln!(body, "<li>{}</li>", html::escaped(&line));
            }
            body.push_str("</ul>\n");
        }
        body.push_str(&html::notes(notes));
        html::page("dryjob compare", &body)
    }

    /// Where the two part, with seeds to look at.
    fn partings(&self, pair: &Pair) -> Vec<String> {
        let it = &pair.differences;
        let mut lines = Vec::new();
        for (who, parted) in [("A", &it.only_first), ("B", &it.only_second)] {
            if parted.count == 0 {
                lines.push(format!(
                    "there is no trial that is complete under {who} alone"
                ));
                continue;
            }
            let seed = self.seed.0;
            let seeds: Vec<String> = parted
                .trials
                .iter()
                .map(|it| format!("--seed {seed}:{it}"))
                .collect();
            lines.push(format!(
                "complete under {who} alone: {} trials, such as {}",
                parted.count,
                seeds.join(", ")
            ));
        }
        lines
    }

    /// As one JSON object.
    #[must_use]
    pub fn to_json(&self, notes: &[String]) -> String {
        serde_json::to_string_pretty(&self.document(notes)).unwrap_or_default()
    }

    fn document<'a>(&'a self, notes: &'a [String]) -> Document<'a> {
        let pairs = self.pairs.iter().map(|pair| PairDocument {
            names: &pair.names,
            trials: pair.differences.trials(),
            complete: Complete {
                first: pair.summaries[0].p_complete().value,
                second: pair.summaries[1].p_complete().value,
                difference: Interval::from(pair.differences.p_complete()),
                both: pair.differences.both,
                neither: pair.differences.neither,
                only_first: pair.differences.only_first.count,
                only_second: pair.differences.only_second.count,
                seeds_only_first: &pair.differences.only_first.trials,
                seeds_only_second: &pair.differences.only_second.trials,
            },
            metrics: Metric::all()
                .map(|metric| (metric.name(), MetricDocument::new(pair, metric)))
                .collect(),
        });
        Document {
            kind: "Comparison",
            seed: self.seed.0,
            notes,
            pairs: pairs.collect(),
        }
    }
}

impl Pair {
    fn rows(&self) -> Vec<[String; 5]> {
        let [first, second] = &self.summaries;
        let p = |it: &Summary| Scale::Probability.words(it.p_complete().value);
        let difference = self.differences.p_complete();
        let mut rows = vec![[
            "p(complete)".to_owned(),
            p(first),
            p(second),
            points(difference.value),
            format!("{} to {}", points(difference.low), points(difference.high)),
        ]];
        let quantile = Quantile::percent(95);
        let name = format!("{quantile}(duration)");
        let at = |it: &Summary| {
            let value = it.quantile(Metric::Duration, quantile).value;
            Scale::Time.words(value.map_or(f64::INFINITY, super::super::table::as_float))
        };
        rows.push([name, at(first), at(second), String::new(), String::new()]);
        for metric in Metric::all() {
            let seen = self
                .summaries
                .iter()
                .any(|it| it.metric(metric).max() > Some(0));
            if let Some(row) = self.row(metric).filter(|_| seen) {
                rows.push(row);
            }
        }
        rows
    }

    fn row(&self, metric: Metric) -> Option<[String; 5]> {
        let [first, second] = &self.summaries;
        let means = first
            .metric(metric)
            .mean()
            .zip(second.metric(metric).mean())?;
        let difference = self.differences.mean(metric)?;
        let scale = match metric.unit() {
            Unit::Time => Scale::Time,
            Unit::Count => Scale::Count,
        };
        Some([
            format!("mean({})", metric.name()),
            scale.words(means.0),
            scale.words(means.1),
            signed(scale, difference.value),
            format!(
                "{} to {}",
                signed(scale, difference.low),
                signed(scale, difference.high)
            ),
        ])
    }
}

/// A difference of probabilities, in percentage points.
fn points(difference: f64) -> String {
    format!("{:+.2} pp", difference * 100.0)
}

/// A difference with its sign.
fn signed(scale: Scale, value: f64) -> String {
    let words = scale.words(value.abs());
    let sign = if value < 0.0 { '-' } else { '+' };
    format!("{sign}{words}")
}

#[derive(Serialize)]
struct Document<'a> {
    kind: &'static str,
    seed: u64,
    notes: &'a [String],
    pairs: Vec<PairDocument<'a>>,
}

#[derive(Serialize)]
struct PairDocument<'a> {
    names: &'a [String; 2],
    trials: u64,
    complete: Complete<'a>,
    metrics: BTreeMap<&'static str, MetricDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Complete<'a> {
    first: f64,
    second: f64,
    difference: Interval,
    both: u64,
    neither: u64,
    only_first: u64,
    only_second: u64,
    seeds_only_first: &'a [u64],
    seeds_only_second: &'a [u64],
}

#[derive(Serialize)]
struct Interval {
    value: f64,
    low: f64,
    high: f64,
}

impl From<Estimate> for Interval {
    fn from(it: Estimate) -> Self {
        let Estimate { value, low, high } = it;
        Self { value, low, high }
    }
}

#[derive(Serialize)]
struct MetricDocument {
    first: Option<f64>,
    second: Option<f64>,
    difference: Option<Interval>,
}

impl MetricDocument {
    fn new(pair: &Pair, metric: Metric) -> Self {
        let [first, second] = &pair.summaries;
        Self {
            first: first.metric(metric).mean(),
            second: second.metric(metric).mean(),
            difference: pair.differences.mean(metric).map(Interval::from),
        }
    }
}
