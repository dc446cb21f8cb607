//! The first step that is not as recorded, field by field.

use super::super::tell::{green, harmless, red};
use crate::base::Span;
use crate::report::cluster_steps::ClusterStep;
use crate::report::scheduler_steps::SchedulerStep;
use crate::report::steps::Step;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Fields that are shown of a step.
const SHOWN: usize = 20;
/// Letters that are shown of a value.
const LETTERS: usize = 200;

/// A step of a recording, of whatever suite.
pub(super) trait Timed: Clone + PartialEq + Serialize {
    /// When it is, in seconds.
    fn time(&mut self) -> &mut f64;
}

impl Timed for Step {
    fn time(&mut self) -> &mut f64 {
        &mut self.t
    }
}

impl Timed for ClusterStep {
    fn time(&mut self) -> &mut f64 {
        &mut self.t
    }
}

impl Timed for SchedulerStep {
    fn time(&mut self) -> &mut f64 {
        &mut self.t
    }
}

fn time_of(step: &impl Timed) -> f64 {
    *step.clone().time()
}

/// Holds the steps of a run against those recorded, in order.
pub(super) struct Comparison<'a, S> {
    expected: &'a [S],
    tolerance: f64,
    at: usize,
}

impl<'a, S: Timed> Comparison<'a, S> {
    /// Nothing compared yet. Times may differ by `tolerance`.
    pub(super) fn new(expected: &'a [S], tolerance: Span) -> Self {
        #[allow(clippy::cast_precision_loss)] // milliseconds
        let tolerance = tolerance.micros() as f64;
        Self {
            expected,
            tolerance,
            at: 0,
        }
    }

    /// How the next step differs from the recorded one, if it does.
    pub(super) fn next(&mut self, got: &S) -> Option<String> {
        let expected = self.expected.get(self.at);
        if expected.is_some_and(|expected| same(expected, got, self.tolerance)) {
            self.at += 1;
            return None;
        }
        Some(self.told(expected, Some(got)))
    }

    /// What is missing after the last step, if anything.
    pub(super) fn end(&self) -> Option<String> {
        let expected = self.expected.get(self.at)?;
        Some(self.told(Some(expected), None))
    }

    fn told(&self, expected: Option<&S>, got: Option<&S>) -> String {
        let (number, all) = (self.at + 1, self.expected.len());
        let mut text = match (expected, got) {
            (Some(expected), None) => {
                format!(
                    "step {number} of {all}, at {}s, is missing",
                    time_of(expected)
                )
            }
            (None, Some(got)) => {
                let t = time_of(got);
                format!("after all {all} steps there is one more, at {t}s")
            }
            (expected, _) => {
                let t = expected.map_or(0.0, time_of);
                format!("step {number} of {all}, at {t}s, differs")
            }
        };
        let (expected, got) = (fields(expected), fields(got));
        let names: BTreeSet<&String> = expected.keys().chain(got.keys()).collect();
        let different = |name: &&&String| expected.get(**name) != got.get(**name);
        let names: Vec<&String> = names.iter().filter(different).copied().collect();
        for name in names.iter().take(SHOWN) {
            let show = |fields: &BTreeMap<String, String>| {
                fields
                    .get(*name)
                    .map_or_else(|| "nothing".to_owned(), |value| short(value))
            };
            let (expected, got) = (green(&show(&expected)), red(&show(&got)));
            let name = harmless(name);
            let _ = write!(text, "\n  {name}: expected {expected}, got {got}");
        }
        if names.len() > SHOWN {
            let _ = write!(text, "\n  and {} fields more", names.len() - SHOWN);
        }
        text
    }
}

fn same<S: Timed>(expected: &S, got: &S, tolerance: f64) -> bool {
    if tolerance == 0.0 {
        return expected == got;
    }
    // To the microsecond: the difference of two fractions is none.
    let apart = ((time_of(expected) - time_of(got)) * 1e6).round().abs();
    let mut step = got.clone();
    *step.time() = time_of(expected);
    apart <= tolerance && *expected == step
}

fn short(value: &str) -> String {
    let value = harmless(value);
    match value.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value,
    }
}

/// The fields of a step by their paths, such as `job.active` or `pod 3.phase`.
fn fields<S: Timed>(step: Option<&S>) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    if let Some(value) = step.and_then(|step| serde_json::to_value(step).ok()) {
        flatten(String::new(), &value, &mut fields);
    }
    fields
}

fn flatten(path: String, value: &Value, fields: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = match (path.as_str(), key.as_str()) {
                    ("", "pods") => "pod".to_owned(),
                    ("", key) => key.to_owned(),
                    ("pod", label) => format!("pod {label}"),
                    (path, key) => format!("{path}.{key}"),
                };
                flatten(path, value, fields);
            }
        }
        Value::Array(items) if items.iter().all(Value::is_object) && !items.is_empty() => {
            for (place, item) in items.iter().enumerate() {
                flatten_item(&path, place, item, fields);
            }
        }
        _ => {
            fields.insert(path, value.to_string());
        }
    }
}

/// Events by what they say, conditions by their type.
fn flatten_item(path: &str, place: usize, item: &Value, fields: &mut BTreeMap<String, String>) {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    match (text("type"), text("reason"), text("message"), item.get("n")) {
        (Some(kind), Some(reason), Some(message), Some(n)) => {
            let path = format!("event {kind} {reason} {message:?}");
            fields.insert(path, format!("{n} times"));
        }
        (Some(kind), ..) => flatten(format!("{path}[{kind}]"), item, fields),
        (None, ..) => flatten(format!("{path}[{place}]"), item, fields),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(json: &str) -> Vec<Step> {
        serde_json::from_str(json).unwrap_or_default()
    }

    fn compare(expected: &str, got: &str, tolerance: Span) -> String {
        let (expected, got) = (steps(expected), steps(got));
        let mut comparison = Comparison::new(&expected, tolerance);
        let told = got.iter().find_map(|step| comparison.next(step));
        let told = told.or_else(|| comparison.end()).unwrap_or_default();
        anstream::adapter::strip_str(&told).to_string()
    }

    #[test]
    fn the_difference_names_pod_and_field() {
        let pod = |phase: &str, rest: &str| {
            let pod = format!("{{\"phase\":\"{phase}\",\"created\":0,\"finalizer\":true{rest}}}");
            format!("[{{\"t\":1.5,\"pods\":{{\"2.0\":{pod}}}}}]")
        };
        let (expected, got) = (pod("Running", ",\"ready\":true"), pod("Pending", ""));
        let want = "step 1 of 1, at 1.5s, differs\n  \
                    pod 2.0.phase: expected \"Running\", got \"Pending\"\n  \
                    pod 2.0.ready: expected true, got nothing";
        assert_eq!(compare(&expected, &got, Span::ZERO), want);
        assert_eq!(compare(&got, &got, Span::ZERO), "");
    }

    #[test]
    fn events_are_named_by_what_they_say() {
        let event = |n| {
            format!(
                "[{{\"t\":2,\"events\":[{{\"type\":\"Normal\",\"reason\":\"Completed\",\
                 \"message\":\"Job completed\",\"n\":{n}}}]}}]"
            )
        };
        let want = "step 1 of 1, at 2s, differs\n  \
                    event Normal Completed \"Job completed\": expected 1 times, got 2 times";
        assert_eq!(compare(&event(1), &event(2), Span::ZERO), want);
    }

    #[test]
    fn steps_may_be_missing_or_too_many() {
        let (one, two) = ("[{\"t\":1,\"removed\":[\"0\"]}]", "[]");
        assert!(compare(one, two, Span::ZERO).starts_with("step 1 of 1, at 1s, is missing\n"));
        let more = "after all 0 steps there is one more, at 1s\n  removed: expected nothing, ";
        assert!(compare(two, one, Span::ZERO).starts_with(more));
    }

    #[test]
    fn rate_limited_times_may_be_a_millisecond_apart() {
        let at = |t: &str| format!("[{{\"t\":{t},\"removed\":[\"0\"]}}]");
        let millisecond = Span::from_millis(1);
        assert_eq!(compare(&at("1.002"), &at("1.003"), millisecond), "");
        assert_ne!(compare(&at("1.002"), &at("1.003001"), millisecond), "");
        assert_ne!(compare(&at("1.002"), &at("1.002001"), Span::ZERO), "");
    }
}
