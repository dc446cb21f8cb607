//! One and the same question with other values: fields of the manifests, and words about the
//! workload, set to what a grid or a search wants.

use super::failure::{Code, Failure};
use super::files::Source;
use super::given::Given;
use crate::manifest;
use crate::sim::Scenario;
use serde_yaml::Value;
use std::path::PathBuf;

/// A field or a word, and its value.
pub(super) type Setting<'a> = (&'a str, &'a str);

/// What is played, to be varied: files are read once.
pub(super) struct Variants<'a> {
    given: &'a Given,
    sources: Vec<Source>,
}

impl<'a> Variants<'a> {
    /// Reads the manifests.
    pub(super) fn new(given: &'a Given) -> Result<Self, Failure> {
        Ok(Self {
            given,
            sources: given.held_sources()?,
        })
    }

    /// The same with other manifests.
    pub(super) fn of_file(given: &'a Given, file: PathBuf) -> Result<Self, Failure> {
        let source = Source::File(file).held()?;
        Ok(Self {
            given,
            sources: vec![source],
        })
    }

    /// The scenario as it is given. `notes` gets what is assumed.
    pub(super) fn plain(&self, notes: &mut Vec<String>) -> Result<Scenario, Failure> {
        self.given.scenario_from(&self.sources, &[], notes)
    }

    /// The scenario with these settings.
    pub(super) fn with(&self, settings: &[Setting<'_>]) -> Result<Scenario, Failure> {
        let is_field = |it: &&Setting<'_>| {
            let name = it.0;
            ["spec.", "metadata.", "spec[", "metadata["]
                .iter()
                .any(|of| name.starts_with(of))
        };
        let fields: Vec<_> = settings.iter().filter(is_field).copied().collect();
        let words: Vec<_> = settings
            .iter()
            .filter(|it| !is_field(it))
            .copied()
            .collect();
        let mut notes = Vec::new();
        if fields.is_empty() {
            return self.given.scenario_from(&self.sources, &words, &mut notes);
        }
        let changed: Result<Vec<Source>, Failure> =
            self.sources.iter().map(|it| changed(it, &fields)).collect();
        self.given.scenario_from(&changed?, &words, &mut notes)
    }
}

/// The Jobs of a source, with fields set, as JSON.
fn changed(source: &Source, fields: &[Setting<'_>]) -> Result<Source, Failure> {
    let limits = manifest::Options::default().limits;
    let bytes = source.read(limits.bytes).map_err(Failure::unreadable)?;
    let name = source.name();
    let mut text = String::new();
    for document in manifest::values(&name, &bytes, &limits) {
        let document = document.map_err(|errors| {
            super::tell::block(&errors.to_string());
            Failure::Told(Code::Unreadable)
        })?;
        let mut value = document.value();
        for (path, to) in fields {
            set(&mut value, path, to).map_err(|why| {
                Failure::Sentence(Code::Usage, format!("--set {path}={to}: {why}"))
            })?;
        }
        let json = serde_json::to_string(&value)
            .map_err(|why| Failure::unreadable(format!("{name}: a key is not a string: {why}")))?;
        text.push_str(&json);
        text.push('\n');
    }
    let settings: Vec<String> = fields
        .iter()
        .map(|it| format!("{}={}", it.0, it.1))
        .collect();
    let name = format!("{name} with {}", settings.join(" "));
    Ok(Source::Held(name, text.into_bytes().into()))
}

/// Sets a field, `spec.template.spec.containers[0].image`, to a value written in YAML. Mappings on
/// the way are made; items of lists have to be there.
fn set(document: &mut Value, path: &str, to: &str) -> Result<(), String> {
    let new: Value = serde_yaml::from_str(to).map_err(|why| format!("the value: {why}"))?;
    let mut place = document;
    let mut way = String::new();
    for part in path.split('.') {
        let (key, indexes) = part
            .split_once('[')
            .map_or((part, None), |it| (it.0, Some(it.1)));
        if key.is_empty() {
            return Err("write a path as in spec.template.spec.containers[0].image".to_owned());
        }
        if place.is_null() {
            *place = Value::Mapping(serde_yaml::Mapping::new());
        }
        let Value::Mapping(mapping) = place else {
            return Err(format!("{way} is no mapping, and has no field {key:?}"));
        };
        let key_value = Value::String(key.to_owned());
        place = mapping.entry(key_value).or_insert(Value::Null);
        way = if way.is_empty() {
            key.to_owned()
        } else {
            format!("{way}.{key}")
        };
        for index in indexes.into_iter().flat_map(|it| it.split('[')) {
            let number = index
                .strip_suffix(']')
                .and_then(|it| it.parse::<usize>().ok());
            let number = number.ok_or_else(|| format!("{part:?} has no index as in [0]"))?;
            let Value::Sequence(items) = place else {
                return Err(format!("{way} is no list"));
            };
            let count = items.len();
            place = items
                .get_mut(number)
                .ok_or_else(|| format!("{way} has {count} items, and none at {number}"))?;
            way = format!("{way}[{number}]");
        }
    }
    *place = new;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(path: &str, to: &str) -> Result<String, String> {
        let text = "{spec: {backoffLimit: 6, list: [{a: 1}]}}";
        let mut value: Value = serde_yaml::from_str(text).unwrap();
        set(&mut value, path, to)?;
        Ok(serde_json::to_string(&value).unwrap())
    }

    #[test]
    fn fields_are_set_or_made() {
        let set = |path, to| with(path, to).unwrap();
        assert_eq!(
            set("spec.backoffLimit", "4"),
            r#"{"spec":{"backoffLimit":4,"list":[{"a":1}]}}"#
        );
        assert_eq!(
            set("spec.list[0].a", "x"),
            r#"{"spec":{"backoffLimit":6,"list":[{"a":"x"}]}}"#
        );
        let made = r#"{"spec":{"backoffLimit":6,"list":[{"a":1}],"new":{"field":[1]}}}"#;
        assert_eq!(set("spec.new.field", "[1]"), made);
    }

    #[test]
    fn what_is_not_there_is_told() {
        for (path, why) in [
            ("spec.list[3].a", "spec.list has 1 items, and none at 3"),
            ("spec.list[x]", "has no index"),
            ("spec.backoffLimit.a", "spec.backoffLimit is no mapping"),
            ("spec.backoffLimit[0]", "spec.backoffLimit is no list"),
            ("spec..a", "write a path"),
        ] {
            assert!(with(path, "1").unwrap_err().contains(why), "{path}");
        }
    }
}
