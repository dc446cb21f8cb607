//! The files of a suite of recordings: which are there, and with which release each is played.

use super::super::failure::Failure;
use super::super::files::cannot_read;
use super::super::lines::Lines;
use crate::model::Release;
use flate2::read::MultiGzDecoder;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tar::Archive;

/// The most bytes of the files in an archive, and of a list of ids.
const LARGEST: u64 = 256 << 20;

/// Recordings that are played with one release.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// What messages call the file.
    pub(super) name: String,
    pub(super) release: Release,
    /// The ids to play; `None` for all.
    pub(super) only: Option<BTreeSet<String>>,
    /// What messages call the list of these ids.
    pub(super) list: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    File(PathBuf),
    /// Read from an archive.
    Bytes(Arc<[u8]>),
}

impl Part {
    pub(super) fn open(&self) -> Result<Lines, Failure> {
        match &self.content {
            Content::File(path) => Lines::open(path),
            Content::Bytes(bytes) => Lines::of(self.name.clone(), Cursor::new(Arc::clone(bytes))),
        }
    }
}

/// The parts that a path stands for.
pub(super) fn parts(path: &Path, release: Option<Release>) -> Result<Vec<Part>, Failure> {
    let refuse = |error| Failure::unreadable(cannot_read(path, &error));
    let stdin = path == Path::new("-");
    let is_folder = !stdin && fs::metadata(path).map_err(refuse)?.is_dir();
    let files = if is_folder {
        folder(path).map_err(refuse)?
    } else if is_archive(path) {
        archive(path).map_err(refuse)?
    } else {
        let name = path.display().to_string();
        let release = release.map_or_else(|| release_of(&name), Ok)?;
        let content = Content::File(path.to_owned());
        return Ok(vec![Part {
            name,
            release,
            only: None,
            list: String::new(),
            content,
        }]);
    };
    let parts = arrange(&files, release)?;
    if parts.is_empty() {
        let path = path.display();
        let sentence = format!("there is no recording (*.jsonl or *.jsonl.gz) in {path}");
        return Err(Failure::unreadable(sentence));
    }
    Ok(parts)
}

/// A file by its whole name, the release at the beginning of its own name, and its content.
type Found = (String, Content);

fn folder(path: &Path) -> io::Result<Vec<Found>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        let name = path.display().to_string();
        if (is_recording(&name) || is_list(&name)) && path.is_file() {
            files.push((name, Content::File(path)));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(files)
}

fn is_archive(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".tgz") || name.ends_with(".tar.gz")
}

fn archive(path: &Path) -> io::Result<Vec<Found>> {
    let mut files = Vec::new();
    let mut left = LARGEST;
    let mut archive = Archive::new(MultiGzDecoder::new(File::open(path)?));
    for entry in archive.entries()? {
        let entry = entry?;
        let name = format!("{}/{}", path.display(), entry.path()?.display());
        if (is_recording(&name) || is_list(&name)) && entry.header().entry_type().is_file() {
            let bytes = limited(entry, left)?;
            left -= bytes.len() as u64;
            files.push((name, Content::Bytes(bytes.into())));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(files)
}

/// All that is there, unless it is too much.
fn limited(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = reader.take(most + 1).read_to_end(&mut bytes)?;
    if length as u64 > most {
        return Err(io::Error::other(format!(
            "there is more in it than {LARGEST} bytes"
        )));
    }
    Ok(bytes)
}

fn is_recording(name: &str) -> bool {
    let plain = name.strip_suffix(".gz").unwrap_or(name);
    Path::new(plain)
        .extension()
        .is_some_and(|end| end == "jsonl")
}

fn is_list(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "same")
}

/// Recordings as they are, and lists as parts of the newest release's file. When everything is
/// played with one release, the newest file is played whole, and the lists say nothing more.
fn arrange(files: &[Found], release: Option<Release>) -> Result<Vec<Part>, Failure> {
    let mut newest: Option<(Release, &Found)> = None;
    for file in files.iter().filter(|(name, _)| is_recording(name)) {
        let of = release_of(&file.0)?;
        let own = own_name(&file.0);
        let whole = own == format!("{of}.jsonl") || own == format!("{of}.jsonl.gz");
        if whole && newest.is_none_or(|(known, _)| known < of) {
            newest = Some((of, file));
        }
    }
    let mut parts = Vec::new();
    for (name, content) in files {
        let of = release.map_or_else(|| release_of(name), Ok)?;
        if is_recording(name) {
            let content = content.clone();
            let (name, list) = (name.clone(), String::new());
            parts.push(Part {
                name,
                release: of,
                only: None,
                list,
                content,
            });
        } else if let Some((_, (newest, all))) = newest.filter(|_| release.is_none()) {
            let ids = ids(name, content)?;
            let (name, list, content) = (newest.clone(), name.clone(), all.clone());
            parts.push(Part {
                name,
                release: of,
                only: Some(ids),
                list,
                content,
            });
        }
    }
    Ok(parts)
}

fn ids(name: &str, content: &Content) -> Result<BTreeSet<String>, Failure> {
    let read = match content {
        Content::File(path) => File::open(path).and_then(|file| limited(file, LARGEST)),
        Content::Bytes(bytes) => Ok(bytes.to_vec()),
    };
    let bytes = read.map_err(|error| Failure::unreadable(cannot_read(Path::new(name), &error)))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

/// The release that a file's name begins with; the latest if it begins with none.
fn release_of(name: &str) -> Result<Release, Failure> {
    let own = own_name(name);
    let numbers = own
        .find(|it: char| !it.is_ascii_digit() && it != '.')
        .unwrap_or(own.len());
    let numbers = own[..numbers].trim_end_matches('.');
    if !numbers.contains('.') {
        return Ok(Release::LATEST);
    }
    numbers.parse().map_err(|error| {
        Failure::unreadable(format!(
            "{name}: {error}\n  = help: choose one with --kubernetes"
        ))
    })
}

fn own_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, own)| own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_begin_with_a_release() {
        for (name, want) in [
            ("a/1.31.jsonl.gz", Ok(Release::V1_31)),
            ("1.36-limits.jsonl", Ok(Release::V1_36)),
            ("1.30.same", Ok(Release::V1_30)),
            ("1.29/mine.jsonl", Ok(Release::V1_37)),
            ("2024-a.jsonl", Ok(Release::V1_37)),
            ("1.12.jsonl", Err(())),
        ] {
            assert_eq!(release_of(name).map_err(|_| ()), want, "{name}");
        }
    }

    #[test]
    fn lists_are_parts_of_the_newest_file() {
        let ids = Content::Bytes(b"x\ny\n"[..].into());
        let files = [
            "1.30.jsonl.gz",
            "1.30.same",
            "1.36-limits.jsonl",
            "1.36.jsonl",
        ];
        let files = files.map(|name| (name.to_owned(), ids.clone()));
        let show = |release| {
            let parts = arrange(&files, release).unwrap_or_default();
            let show = |part: &Part| format!("{} {}{}", part.release, part.name, part.list);
            parts.iter().map(show).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(
            show(None),
            "1.30 1.30.jsonl.gz, 1.30 1.36.jsonl1.30.same, 1.36 1.36-limits.jsonl, \
             1.36 1.36.jsonl"
        );
        assert_eq!(
            show(Some(Release::V1_29)),
            "1.29 1.30.jsonl.gz, 1.29 1.36-limits.jsonl, 1.29 1.36.jsonl"
        );
    }
}
