//! Forecasts as a page: one file, without scripts, that any browser shows.

mod chart;

use super::distribution::Quantile;
use super::document::Report;
use super::interval::Estimate;
use super::measure::Scale;
use super::metric::{Metric, Unit};
use super::result::JobForecast;
use super::summary::Summary;
use super::table::as_float;
use std::fmt::Write as _;

/// How the page looks, on light and on dark screens.
const STYLE: &str = "\
:root{--ink:#1b2733;--faint:#6b7a89;--line:#d9e0e7;--page:#fff;--good:#2a7f62;--bad:#b3423a;\
--open:#8a6d1d;--bar:#4178a8}\
@media(prefers-color-scheme:dark){:root{--ink:#e3e9ef;--faint:#93a1af;--line:#33414f;\
--page:#141b22;--good:#5cb892;--bad:#e07a70;--open:#d3b155;--bar:#7fb0dc}}\
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:60rem;\
margin:2rem auto;padding:0 1rem}\
h1{font-size:1.5rem;margin:0 0 .2rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}\
p.about{color:var(--faint);margin:0 0 1rem}\
table{border-collapse:collapse;font-variant-numeric:tabular-nums}\
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line)}\
th:first-child,td:first-child{text-align:left;padding-left:0}th{color:var(--faint);font-weight:500}\
svg{width:100%;height:auto;font:11px system-ui,sans-serif}svg text{fill:var(--faint)}\
.cell{fill:var(--ink)!important}li.bad{color:var(--bad)}li.good{color:var(--good)}\
.ending{display:flex;height:1.6rem;border-radius:4px;overflow:hidden;margin:.5rem 0}\
code{font-size:.9em}";

/// A whole page.
pub(super) fn page(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         {body}</html>\n"
    )
}

/// Text that is shown as it is.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(letter),
        }
    }
    safe
}

impl Report {
    /// As a page with charts.
    #[must_use]
    pub fn html(&self) -> String {
        let mut body = String::new();
        for job in &self.forecast.jobs {
            self.job_section(job, &mut body);
        }
        let findings = self.findings();
        if !findings.is_empty() && self.is_whole() {
            body.push_str("<h2>Budgets</h2>\n<ul>\n");
            for (holds, sentence) in findings {
                let class = if holds { "good" } else { "bad" };
                let _ = writeln!(body, "<li class=\"{class}\">{}</li>", escaped(&sentence));
            }
            body.push_str("</ul>\n");
        }
        body.push_str(&notes(&self.notes));
        page("dryjob forecast", &body)
    }

    fn job_section(&self, job: &JobForecast, body: &mut String) {
        let it = &job.summary;
        let seed = self.forecast.seed.0;
        let _ = writeln!(
            body,
            "<h1>{}</h1>\n<p class=\"about\">{} trials, seed {seed}</p>",
            escaped(&job.name),
            it.trials
        );
        body.push_str(&endings(it));
        if it.metric(Metric::Duration).count() > 0 {
            body.push_str("<h2>How long until it ends</h2>\n");
            body.push_str(&chart::durations(it));
        }
        body.push_str("<h2>What it takes</h2>\n");
        body.push_str(&measures(it));
    }
}

/// What is assumed.
pub(super) fn notes(notes: &[String]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let mut text = "<h2>Notes</h2>\n<ul>\n".to_owned();
    for note in notes {
        let _ = writeln!(text, "<li>{}</li>", escaped(note));
    }
    text + "</ul>\n"
}

/// How the trials ended, as a bar and as a table.
fn endings(it: &Summary) -> String {
    let mut parts = vec![("complete".to_owned(), it.complete, "good")];
    let failed = it.failed.iter();
    parts.extend(failed.map(|(reason, count)| (format!("failed: {reason}"), *count, "bad")));
    parts.push(("deleted".to_owned(), it.deleted, "open"));
    parts.push(("does not end".to_owned(), it.open, "open"));
    parts.retain(|it| it.1 > 0);
    let mut text = "<div class=\"ending\">".to_owned();
    for (name, count, class) in &parts {
        let _ = write!(
            text,
            "<div title=\"{}\" style=\"flex:{count};background:var(--{class})\"></div>",
            escaped(name)
        );
    }
    text.push_str("</div>\n<table><tr><th>ending<th>probability<th>95% interval<th>trials</tr>\n");
    for (name, count, _) in &parts {
        let p = Estimate::probability(*count, it.trials);
        let words = |it| Scale::Probability.words(it);
        let _ = writeln!(
            text,
            "<tr><td>{}<td>{}<td>{} to {}<td>{count}</tr>",
            escaped(name),
            words(p.value),
            words(p.low),
            words(p.high)
        );
    }
    text + "</table>\n"
}

fn measures(it: &Summary) -> String {
    let mut text =
        "<table><tr><th>measure<th>mean<th>p5<th>p50<th>p95<th>p99<th>max</tr>\n".to_owned();
    for metric in Metric::all() {
        let seen = it.metric(metric);
        let Some((mean, max)) = seen.mean().zip(seen.max()) else {
            continue;
        };
        let scale = match metric.unit() {
            Unit::Time => Scale::Time,
            Unit::Count => Scale::Count,
        };
        let _ = write!(text, "<tr><td>{}<td>{}", metric.words(), scale.words(mean));
        for percent in [5, 50, 95, 99] {
            let value = seen.quantile(Quantile::percent(percent)).map_or(0, |it| it);
            let _ = write!(text, "<td>{}", scale.words(as_float(value)));
        }
        let _ = writeln!(text, "<td>{}</tr>", scale.words(as_float(max)));
    }
    text + "</table>\n"
}
