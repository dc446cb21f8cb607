//! What Kubernetes' decoders made of files, and whether ours make the same of them: verdicts,
//! values and the paths of unknown and repeated fields.

mod comparison;
mod recorded;

use super::super::failure::Failure;
use super::super::files::cannot_read;
use super::super::tell;
use super::{Arguments, Tally};
use flate2::read::MultiGzDecoder;
use recorded::Recorded;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use tar::Archive;

/// The most bytes of all files.
const LARGEST: u64 = 512 << 20;
/// The recordings among the files.
const EXPECTED: &str = "expected.txt";

/// Files by their names.
type Files = BTreeMap<String, Vec<u8>>;

/// Plays archives (*.tgz), or the folders that are in them.
pub(super) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    for path in &arguments.paths {
        let mut files = files(path)?;
        let Some(expected) = files.remove(EXPECTED) else {
            let sentence = format!("there is no {EXPECTED} in {}", path.display());
            return Err(Failure::unreadable(sentence));
        };
        let recorded = recorded::read(&String::from_utf8_lossy(&expected));
        let first = arguments.first.unwrap_or(usize::MAX);
        for (name, documents) in recorded.iter().take(first) {
            if !arguments.only.is_empty() && !arguments.only.contains(name) {
                continue;
            }
            let Some(bytes) = files.get(name) else {
                let sentence = format!("{} has no file {name}", path.display());
                return Err(Failure::unreadable(sentence));
            };
            tally.played += 1;
            match compare(name, bytes, documents) {
                None => tally.agree += 1,
                Some(difference) => {
                    let head = tell::bold(&tell::harmless(name));
                    let difference = tell::harmless(&difference);
                    writeln!(out, "{}: {head}: {difference}", path.display())?;
                }
            }
        }
    }
    Ok(tally)
}

fn compare(name: &str, bytes: &[u8], documents: &[Recorded]) -> Option<String> {
    let read = comparison::read(name, bytes);
    comparison::verdict(&read, documents)
        .or_else(|| comparison::values(name, bytes, documents))
        .or_else(|| comparison::paths(read.err().as_ref(), documents))
}

fn files(path: &Path) -> Result<Files, Failure> {
    let refuse = |error| Failure::unreadable(cannot_read(path, &error));
    let mut files = Files::new();
    let is_folder = fs::metadata(path).map_err(refuse)?.is_dir();
    if is_folder {
        folder(path, &mut files).map_err(refuse)?;
    } else {
        archive(path, &mut files).map_err(refuse)?;
    }
    Ok(files)
}

fn folder(path: &Path, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_file() {
            add(&path, File::open(&path)?, files)?;
        }
    }
    Ok(())
}

fn archive(path: &Path, files: &mut Files) -> io::Result<()> {
    let mut archive = Archive::new(MultiGzDecoder::new(File::open(path)?));
    for entry in archive.entries()? {
        let entry = entry?;
        if entry.header().entry_type().is_file() {
            let path = entry.path()?.into_owned();
            add(&path, entry, files)?;
        }
    }
    Ok(())
}

fn add(path: &Path, content: impl Read, files: &mut Files) -> io::Result<()> {
    let held: u64 = files.values().map(|it| it.len() as u64).sum();
    let mut bytes = Vec::new();
    let left = LARGEST.saturating_sub(held);
    content.take(left + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > left {
        return Err(io::Error::other(format!(
            "there are more than {LARGEST} bytes in it"
        )));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    files.insert(name.into_owned(), bytes);
    Ok(())
}
