//! The JSON schema of scenario files, made from the table of their fields.

use serde_json::{Map, Value, json};

use super::vocabulary;

#[cfg(test)]
mod tests;

/// What an action may do.
pub(super) static DEEDS: [&str; 8] = [
    "patch",
    "deleteJob",
    "deletePod",
    "evict",
    "nodeLost",
    "unlabelPod",
    "relabelPod",
    "restartControllers",
];
pub(super) const PROPAGATIONS: &[&str] = &["Background", "Foreground", "Orphan"];
pub(super) const VERBS: &[&str] = &["create", "get", "update", "patch", "delete"];
pub(super) const RESOURCES: &[&str] = &["jobs", "jobs/status", "pods", "events"];

/// A mapping with fields.
pub(super) struct Table {
    pub(super) text: &'static str,
    /// Exactly one of these fields is there, if there are any here.
    pub(super) one_of: &'static [&'static str],
    pub(super) fields: &'static [Field],
}

/// A field of a mapping.
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The numbers of the rules that it matters to.
    pub(super) rule: &'static str,
    pub(super) kind: Kind,
    /// What it means, in sentences, with its unit.
    pub(super) text: &'static str,
    pub(super) required: bool,
}

/// What stands in a field.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// One value.
    Leaf(Leaf),
    /// One value, or `null` to remove a field.
    OrNull(Leaf),
    /// Any number of values; none if it is empty.
    List(&'static Kind),
    /// A mapping with fields.
    Table(&'static Table),
    /// A mapping from names that are not ours.
    ByName(Leaf),
    /// The manifest of a Job.
    Manifest,
}

/// A value without parts.
#[derive(Clone, Copy)]
pub(super) enum Leaf {
    /// A length of time.
    Time,
    /// A length of time, or never.
    When,
    /// Requests a second.
    Rate,
    /// A number of milliseconds.
    Millis,
    /// A whole number from one to the other.
    Whole(i64, i64),
    /// A boolean.
    Flag,
    /// `true`.
    Yes,
    /// A text.
    Text,
    /// A pod by its place in the Job.
    Label,
    /// A release of Kubernetes.
    Release,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// The JSON schema (draft 2020-12) of scenario files, for editors and their completion.
///
/// ```
/// let schema = dryjob::scenario::json_schema();
/// let at = &schema["properties"]["actions"]["items"]["properties"]["at"];
/// assert_eq!(at["description"], "When, after the creation of the Job.");
/// ```
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = table(&vocabulary::FILE);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("dryjob scenario");
    schema
}

fn table(table: &Table) -> Value {
    let mut properties = Map::new();
    for field in table.fields {
        let mut schema = kind(field.kind);
        let rules = match field.rule {
            "" => String::new(),
            rule => format!(" ({rule})"),
        };
        schema["description"] = json!(format!("{}{rules}", field.text));
        properties.insert(field.name.to_owned(), schema);
    }
    let required = table.fields.iter().filter(|field| field.required);
    let required = required.map(|field| field.name).collect::<Vec<_>>();
    let mut schema = json!({
        "type": "object",
        "description": table.text,
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !table.one_of.is_empty() {
        let one = |name: &&str| json!({"required": [name]});
        schema["oneOf"] = table.one_of.iter().map(one).collect();
    }
    schema
}

fn kind(kind_: Kind) -> Value {
    match kind_ {
        Kind::Leaf(it) => leaf(it),
        Kind::OrNull(it) => json!({"anyOf": [leaf(it), {"type": "null"}]}),
        Kind::List(item) => json!({"type": ["array", "null"], "items": kind(*item)}),
        Kind::Table(it) => table(it),
        Kind::ByName(it) => {
            json!({"type": ["object", "null"], "additionalProperties": leaf(it)})
        }
        Kind::Manifest => json!({"type": ["object", "null"]}),
    }
}

fn leaf(leaf: Leaf) -> Value {
    let seconds = json!({"type": "number", "minimum": 0, "maximum": 1e10});
    let unit = r"([0-9]+\.?[0-9]*|\.[0-9]+)(h|m|s|ms|us|µs|μs|ns)";
    let duration = json!({"type": "string", "pattern": format!("^(0|({unit})+)$")});
    match leaf {
        Leaf::Time => json!({"anyOf": [duration, seconds]}),
        Leaf::When => json!({"anyOf": [duration, seconds, {"enum": ["never", null]}]}),
        Leaf::Rate => json!({"anyOf": [
            {"type": "number", "minimum": 0.001, "maximum": 1e6},
            {"enum": ["unlimited", null]},
        ]}),
        Leaf::Millis => json!({"type": "number", "minimum": 0, "maximum": 1e13}),
        Leaf::Whole(i64::MIN, i64::MAX) => json!({"type": "integer"}),
        Leaf::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Leaf::Flag => json!({"type": "boolean"}),
        Leaf::Yes => json!({"const": true}),
        Leaf::Text => json!({"type": "string"}),
        Leaf::Label => json!({"anyOf": [
            {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"},
            {"type": "number", "minimum": 0},
        ]}),
        Leaf::Release => json!({"anyOf": [
            {"type": "string", "pattern": r"^v?1\.[0-9]+(\.[0-9]+)?$"},
            {"type": "number"},
        ]}),
        Leaf::OneOf(words) => json!({"enum": words}),
    }
}
