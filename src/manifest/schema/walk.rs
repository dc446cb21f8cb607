//! A document is held against the table of fields and types.

use super::{Field, Shape, Type, go_name, resolve, table};
use crate::manifest::diagnostic::Problem;
use crate::manifest::located::{MANY, join};
use crate::manifest::node::{Entry, Kind, Map, Node};
use crate::manifest::quantity;
use crate::manifest::source::Position;
use crate::manifest::suggest::nearest;
use crate::model::{Check, Release};

/// What is wrong with a document of a kind: wrong types, then unknown and repeated fields.
#[derive(Debug, Default)]
pub(in crate::manifest) struct Report {
    pub(in crate::manifest) types: Vec<Problem>,
    pub(in crate::manifest) strict: Vec<Problem>,
}

/// Checks all fields of a document that is to be a `kind`. Repeated keys are a mistake only where
/// the document was read as JSON.
pub(in crate::manifest) fn check(
    root: &Node,
    kind: &'static str,
    json: bool,
    release: Release,
) -> Report {
    let mut walk = Walk {
        report: Report::default(),
        json,
        release,
    };
    let place = Place {
        holder: kind,
        fields: String::new(),
        path: String::new(),
    };
    walk.node(root, kind, &place);
    walk.report
}

/// Where the walk is, in the two ways in which Kubernetes writes it.
struct Place {
    /// The structure that has the field.
    holder: &'static str,
    /// `spec.template.spec.containers.env`: the fields alone.
    fields: String,
    /// `spec.template.spec.containers[0].env[1]`
    path: String,
}

struct Walk {
    report: Report,
    json: bool,
    release: Release,
}

impl Walk {
    fn node(&mut self, node: &Node, of: &'static str, place: &Place) {
        if self.report.types.len() + self.report.strict.len() >= MANY {
            return;
        }
        match (resolve(of), &node.kind) {
            // A null leaves a field as it is.
            (_, Kind::Null)
            | (Type::Any, _)
            | (Type::Text | Type::IntOrString, Kind::Text(_))
            | (Type::Bool, Kind::Bool(_))
            | (Type::Int64, Kind::Int(_)) => {}
            (Type::Int32 | Type::IntOrString, Kind::Int(n)) if i32::try_from(*n).is_ok() => {}
            (Type::Int32 | Type::Int64, Kind::Int(_) | Kind::Uint(_) | Kind::Float(_)) => {
                let value = format!("number {}", node.kind.literal());
                self.misfit(node, &value, of, place);
            }
            (Type::Quantity, kind) => self.quantity(node.at, kind, place),
            (Type::Time, kind) => self.time(node.at, kind, place),
            (Type::List(item), Kind::List(items)) => {
                for (index, node) in items.iter().enumerate() {
                    let path = format!("{}[{index}]", place.path);
                    let fields = place.fields.clone();
                    self.node(
                        node,
                        item,
                        &Place {
                            holder: place.holder,
                            fields,
                            path,
                        },
                    );
                }
            }
            (Type::Map(item), Kind::Map(map)) => {
                let mut told = 0;
                for entry in &map.entries {
                    self.repeats(map, place, &mut told, Some(entry));
                    let path = format!("{}[{}]", place.path, entry.key);
                    let fields = place.fields.clone();
                    self.node(
                        &entry.value,
                        item,
                        &Place {
                            holder: place.holder,
                            fields,
                            path,
                        },
                    );
                }
                self.repeats(map, place, &mut told, None);
            }
            (Type::Struct(fields), Kind::Map(map)) => self.fields(map, of, fields, place),
            _ => self.misfit(node, node.kind.json_type(), of, place),
        }
    }

    fn fields(&mut self, map: &Map, holder: &'static str, known: &'static [Field], place: &Place) {
        let mut told = 0;
        for entry in &map.entries {
            self.repeats(map, place, &mut told, Some(entry));
            let path = join(&place.path, &entry.key);
            let is_known = |it: &&Field| it.name == entry.key && it.since <= self.release;
            match known.iter().find(is_known) {
                Some(field) => {
                    let mut fields = place.fields.clone();
                    let inside = self.release.has(Check::InnerStructures);
                    if inside && !field.inside.is_empty() {
                        fields = join(&fields, field.inside);
                    }
                    let fields = join(&fields, field.name);
                    self.node(
                        &entry.value,
                        field.of,
                        &Place {
                            holder,
                            fields,
                            path,
                        },
                    );
                }
                None => self.unknown(&entry.key, entry.at, path, known, holder),
            }
        }
        self.repeats(map, place, &mut told, None);
    }

    fn unknown(&mut self, key: &str, at: Position, path: String, known: &[Field], holder: &str) {
        if self.report.strict.len() >= MANY {
            return;
        }
        let detail = format!("unknown field {path:?}");
        let problem = Problem {
            field: path,
            reason: "StrictDecoding",
            ..Problem::at(at, detail)
        };
        if let Some(newer) = known.iter().find(|it| it.name == key) {
            let note = format!("Kubernetes {} does not know this field yet", self.release);
            let help = format!("it is there since {}: see --kubernetes", newer.since);
            self.report.strict.push(problem.note(note).help(help));
            return;
        }
        let problem = problem.note(format!("{holder} has no such field"));
        let meant = nearest(key, known.iter().map(|field| field.name));
        let help = meant.map(|name| format!("did you mean `{name}`?"));
        let help = help.or_else(|| Some(format!("`{key}` is a field of {}", home(key)?)));
        self.report.strict.push(Problem { help, ..problem });
    }

    /// Tells of keys that stand again before an entry, in the order of the document, behind those
    /// that were told of before.
    fn repeats(&mut self, map: &Map, place: &Place, told: &mut usize, before: Option<&Entry>) {
        if !self.json {
            return;
        }
        // An entry stands where its key stood first.
        let first = |entry: &Entry| {
            let own = map.repeats.iter().find(|it| it.key == entry.key);
            own.map_or(entry.at, |it| it.first)
        };
        let end = before.map(first);
        while let Some(repeat) = map.repeats.get(*told) {
            if end.is_some_and(|end| repeat.again > end) {
                return;
            }
            *told += 1;
            let field = join(&place.path, &repeat.key);
            let detail = format!("duplicate field {field:?}");
            let note = format!("given before at line {}", repeat.first.line);
            let problem = Problem {
                field,
                reason: "StrictDecoding",
                ..Problem::at(repeat.again, detail)
            };
            self.report
                .strict
                .push(problem.note(note).help("delete one of the two"));
        }
    }

    fn misfit(&mut self, node: &Node, value: &str, of: &'static str, place: &Place) {
        let field = match place.fields.as_str() {
            "" => String::new(),
            fields => {
                let holder = place.holder.rsplit('.').next().unwrap_or_default();
                format!("struct field {holder}.{fields} of")
            }
        };
        let into = if field.is_empty() { "value of" } else { &field };
        let of_go = go_name(of);
        let detail = format!("json: cannot unmarshal {value} into Go {into} type {of_go}");
        let help = match (resolve(of), &node.kind) {
            (Type::Text, Kind::Bool(_) | Kind::Int(_) | Kind::Uint(_) | Kind::Float(_)) => {
                Some("put the value in quotes")
            }
            (Type::Bool, Kind::Text(text)) if matches!(&**text, "true" | "false") => {
                Some("remove the quotes")
            }
            (Type::Int32 | Type::Int64, Kind::Text(text)) if text.parse::<i64>().is_ok() => {
                Some("remove the quotes")
            }
            (Type::List(_), _) => Some("write a list: begin each item with `- `"),
            _ => None,
        };
        let problem = decode(node.at, detail, place).note(expected(of));
        self.report.types.push(Problem {
            help: help.map(str::to_owned),
            ..problem
        });
    }

    fn quantity(&mut self, at: Position, kind: &Kind, place: &Place) {
        let literal = kind.literal();
        let text = if let Kind::Text(text) = kind {
            text.as_str()
        } else {
            &literal
        };
        if !quantity::is_quantity(text.trim()) {
            let problem = decode(at, quantity::REFUSAL.to_owned(), place);
            let problem = problem.note("this is no quantity");
            self.report
                .types
                .push(problem.help("write a number with a unit, such as `500m` or `2Gi`"));
        }
    }

    fn time(&mut self, at: Position, kind: &Kind, place: &Place) {
        match kind {
            Kind::Text(text) if quantity::is_time(text) => {}
            Kind::Text(text) => {
                let form = "2006-01-02T15:04:05Z07:00";
                let detail = format!("parsing time {text:?} as \"{form}\": cannot parse {text:?}");
                let problem = decode(at, detail, place);
                self.report
                    .types
                    .push(problem.help("write it as 2026-01-31T23:59:59Z"));
            }
            other => {
                let value = other.json_type();
                let detail = format!("json: cannot unmarshal {value} into Go value of type string");
                let problem = decode(at, detail, place);
                self.report
                    .types
                    .push(problem.note("a time in quotes is expected here"));
            }
        }
    }
}

/// A value that its type does not read.
fn decode(at: Position, detail: String, place: &Place) -> Problem {
    Problem {
        field: place.path.clone(),
        reason: "Decode",
        ..Problem::at(at, detail)
    }
}

/// What a type wants, in words for people.
fn expected(of: &'static str) -> String {
    let wanted = match resolve(of) {
        Type::Text => "a string",
        Type::Bool => "`true` or `false`",
        Type::Int32 => "a whole number of at most 32 bits",
        Type::Int64 => "a whole number of at most 64 bits",
        Type::Quantity => "a quantity",
        Type::Time => "a time",
        Type::IntOrString => "a whole number or a string",
        Type::List(_) => "a list",
        Type::Any | Type::Map(_) | Type::Struct(_) => "a mapping",
    };
    format!("{wanted} is expected here")
}

/// The structures along the way to a Job's containers in which a field may have been meant to be.
fn home(key: &str) -> Option<&'static str> {
    const HOMES: [(&str, &str); 6] = [
        ("JobSpec", "spec"),
        ("PodSpec", "spec.template.spec"),
        ("Container", "a container"),
        ("ObjectMeta", "metadata"),
        ("CronJobSpec", "a CronJob's spec"),
        ("PodFailurePolicy", "spec.podFailurePolicy"),
    ];
    let has = |of: &str| match table().get(of) {
        Some(Shape::Struct(fields)) => fields.iter().any(|field| field.name == key),
        _ => false,
    };
    HOMES.iter().find(|(of, _)| has(of)).map(|(_, home)| *home)
}
