//! Holds a document against the table of fields: all flaws at once, each with its field's path.

use serde_yaml::{Mapping, Value};

use super::leaf::{Leaf, shown};
use super::schema::{Choice, Field, Kind, Table};
use crate::manifest::{Flaw, Located};

/// The document as it is read, with pods and releases as texts and empty lists in place of `null`;
/// and everything that is wrong with it.
pub(super) fn document(table: &Table, located: &Located) -> (Value, Vec<Flaw>) {
    let mut value = located.value();
    let mut check = Check {
        located,
        flaws: Vec::new(),
    };
    check.table(table, "", &mut value);
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
            Kind::List(item) => self.list(*item, path, value),
            Kind::OneOrMany(item) if value.is_sequence() || value.is_null() => {
                self.list(*item, path, value);
            }
            Kind::OneOrMany(item) => self.kind(*item, path, value),
            Kind::Either(_, table) if value.is_mapping() => self.table(table, path, value),
            Kind::Leaf(leaf) | Kind::OrNull(leaf) | Kind::Either(leaf, _) => {
                self.leaf(leaf, path, value);
            }
            Kind::Table(table) => self.table(table, path, value),
            Kind::ByName(of, item) => self.by_name(of, *item, path, value),
            Kind::Manifest => {
                if !value.is_null() && !value.is_mapping() {
                    let words = "the manifest of a Job is expected here, itself and not its name";
                    self.flaw(path, words);
                }
            }
        }
    }

    fn table(&mut self, table: &Table, path: &str, value: &mut Value) {
        let names = table.all().map(|field| field.name);
        let Value::Mapping(map) = value else {
            let words = format!("a mapping is expected here, not {}", shown(value));
            let help = format!("its fields are {}", listed(names));
            return self.flaws.push(Flaw::new(path, words).help(help));
        };
        let mut all_known = true;
        for (key, value) in map.iter_mut() {
            if self.flaws.len() >= MANY {
                return;
            }
            let name = key.as_str().unwrap_or_default();
            let path = below(path, name);
            if let Some(it) = table.get(name) {
                self.kind(it.kind, &path, value);
            } else {
                all_known = false;
                let flaw = Flaw::new(path, "unknown field").note("no such field here");
                let flaw = flaw.help(format!("the fields here are {}", listed(names.clone())));
                self.flaws.push(flaw.meant(name, names.clone()));
            }
        }
        let missing = table.all().filter(|field| field.required);
        self.missing(path, map, missing);
        if table.together.iter().any(|name| map.contains_key(*name)) {
            let others = table.together.iter();
            self.missing(path, map, others.filter_map(|name| table.get(name)));
        }
        for choice in table.choices {
            self.choice(choice, path, map, all_known);
        }
    }

    fn missing(&mut self, path: &str, map: &Mapping, fields: impl Iterator<Item = &'static Field>) {
        for field in fields.filter(|field| !map.contains_key(field.name)) {
            let words = "this field is missing";
            let flaw = Flaw::new(below(path, field.name), words).help(field.text);
            self.flaws
                .push(flaw.note(format!("{} is missing here", field.name)));
        }
    }

    /// Exactly one of some fields has to be there; a field that is not known may be meant for it.
    fn choice(&mut self, choice: &Choice, path: &str, map: &Mapping, all_known: bool) {
        let names = choice.names.iter().copied();
        let given = names.clone().filter(|name| map.contains_key(*name));
        let given = given.collect::<Vec<_>>();
        match given.as_slice() {
            [_] => {}
            [] if !all_known => {}
            [] => {
                let flaw = Flaw::new(path, choice.none).note("something is missing here");
                let help = format!("add one of {}", listed(names));
                self.flaws.push(flaw.help(help));
            }
            [.., last] => {
                let words = format!("{}: {}", choice.several, given.join(", "));
                let flaw = Flaw::new(path, words).note(format!("{last} is one too many"));
                self.flaws.push(flaw.help(choice.help));
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

    fn by_name(&mut self, of: &str, item: Kind, path: &str, value: &mut Value) {
        match value {
            Value::Null => *value = Value::Mapping(Mapping::new()),
            Value::Mapping(map) => {
                for (key, value) in map.iter_mut() {
                    if self.flaws.len() >= MANY {
                        return;
                    }
                    let name = key.as_str().unwrap_or_default();
                    self.kind(item, &format!("{path}[{name}]"), value);
                }
            }
            other => {
                let words = format!(
                    "a mapping from names of {of} is expected here, not {}",
                    shown(other)
                );
                let help = "write the name, too: `{main: 1}`";
                self.flaws.push(Flaw::new(path, words).help(help));
            }
        }
    }

    fn leaf(&mut self, leaf: Leaf, path: &str, value: &mut Value) {
        if let (true, Value::Number(_)) = (leaf.is_text(), &*value) {
            let Some(text) = self.located.written(path) else {
                return self.flaw(path, "this number has lost its text: put it in quotes");
            };
            *value = Value::String(text);
        }
        if let Err(words) = leaf.fits(value) {
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
pub(super) fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
