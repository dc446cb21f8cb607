//! What pods do when the command line says it: they run for a while, and exit.

use super::failure::{Code, Failure};
use super::values::{Exit, Length};
use crate::base::Span;
use crate::model::{Job, PodScript, Restart, RestartPolicy};

/// How long containers run unless told.
pub(super) const ONE_MINUTE: Span = Span::from_secs(60);

/// The kubelet's delay before it starts a crashed container again: none at first, then this,
/// doubled each time …
const FIRST_DELAY: Span = Span::from_secs(10);
/// … up to this; and none again after a container has lasted twice as long as that.
const LONGEST_DELAY: Span = Span::from_secs(300);
/// More restarts of a pod than any run waits for.
const MANY: u32 = 10_000;

/// A script for the pods of each Job.
///
/// An exit code is for the Jobs that have such a container; one at least must have it.
pub(super) fn scripts(
    jobs: &[Job],
    length: Option<&Length>,
    exits: &[Exit],
) -> Result<Vec<PodScript>, Failure> {
    let run = length.map_or(Some(ONE_MINUTE), Length::fixed);
    for exit in exits {
        check(&format!("--exit {exit}"), exit.container.as_deref(), jobs)?;
    }
    let script = |job: &Job| {
        let names = job.spec.template.containers.iter().map(|it| &it.name);
        let code = |name: &String| {
            let own = |it: &&Exit| it.container.as_ref().is_none_or(|it| it == name);
            exits.iter().rev().find(own).map_or(0, |it| it.code)
        };
        lasting(
            job,
            run,
            names.map(|name| (name.clone(), code(name))).collect(),
        )
    };
    Ok(jobs.iter().map(script).collect())
}

/// What a flag says of a container has to be about one that is there; without a name, about the
/// only one.
pub(super) fn check(flag: &str, container: Option<&str>, jobs: &[Job]) -> Result<(), Failure> {
    let refuse = |sentence| Err(Failure::Sentence(Code::Usage, sentence));
    let names = |job: &Job| -> Vec<String> {
        let containers = &job.spec.template.containers;
        containers.iter().map(|it| it.name.clone()).collect()
    };
    match container {
        Some(name) if jobs.iter().flat_map(names).any(|it| it == name) => Ok(()),
        Some(name) => {
            let mut known: Vec<String> = jobs.iter().flat_map(names).collect();
            known.sort_unstable();
            known.dedup();
            known.truncate(20);
            let known = known.join(", ");
            refuse(format!(
                "{flag}: there is no container {name:?}; there is {known}"
            ))
        }
        None => match jobs.iter().find(|job| names(job).len() != 1) {
            None => Ok(()),
            Some(job) => {
                let (what, value) = flag.split_once(' ').unwrap_or((flag, ""));
                refuse(format!(
                    "{flag}: the pods of Job {:?} have several containers; say which one it is, \
                     as in {what} {}={value}",
                    job.name,
                    names(job).first().map_or("main", String::as_str),
                ))
            }
        },
    }
}

/// Pods that are bound at once, start after a second, run, and exit. With `restartPolicy:
/// OnFailure` a pod does not fail with its container: the kubelet starts that one again.
fn lasting(job: &Job, run: Option<Span>, exit: Vec<(String, i32)>) -> PodScript {
    let bad = exit.iter().map(|it| it.1).find(|code| *code != 0);
    let mut script = PodScript {
        schedule: Some(Span::ZERO),
        start: Some(PodScript::START),
        run,
        exit,
        ..PodScript::default()
    };
    let restarted = job.spec.template.restart_policy == RestartPolicy::OnFailure;
    if let (Some(run), Some(exit), true) = (run, bad, restarted) {
        let count = job.spec.backoff_limit.saturating_add(1).min(MANY);
        let mut wait = Span::ZERO;
        for _ in 0..count {
            script.restarts.push(Restart { run, exit, wait });
            wait = if run + wait > LONGEST_DELAY.doubled() {
                Span::ZERO
            } else {
                wait.doubled().clamp(FIRST_DELAY, LONGEST_DELAY)
            };
        }
    }
    script
}
