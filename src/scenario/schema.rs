//! What tables of fields are made of, and the JSON schema of scenario files that follows from them.

use serde_json::{Map, Value, json};

use super::leaf::Leaf;
use super::vocabulary;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

/// A mapping with fields.
pub(super) struct Table {
    pub(super) text: &'static str,
    /// Of each of these groups exactly one field is there.
    pub(super) choices: &'static [Choice],
    /// Fields that are there together or not at all.
    pub(super) together: &'static [&'static str],
    /// In one piece or in several, each for a subject.
    pub(super) fields: &'static [&'static [Field]],
}

/// Fields of which exactly one is there.
pub(super) struct Choice {
    pub(super) names: &'static [&'static str],
    /// What is said where there is none of them.
    pub(super) none: &'static str,
    /// What is said where there are several, before their names.
    pub(super) several: &'static str,
    /// How to mend that.
    pub(super) help: &'static str,
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
    /// A value, or a list of any number of them.
    OneOrMany(&'static Kind),
    /// A mapping with fields.
    Table(&'static Table),
    /// A mapping with fields, or one value in its place that says the most important thing.
    Either(Leaf, &'static Table),
    /// A mapping from names that are not ours: what they are names of, and what they lead to.
    ByName(&'static str, &'static Kind),
    /// The manifest of a Job.
    Manifest,
}

impl Table {
    /// A table of fields that are free to be there or not.
    pub(super) const fn plain(text: &'static str, fields: &'static [&'static [Field]]) -> Self {
        Self {
            text,
            choices: &[],
            together: &[],
            fields,
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &'static Field> + Clone {
        self.fields.iter().flat_map(|part| part.iter())
    }

    pub(super) fn get(&self, name: &str) -> Option<&'static Field> {
        self.all().find(|field| field.name == name)
    }
}

pub(super) const fn field(
    name: &'static str,
    rule: &'static str,
    kind: Kind,
    text: &'static str,
) -> Field {
    Field {
        name,
        rule,
        kind,
        text,
        required: false,
    }
}

pub(super) const fn needed(
    name: &'static str,
    rule: &'static str,
    kind: Kind,
    text: &'static str,
) -> Field {
    Field {
        required: true,
        ..field(name, rule, kind, text)
    }
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
    for field in table.all() {
        let mut schema = kind(field.kind);
        let rules = match field.rule {
            "" => String::new(),
            rule => format!(" ({rule})"),
        };
        schema["description"] = json!(format!("{}{rules}", field.text));
        properties.insert(field.name.to_owned(), schema);
    }
    let required = table.all().filter(|field| field.required);
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
    let one_of = |choice: &Choice| {
        let one = |name: &&str| json!({"required": [name]});
        json!({"oneOf": choice.names.iter().map(one).collect::<Vec<_>>()})
    };
    if !table.choices.is_empty() {
        schema["allOf"] = table.choices.iter().map(one_of).collect();
    }
    if !table.together.is_empty() {
        let all = json!(table.together);
        let needs = table.together.iter();
        schema["dependentRequired"] = needs.map(|it| ((*it).to_owned(), all.clone())).collect();
    }
    schema
}

fn kind(kind_: Kind) -> Value {
    match kind_ {
        Kind::Leaf(it) => it.schema(),
        Kind::OrNull(it) => json!({"anyOf": [it.schema(), {"type": "null"}]}),
        Kind::List(item) => json!({"type": ["array", "null"], "items": kind(*item)}),
        Kind::OneOrMany(item) => {
            let item = kind(*item);
            json!({"anyOf": [item, {"type": ["array", "null"], "items": item}]})
        }
        Kind::Table(it) => table(it),
        Kind::Either(it, long) => json!({"anyOf": [it.schema(), table(long)]}),
        Kind::ByName(_, it) => {
            json!({"type": ["object", "null"], "additionalProperties": kind(*it)})
        }
        Kind::Manifest => json!({"type": ["object", "null"]}),
    }
}
