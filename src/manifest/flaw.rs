//! What other files of ours need when they are read with the means of manifests: sentences about
//! their fields, numbers as they are written, and Jobs that stand inside them.

use std::sync::Arc;

use super::accept;
use super::diagnostic::{Diagnostic, Errors, Problem, Severity, Stage};
use super::located::{Located, MANY};
use super::node::{Kind, Node, Step, steps};
use super::suggest::nearest;
use super::{Document, Options};

/// What is wrong with a field, before its place is looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// The field's path.
    pub(crate) field: String,
    /// The sentence after the path.
    pub(crate) words: String,
    /// What the mark under the line says.
    pub(crate) note: String,
    /// How to mend it.
    pub(crate) help: Option<String>,
}

impl Flaw {
    pub(crate) fn new(field: impl Into<String>, words: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            words: words.into(),
            ..Self::default()
        }
    }

    pub(crate) fn note(self, note: impl Into<String>) -> Self {
        Self {
            note: note.into(),
            ..self
        }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// Names the one of the known words that was probably meant, if there is one.
    pub(crate) fn meant<'a>(self, given: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(given, known) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }
}

impl Errors {
    /// Errors in the order of their places, as many as anybody reads.
    pub(crate) fn by_place(mut all: Vec<Diagnostic>) -> Self {
        all.sort_by_key(|one| (one.line, one.column));
        all.truncate(MANY);
        Self::new(all)
    }
}

impl Located {
    /// Looks up the place of a flaw.
    pub(crate) fn tell(&self, flaw: Flaw, severity: Severity, stage: Stage) -> Diagnostic {
        let message = match flaw.field.as_str() {
            "" => flaw.words.clone(),
            field => format!("{field}: {}", flaw.words),
        };
        let problem = Problem {
            note: flaw.note,
            help: flaw.help,
            ..Problem::at(self.position(&flaw.field), flaw.words)
        };
        let problem = Problem {
            field: flaw.field,
            ..problem
        };
        problem.tell(&self.source, severity, stage, message)
    }

    /// A number as it is written: `2.10` and `2.1` are one number and two texts. Nothing, where
    /// that cannot be told: behind an anchor or a tag, or far to the right in a long line.
    pub(crate) fn written(&self, field: &str) -> Option<String> {
        let node = value_at(&self.root, &steps(field))?;
        match node.kind {
            // In JSON, an integer is written in one way alone.
            Kind::Int(n) if self.json => return Some(n.to_string()),
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => {}
            _ => return None,
        }
        let rest = self.source.rest(node.at)?;
        let ends = |it: char| it.is_whitespace() || matches!(it, ',' | ']' | '}');
        let text = rest.split(ends).next().unwrap_or_default();
        text.starts_with(|it: char| it.is_ascii_digit())
            .then(|| text.to_owned())
    }

    /// Reads a field as the manifest of a Job; its places are those of the whole file.
    pub(crate) fn manifest_at(&self, field: &str) -> Result<Option<Document>, Errors> {
        let Some(node) = value_at(&self.root, &steps(field)) else {
            return Ok(None);
        };
        let part = Self {
            root: Arc::new(node.clone()),
            source: Arc::clone(&self.source),
            json: self.json,
        };
        let options = Options {
            assume_job: true,
            ..Options::default()
        };
        let read = accept::document(&part, &options);
        read.map(Some).map_err(Errors::new)
    }
}

fn value_at<'a>(root: &'a Node, path: &[Step<'_>]) -> Option<&'a Node> {
    path.iter()
        .try_fold(root, |node, step| match (&node.kind, step) {
            (Kind::Map(map), Step::Key(key)) => map.get(key).map(|entry| &entry.value),
            (Kind::List(items), Step::Index(index)) => items.get(*index),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use crate::manifest::read_value;

    #[test]
    fn numbers_are_found_as_they_are_written() {
        let yaml = b"a: 2.10\nb: [1.0, 010 ]\nc: {d: 2.0}\ne: &x 3.0\nf: *x\ng: '2.0'\n";
        let file = read_value("-", yaml).unwrap();
        let written = |field| file.written(field).unwrap_or_default();
        let fields = ["a", "b[0]", "b[1]", "c.d", "g", "h"];
        assert_eq!(fields.map(written), ["2.10", "1.0", "010", "2.0", "", ""]);
        assert_eq!(written("e"), written("f"));
        assert!(["3.0", ""].contains(&written("e").as_str()));
        let json = read_value("-", br#"{"a":[2.0,{"b":7}]}"#).unwrap();
        assert_eq!(json.written("a[0]").as_deref(), Some("2.0"));
        assert_eq!(json.written("a[1].b").as_deref(), Some("7"));
        let long = format!("{{\"x\": \"{:150}\", \"a\": 7, \"b\": 2.0}}", "");
        let json = read_value("-", long.as_bytes()).unwrap();
        assert_eq!(json.written("a").as_deref(), Some("7"));
        assert_eq!(json.written("b").as_deref(), Some("2.0"));
        // Too far to the right to be looked for.
        let far = format!("{{x: '{}', a: 2.10}}", "x".repeat(30_000));
        let yaml = read_value("-", far.as_bytes()).unwrap();
        assert_eq!(yaml.written("a"), None);
    }
}
