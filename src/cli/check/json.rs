//! All verdicts as one JSON object.

use super::{Checked, Verdict, problems};
use crate::manifest::{Diagnostic, Severity};
use crate::model::Release;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    api_version: &'static str,
    kind: &'static str,
    kubernetes: String,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    source: &'a str,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    name: &'a str,
    verdict: &'static str,
    errors: Vec<Problem<'a>>,
    warnings: Vec<Problem<'a>>,
    /// As it would be stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Problem<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    rule: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    field: &'a str,
    detail: &'a str,
    message: &'a str,
    line: usize,
    column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// Writes the report.
pub(super) fn write(
    all: &[Checked],
    release: Option<Release>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let report = Report {
        api_version: "dryjob/v1",
        kind: "CheckReport",
        kubernetes: release.unwrap_or(Release::LATEST).to_string(),
        items: all.iter().map(item).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn item(one: &Checked) -> Item<'_> {
    let of = |severity| {
        let problems = problems(one).into_iter();
        problems
            .filter(|it| it.severity == severity)
            .map(problem)
            .collect()
    };
    let document = one.outcome.as_ref().ok();
    Item {
        source: &one.source,
        line: one.line,
        kind: one.kind.as_deref(),
        namespace: &one.namespace,
        name: document.map_or(&one.name, |document| &document.name),
        verdict: Verdict::of(one).word(),
        errors: of(Severity::Error),
        warnings: of(Severity::Warning),
        object: document.and_then(|document| document.object.as_ref()),
    }
}

fn problem(one: &Diagnostic) -> Problem<'_> {
    Problem {
        rule: one.rule,
        reason: one.reason,
        field: &one.field,
        detail: &one.detail,
        message: &one.message,
        line: one.line,
        column: one.column,
        help: one.help.as_deref(),
    }
}
