//! A file side by side with what was recorded of it.

use super::recorded::Recorded;
use crate::manifest::{self, Diagnostic, Document, Errors, Kind, Limits, Options};
use serde_json::Value;

/// Problems that are told of one file at most.
const MANY: usize = 100;

/// What we make of a file.
type Read = Result<Vec<Document>, Errors>;

/// Reads a file whose documents are to be Jobs.
pub(super) fn read(name: &str, bytes: &[u8]) -> Read {
    let options = Options {
        assume_job: true,
        ..Options::default()
    };
    manifest::read(name, bytes, &options)
}

/// Whether the file is taken: each document can be decoded as a Job.
pub(super) fn verdict(read: &Read, documents: &[Recorded]) -> Option<String> {
    let accepted = match read {
        Ok(read) => !read.iter().any(|one| matches!(one.kind, Kind::Other(_))),
        Err(errors) => errors.is_invalid(),
    };
    let expected = documents
        .iter()
        .all(|one| one.is_empty() || one.job.is_some());
    if accepted == expected {
        return None;
    }
    Some(match read.as_ref().err().filter(|_| expected) {
        Some(errors) => format!("it was decoded, and is refused:\n{errors}"),
        None => format!("it was refused, and is decoded: {documents:?}"),
    })
}

/// Whether the documents have the values that were recorded.
pub(super) fn values(name: &str, bytes: &[u8], documents: &[Recorded]) -> Option<String> {
    let mut ours = manifest::values(name, bytes, &Limits::default()).into_iter();
    for (number, one) in documents.iter().enumerate() {
        if one.is_empty() || one.json.is_none() && !one.unreadable {
            continue;
        }
        let ours = ours.next().and_then(Result::ok);
        let ours = ours.and_then(|located| serde_json::to_value(located.value()).ok());
        let Some(json) = &one.json else { continue };
        let theirs: Value = serde_json::from_str(json).unwrap_or_default();
        if !ours.as_ref().is_some_and(|ours| same(ours, &theirs)) {
            let ours = ours.map_or_else(|| "nothing".to_owned(), |it| it.to_string());
            return Some(format!("document {number}: expected {json}, got {ours}"));
        }
        let Some(job) = &one.job else { continue };
        let spec = ours.and_then(|ours| ours.get("spec").cloned());
        let (spec, job) = (bare(&spec.unwrap_or_default()), bare(job));
        let both_empty = is_empty(&spec) && is_empty(&job);
        if !both_empty && !same(&spec, &job) {
            return Some(format!(
                "document {number}: expected the spec {job}, got {spec}"
            ));
        }
    }
    None
}

/// Whether the same unknown and repeated fields are named in the same order.
pub(super) fn paths(errors: Option<&Errors>, documents: &[Recorded]) -> Option<String> {
    let theirs = documents.iter().filter_map(|one| one.strict.clone());
    let theirs: Vec<String> = theirs.flatten().take(MANY).collect();
    // Where something else is wrong as well, we tell of it at the same time.
    let only = |one: &Recorded| one.strict.is_some() || one.job.is_some() || one.is_empty();
    if theirs.is_empty() || !documents.iter().all(only) {
        return None;
    }
    let errors: Vec<&Diagnostic> = errors.into_iter().flat_map(Errors::iter).collect();
    // Deeper than we go, and refused for that reason.
    if errors.iter().any(|one| one.detail.contains("max depth")) {
        return None;
    }
    let ours = errors.iter().map(|one| one.field.clone());
    let ours: Vec<String> = ours.take(theirs.len()).collect();
    (ours != theirs).then(|| format!("expected the fields {theirs:?}, got {ours:?}"))
}

/// A number is the same if its value is.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let pair = |(key, a)| b.get(key).is_some_and(|b| same(a, b));
            a.len() == b.len() && a.iter().all(pair)
        }
        (a, b) => a == b,
    }
}

/// What Go does not print of a typed object: what is empty or null. A quantity is printed in its
/// shortest form, so its value is left out.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| *key != "resources");
            let kept = kept.map(|(key, value)| (key.clone(), bare(value)));
            Value::Object(kept.filter(|(_, value)| !is_empty(value)).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(bare).collect()),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
