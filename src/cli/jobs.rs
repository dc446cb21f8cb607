//! From sources to Jobs, with a word about everything that is not one.

use super::failure::{Code, Failure};
use super::files::{self, Source};
use super::tell;
use crate::manifest::{self, Document, Kind, Options};
use crate::model::{Job, Release};
use std::collections::BTreeMap;

/// The namespace of a manifest that names none.
const DEFAULT_NAMESPACE: &str = "default";
/// The most Jobs of a run.
const MOST: usize = 100_000;

/// Reads the Jobs of all sources. Everything that is wrong with any of them is told.
pub(super) fn read(
    sources: &[Source],
    namespace: Option<&str>,
    release: Release,
) -> Result<Vec<Job>, Failure> {
    let options = Options {
        release,
        ..Options::default()
    };
    let mut jobs = Jobs::default();
    for source in sources {
        if jobs.found.len() > MOST {
            let sentence = format!("more than {MOST} Jobs are too many for a run");
            return Err(Failure::Sentence(Code::Limit, sentence));
        }
        let name = source.name();
        match source.read(options.limits.bytes) {
            Err(problem) => jobs.refuse(Code::Unreadable, &format!("error: {problem}")),
            Ok(bytes) => match manifest::read(&name, &bytes, &options) {
                Err(errors) => jobs.refuse_manifest(&errors),
                Ok(documents) if documents.is_empty() => tell::note(&format!("{name} is empty")),
                Ok(documents) => {
                    for document in documents {
                        jobs.take(document, namespace);
                    }
                }
            },
        }
    }
    jobs.all(sources)
}

#[derive(Default)]
struct Jobs {
    found: Vec<Job>,
    /// Where each of them stands, by namespace and name.
    places: BTreeMap<(String, String), String>,
    worst: Option<Code>,
    blocks: usize,
}

impl Jobs {
    fn refuse(&mut self, code: Code, block: &str) {
        let gap = if self.blocks > 0 { "\n" } else { "" };
        tell::block(&format!("{gap}{block}"));
        self.blocks += 1;
        self.worst = self.worst.max(Some(code));
    }

    fn refuse_manifest(&mut self, errors: &manifest::Errors) {
        self.refuse(files::code(errors), &errors.to_string());
    }

    fn take(&mut self, document: Document, namespace: Option<&str>) {
        for warning in &document.warnings {
            tell::block(&warning.to_string());
        }
        let Document {
            kind,
            name,
            source,
            line,
            job,
            ..
        } = document;
        let place = format!("{source}:{line}");
        let Some(mut job) = job else {
            return tell::note(&format!("{place}: {kind} {name:?} is passed over"));
        };
        if kind == Kind::CronJob {
            tell::note(&format!(
                "{place}: of CronJob {name:?}, one Job of its template is run"
            ));
        }
        if let Some(namespace) = namespace {
            if job.namespace == DEFAULT_NAMESPACE {
                namespace.clone_into(&mut job.namespace);
            } else if job.namespace != namespace {
                let own = &job.namespace;
                let message = format!(
                    "error: {place}: the namespace from the provided object {own:?} does not \
                     match the namespace {namespace:?}. You must pass '--namespace={own}' to \
                     perform this operation."
                );
                return self.refuse(Code::Negative, &message);
            }
        }
        let key = (job.namespace.clone(), job.name.clone());
        if let Some(first) = self.places.get(&key) {
            let message = format!(
                "error: {place}: Job {:?} is there already, in {first}\n  = help: give one of the \
                 two another name or namespace",
                job.name
            );
            return self.refuse(Code::Negative, &message);
        }
        self.places.insert(key, place);
        self.found.push(job);
    }

    fn all(self, sources: &[Source]) -> Result<Vec<Job>, Failure> {
        if let Some(code) = self.worst {
            return Err(Failure::Told(code));
        }
        if self.found.is_empty() {
            let names: Vec<String> = sources.iter().take(5).map(Source::name).collect();
            let more = if sources.len() > names.len() {
                " …"
            } else {
                ""
            };
            let sentence = format!(
                "there is no Job in {}{more}\n  = help: a document with `apiVersion: batch/v1` \
                 and `kind: Job` or `kind: CronJob` is needed",
                names.join(", ")
            );
            return Err(Failure::Sentence(Code::Negative, sentence));
        }
        Ok(self.found)
    }
}
