//! Errors about fields, in the API server's words.

use serde::Serialize;

use crate::manifest::suggest::nearest;

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
}

/// Errors in the order in which they are found.
#[derive(Debug, Default)]
pub(in crate::manifest) struct Findings {
    all: Vec<Finding>,
}

impl Findings {
    /// The errors, each sentence once.
    pub(super) fn finish(self) -> Vec<Finding> {
        let mut once: Vec<Finding> = Vec::new();
        for one in self.all {
            if !once
                .iter()
                .any(|o| (&o.field, &o.detail) == (&one.field, &one.detail))
            {
                once.push(one);
            }
        }
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

    pub(super) fn required(&mut self, field: &str, text: &str) {
        let colon = if text.is_empty() { "" } else { ": " };
        self.add(
            "FieldValueRequired",
            field,
            format!("Required value{colon}{text}"),
        );
    }

    pub(super) fn invalid(&mut self, field: &str, value: &(impl Serialize + ?Sized), text: &str) {
        let value = json(value);
        self.add(
            "FieldValueInvalid",
            field,
            format!("Invalid value: {value}: {text}"),
        );
    }

    /// An invalid value that is too long to be printed.
    pub(super) fn invalid_whole(&mut self, field: &str, text: &str) {
        self.add("FieldValueInvalid", field, format!("Invalid value: {text}"));
    }

    pub(super) fn not_supported(&mut self, field: &str, value: &str, supported: &[&str]) {
        let meant = nearest(value, supported.iter().copied());
        let supported = supported.iter().map(json).collect::<Vec<_>>().join(", ");
        let value = json(value);
        let detail = format!("Unsupported value: {value}: supported values: {supported}");
        self.add("FieldValueNotSupported", field, detail);
        if let Some(meant) = meant {
            self.help(&format!("did you mean `{meant}`?"));
        }
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
        let detail = format!("Too long: may not be more than {most} bytes");
        self.add("FieldValueTooLong", field, detail);
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
