//! A report of tests in XML: a suite for each file, a case for each object.

use super::{Checked, Verdict, problems, title};
use std::io::{self, Write};

/// Writes the report.
pub(super) fn write(all: &[Checked], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let failures = count(all, Verdict::Refused);
    let errors = count(all, Verdict::Unreadable);
    let tests = all.len();
    writeln!(
        out,
        "<testsuites name=\"dryjob check\" tests=\"{tests}\" failures=\"{failures}\" \
         errors=\"{errors}\">"
    )?;
    for suite in all.chunk_by(|a, b| a.source == b.source) {
        let name = escaped(&suite[0].source);
        let failures = count(suite, Verdict::Refused);
        let errors = count(suite, Verdict::Unreadable);
        let skipped = count(suite, Verdict::PassedOver);
        let tests = suite.len();
        writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" \
             errors=\"{errors}\" skipped=\"{skipped}\">"
        )?;
        for one in suite {
            case(one, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn count(all: &[Checked], verdict: Verdict) -> usize {
    all.iter().filter(|one| Verdict::of(one) == verdict).count()
}

fn case(one: &Checked, out: &mut dyn Write) -> io::Result<()> {
    let (name, file, line) = (escaped(&title(one)), escaped(&one.source), one.line);
    write!(
        out,
        "    <testcase name=\"{name}\" classname=\"{file}\" file=\"{file}\" line=\"{line}\""
    )?;
    let element = match Verdict::of(one) {
        Verdict::Refused => "failure",
        Verdict::Unreadable => "error",
        Verdict::PassedOver => {
            return writeln!(out, ">\n      <skipped/>\n    </testcase>");
        }
        Verdict::Accepted => return writeln!(out, "/>"),
    };
    writeln!(out, ">")?;
    for problem in problems(one) {
        let message = escaped(&problem.message);
        let kind = escaped(problem.reason);
        let text = escaped(&problem.to_string());
        writeln!(
            out,
            "      <{element} message=\"{message}\" type=\"{kind}\">{text}</{element}>"
        )?;
    }
    writeln!(out, "    </testcase>")
}

/// A text as XML has it; what XML cannot have at all becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' => escaped += "&#10;",
            '\t' => escaped += "&#9;",
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_safe_in_xml() {
        assert_eq!(
            escaped("a<b>&\"c\"\n\u{1}"),
            "a&lt;b&gt;&amp;&quot;c&quot;&#10;\u{fffd}"
        );
    }
}
