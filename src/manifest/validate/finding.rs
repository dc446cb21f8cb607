//! Errors about fields, in the API server's words.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::manifest::suggest::nearest;
use crate::model::{Check, Release};

/// One error about one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::manifest) struct Finding {
    /// `FieldValueRequired` and the like.
    pub(in crate::manifest) reason: &'static str,
    pub(in crate::manifest) field: String,
    /// The type and the text: `Required value: …`.
    pub(in crate::manifest) detail: String,
    /// What the mark in the manifest says.
    pub(in crate::manifest) note: String,
    pub(in crate::manifest) help: Option<String>,
    /// The same two, if the field is in the manifest: else its default is spoken of.
    pub(in crate::manifest) if_given: Option<(&'static str, &'static str)>,
}

/// Errors in the order in which they are found.
#[derive(Debug)]
pub(in crate::manifest) struct Findings {
    all: Vec<Finding>,
    release: Release,
}

impl Findings {
    /// No error yet, of an API server of this release.
    pub(super) fn on(release: Release) -> Self {
        Self {
            all: Vec::new(),
            release,
        }
    }

    /// Whether the release checks in this way.
    pub(super) fn has(&self, check: Check) -> bool {
        self.release.has(check)
    }

    pub(super) fn release(&self) -> Release {
        self.release
    }

    /// How many errors there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// All errors, as often as they were found.
    pub(super) fn all(self) -> Vec<Finding> {
        self.all
    }

    /// The errors, each sentence once.
    pub(in crate::manifest) fn finish(self) -> Vec<Finding> {
        let mut seen = BTreeSet::new();
        let mut once = self.all;
        once.retain(|one| seen.insert((one.field.clone(), one.detail.clone())));
        once
    }

    fn add(&mut self, reason: &'static str, field: &str, detail: String) {
        let field = field.to_owned();
        self.all.push(Finding {
            reason,
            field,
            detail,
            ..Finding::default()
        });
    }

    /// Says in our words what the latest error is about.
    pub(super) fn note(&mut self, note: &str) {
        if let Some(last) = self.all.last_mut() {
            note.clone_into(&mut last.note);
        }
    }

    /// Says how to mend the latest error.
    pub(super) fn help(&mut self, help: &str) {
        if let Some(last) = self.all.last_mut() {
            last.help = Some(help.to_owned());
        }
    }

    /// Says both about a value of the latest error that is no default.
    pub(super) fn if_given(&mut self, note: &'static str, help: &'static str) {
        if let Some(last) = self.all.last_mut() {
            last.if_given = Some((note, help));
        }
    }

    pub(super) fn required(&mut self, field: &str, text: &str) {
        let colon = if text.is_empty() { "" } else { ": " };
        self.add(
            "FieldValueRequired",
            field,
            format!("Required value{colon}{text}"),
        );
    }

    pub(super) fn invalid(&mut self, field: &str, value: &(impl Serialize + ?Sized), text: &str) {
        let value = match json(value) {
            null if null == "null" && !self.has(Check::ValuesAsJson) => "\"null\"".to_owned(),
            other => other,
        };
        self.invalid_printed(field, &value, text);
    }

    /// A value that is printed like this is invalid.
    pub(super) fn invalid_printed(&mut self, field: &str, printed: &str, text: &str) {
        let detail = format!("Invalid value: {printed}: {text}");
        self.add("FieldValueInvalid", field, detail);
    }

    /// The name of a resource is invalid; older API servers do not quote it.
    pub(super) fn invalid_resource(&mut self, field: &str, name: &str, text: &str) {
        if self.has(Check::ValuesAsJson) {
            self.invalid(field, name, text);
        } else {
            self.invalid_printed(field, name, text);
        }
    }

    /// An error for each flaw of a text.
    pub(super) fn flaws(&mut self, field: &str, text: &str, flaws: Vec<String>) {
        for flaw in flaws {
            self.invalid(field, text, &flaw);
        }
    }

    pub(super) fn forbidden(&mut self, field: &str, text: &str) {
        self.add("FieldValueForbidden", field, format!("Forbidden: {text}"));
    }

    pub(super) fn not_found(&mut self, field: &str, value: &str, text: &str) {
        let colon = if text.is_empty() { "" } else { ": " };
        let detail = format!("Not found: {}{colon}{text}", json(value));
        self.add("FieldValueNotFound", field, detail);
    }

    /// The name of a resource is not supported; older API servers do not quote it.
    pub(super) fn not_supported_resource(&mut self, field: &str, name: &str, supported: &[&str]) {
        if self.has(Check::ValuesAsJson) {
            self.not_supported(field, name, supported);
        } else {
            self.unsupported(field, name, supported);
        }
    }

    /// The text is not one of those that are supported.
    pub(super) fn one_of(&mut self, field: &str, value: &str, supported: &[&str]) {
        if !supported.contains(&value) {
            self.not_supported(field, value, supported);
        }
    }

    /// A number lies outside of what is allowed.
    pub(super) fn within(&mut self, field: &str, n: i64, least: i64, most: i64) {
        if n < least || n > most {
            let text = format!("must be between {least} and {most}, inclusive");
            self.invalid(field, &n, &text);
        }
    }

    /// A text that has to be there is empty.
    pub(super) fn not_empty(&mut self, field: &str, text: &str) {
        if text.is_empty() {
            self.required(field, "");
        }
    }

    /// An invalid value that is too long to be printed.
    pub(super) fn invalid_whole(&mut self, field: &str, text: &str) {
        self.add("FieldValueInvalid", field, format!("Invalid value: {text}"));
    }

    pub(super) fn not_supported(&mut self, field: &str, value: &str, supported: &[&str]) {
        let meant = nearest(value, supported.iter().copied());
        self.unsupported(field, &json(value), supported);
        if let Some(meant) = meant {
            self.help(&format!("did you mean `{meant}`?"));
        }
    }

    /// A value that is printed like this is not supported.
    pub(super) fn unsupported(&mut self, field: &str, printed: &str, supported: &[&str]) {
        let supported = supported.iter().map(json).collect::<Vec<_>>().join(", ");
        let detail = format!("Unsupported value: {printed}: supported values: {supported}");
        self.add("FieldValueNotSupported", field, detail);
    }

    pub(super) fn duplicate(&mut self, field: &str, value: &(impl Serialize + ?Sized)) {
        self.add(
            "FieldValueDuplicate",
            field,
            format!("Duplicate value: {}", json(value)),
        );
    }

    pub(super) fn too_many(&mut self, field: &str, count: usize, most: usize) {
        if count > most {
            let detail = format!("Too many: {count}: must have at most {most} items");
            self.add("FieldValueTooMany", field, detail);
        }
    }

    pub(super) fn too_long(&mut self, field: &str, most: usize) {
        let words = if self.has(Check::TooLongInBytes) {
            "may not be more than"
        } else {
            "must have at most"
        };
        let detail = format!("Too long: {words} {most} bytes");
        self.add("FieldValueTooLong", field, detail);
    }

    /// A field that may not change has done so. What is empty and what is missing are the same.
    pub(super) fn immutable<T: PartialEq + Serialize>(&mut self, field: &str, new: &T, old: &T) {
        if new != old {
            self.invalid(field, new, "field is immutable");
        }
    }

    /// A field that may not be there at all.
    pub(super) fn forbidden_field(&mut self, field: &str) {
        self.add("FieldValueForbidden", field, "Forbidden".to_owned());
    }

    /// `n` is negative.
    pub(super) fn negative(&mut self, field: &str, n: Option<i64>) {
        if let Some(n) = n.filter(|&n| n < 0) {
            self.invalid(field, &n, "must be greater than or equal to 0");
        }
    }
}

/// A value as the API server prints it.
fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
