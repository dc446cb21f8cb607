//! Containers that the command line names.

use super::failure::{Code, Failure};
use crate::base::Span;
use crate::model::Job;

/// How long containers run unless told.
pub(super) const ONE_MINUTE: Span = Span::from_secs(60);

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
