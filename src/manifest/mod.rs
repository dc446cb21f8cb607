//! Manifests: from bytes to Jobs, as Kubernetes would take them, or all the reasons why not.
//!
//! YAML and JSON are decoded as kubectl and the API server do it, which is not what YAML libraries
//! do; then defaults are filled in, and the result is validated with Kubernetes' own field paths
//! and words. Every problem knows its line and column.
//!
//! ```
//! use dryjob::manifest::{self, Options};
//!
//! let yaml = "\
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {name: train}
//! spec:
//!   completions: 010        # eight, as in YAML 1.1
//!   suspend: off            # a boolean
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       containers: [{name: main, image: train}]
//! ";
//! let documents = manifest::read("train.yaml", yaml.as_bytes(), &Options::default())?;
//! let job = documents[0].job.as_ref().expect("it is a Job");
//! assert_eq!((job.spec.completions, job.spec.backoff_limit), (Some(8), 6));
//!
//! let typo = yaml.replace("image:", "imagee:");
//! let errors = manifest::read("train.yaml", typo.as_bytes(), &Options::default()).unwrap_err();
//! let error = errors.iter().next().expect("there is at least one");
//! assert_eq!(error.field, "spec.template.spec.containers[0].imagee");
//! assert_eq!((error.line, error.column), (10, 33));
//! assert_eq!(error.help.as_deref(), Some("did you mean `image`?"));
//! # Ok::<(), dryjob::manifest::Errors>(())
//! ```

mod accept;
mod address;
mod advice;
#[doc(hidden)]
pub mod bare;
mod compose;
mod defaults;
mod diagnostic;
mod documents;
mod embed;
mod events;
mod flaw;
mod json;
mod located;
mod lower;
mod names;
mod node;
#[cfg(feature = "k8s-openapi")]
mod openapi;
mod options;
mod prepare;
#[cfg(test)]
mod properties;
mod quantity;
mod review;
mod scalar;
mod schema;
mod source;
mod suggest;
#[cfg(test)]
mod tests;
mod twin;
mod typed;
mod validate;
mod warnings;

use std::fmt;
use std::sync::Arc;

use crate::model::Job;
use diagnostic::Fault;
pub use diagnostic::{Diagnostic, Errors, Severity, Stage};
pub(crate) use flaw::Flaw;
use located::MANY;
pub use located::{Located, decode};
pub use options::{FieldValidation, Limits, Options};
pub use review::{Refusal, Request, Step, Verdict};
pub use source::Position;
use source::Source;
#[cfg(feature = "cli")]
pub(crate) use suggest::nearest;

/// What a document describes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A Job of `batch/v1`.
    Job,
    /// A `CronJob` of `batch/v1`.
    CronJob,
    /// Something else, by its kind; it is passed over.
    Other(String),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Job => "Job",
            Self::CronJob => "CronJob",
            Self::Other(kind) => kind,
        })
    }
}

/// A document that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// What it describes.
    pub kind: Kind,
    /// `metadata.name`; empty if it has none.
    pub name: String,
    /// The name of the source.
    pub source: String,
    /// The line at which it begins, from 1.
    pub line: usize,
    /// The Job, or the Job that the `CronJob` would make.
    pub job: Option<Job>,
    /// The object as it would be stored, if [`Options::objects`] asks for it: with all defaults,
    /// and `<uid>` and `<now>` for what the API server makes.
    pub object: Option<serde_json::Value>,
    /// What is accepted but hardly meant.
    pub warnings: Vec<Diagnostic>,
}

/// Reads all documents of a file. `source_name` is what messages call it.
///
/// Documents of other kinds are passed over: they are in the list, with their kind and no Job.
///
/// # Errors
/// All problems of all documents, or the first hundred. After a document
/// that is neither YAML nor JSON nothing more is read.
pub fn read(source_name: &str, bytes: &[u8], options: &Options) -> Result<Vec<Document>, Errors> {
    let mut documents = Vec::new();
    let mut problems = Vec::new();
    for checked in check(source_name, bytes, options) {
        if problems.len() >= MANY {
            break;
        }
        match checked.outcome {
            Ok(document) => documents.push(document),
            Err(errors) => problems.extend(errors.iter().cloned()),
        }
    }
    if problems.is_empty() {
        Ok(documents)
    } else {
        Err(Errors::new(problems))
    }
}

/// One document of a file, and what the API server says of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Checked {
    /// What it says that it is; nothing if it cannot be read or does not say it.
    pub kind: Option<String>,
    /// `metadata.name` as it is written; empty if it has none.
    pub name: String,
    /// `metadata.namespace` as it is written; empty if it has none.
    pub namespace: String,
    /// The name of the source.
    pub source: String,
    /// The line at which it begins, from 1.
    pub line: usize,
    /// The document if it is taken, else why not.
    pub outcome: Result<Document, Errors>,
}

/// Asks of each document of a file by itself whether the API server would take it.
///
/// ```
/// use dryjob::manifest::{self, Options};
///
/// let yaml = "
/// apiVersion: batch/v1
/// kind: Job
/// metadata: {name: a}
/// ---
/// apiVersion: batch/v1
/// kind: CronJob
/// metadata: {name: b}
/// spec: {schedule: '@daily', jobTemplate: {spec: {template: {spec: {
///   restartPolicy: Never, containers: [{name: main, image: busybox}]}}}}}
/// ";
/// let mut options = Options::default();
/// options.objects = true;
/// let checked = manifest::check("jobs.yaml", yaml.as_bytes(), &options);
/// let errors = checked[0].outcome.as_ref().unwrap_err();
/// assert!(errors.is_invalid());
/// let nightly = checked[1].outcome.as_ref().unwrap();
/// let object = nightly.object.as_ref().expect("it was asked for");
/// assert_eq!(object["spec"]["concurrencyPolicy"], "Allow");
/// ```
#[must_use]
pub fn check(source_name: &str, bytes: &[u8], options: &Options) -> Vec<Checked> {
    each(source_name, bytes, &options.limits, |value| match value {
        Err(errors) => Checked {
            kind: None,
            name: String::new(),
            namespace: String::new(),
            source: source_name.to_owned(),
            line: errors.first_line(),
            outcome: Err(errors),
        },
        Ok(located) => accept::checked(&located, options),
    })
}

/// A pod template in JSON, as it is written: read like a manifest, but not checked.
///
/// # Errors
/// It is not JSON of that shape.
pub fn pod_template(json: &str) -> Result<crate::model::PodTemplate, serde_json::Error> {
    lower::pod_template(json)
}

/// Reads the documents of any YAML or JSON file as plain data with places. Empty documents are left
/// out; one that cannot be read is the last.
#[must_use]
pub fn values(source_name: &str, bytes: &[u8], limits: &Limits) -> Vec<Result<Located, Errors>> {
    each(source_name, bytes, limits, |value| value)
}

/// Makes something of each document when it is read, so that not all are held at once.
fn each<T>(
    source_name: &str,
    bytes: &[u8],
    limits: &Limits,
    make: impl Fn(Result<Located, Errors>) -> T,
) -> Vec<T> {
    let source = match text(source_name, bytes, limits) {
        Ok(source) => Arc::new(source),
        Err(errors) => return vec![make(Err(errors))],
    };
    let located = |raw: Result<documents::Raw, Fault>| match raw {
        Err(fault) => Some(Err(fault.tell(&source))),
        Ok(documents::Raw { root, json }) => root.map(|root| {
            let source = Arc::clone(&source);
            Ok(Located {
                root: Arc::new(root),
                source,
                json,
            })
        }),
    };
    let documents = documents::Documents::new(&source.text, limits);
    documents.filter_map(located).map(make).collect()
}

/// Reads the one document of a YAML or JSON file as plain data with places.
///
/// # Errors
/// It cannot be read, or it is not exactly one document.
pub fn read_value(source_name: &str, bytes: &[u8]) -> Result<Located, Errors> {
    let mut all = values(source_name, bytes, &Limits::default());
    match (all.pop(), all.pop()) {
        (Some(Err(errors)), _) => Err(errors),
        (Some(Ok(one)), None) => Ok(one),
        (Some(Ok(last)), Some(_)) => Err(last.error("", "one document is expected", "another one")),
        (None, _) => {
            let fault = Fault::at(Position::START, "the file has no content");
            Err(fault.tell(&Source::unreadable(source_name)))
        }
    }
}

/// The text of a file, if it is one.
fn text(source_name: &str, bytes: &[u8], limits: &Limits) -> Result<Source, Errors> {
    let refuse = |fault: Fault| Err(fault.tell(&Source::unreadable(source_name)));
    if bytes.len() > limits.bytes {
        let detail = format!("the file is larger than {} bytes", limits.bytes);
        return refuse(Fault::at(Position::START, detail));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(source_name, text)),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = String::from_utf8_lossy(before).matches('\n').count();
            let start = before
                .iter()
                .rposition(|&byte| byte == b'\n')
                .map_or(0, |at| at + 1);
            let column = String::from_utf8_lossy(&before[start..]).chars().count();
            let at = Position::new(line + 1, column + 1);
            let fault = Fault::at(at, "error converting YAML to JSON: yaml: invalid UTF-8");
            refuse(fault.help("save the file as UTF-8"))
        }
    }
}
