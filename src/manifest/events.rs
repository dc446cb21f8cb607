//! YAML events, from whichever parser: the one place that knows it.

use std::borrow::Cow;

use granit_parser::{Event as Parsed, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::diagnostic::Fault;
use super::source::Position;

/// What a YAML parser tells, as far as values need it. An anchor of 0 is none.
#[derive(Debug)]
pub(super) enum Event<'a> {
    /// A version directive other than the only one that Kubernetes reads.
    ForeignVersion,
    Scalar {
        text: Cow<'a, str>,
        plain: bool,
        tag: Option<String>,
        anchor: usize,
    },
    Alias {
        anchor: usize,
        name: &'a str,
    },
    UnknownAlias {
        name: String,
    },
    ListStart {
        anchor: usize,
    },
    ListEnd,
    MapStart {
        anchor: usize,
    },
    MapEnd,
    /// The end of the document, or of a text without one.
    End,
}

/// A source of YAML events.
pub(super) trait Events<'a> {
    /// The next event of the first document and its place.
    fn next(&mut self) -> Result<(Event<'a>, Position), Fault>;
}

/// The parser we use.
pub(super) struct Granit<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    /// Lines before the text in its file.
    skipped: usize,
    depth: usize,
}

impl<'a> Granit<'a> {
    /// Reads `text`, which stands in its file after `skipped` lines.
    pub(super) fn new(text: &'a str, skipped: usize, depth: usize) -> Self {
        // What libyaml does, on which Kubernetes' decoder is modelled.
        let options = granit_parser::options! {
            bom_inside_document_as_content: true,
            block_scalar_eof_without_line_feed: true,
            emit_unresolved_aliases: true,
            emit_comments: false,
            flow_nesting_limit: depth,
            block_nesting_limit: depth,
        };
        Self {
            text,
            parser: Parser::new_from_str_with_options(text, options),
            skipped,
            depth,
        }
    }

    fn refuse(&self, error: &ScanError) -> Fault {
        let mark = error.marker();
        let at = Position::new(mark.line() + self.skipped, mark.col() + 1);
        let mut words = error.info();
        if words.contains("recursion limit") {
            words = format!("exceeded max depth of {}", self.depth);
        }
        let detail = format!(
            "error converting YAML to JSON: yaml: line {}: {words}",
            at.line
        );
        let fault = Fault::at(at, detail).note("the text cannot be read from here on");
        match self.text.lines().nth(mark.line().saturating_sub(1)) {
            Some(line) if indented_by_tab(line) => {
                fault.help("indent with blanks; YAML forbids tabs")
            }
            _ => fault,
        }
    }
}

fn indented_by_tab(line: &str) -> bool {
    line.chars()
        .take_while(|c| c.is_whitespace())
        .any(|c| c == '\t')
}

impl<'a> Events<'a> for Granit<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Position), Fault> {
        loop {
            let Some(next) = self.parser.next_event() else {
                return Ok((Event::End, Position::START));
            };
            let (event, span) = next.map_err(|error| self.refuse(&error))?;
            let at = Position::new(span.start.line() + self.skipped, span.start.col() + 1);
            let event = match event {
                Parsed::DocumentStart(_, Some(version))
                    if (version.major, version.minor) != (1, 1) =>
                {
                    Event::ForeignVersion
                }
                Parsed::Scalar(text, style, anchor, tag) => {
                    let plain = style == ScalarStyle::Plain;
                    Event::Scalar {
                        text,
                        plain,
                        tag: tag.map(|tag| full(&tag)),
                        anchor,
                    }
                }
                Parsed::SequenceStart(_, anchor, _) => Event::ListStart { anchor },
                Parsed::SequenceEnd => Event::ListEnd,
                Parsed::MappingStart(_, anchor, _) => Event::MapStart { anchor },
                Parsed::MappingEnd => Event::MapEnd,
                Parsed::Alias(anchor) => {
                    let name = span.slice(self.text).unwrap_or_default();
                    Event::Alias {
                        anchor,
                        name: name.trim_start_matches('*'),
                    }
                }
                Parsed::UnresolvedAlias(name) => Event::UnknownAlias {
                    name: name.into_owned(),
                },
                Parsed::DocumentEnd | Parsed::StreamEnd => Event::End,
                _ => continue,
            };
            return Ok((event, at));
        }
    }
}

fn full(tag: &Tag) -> String {
    let (handle, suffix) = tag.parts();
    format!("{handle}{suffix}")
}
