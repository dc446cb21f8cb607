//! What a namespace allows: disruption budgets, quotas, and ranges of resources.

use super::super::fields::{Either as Side, Fields};
use super::super::leaf::Leaf as L;
use super::super::schema::Kind::{Leaf, List, Table as Inner};
use super::super::schema::{Table, field, needed};
use super::nodes::{AMOUNTS, TEXTS};
use super::{COUNT, NAME};
use crate::model::selector::{LabelTest, Requirement};
use crate::model::{Availability, DisruptionBudget, LabelSelector, LimitRange, Quota};
use crate::model::{PreemptionPolicy, PriorityClass};
use std::collections::BTreeMap;

/// A disruption budget.
pub(super) static BUDGET: Table = Table::plain(
    "A PodDisruptionBudget. Without minAvailable and maxUnavailable no pod may be evicted.",
    &[&[
        needed("name", "", NAME, "Its name."),
        field(
            "selector",
            "P80",
            Inner(&SELECTOR),
            "Which pods it is for; none unless told, and all if it is empty.",
        ),
        field(
            "minAvailable",
            "P81",
            Leaf(L::Amount),
            "Healthy pods that have to stay. Of the pods of a Job, no percentage can be computed, \
             so that none of them may be evicted.",
        ),
        field(
            "maxUnavailable",
            "P81",
            Leaf(L::Amount),
            "Pods that may be unhealthy. For the pods of a Job this cannot be computed, so that \
             none of them may be evicted.",
        ),
        field(
            "unhealthyPodEvictionPolicy",
            "P80",
            Leaf(L::OneOf(&["IfHealthyBudget", "AlwaysAllow"])),
            "Whether pods that are not Ready may go: IfHealthyBudget unless told.",
        ),
    ]],
);

static SELECTOR: Table = Table::plain(
    "A label selector: all of it has to hold.",
    &[&[
        field("matchLabels", "P80", TEXTS, "Labels that pods must have."),
        field(
            "matchExpressions",
            "P80",
            List(&Inner(&REQUIREMENT)),
            "What else is asked of their labels.",
        ),
    ]],
);

static REQUIREMENT: Table = Table::plain(
    "What is asked of a label.",
    &[&[
        needed("key", "P80", NAME, "The label's key."),
        needed(
            "operator",
            "P80",
            Leaf(L::OneOf(&["Exists", "DoesNotExist", "In", "NotIn"])),
            "What has to hold.",
        ),
        field(
            "values",
            "P80",
            List(&Leaf(L::Text)),
            "The values of In and NotIn.",
        ),
    ]],
);

/// A quota.
pub(super) static QUOTA: Table = Table::plain(
    "A ResourceQuota of the namespace, counting the pods of all Jobs.",
    &[&[
        field("name", "", NAME, "Its name; quota unless told."),
        field("pods", "P93", Leaf(COUNT), "Pods that have not ended."),
        field(
            "requests",
            "P93",
            AMOUNTS,
            "What they may ask for together, by resource: cpu, memory.",
        ),
        field(
            "limits",
            "P93",
            AMOUNTS,
            "What their limits may come to, by resource.",
        ),
    ]],
);

/// A range of resources.
pub(super) static LIMIT_RANGE: Table = Table::plain(
    "A LimitRange of the namespace for containers.",
    &[&[
        field("name", "", NAME, "Its name; limits unless told."),
        field("min", "P90", AMOUNTS, "The least a container may ask for."),
        field("max", "P90", AMOUNTS, "The most a container may ask for."),
        field(
            "defaultRequest",
            "P90",
            AMOUNTS,
            "Requests of containers without any.",
        ),
        field(
            "default",
            "P90",
            AMOUNTS,
            "Limits of containers without any.",
        ),
    ]],
);

/// A priority class in full.
pub(super) static PRIORITY: Table = Table::plain(
    "A PriorityClass.",
    &[&[
        needed("value", "P115", Leaf(VALUE), "Its value."),
        field(
            "preemptionPolicy",
            "P111",
            Leaf(L::OneOf(&["PreemptLowerPriority", "Never"])),
            "Whether its pods take the room of others: PreemptLowerPriority unless told.",
        ),
    ]],
);

/// The value of a priority class that users may make.
pub(super) const VALUE: L = L::Whole(i32::MIN as i64, 1_000_000_000);

/// The priority classes by name.
pub(in super::super) fn priorities(file: &Fields<'_>) -> BTreeMap<String, PriorityClass> {
    let class = |(name, side): (&str, Side<'_>)| {
        let (value, never) = match side {
            Side::Short(value) => (value.as_i64(), false),
            Side::Long(it) => {
                let never = it.text("preemptionPolicy") == Some("Never");
                (it.whole("value"), never)
            }
        };
        let class = PriorityClass {
            value: value.and_then(|it| i32::try_from(it).ok()).unwrap_or(0),
            preemption_policy: if never {
                PreemptionPolicy::Never
            } else {
                PreemptionPolicy::PreemptLowerPriority
            },
        };
        (name.to_owned(), class)
    };
    let classes = file.sides_by_name("priorityClasses").into_iter();
    classes.map(class).collect()
}

pub(in super::super) fn budget(it: &Fields<'_>) -> DisruptionBudget {
    let least = it.amount("minAvailable").map(Availability::Min);
    let most = it
        .amount("maxUnavailable")
        .map(Availability::MaxUnavailable);
    if least.is_some() && most.is_some() {
        let words = "minAvailable and maxUnavailable cannot both be set";
        it.flaw("maxUnavailable", words);
    }
    DisruptionBudget {
        name: it.owned("name").unwrap_or_default(),
        selector: it.table("selector").map(|it| selector(&it)),
        wants: least.or(most),
        unhealthy_may_go: it.text("unhealthyPodEvictionPolicy") == Some("AlwaysAllow"),
    }
}

fn selector(it: &Fields<'_>) -> LabelSelector {
    let requirements = it.tables("matchExpressions");
    LabelSelector {
        labels: it.labels("matchLabels"),
        expressions: requirements.iter().map(requirement).collect(),
    }
}

fn requirement(it: &Fields<'_>) -> Requirement {
    let values: Vec<String> = it.texts("values").into_iter().map(str::to_owned).collect();
    let operator = it.text("operator").unwrap_or_default();
    let wants = matches!(operator, "In" | "NotIn");
    if wants == values.is_empty() {
        let words = if wants { "needs some" } else { "has none" };
        it.flaw("values", format!("{operator} {words}"));
    }
    Requirement {
        key: it.owned("key").unwrap_or_default(),
        test: match operator {
            "In" => LabelTest::In(values),
            "NotIn" => LabelTest::NotIn(values),
            "Exists" => LabelTest::Exists,
            _ => LabelTest::DoesNotExist,
        },
    }
}

pub(super) fn quota(it: &Fields<'_>) -> Quota {
    Quota {
        name: it.owned("name").unwrap_or_else(|| "quota".to_owned()),
        pods: it.whole("pods"),
        requests: it.resources("requests"),
        limits: it.resources("limits"),
    }
}

pub(super) fn limit_range(it: &Fields<'_>) -> LimitRange {
    let range = LimitRange {
        name: it.owned("name").unwrap_or_else(|| "limits".to_owned()),
        min: it.resources("min"),
        max: it.resources("max"),
        default_requests: it.resources("defaultRequest"),
        default_limits: it.resources("default"),
    };
    for (name, least) in range.min.iter() {
        if range.max.get(name).is_some_and(|most| most < least) {
            it.flaw("max", format!("the most of {name} is less than the least"));
        }
    }
    range
}
