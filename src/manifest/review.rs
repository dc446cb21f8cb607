//! A request to create or change a Job or `CronJob`, and the API server's verdict on it.

use std::fmt::Write as _;

use serde_json::Value;

use super::documents::Documents;
use super::node::{Kind as NodeKind, Node};
use super::source::Position;
use super::validate::{Finding, Reviewed};
use super::{Limits, schema};
use crate::model::Release;

mod kind;

/// Where on its way through the API server a request stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Its kind or version is not known.
    Kind,
    /// It cannot be read as an object of its kind.
    Decode,
    /// It can, but has fields that its kind has not, or has some twice.
    Strict,
    /// Its fields are refused.
    Validate,
    /// It is taken.
    Accepted,
}

/// One reason for which a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// `FieldValueRequired`, `StrictDecoding` and the like.
    pub reason: &'static str,
    /// The field's path; empty if the sentence names none.
    pub field: String,
    /// The sentence about it.
    pub detail: String,
}

/// A request to create an object, or to change a stored one, as a client sends it.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    resource: &'a str,
    body: &'a str,
    stored: Option<&'a Value>,
    release: Release,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// How far it came.
    pub step: Step,
    /// Why it is refused, in the API server's order; empty if it is taken.
    pub refusals: Vec<Refusal>,
    /// What the API server warns of although it takes the object.
    pub warnings: Vec<String>,
    /// The object as it is stored: with all defaults, and `<uid>` and `<now>` for the values that
    /// the API server makes.
    pub stored: Option<Value>,
    head: String,
}

impl<'a> Request<'a> {
    /// A request to create a `Job` or a `CronJob` from a body in YAML or JSON.
    #[must_use]
    pub fn new(resource: &'a str, body: &'a str) -> Self {
        Self {
            resource,
            body,
            stored: None,
            release: Release::LATEST,
        }
    }

    /// The same, sent to an API server of this release.
    #[must_use]
    pub fn on(self, release: Release) -> Self {
        Self { release, ..self }
    }

    /// A request to put the body in the place of a stored object.
    #[must_use]
    pub fn update_of(self, stored: &'a Value) -> Self {
        Self {
            stored: Some(stored),
            ..self
        }
    }

    /// What the API server says.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.judge().unwrap_or_else(|refused| *refused)
    }

    fn judge(&self) -> Result<Verdict, Box<Verdict>> {
        let cronjob = self.resource == "CronJob";
        let kind = if cronjob { "CronJob" } else { "Job" };
        let (root, json) = first_document(self.body)?;
        kind::check(&root, kind)?;
        let report = schema::check(&root, kind, json, self.release);
        let head = format!("{kind} in version \"v1\" cannot be handled as a {kind}: ");
        // A text that its type cannot read stops the decoder; a value of a wrong type does not.
        let stops = |detail: &str| !detail.starts_with("json: ");
        let types = &report.types;
        let worst = types.iter().find(|it| stops(&it.detail)).or(types.first());
        if let Some(problem) = worst {
            return refused(Step::Decode, &head, vec![decode(&problem.detail)]);
        }
        let mut strict = Vec::new();
        strict.extend(repeated_keys(&root).filter(|_| !json));
        for problem in report.strict {
            strict.push(Refusal {
                reason: "StrictDecoding",
                field: problem.field,
                detail: problem.detail,
            });
        }
        if !strict.is_empty() {
            let head = format!("{head}strict decoding error: ");
            return refused(Step::Strict, &head, strict);
        }
        let reviewed = super::validate::review(kind, &root, self.stored, self.release);
        let reviewed =
            reviewed.or_else(|detail| refused(Step::Decode, &head, vec![decode(&detail)]))?;
        Ok(of_fields(kind, reviewed))
    }
}

impl Verdict {
    /// Whether the object is taken.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.step == Step::Accepted
    }

    /// The whole sentence of a refusal, as the status of the API server has it; each reason once.
    #[must_use]
    pub fn message(&self) -> String {
        let mut once: Vec<String> = Vec::new();
        for refusal in &self.refusals {
            let line = match self.step {
                Step::Validate => format!("{}: {}", refusal.field, refusal.detail),
                _ => refusal.detail.clone(),
            };
            if !once.contains(&line) {
                once.push(line);
            }
        }
        let lines = once.join(", ");
        match (self.step, once.len()) {
            (_, 0) => String::new(),
            (Step::Validate, 2..) => format!("{}[{lines}]", self.head),
            _ => format!("{}{lines}", self.head),
        }
    }
}

fn refused<T>(step: Step, head: &str, refusals: Vec<Refusal>) -> Result<T, Box<Verdict>> {
    Err(Box::new(Verdict {
        step,
        refusals,
        warnings: Vec::new(),
        stored: None,
        head: head.to_owned(),
    }))
}

fn of_fields(kind: &str, reviewed: Reviewed) -> Verdict {
    let refusal = |one: Finding| Refusal {
        reason: one.reason,
        field: one.field,
        detail: one.detail,
    };
    let accepted = reviewed.findings.is_empty();
    Verdict {
        step: if accepted {
            Step::Accepted
        } else {
            Step::Validate
        },
        refusals: reviewed.findings.into_iter().map(refusal).collect(),
        warnings: if accepted {
            once(reviewed.warnings)
        } else {
            Vec::new()
        },
        stored: reviewed.object.to_value().filter(|_| accepted),
        head: format!(
            "{kind}.batch {:?} is invalid: ",
            reviewed.object.meta().name
        ),
    }
}

/// The same texts in the same order, each once.
fn once(texts: Vec<String>) -> Vec<String> {
    let mut once = Vec::new();
    for text in texts {
        if !once.contains(&text) {
            once.push(text);
        }
    }
    once
}

/// A decoder's sentence, and the path that it names, if it does.
fn decode(detail: &str) -> Refusal {
    let named = detail.split_once("Go struct field ").and_then(|(_, rest)| {
        let (_, path) = rest.split_once('.')?;
        Some(path.split_once(" of type ")?.0)
    });
    Refusal {
        reason: "Decode",
        field: named.unwrap_or_default().to_owned(),
        detail: detail.to_owned(),
    }
}

/// The first document of a body, which is all that the API server reads; an empty one is an object
/// without fields.
fn first_document(body: &str) -> Result<(Node, bool), Box<Verdict>> {
    match Documents::new(body, &Limits::default()).next() {
        Some(Err(fault)) => {
            let detail = fault
                .detail
                .trim_start_matches("error converting YAML to JSON: ");
            refused(Step::Decode, "", vec![decode(detail)])
        }
        Some(Ok(raw)) if raw.root.is_some() => Ok((raw.root.unwrap_or_else(nothing), raw.json)),
        _ => Ok((nothing(), false)),
    }
}

fn nothing() -> Node {
    Node {
        at: Position::START,
        kind: NodeKind::Map(Box::default()),
    }
}

/// The one sentence about all keys that stand twice in a mapping of YAML.
fn repeated_keys(root: &Node) -> impl Iterator<Item = Refusal> {
    let mut repeats = Vec::new();
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        match &node.kind {
            NodeKind::List(items) => left.extend(items),
            NodeKind::Map(map) => {
                repeats.extend(map.repeats.iter().map(|it| (it.value, &it.key)));
                left.extend(map.entries.iter().map(|entry| &entry.value));
            }
            _ => {}
        }
    }
    repeats.sort();
    let mut detail = "yaml: unmarshal errors:".to_owned();
    for (at, key) in &repeats {
        let _ = write!(
            detail,
            "\n  line {}: key {key:?} already set in map",
            at.line
        );
    }
    let any = !repeats.is_empty();
    any.then(|| Refusal {
        reason: "StrictDecoding",
        field: String::new(),
        detail,
    })
    .into_iter()
}
