//! A grid of variants of a scenario: one forecast for each combination of values.

use super::cost::Prices;
use super::document::Report;
use super::html;
use super::measure::{Measure, Measured};
use serde::Serialize;
use std::fmt::Write as _;
use std::str::FromStr;

/// Combinations of a grid, at most.
pub const MOST_POINTS: usize = 10_000;

/// One thing that varies, and its values: `spec.backoffLimit=0..8`, `fail=1%,5%,10%`.
///
/// A range `A..B` is all whole numbers from A to B, B included; `A..B/STEP` takes steps. Commas
/// within parentheses belong to the value: `run=uniform(1m,2m),30s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// A field of the manifest, or a word about the workload.
    pub name: String,
    /// Its values, as they are written.
    pub values: Vec<String>,
}

impl FromStr for Axis {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text
            .split_once('=')
            .filter(|it| !it.0.is_empty() && !it.1.is_empty());
        let (name, values) =
            parts.ok_or("write NAME=VALUES, as in spec.backoffLimit=0..8 or fail=1%,5%,10%")?;
        let mut all = Vec::new();
        for value in split(values) {
            match range(&value)? {
                Some(range) => all.extend(range),
                None => all.push(value),
            }
            if all.len() > MOST_POINTS {
                return Err(format!("{name} has more than {MOST_POINTS} values"));
            }
        }
        if let Some(empty) = all.iter().position(String::is_empty) {
            return Err(format!("value {} of {name} is empty", empty + 1));
        }
        Ok(Self {
            name: name.to_owned(),
            values: all,
        })
    }
}

/// At commas that stand in no parentheses, brackets or quotes.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for letter in text.chars() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
    }
    parts
}

/// `0..8`, `0..100/10`; `None` for whatever does not look like it, such as `20m..35m`.
fn range(text: &str) -> Result<Option<Vec<String>>, String> {
    let Some((from, rest)) = text.split_once("..") else {
        return Ok(None);
    };
    let (to, step) = rest.split_once('/').unwrap_or((rest, "1"));
    let numbers = (from.parse::<i64>(), to.parse::<i64>(), step.parse::<i64>());
    let (Ok(from), Ok(to), Ok(step)) = numbers else {
        return Ok(None);
    };
    if step < 1 || to < from {
        return Err(format!("{text} is empty: write the smaller number first"));
    }
    let count = (i128::from(to) - i128::from(from)) / i128::from(step);
    if count >= MOST_POINTS as i128 {
        return Err(format!("{text} has more than {MOST_POINTS} values"));
    }
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    Ok(Some(
        (from..=to).step_by(step).map(|it| it.to_string()).collect(),
    ))
}

/// What a grid came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sweep {
    /// What varies; the last varies fastest.
    pub axes: Vec<Axis>,
    /// What is measured at each point.
    pub measures: Vec<Measure>,
    /// The points, in order.
    pub points: Vec<Point>,
    /// Trials of each point.
    pub trials: u64,
    /// What all trials depend on.
    pub seed: u64,
}

/// A combination of values, and what it came to.
#[derive(Clone, Debug)]
pub struct Point {
    /// The values, axis by axis.
    pub values: Vec<String>,
    /// What was measured, of the first Job.
    pub measured: Vec<Measured>,
}

impl Sweep {
    /// All combinations of the axes' values, in order.
    ///
    /// # Errors
    ///
    /// There are more than [`MOST_POINTS`], or a name is there twice.
    pub fn combinations(axes: &[Axis]) -> Result<Vec<Vec<String>>, String> {
        for (place, axis) in axes.iter().enumerate() {
            if axes[..place].iter().any(|it| it.name == axis.name) {
                return Err(format!(
                    "{} is there twice: write all its values in one",
                    axis.name
                ));
            }
        }
        let points = axes.iter().try_fold(1_usize, |product, axis| {
            let product = product.checked_mul(axis.values.len())?;
            Some(product).filter(|it| *it <= MOST_POINTS)
        });
        if points.is_none() {
            return Err(format!("the grid has more than {MOST_POINTS} points"));
        }
        let mut all = vec![Vec::new()];
        for axis in axes {
            let longer = all.iter().flat_map(|point: &Vec<String>| {
                axis.values.iter().map(|value| {
                    let mut point = point.clone();
                    point.push(value.clone());
                    point
                })
            });
            all = longer.collect();
        }
        Ok(all)
    }

    /// An empty sweep, to add points to.
    #[must_use]
    pub const fn new(axes: Vec<Axis>, measures: Vec<Measure>, seed: u64) -> Self {
        Self {
            axes,
            measures,
            points: Vec::new(),
            trials: 0,
            seed,
        }
    }

    /// Adds what a combination came to.
    pub fn add(&mut self, values: Vec<String>, report: &Report, prices: Prices) {
        self.trials = self.trials.max(report.forecast.trials());
        let Some(job) = report.forecast.jobs.first() else {
            return;
        };
        let price = prices.of(&job.requests);
        let measured = self
            .measures
            .iter()
            .map(|it| it.of(&job.summary, price))
            .collect();
        self.points.push(Point { values, measured });
    }

    /// A row for each point.
    #[must_use]
    pub fn table(&self, notes: &[String]) -> String {
        let mut text = format!("{} trials a row, seed {}\n\n", self.trials, self.seed);
        let heads = self.axes.iter().map(|it| it.name.clone());
        let heads: Vec<String> = heads
            .chain(self.measures.iter().map(ToString::to_string))
            .collect();
        let mut rows = vec![heads];
        for point in &self.points {
            let measured = point
                .measured
                .iter()
                .map(|it| it.scale.words(it.estimate.value));
            rows.push(point.values.iter().cloned().chain(measured).collect());
        }
        text.push_str(&aligned(&rows));
        text.push('\n');
        for note in notes {
            let _ = writeln!(text, "note: {note}");
        }
        text
    }

    /// Comma-separated values, a line for each point, with intervals: probabilities from 0 to 1,
    /// times in microseconds.
    #[must_use]
    pub fn csv(&self) -> String {
        let quoted = |text: &str| {
            if text.contains([',', '"', '\n']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let mut heads: Vec<String> = self.axes.iter().map(|it| quoted(&it.name)).collect();
        for measure in &self.measures {
            for of in ["", " low", " high"] {
                heads.push(quoted(&format!("{measure}{of}")));
            }
        }
        let mut text = heads.join(",") + "\n";
        for point in &self.points {
            let mut cells: Vec<String> = point.values.iter().map(|it| quoted(it)).collect();
            for it in &point.measured {
                let it = it.estimate;
                cells.extend([it.value, it.low, it.high].map(number));
            }
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }

    /// As one JSON object; what is infinite is `null`.
    #[must_use]
    pub fn to_json(&self, notes: &[String]) -> String {
        let points = self.points.iter().map(|point| PointDocument {
            values: &point.values,
            measured: point
                .measured
                .iter()
                .map(|it| [it.estimate.value, it.estimate.low, it.estimate.high].map(finite))
                .collect(),
        });
        let document = SweepDocument {
            kind: "Sweep",
            seed: self.seed,
            trials: self.trials,
            axes: self
                .axes
                .iter()
                .map(|it| (it.name.as_str(), &it.values))
                .collect(),
            measures: self.measures.iter().map(ToString::to_string).collect(),
            points: points.collect(),
            notes,
        };
        serde_json::to_string_pretty(&document).unwrap_or_default()
    }

    /// A page: a heat map for each measure where two things vary, and a table.
    #[must_use]
    pub fn html(&self, notes: &[String]) -> String {
        let names: Vec<&str> = self.axes.iter().map(|it| it.name.as_str()).collect();
        let mut body = format!(
            "<h1>{}</h1>\n<p class=\"about\">{} trials for each combination, seed {}</p>\n",
            html::escaped(&names.join(" × ")),
            self.trials,
            self.seed
        );
        for (number, measure) in self.measures.iter().enumerate() {
            let _ = writeln!(body, "<h2>{}</h2>", html::escaped(&measure.to_string()));
            body.push_str(&self.heat_map(number));
        }
        body.push_str(&html::notes(notes));
        html::page("dryjob sweep", &body)
    }

    /// A table of cells, the darker the larger: the last axis across, all others down.
    fn heat_map(&self, measure: usize) -> String {
        let Some(across) = self.axes.last() else {
            return String::new();
        };
        let value = |point: &Point| point.measured[measure].estimate.value;
        let finite = || self.points.iter().map(value).filter(|it| it.is_finite());
        let (least, most) = (
            finite().fold(f64::MAX, f64::min),
            finite().fold(f64::MIN, f64::max),
        );
        let down: Vec<&str> = self
            .axes
            .iter()
            .rev()
            .skip(1)
            .map(|it| it.name.as_str())
            .collect();
        let corner = html::escaped(&format!("{} \\ {}", down.join(", "), across.name));
        let mut text = format!("<table><tr><th>{corner}");
        for head in &across.values {
            let _ = write!(text, "<th>{}", html::escaped(head));
        }
        text.push_str("</tr>\n");
        for row in self.points.chunks(across.values.len()) {
            let Some(first) = row.first() else { continue };
            let label = first.values[..first.values.len() - 1].join(", ");
            let _ = write!(text, "<tr><td>{}", html::escaped(&label));
            for point in row {
                let it = point.measured[measure];
                let share = (it.estimate.value - least) / (most - least).max(f64::MIN_POSITIVE);
                let share = if share.is_finite() {
                    share.clamp(0.0, 1.0)
                } else {
                    1.0
                };
                let words = |it: f64| self.measures[measure].scale().words(it);
                let _ = write!(
                    text,
                    "<td style=\"background:color-mix(in srgb,var(--bar) {:.0}%,transparent)\" \
                     title=\"{} to {}\">{}",
                    share * 70.0,
                    html::escaped(&words(it.estimate.low)),
                    html::escaped(&words(it.estimate.high)),
                    html::escaped(&words(it.estimate.value))
                );
            }
            text.push_str("</tr>\n");
        }
        text + "</table>\n"
    }
}

/// Cells under each other.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().map(|it| it[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}   ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// A number for programs; what lies beyond all that was observed is left out.
fn number(value: f64) -> String {
    finite(value).map_or_else(String::new, |it| it.to_string())
}

#[derive(Serialize)]
struct SweepDocument<'a> {
    kind: &'static str,
    seed: u64,
    trials: u64,
    axes: Vec<(&'a str, &'a Vec<String>)>,
    measures: Vec<String>,
    points: Vec<PointDocument<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct PointDocument<'a> {
    values: &'a [String],
    /// Value, low, high.
    measured: Vec<[Option<f64>; 3]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_ranges_and_lists() {
        let values = |text: &str| text.parse::<Axis>().map(|it| it.values);
        let numbers = |all: &[&str]| Ok(all.iter().map(ToString::to_string).collect());
        assert_eq!(values("a.b=0..3"), numbers(&["0", "1", "2", "3"]));
        assert_eq!(values("a=0..10/5,12"), numbers(&["0", "5", "10", "12"]));
        let run = values("run=uniform(1m,2m),20m..35m");
        assert_eq!(run, numbers(&["uniform(1m,2m)", "20m..35m"]));
        assert!(values("a").unwrap_err().contains("NAME=VALUES"));
        assert!(
            values("a=3..1")
                .unwrap_err()
                .contains("smaller number first")
        );
        assert!(
            values("a=0..99999999999")
                .unwrap_err()
                .contains("more than 10000")
        );
        assert!(
            values("a=1,,2")
                .unwrap_err()
                .contains("value 2 of a is empty")
        );
    }

    #[test]
    fn the_last_axis_varies_fastest() {
        let axes: Vec<Axis> = ["a=1,2", "b=x,y"]
            .iter()
            .map(|it| it.parse().unwrap())
            .collect();
        let points = Sweep::combinations(&axes).unwrap();
        let words: Vec<String> = points.iter().map(|it| it.join("")).collect();
        assert_eq!(words, ["1x", "1y", "2x", "2y"]);
        let twice = [axes[0].clone(), axes[0].clone()];
        assert!(Sweep::combinations(&twice).unwrap_err().contains("twice"));
        let large: Axis = "c=0..9999".parse().unwrap();
        assert!(Sweep::combinations(&[axes[0].clone(), large]).is_err());
    }
}
