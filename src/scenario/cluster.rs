//! Recordings of whole clusters: nodes, Jobs, what their pods do and what happens to the cluster,
//! `{"scenario": …, "steps": […]}`, one a line, or the scenario alone.

use super::cluster_words::{BudgetWords, DeedWords, NodeWords};
use super::line;
use super::recording::RecordingError;
use super::times::{Time, seconds};
use super::words::{ScriptWords, Untold};
use crate::base::Span;
use crate::control::{node_lifecycle, pod_gc};
use crate::manifest;
use crate::model::{Job, PodScript, PreemptionPolicy, PriorityClass, Release};
use crate::report::cluster_steps::{ClusterStep, ClusterStepRecorder};
use crate::sim::{Limits, Phases, Scenario, TieBreak, Workload, World};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A line of a recording of a cluster.
#[derive(Clone, Debug)]
pub struct ClusterRecording {
    /// The scenario's `id`; empty if it has none.
    pub id: String,
    /// The scenario as written, to be written out again.
    pub text: String,
    /// The scenario.
    pub scenario: Scenario,
    /// What Kubernetes did, if the line tells.
    pub steps: Option<Vec<ClusterStep>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScenarioWords<'a> {
    #[serde(default)]
    id: String,
    /// How long the controllers have run before the origin.
    #[serde(default)]
    start: f64,
    until: f64,
    /// The scheduler's pace.
    cycle: Option<f64>,
    nodes: Vec<NodeWords>,
    #[serde(borrow)]
    jobs: Vec<JobWords<'a>>,
    pods: Vec<PodWords>,
    #[serde(default)]
    priority_classes: Vec<ClassWords>,
    #[serde(default)]
    pdbs: Vec<BudgetWords>,
    #[serde(default)]
    events: Vec<DeedWords>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JobWords<'a> {
    at: Time,
    #[serde(borrow)]
    manifest: &'a RawValue,
}

#[derive(Deserialize)]
struct PodWords {
    job: Option<String>,
    #[serde(default)]
    node: Vec<String>,
    #[serde(flatten)]
    script: ScriptWords,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClassWords {
    name: String,
    value: i32,
    preemption_policy: Option<String>,
}

impl ClassWords {
    fn class(&self) -> Result<PriorityClass, String> {
        let preemption_policy = match self.preemption_policy.as_deref() {
            None | Some("PreemptLowerPriority") => PreemptionPolicy::PreemptLowerPriority,
            Some("Never") => PreemptionPolicy::Never,
            Some(other) => {
                return Err(format!(
                    "{other:?} is no preemptionPolicy: PreemptLowerPriority or Never"
                ));
            }
        };
        Ok(PriorityClass {
            value: self.value,
            preemption_policy,
        })
    }
}

impl ClusterRecording {
    /// Reads a line: a recording, or a scenario alone.
    ///
    /// # Errors
    ///
    /// The line is not JSON of that shape, or names a thing that does not exist.
    pub fn from_json(line: &str, release: Release) -> Result<Self, RecordingError> {
        let (text, steps) = line::parts(line)?;
        let words: ScenarioWords<'_> = serde_json::from_str(text)?;
        let scenario = words.scenario(release)?;
        Ok(Self {
            id: words.id,
            text: text.to_owned(),
            scenario,
            steps,
        })
    }

    /// Plays the scenario and gives its steps.
    #[must_use]
    pub fn play(&self) -> Vec<ClusterStep> {
        let mut recorder = ClusterStepRecorder::new();
        World::new(self.scenario.clone()).play(&mut recorder);
        recorder.into_steps()
    }
}

impl ScenarioWords<'_> {
    fn scenario(&self, release: Release) -> Result<Scenario, RecordingError> {
        let word = RecordingError::Word;
        let mut scenario = Scenario::on(release);
        scenario.limits = Limits::IDEAL;
        scenario.ties = TieBreak::InTurn;
        if let Some(cycle) = self.cycle {
            scenario.cycle = seconds(cycle).map_err(word)?;
        }
        // Up to the end, not including it.
        scenario.until = seconds(self.until).map_err(word)? - Span::from_micros(1);
        scenario.phases = phases(seconds(self.start).map_err(word)?);
        for node in &self.nodes {
            scenario.nodes.push(node.node().map_err(word)?);
        }
        for budget in &self.pdbs {
            scenario.budgets.push(budget.budget().map_err(word)?);
        }
        for words in &self.priority_classes {
            let class = words.class().map_err(word)?;
            scenario.priority_classes.insert(words.name.clone(), class);
        }
        for words in &self.jobs {
            let job = job(words.manifest)?;
            scenario.workloads.push(Workload {
                pods: self.scripts(&job),
                at: words.at.0,
                job: job.into(),
                fates: Vec::new(),
            });
        }
        let names: Vec<&str> = (scenario.workloads.iter())
            .map(|it| it.job.name.as_str())
            .collect();
        let actions: Result<Vec<_>, String> =
            self.events.iter().map(|it| it.action(&names)).collect();
        scenario.actions = actions.map_err(word)?;
        Ok(scenario)
    }

    /// The scripts for the pods of a Job. The last of all is there for pods that none matches.
    fn scripts(&self, job: &Job) -> Vec<PodScript> {
        let of_job = |it: &&PodWords| it.job.as_ref().is_none_or(|name| *name == job.name);
        let last = self.pods.last().filter(|it| !of_job(it));
        let all = self.pods.iter().filter(of_job).chain(last);
        all.map(|it| PodScript {
            node: it.node.clone(),
            ..it.script.script(&Untold::RECORDED)
        })
        .collect()
    }
}

/// Passes are made since so long before the origin, and a moment apart, so that no two of
/// different controllers are at one instant.
fn phases(start: Span) -> Phases {
    let phase = |after: i64, period: Span| {
        let since = Span::from_millis(after) - start;
        Span::from_micros(since.micros().rem_euclid(period.micros()))
    };
    Phases {
        monitor: phase(30, node_lifecycle::MONITOR_PERIOD),
        tainting: phase(0, node_lifecycle::TAINTING_PERIOD),
        pod_gc: phase(70, pod_gc::PERIOD),
    }
}

fn job(manifest: &RawValue) -> Result<Job, RecordingError> {
    let options = manifest::Options {
        assume_job: true,
        ..manifest::Options::default()
    };
    let documents = manifest::read("scenario", manifest.get().as_bytes(), &options)?;
    let mut jobs = documents.into_iter().filter_map(|document| document.job);
    jobs.next()
        .ok_or_else(|| RecordingError::Word("`manifest` is not a Job".to_owned()))
}
