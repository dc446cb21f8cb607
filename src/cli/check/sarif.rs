//! A SARIF log, for tools that collect findings.

use super::{Checked, problems};
use crate::manifest::{Diagnostic, Severity};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Writes the log.
pub(super) fn write(all: &[Checked], out: &mut dyn Write) -> io::Result<()> {
    let found: Vec<&Diagnostic> = all.iter().flat_map(problems).collect();
    let rules: BTreeSet<&str> = found.iter().map(|one| rule(one)).collect();
    let rules: Vec<Value> = rules.iter().map(|id| json!({"id": id})).collect();
    let results: Vec<Value> = found.iter().map(|one| result(one)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "dryjob",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// The rule of ours, or Kubernetes' reason; there is always one.
fn rule(one: &Diagnostic) -> &str {
    match (one.rule, one.reason, one.severity) {
        ("", "", Severity::Warning) => "Warning",
        ("", "", _) => "Unreadable",
        ("", reason, _) => reason,
        (rule, ..) => rule,
    }
}

fn result(one: &Diagnostic) -> Value {
    let level = match one.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let text = match &one.help {
        Some(help) => format!("{}\n{help}", one.message),
        None => one.message.clone(),
    };
    json!({
        "ruleId": rule(one),
        "level": level,
        "message": {"text": text},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": one.source},
                "region": {"startLine": one.line, "startColumn": one.column},
            },
            "logicalLocations": [{"fullyQualifiedName": one.field}],
        }],
    })
}
