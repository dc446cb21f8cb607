//! Rust as tokens: just enough of the language to leave out comments and strings.

/// A word, a number, a lifetime, `!=`, or one other character. A string is `""`, a char is `''`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// Counted from 1.
    pub(super) line: usize,
}

impl Token<'_> {
    pub(super) fn is_word(&self) -> bool {
        self.text
            .starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// The code in a text, without comments and white space.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while at < text.len() {
        let rest = &text[at..];
        let (kind, length) = piece(rest);
        match kind {
            Kind::Blank => {}
            Kind::Code => found.push(Token {
                text: &rest[..length],
                line,
            }),
            Kind::String => found.push(Token { text: "\"\"", line }),
            Kind::Char => found.push(Token { text: "''", line }),
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    found
}

enum Kind {
    Blank,
    Code,
    String,
    Char,
}

/// The kind and the length in bytes of what `rest` starts with; the length is never 0.
fn piece(rest: &str) -> (Kind, usize) {
    let word = run(rest, in_word);
    let (start, after) = rest.split_at(word);
    let quotable = matches!(start, "" | "b" | "c" | "r" | "br" | "cr");
    if rest.starts_with(char::is_whitespace) {
        (Kind::Blank, run(rest, char::is_whitespace))
    } else if rest.starts_with("//") {
        (Kind::Blank, run(rest, |c| c != '\n'))
    } else if rest.starts_with("/*") {
        (Kind::Blank, block_comment(rest))
    } else if quotable && start.ends_with('r') && is_raw(after) {
        (Kind::String, word + raw_string(after))
    } else if quotable && after.starts_with('"') {
        (Kind::String, word + quoted(after, '"'))
    } else if matches!(start, "" | "b") && is_char(after) {
        (Kind::Char, word + quoted(after, '\''))
    } else if start == "r" && after.starts_with('#') {
        (Kind::Code, 2 + run(&after[1..], in_word))
    } else if let Some(lifetime) = rest.strip_prefix('\'') {
        (Kind::Code, 1 + run(lifetime, in_word))
    } else if rest.starts_with(|c: char| c.is_ascii_digit()) && is_fraction(after) {
        (Kind::Code, word + 1 + run(&after[1..], in_word))
    } else if rest.starts_with("!=") {
        (Kind::Code, 2)
    } else {
        let first = rest.chars().next().map_or(0, char::len_utf8);
        (Kind::Code, word.max(first))
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the start of `text` whose characters are all wanted.
fn run(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|c| !wanted(c)).unwrap_or(text.len())
}

/// `.5`, as opposed to `..` and `.ln()`.
fn is_fraction(text: &str) -> bool {
    text.strip_prefix('.')
        .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
}

/// `'x'` or `'\n'`, as opposed to a lifetime.
fn is_char(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('\'') && (chars.next() == Some('\\') || chars.next() == Some('\''))
}

/// `"…"` or `#"…"#`, after an `r`.
fn is_raw(text: &str) -> bool {
    text.trim_start_matches('#').starts_with('"')
}

fn raw_string(text: &str) -> usize {
    let hashes = run(text, |c| c == '#');
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = &text[hashes + 1..];
    inside
        .find(&end)
        .map_or(text.len(), |at| hashes + 1 + at + end.len())
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if !escaped && c == quote {
            return at + 1;
        }
        escaped = !escaped && c == '\\';
    }
    text.len()
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Whether the tokens start with the code of `pattern`.
pub(super) fn starts_with(tokens: &[Token<'_>], pattern: &[Token<'_>]) -> bool {
    tokens.len() >= pattern.len() && tokens.iter().zip(pattern).all(|(a, b)| a.text == b.text)
}

/// The tokens without the items that are marked as tests, with their attributes.
pub(super) fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let marks = ["#[cfg(test)]", "#[cfg(all(test,", "#[test]", "#[bench]"].map(self::tokens);
    let whole_file = self::tokens("#![cfg(test)]");
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        let rest = &tokens[at..];
        if starts_with(rest, &whole_file) {
            break;
        }
        if marks.iter().any(|mark| starts_with(rest, mark)) {
            at += item_length(rest);
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

/// The names of the modules that are tests and stand in files of their own.
pub(super) fn test_modules<'a>(tokens: &[Token<'a>]) -> Vec<&'a str> {
    let mark = self::tokens("#[cfg(test)]");
    let mut names = Vec::new();
    for at in 0..tokens.len() {
        if starts_with(&tokens[at..], &mark) {
            let item = &tokens[at..at + item_length(&tokens[at..])];
            if let [.., Token { text: "mod", .. }, name, Token { text: ";", .. }] = item {
                names.push(name.text);
            }
        }
    }
    names
}

/// The number of tokens of an item: to the `;` or `,` outside all brackets, or to the closing
/// bracket of its body, or to before the bracket that closes what it stands in.
fn item_length(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" if depth == 0 => return at,
            "}" if depth == 1 => return at + 1,
            "}" | ")" | "]" => depth -= 1,
            ";" | "," if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The functions: name, first line, last line. One without a body is left out.
pub(super) fn functions<'a>(tokens: &[Token<'a>]) -> Vec<(&'a str, usize, usize)> {
    let mut found = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        if pair[0].text == "fn" && pair[1].is_word() {
            let item = &tokens[at..at + item_length(&tokens[at..])];
            if let [first, .., last @ Token { text: "}", .. }] = item {
                found.push((pair[1].text, first.line, last.line));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Token, functions, test_modules, tokens, without_tests};

    fn check(text: &str, want: &str) {
        assert_eq!(join(&tokens(text)), want, "{text}");
    }

    fn join(tokens: &[Token<'_>]) -> String {
        tokens
            .iter()
            .map(|token| token.text)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn comments_strings_and_chars_are_not_code() {
        check("a // b \"\nc", "a c");
        check("a /* b /* c */ d */ e", "a e");
        check("a /* never closed", "a");
        check(r#"f("x \" } {", b"y", c"z")"#, r#"f ( "" , "" , "" )"#);
        check(r#"g(r"\", br"}")"#, r#"g ( "" , "" )"#);
        check("h(r#\"a \"quoted\" } \"#, 1)", "h ( \"\" , 1 )");
        check(
            r"['{', '\'', '\\', b'}', '…']",
            "[ '' , '' , '' , '' , '' ]",
        );
        check("r#type bar\"x\"", "r#type bar \"\"");
        check("\"never closed", "\"\"");
    }

    #[test]
    fn lifetimes_numbers_and_signs_are_code() {
        check("fn f<'a>(x: &'a str)", "fn f < 'a > ( x : & 'a str )");
        check("'outer: loop {}", "'outer : loop { }");
        check(
            "1.5_f64.ln() 0..9 x.0.ln() 2.ln()",
            "1.5_f64 . ln ( ) 0 . . 9 x . 0 . ln ( ) 2 . ln ( )",
        );
        check("a != b, c!(d)", "a != b , c ! ( d )");
    }

    #[test]
    fn tokens_know_their_lines() {
        let text = "a\n/* \n\n */ b \"\n\" c";
        let lines: Vec<usize> = tokens(text).iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 4, 4, 5]);
    }

    #[test]
    fn tests_can_be_left_out() {
        let check = |text, want| assert_eq!(join(&without_tests(&tokens(text))), want, "{text}");
        check("a; #[cfg(test)] mod tests { b(); { c } } d;", "a ; d ;");
        check("#[cfg(test)] #[path = \"x\"] mod tests; d", "d");
        check("S { #[cfg(test)] a: [u8; 3], b: u8 }", "S { b : u8 }");
        check("#[cfg(not(test))] a;", "# [ cfg ( not ( test ) ) ] a ;");
        check("#[test] fn f() { a } b", "b");
        check("#![cfg(test)] a", "");
    }

    #[test]
    fn test_modules_in_other_files_are_known() {
        let text = "#[cfg(test)] mod cases; mod shipped; #[cfg(test)] mod inside { }";
        assert_eq!(test_modules(&tokens(text)), ["cases"]);
    }

    #[test]
    fn functions_end_where_their_braces_end() {
        let text = "trait T {\n fn no(&self) -> [u8; 3];\n fn one(\n ) { '}'; \"}\"; // }\n }\n}\n\
                    fn two() where [(); { 1 }]: Sized {\n fn three() {}\n }\n\
                    let f: fn(u8);";
        assert_eq!(
            functions(&tokens(text)),
            [("one", 3, 5), ("two", 7, 9), ("three", 8, 8)]
        );
    }
}
