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

/// Reads the documents up to the first that cannot be read, which is the last of the list.
pub(super) fn documents(text: &str, limits: &Limits) -> Vec<Result<Raw, Fault>> {
    if !text.trim_start().starts_with('{') {
        return yaml(text, 0, limits.clone());
    }
    let mut read = Vec::new();
    let mut reader = Reader::new(text, limits);
    loop {
        let consumed = reader.consumed();
        match reader.value() {
            None => return read,
            Some(Ok(root)) if read.len() >= limits.documents => {
                read.push(Err(too_many(root.at, limits)));
                return read;
            }
            Some(Ok(root)) => read.push(Ok(raw(Some(root), true))),
            // With several JSON values behind it, the decoder is sure that the file is JSON.
            Some(Err(fault)) if read.len() > 1 => {
                read.push(Err(fault));
                return read;
            }
            // Otherwise it tries once more, since YAML may begin with a brace, too.
            Some(Err(fault)) => {
                let (rest, skipped) = Reader::rest(text, consumed);
                let mut others = yaml(rest, skipped, reader.left());
                if let Some(first @ Err(_)) = others.first_mut() {
                    *first = Err(fault);
                }
                read.append(&mut others);
                return read;
            }
        }
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
fn yaml(text: &str, skipped: usize, mut left: Limits) -> Vec<Result<Raw, Fault>> {
    let mut read = Vec::new();
    let mut chunk = (0, skipped);
    let mut end = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let start = end;
        end += line.len();
        let Some(rest) = line.strip_prefix("---") else {
            continue;
        };
        let rest = rest.trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            let at = Position::new(skipped + number + 1, 4);
            let detail = format!("invalid Yaml document separator: {}", start_of(rest));
            let fault = Fault::at(at, detail).note("only a comment may follow the dashes");
            read.push(Err(fault.help("begin the document on the next line")));
            return read;
        }
        if read.len() >= left.documents {
            read.push(Err(too_many(Position::new(skipped + number + 1, 1), &left)));
            return read;
        }
        // Dashes that have nothing before them belong to the document that they begin.
        if start > chunk.0 {
            read.push(document(&text[chunk.0..start], chunk.1, &mut left));
            if let Some(Err(_)) = read.last() {
                return read;
            }
            chunk = (end, skipped + number + 1);
        }
    }
    if end > chunk.0 {
        read.push(document(&text[chunk.0..], chunk.1, &mut left));
    }
    read
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
        let read = documents(text, &Limits::default());
        let show = |one: &Result<Raw, Fault>| match one {
            Ok(Raw { root: None, .. }) => "-".to_owned(),
            Ok(Raw {
                root: Some(node),
                json,
            }) => {
                format!("{}{}", if *json { "json" } else { "yaml" }, node.at)
            }
            Err(fault) => format!("error {}", fault.at),
        };
        read.iter().map(show).collect::<Vec<_>>().join(" ")
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
