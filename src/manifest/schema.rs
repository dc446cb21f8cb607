//! The fields of `Job` and `CronJob` and their types, all of them, as a table.
//!
//! Unknown fields and wrong types are found here for the whole object, also where nothing of ours
//! ever looks at the values. The tables are text, in `schema/*.types`; to add the fields of a new
//! release is to add words there: `name@1.37 type` is a field that older releases do not know, and
//! `Holder/name type` one that is in a structure inside, which only decoders speak of.

mod walk;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::model::Release;
pub(super) use walk::check;

const TABLES: [&str; 3] = [
    include_str!("schema/job.types"),
    include_str!("schema/pod.types"),
    include_str!("schema/volume.types"),
];

/// A field of a structure.
#[derive(Debug)]
struct Field {
    name: &'static str,
    /// The structure inside the structure that has it, or an empty text.
    inside: &'static str,
    /// The text of its type.
    of: &'static str,
    /// What that means, once somebody has asked.
    known: OnceLock<Type>,
    /// The first release that knows it.
    since: Release,
}

impl Field {
    fn wanted(&'static self) -> Wanted {
        Wanted {
            of: self.of,
            kind: *self.known.get_or_init(|| resolve(self.of)),
        }
    }
}

/// A type: its text, and what that means.
#[derive(Clone, Copy)]
struct Wanted {
    of: &'static str,
    kind: Type,
}

impl Wanted {
    fn new(of: &'static str) -> Self {
        Self {
            of,
            kind: resolve(of),
        }
    }
}

/// What a name in the tables stands for.
#[derive(Debug)]
enum Shape {
    /// Fields.
    Struct(Vec<Field>),
    /// Another name for a type.
    Alias(&'static str),
}

/// The type that a text in the tables means.
#[derive(Clone, Copy, Debug)]
enum Type {
    Text,
    Bool,
    Int32,
    Int64,
    Quantity,
    Time,
    IntOrString,
    Any,
    List(&'static str),
    Map(&'static str),
    Struct(&'static [Field]),
}

fn table() -> &'static BTreeMap<&'static str, Shape> {
    static TABLE: OnceLock<BTreeMap<&'static str, Shape>> = OnceLock::new();
    TABLE.get_or_init(|| TABLES.iter().flat_map(|text| entries(text)).collect())
}

/// The entries of a table: each begins at the left margin, its other lines are indented.
fn entries(text: &'static str) -> Vec<(&'static str, Shape)> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if !line.starts_with([' ', '#', '\n']) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let entries = starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| &text[start..end]);
    entries.filter_map(entry).collect()
}

fn entry(text: &'static str) -> Option<(&'static str, Shape)> {
    if let Some((name, other)) = text.split_once(" = ") {
        return Some((name, Shape::Alias(other.trim())));
    }
    let (name, fields) = text.split_once(':')?;
    let field = |field: &'static str| {
        let (name, of) = field.trim().split_once(char::is_whitespace)?;
        let (inside, name) = name.split_once('/').unwrap_or(("", name));
        let (name, since) = name.split_once('@').unwrap_or((name, "1.29"));
        Some(Field {
            name,
            inside,
            of: of.trim(),
            known: OnceLock::new(),
            since: since.parse().ok()?,
        })
    };
    Some((
        name,
        Shape::Struct(fields.split(',').filter_map(field).collect()),
    ))
}

fn resolve(of: &'static str) -> Type {
    if let Some(item) = of.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Type::List(item);
    }
    if let Some(item) = of.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return Type::Map(item);
    }
    match of {
        "string" => Type::Text,
        "bool" => Type::Bool,
        "int32" => Type::Int32,
        "int64" => Type::Int64,
        "quantity" => Type::Quantity,
        "time" => Type::Time,
        "intOrString" => Type::IntOrString,
        _ => match table().get(of) {
            Some(Shape::Struct(fields)) => Type::Struct(fields),
            Some(Shape::Alias(other)) => resolve(other),
            None => Type::Any,
        },
    }
}

/// How Go prints a type.
fn go_name(of: &str) -> String {
    if let Some(item) = of.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return format!("[]{}", go_name(item));
    }
    if let Some(item) = of.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return format!("map[string]{}", go_name(item));
    }
    match of {
        "string" | "bool" | "int32" | "int64" => of.to_owned(),
        _ if of.contains('.') => of.to_owned(),
        _ => format!("v1.{of}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(of: &'static str) -> bool {
        let of = of
            .trim_start_matches(['[', '{'])
            .trim_end_matches([']', '}']);
        of == "any" || !matches!(resolve(of), Type::Any)
    }

    #[test]
    fn every_type_that_the_tables_name_is_in_them() {
        let mut fields = 0;
        for (name, shape) in table() {
            match shape {
                Shape::Alias(other) => assert!(known(other), "{name} = {other}"),
                Shape::Struct(all) => {
                    fields += all.len();
                    for field in all {
                        assert!(known(field.of), "{name}.{field:?}");
                    }
                }
            }
        }
        assert!(fields > 600, "{fields}");
    }

    #[test]
    fn types_are_printed_as_go_prints_them() {
        assert_eq!(go_name("[Container]"), "[]v1.Container");
        assert_eq!(go_name("{string}"), "map[string]string");
        assert_eq!(go_name("types.UID"), "types.UID");
    }
}
