//! The flags that say what containers do and what happens to them: a scenario in a line. They are
//! written down as a scenario file would say it, and read like one.

use super::failure::{Code, Failure};
use super::pods;
use super::scenarios;
use super::values::{self, At, Exit, Fail, Group, Length};
use crate::model::Job;
use crate::scenario::ScenarioFile;
use clap::Args;
use serde_json::{Map, Value, json};

const PACES: [&str; 3] = ["ideal", "quiet", "realistic"];
/// Flags that can be set to other values.
const SETTABLE: [&str; 15] = [
    "run",
    "exit",
    "fail",
    "preset",
    "nodes",
    "drain",
    "node-down",
    "reclaim",
    "evict",
    "pace",
    "until",
    "latency",
    "qps",
    "burst",
    "kubernetes",
];

/// What is said of containers, nodes and what happens.
#[derive(Clone, Debug, Args)]
pub(super) struct Flags {
    /// How long containers run: 30s, 20m..35m, 'lognormal(median=20m,p95=35m)', never, or @FILE
    /// with a measured duration on each line [default: 1m]
    #[arg(long, value_name = "LAW")]
    run: Option<Length>,
    /// With what containers always exit: the code of one of them, or CODE alone if there is only
    /// one
    #[arg(long, value_name = "CONTAINER=CODE")]
    exit: Vec<Exit>,
    /// How likely a run of a container fails, and with which exit code: 2%:42, or main=2%:42
    /// where there are several; CODE is 1 unless told
    #[arg(long, value_name = "[CONTAINER=]CHANCE[:CODE]")]
    fail: Vec<Fail>,
    /// What is known of some kinds of clusters; see `dryjob presets`
    #[arg(long, value_name = "NAME")]
    preset: Vec<String>,
    /// The nodes of the cluster: how many, or more about them, as in
    /// count=4,cpu=8,memory=32Gi,pods=110,zone=a,name=node [default: as many as it takes]
    #[arg(long, value_name = "N|KEY=VALUE,…")]
    nodes: Vec<Group>,
    /// Drain a node (a name, or any, busy or every) that long after the creation of the Jobs
    #[arg(long, value_name = "NODE@TIME", value_parser = values::at)]
    drain: Vec<At>,
    /// Cut the power of a node, for ever or for that long
    #[arg(long, value_name = "NODE@TIME[+FOR]")]
    node_down: Vec<At>,
    /// Have the cloud take a node back, with that notice [default: 2m]
    #[arg(long, value_name = "NODE@TIME[+NOTICE]")]
    reclaim: Vec<At>,
    /// Evict a pod: 3 is the fourth, in an Indexed Job 2.0 the first of index 2
    #[arg(long, value_name = "POD@TIME", value_parser = values::at)]
    evict: Vec<At>,
    /// How long kubelets take for each step [default: quiet]
    #[arg(long, value_name = "NAME", value_parser = PACES)]
    pace: Option<String>,
}

impl Flags {
    /// Sets a flag, named without its dashes, as if it were given.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "run" => self.run = Some(value.parse()?),
            "exit" => self.exit = vec![value.parse()?],
            "fail" => self.fail = vec![value.parse()?],
            "preset" => self.preset = vec![value.to_owned()],
            "nodes" => self.nodes = vec![value.parse()?],
            "drain" => self.drain = vec![values::at(value)?],
            "node-down" => self.node_down = vec![value.parse()?],
            "reclaim" => self.reclaim = vec![value.parse()?],
            "evict" => self.evict = vec![values::at(value)?],
            "pace" if PACES.contains(&value) => self.pace = Some(value.to_owned()),
            "pace" => return Err(format!("there is {}", PACES.join(", "))),
            _ => {
                let known = SETTABLE.iter().copied();
                let meant = crate::manifest::nearest(name, known)
                    .map_or_else(String::new, |it| format!("did you mean {it}? "));
                return Err(format!(
                    "{meant}write a field of the manifest, as in spec.backoffLimit, or one of {}",
                    SETTABLE.join(", ")
                ));
            }
        }
        Ok(())
    }

    /// Whether anything is said of what containers do.
    pub(super) fn say_work(&self) -> bool {
        self.run.is_some() || self.say_endings()
    }

    /// Whether anything is said of how containers end.
    pub(super) fn say_endings(&self) -> bool {
        !self.exit.is_empty() || !self.fail.is_empty()
    }

    /// Whether how long containers run is told.
    pub(super) fn say_length(&self) -> bool {
        self.run.is_some()
    }

    /// The names of the presets.
    pub(super) fn presets(&self) -> impl Iterator<Item = &str> {
        self.preset.iter().map(String::as_str)
    }

    /// Lays the flags over a scenario file, and both over the presets.
    pub(super) fn over(&self, file: Option<ScenarioFile>) -> Result<ScenarioFile, Failure> {
        if let Some(flag) = self.against_scripts() {
            if file.as_ref().is_some_and(ScenarioFile::has_scripts) {
                let sentence = format!(
                    "{flag} cannot be used with the scripts of pods in the scenario, which say it \
                     already\n  = help: write `workload` in place of `pods`"
                );
                return Err(Failure::Sentence(Code::Usage, sentence));
            }
        }
        let text = serde_json::to_string_pretty(&self.document()).unwrap_or_default();
        let mut all = scenarios::written("arguments", text.as_bytes())?;
        if let Some(file) = file {
            all = all.over(&file);
        }
        for name in &self.preset {
            let preset = super::presets::find(name)?.file();
            all = all.over(&preset.map_err(|errors| scenarios::told(&errors))?);
        }
        if !all.has_scripts() {
            // Below everything that is said: containers run for a minute, under kubelets.
            let run = pods::ONE_MINUTE.to_string();
            let text = json!({"workload": [{"run": run}]}).to_string();
            all = all.over(&scenarios::written("defaults", text.as_bytes())?);
        }
        Ok(all)
    }

    /// The flag that contradicts scripts of pods.
    fn against_scripts(&self) -> Option<&'static str> {
        let flags = [
            ("--run", self.run.is_some()),
            ("--exit", !self.exit.is_empty()),
            ("--fail", !self.fail.is_empty()),
            ("--pace", self.pace.is_some()),
        ];
        flags.iter().find(|it| it.1).map(|it| it.0)
    }

    /// Exit codes and failures are those of containers that there are.
    pub(super) fn check(&self, jobs: &[Job]) -> Result<(), Failure> {
        for exit in &self.exit {
            let flag = format!("--exit {exit}");
            pods::check(&flag, exit.container.as_deref(), jobs)?;
        }
        for fail in &self.fail {
            let flag = format!("--fail {fail}");
            pods::check(&flag, fail.container.as_deref(), jobs)?;
        }
        Ok(())
    }

    /// As a scenario file says it.
    fn document(&self) -> Value {
        let mut file = Map::new();
        if let Some(pace) = &self.pace {
            file.insert("pace".to_owned(), json!(pace));
        }
        if !self.nodes.is_empty() {
            let nodes = self.nodes.iter().map(|it| Value::Object(it.0.clone()));
            file.insert("nodes".to_owned(), nodes.collect());
        }
        let actions = self.actions();
        if !actions.is_empty() {
            file.insert("actions".to_owned(), json!(actions));
        }
        if self.say_work() {
            file.insert("workload".to_owned(), json!(self.entries()));
        }
        Value::Object(file)
    }

    fn actions(&self) -> Vec<Value> {
        let plain = |name: &'static str, all: &[At]| {
            let one = |it: &At| json!({"at": it.time, name: it.what});
            all.iter().map(one).collect::<Vec<_>>()
        };
        let longer = |name: &'static str, word: &'static str, all: &[At]| {
            let one = |it: &At| match &it.more {
                None => json!({"at": it.time, name: it.what}),
                Some(more) => json!({"at": it.time, name: {"node": it.what, word: more}}),
            };
            all.iter().map(one).collect::<Vec<_>>()
        };
        let mut actions = plain("drain", &self.drain);
        actions.extend(longer("nodeDown", "for", &self.node_down));
        actions.extend(longer("reclaim", "notice", &self.reclaim));
        actions.extend(plain("evict", &self.evict));
        actions
    }

    /// An entry for each container that is named, and one for all others.
    fn entries(&self) -> Vec<Map<String, Value>> {
        let mut names: Vec<Option<&str>> = Vec::new();
        let exits = self.exit.iter().map(|it| it.container.as_deref());
        let fails = self.fail.iter().map(|it| it.container.as_deref());
        for name in exits.chain(fails).chain([None]) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.sort_by_key(Option::is_none);
        names.into_iter().map(|name| self.entry(name)).collect()
    }

    fn entry(&self, name: Option<&str>) -> Map<String, Value> {
        let mut entry = Map::new();
        if let Some(name) = name {
            entry.insert("container".to_owned(), json!(name));
        }
        if let Some(run) = &self.run {
            entry.insert("run".to_owned(), run.word());
        }
        let own = |container: &Option<String>| container.as_deref() == name;
        let exits = self.exit.iter().rev();
        if let Some(exit) = exits.into_iter().find(|it| own(&it.container)) {
            entry.insert("exit".to_owned(), json!(exit.code));
        }
        let fails = self.fail.iter().filter(|it| own(&it.container));
        let fails: Vec<&str> = fails.map(|it| it.text.as_str()).collect();
        if !fails.is_empty() {
            entry.insert("fail".to_owned(), json!(fails));
        }
        entry
    }
}
