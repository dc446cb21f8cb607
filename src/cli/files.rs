//! Files of manifests: named ones, those in folders, and stdin, as kubectl finds them.

use super::failure::{Code, Failure};
use super::tell;
use crate::manifest;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How kubectl calls it.
const STDIN: &str = "STDIN";

/// Where manifests come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Stdin,
    File(PathBuf),
    /// What has been read, or made, and its name.
    Held(String, Arc<[u8]>),
}

impl Source {
    /// A file; `-` is stdin.
    pub(super) fn at(path: &Path) -> Self {
        if path == Path::new("-") {
            Self::Stdin
        } else {
            Self::File(path.to_owned())
        }
    }

    /// What messages call it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdin => STDIN.to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Held(name, _) => name.clone(),
        }
    }

    /// Its content; one byte more than `limit` at most, so that a larger file is noticed.
    pub(super) fn read(&self, limit: usize) -> Result<Vec<u8>, String> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        let read = match self {
            Self::Stdin => io::stdin().lock().take(limit).read_to_end(&mut bytes),
            Self::File(path) => {
                File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
            }
            Self::Held(_, held) => held.as_ref().take(limit).read_to_end(&mut bytes),
        };
        read.map(|_| bytes).map_err(|error| match self {
            Self::Stdin => format!("cannot read {STDIN}: {error}"),
            Self::File(path) => cannot_read(path, &error),
            Self::Held(name, _) => format!("cannot read {name}: {error}"),
        })
    }

    /// The same with its content in memory, to be read more than once.
    pub(super) fn held(&self) -> Result<Self, Failure> {
        let limit = manifest::Options::default().limits.bytes;
        let bytes = self.read(limit).map_err(Failure::unreadable)?;
        Ok(Self::Held(self.name(), bytes.into()))
    }
}

/// The exit code for a file that is not accepted.
pub(super) fn code(errors: &manifest::Errors) -> Code {
    if errors.is_unreadable() {
        Code::Unreadable
    } else {
        Code::Negative
    }
}

/// Why a file cannot be read.
pub(super) fn cannot_read(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("the path \"{path}\" does not exist"),
        _ => format!("cannot read {path}: {error}"),
    }
}

/// The sources that the arguments name: files as they are, of a folder its manifests by name, and
/// with `recursive` those in the folders below it, too.
pub(super) fn find(arguments: &[PathBuf], recursive: bool) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for argument in arguments {
        if argument == Path::new("-") {
            sources.push(Source::Stdin);
            continue;
        }
        let before = sources.len();
        match fs::metadata(argument) {
            Err(error) => problems.push(cannot_read(argument, &error)),
            Ok(what) if !what.is_dir() => sources.push(Source::File(argument.clone())),
            Ok(_) => match walk(argument, recursive, &mut sources) {
                Err(problem) => problems.push(problem),
                Ok(()) if sources.len() == before => problems.push(nothing_in(argument, recursive)),
                Ok(()) => {}
            },
        }
    }
    if problems.is_empty() {
        return Ok(sources);
    }
    for problem in problems {
        tell::error(&problem);
    }
    Err(Failure::Told(Code::Unreadable))
}

fn nothing_in(folder: &Path, recursive: bool) -> String {
    let what = "recognized file extensions are [.json .yaml .yml]";
    let help = if recursive {
        "name a folder with manifests, or the file itself"
    } else {
        "-R looks into the folders below it, too"
    };
    format!(
        "error reading [{}]: {what}\n  = help: {help}",
        folder.display()
    )
}

fn walk(folder: &Path, recursive: bool, sources: &mut Vec<Source>) -> Result<(), String> {
    let listed = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = listed.map_err(|error| cannot_read(folder, &error))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // Links to folders are not followed, so that the walk ends.
        if entry.file_type().is_ok_and(|it| it.is_dir()) {
            if recursive {
                walk(&path, recursive, sources)?;
            }
        } else if is_manifest(&path) && !path.is_dir() {
            sources.push(Source::File(path));
        }
    }
    Ok(())
}

fn is_manifest(path: &Path) -> bool {
    let known = ["json", "yaml", "yml"];
    path.extension()
        .is_some_and(|end| known.iter().any(|it| end == *it))
}
