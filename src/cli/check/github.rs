//! Annotations, as workflows of GitHub read them from the output.

use super::{Checked, problems};
use crate::manifest::Severity;
use std::io::{self, Write};

/// Writes a line for each problem.
pub(super) fn write(all: &[Checked], out: &mut dyn Write) -> io::Result<()> {
    for one in all.iter().flat_map(problems) {
        let level = match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let title = if one.reason.is_empty() {
            "dryjob"
        } else {
            one.reason
        };
        let text = match &one.help {
            Some(help) => format!("{}\n{help}", one.message),
            None => one.message.clone(),
        };
        let (file, title) = (property(&one.source), property(title));
        let (line, column, text) = (one.line, one.column, data(&text));
        writeln!(
            out,
            "::{level} file={file},line={line},col={column},title={title}::{text}"
        )?;
    }
    Ok(())
}

/// What would end the line, or begin another command, is written as a number.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

/// The same where colons and commas mean something, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("50%\r\n::x"), "50%25%0D%0A::x");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
