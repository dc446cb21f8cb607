//! YAML events become a tree: anchors, aliases, merge keys and repeated keys are dealt with here,
//! in the way of Kubernetes' decoder, and the limits are kept.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Limits;
use super::diagnostic::Fault;
use super::events::{Event, Events};
use super::node::{Entry, Kind, Map, Node, Repeat};
use super::scalar::Scalar;
use super::source::Position;

/// Reads the first document of `events`; `None` if there is none.
///
/// What it costs is taken from `left`, so that all documents of a file share its limits.
pub(super) fn compose<'a>(
    events: &mut impl Events<'a>,
    left: &mut Limits,
) -> Result<Option<Node>, Fault> {
    let mut composer = Composer {
        events,
        left,
        anchors: BTreeMap::new(),
    };
    match composer.next()? {
        (Event::End, at) => composer.spend(1, 0, at).map(|()| None),
        (event, at) => {
            let node = composer.node(event, at, 0)?;
            Ok(Some(node))
        }
    }
}

struct Composer<'e, E> {
    events: &'e mut E,
    left: &'e mut Limits,
    /// Anchored nodes; `None` while they are still being read.
    anchors: BTreeMap<usize, Option<Rc<Anchored>>>,
}

/// A node that aliases copy, and what a copy costs.
struct Anchored {
    node: Node,
    size: Size,
}

/// A value, or why there is none.
type Composed = Result<Node, Fault>;

impl<'a, E: Events<'a>> Composer<'_, E> {
    fn next(&mut self) -> Result<(Event<'a>, Position), Fault> {
        match self.events.next()? {
            (Event::ForeignVersion, at) => Err(fault(at, "yaml: found incompatible YAML document")
                .help("write `%YAML 1.1`, or leave the line out")),
            next => Ok(next),
        }
    }

    fn node(&mut self, event: Event<'a>, at: Position, depth: usize) -> Composed {
        self.spend(1, 0, at)?;
        self.go_down(depth, at)?;
        let (kind, anchor) = match event {
            Event::Scalar {
                text,
                plain,
                tag,
                anchor,
            } => {
                let scalar = Scalar {
                    text: &text,
                    plain,
                    tag: tag.as_deref(),
                };
                let kind = scalar.resolve().map_err(|words| scalar_fault(at, &words))?;
                (kind, anchor)
            }
            Event::ListStart { anchor } => {
                self.open(anchor);
                (Kind::List(self.list(depth)?), anchor)
            }
            Event::MapStart { anchor } => {
                self.open(anchor);
                (Kind::Map(Box::new(self.map(depth)?)), anchor)
            }
            Event::Alias { anchor, name } => return self.alias(anchor, name, at, depth),
            Event::UnknownAlias { name } => {
                return Err(unknown_anchor(at, &name));
            }
            Event::ListEnd | Event::MapEnd | Event::End | Event::ForeignVersion => {
                return Err(fault(at, "yaml: did not find expected node content"));
            }
        };
        let node = Node { at, kind };
        if anchor != 0 {
            let size = size(&node);
            self.copy(&size, at)?;
            let node = node.clone();
            self.anchors
                .insert(anchor, Some(Rc::new(Anchored { node, size })));
        }
        Ok(node)
    }

    fn open(&mut self, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
    }

    fn alias(&mut self, anchor: usize, name: &str, at: Position, depth: usize) -> Composed {
        let anchored = match self.anchors.get(&anchor) {
            Some(Some(anchored)) => Rc::clone(anchored),
            Some(None) => {
                let words = format!("yaml: anchor '{name}' value contains itself");
                return Err(fault(at, &words));
            }
            None => return Err(unknown_anchor(at, name)),
        };
        let size = &anchored.size;
        self.go_down(depth + size.depth, at)?;
        self.copy(size, at)?;
        Ok(anchored.node.clone())
    }

    /// Nothing may be deeper than the limit, wherever it was written first.
    fn go_down(&self, depth: usize, at: Position) -> Result<(), Fault> {
        if depth > self.left.depth {
            let words = format!("yaml: exceeded max depth of {}", self.left.depth);
            return Err(fault(at, &words));
        }
        Ok(())
    }

    fn spend(&mut self, nodes: usize, bytes: usize, at: Position) -> Result<(), Fault> {
        let left = (
            self.left.nodes.checked_sub(nodes),
            self.left.bytes.checked_sub(bytes),
        );
        if let (Some(nodes), Some(bytes)) = left {
            (self.left.nodes, self.left.bytes) = (nodes, bytes);
            return Ok(());
        }
        Err(fault(at, "yaml: there are too many values")
            .note("no more is read from here on")
            .help("put the documents into several files"))
    }

    /// Copies count twice: as values, and against a limit that no manifest of people comes near.
    fn copy(&mut self, size: &Size, at: Position) -> Result<(), Fault> {
        let left = self.left.copies.checked_sub(size.nodes);
        let left = left.filter(|_| self.spend(size.nodes, size.bytes, at).is_ok());
        let Some(left) = left else {
            return Err(fault(at, "yaml: document contains excessive aliasing")
                .note("too much is copied by the time this is read")
                .help("write out what the aliases stand for, as far as it is needed"));
        };
        self.left.copies = left;
        Ok(())
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Fault> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::ListEnd, _) => return Ok(items),
                (event, at) => items.push(self.node(event, at, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Map, Fault> {
        let mut made = Making::default();
        loop {
            let (event, at) = self.next()?;
            if let Event::MapEnd = event {
                return Ok(made.finish());
            }
            let key = self.key(event, at, depth)?;
            let (event, value_at) = self.next()?;
            let value = self.node(event, value_at, depth + 1)?;
            if let Some(key) = key {
                made.set(Entry { key, at, value }, false);
            } else if made.merge(value).is_none() {
                let words = "yaml: map merge requires map or sequence of maps as the value";
                return Err(fault(value_at, words));
            }
        }
    }

    /// The text of a key; `None` for the merge key.
    fn key(
        &mut self,
        event: Event<'a>,
        at: Position,
        depth: usize,
    ) -> Result<Option<String>, Fault> {
        if let Event::Scalar {
            text,
            plain,
            tag,
            anchor,
        } = &event
        {
            let scalar = Scalar {
                text,
                plain: *plain,
                tag: tag.as_deref(),
            };
            if scalar.is_merge() {
                return Ok(None);
            }
            if *anchor == 0 {
                self.spend(1, 0, at)?;
                return scalar
                    .key()
                    .map(Some)
                    .map_err(|words| scalar_fault(at, &words));
            }
        }
        // An alias or an anchored key: rare, so its written form may get lost.
        match self.node(event, at, depth + 1)?.kind {
            Kind::Text(text) => Ok(Some(text)),
            Kind::Null => Err(fault(at, "unsupported map key of type: nil")),
            Kind::List(_) | Kind::Map(_) => {
                Err(fault(at, "yaml: invalid map key").note("a list or a mapping cannot be a key"))
            }
            other => Ok(Some(other.literal())),
        }
    }
}

fn unknown_anchor(at: Position, name: &str) -> Fault {
    fault(at, &format!("yaml: unknown anchor '{name}' referenced"))
}

fn fault(at: Position, words: &str) -> Fault {
    Fault::at(at, format!("error converting YAML to JSON: {words}"))
}

fn scalar_fault(at: Position, words: &str) -> Fault {
    let yaml = if words.starts_with("json:") || words.starts_with("unsupported") {
        ""
    } else {
        "yaml: "
    };
    fault(at, &format!("{yaml}{words}"))
}

/// A mapping in the making: the last value of a key counts, wherever it comes from.
#[derive(Default)]
struct Making {
    given: Vec<Given>,
}

/// An entry of a mapping in the making.
struct Given {
    entry: Entry,
    /// How many were given before.
    order: usize,
    /// Whether it came by a merge.
    merged: bool,
}

impl Making {
    fn set(&mut self, entry: Entry, merged: bool) {
        self.given.push(Given {
            entry,
            order: self.given.len(),
            merged,
        });
    }

    /// Takes over a merged mapping or list of mappings, of which earlier ones win.
    fn merge(&mut self, from: Node) -> Option<()> {
        let maps = match from.kind {
            Kind::Map(map) => vec![*map],
            Kind::List(items) => {
                let maps = items.into_iter().map(|item| match item.kind {
                    Kind::Map(map) => Some(*map),
                    _ => None,
                });
                maps.collect::<Option<Vec<_>>>()?
            }
            _ => return None,
        };
        for entry in maps.into_iter().rev().flat_map(|map| map.entries) {
            self.set(entry, true);
        }
        Some(())
    }

    fn finish(mut self) -> Map {
        // The order in which equal keys were given is kept.
        self.given
            .sort_by(|one, two| one.entry.key.cmp(&two.entry.key));
        let pairs = self.given.windows(2);
        let repeated = pairs
            .filter(|pair| pair[0].entry.key == pair[1].entry.key)
            .map(|pair| (pair[1].order, repeat(&pair[0], &pair[1])));
        let mut repeats: Vec<(usize, Repeat)> = repeated.collect();
        if !repeats.is_empty() {
            repeats.sort_by_key(|(order, _)| *order);
            self.given.reverse();
            self.given
                .dedup_by(|one, two| one.entry.key == two.entry.key);
            self.given.reverse();
        }
        Map {
            entries: self.given.into_iter().map(|given| given.entry).collect(),
            repeats: repeats.into_iter().map(|(_, repeat)| repeat).collect(),
        }
    }
}

fn repeat(first: &Given, again: &Given) -> Repeat {
    Repeat {
        key: again.entry.key.clone(),
        first: first.entry.at,
        again: again.entry.at,
        value: again.entry.value.at,
        merged: first.merged || again.merged,
        before: None,
    }
}

struct Size {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

/// What a copy of a node costs, and how many levels it has below itself.
fn size(node: &Node) -> Size {
    let mut total = Size {
        nodes: 1,
        bytes: 0,
        depth: 0,
    };
    let mut add = |child: &Node, key: usize| {
        let size = size(child);
        total.nodes += size.nodes;
        total.bytes += size.bytes + key;
        total.depth = total.depth.max(size.depth + 1);
    };
    match &node.kind {
        Kind::Text(text) => total.bytes = text.len(),
        Kind::List(items) => items.iter().for_each(|item| add(item, 0)),
        Kind::Map(map) => map
            .entries
            .iter()
            .for_each(|entry| add(&entry.value, entry.key.len())),
        Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => {}
    }
    total
}
