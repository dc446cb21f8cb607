//! Kubernetes' decoders have been asked about 691 files; here is asked whether we say the same.

use std::collections::BTreeMap;
use std::io::Read;

use dryjob::manifest::{self, Kind, Limits, Options};
use serde_json::Value;

/// Files of which our verdict differs, with the reason.
const KNOWN_VERDICTS: [(&str, &str); 0] = [];

/// Documents of which our value differs, with the reason.
const KNOWN_VALUES: [(&str, &str); 1] = [(
    "f01258.yaml#0",
    "`2.5:,` in a flow list: a string to them, a mapping to our parser",
)];

/// Files that are deeper than we go: refused, too, but for that reason.
const TOO_DEEP: [&str; 3] = [
    "z03_deepflow_200.yaml",
    "z04_deepblock_2000.yaml",
    "z10_nested_plain_colon.yaml",
];

/// What was recorded of one document.
#[derive(Debug, Default)]
struct Recorded {
    /// Its JSON; `None` where only the length was kept.
    json: Option<String>,
    /// The client could not read it.
    unreadable: bool,
    /// The typed Job's `spec`.
    job: Option<Value>,
    /// The paths that the strict decoder named, in its order.
    strict: Option<Vec<String>>,
}

/// The files of an archive by name, and the recordings by file.
fn archive(name: &str) -> (BTreeMap<String, Vec<u8>>, BTreeMap<String, Vec<Recorded>>) {
    let path = format!(
        "{}/tests/conformance/decode/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let file = std::fs::File::open(path).expect("the fixture is there");
    let mut files = BTreeMap::new();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for entry in archive.entries().expect("the fixture is an archive") {
        let mut entry = entry.expect("an entry");
        let path = entry.path().expect("a path").to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its content");
        files.insert(
            path.rsplit('/').next().unwrap_or_default().to_owned(),
            bytes,
        );
    }
    let expected = files
        .remove("expected.txt")
        .expect("the recordings are there");
    files.retain(|name, _| !name.is_empty());
    (
        files,
        recordings(&String::from_utf8(expected).expect("text")),
    )
}

fn recordings(text: &str) -> BTreeMap<String, Vec<Recorded>> {
    let mut all: BTreeMap<String, Vec<Recorded>> = BTreeMap::new();
    let mut name = "";
    for line in text.lines() {
        if let Some(next) = line.strip_prefix("=== ") {
            name = next;
            all.entry(name.to_owned()).or_default();
            continue;
        }
        let Some((number, what)) = line.strip_prefix("  doc").and_then(|l| l.split_once(' '))
        else {
            continue;
        };
        let number: usize = number.parse().expect("a number");
        let documents = all.get_mut(name).expect("a file before its documents");
        documents.resize_with(documents.len().max(number + 1), Recorded::default);
        let one = &mut documents[number];
        if let Some(json) = what.strip_prefix("json: ") {
            one.json = (!json.ends_with(" bytes")).then(|| json.to_owned());
        } else if let Some(job) = what.strip_prefix("job ok: ") {
            one.job = serde_json::from_str(job).ok();
        } else if what.starts_with("kubectl-client: ERR") {
            one.unreadable = true;
        } else if let Some(error) = what.strip_prefix("strict-server: ERR strict decoding error: ")
        {
            one.strict = Some(quoted(error));
        }
    }
    all
}

/// The quoted names in a message; one that was cut off is left out.
fn quoted(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let mut values = serde_json::Deserializer::from_str(&rest[start..]).into_iter::<String>();
        let Some(Ok(name)) = values.next() else { break };
        rest = &rest[start + values.byte_offset()..];
        names.push(name);
    }
    names
}

/// A number is the same if its value is.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let pair = |(key, a)| b.get(key).is_some_and(|b| same(a, b));
            a.len() == b.len() && a.iter().all(pair)
        }
        (a, b) => a == b,
    }
}

/// What Go does not print of a typed object: what is empty or null. A quantity is printed in its
/// shortest form, so its value is left out.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| *key != "resources");
            let kept = kept.map(|(key, value)| (key.clone(), bare(value)));
            let filled = kept.filter(|(_, value)| !is_empty(value));
            Value::Object(filled.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(bare).collect()),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[derive(Debug, Default)]
struct Score {
    verdicts: (usize, usize),
    values: (usize, usize),
    specs: (usize, usize),
    paths: (usize, usize),
    wrong: Vec<String>,
}

impl Score {
    fn file(&mut self, name: &str, bytes: &[u8], recorded: &[Recorded]) {
        let mut options = Options::default();
        options.assume_job = true;
        let read = manifest::read(name, bytes, &options);
        let accepted = match &read {
            Ok(documents) => !documents
                .iter()
                .any(|one| matches!(one.kind, Kind::Other(_))),
            Err(errors) => errors.is_invalid(),
        };
        let empty = |one: &Recorded| one.json.as_deref() == Some("");
        let expected = recorded.iter().all(|one| empty(one) || one.job.is_some());
        self.verdicts.1 += 1;
        if accepted == expected {
            self.verdicts.0 += 1;
        } else if KNOWN_VERDICTS.iter().all(|(known, _)| *known != name) {
            let ours = read.map_or_else(|errors| errors.to_string(), |_| "accepted".to_owned());
            self.wrong
                .push(format!("{name}: {recorded:?}, ours:\n{ours}"));
        }
        self.values(name, bytes, recorded);
        let theirs = recorded
            .iter()
            .filter_map(|one| one.strict.clone())
            .flatten();
        let theirs = theirs.take(100).collect::<Vec<_>>();
        // Where something else is wrong as well, we tell of it at the same time.
        let only = recorded
            .iter()
            .all(|one| one.strict.is_some() || one.job.is_some() || empty(one));
        let known = TOO_DEEP.contains(&name);
        if !theirs.is_empty() && only && !known {
            self.paths.1 += 1;
            let errors = manifest::read(name, bytes, &options).err();
            let ours = errors
                .iter()
                .flat_map(|all| all.iter().map(|one| one.field.clone()));
            let ours = ours.take(theirs.len()).collect::<Vec<_>>();
            if ours == theirs {
                self.paths.0 += 1;
            } else {
                self.wrong
                    .push(format!("{name}: fields {theirs:?}, ours {ours:?}"));
            }
        }
    }

    fn values(&mut self, name: &str, bytes: &[u8], recorded: &[Recorded]) {
        let ours = manifest::values(name, bytes, &Limits::default());
        let mut ours = ours.into_iter();
        for (number, one) in recorded.iter().enumerate() {
            if one.json.as_deref() == Some("") || one.json.is_none() && !one.unreadable {
                continue;
            }
            let ours = ours
                .next()
                .and_then(Result::ok)
                .map(|located| located.value());
            let ours = ours.map(|value| serde_json::to_value(value).expect("plain data"));
            let Some(json) = &one.json else { continue };
            let theirs: Value = serde_json::from_str(json).expect("recorded JSON");
            self.values.1 += 1;
            let document = format!("{name}#{number}");
            if ours.as_ref().is_some_and(|ours| same(ours, &theirs)) {
                self.values.0 += 1;
            } else if KNOWN_VALUES.iter().all(|(known, _)| *known != document) {
                self.wrong
                    .push(format!("{document}: {json}\nours {ours:?}"));
            }
            let Some(job) = &one.job else { continue };
            self.specs.1 += 1;
            let spec = ours
                .and_then(|ours| ours.get("spec").cloned())
                .unwrap_or_default();
            let (spec, job) = (bare(&spec), bare(job));
            let both_empty = is_empty(&spec) && is_empty(&job);
            if both_empty || same(&spec, &job) {
                self.specs.0 += 1;
            } else {
                self.wrong
                    .push(format!("{document}: spec {job}\nours {spec}"));
            }
        }
    }
}

fn play(name: &str) -> Score {
    let (files, recorded) = archive(name);
    let mut score = Score::default();
    for (name, bytes) in &files {
        score.file(name, bytes, recorded.get(name).map_or(&[], Vec::as_slice));
    }
    let Score {
        verdicts,
        values,
        specs,
        paths,
        wrong,
    } = &score;
    println!("{name}: verdicts {verdicts:?} values {values:?} specs {specs:?} paths {paths:?}");
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    score
}

#[test]
fn files_written_for_one_question_each_are_decoded_as_kubernetes_does() {
    assert_eq!(play("hand.tgz").verdicts.1, 91);
}

#[test]
fn files_mutated_at_random_are_decoded_as_kubernetes_does() {
    assert_eq!(play("mutated.tgz").verdicts.1, 600);
}
