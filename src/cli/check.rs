//! `dryjob check`: what the API server would say of manifests.

mod github;
mod json;
mod junit;
mod sarif;
mod table;

use super::failure::{Code, Failure, Outcome};
use super::files::{self, Source};
use super::tell;
use crate::manifest::{self, Checked, Diagnostic, Errors, FieldValidation, Kind, Options};
use crate::model::Release;
use crate::report::yaml;
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

/// The most documents of all files.
const MOST: usize = 100_000;

/// Tells what the API server would say of manifests, and shows them as they would be stored
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Manifests: files, folders with *.yaml, *.yml and *.json, or - for stdin
    #[arg(short, long, value_name = "FILE|DIR|-", required = true)]
    filename: Vec<PathBuf>,
    /// Look into the folders below a folder, too
    #[arg(short = 'R', long)]
    recursive: bool,
    /// What is printed [default: table]
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Output>,
    /// The release of Kubernetes, from 1.29 to 1.37 [default: 1.37]
    #[arg(long, value_name = "RELEASE")]
    kubernetes: Option<Release>,
    /// What becomes of unknown and repeated fields
    #[arg(long, value_name = "HOW", default_value = "strict")]
    validate: Validate,
    /// Objects that are stored already, with their status, as `kubectl get -o yaml` prints them:
    /// manifests of the same kind, namespace and name are taken for updates of them
    #[arg(long, value_name = "FILE|DIR")]
    update_from: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// A line for each object; problems are told on stderr
    Table,
    /// One JSON object with all verdicts
    Json,
    /// The objects as they would be stored
    Yaml,
    /// A log of the Static Analysis Results Interchange Format
    Sarif,
    /// Annotations of GitHub's workflows
    Github,
    /// A report of tests
    Junit,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Validate {
    /// They are errors
    #[value(alias = "true")]
    Strict,
    /// They are dropped, with a warning
    Warn,
    /// They are dropped
    #[value(alias = "false")]
    Ignore,
}

/// What is said of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Accepted,
    /// It is neither a Job nor a `CronJob`.
    PassedOver,
    Refused,
    Unreadable,
}

impl Verdict {
    fn of(checked: &Checked) -> Self {
        match &checked.outcome {
            Ok(document) if matches!(document.kind, Kind::Other(_)) => Self::PassedOver,
            Ok(_) => Self::Accepted,
            Err(errors) if errors.is_unreadable() => Self::Unreadable,
            Err(_) => Self::Refused,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::PassedOver => "passed over",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
        }
    }

    const fn code(self) -> Code {
        match self {
            Self::Accepted | Self::PassedOver => Code::Fine,
            Self::Refused => Code::Negative,
            Self::Unreadable => Code::Unreadable,
        }
    }
}

/// Errors, then warnings.
fn problems(checked: &Checked) -> Vec<&Diagnostic> {
    match &checked.outcome {
        Ok(document) => document.warnings.iter().collect(),
        Err(errors) => errors.iter().collect(),
    }
}

/// `job.batch/train`
fn title(checked: &Checked) -> String {
    let kind = checked.kind.as_deref().unwrap_or("document");
    let name = match &checked.outcome {
        Ok(document) => document.name.as_str(),
        Err(_) => checked.name.as_str(),
    };
    match kind {
        "Job" | "CronJob" => format!("{}.batch/{name}", kind.to_lowercase()),
        _ if name.is_empty() => kind.to_lowercase(),
        _ => format!("{}/{name}", kind.to_lowercase()),
    }
}

impl Arguments {
    /// Exit code 1 if an object is refused, 3 if one cannot be read.
    pub(super) fn run(&self) -> Outcome {
        let options = self.options()?;
        let mut all = Vec::new();
        let mut worst = Code::Fine;
        for source in files::find(&self.filename, self.recursive)? {
            let name = source.name();
            match source.read(options.limits.bytes) {
                Err(problem) => {
                    tell::error(&problem);
                    worst = worst.max(Code::Unreadable);
                }
                Ok(bytes) => {
                    let checked = manifest::check(&name, &bytes, &options);
                    if checked.is_empty() {
                        tell::note(&format!("{name} is empty"));
                    }
                    all.extend(checked);
                }
            }
            if all.len() > MOST {
                let sentence = format!("more than {MOST} documents are too many");
                return Err(Failure::Sentence(Code::Limit, sentence));
            }
        }
        let codes = all.iter().map(|one| Verdict::of(one).code());
        let worst = codes.max().unwrap_or(Code::Fine).max(worst);
        self.write(&all)?;
        Ok(worst)
    }

    fn options(&self) -> Result<Options, Failure> {
        let mut options = Options {
            release: self.kubernetes.unwrap_or(Release::LATEST),
            objects: matches!(self.output, Some(Output::Yaml | Output::Json)),
            validation: match self.validate {
                Validate::Strict => FieldValidation::Strict,
                Validate::Warn => FieldValidation::Warn,
                Validate::Ignore => FieldValidation::Ignore,
            },
            ..Options::default()
        };
        if !self.update_from.is_empty() {
            for source in files::find(&self.update_from, self.recursive)? {
                options.stored.extend(stored(&source, &options)?);
            }
        }
        Ok(options)
    }

    fn write(&self, all: &[Checked]) -> Result<(), Failure> {
        let output = self.output.unwrap_or(Output::Table);
        if matches!(output, Output::Table | Output::Yaml) {
            for problem in all.iter().flat_map(problems) {
                tell::block(&problem.to_string());
            }
        }
        let mut out: Box<dyn Write> = match output {
            Output::Table => Box::new(tell::coloured_output()),
            _ => Box::new(tell::plain_output()),
        };
        match output {
            Output::Table => table::write(all, &mut out)?,
            Output::Json => json::write(all, self.kubernetes, &mut out)?,
            Output::Yaml => objects(all, &mut out)?,
            Output::Sarif => sarif::write(all, &mut out)?,
            Output::Github => github::write(all, &mut out)?,
            Output::Junit => junit::write(all, &mut out)?,
        }
        Ok(out.flush()?)
    }
}

/// The objects of a file, those of lists included.
fn stored(source: &Source, options: &Options) -> Result<Vec<Value>, Failure> {
    let name = source.name();
    let bytes = source
        .read(options.limits.bytes)
        .map_err(Failure::unreadable)?;
    let mut objects = Vec::new();
    for document in manifest::values(&name, &bytes, &options.limits) {
        let told = |errors: Errors| {
            tell::block(&errors.to_string());
            Failure::Told(Code::Unreadable)
        };
        let located = document.map_err(told)?;
        let value = serde_json::to_value(located.value()).unwrap_or_default();
        match value.get("items") {
            Some(Value::Array(items)) => objects.extend(items.iter().cloned()),
            _ => objects.push(value),
        }
    }
    Ok(objects)
}

/// Without the time of creation, which nobody knows: what is printed can be read again.
fn timeless(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        if metadata
            .get("creationTimestamp")
            .is_some_and(|it| it == "<now>")
        {
            metadata.remove("creationTimestamp");
        }
    }
    object
}

/// The objects that would be stored, as documents of one file.
fn objects(all: &[Checked], out: &mut dyn Write) -> Result<(), Failure> {
    let documents = all.iter().filter_map(|one| one.outcome.as_ref().ok());
    let objects = documents.filter_map(|document| document.object.as_ref());
    for (index, object) in objects.enumerate() {
        if index > 0 {
            writeln!(out, "---")?;
        }
        yaml::write(&timeless(object), out)?;
        writeln!(out)?;
    }
    Ok(())
}
