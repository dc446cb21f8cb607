//! Scenario files: what pods do and what happens from outside, as people write it.

use super::content::{Content, Open, Placed};
use super::times::Rate;
use super::vocabulary::FILE;
use super::words::{ScriptWords, Untold};
use super::{against, check, fates, oddities};
use crate::forecast::Assertion;
use crate::manifest::{self, Diagnostic, Errors, Flaw, Kind, Located, Severity, Stage};
use crate::model::{Job, Release};
use crate::node::Pace;
use crate::sim::{Deed, Limits, Outage, Scenario, Workload};

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
    /// The files that were laid over each other, from the uppermost.
    layers: Vec<Located>,
    job: Option<Job>,
    content: Content,
    warnings: Vec<Diagnostic>,
}

/// Reading.
impl ScenarioFile {
    /// Reads a file that names no other files. `source_name` is what messages call it.
    ///
    /// # Errors
    /// All problems of the file, by place; those of the Job in it and those that
    /// [`ScenarioFile::check_against`] finds with that Job, too.
    pub fn read(source_name: &str, bytes: &[u8]) -> Result<Self, Errors> {
        let none = |name: &str| Err(format!("{name:?} cannot be opened from here"));
        Self::read_with(source_name, bytes, &none)
    }

    /// Reads a file that may name others, such as traces: `open` gives their texts, or says why
    /// not. `source_name` is what messages call it.
    ///
    /// # Errors
    /// As [`ScenarioFile::read`].
    pub fn read_with(source_name: &str, bytes: &[u8], open: Open<'_>) -> Result<Self, Errors> {
        let located = manifest::read_value(source_name, bytes)?;
        let (value, flaws) = check::document(&FILE, &located);
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
        let content = Content::read(&value, open).map_err(|flaws| {
            errors.extend(flaws.into_iter().map(refused));
            Errors::by_place(std::mem::take(&mut errors))
        })?;
        let mut file = Self {
            layers: vec![located],
            job: None,
            content,
            warnings: Vec::new(),
        };
        errors.extend(job.iter().flat_map(|job| file.check_against(job)));
        if !errors.is_empty() {
            return Err(Errors::by_place(errors));
        }
        file.job = job;
        warnings.extend(file.oddities());
        warnings.sort_by_key(|one| (one.line, one.column));
        file.warnings = warnings;
        for preset in file.content.presets.clone() {
            file = file.over(&preset.file()?);
        }
        Ok(file)
    }

    /// Lays this file over another one. What this one says goes before what the other says; both
    /// have their actions, faults, budgets, background and what recurs, unless names are the same.
    /// Nodes with their pool, and scripts of pods, are those of this file if it has any.
    #[must_use]
    pub fn over(mut self, below: &Self) -> Self {
        self.content = self.content.over(&below.content, self.layers.len());
        self.layers.extend(below.layers.iter().cloned());
        self.job = self.job.or_else(|| below.job.clone());
        self.warnings.extend(below.warnings.iter().cloned());
        self
    }

    /// Whether pods follow scripts in it.
    #[must_use]
    pub fn has_scripts(&self) -> bool {
        !self.content.pods.is_empty()
    }

    /// Whether it says which nodes there are, or can be made.
    #[must_use]
    pub fn has_nodes(&self) -> bool {
        !self.content.nodes.is_empty() || self.content.pool.is_some()
    }

    /// Whether it says what containers do.
    #[must_use]
    pub fn has_workload(&self) -> bool {
        !self.content.workload.is_empty()
    }

    /// The names of the presets in it.
    pub fn presets(&self) -> impl Iterator<Item = &str> {
        self.content.presets.iter().map(|it| it.name)
    }

    /// What a forecast has to keep.
    #[must_use]
    pub fn assertions(&self) -> &[Assertion] {
        &self.content.assertions
    }

    /// What is meant otherwise than it is written, in all likelihood.
    fn oddities(&self) -> Vec<Diagnostic> {
        let located = &self.layers[0];
        let mut flaws = Vec::new();
        for again in located.repeats() {
            // Those of the Job are told with the Job.
            if !again.field.starts_with("job.") {
                let words = "this field is given more than once; the last one counts";
                flaws.push(Flaw::new(again.field, words).help("delete all but one"));
            }
        }
        flaws.extend(oddities::flaws(&self.content));
        let tell = |flaw| located.tell(flaw, Severity::Warning, Stage::Validate);
        flaws.into_iter().map(tell).collect()
    }

    /// What of the file cannot come true with a Job: containers, images and indexes that it does
    /// not have, restarts where there are none; and nodes that are not there.
    #[must_use]
    pub fn check_against(&self, job: &Job) -> Vec<Diagnostic> {
        self.told(against::flaws(&self.content, job))
    }

    /// What of the file cannot come true with any of these Jobs. Its actions are about the first.
    #[must_use]
    pub fn check_against_all(&self, jobs: &[Job]) -> Vec<Diagnostic> {
        self.told(against::flaws_with_all(&self.content, jobs))
    }

    fn told(&self, flaws: Vec<Placed<Flaw>>) -> Vec<Diagnostic> {
        let tell = |flaw: Placed<Flaw>| {
            let layer = self.layers.get(flaw.layer);
            layer.map(|it| it.tell(flaw.it, Severity::Error, Stage::Validate))
        };
        flaws.into_iter().filter_map(tell).collect()
    }
}

/// Playing.
impl ScenarioFile {
    /// Puts what the file tells into a scenario; what it does not tell stays as it is.
    ///
    /// All Jobs get its pods or its workload. If it has neither, and says nothing that needs
    /// kubelets, Jobs without any get pods that run for a minute.
    /// Actions are about the first Job. Actions, faults, budgets and what recurs come on top of
    /// what the scenario has.
    pub fn apply(&self, scenario: &mut Scenario) {
        let content = &self.content;
        scenario.release = content.release.unwrap_or(scenario.release);
        scenario.start = content.start.unwrap_or(scenario.start);
        scenario.until = content.until.unwrap_or(scenario.until);
        for workload in &mut scenario.workloads {
            self.cast(workload);
        }
        if let Some(pace) = self.pace() {
            scenario.pace = pace;
        }
        if !content.nodes.is_empty() || content.pool.is_some() {
            scenario.nodes.clone_from(&content.nodes);
            scenario.pool.clone_from(&content.pool);
        }
        let scheduler = content.scheduler.unwrap_or_default();
        scenario.cycle = scheduler.cycle.unwrap_or(scenario.cycle);
        scenario.ties = scheduler.ties.unwrap_or(scenario.ties);
        scenario.background.extend(plain(&content.background));
        scenario.budgets.extend(plain(&content.budgets));
        let classes = content.priority_classes.clone();
        scenario.priority_classes.extend(classes);
        scenario.actions.extend(plain(&content.actions));
        scenario.faults.extend(plain(&content.faults));
        scenario.recurring.extend(plain(&content.recurring));
        self.limit(&mut scenario.limits);
    }

    /// What pods of a Job do: they follow scripts if the file has some, and live under kubelets if
    /// it says anything that needs those.
    fn cast(&self, workload: &mut Workload) {
        let content = &self.content;
        if !content.pods.is_empty() {
            workload.pods = plain(&content.pods);
            workload.fates.clear();
        } else if self.needs_kubelets() {
            // Too many fates are refused when the file is checked.
            let fates = fates::fates(&content.workload, &workload.job);
            workload.fates = fates.unwrap_or_default();
            workload.pods.clear();
        } else if workload.pods.is_empty() && workload.fates.is_empty() {
            workload
                .pods
                .push(ScriptWords::default().script(&Untold::WRITTEN));
        }
    }

    /// Whether the file says what containers do, how kubelets work, or anything about nodes.
    #[must_use]
    pub fn needs_kubelets(&self) -> bool {
        let content = &self.content;
        let actions = content.actions.iter().map(|it| &it.it.deed);
        let recurring = content.recurring.iter().map(|it| &it.it.deed);
        let about_nodes = |deed: &Deed| {
            deed.nodes().is_some()
                || matches!(
                    deed,
                    Deed::AddNode(_) | Deed::Crash(..) | Deed::OomKill(..) | Deed::Preempt(_)
                )
        };
        let inside = content.faults.iter().any(|it| {
            matches!(
                it.it.outage,
                Outage::Image(_) | Outage::Reference(_) | Outage::Volumes | Outage::Clock(_)
            )
        });
        inside
            || !content.workload.is_empty()
            || !content.nodes.is_empty()
            || content.pool.is_some()
            || self.pace().is_some()
            || actions.chain(recurring).any(about_nodes)
    }

    fn limit(&self, limits: &mut Limits) {
        match self.content.rate {
            Rate::Untold => {}
            Rate::Unlimited => limits.milli_qps = None,
            Rate::Milli(rate) => limits.milli_qps = Some(rate),
        }
        limits.burst = self.content.burst.unwrap_or(limits.burst);
        limits.latency = self.content.latency.unwrap_or(limits.latency);
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
}

/// Asking.
impl ScenarioFile {
    /// The release, if the file tells it.
    #[must_use]
    pub const fn kubernetes(&self) -> Option<Release> {
        self.content.release
    }

    /// How long kubelets take for each step, if the file tells anything of that.
    #[must_use]
    pub fn pace(&self) -> Option<Pace> {
        self.content.pace.pace()
    }

    /// The Job, if it stands in the file.
    #[must_use]
    pub const fn job(&self) -> Option<&Job> {
        self.job.as_ref()
    }

    /// The scenario's name, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.content.id.as_deref()
    }

    /// What is accepted but hardly meant, the Job's own warnings included.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}

fn plain<T: Clone>(all: &[Placed<T>]) -> Vec<T> {
    all.iter().map(|it| it.it.clone()).collect()
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
