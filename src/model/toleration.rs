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

#[cfg(test)]
mod tests {
    use super::*;

    /// `key=value:Effect` as kubectl writes it.
    fn taint(text: &str) -> Taint {
        let (name, effect) = text.split_once(':').unwrap();
        let (key, value) = name.split_once('=').unwrap_or((name, ""));
        Taint {
            key: key.to_owned(),
            value: value.to_owned(),
            effect: effect_of(effect).unwrap(),
        }
    }

    fn effect_of(text: &str) -> Option<Effect> {
        let all = [
            Effect::NoSchedule,
            Effect::PreferNoSchedule,
            Effect::NoExecute,
        ];
        all.into_iter().find(|effect| effect.as_str() == text)
    }

    /// `key=value:Effect+seconds`, or `key:Effect` for any value; no effect for all.
    fn toleration(text: &str) -> Toleration {
        let (text, seconds) = text.split_once('+').unwrap_or((text, ""));
        let (name, effect) = text.split_once(':').unwrap_or((text, ""));
        let (key, value) = name.split_once('=').unwrap_or((name, ""));
        Toleration {
            key: key.to_owned(),
            operator: if name.contains('=') {
                TolerationOperator::Equal
            } else {
                TolerationOperator::Exists
            },
            value: value.to_owned(),
            effect: effect_of(effect),
            seconds: seconds.parse().ok(),
        }
    }

    /// P74
    #[test]
    fn a_taint_is_borne_if_effect_key_and_value_agree() {
        let check = |one: &str, other: &str, want: bool| {
            let got = toleration(one).tolerates(&taint(other));
            assert_eq!(got, want, "{one} {other}");
        };
        check("gpu=a100:NoSchedule", "gpu=a100:NoSchedule", true);
        check("gpu=a100:NoSchedule", "gpu=h100:NoSchedule", false);
        check("gpu=a100:NoSchedule", "gpu=a100:NoExecute", false);
        check("gpu=a100:NoSchedule", "spot=a100:NoSchedule", false);
        check("gpu=:NoSchedule", "gpu:NoSchedule", true);
        check("gpu=:NoSchedule", "gpu=a100:NoSchedule", false);
        check("gpu=a100", "gpu=a100:PreferNoSchedule", true);
        check("gpu", "gpu=a100:NoSchedule", true);
        check("gpu", "gpu:NoExecute", true);
        check("gpu:NoExecute", "gpu:NoSchedule", false);
        check("gpu", "cpu:NoSchedule", false);
        check("", "anything=at-all:NoExecute", true);
        check(":NoSchedule", "anything:NoSchedule", true);
        check(":NoSchedule", "anything:NoExecute", false);
        check("=on", "gpu=on:NoSchedule", true);
        check("=on", "gpu=off:NoSchedule", false);
        let values = Toleration {
            value: "ignored".to_owned(),
            ..toleration("gpu")
        };
        assert!(values.tolerates(&taint("gpu=a100:NoSchedule")));
    }

    /// P74
    #[test]
    fn the_shortest_time_that_a_taint_is_borne_counts() {
        let check = |own: &str, taints: &str, want: Stay| {
            let own = own.split_whitespace().map(toleration).collect::<Vec<_>>();
            let all = taints.split_whitespace().map(taint).collect::<Vec<_>>();
            assert_eq!(stay(&own, &all), want, "{own:?} {taints}");
        };
        check("", "", Stay::Forever);
        check("", "gpu:NoSchedule old:PreferNoSchedule", Stay::Forever);
        check("", "gpu:NoExecute", Stay::Seconds(0));
        check("gpu", "gpu:NoExecute", Stay::Forever);
        check("gpu+60", "gpu:NoExecute", Stay::Seconds(60));
        check("gpu+60", "gpu:NoExecute old:NoExecute", Stay::Seconds(0));
        check(
            "gpu+60 old+9",
            "gpu:NoExecute old:NoExecute",
            Stay::Seconds(9),
        );
        check(
            "gpu+60 old",
            "gpu:NoExecute old:NoExecute",
            Stay::Seconds(60),
        );
        check("gpu+60 gpu+9", "gpu:NoExecute", Stay::Seconds(60));
        check("gpu gpu+9", "gpu:NoExecute", Stay::Forever);
    }

    /// P75
    #[test]
    fn admission_adds_what_the_pod_does_not_say() {
        let check = |own: &str, want: [Option<u64>; 2]| {
            let own = own.split_whitespace().map(toleration).collect();
            let all = admitted(own);
            let times =
                NODE_TAINTS.map(
                    |key| match stay(&all, &[taint(&format!("{key}:NoExecute"))]) {
                        Stay::Seconds(n) => Some(n),
                        Stay::Forever => None,
                    },
                );
            assert_eq!(times, want, "{all:?}");
        };
        let [not_ready, unreachable] = NODE_TAINTS;
        check("gpu", [Some(300); 2]);
        check(&format!("{not_ready}:NoExecute+60"), [Some(60), Some(300)]);
        check(unreachable, [Some(300), None]);
        check(&format!("{unreachable}:NoSchedule"), [Some(300); 2]);
        check(&format!("{unreachable}=x:NoExecute"), [Some(300), Some(0)]);
        assert_eq!(admitted(vec![toleration(":NoExecute")]).len(), 1);
    }
}
