//! What is to be played: manifests, a scenario file, flags, and the limits of the control plane.

use super::failure::{Code, Failure};
use super::files::Source;
use super::flags::Flags;
use super::values::{self, Draws, Rate};
use super::variants::Setting;
use super::{files, jobs, pods, scenarios};
use crate::base::{Seed, Span};
use crate::forecast::Assertion;
use crate::model::{Job, Release};
use crate::scenario::ScenarioFile;
use crate::sim::{Budget, Limits, Scenario};
use clap::Args;
use std::path::PathBuf;

/// What a run may cost: minutes of time, and less than a gigabyte.
const BUDGET: Budget = Budget {
    events: 200_000_000,
    pods: 2_000_000,
};
/// A Job keeps a bit for each pod of the run, its own or not, so that of many Jobs only so many
/// pods times Jobs fit into memory.
const PODS_TIMES_JOBS: usize = 3_200_000_000;

/// Jobs, and what happens to them.
#[derive(Clone, Debug, Args)]
pub(super) struct Given {
    /// Manifests: files, folders with *.yaml, *.yml and *.json, or - for stdin
    #[arg(
        short,
        long,
        value_name = "FILE|DIR|-",
        required_unless_present = "scenario"
    )]
    filename: Vec<PathBuf>,
    /// Look into the folders below a folder, too
    #[arg(short = 'R', long)]
    recursive: bool,
    /// The namespace of Jobs that name none
    #[arg(short, long)]
    namespace: Option<String>,
    #[command(flatten)]
    flags: Flags,
    /// A file that says what containers, users and the control plane do; flags go before it
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// The release of Kubernetes, from 1.29 to 1.37 [default: 1.37]
    #[arg(long, value_name = "RELEASE")]
    kubernetes: Option<Release>,
    /// For how long the Jobs are watched [default: 24h]
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    until: Option<Span>,
    /// What everything drawn by chance depends on, pod names included; N:TRIAL is a trial of a
    /// forecast [default: 0]
    #[arg(long, value_name = "N[:TRIAL]")]
    seed: Option<Draws>,
    /// A control plane without limits
    #[arg(long, conflicts_with_all = ["qps", "burst", "latency"])]
    ideal: bool,
    /// Requests a second that the Job controller may send [default: 20]
    #[arg(long, value_name = "N")]
    qps: Option<Rate>,
    /// Requests that it may send at once after a pause [default: 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    burst: Option<u32>,
    /// How long a request takes [default: 0s]
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    latency: Option<Span>,
}

impl Given {
    /// What everything drawn by chance depends on.
    pub(super) fn seed(&self) -> Seed {
        self.seed.unwrap_or_default().seed
    }

    /// Which trial of a forecast is meant, if one is named.
    pub(super) fn trial(&self) -> Option<u64> {
        self.seed.unwrap_or_default().trial
    }

    /// Whether a scenario file is given.
    pub(super) fn has_file(&self) -> bool {
        self.scenario.is_some()
    }

    /// The files and folders that are named.
    pub(super) fn files(&self) -> &[PathBuf] {
        &self.filename
    }

    /// Whether several files are named, or a folder.
    pub(super) fn is_of_several(&self) -> bool {
        self.filename.len() > 1 || self.filename.iter().any(|it| it.is_dir())
    }

    /// What the scenario file wants of a forecast.
    pub(super) fn assertions(&self) -> Result<Vec<Assertion>, Failure> {
        let file = self.scenario.as_deref().map(scenarios::read).transpose()?;
        Ok(file.map_or_else(Vec::new, |it| it.assertions().to_vec()))
    }

    /// The scenario file, if there is one.
    pub(super) fn scenario_source(&self) -> Option<Source> {
        self.scenario.as_deref().map(Source::at)
    }

    /// The manifests' sources, read once.
    pub(super) fn held_sources(&self) -> Result<Vec<Source>, Failure> {
        let sources = files::find(&self.filename, self.recursive)?;
        sources.iter().map(Source::held).collect()
    }

    /// The scenario; `notes` gets what is assumed, for want of better knowledge.
    pub(super) fn scenario(&self, notes: &mut Vec<String>) -> Result<Scenario, Failure> {
        let sources = files::find(&self.filename, self.recursive)?;
        self.scenario_from(&sources, &[], notes)
    }

    /// The scenario with other manifests and some flags set to other values.
    pub(super) fn scenario_from(
        &self,
        sources: &[Source],
        words: &[Setting<'_>],
        notes: &mut Vec<String>,
    ) -> Result<Scenario, Failure> {
        if !words.is_empty() {
            let mut other = self.clone();
            for (name, value) in words {
                other.set(name, value).map_err(|why| {
                    Failure::Sentence(Code::Usage, format!("--set {name}={value}: {why}"))
                })?;
            }
            return other.scenario_from(sources, &[], notes);
        }
        let file = self.scenario.as_deref().map(scenarios::read).transpose()?;
        let mut scenario = Scenario::on(Release::LATEST);
        let told = |it: &ScenarioFile| it.has_scripts() || it.has_workload();
        let told = self.flags.say_length() || file.as_ref().is_some_and(told);
        let file = self.flags.over(file)?;
        let manifests = (!sources.is_empty())
            .then(|| self.manifests(sources))
            .transpose()?;
        let jobs = scenarios::jobs(&file, manifests)?;
        self.flags.check(&jobs)?;
        scenarios::fits(&file, &jobs)?;
        for job in jobs {
            scenario = scenario.job(job, []);
        }
        file.apply(&mut scenario);
        if !told {
            notes.extend(self.assumption());
        }
        self.assumptions(&file, notes);
        scenario.budget = budget(scenario.workloads.len());
        scenario.release = self.kubernetes.unwrap_or(scenario.release);
        scenario.until = self.until.unwrap_or(scenario.until);
        self.limit(&mut scenario.limits);
        notes.push(limits(&scenario.limits));
        Ok(scenario)
    }

    /// Sets a flag, named without its dashes, as if it were given.
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "until" => self.until = Some(values::duration(value)?),
            "latency" => self.latency = Some(values::duration(value)?),
            "qps" => self.qps = Some(value.parse()?),
            "burst" => {
                let burst = value.parse().ok().filter(|it| *it > 0);
                self.burst = Some(burst.ok_or("write a whole number from 1 on")?);
            }
            "kubernetes" => {
                self.kubernetes = Some(value.parse().map_err(|it| format!("{it}"))?);
            }
            _ => self.flags.set(name, value)?,
        }
        Ok(())
    }

    fn manifests(&self, sources: &[Source]) -> Result<Vec<Job>, Failure> {
        let release = self.kubernetes.unwrap_or(Release::LATEST);
        jobs::read(sources, self.namespace.as_deref(), release)
    }

    /// What is assumed of the containers, for want of better knowledge.
    fn assumption(&self) -> Option<String> {
        let one_minute = format!("containers run for {}", pods::ONE_MINUTE);
        match (self.flags.say_length(), self.flags.say_endings()) {
            (true, _) => None,
            (false, false) => Some(format!(
                "{one_minute} and succeed: say otherwise with --run, --exit or --scenario"
            )),
            (false, true) => Some(format!("{one_minute}: say otherwise with --run")),
        }
    }

    /// What is assumed where pods live under kubelets.
    fn assumptions(&self, file: &ScenarioFile, notes: &mut Vec<String>) {
        for preset in file.presets().chain(self.flags.presets()) {
            notes.push(format!(
                "preset {preset}: `dryjob presets {preset}` shows its figures and their sources"
            ));
        }
        if !file.needs_kubelets() {
            return;
        }
        if !file.has_nodes() {
            let words = "the cluster is unlimited, and has a node for every pod";
            notes.push(format!("{words}: say otherwise with --nodes or --scenario"));
        }
        if file.pace().is_none() && !file.has_scripts() {
            let words = "kubelets are quick, and have all images: a pod runs 1s after it was bound";
            notes.push(format!("{words}; say otherwise with --pace or --scenario"));
        }
    }

    fn limit(&self, limits: &mut Limits) {
        if self.ideal {
            *limits = Limits::IDEAL;
        }
        if let Some(Rate(milli_qps)) = self.qps {
            limits.milli_qps = Some(milli_qps);
        }
        if let Some(burst) = self.burst {
            limits.burst = burst;
        }
        if let Some(latency) = self.latency {
            limits.latency = latency;
        }
    }
}

/// `the Job controller sends 20 requests/s, burst 30 (upstream's defaults)`
fn limits(limits: &Limits) -> String {
    let mut text = match limits.milli_qps {
        None => "the control plane has no limits".to_owned(),
        Some(milli) => {
            let (whole, part) = (milli / 1000, format!("{:03}", milli % 1000));
            let qps = format!("{whole}.{part}");
            let qps = qps.trim_end_matches('0').trim_end_matches('.');
            let burst = limits.burst;
            format!("the Job controller sends {qps} requests/s, burst {burst}")
        }
    };
    if limits.latency > Span::ZERO {
        text = format!("{text}, and each takes {}", limits.latency);
    }
    if *limits == Limits::UPSTREAM {
        text += " (upstream's defaults; --ideal is without limits)";
    }
    text
}

fn budget(jobs: usize) -> Budget {
    let pods = u32::try_from(PODS_TIMES_JOBS / jobs.max(1)).unwrap_or(u32::MAX);
    Budget {
        pods: pods.min(BUDGET.pods),
        ..BUDGET
    }
}
