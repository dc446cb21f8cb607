//! A line of a file of recordings: a scenario with its steps, or a scenario alone.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Line<'a, S> {
    #[serde(borrow)]
    scenario: Option<&'a RawValue>,
    steps: Option<Vec<S>>,
}

/// The scenario as it is written, and the steps that were recorded of it, if there are any.
pub(super) fn parts<S: DeserializeOwned>(line: &str) -> serde_json::Result<(&str, Option<Vec<S>>)> {
    let it: Line<'_, S> = serde_json::from_str(line)?;
    Ok((it.scenario.map_or(line.trim(), RawValue::get), it.steps))
}
