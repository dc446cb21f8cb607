//! What a scenario says, held against the Job that it is played with.

use super::content::{Content, Placed};
use super::fates;
use super::fields::{Fields, Flaws};
use crate::fault::{Fault, Outage};
use crate::manifest::Flaw;
use crate::model::{Job, PodScript, PodTemplate, RestartPolicy, VolumeSource};
use crate::sim::{Action, Deed, PodLabel};
use serde_yaml::{Mapping, Value};
use std::ops::RangeInclusive;

mod nodes;

/// What can never come true with this Job.
pub(super) fn flaws(content: &Content, job: &Job) -> Vec<Placed<Flaw>> {
    let case = Case {
        job,
        indexes: indexes(&content.actions, job),
    };
    let cluster = nodes::Cluster::of(content);
    let mut flaws = Vec::new();
    for script in &content.pods {
        told(&mut flaws, script, |it, path| case.script(path, it));
    }
    for entry in &content.workload {
        told(&mut flaws, entry, |it, path| case.entry(path, it));
    }
    if let (Some(first), None) = (
        content.workload.first(),
        fates::fates(&content.workload, job),
    ) {
        told(&mut flaws, first, |_, _| {
            let words = "these entries meet in more than 10000 ways";
            let flaw = Flaw::new("workload", words);
            vec![flaw.help("write fewer entries about single indexes, pods or attempts")]
        });
    }
    for action in &content.actions {
        told(&mut flaws, action, |it, path| {
            let mut flaws = case.deed(path, &it.deed);
            flaws.extend(cluster.deed(path, &it.deed));
            flaws
        });
    }
    for again in &content.recurring {
        told(&mut flaws, again, |it, path| {
            let mut flaws = case.deed(path, &it.deed);
            flaws.extend(cluster.deed(path, &it.deed));
            flaws
        });
    }
    for group in &content.background {
        told(&mut flaws, group, |it, path| {
            nodes::background(path, it, content).into_iter().collect()
        });
    }
    for fault in &content.faults {
        told(&mut flaws, fault, |it, path| case.fault(path, it));
    }
    flaws
}

/// The same with several Jobs. Actions are about the first of them; a container or an index is
/// missing only if it is missing from all.
pub(super) fn flaws_with_all(content: &Content, jobs: &[Job]) -> Vec<Placed<Flaw>> {
    let Some((first, others)) = jobs.split_first() else {
        return Vec::new();
    };
    let others: Vec<_> = others.iter().map(|job| flaws(content, job)).collect();
    let everywhere = |flaw: &Placed<Flaw>| {
        let of_first = flaw.path.starts_with("actions") || flaw.path.starts_with("recurring");
        let same = |it: &Placed<Flaw>| it.layer == flaw.layer && it.it.field == flaw.it.field;
        of_first || others.iter().all(|it| it.iter().any(same))
    };
    let mut flaws = flaws(content, first);
    flaws.retain(everywhere);
    // That they meet in too many ways is one Job's matter.
    let too_many = others
        .into_iter()
        .flatten()
        .filter(|it| it.it.field == "workload");
    flaws.extend(too_many);
    flaws
}

/// Adds what is wrong with something to the flaws of its layer.
fn told<T>(flaws: &mut Vec<Placed<Flaw>>, of: &Placed<T>, check: impl Fn(&T, &str) -> Vec<Flaw>) {
    let found = check(&of.it, &of.path).into_iter();
    flaws.extend(found.map(|it| Placed {
        path: of.path.clone(),
        layer: of.layer,
        it,
    }));
}

struct Case<'a> {
    job: &'a Job,
    /// How many indexes there are; `None` if the Job is not Indexed.
    indexes: Option<u32>,
}

/// The most indexes that the Job has at any time: patches can change their number.
fn indexes(actions: &[Placed<Action>], job: &Job) -> Option<u32> {
    let patched = actions.iter().filter_map(|action| match &action.it.deed {
        Deed::Patch(patch) => u32::try_from(patch.completions??).ok(),
        _ => None,
    });
    let own = job.spec.completions.unwrap_or(0);
    let most = patched.fold(own, u32::max);
    job.spec.is_indexed().then_some(most)
}

impl Case<'_> {
    fn script(&self, path: &str, script: &PodScript) -> Vec<Flaw> {
        let names = script.exit.iter().map(|(name, _)| name);
        let mut flaws = names
            .filter_map(|name| self.container(format!("{path}.exit[{name}]"), name))
            .collect::<Vec<_>>();
        let field = format!("{path}.index");
        match self.indexes {
            None if script.index.is_empty() => {}
            None => {
                let words = "the Job is not Indexed, so its pods have no index";
                let flaw = Flaw::new(field, words).note("no pod matches this");
                flaws.push(flaw.help("tell its pods apart by `nth`, their number"));
            }
            Some(count) => {
                let beyond = script.index.iter().enumerate();
                let beyond = beyond.filter(|&(_, &index)| index >= count);
                flaws.extend(beyond.map(|(at, &index)| {
                    Flaw::new(format!("{field}[{at}]"), no_such_index(index, count))
                }));
            }
        }
        let never = self.job.spec.template.restart_policy == RestartPolicy::Never;
        if never && !script.restarts.is_empty() {
            let words = "containers of this Job are not restarted: its restartPolicy is Never";
            let flaw = Flaw::new(format!("{path}.restarts"), words);
            flaws.push(flaw.help(
                "write a script for each pod of the Job instead, with `nth`, or set \
                 `restartPolicy: OnFailure`",
            ));
        }
        flaws
    }

    /// A container that runs when scripts do.
    fn container(&self, field: String, name: &str) -> Option<Flaw> {
        let template = &self.job.spec.template;
        if template.init_containers.iter().any(|it| it.name == name) {
            let words = format!("{name:?} is an init container: scripts begin after those");
            return Some(Flaw::new(field, words));
        }
        let known = template.containers.iter().map(|it| it.name.as_str());
        unknown(field, "container", name, known)
    }

    /// What is said about containers.
    fn entry(&self, path: &str, entry: &Mapping) -> Vec<Flaw> {
        let nobody = Flaws::default();
        let value = Value::Mapping(entry.clone());
        let it = Fields::new(&value, path, &nobody);
        let template = &self.job.spec.template;
        let all = template.containers.iter().chain(&template.init_containers);
        let known = all.map(|it| it.name.as_str());
        let named = it.values("container").into_iter();
        let mut flaws: Vec<Flaw> = named
            .filter_map(|(name, path)| unknown(path, "container", name.as_str()?, known.clone()))
            .collect();
        if let Some(index) = it.ranges("index") {
            flaws.extend(self.ranges(it.at("index"), &index));
        }
        if let Some(inputs) = it.table("badInputs") {
            let index = inputs.ranges("index").filter(|_| self.indexes.is_some());
            flaws.extend(index.and_then(|index| self.ranges(inputs.at("index"), &index)));
        }
        let first = it
            .ranges("attempt")
            .is_none_or(|it| it.iter().any(|it| it.contains(&0)));
        if !first && template.restart_policy == RestartPolicy::Never {
            let words = "containers of this Job are not restarted: its restartPolicy is Never";
            flaws.push(Flaw::new(it.at("attempt"), words).help("tell its pods apart by `nth`"));
        }
        flaws
    }

    /// Indexes that the Job does not have.
    fn ranges(&self, field: String, ranges: &[RangeInclusive<u32>]) -> Option<Flaw> {
        let Some(count) = self.indexes else {
            let words = "the Job is not Indexed, so its pods have no index";
            let flaw = Flaw::new(field, words).note("no pod matches this");
            return Some(flaw.help("tell its pods apart by `nth`, their number"));
        };
        let last = ranges.iter().map(|it| *it.end()).max()?;
        (last >= count).then(|| Flaw::new(field, no_such_index(last, count)))
    }

    fn deed(&self, path: &str, deed: &Deed) -> Vec<Flaw> {
        let field = format!("{path}.{}", deed.name());
        let mut flaws = Vec::new();
        if let Deed::Crash(_, Some(name), _) | Deed::OomKill(_, Some(name)) = deed {
            let template = &self.job.spec.template;
            let all = template.containers.iter().chain(&template.init_containers);
            let known = all.map(|it| it.name.as_str());
            flaws.extend(unknown(
                format!("{field}.container"),
                "container",
                name,
                known,
            ));
        }
        flaws.extend(deed.pod().and_then(|pod| self.label(field, pod)));
        flaws
    }

    fn fault(&self, path: &str, fault: &Fault) -> Vec<Flaw> {
        let template = &self.job.spec.template;
        let all = || template.containers.iter().chain(&template.init_containers);
        let flaw = match &fault.outage {
            Outage::Image(Some(image)) => {
                let known = all().map(|it| it.image.as_str());
                unknown(format!("{path}.image"), "image", image, known)
            }
            Outage::Reference(name) => {
                let known = objects(template).into_iter();
                unknown(
                    format!("{path}.reference"),
                    "ConfigMap or Secret",
                    name,
                    known,
                )
            }
            Outage::Image(None)
            | Outage::Requests { .. }
            | Outage::Latency(_)
            | Outage::Volumes
            | Outage::ServiceAccount
            | Outage::Quota(_)
            | Outage::LimitRange(_)
            | Outage::Admission
            | Outage::Clock(_) => None,
        };
        flaw.into_iter().collect()
    }

    fn label(&self, field: String, pod: PodLabel) -> Option<Flaw> {
        let nth = pod.nth;
        match (self.indexes, pod.index) {
            (None, Some(_)) => {
                let words = "the Job is not Indexed, so its pods have no index";
                let flaw = Flaw::new(field, words).note("there is no such pod");
                Some(flaw.help(format!("name the pod by its number alone: {nth}")))
            }
            (Some(_), None) => {
                let words = "the Job is Indexed: its pods are named by index and number";
                let flaw = Flaw::new(field, words).note("there is no such pod");
                Some(flaw.help(format!(
                    "write \"{nth}.0\" for the first pod of index {nth}"
                )))
            }
            (Some(count), Some(index)) if index >= count => {
                Some(Flaw::new(field, no_such_index(index, count)))
            }
            (None, None) | (Some(_), Some(_)) => None,
        }
    }
}

fn no_such_index(index: u32, count: u32) -> String {
    match count.checked_sub(1) {
        None => format!("there is no index {index}: the Job has none"),
        Some(last) => format!("there is no index {index}: the Job's are 0 to {last}"),
    }
}

/// The names of all ConfigMaps and Secrets that a pod needs.
fn objects(template: &PodTemplate) -> Vec<&str> {
    let all = template.containers.iter().chain(&template.init_containers);
    let variables = all.flat_map(|it| &it.references);
    let files = template.volumes.iter().flat_map(|it| match &it.source {
        VolumeSource::Objects(references) => references.as_slice(),
        VolumeSource::EmptyDir { .. } | VolumeSource::Claim(_) | VolumeSource::Other => &[],
    });
    let names = variables.chain(files).map(|it| it.name.as_str());
    names.collect()
}

/// A name that the Job does not have, unless it has.
fn unknown<'a>(
    field: String,
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Option<Flaw> {
    if known.clone().any(|it| it == name) {
        return None;
    }
    let mut listed: Vec<String> = known.clone().map(|it| format!("{it:?}")).collect();
    listed.sort_unstable();
    listed.dedup();
    let words = match listed.as_slice() {
        [] => format!("the Job has no {what} {name:?}, and no other"),
        listed => format!("the Job has no {what} {name:?}, only {}", listed.join(", ")),
    };
    let flaw = Flaw::new(field, words).note(format!("no such {what}"));
    Some(flaw.meant(name, known))
}
