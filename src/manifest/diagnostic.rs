//! What is wrong with a manifest: one value for each problem, all of them in one error.

use std::fmt;
use std::sync::Arc;

use super::source::{Position, Source};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The manifest is not accepted.
    Error,
    /// It is accepted, but will probably not do what was meant.
    Warning,
}

/// Where on its way a manifest stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// It is not text, or neither YAML nor JSON.
    Read,
    /// It does not have the fields and types of its kind.
    Decode,
    /// It has, and is refused.
    Validate,
}

/// One problem of a manifest.
///
/// Its `Display` is what a terminal should show: Kubernetes' words, the line with a mark under the
/// place, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What found it.
    pub stage: Stage,
    /// The number of the rule of ours that speaks, such as `J47`; empty if none does.
    pub rule: &'static str,
    /// The reason as a status of the API server names it, such as `FieldValueRequired`; empty
    /// if the API server is not involved.
    pub reason: &'static str,
    /// The field's path, such as `spec.template.spec.restartPolicy`; empty for the whole document.
    pub field: String,
    /// The line in the source, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The whole sentence, in Kubernetes' words.
    pub message: String,
    /// The part of the message after the field's path.
    pub detail: String,
    /// What the mark under the excerpt says.
    pub note: String,
    /// How to mend it.
    pub help: Option<String>,
    /// The name of the source.
    pub source: String,
    /// The line that is spoken of.
    pub excerpt: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        match self.rule {
            "" => write!(f, "{word}: {}", self.message)?,
            rule => write!(f, "{word}[{rule}]: {}", self.message)?,
        }
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        write!(f, "\n {margin}--> {}:{number}:{}", self.source, self.column)?;
        let before = self.column.saturating_sub(1);
        // A mark beyond the quoted part of a very long line would point at nothing.
        if !self.excerpt.is_empty() && before <= self.excerpt.chars().count() {
            write!(f, "\n {margin} |\n {number} | {}", self.excerpt)?;
            let mark = format!("{}^ {}", " ".repeat(before), self.note);
            write!(f, "\n {margin} | {}", mark.trim_end())?;
        }
        match &self.help {
            Some(help) => write!(f, "\n {margin} = help: {help}"),
            None => Ok(()),
        }
    }
}

/// A problem before it is tied to a source: made where it is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) at: Position,
    pub(super) rule: &'static str,
    pub(super) reason: &'static str,
    pub(super) field: String,
    pub(super) detail: String,
    pub(super) note: String,
    pub(super) help: Option<String>,
}

impl Problem {
    pub(super) fn at(at: Position, detail: impl Into<String>) -> Self {
        Self {
            at,
            detail: detail.into(),
            ..Self::default()
        }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    pub(super) fn note(self, note: impl Into<String>) -> Self {
        Self {
            note: note.into(),
            ..self
        }
    }

    /// Ties the problem to its source, with the sentence that Kubernetes makes of it.
    pub(super) fn tell(
        self,
        source: &Source,
        severity: Severity,
        stage: Stage,
        message: String,
    ) -> Diagnostic {
        Diagnostic {
            severity,
            stage,
            rule: self.rule,
            reason: self.reason,
            line: self.at.line as usize,
            column: self.at.column as usize,
            excerpt: source.excerpt(self.at),
            source: source.name.clone(),
            field: cut(self.field),
            message: cut(message),
            detail: cut(self.detail),
            note: self.note,
            help: self.help,
        }
    }
}

/// Messages quote what they speak of, which may be megabytes long.
fn cut(mut text: String) -> String {
    const MOST: usize = 256 << 10;
    if text.len() > MOST {
        let end = (0..=MOST).rev().find(|&end| text.is_char_boundary(end));
        text.truncate(end.unwrap_or_default());
        text.push('…');
    }
    text
}

/// Why a text cannot be read at all: small, since every step of reading may return it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Position,
    pub(super) detail: String,
    pub(super) note: &'static str,
    pub(super) help: Option<&'static str>,
}

impl Fault {
    pub(super) fn at(at: Position, detail: impl Into<String>) -> Self {
        Self {
            at,
            detail: detail.into(),
            note: "",
            help: None,
        }
    }

    pub(super) fn help(self, help: &'static str) -> Self {
        Self {
            help: Some(help),
            ..self
        }
    }

    pub(super) fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// Ties the fault to its source, with the sentence that kubectl makes of it.
    pub(super) fn tell(self, source: &Source) -> Errors {
        let message = format!("error parsing {}: {}", source.name, self.detail);
        let problem = Problem {
            help: self.help.map(str::to_owned),
            ..Problem::at(self.at, self.detail).note(self.note)
        };
        Errors::new(vec![problem.tell(
            source,
            Severity::Error,
            Stage::Read,
            message,
        )])
    }
}

/// Why a manifest is not accepted: at least one error, all that were found.
#[derive(Clone, Debug)]
pub struct Errors {
    all: Arc<[Diagnostic]>,
}

impl Errors {
    pub(super) fn new(all: Vec<Diagnostic>) -> Self {
        Self { all: all.into() }
    }

    /// The problems, in Kubernetes' order.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.all.iter()
    }

    /// The line of the first problem.
    pub(super) fn first_line(&self) -> usize {
        self.all.first().map_or(1, |first| first.line)
    }

    /// Whether something could not be read or decoded.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.all.iter().any(|one| one.stage <= Stage::Decode)
    }

    /// Whether everything could be decoded, but the API server would refuse it.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        !self.is_unreadable()
    }

    /// The same as kubectl prints it: the sentences alone, several of one object as a list.
    #[must_use]
    pub fn as_kubectl(&self) -> String {
        let mut lines = Vec::new();
        let mut rest = &self.all[..];
        while let Some(first) = rest.first() {
            let subject = first.subject();
            let same = rest
                .iter()
                .take_while(|one| one.subject() == subject)
                .count();
            let group = if subject.is_empty() { 1 } else { same };
            let (these, others) = rest.split_at(group);
            rest = others;
            if these.len() == 1 {
                lines.push(first.message.clone());
            } else {
                lines.push(format!("{subject}: "));
                lines.extend(
                    these
                        .iter()
                        .map(|one| format!("* {}: {}", one.field, one.detail)),
                );
            }
        }
        lines.join("\n")
    }
}

impl Diagnostic {
    /// `The Job "train" is invalid`, if the message is of that form.
    fn subject(&self) -> &str {
        let tail = format!(": {}: {}", self.field, self.detail);
        match self.stage {
            Stage::Validate => self.message.strip_suffix(&tail).unwrap_or_default(),
            Stage::Read | Stage::Decode => "",
        }
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, one) in self.all.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            one.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(field: &str) -> Diagnostic {
        let source = Source::new("train.yaml", "kind: Job\nspec:\n  completions: -1\n");
        let problem = Problem {
            at: Position::new(3, 16),
            reason: "FieldValueInvalid",
            field: field.to_owned(),
            note: "this is negative".to_owned(),
            ..Problem::at(Position::START, "Invalid value: -1: must be positive")
        };
        let message = format!("The Job \"train\" is invalid: {field}: {}", problem.detail);
        let problem = problem.help("write 1");
        problem.tell(&source, Severity::Error, Stage::Validate, message)
    }

    #[test]
    fn a_problem_shows_its_line_and_the_way_out() {
        let want = "\
error: The Job \"train\" is invalid: spec.completions: Invalid value: -1: must be positive
  --> train.yaml:3:16
   |
 3 |   completions: -1
   |                ^ this is negative
   = help: write 1";
        assert_eq!(example("spec.completions").to_string(), want);
    }

    #[test]
    fn kubectl_lists_several_problems_of_one_object() {
        let errors = Errors::new(vec![example("spec.completions"), example("spec.b")]);
        let want = "\
The Job \"train\" is invalid: 
* spec.completions: Invalid value: -1: must be positive
* spec.b: Invalid value: -1: must be positive";
        assert_eq!(errors.as_kubectl(), want);
        assert!(errors.is_invalid() && !errors.is_unreadable());
    }
}
