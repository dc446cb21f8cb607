//! A document becomes a Job: kind, fields and types, defaults, validation, and at last the model.

use super::diagnostic::{Diagnostic, Problem, Severity, Stage};
use super::located::{Located, MANY};
use super::node::{Kind as Value, steps};
use super::options::FieldValidation;
use super::validate::{self, Finding, Object};
use super::{Checked, Document, Errors, Kind, Options, advice, defaults, lower, schema};

/// Says of one document what the API server says.
pub(super) fn checked(located: &Located, options: &Options) -> Checked {
    let root = &located.root;
    let meta = root.get("metadata");
    let of_meta = |field| meta.and_then(|meta| meta.text(field)).unwrap_or_default();
    Checked {
        kind: root.text("kind").map(str::to_owned),
        name: of_meta("name").to_owned(),
        namespace: of_meta("namespace").to_owned(),
        source: located.source.name.clone(),
        line: located.line(),
        outcome: document(located, options).map_err(Errors::new),
    }
}

/// Reads one document. Its problems, if there are any, are all errors.
pub(super) fn document(located: &Located, options: &Options) -> Result<Document, Vec<Diagnostic>> {
    let kind = kind(located, options)?;
    let mut document = of_kind(located, kind);
    if let Kind::Other(_) = document.kind {
        return Ok(document);
    }
    let name = if document.kind == Kind::CronJob {
        "CronJob"
    } else {
        "Job"
    };
    document.warnings = fields(located, name, options)?;
    entity_size(located)?;
    document.warnings.extend(located.repeats());
    let stored = options.stored_as(name, &located.root);
    let reviewed = validate::review(name, &located.root, stored, options.release);
    let reviewed = reviewed.map_err(|words| {
        // The schema is stricter than the types, so this tells of a mistake in one of them.
        let problem = Problem::at(located.root.at, words);
        let message = format!("{}: {}", head(name), problem.detail);
        vec![problem.tell(&located.source, Severity::Error, Stage::Decode, message)]
    })?;
    reviewed.object.meta().name.clone_into(&mut document.name);
    if !reviewed.findings.is_empty() {
        let mut told: Vec<Diagnostic> = Vec::new();
        for finding in reviewed.findings {
            let one = refused(located, &document.kind, &document.name, finding);
            if !told.iter().any(|it| it.message == one.message) {
                told.push(one);
            }
            if told.len() >= MANY {
                break;
            }
        }
        return Err(told);
    }
    let of_server = reviewed.warnings.into_iter();
    let told = of_server.map(|text| advice::of_the_server(located, text));
    document.warnings.extend(told);
    document.object = options
        .objects
        .then(|| reviewed.object.to_value())
        .flatten();
    let (meta, mut spec, path) = match reviewed.object {
        Object::Job(job) => (job.metadata, job.spec, "spec"),
        Object::CronJob(cron) => {
            let spec = cron.spec.job_template.spec;
            (cron.metadata, spec, "spec.jobTemplate.spec")
        }
    };
    let own = advice::warnings(located, path, &spec);
    document.warnings.extend(own);
    // Those of a CronJob are completed when a Job is made of it.
    defaults::job(&mut spec);
    document.job = Some(lower::job(meta.name, meta.namespace, spec));
    Ok(document)
}

/// The server reads no more than so many bytes of a request, and looks at none of what it read.
const MOST_BYTES: usize = 3 << 20;

/// Refuses an object with a text that does not fit into a request.
fn entity_size(located: &Located) -> Result<(), Vec<Diagnostic>> {
    let Some((at, bytes)) = located.root.longer_than(MOST_BYTES) else {
        return Ok(());
    };
    let detail = format!("Request entity too large: limit is {MOST_BYTES}");
    let problem = Problem {
        reason: "RequestEntityTooLarge",
        ..Problem::at(at, detail.clone())
            .note(format!("this text has {bytes} bytes"))
            .help("keep it in a volume or an image, and name it here")
    };
    Err(vec![problem.tell(
        &located.source,
        Severity::Error,
        Stage::Validate,
        detail,
    )])
}

/// A document of which nothing is known but its kind and name.
fn of_kind(located: &Located, kind: Kind) -> Document {
    let meta = located.root.get("metadata");
    let name = meta.and_then(|meta| meta.text("name"));
    Document {
        kind,
        name: name.unwrap_or_default().to_owned(),
        source: located.source.name.clone(),
        line: located.line(),
        job: None,
        object: None,
        warnings: Vec::new(),
    }
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

fn head(kind: &str) -> String {
    format!("{kind} in version \"v1\" cannot be handled as a {kind}")
}

/// Holds the document against the schema of its kind. Fields that are unknown or repeated are
/// errors, warnings or nothing, as the options have it.
pub(super) fn fields(
    located: &Located,
    kind: &'static str,
    options: &Options,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let report = schema::check(&located.root, kind, located.json, options.release);
    let head = head(kind);
    let types = report.types.into_iter().map(|problem| {
        let message = format!("{head}: {}", problem.detail);
        problem.tell(&located.source, Severity::Error, Stage::Decode, message)
    });
    let mut errors: Vec<Diagnostic> = types.collect();
    let mut warnings = Vec::new();
    for problem in report.strict {
        match options.validation {
            FieldValidation::Ignore => {}
            FieldValidation::Warn => {
                let message = problem.detail.clone();
                let severity = Severity::Warning;
                warnings.push(problem.tell(&located.source, severity, Stage::Decode, message));
            }
            FieldValidation::Strict => {
                let message = format!("{head}: strict decoding error: {}", problem.detail);
                let severity = Severity::Error;
                errors.push(problem.tell(&located.source, severity, Stage::Decode, message));
            }
        }
    }
    if errors.is_empty() {
        Ok(warnings)
    } else {
        Err(errors)
    }
}

fn refused(located: &Located, kind: &Kind, name: &str, finding: Finding) -> Diagnostic {
    let message = format!(
        "The {kind} \"{name}\" is invalid: {}: {}",
        finding.field, finding.detail
    );
    // Kubernetes leaves the metadata out of these two paths.
    let whole = finding
        .field
        .replace(".template.labels", ".template.metadata.labels");
    let whole = whole.replace(".template.annotations", ".template.metadata.annotations");
    let path = steps(&whole);
    let (at, there) = located.root.find(&path);
    let missing = path.last().filter(|_| !there).map(|step| match step {
        super::node::Step::Key(key) => format!("{key} is missing here"),
        super::node::Step::Index(_) => String::new(),
    });
    let (note, help) = match finding.if_given.filter(|_| there) {
        Some((note, help)) => (note.to_owned(), Some(help.to_owned())),
        None if finding.note.is_empty() => (missing.unwrap_or_default(), finding.help),
        None => (finding.note, finding.help),
    };
    let problem = Problem {
        at,
        rule: "",
        reason: finding.reason,
        field: finding.field,
        detail: finding.detail,
        note,
        help,
    };
    problem.tell(&located.source, Severity::Error, Stage::Validate, message)
}
