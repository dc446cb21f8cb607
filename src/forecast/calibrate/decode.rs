//! Pods and Jobs out of what `kubectl get -o json` prints: only what tells of run times and ends.

use super::clock::Second;
use super::error::Flaw;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A document, or an item of a list, before it is known what it is.
#[derive(Deserialize)]
struct Envelope<'a> {
    kind: Option<String>,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
}

/// `metadata`, as far as it matters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) uid: Option<String>,
    pub(super) labels: Option<BTreeMap<String, String>>,
    pub(super) annotations: Option<BTreeMap<String, String>>,
    pub(super) owner_references: Option<Vec<Owner>>,
    pub(super) creation_timestamp: Option<Second>,
    pub(super) deletion_timestamp: Option<Second>,
    pub(super) deletion_grace_period_seconds: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Owner {
    pub(super) kind: String,
    pub(super) name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct JobObject {
    pub(super) metadata: Metadata,
    pub(super) status: Option<JobStatus>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct JobStatus {
    pub(super) conditions: Option<Vec<Condition>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PodObject {
    pub(super) metadata: Metadata,
    pub(super) spec: Option<PodSpec>,
    pub(super) status: Option<PodStatus>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PodSpec {
    pub(super) node_name: Option<String>,
    pub(super) init_containers: Option<Vec<ContainerSpec>>,
    pub(super) containers: Option<Vec<ContainerSpec>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContainerSpec {
    pub(super) name: String,
    pub(super) restart_policy: Option<String>,
    pub(super) readiness_probe: Option<serde::de::IgnoredAny>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PodStatus {
    pub(super) reason: Option<String>,
    pub(super) conditions: Option<Vec<Condition>>,
    pub(super) init_container_statuses: Option<Vec<ContainerStatus>>,
    pub(super) container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Condition {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) last_transition_time: Option<Second>,
}

impl Condition {
    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind == kind && self.status == "True"
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContainerStatus {
    pub(super) name: String,
    #[serde(default)]
    pub(super) restart_count: u32,
    pub(super) state: Option<State>,
    pub(super) last_state: Option<State>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct State {
    pub(super) waiting: Option<Waiting>,
    pub(super) running: Option<Running>,
    pub(super) terminated: Option<Terminated>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Waiting {
    pub(super) reason: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Running {
    pub(super) started_at: Option<Second>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Terminated {
    pub(super) exit_code: i32,
    pub(super) reason: Option<String>,
    pub(super) started_at: Option<Second>,
    pub(super) finished_at: Option<Second>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) pods: Vec<PodObject>,
    pub(super) jobs: Vec<JobObject>,
    /// How many of other kinds there are.
    pub(super) others: BTreeMap<String, u64>,
}

/// Reads objects and lists of them, one after the other.
pub(super) fn read(from: &str, bytes: &[u8]) -> Result<Content, Flaw> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let owned = || from.to_owned();
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(Flaw::Utf16 { from: owned() });
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Flaw::Empty { from: owned() });
    }
    let mut content = Content::default();
    let documents = serde_json::Deserializer::from_slice(bytes).into_iter::<&RawValue>();
    for document in documents {
        let raw = document.map_err(|it| Flaw::NoJson {
            from: owned(),
            why: it.to_string(),
        })?;
        let envelope = envelope(raw).map_err(|why| Flaw::NoObject { from: owned(), why })?;
        let Some(kind) = envelope.kind else {
            let why = "it has no kind".to_owned();
            return Err(Flaw::NoObject { from: owned(), why });
        };
        let Some(one) = kind.strip_suffix("List") else {
            content.take(from, "", &kind, raw)?;
            continue;
        };
        for (place, raw) in envelope.items.into_iter().flatten().enumerate() {
            let path = format!("items[{place}]");
            let wrong = |why| Flaw::Field {
                from: owned(),
                path: path.clone(),
                why,
            };
            // The items of a PodList need not say what they are.
            let own = self::envelope(raw).map_err(wrong)?.kind;
            let kind = own.unwrap_or_else(|| one.to_owned());
            content.take(from, &path, &kind, raw)?;
        }
    }
    Ok(content)
}

fn envelope(raw: &RawValue) -> Result<Envelope<'_>, String> {
    if !raw.get().starts_with('{') {
        let start: String = raw.get().chars().take(20).collect();
        return Err(format!("an object is expected here, not {start}"));
    }
    serde_json::from_str(raw.get()).map_err(|it| without_place(&it.to_string()))
}

impl Content {
    fn take(&mut self, from: &str, path: &str, kind: &str, raw: &RawValue) -> Result<(), Flaw> {
        match kind {
            "Pod" => self.pods.push(object(from, path, raw)?),
            "Job" => self.jobs.push(object(from, path, raw)?),
            _ => *self.others.entry(kind.to_owned()).or_default() += 1,
        }
        Ok(())
    }
}

fn object<T: DeserializeOwned>(from: &str, path: &str, raw: &RawValue) -> Result<T, Flaw> {
    let mut json = serde_json::Deserializer::from_str(raw.get());
    serde_path_to_error::deserialize(&mut json).map_err(|it| {
        let inner = it.path().to_string();
        let dot = if path.is_empty() || inner.starts_with('[') {
            ""
        } else {
            "."
        };
        Flaw::Field {
            from: from.to_owned(),
            path: format!("{path}{dot}{inner}"),
            why: without_place(&it.inner().to_string()),
        }
    })
}

/// A message without its line and column, which count from the start of the object.
fn without_place(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message[..end].to_owned()
}
