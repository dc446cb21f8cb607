//! Names and addresses.

use crate::manifest::address::{is_sloppy, is_standard};
use crate::manifest::names::{search_flaws, subdomain_flaws};
use crate::manifest::twin::{HostAlias, PodDNSConfig, PodSpec};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::model::Check;

/// Servers of names.
const NAMESERVERS: usize = 3;
/// Domains in which short names are looked for.
const SEARCHES: usize = 32;
/// Characters of these domains and the blanks between them.
const SEARCH_LENGTH: usize = 2048;

/// How names are looked up.
pub(super) fn dns(at: &Path, spec: &PodSpec, found: &mut Findings) {
    let config = spec.dns_config.as_ref();
    if spec.dns_policy == "None" {
        let Some(config) = config else {
            found.required(at, "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        };
        if config.nameservers.is_empty() {
            let text = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            found.required(&at.child("nameservers"), text);
            return;
        }
    }
    if let Some(config) = config {
        dns_config(at, config, found);
    }
}

fn dns_config(at: &Path, config: &PodDNSConfig, found: &mut Findings) {
    let servers = at.child("nameservers");
    if config.nameservers.len() > NAMESERVERS {
        let text = format!("must not have more than {NAMESERVERS} nameservers");
        found.invalid(&servers, &config.nameservers, &text);
    }
    for (index, server) in config.nameservers.iter().enumerate() {
        address(&servers.at(index), server, found);
    }
    let searches = at.child("searches");
    if config.searches.len() > SEARCHES {
        let text = format!("must not have more than {SEARCHES} search paths");
        found.invalid(&searches, &config.searches, &text);
    }
    if config.searches.join(" ").len() > SEARCH_LENGTH {
        let text = format!(
            "must not have more than {SEARCH_LENGTH} characters (including spaces) in the search \
             list"
        );
        found.invalid(&searches, &config.searches, &text);
    }
    for (index, search) in config
        .searches
        .iter()
        .enumerate()
        .filter(|(_, it)| *it != ".")
    {
        let search = search.strip_suffix('.').unwrap_or(search);
        found.flaws(&searches.at(index), search, search_flaws(search));
    }
    for (index, option) in config.options.iter().enumerate() {
        if option.name.is_empty() {
            found.required(&at.child("options").at(index), "must not be empty");
        }
    }
}

/// Names that the pod knows by itself.
pub(super) fn host_aliases(at: &Path, aliases: &[HostAlias], found: &mut Findings) {
    for (index, alias) in aliases.iter().enumerate() {
        let at = at.at(index);
        address(&at.child("ip"), &alias.ip, found);
        for (index, name) in alias.hostnames.iter().enumerate() {
            found.flaws(
                &at.child("hostnames").at(index),
                name,
                subdomain_flaws(name),
            );
        }
    }
}

fn address(at: &Path, text: &str, found: &mut Findings) {
    let strict = found.has(Check::StrictAddresses);
    match is_sloppy(text) {
        None => {
            let words = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            found.invalid(at, text, words);
        }
        Some(_) if strict && is_standard(text).is_none() => {
            found.invalid(at, text, "must not have leading 0s");
        }
        Some(address) if strict && address.is_mapped_in(text) => {
            found.invalid(at, text, "must not be an IPv4-mapped IPv6 address");
        }
        Some(_) => {}
    }
}

/// The name of the pod's host that takes the place of all others.
pub(super) fn hostname_override(at: &Path, spec: &PodSpec, found: &mut Findings) {
    let Some(name) = &spec.hostname_override else {
        return;
    };
    let at = at.child("hostnameOverride");
    if spec.set_hostname_as_fqdn == Some(true) {
        found.forbidden(&at, "may not be specified when setHostnameAsFQDN is true");
    }
    if spec.host_network {
        found.forbidden(&at, "may not be specified when hostNetwork is true");
    }
    if name.len() > 64 {
        found.too_long(&at, 64);
    }
    found.flaws(&at, name, subdomain_flaws(name));
}
