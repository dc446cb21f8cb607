//! Good values of every field, made from the tables.

use serde_json::{Map, Value, json};

use super::{Field, Kind, Table};
use crate::scenario::leaf::Leaf;
use crate::scenario::vocabulary::FILE;

/// A table, and the fields that lead to it, each with the table around it.
pub(super) struct Place {
    pub(super) table: &'static Table,
    around: Vec<(&'static Table, &'static Field)>,
}

impl Place {
    /// The least document with this mapping in it.
    pub(super) fn document(&self, inner: Value) -> Value {
        let put = |inner: Value, (table, field): &(&'static Table, &'static Field)| {
            let inner = match field.kind {
                Kind::List(_) | Kind::OneOrMany(_) => json!([inner]),
                Kind::ByName(..) => json!({"main": inner}),
                _ => inner,
            };
            with(table, field, inner)
        };
        self.around.iter().rev().fold(inner, put)
    }

    pub(super) fn path(&self) -> Vec<&'static str> {
        self.around.iter().map(|it| it.1.name).collect()
    }
}

/// All mappings of the vocabulary.
pub(super) fn places() -> Vec<Place> {
    let mut places = vec![Place {
        table: &FILE,
        around: Vec::new(),
    }];
    let mut next = 0;
    while next < places.len() {
        for field in places[next].table.all() {
            let Some(table) = inside(field.kind) else {
                continue;
            };
            let mut around = places[next].around.clone();
            around.push((places[next].table, field));
            places.push(Place { table, around });
        }
        next += 1;
    }
    places
}

fn inside(kind: Kind) -> Option<&'static Table> {
    match kind {
        Kind::Table(table) | Kind::Either(_, table) => Some(table),
        Kind::List(item) | Kind::OneOrMany(item) | Kind::ByName(_, item) => inside(*item),
        Kind::Leaf(_) | Kind::OrNull(_) | Kind::Manifest => None,
    }
}

/// Good values of a kind.
pub(super) fn samples(kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Leaf(leaf) => of_leaf(leaf),
        Kind::OrNull(leaf) => {
            let mut samples = of_leaf(leaf);
            samples.push(json!(null));
            samples
        }
        Kind::List(item) => vec![json!([]), json!(samples(*item)), json!(null)],
        Kind::OneOrMany(item) => {
            let mut all = samples(*item);
            all.push(json!([all[0]]));
            all
        }
        Kind::ByName(_, item) => {
            vec![json!({}), json!({"main": samples(*item)[0]}), json!(null)]
        }
        Kind::Table(table) => vec![least(table)],
        Kind::Either(leaf, table) => {
            let mut all = of_leaf(leaf);
            all.push(least(table));
            all
        }
        Kind::Manifest => vec![json!(null)],
    }
}

fn of_leaf(leaf: Leaf) -> Vec<Value> {
    match leaf {
        Leaf::Time => vec![
            json!(1.5),
            json!(0),
            json!("0"),
            json!("1m30s"),
            json!("2d"),
        ],
        Leaf::When => vec![json!(1), json!("250ms"), json!("never"), json!(null)],
        Leaf::Law => vec![json!(1.5), json!("20m..35m"), json!("exp(7h)")],
        Leaf::LawOrNever => vec![json!("20m..35m"), json!(1), json!("never"), json!(null)],
        Leaf::Chance => vec![json!("2%"), json!("1/50"), json!(1), json!(0.5)],
        Leaf::Assertion => vec![json!("p(complete) >= 0.99"), json!("p95(duration)<=2h")],
        Leaf::Rate => vec![json!(0.001), json!(20), json!("unlimited"), json!(null)],
        Leaf::Millis => vec![json!(0), json!(12.5)],
        Leaf::Whole(least, most) => vec![json!(least), json!(least.saturating_add(3).min(most))],
        Leaf::Quantity => vec![json!(8), json!("500m"), json!("32Gi"), json!(1.5)],
        Leaf::Ending => vec![json!(42), json!("SIGKILL"), json!("oomKilled")],
        Leaf::Failing => vec![json!("2%:42"), json!("1/50"), json!("1/50:oomKilled")],
        Leaf::Amount => vec![json!(2), json!("50%")],
        Leaf::Ranges => vec![json!("0-9,12"), json!(3)],
        Leaf::Flag => vec![json!(true), json!(false)],
        Leaf::Yes => vec![json!(true)],
        Leaf::Text => vec![json!(""), json!("text")],
        Leaf::Name => vec![json!("text"), json!("node-1")],
        Leaf::Label => vec![json!("3"), json!("2.0")],
        Leaf::Release => vec![json!("1.31"), json!("v1.29"), json!("1.37.2")],
        Leaf::OneOf(words) => words.iter().map(|word| json!(word)).collect(),
    }
}

/// The least mapping that a table accepts.
pub(super) fn least(table: &Table) -> Value {
    let mut map = Map::new();
    for field in table.all().filter(|field| field.required) {
        let sample = samples(field.kind);
        // Faults end later than they begin.
        let at = if field.name == "to" { 4 } else { 0 };
        map.insert(field.name.to_owned(), sample[at].clone());
    }
    for choice in table.choices {
        let field = table.get(choice.names[0]).unwrap();
        map.insert(field.name.to_owned(), samples(field.kind)[0].clone());
        together(table, field, &mut map);
    }
    Value::Object(map)
}

fn together(table: &Table, field: &Field, map: &mut Map<String, Value>) {
    if table.together.contains(&field.name) {
        for name in table.together {
            let other = table.get(name).unwrap();
            let sample = samples(other.kind)[0].clone();
            map.entry(other.name.to_owned()).or_insert(sample);
        }
    }
}

/// The least mapping with that field in it.
pub(super) fn with(table: &Table, field: &Field, value: Value) -> Value {
    let Value::Object(mut map) = least(table) else {
        unreachable!("a mapping");
    };
    for choice in table.choices {
        if choice.names.contains(&field.name) {
            for name in choice.names.iter().chain(table.together) {
                map.remove(*name);
            }
        }
    }
    if field.name == "eachNode" {
        map.remove("patch");
        map.insert("drain".to_owned(), json!("any"));
    }
    // What makes sense together with something else alone.
    let with = match (field.name, table.get("operator").is_some()) {
        ("values", true) => Some(("operator", json!("In"))),
        ("exit", _) if table.get("kills").is_some() => Some(("kills", json!("child"))),
        _ => None,
    };
    map.extend(with.map(|(name, value)| (name.to_owned(), value)));
    map.insert(field.name.to_owned(), value);
    together(table, field, &mut map);
    Value::Object(map)
}
