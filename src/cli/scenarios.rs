//! Scenario files, as the program reads them.

use super::failure::{Code, Failure};
use super::files::{self, Source};
use super::tell;
use crate::manifest::{Errors, Options};
use crate::model::Job;
use crate::scenario::ScenarioFile;
use std::path::Path;

/// Reads a scenario file; `-` is stdin. Its warnings are told. The files that it names lie beside
/// it.
pub(super) fn read(path: &Path) -> Result<ScenarioFile, Failure> {
    let source = Source::at(path);
    let bytes = source.read(Options::default().limits.bytes);
    let bytes = bytes.map_err(Failure::unreadable)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let file = parse(&source.name(), &bytes, &folder)?;
    for warning in file.warnings() {
        tell::block(&warning.to_string());
    }
    Ok(file)
}

/// Reads a scenario that is not in a file. The files that it names lie in the current folder.
pub(super) fn written(name: &str, bytes: &[u8]) -> Result<ScenarioFile, Failure> {
    parse(name, bytes, Path::new(""))
}

fn parse(name: &str, bytes: &[u8], folder: &Path) -> Result<ScenarioFile, Failure> {
    let open = |name: &str| {
        let source = Source::File(folder.join(name));
        let bytes = source.read(Options::default().limits.bytes)?;
        String::from_utf8(bytes).map_err(|_| format!("{} is no text in UTF-8", source.name()))
    };
    ScenarioFile::read_with(name, bytes, &open).map_err(|errors| told(&errors))
}

/// Says what is wrong with a scenario.
pub(super) fn told(errors: &Errors) -> Failure {
    tell::block(&errors.to_string());
    Failure::Told(files::code(errors))
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
    Ok(jobs)
}

/// Says what cannot come true with the Jobs.
pub(super) fn fits(file: &ScenarioFile, jobs: &[Job]) -> Result<(), Failure> {
    let flaws = file.check_against_all(jobs);
    for flaw in &flaws {
        tell::block(&flaw.to_string());
    }
    if flaws.is_empty() {
        Ok(())
    } else {
        Err(Failure::Told(Code::Negative))
    }
}
