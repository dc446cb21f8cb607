//! A document is held against the table of fields and types.

use super::{Field, Shape, Type, Wanted, go_name, table};
use crate::manifest::diagnostic::Problem;
use crate::manifest::located::{MANY, join};
use crate::manifest::node::{Kind, Map, Node};
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
    walk.node(root, Wanted::new(kind), &Place::root(kind));
    walk.report
}

/// Where the walk is: a chain up to the document, of which paths are made only if there is
/// something to tell.
#[derive(Clone, Copy)]
struct Place<'a> {
    above: Option<&'a Place<'a>>,
    /// The structure that has the field.
    holder: &'static str,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Document,
    Field(&'static Field),
    Item(usize),
    Key(&'a str),
}

impl<'a> Place<'a> {
    fn root(kind: &'static str) -> Self {
        Self {
            above: None,
            holder: kind,
            step: Step::Document,
        }
    }

    fn item(&'a self, index: usize) -> Self {
        Self {
            above: Some(self),
            holder: self.holder,
            step: Step::Item(index),
        }
    }

    fn key(&'a self, key: &'a str) -> Self {
        Self {
            above: Some(self),
            holder: self.holder,
            step: Step::Key(key),
        }
    }

    fn field(&'a self, holder: &'static str, field: &'static Field) -> Self {
        Self {
            above: Some(self),
            holder,
            step: Step::Field(field),
        }
    }

    /// `spec.template.spec.containers[0].env[1]`
    fn path(&self) -> String {
        let above = self.above.map(Self::path).unwrap_or_default();
        match self.step {
            Step::Document => above,
            Step::Field(field) => join(&above, field.name),
            Step::Item(index) => format!("{above}[{index}]"),
            Step::Key(key) => format!("{above}[{key}]"),
        }
    }

    /// `spec.template.spec.containers.env`: the fields alone, as decoders write it; some name the
    /// structures inside, too.
    fn fields(&self, inside: bool) -> String {
        let above = self.above.map(|above| above.fields(inside));
        let above = above.unwrap_or_default();
        match self.step {
            Step::Field(field) if inside && !field.inside.is_empty() => {
                join(&join(&above, field.inside), field.name)
            }
            Step::Field(field) => join(&above, field.name),
            _ => above,
        }
    }
}

struct Walk {
    report: Report,
    json: bool,
    release: Release,
}

impl Walk {
    fn node(&mut self, node: &Node, wanted: Wanted, place: &Place<'_>) {
        if self.is_full() {
            return;
        }
        match (wanted.kind, &node.kind) {
            // A null leaves a field as it is.
            (_, Kind::Null)
            | (Type::Any, _)
            | (Type::Text | Type::IntOrString, Kind::Text(_))
            | (Type::Bool, Kind::Bool(_))
            | (Type::Int64, Kind::Int(_)) => {}
            (Type::Int32 | Type::IntOrString, Kind::Int(n)) if i32::try_from(*n).is_ok() => {}
            (Type::Int32 | Type::Int64, Kind::Int(_) | Kind::Uint(_) | Kind::Float(_)) => {
                let value = format!("number {}", node.kind.literal());
                self.misfit(node, &value, wanted, place);
            }
            (Type::Quantity, kind) => self.quantity(node.at, kind, place),
            (Type::Time, kind) => self.time(node.at, kind, place),
            (Type::List(item), Kind::List(items)) => {
                let item = Wanted::new(item);
                for (index, node) in items.iter().enumerate() {
                    self.node(node, item, &place.item(index));
                }
            }
            (Type::Map(item), Kind::Map(map)) => {
                let item = Wanted::new(item);
                self.each(map, |walk, key, at, value| {
                    walk.repeat(map, at, place);
                    walk.node(value, item, &place.key(key));
                });
            }
            (Type::Struct(fields), Kind::Map(map)) => self.fields(map, wanted.of, fields, place),
            _ => self.misfit(node, node.kind.json_type(), wanted, place),
        }
    }

    fn fields(
        &mut self,
        map: &Map,
        holder: &'static str,
        known: &'static [Field],
        place: &Place<'_>,
    ) {
        self.each(map, |walk, key, at, value| {
            let is_known = |it: &&Field| it.name == key && it.since <= walk.release;
            if let Some(field) = known.iter().find(is_known) {
                walk.repeat(map, at, place);
                walk.node(value, field.wanted(), &place.field(holder, field));
            } else if !walk.is_repeated(map, at) {
                walk.unknown(key, at, place, known, holder);
            }
        });
    }

    /// Goes through what decoders see of a mapping, in its order.
    fn each(&mut self, map: &Map, mut visit: impl FnMut(&mut Self, &str, Position, &Node)) {
        if self.json && !map.repeats.is_empty() {
            for (at, key, value) in map.written() {
                visit(self, key, at, value);
            }
        } else {
            for entry in &map.entries {
                visit(self, &entry.key, entry.at, &entry.value);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.report.types.len() + self.report.strict.len() >= MANY
    }

    fn is_repeated(&self, map: &Map, at: Position) -> bool {
        self.json && map.repeat_at(at).is_some()
    }

    /// What strict decoders mind is told once, and not more of it than anybody reads.
    fn is_told(&self, detail: &str) -> bool {
        self.is_full() || self.report.strict.iter().any(|one| one.detail == detail)
    }

    /// Tells of a key if it is there for the second time.
    fn repeat(&mut self, map: &Map, at: Position, place: &Place<'_>) {
        let Some(repeat) = map.repeat_at(at).filter(|_| self.json) else {
            return;
        };
        if self.is_full() || map.repeat_at(repeat.first).is_some() {
            return;
        }
        let field = join(&place.path(), &repeat.key);
        let detail = format!("duplicate field {field:?}");
        if self.is_told(&detail) {
            return;
        }
        let note = format!("given before at line {}", repeat.first.line);
        let problem = Problem {
            field,
            reason: "StrictDecoding",
            ..Problem::at(repeat.again, detail)
        };
        let problem = problem.note(note).help("delete one of the two");
        self.report.strict.push(problem);
    }

    fn unknown(
        &mut self,
        key: &str,
        at: Position,
        place: &Place<'_>,
        known: &[Field],
        holder: &str,
    ) {
        if self.is_full() {
            return;
        }
        let path = join(&place.path(), key);
        let detail = format!("unknown field {path:?}");
        if self.is_told(&detail) {
            return;
        }
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

    fn misfit(&mut self, node: &Node, value: &str, wanted: Wanted, place: &Place<'_>) {
        let inside = self.release.has(Check::InnerStructures);
        let field = match place.fields(inside).as_str() {
            "" => String::new(),
            fields => {
                let holder = place.holder.rsplit('.').next().unwrap_or_default();
                format!("struct field {holder}.{fields} of")
            }
        };
        let into = if field.is_empty() { "value of" } else { &field };
        let of_go = go_name(wanted.of);
        let detail = format!("json: cannot unmarshal {value} into Go {into} type {of_go}");
        let help = match (wanted.kind, &node.kind) {
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
        let problem = decode(node.at, detail, place).note(expected(wanted.kind));
        self.report.types.push(Problem {
            help: help.map(str::to_owned),
            ..problem
        });
    }

    fn quantity(&mut self, at: Position, kind: &Kind, place: &Place<'_>) {
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

    fn time(&mut self, at: Position, kind: &Kind, place: &Place<'_>) {
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
fn decode(at: Position, detail: String, place: &Place<'_>) -> Problem {
    Problem {
        field: place.path(),
        reason: "Decode",
        ..Problem::at(at, detail)
    }
}

/// What a type wants, in words for people.
fn expected(kind: Type) -> String {
    let wanted = match kind {
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
