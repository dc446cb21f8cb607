//! A forecast's shares as an Indexed Job, to be run on a cluster.

use super::failure::{Code, Failure};
use super::files::Source;
use crate::manifest;
use crate::report::yaml;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::Write;

/// A ConfigMap holds a mebibyte; some of it is for names.
const MOST_BYTES: usize = 1_000_000;

/// What the Job is to be.
pub(super) struct Shards<'a> {
    /// How many shares.
    pub(super) count: u32,
    /// The image that holds the program.
    pub(super) image: &'a str,
    /// The manifests, and the scenario file if there is one.
    pub(super) manifests: &'a [Source],
    pub(super) scenario: Option<&'a Source>,
    /// The arguments of the program, its own name left out.
    pub(super) arguments: Vec<OsString>,
}

/// Flags that name files or how the output looks, each with a value: they are said anew.
const LEFT_OUT: [&str; 8] = [
    "-f",
    "--filename",
    "--scenario",
    "-o",
    "--output",
    "--shards",
    "--image",
    "--assert",
];

/// The manifests of a ConfigMap with the input, and of the Job.
pub(super) fn write(shards: &Shards<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let (files, arguments) = content(shards)?;
    let bytes: usize = files.values().filter_map(Value::as_str).map(str::len).sum();
    if bytes > MOST_BYTES {
        let sentence = format!(
            "the input has {bytes} bytes, and a ConfigMap holds about {MOST_BYTES}\n  = help: put \
             it into the image, or forecast fewer Jobs at a time"
        );
        return Err(Failure::Sentence(Code::Limit, sentence));
    }
    let input = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NAME},
        "data": files,
    });
    yaml::write(&input, out)?;
    write!(out, "\n---\n")?;
    yaml::write(&job(shards, &arguments), out)?;
    writeln!(out)?;
    Ok(())
}

/// What both objects are called.
const NAME: &str = "dryjob-forecast";

fn job(shards: &Shards<'_>, arguments: &[String]) -> Value {
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": NAME},
        "spec": {
            "completionMode": "Indexed",
            "completions": shards.count,
            "parallelism": shards.count,
            // A share that is lost is played again; one that cannot be played fails at once.
            "backoffLimitPerIndex": 3,
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "containers": [{
                        "name": "forecast",
                        "image": shards.image,
                        "command": ["dryjob"],
                        "args": arguments,
                        "resources": {"requests": {"cpu": "1", "memory": "128Mi"}},
                        "volumeMounts": [{"name": "input", "mountPath": "/input"}],
                    }],
                    "volumes": [{"name": "input", "configMap": {"name": NAME}}],
                },
            },
        },
    })
}

/// The files of the input, and the arguments of each share.
fn content(shards: &Shards<'_>) -> Result<(serde_json::Map<String, Value>, Vec<String>), Failure> {
    let mut files = serde_json::Map::new();
    let mut arguments = vec!["forecast".to_owned()];
    for (number, source) in (1..).zip(shards.manifests) {
        let name = format!("job-{number}.yaml");
        files.insert(name.clone(), Value::String(text(source)?));
        arguments.extend(["-f".to_owned(), format!("/input/{name}")]);
    }
    if let Some(source) = shards.scenario {
        files.insert("scenario.yaml".to_owned(), Value::String(text(source)?));
        arguments.extend(["--scenario".to_owned(), "/input/scenario.yaml".to_owned()]);
    }
    let mut given = shards
        .arguments
        .iter()
        .skip(1)
        .map(|it| it.to_string_lossy());
    while let Some(argument) = given.next() {
        let name = argument.split('=').next().unwrap_or_default();
        if argument == "--as-job" || argument == "-R" || argument == "--recursive" {
            continue;
        }
        if LEFT_OUT.contains(&name) {
            if !argument.contains('=') {
                given.next();
            }
            continue;
        }
        let short = ["-f", "-o"].iter().any(|it| argument.starts_with(it));
        if !short {
            // `$` begins a reference to a variable in a container's arguments.
            arguments.push(argument.replace('$', "$$"));
        }
    }
    // Kubernetes tells each pod of an Indexed Job its index.
    let count = shards.count;
    arguments.extend([
        "--shard".to_owned(),
        format!("$(JOB_COMPLETION_INDEX)/{count}"),
    ]);
    arguments.extend(["--threads", "1", "-o", "json"].map(str::to_owned));
    Ok((files, arguments))
}

fn text(source: &Source) -> Result<String, Failure> {
    let limit = manifest::Options::default().limits.bytes;
    let bytes = source.read(limit).map_err(Failure::unreadable)?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::unreadable(format!(
            "{} is not UTF-8: it cannot be sent along",
            source.name()
        ))
    })
}
