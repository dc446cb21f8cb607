//! The recordings of decoders: a block for each file, a few lines for each of its documents.

use serde_json::Value;
use std::collections::BTreeMap;

/// The most documents of a file.
const DOCUMENTS: usize = 10_000;

/// What was recorded of one document.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorded {
    /// Its JSON; `None` where only the length was kept.
    pub(super) json: Option<String>,
    /// The client could not read it.
    pub(super) unreadable: bool,
    /// The `spec` of the typed Job.
    pub(super) job: Option<Value>,
    /// The paths that the strict decoder named, in its order.
    pub(super) strict: Option<Vec<String>>,
}

impl Recorded {
    /// An empty document, which is passed over.
    pub(super) fn is_empty(&self) -> bool {
        self.json.as_deref() == Some("")
    }
}

/// The documents by file.
pub(super) fn read(text: &str) -> BTreeMap<String, Vec<Recorded>> {
    let mut all: BTreeMap<String, Vec<Recorded>> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(next) = line.strip_prefix("=== ") {
            next.clone_into(&mut name);
            all.entry(name.clone()).or_default();
            continue;
        }
        let numbered = line.strip_prefix("  doc").and_then(|it| it.split_once(' '));
        let Some((number, what)) = numbered else {
            continue;
        };
        let number = number.parse::<usize>().ok().filter(|it| *it < DOCUMENTS);
        if let (Some(number), Some(documents)) = (number, all.get_mut(&name)) {
            documents.resize_with(documents.len().max(number + 1), Recorded::default);
            document(what, &mut documents[number]);
        }
    }
    all
}

fn document(what: &str, one: &mut Recorded) {
    if let Some(json) = what.strip_prefix("json: ") {
        one.json = (!json.ends_with(" bytes")).then(|| json.to_owned());
    } else if what == "json:" {
        one.json = Some(String::new());
    } else if let Some(job) = what.strip_prefix("job ok: ") {
        one.job = serde_json::from_str(job).ok();
    } else if what.starts_with("kubectl-client: ERR") {
        one.unreadable = true;
    } else if let Some(error) = what.strip_prefix("strict-server: ERR strict decoding error: ") {
        one.strict = Some(quoted(error));
    }
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
