//! Two verdicts side by side. What the API server does in the order of a Go map is compared without
//! order, the texts of decoders and the printed forms of internal objects are not compared.

use crate::manifest::{Refusal, Step, Verdict};
use serde::Deserialize;
use serde_json::Value;

/// A recorded verdict.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Expected {
    stage: String,
    errors: Vec<Cause>,
    unordered: bool,
    message: String,
    warnings: Vec<String>,
    defaulted: Option<Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default)]
struct Cause {
    field: String,
    #[serde(rename = "type")]
    reason: String,
    detail: String,
}

/// How a verdict differs.
#[derive(Debug)]
pub(super) struct Mismatch {
    /// What it is about, in a form that cases have in common.
    pub(super) subject: String,
    pub(super) told: String,
}

impl Mismatch {
    fn new(subject: impl Into<String>, told: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            told: told.into(),
        }
    }
}

impl Expected {
    pub(super) fn compare(&self, got: &Verdict) -> Option<Mismatch> {
        let step = match got.step {
            Step::Accepted => "accepted",
            Step::Kind => "kind",
            Step::Decode => "decode",
            Step::Strict => "strict",
            Step::Validate => "validate",
        };
        let mut causes = got.refusals.iter().map(Cause::of).collect::<Vec<_>>();
        if self.stage == "panic" {
            // Where Kubernetes itself falls over, a refusal is all that can be asked for.
            let told = "the API server fails here, and it was accepted";
            return (step != "validate").then(|| Mismatch::new("panic", told));
        }
        if step != self.stage {
            let first = |causes: &[Cause]| causes.first().map(Cause::tell).unwrap_or_default();
            let told = format!(
                "expected {} {}, got {step} {}",
                self.stage,
                first(&self.errors),
                first(&causes)
            );
            let about = self.errors.first().or(causes.first());
            let field = about.map(|cause| common(&cause.field)).unwrap_or_default();
            return Some(Mismatch::new(
                format!("{} / {step} {field}", self.stage),
                told,
            ));
        }
        let mut wanted = self.errors.clone();
        if matches!(step, "decode" | "kind") {
            wanted
                .iter_mut()
                .chain(&mut causes)
                .for_each(|cause| cause.detail.clear());
        }
        let mut warnings = (self.warnings.clone(), got.warnings.clone());
        if self.unordered {
            wanted.sort();
            causes.sort();
            warnings.0.sort();
            warnings.1.sort();
        }
        lists(
            "error",
            &wanted,
            &causes,
            Cause::is_like,
            Cause::tell,
            |it| common(&it.field),
        )
        .or_else(|| {
            let (wanted, got) = &warnings;
            lists("warning", wanted, got, String::eq, Clone::clone, |it| {
                common(it)
            })
        })
        .or_else(|| self.message(step, got))
        .or_else(|| stored(self.defaulted.as_ref(), got.stored.as_ref()))
    }

    /// The whole sentence, where nothing in it is left to chance or to Go.
    fn message(&self, step: &str, got: &Verdict) -> Option<Mismatch> {
        let plain = self
            .errors
            .iter()
            .all(|it| Printed::of(&it.detail).is_none());
        if step != "validate" || self.unordered || !plain || self.message == got.message() {
            return None;
        }
        let told = format!(
            "expected the message {:?}, got {:?}",
            self.message,
            got.message()
        );
        Some(Mismatch::new("message", told))
    }
}

fn lists<T>(
    word: &str,
    wanted: &[T],
    got: &[T],
    same: impl Fn(&T, &T) -> bool,
    tell: impl Fn(&T) -> String,
    subject: impl Fn(&T) -> String,
) -> Option<Mismatch> {
    let at = (0..wanted.len().max(got.len())).find(|&at| match (wanted.get(at), got.get(at)) {
        (Some(wanted), Some(got)) => !same(wanted, got),
        _ => true,
    })?;
    let show = |one: Option<&T>| one.map_or_else(|| "none".to_owned(), &tell);
    let told = format!(
        "{word} {} differs\n  expected {}\n  got      {}",
        at + 1,
        show(wanted.get(at)),
        show(got.get(at))
    );
    let about = wanted.get(at).or(got.get(at)).map(subject);
    Some(Mismatch::new(
        format!("{word} {}", about.unwrap_or_default()),
        told,
    ))
}

/// The stored object, field by field.
fn stored(wanted: Option<&Value>, got: Option<&Value>) -> Option<Mismatch> {
    let difference = |at: &str, wanted: Option<&Value>, got: Option<&Value>| {
        let show = |it: Option<&Value>| it.map_or("nothing".to_owned(), ToString::to_string);
        let told = format!(
            "the stored object differs\n  {at}: expected {}, got {}",
            show(wanted),
            show(got)
        );
        Some(Mismatch::new(format!("stored {}", common(at)), told))
    };
    let (Some(wanted), Some(got)) = (wanted, got) else {
        return (wanted.is_some() || got.is_some()).then(|| difference("", wanted, got))?;
    };
    let mut left = vec![(String::new(), wanted, got)];
    while let Some((at, wanted, got)) = left.pop() {
        match (wanted, got) {
            (Value::Object(a), Value::Object(b)) => {
                let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
                for key in keys {
                    let at = format!("{at}.{key}").trim_start_matches('.').to_owned();
                    match (a.get(key), b.get(key)) {
                        (Some(one), Some(other)) => left.push((at, one, other)),
                        (one, other) => return difference(&at, one, other),
                    }
                }
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                let pairs = a.iter().zip(b).enumerate();
                left.extend(pairs.map(|(i, (one, other))| (format!("{at}[{i}]"), one, other)));
            }
            (one, other) if one == other => {}
            (one, other) => return difference(&at, Some(one), Some(other)),
        }
    }
    None
}

impl Cause {
    fn of(refusal: &Refusal) -> Self {
        Self {
            field: refusal.field.clone(),
            reason: refusal.reason.to_owned(),
            detail: refusal.detail.clone(),
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        let texts = match (Printed::of(&self.detail), Printed::of(&other.detail)) {
            (Some(one), Some(other)) => one.is_like(&other),
            (None, None) => self.detail == other.detail,
            _ => false,
        };
        texts && self.field == other.field && self.reason == other.reason
    }

    fn tell(&self) -> String {
        format!("{}: {} ({})", self.field, self.detail, self.reason)
    }
}

/// A detail that prints an object, a list or a map: `Invalid value: {…}: the rest`.
struct Printed<'a> {
    before: &'a str,
    value: &'a str,
    after: &'a str,
}

impl<'a> Printed<'a> {
    const LONG: &'static str = "<long value>";

    fn of(detail: &'a str) -> Option<Self> {
        let colon = detail.find(": ")? + 2;
        let (before, rest) = detail.split_at(colon);
        if !matches!(
            before,
            "Invalid value: " | "Duplicate value: " | "Not found: "
        ) {
            return None;
        }
        let end = match rest.strip_prefix(Self::LONG) {
            Some(_) => Self::LONG.len(),
            None => end_of_object(rest)?,
        };
        let (value, after) = rest.split_at(end);
        Some(Self {
            before,
            value,
            after,
        })
    }

    /// A map of texts, such as labels, has to be the same; of others only the text behind.
    fn is_like(&self, other: &Self) -> bool {
        let exact = self.is_text_map() && other.is_text_map();
        (self.before, self.after) == (other.before, other.after)
            && (!exact || self.value == other.value)
    }

    fn is_text_map(&self) -> bool {
        let read: Result<std::collections::BTreeMap<String, String>, _> =
            serde_json::from_str(self.value);
        // The fields of internal objects begin with a capital.
        read.is_ok_and(|map| {
            !map.keys()
                .any(|key| key.starts_with(|c: char| c.is_uppercase()))
        })
    }
}

/// Where an object ends that a text begins with, as JSON or as Go prints it (`[]core.Rule{…}`).
fn end_of_object(text: &str) -> Option<usize> {
    let name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '*' | '&' | '_');
    let start = text
        .find(|c: char| !name(c))
        .filter(|&at| text[at..].starts_with(['{', '[']))?;
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in text[start..].char_indices() {
        let end = start + at + c.len_utf8();
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => {
                depth -= 1;
                // `[]core.Rule{…}` goes on behind its brackets.
                if depth == 0 && (c == '}' || text[end..].starts_with(": ") || end == text.len()) {
                    return Some(end);
                }
            }
            _ => {}
        }
    }
    None
}

/// A path without indexes, keys and the part that `CronJob`s have before it.
fn common(field: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0;
    let words = field.split(": ").next().unwrap_or_default();
    for c in words.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain.replace("spec.jobTemplate.spec", "spec")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(one: &str, other: &str) -> bool {
        let cause = |detail: &str| Cause {
            detail: detail.to_owned(),
            ..Cause::default()
        };
        cause(one).is_like(&cause(other))
    }

    #[test]
    fn objects_count_by_what_is_said_of_them() {
        let go = "Invalid value: []core.Rule{core.Rule{Name:\"a}\"}}: must not";
        assert!(like(go, "Invalid value: [{\"Name\":\"b\"}]: must not"));
        assert!(like(go, "Invalid value: <long value>: must not"));
        assert!(!like(go, "Invalid value: [{\"Name\":\"b\"}]: must"));
        assert!(!like(go, "Invalid value: \"b\": must not"));
        assert!(!like(
            "Invalid value: {\"a\":\"b\"}: x",
            "Invalid value: {\"a\":\"c\"}: x"
        ));
        assert!(!like("Invalid value: \"a\": x", "Invalid value: \"b\": x"));
    }

    #[test]
    fn paths_have_a_common_form() {
        let field = "spec.jobTemplate.spec.template.spec.containers[3].ports[0].name";
        assert_eq!(common(field), "spec.template.spec.containers.ports.name");
        assert_eq!(
            common("spec.template.labels[a/b]: deprecated"),
            "spec.template.labels"
        );
    }
}
