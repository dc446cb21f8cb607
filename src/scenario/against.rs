//! What a scenario says, held against the Job that it is played with.

use crate::manifest::Flaw;
use crate::model::{Job, PodScript, RestartPolicy};
use crate::sim::{Action, Deed, PodLabel};

/// What can never come true with this Job.
pub(super) fn flaws(pods: &[PodScript], actions: &[Action], job: &Job) -> Vec<Flaw> {
    let case = Case {
        job,
        indexes: indexes(actions, job),
    };
    let scripts = pods.iter().enumerate();
    let of_scripts = scripts.flat_map(|(at, script)| case.script(&format!("pods[{at}]"), script));
    let of_actions = actions.iter().enumerate().filter_map(|(at, action)| {
        let (field, pod) = (action.deed.name(), action.deed.pod()?);
        case.label(format!("actions[{at}].{field}"), pod)
    });
    of_scripts.chain(of_actions).collect()
}

struct Case<'a> {
    job: &'a Job,
    /// How many indexes there are; `None` if the Job is not Indexed.
    indexes: Option<u32>,
}

/// The most indexes that the Job has at any time: patches can change their number.
fn indexes(actions: &[Action], job: &Job) -> Option<u32> {
    let patched = actions.iter().filter_map(|action| match &action.deed {
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
            .filter_map(|name| self.container(path, name))
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

    fn container(&self, path: &str, name: &str) -> Option<Flaw> {
        let template = &self.job.spec.template;
        let known = template.containers.iter().map(|it| it.name.as_str());
        if known.clone().any(|it| it == name) {
            return None;
        }
        let field = format!("{path}.exit[{name}]");
        if template.init_containers.iter().any(|it| it.name == name) {
            let words = format!("{name:?} is an init container: scripts begin after those");
            return Some(Flaw::new(field, words));
        }
        let listed = known.clone().map(|it| format!("{it:?}"));
        let listed = listed.collect::<Vec<_>>().join(", ");
        let words = format!("the Job has no container {name:?}, only {listed}");
        let flaw = Flaw::new(field, words).note("no such container");
        Some(flaw.meant(name, known))
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
