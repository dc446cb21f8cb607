//! Metadata of objects: names, namespaces, labels, owners, finalizers, and who manages what.

use super::finding::Findings;
use super::path::Path;
use super::{labels, metadata};
use crate::manifest::names::{label_flaws, qualified_flaws, subdomain_flaws};
use crate::manifest::twin::{ManagedFieldsEntry, Meta, OwnerReference};
use crate::model::Check;

/// Bytes of the name of who manages fields.
const FIELD_MANAGER: usize = 128;
/// Bytes of the name of a subresource.
const SUBRESOURCE: usize = 256;

/// The metadata of a new object.
pub(super) fn new(meta: &Meta, found: &mut Findings) {
    named(
        meta,
        |name, is_prefix| subdomain_flaws(&masked(name, is_prefix)),
        found,
    );
    qualified_finalizers(meta, found);
}

/// Finalizers have a domain, or are Kubernetes' own.
pub(super) fn qualified_finalizers(meta: &Meta, found: &mut Findings) {
    const STANDARD: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];
    for (index, name) in meta.finalizers.iter().enumerate() {
        if !name.contains('/') && !STANDARD.contains(&name.as_str()) {
            let text = "name is neither a standard finalizer name nor is it fully qualified";
            found.invalid(&format!("metadata.finalizers[{index}]"), name, text);
        }
    }
}

/// What the API server asks of the metadata of every object, new or not: that a name can be a part
/// of an address.
pub(super) fn any(meta: &Meta, found: &mut Findings) {
    named(meta, segment_flaws, found);
}

fn named(meta: &Meta, flaws: impl Fn(&str, bool) -> Vec<String>, found: &mut Findings) {
    let at = Path::new("metadata");
    if !meta.generate_name.is_empty() {
        let of_stem = flaws(&meta.generate_name, true);
        found.flaws(&at.child("generateName"), &meta.generate_name, of_stem);
    }
    if meta.name.is_empty() {
        found.required(&at.child("name"), "name or generateName is required");
    } else {
        found.flaws(&at.child("name"), &meta.name, flaws(&meta.name, false));
    }
    let namespace = &meta.namespace;
    if namespace.is_empty() {
        found.required(&at.child("namespace"), "");
    } else {
        found.flaws(&at.child("namespace"), namespace, label_flaws(namespace));
    }
    found.negative(&at.child("generation"), Some(meta.generation));
    labels_and_owners(&at, meta, found);
    finalizers(&at.child("finalizers"), &meta.finalizers, found);
    managed_fields(&at.child("managedFields"), &meta.managed_fields, found);
}

/// The new metadata of a stored object.
pub(super) fn changed(new: &Meta, old: &Meta, found: &mut Findings) {
    let at = Path::new("metadata");
    if old.deletion_timestamp.is_some() {
        no_new_finalizers(&at.child("finalizers"), new, old, found);
    }
    if new.resource_version.is_empty() {
        let text = "must be specified for an update";
        found.invalid(&at.child("resourceVersion"), "", text);
    }
    found.negative(&at.child("generation"), Some(new.generation));
    if new.generation < old.generation {
        found.invalid(
            &at.child("generation"),
            &new.generation,
            "must not be decremented",
        );
    }
    found.immutable(&at.child("name"), &new.name, &old.name);
    found.immutable(&at.child("namespace"), &new.namespace, &old.namespace);
    found.immutable(&at.child("uid"), &new.uid, &old.uid);
    let (new_time, old_time) = (&new.creation_timestamp, &old.creation_timestamp);
    found.immutable(&at.child("creationTimestamp"), new_time, old_time);
    let (new_time, old_time) = (&new.deletion_timestamp, &old.deletion_timestamp);
    if new_time != old_time {
        deletion(&at.child("deletionTimestamp"), new_time.as_deref(), found);
    }
    found.immutable(
        &at.child("deletionGracePeriodSeconds"),
        &new.deletion_grace_period_seconds,
        &old.deletion_grace_period_seconds,
    );
    labels_and_owners(&at, new, found);
    managed_fields(&at.child("managedFields"), &new.managed_fields, found);
}

/// The time of deletion has changed; older releases print it as Go prints times.
fn deletion(at: &Path, time: Option<&str>, found: &mut Findings) {
    let text = "field is immutable";
    match time.filter(|_| !found.has(Check::ValuesAsJson)) {
        Some(time) => {
            let printed = time.replace('T', " ").replace('Z', " +0000 UTC");
            found.invalid_printed(at, &printed, text);
        }
        None => found.invalid(at, &time, text),
    }
}

fn labels_and_owners(at: &Path, meta: &Meta, found: &mut Findings) {
    labels::map(&at.child("labels"), &meta.labels, found);
    metadata::annotations(&at.child("annotations"), &meta.annotations, found);
    owners(&at.child("ownerReferences"), &meta.owner_references, found);
}

/// A prefix may end in a dash, since something is put behind it: as Kubernetes looks at it, with
/// the letter before the dash replaced.
fn masked(name: &str, is_prefix: bool) -> String {
    match name.strip_suffix('-') {
        Some(stem) if is_prefix && !stem.is_empty() => {
            let before = stem.char_indices().next_back().map_or(0, |(at, _)| at);
            format!("{}a", &stem[..before])
        }
        _ => name.to_owned(),
    }
}

/// Why a text cannot be a part of an address.
fn segment_flaws(name: &str, is_prefix: bool) -> Vec<String> {
    if matches!(name, "." | "..") && !is_prefix {
        return vec![format!("may not be '{name}'")];
    }
    let forbidden = ["/", "%"].into_iter().filter(|it| name.contains(it));
    forbidden
        .map(|it| format!("may not contain '{it}'"))
        .collect()
}

fn owners(at: &Path, owners: &[OwnerReference], found: &mut Findings) {
    let mut controller: Option<String> = None;
    for (index, owner) in owners.iter().enumerate() {
        if found.has(Check::OwnersByIndex) {
            self::owner(&at.at(index), owner, found);
        } else {
            self::owner(at, owner, found);
        }
        if owner.controller == Some(true) {
            let name = format!("{}/{}", owner.kind, owner.name);
            if let Some(first) = &controller {
                let text = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in \
                     references for {first} and {name}"
                );
                found.invalid(at, owners, &text);
            } else {
                controller = Some(name);
            }
        }
    }
}

fn owner(at: &Path, owner: &OwnerReference, found: &mut Findings) {
    let parts: Vec<&str> = owner.api_version.split('/').collect();
    let (group, version) = match parts[..] {
        [version] => ("", version),
        [group, version] => (group, version),
        _ => ("", ""),
    };
    let by_index = found.has(Check::OwnersByIndex);
    let of_version = at.child("apiVersion");
    if by_index && owner.api_version.is_empty() {
        found.required(&of_version, "must not be empty");
    } else if version.is_empty() {
        let text = if by_index {
            "must be <group>/<version> or <version>"
        } else {
            "version must not be empty"
        };
        found.invalid(&of_version, &owner.api_version, text);
    }
    let fields = [
        ("kind", &owner.kind),
        ("name", &owner.name),
        ("uid", &owner.uid),
    ];
    for (field, _) in fields.iter().filter(|(_, value)| value.is_empty()) {
        let at = at.child(field);
        if by_index {
            found.required(&at, "must not be empty");
        } else if found.has(Check::OwnersInShort) {
            found.invalid(&at, "", "must not be empty");
        } else {
            found.invalid(&at, "", &format!("{field} must not be empty"));
        }
    }
    if (group, version, owner.kind.as_str()) == ("", "v1", "Event") {
        found.invalid(
            at,
            owner,
            "/v1, Kind=Event is disallowed from being an owner",
        );
    }
}

fn finalizers(at: &Path, finalizers: &[String], found: &mut Findings) {
    for name in finalizers {
        found.flaws(at, name, qualified_flaws(name, found.release()));
    }
    let has = |name: &str| finalizers.iter().any(|it| it == name);
    if has("orphan") && has("foregroundDeletion") {
        let text = "finalizer orphan and foregroundDeletion cannot be both set";
        found.invalid(at, finalizers, text);
    }
}

fn no_new_finalizers(at: &Path, new: &Meta, old: &Meta, found: &mut Findings) {
    let extra = new
        .finalizers
        .iter()
        .filter(|it| !old.finalizers.contains(it));
    let extra: std::collections::BTreeSet<&String> = extra.collect();
    if !extra.is_empty() {
        let names: Vec<String> = extra.iter().map(|name| format!("{name:?}")).collect();
        let text = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers \
             []string{{{}}}",
            names.join(", ")
        );
        found.forbidden(at, &text);
    }
}

fn managed_fields(at: &Path, entries: &[ManagedFieldsEntry], found: &mut Findings) {
    for (index, entry) in entries.iter().enumerate() {
        let at = at.at(index);
        let field = at.child("operation");
        match entry.operation.as_str() {
            "Apply" | "Update" => {}
            other if !found.has(Check::DeclaredManagedFields) => {
                found.invalid(&field, other, "must be `Apply` or `Update`");
            }
            "" => found.required(&field, "must not be empty"),
            other => found.not_supported(&field, other, &["Apply", "Update"]),
        }
        if !matches!(entry.fields_type.as_str(), "" | "FieldsV1") {
            found.invalid(
                &at.child("fieldsType"),
                &entry.fields_type,
                "must be `FieldsV1`",
            );
        }
        let manager = at.child("manager");
        if entry.manager.len() > FIELD_MANAGER {
            found.too_long(&manager, FIELD_MANAGER);
        }
        let hidden =
            |it: &(usize, char)| it.1 != ' ' && (it.1.is_control() || it.1.is_whitespace());
        for (place, letter) in entry.manager.char_indices().filter(hidden) {
            let code = u32::from(letter);
            let text = format!("invalid character U+{code:04X} (at position {place})");
            found.invalid(&manager, &entry.manager, &text);
        }
        if entry.subresource.len() > SUBRESOURCE {
            found.too_long(&at.child("subresource"), SUBRESOURCE);
        }
    }
}
