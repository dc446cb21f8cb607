//! The schema, the table and the types that decode say the same.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::manifest::read_value;
use crate::scenario::file::FileWords;
use crate::scenario::tests::{EXAMPLES, example};
use crate::scenario::{ScenarioFile, vocabulary::FILE};

/// A table, its schema, and the document in which a mapping stands at its place.
struct Place {
    table: &'static Table,
    schema: Value,
    around: Vec<(&'static str, bool)>,
}

impl Place {
    /// The least document with this mapping in it.
    fn document(&self, inner: Value) -> Value {
        let put = |inner: Value, (name, listed): &(&'static str, bool)| {
            let inner = if *listed { json!([inner]) } else { inner };
            json!({*name: inner})
        };
        self.around.iter().rev().fold(inner, put)
    }
}

/// All mappings of the vocabulary.
fn places() -> Vec<Place> {
    let mut places = vec![Place {
        table: &FILE,
        schema: json_schema(),
        around: Vec::new(),
    }];
    let mut next = 0;
    while next < places.len() {
        for field in places[next].table.fields {
            let schema = &places[next].schema["properties"][field.name];
            let (table, schema, listed) = match field.kind {
                Kind::Table(table) => (table, schema, false),
                Kind::List(Kind::Table(table)) => (*table, &schema["items"], true),
                _ => continue,
            };
            let mut around = places[next].around.clone();
            around.push((field.name, listed));
            let schema = schema.clone();
            places.push(Place {
                table,
                schema,
                around,
            });
        }
        next += 1;
    }
    places
}

/// Decodes as the types do, without a look at the table.
fn decode(document: Value) -> Result<FileWords, String> {
    serde_json::from_value(document).map_err(|error| error.to_string())
}

fn accepts(document: &Value) -> bool {
    ScenarioFile::read("-", document.to_string().as_bytes()).is_ok()
}

fn names(table: &Table) -> BTreeSet<String> {
    table.fields.iter().map(|it| it.name.to_owned()).collect()
}

/// Good values of a kind.
fn samples(kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Leaf(leaf) => match leaf {
            Leaf::Time => vec![json!(0), json!(1.5), json!("0"), json!("1m30s")],
            Leaf::When => vec![json!(1), json!("250ms"), json!("never"), json!(null)],
            Leaf::Rate => vec![json!(0.001), json!(20), json!("unlimited"), json!(null)],
            Leaf::Millis => vec![json!(0), json!(12.5)],
            Leaf::Whole(least, most) => vec![json!(least), json!(most)],
            Leaf::Flag => vec![json!(true), json!(false)],
            Leaf::Yes => vec![json!(true)],
            Leaf::Text => vec![json!(""), json!("text")],
            Leaf::Label => vec![json!("3"), json!("2.0")],
            Leaf::Release => vec![json!("1.31"), json!("v1.29"), json!("1.37.2")],
            Leaf::OneOf(words) => words.iter().map(|word| json!(word)).collect(),
        },
        Kind::OrNull(leaf) => {
            let mut samples = samples(Kind::Leaf(leaf));
            samples.push(json!(null));
            samples
        }
        Kind::List(item) => {
            let items = samples(*item);
            vec![json!([]), json!(items)]
        }
        Kind::ByName(leaf) => {
            let codes = samples(Kind::Leaf(leaf));
            vec![json!({}), json!({"main": codes[0], "logs": codes[1]})]
        }
        Kind::Table(table) => vec![least(table)],
        Kind::Manifest => vec![json!(null)],
    }
}

/// The least mapping that a table accepts.
fn least(table: &Table) -> Value {
    let mut map = Map::new();
    for field in table.fields {
        if field.required {
            // The last time is later than the first: faults need that.
            let sample = samples(field.kind);
            let at = if field.name == "to" { 3 } else { 0 };
            map.insert(field.name.to_owned(), sample[at].clone());
        }
    }
    if table.one_of.contains(&"evict") {
        map.insert("evict".to_owned(), json!("0"));
    }
    Value::Object(map)
}

#[test]
fn the_types_decode_exactly_the_fields_of_the_schema() {
    for place in places() {
        let error = decode(place.document(json!({"?": 1}))).unwrap_err();
        let quoted = error.split('`').skip(1).step_by(2);
        let decoded = quoted.skip(1).map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(decoded, names(place.table), "{:?}: {error}", place.around);
        let properties = place.schema["properties"].as_object().unwrap();
        let described = properties.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(described, names(place.table), "{:?}", place.around);
    }
}

#[test]
fn good_values_are_good_for_all_three() {
    let schema = json_schema();
    for place in places() {
        for field in place.table.fields {
            for sample in samples(field.kind) {
                // A fault that ends as it begins is refused, though not by the schema.
                let zero = sample == json!(0) || sample == json!("0");
                if field.name == "to" && zero {
                    continue;
                }
                let mut inner = least(place.table);
                if place.table.one_of.contains(&field.name) {
                    inner = json!({"at": 1});
                }
                if field.name == "from" {
                    inner["to"] = json!("1h");
                }
                inner[field.name] = sample;
                let document = around(&place, inner);
                assert_eq!(complaints(&schema, &document, ""), [""; 0], "{document}");
                assert!(decode(document.clone()).is_ok(), "{document}");
                assert!(accepts(&document), "{document}");
            }
        }
    }
}

/// The document around a mapping, with what its neighbours need.
fn around(place: &Place, inner: Value) -> Value {
    let mut document = place.document(inner);
    if place.around.len() > 1 && place.around[0].0 == "actions" {
        document["actions"][0]["at"] = json!(1);
    }
    document
}

#[test]
fn bad_values_are_bad_for_the_schema_and_for_us() {
    let schema = json_schema();
    for place in places() {
        for field in place.table.fields {
            let mut inner = least(place.table);
            inner[field.name] = json!([{"no": "such"}]);
            let document = around(&place, inner);
            assert_ne!(complaints(&schema, &document, ""), [""; 0], "{document}");
            assert!(!accepts(&document), "{document}");
            if field.required {
                let mut inner = least(place.table);
                inner.as_object_mut().unwrap().remove(field.name);
                let document = place.document(inner);
                assert_ne!(complaints(&schema, &document, ""), [""; 0], "{document}");
                assert!(decode(document.clone()).is_err(), "{document}");
                assert!(!accepts(&document), "{document}");
            }
        }
    }
}

#[test]
fn every_field_says_what_it_means() {
    for place in places() {
        for field in place.table.fields {
            let name = field.name;
            assert!(field.text.ends_with('.'), "{name}: a sentence");
            let number = |rule: &str| rule.strip_prefix('J').and_then(|it| it.parse::<u8>().ok());
            let rules = field.rule.split(", ").filter(|rule| !rule.is_empty());
            assert!(rules.map(number).all(|it| it.is_some()), "{name}: rules");
            let text = place.schema["properties"][name]["description"].as_str();
            assert!(text.is_some_and(|it| it.starts_with(field.text)), "{name}");
        }
    }
}

#[test]
fn the_examples_follow_the_schema() {
    let schema = json_schema();
    for name in EXAMPLES {
        let file = read_value(name, example(name).as_bytes()).unwrap();
        let value = serde_json::to_value(file.value()).unwrap();
        assert_eq!(complaints(&schema, &value, ""), [""; 0], "{name}");
    }
    let wrong = json!({"pods": [{"runs": 1}], "actions": [{}, {"at": []}], "qps": 0, "id": 1});
    let want = [
        "/actions/0/at is missing",
        "/actions/0: 0 of oneOf",
        "/actions/1/at: anyOf",
        "/actions/1: 0 of oneOf",
        "/id: type",
        "/pods/0/runs: not allowed",
        "/qps: anyOf",
    ];
    assert_eq!(complaints(&schema, &wrong, ""), want);
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
