//! Whether a body is of the kind that is asked for.

use super::{Node, NodeKind, Refusal, Step, Verdict, refused};

/// Refuses a body of another kind; one that does not say its kind is of the kind that is asked for.
pub(super) fn check(root: &Node, kind: &str) -> Result<(), Box<Verdict>> {
    let head = "couldn't get version/kind; json parse error: json: cannot unmarshal";
    let unreadable = |detail: String| refuse(Step::Decode, "Decode", "", detail);
    if !matches!(root.kind, NodeKind::Map(_)) {
        return unreadable(format!(
            "{head} {} into Go value of type struct {{ APIVersion string \
             \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
            root.kind.json_type()
        ));
    }
    let mut given = [""; 2];
    for (text, field) in given.iter_mut().zip(["apiVersion", "kind"]) {
        match root.get(field).map(|node| &node.kind) {
            None | Some(NodeKind::Null) => {}
            Some(NodeKind::Text(written)) => *text = written,
            Some(other) => {
                let of = other.json_type();
                return unreadable(format!(
                    "{head} {of} into Go struct field .{field} of type string"
                ));
            }
        }
    }
    let [version, own] = given;
    if version.matches('/').count() > 1 {
        return unreadable(format!("unexpected GroupVersion string: {version}"));
    }
    match (version, own) {
        ("" | "batch/v1", "") => Ok(()),
        ("" | "batch/v1", own) if own == kind => Ok(()),
        ("" | "batch/v1", "Job" | "CronJob") | ("v1", "Pod") => unreadable(format!(
            "converting (v1.{own}) to (batch.{kind}): unknown conversion"
        )),
        _ => {
            let (version, own) = (or(version, "batch/v1"), or(own, kind));
            let detail = format!(
                "no kind {own:?} is registered for version {version:?} in scheme \
                 \"pkg/api/legacyscheme/scheme.go:30\""
            );
            let of = version.rsplit('/').next().unwrap_or_default();
            let head = format!("{own} in version {of:?} cannot be handled as a {kind}: ");
            refuse(Step::Kind, "NotRegistered", &head, detail)
        }
    }
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

fn refuse(
    step: Step,
    reason: &'static str,
    head: &str,
    detail: String,
) -> Result<(), Box<Verdict>> {
    let field = String::new();
    refused(
        step,
        head,
        vec![Refusal {
            reason,
            field,
            detail,
        }],
    )
}
