//! Volumes that are put together from several sources.

use std::collections::BTreeSet;

use super::environment::{container_resource, object_field};
use super::volume::{inside, key_to_path, mode};
use crate::manifest::names::{label_flaws, subdomain_flaws};
use crate::manifest::twin::{
    ClusterTrustBundleProjection, DownwardAPIVolumeFile, KeyToPath, List, PodCertificateProjection,
    ProjectedVolumeSource, ServiceAccountTokenProjection, VolumeProjection,
};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::manifest::validate::{labels, metadata};

/// The fields of a pod that may become files.
const FIELDS: [&str; 5] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

/// The files of a volume, none of which may be there twice.
struct Files<'a> {
    volume: &'a Path,
    taken: BTreeSet<&'a str>,
}

impl<'a> Files<'a> {
    /// Takes a file, and says of whom it is when it was taken before.
    fn take(&mut self, path: &'a str, of: &str, found: &mut Findings) {
        if !self.taken.insert(path) {
            found.invalid(self.volume, of, "conflicting duplicate paths");
        }
    }
}

pub(super) fn check(at: &Path, projected: &ProjectedVolumeSource, found: &mut Findings) {
    mode(&at.child("defaultMode"), projected.default_mode, found);
    let mut files = Files {
        volume: at,
        taken: BTreeSet::new(),
    };
    let sources = List::items(projected.sources.as_ref());
    for (index, source) in sources.iter().enumerate() {
        let at = at.child("sources").at(index);
        let count = one(&at, source, &mut files, found);
        if count > 1 {
            found.forbidden(&at, "may not specify more than 1 volume type per source");
        }
    }
}

/// Checks a source, and tells of how many types it is.
fn one<'a>(
    at: &Path,
    source: &'a VolumeProjection,
    files: &mut Files<'a>,
    found: &mut Findings,
) -> usize {
    let mut count = 0;
    if let Some(secret) = &source.secret {
        count += 1;
        keys(
            &at.child("secret"),
            &secret.name,
            &secret.items,
            files,
            found,
        );
    }
    if let Some(map) = &source.config_map {
        count += 1;
        keys(&at.child("configMap"), &map.name, &map.items, files, found);
    }
    if let Some(api) = &source.downward_api {
        count += 1;
        for file in &api.items {
            downward_file(&at.child("downwardAPI"), file, found);
            if !file.path.is_empty() {
                files.take(&file.path, &file.path, found);
            }
        }
    }
    if let Some(source) = &source.service_account_token {
        count += 1;
        token(
            &at.child("serviceAccountToken"),
            source,
            files.volume,
            found,
        );
    }
    if let Some(bundle) = &source.cluster_trust_bundle {
        count += 1;
        trust_bundle(&at.child("clusterTrustBundle"), bundle, files, found);
    }
    if let Some(source) = &source.pod_certificate {
        count += 1;
        certificate(&at.child("podCertificate"), source, files, found);
    }
    count
}

fn keys<'a>(
    at: &Path,
    name: &str,
    items: &'a [KeyToPath],
    files: &mut Files<'a>,
    found: &mut Findings,
) {
    found.not_empty(&at.child("name"), name);
    for (index, item) in items.iter().enumerate() {
        key_to_path(&at.child("items").at(index), item, found);
        if !item.path.is_empty() {
            files.take(&item.path, name, found);
        }
    }
}

/// A file that tells something about the pod; its errors stand at the list of files.
pub(super) fn downward_file(at: &Path, file: &DownwardAPIVolumeFile, found: &mut Findings) {
    found.not_empty(&at.child("path"), &file.path);
    inside(&at.child("path"), &file.path, found);
    if let Some(field) = &file.field_ref {
        object_field(&at.child("fieldRef"), field, &FIELDS, found);
        if file.resource_field_ref.is_some() {
            let text = "fieldRef and resourceFieldRef can not be specified simultaneously";
            found.invalid(at, "resource", text);
        }
    } else if let Some(resource) = &file.resource_field_ref {
        container_resource(&at.child("resourceFieldRef"), resource, true, found);
    } else {
        found.required(at, "one of fieldRef and resourceFieldRef is required");
    }
    mode(&at.child("mode"), file.mode, found);
}

/// The errors about the token's path stand at the volume, as if it had one.
fn token(at: &Path, token: &ServiceAccountTokenProjection, volume: &Path, found: &mut Findings) {
    let field = at.child("expirationSeconds");
    match token.expiration_seconds {
        None => found.required(&field, ""),
        Some(seconds) if seconds < 600 => {
            let text = "may not specify a duration less than 10 minutes";
            found.invalid(&field, &seconds, text);
        }
        Some(seconds) if seconds > 1 << 32 => {
            let text = "may not specify a duration larger than 2^32 seconds";
            found.invalid(&field, &seconds, text);
        }
        Some(_) => {}
    }
    if token.path.is_empty() {
        found.required(&volume.child("path"), "");
    } else {
        inside(&volume.child("path"), &token.path, found);
    }
}

fn trust_bundle<'a>(
    at: &Path,
    bundle: &'a ClusterTrustBundleProjection,
    files: &mut Files<'a>,
    found: &mut Findings,
) {
    match (&bundle.name, &bundle.signer_name) {
        (Some(_), Some(_)) => {
            found.invalid(at, bundle, "only one of name and signerName may be used");
        }
        (Some(name), None) => {
            let field = at.child("name");
            if name.is_empty() {
                found.required(&field, "must be a valid object name");
            }
            for flaw in bundle_name_flaws(name) {
                let text = format!("not a valid clustertrustbundlename: {flaw}");
                found.invalid(&field, name, &text);
            }
            if let Some(selector) = &bundle.label_selector {
                let text = "labelSelector must be unset if name is specified";
                found.invalid(&at.child("labelSelector"), selector, text);
            }
        }
        (None, Some(name)) => {
            let field = at.child("signerName");
            if name.is_empty() {
                found.required(&field, "must be a valid signer name");
            }
            signer(&field, name, found);
            let selector = bundle.label_selector.as_ref();
            labels::selector(&at.child("labelSelector"), selector, found);
        }
        (None, None) => found.required(at, "either name or signerName must be specified"),
    }
    found.not_empty(&at.child("path"), &bundle.path);
    inside(&at.child("path"), &bundle.path, found);
    files.take(&bundle.path, &bundle.path, found);
}

/// A bundle of a signer is called after it: what stands before the last colon.
fn bundle_name_flaws(name: &str) -> Vec<String> {
    match name.rsplit_once(':') {
        Some((signer, own)) if !signer.is_empty() => {
            let signer = signer.replace(':', "/");
            let prefix = format!("{}:", signer.replace('/', ":"));
            if name.starts_with(&prefix) {
                subdomain_flaws(own)
            } else {
                vec![format!(
                    "ClusterTrustBundle for signerName {signer} must be named with prefix {prefix}"
                )]
            }
        }
        Some(_) => {
            let text = "ClusterTrustBundle without signer name must not have \":\" in its name";
            vec![text.to_owned()]
        }
        None => subdomain_flaws(name),
    }
}

/// Bytes of the name of a signer: a domain, a slash, a domain, a point, a label.
const SIGNER: usize = 253 + 1 + 253 + 1 + 63;

/// The name of a signer: a domain and a path.
fn signer(at: &Path, name: &str, found: &mut Findings) {
    if name.is_empty() {
        found.required(at, "");
        return;
    }
    let (domain, path) = match name.split_once('/') {
        Some((domain, path)) if !path.contains('/') => (domain, path),
        _ => {
            let text = "must be a fully qualified domain and path of the form \
                        'example.com/signer-name'";
            found.invalid(at, name, text);
            return;
        }
    };
    if domain.len() > 253 {
        found.too_long(at, 253);
    }
    let labels = domain.split('.').collect::<Vec<_>>();
    if let Some(label) = labels.iter().find(|it| !label_flaws(it).is_empty()) {
        for flaw in label_flaws(label) {
            found.invalid(at, domain, &format!("validating label {label:?}: {flaw}"));
        }
    }
    if labels.len() < 2 {
        let text = "should be a domain with at least two segments separated by dots";
        found.invalid(at, domain, text);
    }
    let flawed = |part: &&str| !subdomain_flaws(part).is_empty();
    if let Some(part) = path.split('.').find(flawed) {
        for flaw in subdomain_flaws(part) {
            found.invalid(at, path, &format!("validating label {part:?}: {flaw}"));
        }
    }
    if name.len() > SIGNER {
        found.too_long(at, SIGNER);
    }
}

fn certificate<'a>(
    at: &Path,
    source: &'a PodCertificateProjection,
    files: &mut Files<'a>,
    found: &mut Findings,
) {
    const KEYS: [&str; 6] = [
        "RSA3072",
        "RSA4096",
        "ECDSAP256",
        "ECDSAP384",
        "ECDSAP521",
        "ED25519",
    ];
    signer(&at.child("signerName"), &source.signer_name, found);
    let field = at.child("userAnnotations");
    for key in source.user_annotations.keys() {
        labels::prefixed_key(&field, &key.to_lowercase(), found);
    }
    metadata::annotations_size(&field, &source.user_annotations, found);
    found.one_of(&at.child("keyType"), &source.key_type, &KEYS);
    if let Some(seconds) = source.max_expiration_seconds {
        longest(
            &at.child("maxExpirationSeconds"),
            seconds,
            &source.signer_name,
            found,
        );
    }
    let paths = [
        ("credentialBundlePath", &source.credential_bundle_path),
        ("keyPath", &source.key_path),
        ("certificateChainPath", &source.certificate_chain_path),
    ];
    for (field, path) in paths {
        if !path.is_empty() {
            inside(&at.child(field), path, found);
            files.take(path, path, found);
        }
    }
    if paths.iter().all(|(_, path)| path.is_empty()) {
        let text = "specify at least one of credentialBundlePath, keyPath, and \
                    certificateChainPath";
        found.required(at, text);
    }
}

/// How long a certificate may be good: an hour to 91 days, or a day if Kubernetes signs it.
fn longest(at: &Path, seconds: i32, signer: &str, found: &mut Findings) {
    const DAY: i32 = 86_400;
    if seconds < 3600 {
        let text = "if provided, maxExpirationSeconds must be >= 3600";
        found.invalid(at, &seconds, text);
    }
    let host = signer.split('/').next().unwrap_or_default();
    let own = host == "kubernetes.io" || host.ends_with(".kubernetes.io");
    let most = if own { DAY } else { 91 * DAY };
    if seconds > most {
        let text = format!("if provided, maxExpirationSeconds must be <= {most}");
        found.invalid(at, &seconds, &text);
    }
}
