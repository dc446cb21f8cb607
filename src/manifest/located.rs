//! A document as plain data that still knows where everything stands.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_yaml::Value;

use super::diagnostic::{Diagnostic, Errors, Problem, Severity, Stage};
use super::node::{Kind, Node, steps};
use super::source::{Position, Source};
use super::suggest::nearest;

/// A document with the places of its values.
#[derive(Clone, Debug)]
pub struct Located {
    pub(super) root: Arc<Node>,
    pub(super) source: Arc<Source>,
    pub(super) json: bool,
}

impl Located {
    /// The document as plain data, in the types that Kubernetes' decoder gives it.
    #[must_use]
    pub fn value(&self) -> Value {
        self.root.to_value()
    }

    /// Where a field stands: the place of its key, of a list's item, or of the nearest place above
    /// it if the field is not there. Paths are written as in Kubernetes' messages:
    /// `spec.template.spec.containers[0].name`.
    #[must_use]
    pub fn position(&self, path: &str) -> Position {
        self.root.find(&steps(path)).0
    }

    /// The name of the source.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source.name
    }

    /// The line at which the document begins, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.root.at.line as usize
    }

    /// A warning for each key that is there more than once.
    #[must_use]
    pub fn repeats(&self) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        repeats(&self.root, "", &mut problems);
        let told = problems.into_iter().map(|problem| {
            let message = problem.detail.clone();
            problem.tell(&self.source, Severity::Warning, Stage::Decode, message)
        });
        told.collect()
    }

    /// An error about a field: `message` in full, `note` for the mark below the line.
    #[must_use]
    pub fn error(&self, field: &str, message: &str, note: &str) -> Errors {
        let problem = Problem {
            field: field.to_owned(),
            ..Problem::at(self.position(field), message)
        };
        Errors::new(vec![self.decode_error(problem.note(note))])
    }

    fn decode_error(&self, problem: Problem) -> Diagnostic {
        let message = match problem.field.as_str() {
            "" => problem.detail.clone(),
            field => format!("{field}: {}", problem.detail),
        };
        problem.tell(&self.source, Severity::Error, Stage::Decode, message)
    }
}

/// More problems than anybody reads, and than the API server lists.
pub(super) const MANY: usize = 100;

fn repeats(node: &Node, path: &str, problems: &mut Vec<Problem>) {
    match &node.kind {
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if let Kind::List(_) | Kind::Map(_) = item.kind {
                    repeats(item, &format!("{path}[{index}]"), problems);
                }
            }
        }
        Kind::Map(map) => {
            let own = map.repeats.iter().filter(|it| !it.merged);
            problems.extend(own.map(|again| {
                let detail = format!(
                    "line {}: key {:?} already set in map at line {}; Kubernetes takes the last",
                    again.again.line, again.key, again.first.line
                );
                let problem = Problem {
                    field: join(path, &again.key),
                    ..Problem::at(again.again, detail)
                };
                problem
                    .note("this one counts")
                    .help("delete one of the two")
            }));
            for entry in &map.entries {
                if problems.len() >= MANY {
                    return;
                }
                if let Kind::List(_) | Kind::Map(_) = entry.value.kind {
                    repeats(&entry.value, &join(path, &entry.key), problems);
                }
            }
        }
        _ => {}
    }
}

/// The path of a field below another.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Reads a document into a type of ours, strictly: every unknown field is reported with the name
/// that was probably meant, and the first value of a wrong type, each with its place.
///
/// # Errors
/// All unknown fields, or the value that does not fit.
pub fn decode<T: DeserializeOwned>(document: &Located) -> Result<T, Errors> {
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let value = document.value();
    let decoded = {
        let typed = serde_path_to_error::Deserializer::new(value, &mut track);
        serde_ignored::deserialize(typed, |path| unknown.push(plain_path(&path.to_string())))
    };
    let mut errors = Vec::new();
    let result: Result<T, _> = decoded;
    let problem = result.as_ref().err().map(|error| {
        let field = plain_path(&track.path().to_string());
        misfit(document, field, &error.to_string())
    });
    for field in unknown.into_iter().take(MANY) {
        errors.push(document.decode_error(unknown_field(document, field)));
    }
    errors.extend(problem.map(|problem| document.decode_error(problem)));
    match result {
        Ok(decoded) if errors.is_empty() => Ok(decoded),
        _ => Err(Errors::new(errors)),
    }
}

/// The path with `[0]` for items, and without the marks of optional values.
fn plain_path(path: &str) -> String {
    let mut plain = String::new();
    for part in path.split('.').filter(|part| !matches!(*part, "?" | "")) {
        let index = part.trim_start_matches('[').trim_end_matches(']');
        if index.parse::<usize>().is_ok() {
            plain = format!("{plain}[{index}]");
        } else {
            plain = join(&plain, part);
        }
    }
    plain
}

fn unknown_field(document: &Located, field: String) -> Problem {
    let at = document.position(&field);
    Problem {
        field,
        ..Problem::at(at, "unknown field")
    }
    .note("no such field here")
}

/// A value that does not fit: serde's words, which name the expected fields or variants, if any.
fn misfit(document: &Located, field: String, words: &str) -> Problem {
    let at = document.position(&field);
    let mut quoted = words.split('`').skip(1).step_by(2);
    let help = quoted.next().and_then(|given| nearest(given, quoted));
    let problem = Problem {
        field,
        ..Problem::at(at, words)
    };
    match help {
        Some(name) => problem.help(format!("did you mean `{name}`?")),
        None => problem,
    }
}
