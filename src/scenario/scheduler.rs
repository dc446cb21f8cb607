//! Recordings of the scheduler alone: nodes, pods and what happens to them, and what it did,
//! `{"scenario": …, "steps": […]}`, one a line, or the scenario alone.

use super::line;
use super::recording::RecordingError;
use super::scheduler_words::{BudgetWords, ClassWords, DeedWords, NodeWords, PodWords};
use super::times::seconds;
use crate::model::{LabelSelector, Release};
use crate::report::scheduler_steps::SchedulerStep;
use crate::sim::{BareScenario, BareWorld};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A line of a recording of the scheduler.
#[derive(Clone, Debug)]
pub struct SchedulerRecording {
    /// The scenario's `id`; empty if it has none.
    pub id: String,
    /// The scenario as written, to be written out again.
    pub text: String,
    /// The scenario.
    pub scenario: BareScenario,
    /// What Kubernetes did, if the line tells; steps in which only queues changed are left out.
    pub steps: Option<Vec<SchedulerStep>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScenarioWords {
    #[serde(default)]
    id: String,
    #[serde(default, rename = "family")]
    _family: String,
    until: f64,
    #[serde(default = "usual_cycle")]
    cycle: f64,
    #[serde(default)]
    nodes: Vec<NodeWords>,
    #[serde(default)]
    pods: Vec<PodWords>,
    #[serde(default)]
    priority_classes: Vec<ClassWords>,
    #[serde(default)]
    pdbs: Vec<BudgetWords>,
    #[serde(default)]
    services: Vec<ServiceWords>,
    #[serde(default)]
    namespaces: Vec<NamespaceWords>,
    #[serde(default)]
    events: Vec<DeedWords>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceWords {
    #[serde(rename = "name")]
    _name: String,
    #[serde(default)]
    selector: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamespaceWords {
    name: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

const fn usual_cycle() -> f64 {
    0.005
}

/// The label of each namespace that tells its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

impl SchedulerRecording {
    /// Reads a line: a recording, or a scenario alone.
    ///
    /// # Errors
    ///
    /// The line is not JSON of that shape, or names a thing that does not exist.
    pub fn from_json(line: &str, release: Release) -> Result<Self, RecordingError> {
        let (text, mut steps) = line::parts::<SchedulerStep>(line)?;
        let words: ScenarioWords = serde_json::from_str(text)?;
        if let Some(steps) = &mut steps {
            steps.retain(|it| !it.is_empty());
        }
        Ok(Self {
            scenario: words.scenario(release).map_err(RecordingError::Word)?,
            id: words.id,
            text: text.to_owned(),
            steps,
        })
    }

    /// Plays the scenario and gives its steps.
    #[must_use]
    pub fn play(&self) -> Vec<SchedulerStep> {
        let mut world = BareWorld::new(self.scenario.clone());
        let mut steps = Vec::new();
        while let Some(moments) = world.step() {
            let all = moments.iter().map(|it| SchedulerStep::of(it, &world));
            steps.extend(all.filter(|it| !it.is_empty()));
        }
        steps
    }
}

impl ScenarioWords {
    fn scenario(&self, release: Release) -> Result<BareScenario, String> {
        let classes: BTreeMap<&str, &ClassWords> = (self.priority_classes.iter())
            .map(|it| (it.name.as_str(), it))
            .collect();
        let nodes = self.nodes.iter().map(|it| Ok((it.at()?, it.node()?)));
        let pods = self.pods.iter().map(|it| it.pod(&classes));
        let deeds = self.events.iter().map(DeedWords::deed);
        let mut namespaces = BTreeMap::new();
        let spaces = self.pods.iter().map(PodWords::namespace);
        for name in spaces.chain(["default"]) {
            namespaces.insert(name.to_owned(), BTreeMap::new());
        }
        for it in &self.namespaces {
            namespaces.insert(it.name.clone(), it.labels.clone());
        }
        for (name, labels) in &mut namespaces {
            labels.insert(NAME_LABEL.to_owned(), name.clone());
        }
        Ok(BareScenario {
            release,
            until: seconds(self.until)?,
            cycle: seconds(self.cycle)?,
            nodes: nodes.collect::<Result<_, String>>()?,
            pods: pods.collect::<Result<_, String>>()?,
            budgets: (self.pdbs.iter())
                .map(|it| {
                    let selector = LabelSelector::of_labels(it.match_labels.clone());
                    (selector, it.disruptions_allowed)
                })
                .collect(),
            services: self.services.iter().map(|it| it.selector.clone()).collect(),
            namespaces,
            deeds: deeds.collect::<Result<_, String>>()?,
        })
    }
}
