//! What of the pod template decides how a Job runs: its containers' names, and the restart policy.

use super::finding::Findings;
use crate::manifest::names::label_flaws;
use crate::manifest::twin::{Container, PodSpec};

pub(super) fn check(path: &str, spec: &PodSpec, found: &mut Findings) {
    let field = format!("{path}.containers");
    if spec.containers.0.is_empty() {
        found.required(&field, "");
        found.help("add a container with a `name` and an `image`");
    }
    let mut names = Vec::new();
    for (index, container) in spec.containers.0.iter().enumerate() {
        let path = format!("{field}[{index}]");
        name(&path, container, &mut names, found);
        if container.name.is_empty() && !names.contains(&"") {
            // A second container without a name repeats the first one's, too.
            names.push("");
        }
        image(&path, container, found);
    }
    for (index, container) in spec.init_containers.0.iter().enumerate() {
        let path = format!("{path}.initContainers[{index}]");
        name(&path, container, &mut names, found);
        image(&path, container, found);
    }
    let policy = spec.restart_policy.as_str();
    if !matches!(policy, "" | "Always" | "Never" | "OnFailure") {
        let supported = ["Always", "OnFailure", "Never"];
        found.not_supported(&format!("{path}.restartPolicy"), policy, &supported);
    }
}

fn name<'a>(path: &str, container: &'a Container, names: &mut Vec<&'a str>, found: &mut Findings) {
    let field = format!("{path}.name");
    let name = container.name.as_str();
    if name.is_empty() {
        found.required(&field, "");
        found.note("this container has no name");
    } else {
        for flaw in label_flaws(name) {
            found.invalid(&field, name, &flaw);
        }
    }
    if names.contains(&name) {
        found.duplicate(&field, name);
    } else if !name.is_empty() {
        names.push(name);
    }
}

fn image(path: &str, container: &Container, found: &mut Findings) {
    let field = format!("{path}.image");
    if container.image.is_empty() {
        found.required(&field, "");
        found.note("this container has no image");
    }
}
