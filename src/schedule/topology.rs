//! Places: which nodes have the same value of a label. Values are numbered, so that pods can be
//! counted by place in arrays.

use std::collections::BTreeMap;

/// A label by which pods are spread or kept together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyId(pub(super) u32);

/// The number of the value of a node without that label.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Every label that somebody asks for, and each node's value of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Topology {
    keys: Vec<Key>,
    /// The labels of all nodes ever, to number them by a key that is asked for later.
    nodes: Vec<BTreeMap<String, String>>,
}

#[derive(Clone, Debug)]
struct Key {
    name: String,
    values: BTreeMap<String, u32>,
    of_node: Vec<u32>,
}

impl Topology {
    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.nodes.clear();
    }

    /// The number of a label.
    pub(super) fn key(&mut self, name: &str) -> KeyId {
        let known = self.keys.iter().position(|it| it.name == name);
        let place = known.unwrap_or_else(|| {
            let mut key = Key {
                name: name.to_owned(),
                values: BTreeMap::new(),
                of_node: Vec::new(),
            };
            for (node, labels) in self.nodes.iter().enumerate() {
                key.place(node, labels);
            }
            self.keys.push(key);
            self.keys.len() - 1
        });
        KeyId(u32::try_from(place).unwrap_or(0))
    }

    /// A node has these labels from now on.
    pub(super) fn place(&mut self, node: usize, labels: &BTreeMap<String, String>) {
        if self.nodes.len() <= node {
            self.nodes.resize_with(node + 1, BTreeMap::new);
        }
        self.nodes[node].clone_from(labels);
        for key in &mut self.keys {
            key.place(node, labels);
        }
    }

    /// How many values a label has.
    pub(super) fn values(&self, key: KeyId) -> usize {
        self.keys[key.0 as usize].values.len()
    }

    /// The number of a node's value; [`NOWHERE`] if it has none.
    pub(super) fn value(&self, key: KeyId, node: usize) -> u32 {
        self.keys[key.0 as usize].of_node[node]
    }

    pub(super) fn has(&self, key: KeyId, node: usize) -> bool {
        self.value(key, node) != NOWHERE
    }

    /// The name of a label.
    pub(super) fn name(&self, key: KeyId) -> &str {
        &self.keys[key.0 as usize].name
    }

    /// How many labels are known.
    pub(super) fn keys(&self) -> usize {
        self.keys.len()
    }
}

impl Key {
    fn place(&mut self, node: usize, labels: &BTreeMap<String, String>) {
        if self.of_node.len() <= node {
            self.of_node.resize(node + 1, NOWHERE);
        }
        let Some(value) = labels.get(&self.name) else {
            self.of_node[node] = NOWHERE;
            return;
        };
        if !self.values.contains_key(value) {
            let number = u32::try_from(self.values.len()).unwrap_or(NOWHERE - 1);
            self.values.insert(value.clone(), number);
        }
        self.of_node[node] = self.values[value];
    }
}
