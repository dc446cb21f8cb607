//! A document becomes a Job: kind, fields and types, defaults, validation, and at last the model.

use serde::de::DeserializeOwned;

use super::diagnostic::{Diagnostic, Problem, Severity, Stage};
use super::located::Located;
use super::node::{Kind as Value, steps};
use super::validate::{self, Finding};
use super::{Document, Kind, Options, advice, defaults, lower, schema, twin};
use crate::model::Release;

/// Reads one document. Its problems, if there are any, are all errors.
pub(super) fn document(located: &Located, options: &Options) -> Result<Document, Vec<Diagnostic>> {
    let kind = kind(located, options)?;
    let name = located
        .root
        .get("metadata")
        .and_then(|meta| meta.text("name"));
    let mut document = Document {
        kind: kind.clone(),
        name: name.unwrap_or_default().to_owned(),
        source: located.source.name.clone(),
        line: located.line(),
        job: None,
        warnings: Vec::new(),
    };
    let (meta, spec, spec_path) = match kind {
        Kind::Other(_) => return Ok(document),
        Kind::Job => {
            let job: twin::Job = typed(located, "Job")?;
            (job.metadata, job.spec, "spec")
        }
        Kind::CronJob => {
            let cron: twin::CronJob = typed(located, "CronJob")?;
            (
                cron.metadata,
                cron.spec.job_template.spec,
                "spec.jobTemplate.spec",
            )
        }
    };
    let (mut meta, mut spec) = (meta, spec);
    defaults::meta(&mut meta);
    let findings = if kind == Kind::Job {
        defaults::job(&mut spec);
        validate::job(&meta, &spec, Release::LATEST).finish()
    } else {
        defaults::conditions(&mut spec);
        // The rest is completed only when a Job is made of it, but its flaws are told now.
        let findings = validate::job_template(&meta, &spec, Release::LATEST).finish();
        defaults::job(&mut spec);
        findings
    };
    if !findings.is_empty() {
        let told = findings
            .into_iter()
            .map(|one| refused(located, &kind, &meta.name, one));
        return Err(told.collect());
    }
    document.warnings = located.repeats();
    document
        .warnings
        .extend(advice::warnings(located, spec_path, &spec));
    if kind == Kind::Job {
        let more = advice::of_the_server(located, &meta.name, &spec);
        document.warnings.extend(more);
    }
    document.name.clone_from(&meta.name);
    document.job = Some(lower::job(meta.name, meta.namespace, spec));
    Ok(document)
}

/// What the document says it is.
fn kind(located: &Located, options: &Options) -> Result<Kind, Vec<Diagnostic>> {
    let root = &located.root;
    let refuse = |problem: Problem| {
        let message = format!(
            "unable to decode {:?}: {}",
            located.source.name, problem.detail
        );
        let problem = Problem {
            reason: "Decode",
            ..problem
        };
        vec![problem.tell(&located.source, Severity::Error, Stage::Decode, message)]
    };
    if !matches!(root.kind, Value::Map(_)) {
        let detail = format!(
            "couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go value \
             of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind \
             string \"json:\\\"kind,omitempty\\\"\" }}",
            root.kind.json_type()
        );
        return Err(refuse(
            Problem::at(root.at, detail).note("a mapping with a kind is expected"),
        ));
    }
    let mut given = Vec::new();
    for field in ["apiVersion", "kind"] {
        match root.get(field).map(|node| (&node.kind, node.at)) {
            None | Some((Value::Null, _)) => given.push(""),
            Some((Value::Text(text), _)) => given.push(text.as_str()),
            Some((other, at)) => {
                let detail = format!(
                    "couldn't get version/kind; json parse error: json: cannot unmarshal {} into \
                     Go struct field .{field} of type string",
                    other.json_type()
                );
                let problem = Problem {
                    field: field.to_owned(),
                    ..Problem::at(at, detail)
                };
                return Err(refuse(problem));
            }
        }
    }
    let (version, kind) = (given[0], given[1]);
    let missing = match (kind, version) {
        ("", _) => Some("Kind"),
        (_, "") => Some("apiVersion"),
        _ => None,
    };
    if let Some(field) = missing.filter(|_| !options.assume_job) {
        let detail = format!("Object '{field}' is missing in the document");
        let help = "begin it with `apiVersion: batch/v1` and `kind: Job`";
        return Err(refuse(Problem::at(root.at, detail).help(help)));
    }
    Ok(match (kind, version) {
        ("Job" | "", "batch/v1" | "") => Kind::Job,
        ("CronJob", "batch/v1" | "") => Kind::CronJob,
        _ => Kind::Other(kind.to_owned()),
    })
}

/// Holds the document against the schema of its kind, then takes the fields that we know.
fn typed<T: DeserializeOwned>(located: &Located, kind: &'static str) -> Result<T, Vec<Diagnostic>> {
    let report = schema::check(&located.root, kind, located.json, Release::LATEST);
    let head = format!("{kind} in version \"v1\" cannot be handled as a {kind}");
    let types = report.types.into_iter().map(|problem| (problem, ""));
    let strict = report
        .strict
        .into_iter()
        .map(|problem| (problem, "strict decoding error: "));
    let told = types.chain(strict).map(|(problem, stage)| {
        let message = format!("{head}: {stage}{}", problem.detail);
        problem.tell(&located.source, Severity::Error, Stage::Decode, message)
    });
    let told = told.collect::<Vec<_>>();
    if !told.is_empty() {
        return Err(told);
    }
    serde_path_to_error::deserialize(located.value()).map_err(|error| {
        // The schema is stricter than the types, so this tells of a mistake in one of them.
        let problem = Problem::at(located.root.at, error.to_string());
        let message = format!("{head}: {}", problem.detail);
        vec![problem.tell(&located.source, Severity::Error, Stage::Decode, message)]
    })
}

fn refused(located: &Located, kind: &Kind, name: &str, finding: Finding) -> Diagnostic {
    let message = format!(
        "The {kind} \"{name}\" is invalid: {}: {}",
        finding.field, finding.detail
    );
    let path = steps(&finding.field);
    let (at, there) = located.root.find(&path);
    let missing = path.last().filter(|_| !there).map(|step| match step {
        super::node::Step::Key(key) => format!("{key} is missing here"),
        super::node::Step::Index(_) => String::new(),
    });
    let note = match finding.note {
        note if note.is_empty() => missing.unwrap_or_default(),
        note => note,
    };
    let problem = Problem {
        at,
        rule: "",
        reason: finding.reason,
        field: finding.field,
        detail: finding.detail,
        note,
        help: finding.help,
    };
    problem.tell(&located.source, Severity::Error, Stage::Validate, message)
}
