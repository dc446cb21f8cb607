//! Holds a document against the table of fields: all flaws at once, each with its field's path.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::schema::{Field, Kind, Leaf, Table};
use super::times::{Rate, Time, When, seconds};
use super::vocabulary::FILE;
use super::words::pod_label;
use crate::manifest::{Flaw, Located};
use crate::model::Release;

/// The document as the types of `words` take it, with pods and releases as texts and empty lists
/// in place of `null`; and everything that is wrong with it.
pub(super) fn document(located: &Located) -> (Value, Vec<Flaw>) {
    let mut value = located.value();
    let mut check = Check {
        located,
        flaws: Vec::new(),
    };
    check.table(&FILE, "", &mut value);
    (value, check.flaws)
}

/// More flaws than anybody reads.
const MANY: usize = 100;

struct Check<'a> {
    located: &'a Located,
    flaws: Vec<Flaw>,
}

impl Check<'_> {
    fn flaw(&mut self, path: &str, words: impl Into<String>) {
        self.flaws.push(Flaw::new(path, words));
    }

    fn kind(&mut self, kind: Kind, path: &str, value: &mut Value) {
        match kind {
            Kind::OrNull(_) if value.is_null() => {}
            Kind::Leaf(leaf) | Kind::OrNull(leaf) => self.leaf(leaf, path, value),
            Kind::List(item) => self.list(*item, path, value),
            Kind::Table(table) => self.table(table, path, value),
            Kind::ByName(leaf) => self.by_name(leaf, path, value),
            Kind::Manifest => {
                if !value.is_null() && !value.is_mapping() {
                    let words = "the manifest of a Job is expected here, itself and not its name";
                    self.flaw(path, words);
                }
            }
        }
    }

    fn table(&mut self, table: &Table, path: &str, value: &mut Value) {
        let Value::Mapping(map) = value else {
            let words = format!("a mapping is expected here, not {}", shown(value));
            let names = table.fields.iter().map(|field| field.name);
            let help = format!("its fields are {}", listed(names));
            return self.flaws.push(Flaw::new(path, words).help(help));
        };
        let known = |name: &str| table.fields.iter().find(|field| field.name == name);
        let mut all_known = true;
        for (key, value) in map.iter_mut() {
            if self.flaws.len() >= MANY {
                return;
            }
            let name = key.as_str().unwrap_or_default();
            let field = below(path, name);
            if let Some(it) = known(name) {
                self.kind(it.kind, &field, value);
            } else {
                all_known = false;
                self.unknown(&field, name, table.fields);
            }
        }
        for field in table.fields.iter().filter(|field| field.required) {
            if !map.contains_key(field.name) {
                let words = "this field is missing";
                let flaw = Flaw::new(below(path, field.name), words).help(field.text);
                self.flaws
                    .push(flaw.note(format!("{} is missing here", field.name)));
            }
        }
        self.deeds(table, path, map, all_known);
    }

    fn unknown(&mut self, path: &str, name: &str, fields: &[Field]) {
        let known = fields.iter().map(|field| field.name);
        let flaw = Flaw::new(path, "unknown field").note("no such field here");
        let flaw = flaw.help(format!("the fields here are {}", listed(known.clone())));
        self.flaws.push(flaw.meant(name, known));
    }

    /// Exactly one of some fields has to be there; a field that is not known may be meant for it.
    fn deeds(&mut self, table: &Table, path: &str, map: &Mapping, all_known: bool) {
        let names = table.one_of.iter().copied();
        let given = names.clone().filter(|name| map.contains_key(*name));
        let given = given.collect::<Vec<_>>();
        match given.as_slice() {
            [_] => {}
            [] if table.one_of.is_empty() || !all_known => {}
            [] => {
                let words = "this action says when, but not what";
                let flaw = Flaw::new(path, words).note("nothing is done here");
                let help = format!("add one of {}", listed(names));
                self.flaws.push(flaw.help(help));
            }
            [.., last] => {
                let words = format!("one action does several things: {}", given.join(", "));
                let flaw = Flaw::new(path, words).note(format!("{last} is one too many"));
                self.flaws
                    .push(flaw.help("write an action for each, at the same time if need be"));
            }
        }
    }

    fn list(&mut self, item: Kind, path: &str, value: &mut Value) {
        match value {
            Value::Null => *value = Value::Sequence(Vec::new()),
            Value::Sequence(items) => {
                for (at, value) in items.iter_mut().enumerate() {
                    if self.flaws.len() >= MANY {
                        return;
                    }
                    self.kind(item, &format!("{path}[{at}]"), value);
                }
            }
            other => {
                let words = format!("a list is expected here, not {}", shown(other));
                self.flaw(path, words);
            }
        }
    }

    fn by_name(&mut self, leaf: Leaf, path: &str, value: &mut Value) {
        match value {
            Value::Null => *value = Value::Mapping(Mapping::new()),
            Value::Mapping(map) => {
                for (key, value) in map.iter_mut() {
                    let name = key.as_str().unwrap_or_default();
                    self.leaf(leaf, &format!("{path}[{name}]"), value);
                }
            }
            other => {
                let words = format!(
                    "a mapping from names of containers is expected here, not {}",
                    shown(other)
                );
                let help = "write the container's name, too: `{main: 1}`";
                self.flaws.push(Flaw::new(path, words).help(help));
            }
        }
    }

    fn leaf(&mut self, leaf: Leaf, path: &str, value: &mut Value) {
        if let (Leaf::Label | Leaf::Release, Value::Number(_)) = (leaf, &*value) {
            let Some(text) = self.located.written(path) else {
                return self.flaw(path, "this number has lost its text: put it in quotes");
            };
            *value = Value::String(text);
        }
        if let Err(words) = fits(leaf, value) {
            let given = value.as_str().unwrap_or_default();
            let flaw = Flaw::new(path, words);
            self.flaws.push(match leaf {
                Leaf::OneOf(known) => flaw.meant(given, known.iter().copied()),
                _ => flaw,
            });
        }
    }
}

/// The path of a field below another.
fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn fits(leaf: Leaf, value: &Value) -> Result<(), String> {
    let otherwise = |wanted: &str| Err(format!("{wanted} is expected here, not {}", shown(value)));
    match leaf {
        Leaf::Time => decodes::<Time>(value),
        Leaf::When => decodes::<When>(value),
        Leaf::Rate => decodes::<Rate>(value),
        Leaf::Millis => match value.as_f64() {
            Some(millis) => seconds(millis / 1000.0).map(|_| ()),
            None => otherwise("a number of milliseconds"),
        },
        Leaf::Whole(least, most) => match value.as_i64() {
            Some(n) if (least..=most).contains(&n) => Ok(()),
            _ if (least, most) == (i64::MIN, i64::MAX) => otherwise("a whole number"),
            _ => otherwise(&format!("a whole number from {least} to {most}")),
        },
        Leaf::Flag if value.is_bool() => Ok(()),
        Leaf::Flag => otherwise("true or false"),
        Leaf::Yes if value.as_bool() == Some(true) => Ok(()),
        Leaf::Yes => otherwise("true"),
        Leaf::Text if value.is_string() => Ok(()),
        Leaf::Text => otherwise("a text"),
        Leaf::Label => match value.as_str() {
            Some(text) => pod_label(text).map(|_| ()),
            None => otherwise("a pod, such as 3 or \"2.0\","),
        },
        Leaf::Release => match value.as_str() {
            Some(text) => text.parse::<Release>().map(|_| ()).map_err(sentence),
            None => otherwise("a release, such as \"1.31\","),
        },
        Leaf::OneOf(words) => match value.as_str() {
            Some(text) if words.contains(&text) => Ok(()),
            _ => otherwise(&format!("one of {}", listed(words.iter().copied()))),
        },
    }
}

fn decodes<T: DeserializeOwned>(value: &Value) -> Result<(), String> {
    let decoded: Result<T, _> = serde_yaml::from_value(value.clone());
    decoded.map(|_| ()).map_err(sentence)
}

fn sentence(error: impl Display) -> String {
    error.to_string()
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// A value in a sentence.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::String(text) if text.len() > 64 => "a long text".to_owned(),
        Value::String(text) => format!("{text:?}"),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) | Value::Tagged(_) => "a mapping".to_owned(),
    }
}
