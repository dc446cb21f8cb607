//! What Kubernetes accepts although it will hardly do what was meant.

use super::diagnostic::{Diagnostic, Problem, Severity, Stage};
use super::located::Located;
use super::twin::JobSpec;

/// The variable that tells a container its index.
const INDEX: &str = "JOB_COMPLETION_INDEX";

/// Warnings about an accepted Job whose specification stands at `path`.
pub(super) fn warnings(located: &Located, path: &str, spec: &JobSpec) -> Vec<Diagnostic> {
    if !is_indexed(spec) {
        return Vec::new();
    }
    let pod = &spec.template.spec;
    let lists = [
        ("initContainers", &pod.init_containers),
        ("containers", &pod.containers),
    ];
    let mut told = Vec::new();
    for (list, containers) in lists {
        for (i, container) in containers.0.iter().enumerate() {
            let own = container.env.0.iter().position(|var| var.name == INDEX);
            if let Some(j) = own {
                let field = format!("{path}.template.spec.{list}[{i}].env[{j}]");
                told.push(own_index(located, &field, &container.name));
            }
        }
    }
    told
}

/// A warning that the API server itself gives: most begin with the field that they are about.
pub(super) fn of_the_server(located: &Located, text: String) -> Diagnostic {
    let field = text.split_once(": ").map(|(field, _)| field);
    let field = field.filter(|it| !it.contains(' ')).unwrap_or_default();
    let rest = if field.is_empty() { 0 } else { field.len() + 2 };
    let problem = Problem {
        field: field.to_owned(),
        ..Problem::at(located.position(field), &text[rest..])
    };
    problem.tell(&located.source, Severity::Warning, Stage::Validate, text)
}

fn is_indexed(spec: &JobSpec) -> bool {
    spec.completion_mode.as_deref() == Some("Indexed")
}

/// J47: the index is not set where a container has a variable of that name already.
fn own_index(located: &Located, field: &str, container: &str) -> Diagnostic {
    let detail = format!(
        "container \"{container}\" sets {INDEX} itself; Kubernetes keeps that value, so all pods \
         see the same one instead of their index"
    );
    let note = "this hides the index from the container";
    let help = "remove the variable: an Indexed Job sets it for each of its pods";
    warning(located, "J47", field, detail, note, help)
}

fn warning(
    located: &Located,
    rule: &'static str,
    field: &str,
    detail: String,
    note: &str,
    help: &str,
) -> Diagnostic {
    let message = format!("{field}: {detail}");
    let problem = Problem {
        rule,
        field: field.to_owned(),
        help: (!help.is_empty()).then(|| help.to_owned()),
        ..Problem::at(located.position(field), detail)
    };
    let problem = problem.note(note);
    problem.tell(&located.source, Severity::Warning, Stage::Validate, message)
}
