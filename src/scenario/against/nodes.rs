//! Nodes that a scenario speaks of, held against those that there are.

use super::super::content::Content;
use crate::fault::{Deed, NodeTarget};
use crate::manifest::Flaw;
use crate::model::{Node, PriorityClass};
use crate::workload::Background;

/// Other pods need nodes that they can fill, and a priority class that is there.
pub(super) fn background(path: &str, group: &Background, content: &Content) -> Option<Flaw> {
    if Cluster::of(content).is_unlimited() {
        let words = "on an unlimited cluster other pods are in nobody's way";
        return Some(Flaw::new(path, words).help("say which `nodes` there are, or give a `pool`"));
    }
    let class = group.template.priority_class.as_ref()?;
    let known = content.priority_classes.contains_key(class);
    if known || PriorityClass::of_system(class).is_some() {
        return None;
    }
    let words = format!("there is no priority class {class:?}");
    let flaw = Flaw::new(format!("{path}.priorityClass"), words);
    Some(flaw.help(format!("add it: `priorityClasses: {{{class}: 1000}}`")))
}

/// The nodes that there are at any time.
pub(super) struct Cluster<'a> {
    nodes: Vec<&'a Node>,
    /// The begin of the names that a pool gives, and how many there are.
    pool: Option<(&'a Node, u32)>,
}

impl<'a> Cluster<'a> {
    pub(super) fn of(content: &'a Content) -> Self {
        let added = content.actions.iter().filter_map(|it| match &it.it.deed {
            Deed::AddNode(node) => Some(&**node),
            _ => None,
        });
        Self {
            nodes: content.nodes.iter().chain(added).collect(),
            pool: content.pool.as_ref().map(|it| (&it.node, it.most)),
        }
    }

    /// Whether every pod gets a node: `node-1`, `node-2` and so on.
    fn is_unlimited(&self) -> bool {
        self.nodes.is_empty() && self.pool.is_none()
    }

    /// The nodes that a deed speaks of have to be there.
    pub(super) fn deed(&self, path: &str, deed: &Deed) -> Option<Flaw> {
        let field = format!("{path}.{}", deed.name());
        if let Deed::Bind(_, node) = deed {
            return self.named(format!("{field}.node"), node);
        }
        match deed.nodes()? {
            NodeTarget::Named(name) => self.named(field, name),
            NodeTarget::Labelled(key, value) => {
                let pool = self.pool.iter().map(|it| it.0);
                let mut nodes = self.nodes.iter().copied().chain(pool);
                let there = nodes.any(|node| node.labels.get(key) == Some(value));
                let words = format!("no node has the label {key}={value}");
                let flaw = Flaw::new(field, words).note("there are no such nodes");
                (!there).then(|| flaw.help("write the label into `nodes`, or `zone` for a zone"))
            }
            NodeTarget::Of(_) | NodeTarget::Busy | NodeTarget::Any | NodeTarget::Every => None,
        }
    }

    fn named(&self, field: String, name: &str) -> Option<Flaw> {
        let number = |start: &str| {
            let tail = name.strip_prefix(start)?.strip_prefix('-')?;
            let digits = tail.bytes().all(|it| it.is_ascii_digit());
            tail.parse::<u32>()
                .ok()
                .filter(|it| digits && *it > 0 && !tail.starts_with('0'))
        };
        if self.is_unlimited() {
            if number("node").is_some() {
                return None;
            }
            let words = format!(
                "there is no node {name:?}: without `nodes`, nodes are called node-1, node-2 and \
                 so on"
            );
            let flaw = Flaw::new(field, words).note("there is no such node");
            return Some(flaw.help("name the cluster's nodes in `nodes`"));
        }
        let made = |(node, most): (&Node, u32)| number(&node.name).is_some_and(|it| it <= most);
        if self.nodes.iter().any(|it| it.name == name) || self.pool.is_some_and(made) {
            return None;
        }
        let known = self.nodes.iter().map(|it| it.name.as_str());
        let flaw = Flaw::new(field, format!("there is no node {name:?}"));
        Some(flaw.note("there is no such node").meant(name, known))
    }
}
