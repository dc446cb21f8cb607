//! Recordings of Kubernetes' controllers: `{"scenario": …, "steps": […]}`, one a line, or the
//! scenario alone.

use super::line;
use super::times::seconds;
use super::words::{ActionWords, FaultWords, ScriptWords, Untold};
use crate::base::Span;
use crate::manifest;
use crate::model::Release;
use crate::report::steps::{Step, StepRecorder};
use crate::sim::{Limits, Scenario, Workload, World};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A line of a recording.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The scenario's `id`; empty if it has none.
    pub id: String,
    /// The scenario as written, to be written out again.
    pub text: String,
    /// The scenario.
    pub scenario: Scenario,
    /// What Kubernetes did, if the line tells.
    pub steps: Option<Vec<Step>>,
}

/// A line that is no recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Not JSON of that shape.
    #[error("not a scenario or recording: {0}")]
    Json(#[from] serde_json::Error),
    /// A value that means nothing.
    #[error("{0}")]
    Word(String),
    /// The Job is none.
    #[error("{0}")]
    Job(#[from] manifest::Errors),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScenarioWords<'a> {
    #[serde(default)]
    id: String,
    #[serde(default)]
    start: f64,
    until: f64,
    #[serde(borrow)]
    job: &'a RawValue,
    pods: Vec<ScriptWords>,
    #[serde(default)]
    actions: Vec<ActionWords>,
    #[serde(default)]
    faults: Vec<FaultWords>,
    qps: Option<f64>,
    burst: Option<u32>,
    latency_ms: Option<f64>,
}

impl Recording {
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
    pub fn play(&self) -> Vec<Step> {
        let mut recorder = StepRecorder::new();
        World::new(self.scenario.clone()).play(&mut recorder);
        recorder.into_steps()
    }

    /// How much the times of steps may differ: those of rate-limited scenarios carry the rounding
    /// of client-go's floating-point token bucket.
    #[must_use]
    pub const fn tolerance(&self) -> Span {
        if self.scenario.limits.milli_qps.is_some() {
            Span::from_millis(1)
        } else {
            Span::ZERO
        }
    }
}

impl ScenarioWords<'_> {
    fn scenario(&self, release: Release) -> Result<Scenario, RecordingError> {
        let word = RecordingError::Word;
        let options = manifest::Options {
            assume_job: true,
            ..manifest::Options::default()
        };
        let documents = manifest::read("scenario", self.job.get().as_bytes(), &options)?;
        let job = documents
            .into_iter()
            .find_map(|document| document.job)
            .ok_or_else(|| word("`job` is not a Job".to_owned()))?;
        let pods = self
            .pods
            .iter()
            .map(|it: &ScriptWords| it.script(&Untold::RECORDED));
        let actions: Result<_, String> = self.actions.iter().map(ActionWords::action).collect();
        let faults: Result<_, String> = self.faults.iter().map(FaultWords::fault).collect();
        let mut scenario = Scenario::on(release);
        // Times count from the whole second before the creation.
        let start = seconds(self.start).map_err(word)?;
        scenario.start = Span::from_micros(start.micros() % Span::from_secs(1).micros());
        scenario.until = seconds(self.until).map_err(word)?;
        scenario.workloads.push(Workload {
            job: job.into(),
            at: Span::ZERO,
            pods: pods.collect(),
            fates: Vec::new(),
        });
        scenario.actions = actions.map_err(word)?;
        scenario.faults = faults.map_err(word)?;
        scenario.limits = self.limits().map_err(word)?;
        Ok(scenario)
    }

    fn limits(&self) -> Result<Limits, String> {
        let rate = self.qps.filter(|qps| *qps > 0.0).map(|qps| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
            let milli = (qps * 1000.0).round() as u32;
            milli.max(1)
        });
        let latency = seconds(self.latency_ms.unwrap_or(0.0) / 1000.0)?;
        Ok(Limits {
            milli_qps: rate,
            burst: self.burst.unwrap_or(0),
            latency,
        })
    }
}
