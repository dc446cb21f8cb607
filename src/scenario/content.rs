//! What a scenario file says, read and not yet played with: each part with its place, and one file
//! laid over another.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::{Either, Fields, Flaws};
use super::leaf::decode;
use super::presets::Preset;
use super::process;
use super::times::{Rate, seconds};
use super::vocabulary::pace::{self, PaceWords};
use super::vocabulary::recurring::Told;
use super::vocabulary::scheduling::{self, SchedulerWords};
use super::vocabulary::{background, cluster, deeds, nodes, outages, recurring};
use super::words::{ScriptWords, Untold};
use crate::base::{Law, Span};
use crate::fault::{Action, Fault, Recurring};
use crate::forecast::Assertion;
use crate::manifest::Flaw;

use crate::model::{DisruptionBudget, Node, PodScript, PriorityClass, Release};
use crate::schedule::Pool;
use crate::workload::Background;
use serde_yaml::{Mapping, Value};

/// Gives the text of a file that a scenario names.
pub(super) type Open<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// Something, and where it was said.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    /// The path of the field.
    pub(super) path: String,
    /// In which of the files that were laid over each other, from the uppermost.
    pub(super) layer: usize,
    pub(super) it: T,
}

/// What a file says, or several of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) id: Option<String>,
    pub(super) presets: Vec<&'static Preset>,
    pub(super) assertions: Vec<Assertion>,
    pub(super) release: Option<Release>,
    pub(super) start: Option<Span>,
    pub(super) until: Option<Span>,
    pub(super) nodes: Vec<Node>,
    pub(super) pool: Option<Pool>,
    pub(super) background: Vec<Placed<Background>>,
    pub(super) scheduler: Option<SchedulerWords>,
    pub(super) budgets: Vec<Placed<DisruptionBudget>>,
    pub(super) priority_classes: BTreeMap<String, PriorityClass>,
    pub(super) pods: Vec<Placed<PodScript>>,
    pub(super) actions: Vec<Placed<Action>>,
    pub(super) recurring: Vec<Placed<Recurring>>,
    pub(super) faults: Vec<Placed<Fault>>,
    pub(super) rate: Rate,
    pub(super) burst: Option<u32>,
    pub(super) latency: Option<Span>,
    pub(super) pace: PaceWords,
    /// What containers do, entry by entry, as it is written; in each layer the first that matches
    /// counts, and what it does not say, the next layer says.
    pub(super) workload: Vec<Placed<Mapping>>,
}

impl Content {
    /// Reads a document that has been held against the table of fields.
    ///
    /// # Errors
    /// Everything that contradicts itself.
    pub(super) fn read(value: &Value, open: Open<'_>) -> Result<Self, Vec<Flaw>> {
        let flaws = Flaws::default();
        let file = Fields::new(value, "", &flaws);
        let mut content = Self {
            id: file.owned("id"),
            presets: (file.texts("preset").into_iter())
                .filter_map(Preset::named)
                .collect(),
            assertions: (file.texts("assert").into_iter())
                .filter_map(|it| it.parse().ok())
                .collect(),
            release: file.text("kubernetes").and_then(|it| it.parse().ok()),
            start: file.time("start"),
            until: file.time("until"),
            nodes: nodes::nodes(&file.tables("nodes")),
            pool: file.table("pool").and_then(|it| nodes::pool(&it)),
            background: all(&file, "background", |it| background::group(it, open)),
            scheduler: (file.table("scheduler").as_ref()).map(scheduling::scheduler),
            budgets: all(&file, "budgets", |it| Some(cluster::budget(it))),
            priority_classes: cluster::priorities(&file),
            pods: scripts(&file),
            actions: all(&file, "actions", deeds::action),
            faults: all(&file, "faults", outages::fault),
            pace: pace::pace(&file),
            ..Self::default()
        };
        content.recur(&file, open);
        content.work(&file, open);
        content.limits(&file);
        content.names(&file);
        match flaws.take() {
            flaws if flaws.is_empty() => Ok(content),
            flaws => Err(flaws),
        }
    }

    fn recur(&mut self, file: &Fields<'_>, open: Open<'_>) {
        let mut unnamed = BTreeMap::new();
        for it in &file.tables("recurring") {
            let path = it.path().to_owned();
            match recurring::recurring(it, &mut unnamed, open) {
                None => {}
                Some(Told::Again(again)) => self.recurring.push(placed(path, *again)),
                Some(Told::Once(actions)) => {
                    let actions = actions.into_iter();
                    let path = |action| placed(path.clone(), action);
                    self.actions.extend(actions.map(path));
                }
            }
        }
    }

    fn work(&mut self, file: &Fields<'_>, open: Open<'_>) {
        for it in file.tables("workload") {
            let mut entry = it.mapping();
            if let Some(Either::Long(measured)) = it.either("run") {
                let name = measured.text("file").unwrap_or_default();
                let law = open(name).and_then(|text| {
                    let law = Law::empirical_from_text(&text);
                    law.map_err(|error| error.to_string())
                });
                match law {
                    Ok(law) => entry.insert("run".into(), law.to_string().into()),
                    Err(words) => {
                        measured.flaw("file", words);
                        continue;
                    }
                };
            }
            // Whatever contradicts itself is told here.
            let _ = process::process(&it);
            self.workload.push(placed(it.path().to_owned(), entry));
        }
        for name in ["workload", "pace"] {
            if file.has(name) && !self.pods.is_empty() {
                let flaw = Flaw::new(name, "pods that follow scripts have no use for this");
                file.tell(flaw.help(format!("delete either `pods` or `{name}`")));
            }
        }
    }

    fn limits(&mut self, file: &Fields<'_>) {
        self.rate = file
            .value("qps")
            .map_or(Rate::Untold, |value| decode(value).unwrap_or(Rate::Untold));
        self.burst = file.whole("burst");
        if file.has("latency") && file.has("latencyMs") {
            let flaw = Flaw::new("latencyMs", "the latency is told twice");
            file.tell(flaw.help("delete either latency or latencyMs"));
        }
        let millis = file.value("latencyMs").and_then(Value::as_f64);
        let millis = millis.and_then(|millis| seconds(millis / 1000.0).ok());
        self.latency = file.time("latency").or(millis);
    }

    /// Nothing has the name of something else.
    fn names(&self, file: &Fields<'_>) {
        let mut known = BTreeSet::new();
        for again in &self.recurring {
            if !known.insert(&again.it.name) {
                let words = format!(
                    "{:?} is there already: draws belong to names",
                    again.it.name
                );
                file.tell(Flaw::new(format!("{}.name", again.path), words));
            }
        }
        let mut known = BTreeSet::new();
        for node in &self.nodes {
            if !known.insert(&node.name) {
                file.flaw("nodes", format!("there are two nodes {:?}", node.name));
                break;
            }
        }
        let mut known = BTreeSet::new();
        for group in &self.background {
            if !known.insert(&group.it.name) {
                let words = format!(
                    "{:?} is there already: draws belong to names",
                    group.it.name
                );
                file.tell(Flaw::new(format!("{}.name", group.path), words));
            }
        }
        let mut known = BTreeSet::new();
        for budget in &self.budgets {
            if !known.insert(&budget.it.name) {
                let words = format!("there are two budgets {:?}", budget.it.name);
                file.tell(Flaw::new(format!("{}.name", budget.path), words));
            }
        }
    }

    /// Lays this over something else: what is said here counts, and of what there may be several
    /// there are these first. What recurs under the same name and nodes take the place of the
    /// others; so do scripts of pods.
    pub(super) fn over(mut self, below: &Self, layers: usize) -> Self {
        self.id = self.id.or_else(|| below.id.clone());
        self.presets.extend(&below.presets);
        self.assertions.extend(below.assertions.iter().cloned());
        self.release = self.release.or(below.release);
        self.start = self.start.or(below.start);
        self.until = self.until.or(below.until);
        if self.nodes.is_empty() && self.pool.is_none() {
            self.nodes.clone_from(&below.nodes);
            self.pool.clone_from(&below.pool);
        }
        for group in &below.background {
            if !self.background.iter().any(|it| it.it.name == group.it.name) {
                self.background.push(group.clone().lower(layers));
            }
        }
        let scheduler = below.scheduler.unwrap_or_default();
        self.scheduler = Some(self.scheduler.unwrap_or_default().or(scheduler));
        self.pace = self.pace.over(&below.pace);
        if self.pods.is_empty() {
            let workload = below.workload.iter().cloned();
            self.workload.extend(workload.map(|it| it.lower(layers)));
        }
        let named = |budget: &&Placed<DisruptionBudget>| {
            !self.budgets.iter().any(|it| it.it.name == budget.it.name)
        };
        let budgets = below.budgets.iter().filter(named).cloned();
        let budgets: Vec<_> = budgets.map(|it| it.lower(layers)).collect();
        self.budgets.extend(budgets);
        for (name, value) in &below.priority_classes {
            let name = name.clone();
            self.priority_classes.entry(name).or_insert(*value);
        }
        if self.pods.is_empty() && self.workload.is_empty() {
            let pods = below.pods.iter().cloned();
            self.pods = pods.map(|it| it.lower(layers)).collect();
        }
        let actions = below.actions.iter().cloned();
        self.actions.extend(actions.map(|it| it.lower(layers)));
        let faults = below.faults.iter().cloned();
        self.faults.extend(faults.map(|it| it.lower(layers)));
        for again in &below.recurring {
            if !self.recurring.iter().any(|it| it.it.name == again.it.name) {
                self.recurring.push(again.clone().lower(layers));
            }
        }
        if matches!(self.rate, Rate::Untold) {
            self.rate = below.rate;
        }
        self.burst = self.burst.or(below.burst);
        self.latency = self.latency.or(below.latency);
        self
    }
}

fn placed<T>(path: String, it: T) -> Placed<T> {
    let layer = 0;
    Placed { path, layer, it }
}

impl<T> Placed<T> {
    /// The same below so many layers.
    fn lower(mut self, layers: usize) -> Self {
        self.layer += layers;
        self
    }
}

/// What a list of mappings says, each with its place.
fn all<T>(
    file: &Fields<'_>,
    name: &str,
    read: impl Fn(&Fields<'_>) -> Option<T>,
) -> Vec<Placed<T>> {
    let tables = file.tables(name);
    let read = |it: &Fields<'_>| Some(placed(it.path().to_owned(), read(it)?));
    tables.iter().filter_map(read).collect()
}

fn scripts(file: &Fields<'_>) -> Vec<Placed<PodScript>> {
    let values = file.values("pods").into_iter();
    let script = |(value, path): (&Value, String)| match decode::<ScriptWords>(value) {
        Ok(words) => Some(placed(path, words.script(&Untold::WRITTEN))),
        Err(words) => {
            file.tell(Flaw::new(path, words));
            None
        }
    };
    values.filter_map(script).collect()
}
