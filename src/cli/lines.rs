//! Files of one JSON object a line, plain or compressed by gzip, read as a stream.

use super::failure::Failure;
use super::files::{cannot_read, code};
use crate::model::Release;
use crate::scenario::{ClusterRecording, Recording, RecordingError, SchedulerRecording};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

/// The most bytes of a line: decoded, its steps take some fifty times as much.
const LINE: usize = 8 << 20;
/// The most bytes of its scenario: decoded, that takes some four hundred times as much.
const SCENARIO: usize = 1 << 20;
/// What a file of gzip begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The lines of a file that are not empty.
pub(super) struct Lines {
    name: String,
    reader: Box<dyn BufRead>,
    number: usize,
}

/// A line and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// `FILE:LINE`
    pub(super) place: String,
    pub(super) text: String,
}

impl Lines {
    /// Opens a file; `-` is stdin.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Self::of("STDIN".to_owned(), io::stdin());
        }
        let refuse = |error| Failure::unreadable(cannot_read(path, &error));
        let file = File::open(path).map_err(refuse)?;
        Self::of(path.display().to_string(), file)
    }

    /// The lines of what is read from there.
    pub(super) fn of(name: String, mut reader: impl Read + 'static) -> Result<Self, Failure> {
        let mut start = Vec::new();
        if let Err(error) = reader.by_ref().take(2).read_to_end(&mut start) {
            return Err(Failure::unreadable(format!("cannot read {name}: {error}")));
        }
        let compressed = start == GZIP;
        let whole = Cursor::new(start).chain(reader);
        let reader: Box<dyn BufRead> = if compressed {
            Box::new(BufReader::new(MultiGzDecoder::new(whole)))
        } else {
            Box::new(BufReader::new(whole))
        };
        Ok(Self {
            name,
            reader,
            number: 0,
        })
    }

    /// The next line that is not empty.
    pub(super) fn next(&mut self) -> Result<Option<Line>, Failure> {
        loop {
            let mut bytes = Vec::new();
            let mut limited = self.reader.by_ref().take(LINE as u64 + 1);
            let read = limited.read_until(b'\n', &mut bytes);
            self.number += 1;
            let place = format!("{}:{}", self.name, self.number);
            let refuse = |what: String| Err(Failure::unreadable(format!("{place}: {what}")));
            match read {
                Err(error) => return refuse(format!("cannot be read: {error}")),
                Ok(0) => return Ok(None),
                Ok(length) if length > LINE => {
                    return refuse(format!("the line is longer than {LINE} bytes"));
                }
                Ok(_) => {}
            }
            match String::from_utf8(bytes) {
                Err(_) => return refuse("the line is not UTF-8 text".to_owned()),
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Ok(Some(Line { place, text })),
            }
        }
    }
}

#[derive(Deserialize)]
struct Outer<'a> {
    #[serde(borrow)]
    scenario: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Id<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
}

impl Line {
    /// The recording that the line is.
    pub(super) fn recording(&self, release: Release) -> Result<Recording, Failure> {
        self.scenario()?;
        Recording::from_json(&self.text, release).map_err(|error| self.failure(&error))
    }

    /// The recording of a whole cluster that the line is.
    pub(super) fn cluster_recording(&self, release: Release) -> Result<ClusterRecording, Failure> {
        self.scenario()?;
        ClusterRecording::from_json(&self.text, release).map_err(|error| self.failure(&error))
    }

    /// The recording of the scheduler that the line is.
    pub(super) fn scheduler_recording(
        &self,
        release: Release,
    ) -> Result<SchedulerRecording, Failure> {
        self.scenario()?;
        SchedulerRecording::from_json(&self.text, release).map_err(|error| self.failure(&error))
    }

    /// The scenario's id, without reading more of the line than it takes.
    pub(super) fn id(&self) -> Result<Cow<'_, str>, Failure> {
        let parsed: Result<Id<'_>, _> = serde_json::from_str(self.scenario()?);
        Ok(parsed.map_err(|error| self.failure(&error.into()))?.id)
    }

    fn scenario(&self) -> Result<&str, Failure> {
        let outer: Result<Outer<'_>, _> = serde_json::from_str(self.text.trim_end());
        let outer = outer.map_err(|error| {
            let (place, column) = (&self.place, error.column());
            let what = without_place(&error);
            Failure::unreadable(format!(
                "{place}:{column}: not a scenario or recording: {what}"
            ))
        })?;
        let text = outer.scenario.map_or(self.text.trim(), RawValue::get);
        if text.len() > SCENARIO {
            let what = format!("the scenario is longer than {SCENARIO} bytes");
            return Err(Failure::unreadable(format!("{}: {what}", self.place)));
        }
        Ok(text)
    }

    fn failure(&self, error: &RecordingError) -> Failure {
        let place = &self.place;
        match error {
            RecordingError::Job(errors) => {
                let sentence = format!("{place}: the Job is not accepted\n\n{errors}");
                Failure::Sentence(code(errors), sentence)
            }
            RecordingError::Json(error) => {
                let what = without_place(error);
                Failure::unreadable(format!("{place}: not a scenario or recording: {what}"))
            }
            RecordingError::Word(what) => Failure::unreadable(format!("{place}: {what}")),
        }
    }
}

/// The message without the place in the text that was parsed, which is only a part of the file.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((what, _)) => what.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &'static [u8]) -> String {
        let mut lines = match Lines::of("a".to_owned(), bytes) {
            Ok(lines) => lines,
            Err(failure) => return format!("{failure:?}"),
        };
        let mut read = String::new();
        loop {
            match lines.next() {
                Ok(Some(line)) => {
                    let (place, text) = (line.place, line.text.trim());
                    read = format!("{read}{place}={text} ");
                }
                Ok(None) => return read.trim().to_owned(),
                Err(Failure::Sentence(_, sentence)) => return read + &sentence,
                Err(other) => return format!("{other:?}"),
            }
        }
    }

    #[test]
    fn lines_know_their_numbers() {
        assert_eq!(read(b""), "");
        assert_eq!(read(b"x"), "a:1=x");
        assert_eq!(read(b"x\n\n \r\ny\r\n"), "a:1=x a:4=y");
        assert_eq!(read(b"x\n\xff\n"), "a:1=x a:2: the line is not UTF-8 text");
        assert!(read(b"\x1f\x8bno gzip").starts_with("a:1: cannot be read: "));
    }

    #[test]
    fn an_id_is_found_in_both_shapes_of_a_line() {
        let id = |text: &str| {
            let line = Line {
                place: "a:1".to_owned(),
                text: text.to_owned(),
            };
            line.id().map(Cow::into_owned).unwrap_or_default()
        };
        assert_eq!(
            id("{\"scenario\":{\"pods\":[],\"id\":\"x\"},\"steps\":[]}"),
            "x"
        );
        assert_eq!(id("{\"id\":\"a\\u0062\",\"until\":1}"), "ab");
        assert_eq!(id("{\"until\":1}"), "");
    }
}
