//! What Kubernetes accepts although it will hardly do what was meant.

use super::diagnostic::{Diagnostic, Problem, Severity, Stage};
use super::located::Located;
use super::names::label_flaws;
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

/// The warnings that the API server itself gives about a new Job.
pub(super) fn of_the_server(located: &Located, name: &str, spec: &JobSpec) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let flaws = label_flaws(name);
    if !flaws.is_empty() {
        let detail = format!(
            "this is used in Pod names and hostnames, which can result in surprising behavior; a \
             DNS label is recommended: [{}]",
            flaws.join(" ")
        );
        told.push(warning(located, "", "metadata.name", detail, "", ""));
    }
    let (completions, parallelism) = (spec.completions, spec.parallelism);
    if is_indexed(spec) && completions > Some(100_000) && parallelism > Some(10_000) {
        let detail = "In Indexed Jobs with a number of completions higher than 10^5 and a \
                      parallelism higher than 10^4, Kubernetes might not be able to track \
                      completedIndexes when a big number of indexes fail";
        told.push(warning(located, "", "spec", detail.to_owned(), "", ""));
    }
    told
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
