//! Taints of nodes, and the tolerations by which pods bear them.

/// A mark on a node that keeps pods away which do not tolerate it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taint {
    /// `key`
    pub key: String,
    /// `value`; often empty.
    pub value: String,
    /// `effect`
    pub effect: Effect,
}

/// `effect` of a taint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// No pod is placed there.
    NoSchedule,
    /// Pods are placed elsewhere, if possible.
    PreferNoSchedule,
    /// No pod is placed there, and those that are there go.
    NoExecute,
}

impl Effect {
    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSchedule => "NoSchedule",
            Self::PreferNoSchedule => "PreferNoSchedule",
            Self::NoExecute => "NoExecute",
        }
    }
}

/// What a pod bears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Toleration {
    /// `key`; empty for all keys.
    pub key: String,
    /// `operator`
    pub operator: TolerationOperator,
    /// `value`
    pub value: String,
    /// `effect`; `None` for all effects.
    pub effect: Option<Effect>,
    /// `tolerationSeconds`: how long the pod stays on a node with such a taint (`NoExecute`);
    /// `None` for ever.
    pub seconds: Option<u64>,
}

/// `operator` of a toleration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TolerationOperator {
    /// The values are the same.
    #[default]
    Equal,
    /// Any value will do.
    Exists,
}

impl Toleration {
    /// Whether the pod bears that taint.
    #[must_use]
    pub fn tolerates(&self, taint: &Taint) -> bool {
        let effect = self.effect.is_none_or(|effect| effect == taint.effect);
        let key = self.key.is_empty() || self.key == taint.key;
        let value = match self.operator {
            TolerationOperator::Equal => self.value == taint.value,
            TolerationOperator::Exists => true,
        };
        effect && key && value
    }
}
