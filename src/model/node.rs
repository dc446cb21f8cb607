//! Nodes: the machines that pods run on.

/// A node of the run, numbered in order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// Somewhere in a cluster that has room for everything: there is no object for that node.
    pub const SOMEWHERE: Self = Self(u32::MAX);

    /// The node's place in a table of all nodes.
    #[must_use]
    pub const fn slot(self) -> usize {
        self.0 as usize
    }

    /// Whether there is an object for that node.
    #[must_use]
    pub const fn is_named(self) -> bool {
        self.0 != u32::MAX
    }
}
