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

/// The taints of nodes that are gone for the moment, which admission has every pod bear for
/// [`ADMISSION_SECONDS`]: nodes that say they are not ready, and nodes that say nothing (P72).
pub const NODE_TAINTS: [&str; 2] = [
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
];

/// Seconds for which pods bear [`NODE_TAINTS`] unless they say otherwise (P75).
pub const ADMISSION_SECONDS: u64 = 300;

/// A pod's tolerations with those that admission adds: 300 s for each of [`NODE_TAINTS`] of which
/// the pod says nothing (P75).
#[must_use]
pub fn admitted(mut tolerations: Vec<Toleration>) -> Vec<Toleration> {
    let own = tolerations.len();
    for key in NODE_TAINTS {
        let speaks = |one: &Toleration| {
            (one.key.is_empty() || one.key == key)
                && matches!(one.effect, None | Some(Effect::NoExecute))
        };
        if !tolerations[..own].iter().any(speaks) {
            tolerations.push(Toleration {
                key: key.to_owned(),
                operator: TolerationOperator::Exists,
                value: String::new(),
                effect: Some(Effect::NoExecute),
                seconds: Some(ADMISSION_SECONDS),
            });
        }
    }
    tolerations
}

/// How long a pod stays on a tainted node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stay {
    /// So many seconds from now; 0 for a pod that has to go at once.
    Seconds(u64),
    /// As long as it likes.
    Forever,
}

/// How long a pod with those tolerations stays on a node with those taints (P74). Only the effect
/// `NoExecute` drives pods away. Of several tolerations that bear the same taint the first counts,
/// and of the taints the one that is borne for the shortest time.
#[must_use]
pub fn stay(tolerations: &[Toleration], taints: &[Taint]) -> Stay {
    let driving = taints.iter().filter(|it| it.effect == Effect::NoExecute);
    let times = driving.filter_map(|taint| {
        let first = tolerations.iter().find(|one| one.tolerates(taint));
        first.map_or(Some(0), |toleration| toleration.seconds)
    });
    times.min().map_or(Stay::Forever, Stay::Seconds)
}
