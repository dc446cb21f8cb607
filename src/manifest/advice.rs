//! What Kubernetes accepts although it will hardly do what was meant.

use super::diagnostic::{Diagnostic, Problem, Severity, Stage};
use super::located::Located;
use super::twin::JobSpec;

/// The variable that tells a container its index.
const INDEX: &str = "JOB_COMPLETION_INDEX";

/// Warnings about an accepted Job whose specification stands at `path`.
pub(super) fn warnings(located: &Located, path: &str, spec: &JobSpec) -> Vec<Diagnostic> {
    if spec.completion_mode.as_deref() != Some("Indexed") {
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
                told.push(own_index(located, field, &container.name));
            }
        }
    }
    told
}

/// J47: the index is not set where a container has a variable of that name already.
fn own_index(located: &Located, field: String, container: &str) -> Diagnostic {
    let detail = format!(
        "container \"{container}\" sets {INDEX} itself; Kubernetes keeps that value, so all pods \
         see the same one instead of their index"
    );
    let at = located.position(&format!("{field}.name"));
    let problem = Problem {
        rule: "J47",
        field,
        ..Problem::at(at, detail)
    };
    let problem = problem.note("this hides the index from the container");
    let problem = problem.help("remove the variable: an Indexed Job sets it for each of its pods");
    let message = format!("{}: {}", problem.field, problem.detail);
    problem.tell(&located.source, Severity::Warning, Stage::Validate, message)
}
