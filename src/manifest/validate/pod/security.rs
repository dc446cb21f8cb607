//! Security contexts.

use std::collections::BTreeSet;

use super::volume::downwards;
use super::windows;
use crate::manifest::twin::{
    AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext, Sysctl,
};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::model::Check;

/// The largest number of a user or a group.
const IDS: i64 = i32::MAX as i64;

/// Of a pod.
pub(super) fn of_pod(
    at: &Path,
    context: &PodSecurityContext,
    spec: &PodSpec,
    found: &mut Findings,
) {
    id(&at.child("fsGroup"), context.fs_group, found);
    id(&at.child("runAsUser"), context.run_as_user, found);
    id(&at.child("runAsGroup"), context.run_as_group, found);
    for (index, group) in context.supplemental_groups.iter().enumerate() {
        id(
            &at.child("supplementalGroups").at(index),
            Some(*group),
            found,
        );
    }
    sysctls(&at.child("sysctls"), &context.sysctls, spec, found);
    if let Some(policy) = &context.fs_group_change_policy {
        let supported = ["Always", "OnRootMismatch"];
        found.one_of(&at.child("fsGroupChangePolicy"), policy, &supported);
    }
    seccomp(
        &at.child("seccompProfile"),
        context.seccomp_profile.as_ref(),
        found,
    );
    windows::options(
        &at.child("windowsOptions"),
        context.windows_options.as_ref(),
        found,
    );
    app_armor(
        &at.child("appArmorProfile"),
        context.app_armor_profile.as_ref(),
        found,
    );
    if let Some(policy) = &context.supplemental_groups_policy {
        let at = at.child("supplementalGroupsPolicy");
        found.one_of(&at, policy, &["Merge", "Strict"]);
    }
    if let Some(policy) = &context.se_linux_change_policy {
        let supported: &[&str] = if found.has(Check::SelinuxMountOption) {
            &["MountOption", "Recursive"]
        } else {
            &["Recursive"]
        };
        found.one_of(&at.child("seLinuxChangePolicy"), policy, supported);
    }
}

fn id(at: &Path, id: Option<i64>, found: &mut Findings) {
    if let Some(id) = id {
        found.within(at, id, 0, IDS);
    }
}

fn sysctls(at: &Path, sysctls: &[Sysctl], spec: &PodSpec, found: &mut Findings) {
    let mut names = BTreeSet::new();
    for (index, sysctl) in sysctls.iter().enumerate() {
        let at = at.at(index).child("name");
        let name = sysctl.name.as_str();
        if name.is_empty() {
            found.required(&at, "");
        } else if !is_sysctl(name) {
            let text = "must have at most 253 characters and match regex \
                        ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
            found.invalid(&at, name, text);
        } else if names.contains(name) {
            found.duplicate(&at, name);
        }
        if spec.host_network && is_of_network(name) {
            found.invalid(&at, name, "may not be specified when 'hostNetwork' is true");
        } else if spec.host_ipc && is_of_ipc(name) {
            found.invalid(&at, name, "may not be specified when 'hostIPC' is true");
        }
        names.insert(name);
    }
}

fn is_sysctl(name: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let is_part = |part: &str| {
        let mut chars = part.chars();
        edge(chars.next()) && edge(part.chars().next_back()) && part.chars().all(inner)
    };
    name.len() <= 253 && name.split(['.', '/']).all(is_part)
}

/// A parameter's name in which its parts are told apart by points: the first separator that is
/// there decides.
fn with_points(name: &str) -> String {
    let swap = |c| match c {
        '/' => '.',
        '.' => '/',
        other => other,
    };
    match name.find(['.', '/']) {
        Some(at) if name[at..].starts_with('/') => name.chars().map(swap).collect(),
        _ => name.to_owned(),
    }
}

fn is_of_network(name: &str) -> bool {
    with_points(name).starts_with("net.")
}

fn is_of_ipc(name: &str) -> bool {
    let name = with_points(name);
    let groups = ["kernel.shm", "kernel.msg", "fs.mqueue."];
    name == "kernel.sem" || groups.iter().any(|group| name.starts_with(group))
}

/// Of a container.
pub(super) fn of_container(
    at: &Path,
    context: &SecurityContext,
    host_users: bool,
    found: &mut Findings,
) {
    id(&at.child("runAsUser"), context.run_as_user, found);
    id(&at.child("runAsGroup"), context.run_as_group, found);
    if let Some(mount) = &context.proc_mount {
        let at = at.child("procMount");
        found.one_of(&at, mount, &["Default", "Unmasked"]);
        if host_users && mount == "Unmasked" {
            found.invalid(&at, mount, "`hostUsers` must be false to use `Unmasked`");
        }
    }
    seccomp(
        &at.child("seccompProfile"),
        context.seccomp_profile.as_ref(),
        found,
    );
    if context.allow_privilege_escalation == Some(false) {
        if context.privileged == Some(true) {
            let text = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            found.invalid(at, context, text);
        }
        let added = context.capabilities.iter().flat_map(|it| &it.add);
        for _ in added.filter(|it| *it == "CAP_SYS_ADMIN") {
            let text = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` \
                        CAP_SYS_ADMIN";
            found.invalid(at, context, text);
        }
    }
    windows::options(
        &at.child("windowsOptions"),
        context.windows_options.as_ref(),
        found,
    );
    app_armor(
        &at.child("appArmorProfile"),
        context.app_armor_profile.as_ref(),
        found,
    );
}

/// The types of profiles.
const PROFILES: [&str; 3] = ["Localhost", "RuntimeDefault", "Unconfined"];

fn seccomp(at: &Path, profile: Option<&SeccompProfile>, found: &mut Findings) {
    let Some(profile) = profile else { return };
    let kind = at.child("type");
    if profile.kind.is_empty() {
        found.required(&kind, "type is required when seccompProfile is set");
    } else {
        found.one_of(&kind, &profile.kind, &PROFILES);
    }
    let at = at.child("localhostProfile");
    match (&profile.localhost_profile, profile.kind == "Localhost") {
        (None, true) => found.required(&at, "must be set when seccomp type is Localhost"),
        (Some(path), true) => downwards(&at, path, found),
        (Some(_), false) => {
            found.invalid(
                &at,
                profile,
                "can only be set when seccomp type is Localhost",
            );
        }
        (None, false) => {}
    }
}

fn app_armor(at: &Path, profile: Option<&AppArmorProfile>, found: &mut Findings) {
    let Some(profile) = profile else { return };
    let (kind, own) = (at.child("type"), at.child("localhostProfile"));
    match profile.kind.as_str() {
        "" => found.required(&kind, "type is required when appArmorProfile is set"),
        "Localhost" => {
            let name = profile.localhost_profile.as_deref();
            if name.is_some_and(|name| name.trim() != name) {
                found.invalid(&own, &name, "must not be padded with whitespace");
            } else if name.unwrap_or_default().is_empty() {
                found.required(&own, "must be set when AppArmor type is Localhost");
            }
            if name.is_some_and(|name| name.len() > 4095) {
                found.too_long(&own, 4095);
            }
        }
        "RuntimeDefault" | "Unconfined" => {
            if let Some(name) = &profile.localhost_profile {
                found.invalid(
                    &own,
                    name,
                    "can only be set when AppArmor type is Localhost",
                );
            }
        }
        other => found.not_supported(&kind, other, &PROFILES),
    }
}
