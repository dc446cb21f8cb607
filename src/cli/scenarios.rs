//! Scenario files, as the program reads them.

use super::failure::{Code, Failure};
use super::files::{self, Source};
use super::tell;
use crate::manifest::Options;
use crate::model::Job;
use crate::scenario::ScenarioFile;
use std::path::Path;

/// Reads a scenario file; `-` is stdin. Its warnings are told.
pub(super) fn read(path: &Path) -> Result<ScenarioFile, Failure> {
    let source = Source::at(path);
    let bytes = source.read(Options::default().limits.bytes);
    let bytes = bytes.map_err(Failure::unreadable)?;
    let file = ScenarioFile::read(&source.name(), &bytes).map_err(|errors| {
        tell::block(&errors.to_string());
        Failure::Told(files::code(&errors))
    })?;
    for warning in file.warnings() {
        tell::block(&warning.to_string());
    }
    Ok(file)
}

/// The Jobs to play: those of manifests if there are any, else the one in the file.
pub(super) fn jobs(file: &ScenarioFile, manifests: Option<Vec<Job>>) -> Result<Vec<Job>, Failure> {
    let Some(jobs) = manifests else {
        let own = file.job().cloned().ok_or_else(|| {
            let sentence = "the scenario has no Job\n  = help: name a manifest with -f, or write \
                            the Job into the scenario, as `job`";
            Failure::Sentence(Code::Negative, sentence.to_owned())
        })?;
        return Ok(vec![own]);
    };
    if let Some(own) = file.job() {
        tell::note(&format!(
            "Job {:?} of the scenario is passed over, because of -f",
            own.name
        ));
    }
    // What the file does to pods and Jobs, it does to the first one.
    let flaws = jobs
        .first()
        .map_or_else(Vec::new, |first| file.check_against(first));
    for flaw in &flaws {
        tell::block(&flaw.to_string());
    }
    if flaws.is_empty() {
        Ok(jobs)
    } else {
        Err(Failure::Told(Code::Negative))
    }
}
