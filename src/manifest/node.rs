//! A document as a tree in which everything knows its place.

use serde_yaml::{Mapping, Number, Value};

use super::source::Position;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) kind: Kind,
}

/// What JSON knows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    /// More than fits into `Int`.
    Uint(u64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Box<Map>),
}

/// The entries of a mapping: from YAML in the order of their keys, from JSON as they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Map {
    pub(super) entries: Vec<Entry>,
    /// Keys that were given more than once; the last one counts.
    pub(super) repeats: Vec<Repeat>,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Position,
    pub(super) value: Node,
}

/// A key that was given before.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Repeat {
    pub(super) key: String,
    pub(super) first: Position,
    pub(super) again: Position,
    /// Where the value stands, by whose line the API server names a repetition.
    pub(super) value: Position,
    /// Whether one of the two came by a merge (`<<`), which only the API server minds.
    pub(super) merged: bool,
    /// In JSON, the value that does not count: decoders look at it all the same.
    pub(super) before: Option<Node>,
}

/// One step into a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl Map {
    /// All that stands in a mapping of JSON, in its order: the place and the text of a key, and its
    /// value, whether it counts or not.
    pub(super) fn written(&self) -> Vec<(Position, &str, &Node)> {
        let entries = self.entries.iter();
        let counting = entries.map(|entry| (entry.at, entry.key.as_str(), &entry.value));
        let hidden = self.repeats.iter().filter_map(|repeat| {
            let before = repeat.before.as_ref()?;
            Some((repeat.first, repeat.key.as_str(), before))
        });
        let mut all: Vec<_> = counting.chain(hidden).collect();
        all.sort_by_key(|(at, ..)| *at);
        all
    }

    /// The key at a place in JSON as a repetition, if it is one.
    pub(super) fn repeat_at(&self, at: Position) -> Option<&Repeat> {
        let found = self
            .repeats
            .binary_search_by_key(&at, |repeat| repeat.again);
        found.ok().map(|index| &self.repeats[index])
    }

    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl Kind {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// What Go calls the type of a JSON value in its messages.
    pub(super) fn json_type(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Uint(_) | Self::Float(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Map(_) => "object",
        }
    }

    /// The text of a number or boolean in JSON.
    pub(super) fn literal(&self) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Int(n) => n.to_string(),
            Self::Uint(n) => n.to_string(),
            // Debug keeps the `.0` by which JSON tells a float from an integer.
            Self::Float(x) if x.abs() < 1e21 => format!("{x:?}"),
            Self::Float(x) => format!("{x:e}"),
            _ => String::new(),
        }
    }
}

impl Node {
    /// The first text or key of more than so many bytes: its place and its length.
    pub(super) fn longer_than(&self, bytes: usize) -> Option<(Position, usize)> {
        match &self.kind {
            Kind::Text(text) if text.len() > bytes => Some((self.at, text.len())),
            Kind::List(items) => items.iter().find_map(|it| it.longer_than(bytes)),
            Kind::Map(map) => map.entries.iter().find_map(|entry| {
                let key = (entry.key.len() > bytes).then_some((entry.at, entry.key.len()));
                key.or_else(|| entry.value.longer_than(bytes))
            }),
            _ => None,
        }
    }

    /// The value of a key, if this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Map(map) => map.get(key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The text of a key's value, if it is a text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key).map(|node| &node.kind) {
            Some(Kind::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The tree as plain data.
    pub(super) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(n) => Value::Number(Number::from(*n)),
            Kind::Uint(n) => Value::Number(Number::from(*n)),
            Kind::Float(x) => Value::Number(Number::from(*x)),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => Value::Sequence(items.iter().map(Self::to_value).collect()),
            Kind::Map(map) => {
                let pair = |entry: &Entry| (entry.key.clone().into(), entry.value.to_value());
                Value::Mapping(map.entries.iter().map(pair).collect::<Mapping>())
            }
        }
    }

    /// Where a path leads: to the key if the last step is one, as that is what a message speaks
    /// of; else to the nearest place above that is there, and `false`.
    pub(super) fn find(&self, path: &[Step<'_>]) -> (Position, bool) {
        let (mut node, mut at) = (self, self.at);
        for step in path {
            (node, at) = match (&node.kind, step) {
                (Kind::Map(map), Step::Key(key)) => match map.get(key) {
                    Some(entry) => (&entry.value, entry.at),
                    None => return (at, false),
                },
                (Kind::List(items), Step::Index(index)) => match items.get(*index) {
                    Some(item) => (item, item.at),
                    None => return (at, false),
                },
                _ => return (at, false),
            };
        }
        (at, true)
    }
}

/// The steps of a path as Kubernetes writes it: `spec.rules[0].values`, `labels[a.b/c]`.
pub(super) fn steps(path: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = path;
    loop {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if rest.is_empty() {
            return steps;
        }
        if let Some(bracket) = rest.strip_prefix('[') {
            let (inside, after) = bracket.split_once(']').unwrap_or((bracket, ""));
            steps.push(inside.parse().map_or(Step::Key(inside), Step::Index));
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end > 0 {
                steps.push(Step::Key(&rest[..end]));
            }
            rest = &rest[end..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        use Step::{Index, Key};
        assert_eq!(steps(""), []);
        assert_eq!(steps("spec"), [Key("spec")]);
        assert_eq!(
            steps("a[0].b[x.y/z]"),
            [Key("a"), Index(0), Key("b"), Key("x.y/z")]
        );
        for odd in ["[", ".", "..", "a[", "a.[", ".[", "a..b", "]", "[]", "a[0"] {
            let _ = steps(odd);
        }
    }
}
