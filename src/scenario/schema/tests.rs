//! The schema, the table and what reads the fields say the same.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::samples::{Place, least, places, samples, with};
use super::*;
use crate::manifest::{Flaw, read_value};
use crate::scenario::check;
use crate::scenario::content::Content;
use crate::scenario::tests::{EXAMPLES, THEMES, example};
use crate::scenario::vocabulary::FILE;

/// What the table says is wrong.
fn refused(document: &Value) -> Vec<Flaw> {
    let located = read_value("-", document.to_string().as_bytes()).unwrap();
    check::document(&FILE, &located).1
}

/// What is read, as text.
fn read(document: &Value) -> Result<String, String> {
    let located = read_value("-", document.to_string().as_bytes()).unwrap();
    let (value, flaws) = check::document(&FILE, &located);
    assert_eq!(flaws, [], "{document}");
    let open = |name: &str| Ok(format!("{}\n", name.len()));
    match Content::read(&value, &open) {
        Ok(content) => Ok(format!("{content:?}")),
        Err(flaws) => Err(format!("{flaws:?}")),
    }
}

#[test]
fn good_values_are_good_for_the_table_and_the_schema() {
    let schema = json_schema();
    for place in places() {
        for field in place.table.all() {
            for sample in samples(field.kind) {
                let document = place.document(with(place.table, field, sample));
                assert_eq!(complaints(&schema, &document, ""), [""; 0], "{document}");
                assert_eq!(refused(&document), [], "{document}");
            }
        }
    }
}

#[test]
fn every_field_changes_what_is_read() {
    let mut idle = Vec::new();
    for place in places() {
        // Jobs are read elsewhere, and no spec is an empty one.
        let read_here = |it: &&Field| !["job", "spec"].contains(&it.name);
        for field in place.table.all().filter(read_here) {
            let mut seen = BTreeSet::new();
            let without = with_less(&place, field);
            let documents = samples(field.kind).into_iter();
            let documents = documents.map(|it| place.document(with(place.table, field, it)));
            for document in documents.chain(without) {
                seen.extend(read(&document));
            }
            if seen.len() < 2 {
                idle.push(format!("{:?} {}", place.path(), field.name));
            }
        }
    }
    assert_eq!(idle, [""; 0]);
}

/// The document in which the field is not there, or another one in its place, if that may be.
fn with_less(place: &Place, field: &Field) -> Option<Value> {
    let mut choices = place.table.choices.iter();
    let Some(choice) = choices.find(|it| it.names.contains(&field.name)) else {
        return (!field.required).then(|| place.document(least(place.table)));
    };
    let other = choice.names.iter().find(|name| **name != field.name);
    let other = other.and_then(|name| place.table.get(name)).unwrap();
    let sample = samples(other.kind)[0].clone();
    Some(place.document(with(place.table, other, sample)))
}

#[test]
fn bad_values_are_bad_for_the_table_and_the_schema() {
    let schema = json_schema();
    for place in places() {
        for field in place.table.all() {
            let bad = json!([[{"no": "such"}]]);
            let document = place.document(with(place.table, field, bad));
            assert_ne!(complaints(&schema, &document, ""), [""; 0], "{document}");
            assert_ne!(refused(&document), [], "{document}");
            if field.required {
                let mut inner = least(place.table);
                inner.as_object_mut().unwrap().remove(field.name);
                let document = place.document(inner);
                assert_ne!(complaints(&schema, &document, ""), [""; 0], "{document}");
                assert_ne!(refused(&document), [], "{document}");
            }
        }
        for choice in place.table.choices {
            let mut none = least(place.table);
            none.as_object_mut().unwrap().remove(choice.names[0]);
            let document = place.document(none);
            assert_ne!(complaints(&schema, &document, ""), [""; 0], "{document}");
            assert_ne!(refused(&document), [], "{document}");
        }
        let mut unknown = least(place.table);
        unknown["?"] = json!(1);
        let document = place.document(unknown);
        assert_ne!(complaints(&schema, &document, ""), [""; 0], "{document}");
        assert_ne!(refused(&document), [], "{document}");
    }
}

#[test]
fn every_field_says_what_it_means() {
    for place in places() {
        let mut names = BTreeSet::new();
        for field in place.table.all() {
            let name = field.name;
            assert!(names.insert(name), "{name} is there twice");
            assert!(field.text.ends_with('.'), "{name}: a sentence");
            let number = |rule: &str| {
                let number = rule.strip_prefix(['J', 'P']);
                number.and_then(|it| it.parse::<u8>().ok())
            };
            let rules = field.rule.split(", ").filter(|rule| !rule.is_empty());
            assert!(rules.map(number).all(|it| it.is_some()), "{name}: rules");
        }
        for choice in place.table.choices {
            let unknown = |name: &&&str| !names.contains(**name);
            assert_eq!(choice.names.iter().find(unknown), None);
        }
        assert!(place.table.together.iter().all(|it| names.contains(it)));
        assert!(place.table.text.ends_with('.'), "{}", place.table.text);
    }
    let schema = json_schema();
    let text = schema["properties"]["start"]["description"].as_str();
    assert!(text.is_some_and(|it| it.ends_with("whole seconds. (J24, J41)")));
}

#[test]
fn the_examples_follow_the_schema() {
    let schema = json_schema();
    for name in EXAMPLES.iter().chain(&THEMES).copied() {
        let file = read_value(name, example(name).as_bytes()).unwrap();
        let value = serde_json::to_value(file.value()).unwrap();
        assert_eq!(complaints(&schema, &value, ""), [""; 0], "{name}");
    }
    let wrong = json!({
        "pods": [{"runs": 1}], "actions": [{}, {"at": []}], "qps": 0, "id": 1,
        "faults": [{"from": 0, "to": 1, "verb": "get"}],
    });
    let want = [
        "/actions/0/at is missing",
        "/actions/0: 0 of oneOf",
        "/actions/1/at: anyOf",
        "/actions/1: 0 of oneOf",
        "/faults/0/code is missing for verb",
        "/faults/0/resource is missing for verb",
        "/id: type",
        "/pods/0/runs: not allowed",
        "/qps: anyOf",
    ];
    let mut told = complaints(&schema, &wrong, "");
    told.sort();
    assert_eq!(told, want);
}

/// What of a document does not follow a schema, as far as our schema goes; patterns are left to
/// others.
fn complaints(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut told = Vec::new();
    let fits = |schema: &Value| complaints(schema, value, path).is_empty();
    let types = match &schema["type"] {
        Value::Null => Vec::new(),
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    if !types.is_empty() && !types.iter().any(|it| is_of_type(it, value)) {
        return vec![format!("{path}: type")];
    }
    let beyond = |key: &str, beyond: fn(f64, f64) -> bool| {
        let (value, bound) = (value.as_f64(), schema[key].as_f64());
        value
            .zip(bound)
            .is_some_and(|(value, bound)| beyond(value, bound))
    };
    if beyond("minimum", |value, bound| value < bound) {
        told.push(format!("{path}: minimum"));
    }
    if beyond("maximum", |value, bound| value > bound) {
        told.push(format!("{path}: maximum"));
    }
    told.extend(of_object(schema, value, path));
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        told.extend(complaints(&schema["items"], item, &format!("{path}/{at}")));
    }
    if schema["anyOf"]
        .as_array()
        .is_some_and(|any| !any.iter().any(fits))
    {
        told.push(format!("{path}: anyOf"));
    }
    if let Some(one) = schema["oneOf"].as_array() {
        let count = one.iter().filter(|schema| fits(schema)).count();
        if count != 1 {
            told.push(format!("{path}: {count} of oneOf"));
        }
    }
    if schema["enum"]
        .as_array()
        .is_some_and(|all| !all.contains(value))
    {
        told.push(format!("{path}: enum"));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        told.push(format!("{path}: const"));
    }
    told
}

/// What of a mapping does not follow a schema.
fn of_object(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap();
            if !object.contains_key(name) {
                told.push(format!("{path}/{name} is missing"));
            }
        }
        for (name, value) in object {
            let path = format!("{path}/{name}");
            match (&schema["properties"][name], &schema["additionalProperties"]) {
                (Value::Null, Value::Bool(false)) => told.push(format!("{path}: not allowed")),
                (Value::Null, any) => told.extend(complaints(any, value, &path)),
                (known, _) => told.extend(complaints(known, value, &path)),
            }
        }
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        told.extend(complaints(part, value, path));
    }
    for (name, needs) in schema["dependentRequired"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let needs = needs.as_array().into_iter().flatten();
        for need in needs.filter_map(Value::as_str) {
            if value.get(name).is_some() && value.get(need).is_none() {
                told.push(format!("{path}/{need} is missing for {name}"));
            }
        }
    }
    told
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    match wanted.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    }
}
