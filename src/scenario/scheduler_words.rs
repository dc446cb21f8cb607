//! The vocabulary of recordings of the scheduler: nodes, pods and what happens to them. Where a
//! pod's fields are those of the API, they are read as manifests are.

use super::times::seconds;
use crate::base::Span;
use crate::manifest;
use crate::model::{Effect, Node, PreemptionPolicy, Quantity, Resources, Taint};
use crate::sim::{BareDeed, BarePod, NodeDeed};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Texts = BTreeMap<String, String>;

/// A node.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeWords {
    name: String,
    #[serde(default)]
    at: f64,
    #[serde(flatten)]
    amounts: AmountWords,
    #[serde(default)]
    labels: Texts,
    #[serde(default)]
    taints: Vec<TaintWords>,
    #[serde(default)]
    unschedulable: bool,
    #[serde(default)]
    images: Vec<ImageWords>,
}

/// What a node has.
#[derive(Clone, Debug, Deserialize)]
struct AmountWords {
    cpu: Option<String>,
    memory: Option<String>,
    pods: Option<NumberWords>,
    #[serde(rename = "ephemeral-storage")]
    storage: Option<String>,
    #[serde(default)]
    extended: Texts,
}

/// A number, or the text of one.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum NumberWords {
    Number(u32),
    Text(String),
}

impl NumberWords {
    fn number(&self) -> Result<u32, String> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => {
                (text.parse()).map_err(|_| format!("{text:?} is no number of pods"))
            }
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
struct TaintWords {
    key: String,
    #[serde(default)]
    value: String,
    effect: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageWords {
    name: String,
    size: u64,
}

impl NodeWords {
    pub(super) fn at(&self) -> Result<Span, String> {
        seconds(self.at)
    }

    pub(super) fn node(&self) -> Result<Node, String> {
        let mut node = Node::named(self.name.as_str());
        node.labels.extend(self.labels.clone());
        // What is not told is not there.
        node.allocatable = Resources {
            milli_cpu: Some(0),
            memory: Some(0),
            ephemeral_storage: Some(0),
            ..Resources::default()
        };
        for (name, amount) in self.amounts.all()? {
            node.allocatable.set(&name, amount);
        }
        let pods = self.amounts.pods.as_ref().map(NumberWords::number);
        node.pods = pods.transpose()?.unwrap_or(Node::PODS);
        node.unschedulable = self.unschedulable;
        node.images = (self.images.iter())
            .map(|it| (it.name.clone(), it.size))
            .collect();
        let taints: Result<_, _> = self.taints.iter().map(TaintWords::taint).collect();
        node.taints = taints?;
        Ok(node)
    }
}

impl AmountWords {
    /// The amounts that are told, but for the number of pods.
    fn all(&self) -> Result<Vec<(String, u64)>, String> {
        let fixed = [
            ("cpu", &self.cpu),
            ("memory", &self.memory),
            ("ephemeral-storage", &self.storage),
        ];
        let fixed = fixed
            .iter()
            .filter_map(|(name, it)| Some(((*name).to_owned(), it.as_ref()?)));
        let others = self.extended.iter().map(|(name, it)| (name.clone(), it));
        let amount = |(name, text): (String, &String)| {
            let quantity = Quantity::parse(text);
            let quantity = quantity.ok_or_else(|| format!("{text:?} is no quantity"))?;
            let amount = if name == "cpu" {
                quantity.milli()
            } else {
                quantity.units()
            };
            Ok((name, u64::try_from(amount).unwrap_or(0)))
        };
        fixed.chain(others).map(amount).collect()
    }
}

impl TaintWords {
    fn taint(&self) -> Result<Taint, String> {
        let all = [
            Effect::NoSchedule,
            Effect::PreferNoSchedule,
            Effect::NoExecute,
        ];
        let effect = &self.effect;
        let found = all.into_iter().find(|it| it.as_str() == effect);
        let found = found.ok_or_else(|| {
            format!("{effect:?} is no effect: NoSchedule, PreferNoSchedule or NoExecute")
        });
        Ok(Taint {
            key: self.key.clone(),
            value: self.value.clone(),
            effect: found?,
        })
    }
}

/// A priority class.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ClassWords {
    pub(super) name: String,
    value: i32,
    preemption_policy: Option<String>,
}

/// A disruption budget.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BudgetWords {
    #[serde(rename = "name")]
    _name: String,
    pub(super) match_labels: Texts,
    pub(super) disruptions_allowed: i64,
}

/// A pod.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PodWords {
    name: String,
    at: f64,
    run: Option<f64>,
    stop: Option<f64>,
    namespace: Option<String>,
    #[serde(default)]
    labels: Texts,
    image: Option<String>,
    #[serde(default)]
    requests: Value,
    #[serde(default)]
    limits: Value,
    #[serde(default)]
    host_ports: Vec<u16>,
    #[serde(default)]
    containers: Vec<Map<String, Value>>,
    #[serde(default)]
    init_containers: Vec<Map<String, Value>>,
    priority_class: Option<String>,
    #[serde(rename = "owner")]
    _owner: Option<Value>,
    priority: Option<i32>,
    preemption_policy: Option<String>,
    termination_grace_period_seconds: Option<i64>,
    overhead: Option<Value>,
    node_selector: Option<Value>,
    affinity: Option<Value>,
    tolerations: Option<Value>,
    topology_spread_constraints: Option<Value>,
    scheduling_gates: Option<Vec<String>>,
}

/// The image of a container that names none.
const IMAGE: &str = "busybox:1";
/// From a delete to a bound pod's end, in seconds, if nothing is said.
const STOP: f64 = 0.1;

impl PodWords {
    pub(super) fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }

    pub(super) fn pod(&self, classes: &BTreeMap<&str, &ClassWords>) -> Result<BarePod, String> {
        let json = json!({"metadata": {"labels": self.labels}, "spec": self.spec()});
        let template = manifest::pod_template(&json.to_string());
        let mut template = template.map_err(|it| format!("pod {}: {it}", self.name))?;
        if let Some(name) = &self.priority_class {
            let class = classes.get(name.as_str());
            let class = class.ok_or_else(|| format!("there is no priority class {name:?}"))?;
            template.priority = Some(class.value);
            let never = class.preemption_policy.as_deref() == Some("Never");
            if never && template.preemption_policy.is_none() {
                template.preemption_policy = Some(PreemptionPolicy::Never);
            }
        }
        Ok(BarePod {
            name: self.name.clone(),
            at: seconds(self.at)?,
            run: self.run.map(seconds).transpose()?,
            stop: seconds(self.stop.unwrap_or(STOP))?,
            namespace: self.namespace().to_owned(),
            template,
        })
    }

    /// The fields that are the API's, as a manifest would have them.
    fn spec(&self) -> Value {
        let port = |it: &u16| json!({"hostPort": it, "containerPort": it});
        let first = json!({
            "image": self.image.as_deref().unwrap_or(IMAGE),
            "resources": {"requests": self.requests, "limits": self.limits},
            "ports": self.host_ports.iter().map(port).collect::<Vec<_>>(),
        });
        let containers = self.containers.iter().map(container);
        let init: Vec<Value> = self.init_containers.iter().map(container).collect();
        let gates = self.scheduling_gates.as_ref();
        let gates = gates.map(|it| it.iter().map(|name| json!({"name": name})));
        json!({
            "containers": std::iter::once(first).chain(containers).collect::<Vec<_>>(),
            "initContainers": init,
            "priority": self.priority,
            "preemptionPolicy": self.preemption_policy,
            "terminationGracePeriodSeconds": self.termination_grace_period_seconds,
            "overhead": self.overhead,
            "nodeSelector": self.node_selector,
            "affinity": self.affinity,
            "tolerations": self.tolerations,
            "topologySpreadConstraints": self.topology_spread_constraints,
            "schedulingGates": gates.map(Iterator::collect::<Vec<_>>),
        })
    }
}

/// A container whose requests and limits stand beside its other fields.
fn container(words: &Map<String, Value>) -> Value {
    let mut fields = words.clone();
    let mut resources = Map::new();
    for name in ["requests", "limits"] {
        if let Some(amounts) = fields.remove(name) {
            resources.insert(name.to_owned(), amounts);
        }
    }
    fields.insert("resources".to_owned(), Value::Object(resources));
    let image = || Value::String(IMAGE.to_owned());
    fields.entry("image").or_insert_with(image);
    Value::Object(fields)
}

/// Something that happens; exactly one field beside `at` and `node` is set, and `label` beside
/// `labelPod`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeedWords {
    at: f64,
    node: Option<String>,
    taint: Option<TaintWords>,
    untaint: Option<String>,
    cordon: Option<Value>,
    uncordon: Option<Value>,
    label: Option<Texts>,
    resize: Option<AmountWords>,
    add_node: Option<NodeWords>,
    delete_node: Option<String>,
    delete_pod: Option<String>,
    remove_gate: Option<String>,
    label_pod: Option<String>,
}

impl DeedWords {
    pub(super) fn deed(&self) -> Result<(Span, BareDeed), String> {
        let mut deeds = Vec::new();
        let mut add = |deed: Option<BareDeed>| deeds.extend(deed);
        let node = self.add_node.as_ref().map(NodeWords::node).transpose()?;
        add(node.map(|it| BareDeed::AddNode(Box::new(it))));
        add(self.delete_node.clone().map(BareDeed::DeleteNode));
        add(self.delete_pod.clone().map(BareDeed::DeletePod));
        if let Some(text) = &self.remove_gate {
            let (pod, gate) = text
                .split_once('/')
                .ok_or_else(|| format!("{text:?} names no gate: write POD/GATE"))?;
            add(Some(BareDeed::RemoveGate(pod.to_owned(), gate.to_owned())));
        }
        let labels = || self.label.clone().unwrap_or_default();
        let pod = self.label_pod.clone();
        add(pod.map(|it| BareDeed::LabelPod(it, labels())));
        let change = self.change()?;
        if let Some(change) = change {
            let (named, deed) = change;
            add(Some(BareDeed::ChangeNode(named, deed)));
        }
        match (deeds.pop(), deeds.pop()) {
            (Some(deed), None) => Ok((seconds(self.at)?, deed)),
            (None, _) => Err("an event says nothing".to_owned()),
            _ => Err("an event does two things: write two events".to_owned()),
        }
    }

    /// What happens to a node that stays.
    fn change(&self) -> Result<Option<(String, NodeDeed)>, String> {
        let cordon = |it: &Value, is: bool| (it.as_str().map(str::to_owned), NodeDeed::Cordon(is));
        let (named, deed) = if let Some(it) = &self.taint {
            (None, NodeDeed::Taint(it.taint()?))
        } else if let Some(key) = &self.untaint {
            (None, NodeDeed::Untaint(key.clone()))
        } else if let Some(it) = &self.cordon {
            cordon(it, true)
        } else if let Some(it) = &self.uncordon {
            cordon(it, false)
        } else if let Some(it) = &self.resize {
            let mut amounts = it.all()?;
            if let Some(pods) = &it.pods {
                amounts.push(("pods".to_owned(), u64::from(pods.number()?)));
            }
            (None, NodeDeed::Resize(amounts))
        } else if let (Some(labels), None) = (&self.label, &self.label_pod) {
            (None, NodeDeed::Label(labels.clone()))
        } else {
            return Ok(None);
        };
        let node = named.or_else(|| self.node.clone());
        let node = node.ok_or("an event does not name its node");
        Ok(Some((node?, deed)))
    }
}
