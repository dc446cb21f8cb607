//! The syntax of names, in the API server's words.

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

/// Why a text is not a qualified name, such as a condition's type.
pub(super) fn qualified_flaws(name: &str) -> Vec<String> {
    let form = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    let must = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end \
                with an alphanumeric character";
    let examples = "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is";
    let mut flaws = Vec::new();
    let part = match name.split_once('/') {
        None => name,
        Some((_, rest)) if rest.contains('/') => {
            return vec![format!(
                "a valid label key {must} {examples} '{form}') with an optional DNS subdomain \
                 prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
        Some((prefix, part)) => {
            if prefix.is_empty() {
                flaws.push("prefix part must be non-empty".to_owned());
            } else {
                let of_prefix = subdomain_flaws(prefix).into_iter();
                flaws.extend(of_prefix.map(|flaw| format!("prefix part {flaw}")));
            }
            part
        }
    };
    if part.is_empty() {
        flaws.push("name part must be non-empty".to_owned());
    } else if part.len() > 63 {
        flaws.push("name part must be no more than 63 bytes".to_owned());
    }
    if !is_qualified_part(part) {
        flaws.push(format!("name part {must} {examples} '{form}')"));
    }
    flaws
}

fn is_label_text(text: &str) -> bool {
    let edge = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = text.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(inner)
}

fn is_qualified_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(inner)
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
            assert!(qualified_flaws(good).is_empty(), "{good}");
        }
        for bad in ["a b", "/a", "A/b", "a/b/c"] {
            assert_eq!(qualified_flaws(bad).len(), 1, "{bad}");
        }
        assert_eq!(qualified_flaws("").len(), 2);
    }
}
