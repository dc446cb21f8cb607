//! Scenario files: what pods do and what happens from outside, as people write it.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::times::{Rate, Time, seconds};
use super::words::{ActionWords, FaultWords, ScriptWords, Untold};
use super::{against, check};
use crate::base::Span;
use crate::manifest::{self, Diagnostic, Errors, Flaw, Kind, Located, Severity, Stage};
use crate::model::{Job, PodScript, Release};
use crate::sim::{Action, Fault, Limits, Scenario};

/// A scenario file in YAML or JSON.
///
/// Its vocabulary is that of recordings, but what is not told means something else: a pod is bound
/// at once, starts a second later and runs for a minute, and the limits of the control plane are
/// the usual ones. [`json_schema`](super::json_schema) describes every field.
///
/// ```
/// use dryjob::model::{Job, Release};
/// use dryjob::scenario::ScenarioFile;
/// use dryjob::sim::Scenario;
///
/// let job = Job::from_yaml("
/// apiVersion: batch/v1
/// kind: Job
/// metadata: {name: train}
/// spec:
///   template: {spec: {restartPolicy: Never, containers: [{name: main, image: train}]}}
/// ")?;
/// let file = ScenarioFile::read("drain.yaml", b"
/// pods:
/// - {nth: [0], run: never, onDelete: {stop: 20s}}    # until it is evicted
/// - {run: 30m}
/// actions:
/// - {at: 10m, evict: 0}
/// ")?;
/// assert_eq!(file.check_against(&job), []);
/// let mut scenario = Scenario::on(Release::LATEST).job(job, []);
/// file.apply(&mut scenario);
/// assert_eq!(scenario.workloads[0].pods.len(), 2);
///
/// let errors = ScenarioFile::read("drain.yaml", b"actions: [{at: 10, evit: 0}]").unwrap_err();
/// let error = errors.iter().next().unwrap();
/// assert_eq!(error.message, "actions[0].evit: unknown field");
/// assert_eq!(error.help.as_deref(), Some("did you mean `evict`?"));
/// # Ok::<(), dryjob::manifest::Errors>(())
/// ```
#[derive(Clone, Debug)]
pub struct ScenarioFile {
    located: Located,
    id: Option<String>,
    release: Option<Release>,
    job: Option<Job>,
    start: Option<Span>,
    until: Option<Span>,
    pods: Vec<PodScript>,
    actions: Vec<Action>,
    faults: Vec<Fault>,
    rate: Rate,
    burst: Option<u32>,
    latency: Option<Span>,
    warnings: Vec<Diagnostic>,
}

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileWords {
    id: Option<String>,
    kubernetes: Option<String>,
    /// Read by the means of manifests.
    #[serde(rename = "job")]
    _job: Option<IgnoredAny>,
    start: Option<Time>,
    until: Option<Time>,
    #[serde(default)]
    pods: Vec<ScriptWords>,
    #[serde(default)]
    actions: Vec<ActionWords>,
    #[serde(default)]
    faults: Vec<FaultWords>,
    #[serde(default)]
    qps: Rate,
    burst: Option<u32>,
    latency: Option<Time>,
    latency_ms: Option<f64>,
}

impl ScenarioFile {
    /// Reads a file. `source_name` is what messages call it.
    ///
    /// # Errors
    /// All problems of the file, by place; those of the Job in it and those that
    /// [`ScenarioFile::check_against`] finds with that Job, too.
    pub fn read(source_name: &str, bytes: &[u8]) -> Result<Self, Errors> {
        let located = manifest::read_value(source_name, bytes)?;
        let (value, flaws) = check::document(&located);
        let refused = |flaw| located.tell(flaw, Severity::Error, Stage::Decode);
        let mut errors = flaws.into_iter().map(refused).collect::<Vec<_>>();
        let fits = errors.is_empty();
        let mut warnings = Vec::new();
        let mut job = None;
        if value.get("job").is_some_and(serde_yaml::Value::is_mapping) {
            match job_in(&located) {
                Ok((inner, told)) => (job, warnings) = (Some(inner), told),
                Err(told) => errors.extend(told.iter().cloned()),
            }
        }
        if !fits {
            return Err(Errors::by_place(errors));
        }
        let words = serde_yaml::from_value(value)
            .map_err(|error| located.error("", &error.to_string(), "this file"))?;
        let mut file = Self::from_words(&located, &words).map_err(|flaws| {
            errors.extend(flaws.into_iter().map(refused));
            Errors::by_place(std::mem::take(&mut errors))
        })?;
        errors.extend(job.iter().flat_map(|job| file.check_against(job)));
        if !errors.is_empty() {
            return Err(Errors::by_place(errors));
        }
        file.job = job;
        warnings.extend(file.oddities());
        warnings.sort_by_key(|one| (one.line, one.column));
        file.warnings = warnings;
        Ok(file)
    }

    fn from_words(located: &Located, words: &FileWords) -> Result<Self, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let mut actions = Vec::new();
        for (at, action) in words.actions.iter().enumerate() {
            match action.action() {
                Ok(action) => actions.push(action),
                Err(words) => flaws.push(Flaw::new(format!("actions[{at}]"), words)),
            }
        }
        let mut faults = Vec::new();
        for (at, fault) in words.faults.iter().enumerate() {
            match fault.fault() {
                Ok(fault) if fault.from < fault.to => faults.push(fault),
                Ok(Fault { from, to, .. }) => {
                    let words = format!("{to} is not after {from}, so nothing fails");
                    let flaw = Flaw::new(format!("faults[{at}].to"), words);
                    flaws.push(flaw.help("both count from the creation of the Job"));
                }
                Err(words) => flaws.push(Flaw::new(format!("faults[{at}]"), words)),
            }
        }
        if words.latency.is_some() && words.latency_ms.is_some() {
            let flaw = Flaw::new("latencyMs", "the latency is told twice");
            flaws.push(flaw.help("delete either latency or latencyMs"));
        }
        let latency = words.latency_ms.map(|millis| seconds(millis / 1000.0));
        let latency = latency.transpose().unwrap_or_else(|words| {
            flaws.push(Flaw::new("latencyMs", words));
            None
        });
        let release = words.kubernetes.as_deref().map(str::parse::<Release>);
        let release = release.transpose().unwrap_or_else(|unknown| {
            flaws.push(Flaw::new("kubernetes", unknown.to_string()));
            None
        });
        if !flaws.is_empty() {
            return Err(flaws);
        }
        let pods = words.pods.iter().map(|it| it.script(&Untold::WRITTEN));
        Ok(Self {
            located: located.clone(),
            id: words.id.clone(),
            release,
            job: None,
            start: words.start.map(|it| it.0),
            until: words.until.map(|it| it.0),
            pods: pods.collect(),
            actions,
            faults,
            rate: words.qps,
            burst: words.burst,
            latency: words.latency.map(|it| it.0).or(latency),
            warnings: Vec::new(),
        })
    }

    /// What is meant otherwise than it is written, in all likelihood.
    fn oddities(&self) -> Vec<Diagnostic> {
        let mut flaws = Vec::new();
        for again in self.located.repeats() {
            // Those of the Job are told with the Job.
            if !again.field.starts_with("job.") {
                let words = "this field is given more than once; the last one counts";
                flaws.push(Flaw::new(again.field, words).help("delete all but one"));
            }
        }
        let all = |script: &PodScript| script.index.is_empty() && script.nth.is_empty();
        if let Some(at) = self.pods.iter().position(all) {
            if at + 1 < self.pods.len() {
                let words = format!("no pod comes to this script: pods[{at}] is for all pods");
                let flaw = Flaw::new(format!("pods[{}]", at + 1), words);
                flaws.push(flaw.help("write the script without `index` and `nth` last"));
            }
        }
        for (at, action) in self.actions.iter().enumerate() {
            if let Some(until) = self.until.filter(|until| action.at > *until) {
                let words = format!("this does not happen: the run is watched for {until}");
                flaws.push(Flaw::new(format!("actions[{at}].at"), words));
            }
        }
        let tell = |flaw| self.located.tell(flaw, Severity::Warning, Stage::Validate);
        flaws.into_iter().map(tell).collect()
    }

    /// What of the file cannot come true with a Job: exit codes of containers that it does not
    /// have, restarts where there are none, and pods by indexes that it does not have.
    #[must_use]
    pub fn check_against(&self, job: &Job) -> Vec<Diagnostic> {
        let flaws = against::flaws(&self.pods, &self.actions, job);
        let tell = |flaw| self.located.tell(flaw, Severity::Error, Stage::Validate);
        flaws.into_iter().map(tell).collect()
    }

    /// Puts what the file tells into a scenario; what it does not tell stays as it is.
    ///
    /// All Jobs get its pods. If it has none, Jobs without any get pods that run for a minute.
    /// Actions are about the first Job.
    pub fn apply(&self, scenario: &mut Scenario) {
        scenario.release = self.release.unwrap_or(scenario.release);
        scenario.start = self.start.unwrap_or(scenario.start);
        scenario.until = self.until.unwrap_or(scenario.until);
        for workload in &mut scenario.workloads {
            if !self.pods.is_empty() {
                workload.pods.clone_from(&self.pods);
            } else if workload.pods.is_empty() {
                workload
                    .pods
                    .push(ScriptWords::default().script(&Untold::WRITTEN));
            }
        }
        if !self.actions.is_empty() {
            scenario.actions.clone_from(&self.actions);
        }
        if !self.faults.is_empty() {
            scenario.faults.clone_from(&self.faults);
        }
        self.limit(&mut scenario.limits);
    }

    fn limit(&self, limits: &mut Limits) {
        match self.rate {
            Rate::Untold => {}
            Rate::Unlimited => limits.milli_qps = None,
            Rate::Milli(rate) => limits.milli_qps = Some(rate),
        }
        limits.burst = self.burst.unwrap_or(limits.burst);
        limits.latency = self.latency.unwrap_or(limits.latency);
        // A bucket without room lets nobody through.
        if limits.milli_qps.is_some() && limits.burst == 0 {
            limits.burst = Limits::UPSTREAM.burst;
        }
    }

    /// The scenario of a file that has its Job in it, on the newest release unless told.
    #[must_use]
    pub fn scenario(&self) -> Option<Scenario> {
        let mut scenario = Scenario::on(Release::LATEST).job(self.job.clone()?, []);
        self.apply(&mut scenario);
        Some(scenario)
    }

    /// The release, if the file tells it.
    #[must_use]
    pub const fn kubernetes(&self) -> Option<Release> {
        self.release
    }

    /// The Job, if it stands in the file.
    #[must_use]
    pub const fn job(&self) -> Option<&Job> {
        self.job.as_ref()
    }

    /// The scenario's name, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// What is accepted but hardly meant, the Job's own warnings included.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}

/// The Job in the file, and what is odd about it.
fn job_in(located: &Located) -> Result<(Job, Vec<Diagnostic>), Errors> {
    let kind = match located.manifest_at("job")? {
        Some(document) => match document.job {
            Some(job) => return Ok((job, document.warnings)),
            None => document.kind,
        },
        None => Kind::Job,
    };
    Err(located.error("job", &format!("a Job is expected here, not a {kind}"), ""))
}
