//! The syntax of names, in the API server's words.

use crate::model::{Check, Release};

/// Why a text is not the name of a DNS label, such as a container's: one sentence for each flaw.
pub(super) fn label_flaws(name: &str) -> Vec<String> {
    let mut flaws = Vec::new();
    if name.len() > 63 {
        flaws.push("must be no more than 63 characters".to_owned());
    }
    if !is_label_text(name) {
        let form = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
        flaws.push(if name.contains('.') && name.split('.').all(is_label_text) {
            "must not contain dots".to_owned()
        } else {
            format!(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \
                 '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or \
                 '123-abc', regex used for validation is '{form}')"
            )
        });
    }
    flaws
}

/// Why a text is not a DNS subdomain, such as an object's name.
pub(super) fn subdomain_flaws(name: &str) -> Vec<String> {
    let mut flaws = Vec::new();
    if name.len() > 253 {
        flaws.push("must be no more than 253 characters".to_owned());
    }
    if !name.split('.').all(is_label_text) {
        let form = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
        flaws.push(format!(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \
             '-' or '.', and must start and end with an alphanumeric character (e.g. \
             'example.com', regex used for validation is '{form}')"
        ));
    }
    flaws
}

/// Why a text is not a DNS subdomain of which parts may begin with, and have, underscores.
pub(super) fn search_flaws(name: &str) -> Vec<String> {
    let mut flaws = Vec::new();
    if name.len() > 253 {
        flaws.push("must be no more than 253 characters".to_owned());
    }
    let inner = |c: &u8| is_lower(*c) || matches!(c, b'-' | b'_');
    let is_part = |part: &str| {
        let part = part.strip_prefix('_').unwrap_or(part).as_bytes();
        is_framed(part, is_lower) && part.iter().all(inner)
    };
    if !name.split('.').all(is_part) {
        let part = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
        flaws.push(format!(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \
             '_', '-' or '.', and must start and end with an alphanumeric character (e.g. \
             'example.com', regex used for validation is '{part}(\\.{part})*')"
        ));
    }
    flaws
}

/// Why a text is not a qualified name, such as a label's key or a condition's type.
pub(super) fn qualified_flaws(name: &str, release: Release) -> Vec<String> {
    let form = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    let must = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end \
                with an alphanumeric character";
    let examples = "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is";
    let unit = unit(release);
    let mut flaws = Vec::new();
    let part = match name.split_once('/') {
        None => name,
        Some((_, rest)) if rest.contains('/') => {
            let what = if release.has(Check::LengthsInBytes) {
                "valid label key"
            } else {
                "qualified name"
            };
            return vec![format!(
                "a {what} {must} {examples} '{form}') with an optional DNS subdomain \
                 prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
        Some((prefix, part)) => {
            if prefix.is_empty() {
                flaws.push("prefix part must be non-empty".to_owned());
            } else {
                let of_prefix = subdomain_flaws(prefix).into_iter();
                let told =
                    of_prefix.map(|flaw| flaw.replace("253 characters", &format!("253 {unit}")));
                flaws.extend(told.map(|flaw| format!("prefix part {flaw}")));
            }
            part
        }
    };
    if part.is_empty() {
        flaws.push("name part must be non-empty".to_owned());
    } else if part.len() > 63 {
        flaws.push(format!("name part must be no more than 63 {unit}"));
    }
    if !is_qualified_part(part) {
        flaws.push(format!("name part {must} {examples} '{form}')"));
    }
    flaws
}

/// Why a text is not the value of a label.
pub(super) fn label_value_flaws(value: &str, release: Release) -> Vec<String> {
    let mut flaws = Vec::new();
    if value.len() > 63 {
        flaws.push(format!("must be no more than 63 {}", unit(release)));
    }
    if !value.is_empty() && !is_qualified_part(value) {
        flaws.push(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', \
             '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  \
             or 'my_value',  or '12345', regex used for validation is \
             '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
                .to_owned(),
        );
    }
    flaws
}

/// Why a text is not the name of a port.
pub(super) fn port_flaws(name: &str) -> Vec<String> {
    let allowed = |c: u8| is_lower(c) || c == b'-';
    let flaws = [
        (name.len() > 15, "must be no more than 15 characters"),
        (
            name.is_empty() || !name.bytes().all(allowed),
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
        ),
        (
            !name.bytes().any(|c| c.is_ascii_lowercase()),
            "must contain at least one letter (a-z)",
        ),
        (name.contains("--"), "must not contain consecutive hyphens"),
        (
            name.starts_with('-') || name.ends_with('-'),
            "must not begin or end with a hyphen",
        ),
    ];
    let told = flaws.into_iter().filter(|(is, _)| *is);
    told.map(|(_, flaw)| flaw.to_owned()).collect()
}

/// Why a text that is not empty is not the name of an environment variable.
pub(super) fn variable_flaws(name: &str, release: Release) -> Vec<String> {
    if release.has(Check::RelaxedEnvironment) {
        let fine = |c: char| (' '..='~').contains(&c) && c != '=';
        return if name.chars().all(fine) {
            Vec::new()
        } else {
            vec![
                "a valid environment variable name must consist only of printable ASCII \
                 characters other than '='"
                    .to_owned(),
            ]
        };
    }
    let mut flaws = Vec::new();
    let fine = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    if !name.bytes().all(fine) || name.starts_with(|c: char| c.is_ascii_digit()) {
        flaws.push(
            "a valid environment variable name must consist of alphabetic characters, digits, \
             '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or \
             'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is \
             '[-._a-zA-Z][-._a-zA-Z0-9]*')"
                .to_owned(),
        );
    }
    flaws.extend(folder_flaw(name));
    flaws
}

/// Why a text that is not empty is not a key of a `ConfigMap` or `Secret`.
pub(super) fn key_flaws(key: &str) -> Vec<String> {
    let mut flaws = Vec::new();
    if key.len() > 253 {
        flaws.push("must be no more than 253 characters".to_owned());
    }
    let fine = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    if !key.bytes().all(fine) {
        flaws.push(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. \
             'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is \
             '[-._a-zA-Z0-9]+')"
                .to_owned(),
        );
    }
    flaws.extend(folder_flaw(key));
    flaws
}

/// A name may not lead out of a folder.
fn folder_flaw(name: &str) -> Option<String> {
    match name {
        "." => Some("must not be '.'".to_owned()),
        ".." => Some("must not be '..'".to_owned()),
        _ => name
            .starts_with("..")
            .then(|| "must not start with '..'".to_owned()),
    }
}

/// Why a text is not the name of a header of HTTP.
pub(super) fn header_flaws(name: &str) -> Vec<String> {
    let fine = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
    if !name.is_empty() && name.bytes().all(fine) {
        return Vec::new();
    }
    vec![
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. \
         'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
            .to_owned(),
    ]
}

/// In what the lengths of labels are told.
fn unit(release: Release) -> &'static str {
    if release.has(Check::LengthsInBytes) {
        "bytes"
    } else {
        "characters"
    }
}

fn is_label_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = |byte: &u8| is_lower(*byte) || *byte == b'-';
    is_framed(bytes, is_lower) && bytes.iter().all(inner)
}

fn is_qualified_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    is_framed(bytes, |byte| byte.is_ascii_alphanumeric()) && bytes.iter().all(inner)
}

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Whether the first and the last byte are there and of a kind.
fn is_framed(bytes: &[u8], kind: impl Fn(u8) -> bool) -> bool {
    let is = |byte: Option<&u8>| byte.is_some_and(|byte| kind(*byte));
    is(bytes.first()) && is(bytes.last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_their_syntax() {
        assert!(label_flaws("a-1").is_empty() && subdomain_flaws("a.b-1").is_empty());
        assert_eq!(label_flaws("a.b"), ["must not contain dots"]);
        assert_eq!(
            label_flaws(&"a".repeat(64)),
            ["must be no more than 63 characters"]
        );
        for bad in ["", "-a", "A", "a_b", "a-"] {
            assert_eq!(
                (label_flaws(bad).len(), subdomain_flaws(bad).len()),
                (1, 1),
                "{bad}"
            );
        }
        for good in ["DisruptionTarget", "example.com/Ready_1"] {
            assert!(qualified_flaws(good, Release::LATEST).is_empty(), "{good}");
        }
        for bad in ["a b", "/a", "A/b", "a/b/c"] {
            assert_eq!(qualified_flaws(bad, Release::LATEST).len(), 1, "{bad}");
        }
        assert_eq!(qualified_flaws("", Release::LATEST).len(), 2);
    }
}
