//! Tolerations.

use crate::manifest::names::label_value_flaws;
use crate::manifest::twin::Toleration;
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::labels;
use crate::manifest::validate::path::Path;
use crate::model::Check;

pub(super) fn check(at: &Path, tolerations: &[Toleration], found: &mut Findings) {
    for (index, toleration) in tolerations.iter().enumerate() {
        let at = at.at(index);
        let operator = at.child("operator");
        if !toleration.key.is_empty() {
            labels::key(&at.child("key"), &toleration.key, found);
        } else if toleration.operator != "Exists" {
            let text = "operator must be Exists when `key` is empty, which means \"match all \
                        values and all keys\"";
            found.invalid(&operator, &toleration.operator, text);
        }
        let effect = toleration.effect.as_str();
        if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
            let text = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            found.invalid(&at.child("effect"), effect, text);
        }
        let value = toleration.value.as_str();
        match toleration.operator.as_str() {
            "" | "Equal" => {
                let flaws = label_value_flaws(value, found.release());
                if !flaws.is_empty() {
                    found.invalid(&operator, value, &flaws.join(";"));
                }
            }
            "Exists" => {
                if !value.is_empty() {
                    let text = "value must be empty when `operator` is 'Exists'";
                    if found.has(Check::TolerationByValue) {
                        found.invalid(&operator, value, text);
                    } else {
                        found.invalid(&operator, toleration, text);
                    }
                }
            }
            // They are named among those that are supported, and refused all the same.
            other @ ("Lt" | "Gt") if found.has(Check::ComparingTolerations) => {
                found.not_supported(&operator, other, &["Equal", "Exists", "Lt", "Gt"]);
            }
            other => found.not_supported(&operator, other, &["Equal", "Exists"]),
        }
        if !effect.is_empty() {
            let supported = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
            found.one_of(&at.child("effect"), effect, &supported);
        }
    }
}
