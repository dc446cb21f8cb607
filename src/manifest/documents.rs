//! A file is cut into documents as kubectl does it, which is not quite as YAML has it.

use std::borrow::Cow;

use super::Limits;
use super::compose::compose;
use super::diagnostic::Fault;
use super::events::Granit;
use super::json::Reader;
use super::node::{Kind, Node};
use super::source::Position;

/// One document of a file.
#[derive(Debug)]
pub(super) struct Raw {
    /// Its value; `None` for an empty document, which is passed over.
    pub(super) root: Option<Node>,
    /// Whether it was read as JSON, which is stricter about repeated keys.
    pub(super) json: bool,
}

/// Reads one document after another, up to the first that cannot be read.
pub(super) struct Documents<'a> {
    text: &'a str,
    rest: Rest<'a>,
    limits: Limits,
    /// How many were read.
    read: usize,
}

/// How what follows is to be read.
enum Rest<'a> {
    Json(Reader<'a>),
    Yaml(Chunks<'a>),
    Nothing,
}

impl<'a> Documents<'a> {
    pub(super) fn new(text: &'a str, limits: &Limits) -> Self {
        let rest = if text.trim_start().starts_with('{') {
            Rest::Json(Reader::new(text, limits))
        } else {
            Rest::Yaml(Chunks::new(text, 0, limits.clone()))
        };
        Self {
            text,
            rest,
            limits: limits.clone(),
            read: 0,
        }
    }

    fn read(&mut self) -> Option<Result<Raw, Fault>> {
        let reader = match &mut self.rest {
            Rest::Json(reader) => reader,
            Rest::Yaml(chunks) => return chunks.next(),
            Rest::Nothing => return None,
        };
        let consumed = reader.consumed();
        match reader.value()? {
            Ok(root) if self.read >= self.limits.documents => {
                Some(Err(too_many(root.at, &self.limits)))
            }
            Ok(root) => Some(Ok(raw(Some(root), true))),
            // With several JSON values behind it, the decoder is sure that the file is JSON.
            Err(fault) if self.read > 1 => Some(Err(fault)),
            // Otherwise it tries once more, since YAML may begin with a brace, too.
            Err(fault) => {
                let (rest, skipped) = Reader::rest(self.text, consumed);
                let mut chunks = Chunks::new(rest, skipped, reader.left());
                let first = chunks.next()?.map_err(|_| fault);
                self.rest = Rest::Yaml(chunks);
                Some(first)
            }
        }
    }
}

impl Iterator for Documents<'_> {
    type Item = Result<Raw, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.read();
        match &next {
            Some(Ok(_)) => self.read += 1,
            Some(Err(_)) | None => self.rest = Rest::Nothing,
        }
        next
    }
}

/// `null` is no document either.
fn raw(root: Option<Node>, json: bool) -> Raw {
    Raw {
        root: root.filter(|node| node.kind != Kind::Null),
        json,
    }
}

/// Cuts at lines that begin with `---`, even in the midst of a text block.
struct Chunks<'a> {
    /// What is not read yet, and the lines before it.
    text: &'a str,
    skipped: usize,
    left: Limits,
    read: usize,
}

impl<'a> Chunks<'a> {
    fn new(text: &'a str, skipped: usize, left: Limits) -> Self {
        Self {
            text,
            skipped,
            left,
            read: 0,
        }
    }

    fn next(&mut self) -> Option<Result<Raw, Fault>> {
        let mut end = 0;
        for (number, line) in self.text.split_inclusive('\n').enumerate() {
            let start = end;
            end += line.len();
            let Some(rest) = line.strip_prefix("---") else {
                continue;
            };
            if let Err(fault) = self.separator(number, rest.trim()) {
                return Some(Err(fault));
            }
            // Dashes that have nothing before them belong to the document that they begin.
            if start > 0 {
                return Some(self.cut(start, end, number + 1));
            }
        }
        (end > 0).then(|| self.cut(end, end, 0))
    }

    fn separator(&self, number: usize, rest: &str) -> Result<(), Fault> {
        if !rest.is_empty() && !rest.starts_with('#') {
            let at = Position::new(self.skipped + number + 1, 4);
            let detail = format!("invalid Yaml document separator: {}", start_of(rest));
            let fault = Fault::at(at, detail).note("only a comment may follow the dashes");
            return Err(fault.help("begin the document on the next line"));
        }
        if self.read >= self.left.documents {
            let at = Position::new(self.skipped + number + 1, 1);
            return Err(too_many(at, &self.left));
        }
        Ok(())
    }

    /// Reads the text up to `end`; that from `next` on, so many lines below, is left.
    fn cut(&mut self, end: usize, next: usize, lines: usize) -> Result<Raw, Fault> {
        let (chunk, skipped) = (&self.text[..end], self.skipped);
        self.text = &self.text[next..];
        self.skipped += lines;
        self.read += 1;
        document(chunk, skipped, &mut self.left)
    }
}

fn document(chunk: &str, skipped: usize, left: &mut Limits) -> Result<Raw, Fault> {
    // The last line always has an end when it comes to the parser, and YAML 1.1 knows one more
    // sign for the end of a line.
    let mut chunk = Cow::Borrowed(chunk);
    if !chunk.ends_with('\n') {
        chunk.to_mut().push('\n');
    }
    if chunk.contains('\u{85}') {
        chunk = Cow::Owned(chunk.replace('\u{85}', "\n"));
    }
    let mut events = Granit::new(&chunk, skipped, left.depth);
    compose(&mut events, left).map(|root| raw(root, false))
}

fn too_many(at: Position, limits: &Limits) -> Fault {
    let detail = format!("the file has more than {} documents", limits.documents);
    Fault::at(at, detail)
}

/// As much of a text as anybody wants to read in a message.
fn start_of(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> String {
        let read = Documents::new(text, &Limits::default());
        let show = |one: Result<Raw, Fault>| match one {
            Ok(Raw { root: None, .. }) => "-".to_owned(),
            Ok(Raw {
                root: Some(node),
                json,
            }) => {
                format!("{}{}", if json { "json" } else { "yaml" }, node.at)
            }
            Err(fault) => format!("error {}", fault.at),
        };
        read.map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn documents_are_cut_as_kubectl_cuts_them() {
        assert_eq!(count(""), "");
        assert_eq!(count("a: 1"), "yaml1:1");
        assert_eq!(count("---\na: 1\n---\nb: 1\n"), "yaml2:1 yaml4:1");
        assert_eq!(
            count("a: 1\n--- # next\n---\n---\nb: 1\n"),
            "yaml1:1 - yaml5:1"
        );
        assert_eq!(count("a: |\n  x\n---\nb: 1"), "yaml1:1 yaml4:1");
        assert_eq!(count("a: 1\n--- {b: 1}\n"), "error 2:4");
        assert_eq!(count("\u{feff}a: 1\r\n"), "yaml1:1");
        assert_eq!(count("{\"a\":1}\n {\"b\":1}"), "json1:1 json2:2");
        assert_eq!(count("{\"a\":1}\n---\n{\"b\":1}"), "json1:1 yaml3:1");
        assert_eq!(count("{a: 1}\n"), "yaml1:1");
        assert_eq!(count("{a: 1\n"), "error 1:2");
        assert_eq!(count("{}{}{}x"), "json1:1 json1:3 json1:5 error 1:7");
    }
}
