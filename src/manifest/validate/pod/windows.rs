//! Operating systems: options of Windows, and what is not there on it.

use super::every_container;
use crate::manifest::names::subdomain_flaws;
use crate::manifest::twin::{
    PodSecurityContext, PodSpec, SecurityContext, WindowsSecurityContextOptions,
};
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::model::Check;

/// What only Windows knows.
pub(super) fn options(
    at: &Path,
    options: Option<&WindowsSecurityContextOptions>,
    found: &mut Findings,
) {
    let Some(options) = options else { return };
    if let Some(name) = &options.gmsa_credential_spec_name {
        found.flaws(
            &at.child("gmsaCredentialSpecName"),
            name,
            subdomain_flaws(name),
        );
    }
    if let Some(text) = &options.gmsa_credential_spec {
        let at = at.child("gmsaCredentialSpec");
        if text.is_empty() {
            found.invalid(&at, text, "gmsaCredentialSpec cannot be an empty string");
        } else if text.len() > 64 << 10 {
            found.invalid(&at, text, "gmsaCredentialSpec size must be under 64 KiB");
        }
    }
    if let Some(name) = &options.run_as_user_name {
        for flaw in user_flaws(name) {
            let text = format!("runAsUserName{flaw}");
            found.invalid(&at.child("runAsUserName"), name, &text);
        }
    }
}

/// Why a text is not `user` or `domain\user`.
fn user_flaws(name: &str) -> Vec<&'static str> {
    if name.is_empty() {
        return vec![" cannot be an empty string"];
    }
    if name.chars().any(|c| c.is_ascii_control()) {
        return vec![" cannot contain control characters"];
    }
    let (domain, user) = match name.split_once('\\') {
        Some((_, rest)) if rest.contains('\\') => {
            return vec![" cannot contain more than one backslash"];
        }
        Some((domain, user)) => (Some(domain), user),
        None => (None, name),
    };
    let odd = |c: char| "\"/\\:;|=,+*?<>@[]".contains(c);
    let flaws = [
        (
            domain.is_some_and(|it| it.len() >= 256),
            "'s Domain length must be under 256 characters",
        ),
        (
            domain.is_some_and(|it| !is_netbios(it) && !is_dns(it)),
            "'s Domain doesn't match the NetBios nor the DNS format",
        ),
        (user.is_empty(), "'s User cannot be empty"),
        (
            user.len() > 104,
            "'s User length must not be longer than 104 characters",
        ),
        (
            !user.is_empty() && user.chars().all(|c| matches!(c, '.' | ' ')),
            "'s User cannot contain only periods or spaces",
        ),
        (
            user.contains(odd),
            "'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]",
        ),
    ];
    let told = flaws.into_iter().filter(|(is, _)| *is);
    told.map(|(_, flaw)| flaw).collect()
}

fn is_netbios(domain: &str) -> bool {
    let odd = |c: char| "\\/:*?\"<>|".contains(c);
    (1..=15).contains(&domain.chars().count()) && !domain.starts_with('.') && !domain.contains(odd)
}

fn is_dns(domain: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(inner)
    })
}

/// Containers that are processes of the host: all or none, and on its network.
pub(super) fn host_processes(at: &Path, spec: &PodSpec, found: &mut Findings) {
    let windows = |it: Option<&WindowsSecurityContextOptions>| it.and_then(|it| it.host_process);
    let context = spec.security_context.as_ref();
    let of_pod = windows(context.and_then(|it| it.windows_options.as_ref()));
    let (mut all, mut on_host) = (0, 0);
    for (at, container) in every_container(at, spec) {
        all += 1;
        let context = container.security_context.as_ref();
        let own = windows(context.and_then(|it| it.windows_options.as_ref()));
        if let (Some(pod), Some(own)) = (of_pod, own) {
            if pod != own {
                let field = at.child("securityContext.windowsOptions.hostProcess");
                let text = format!(
                    "pod hostProcess value must be identical if both are specified, was {pod}"
                );
                found.invalid(&field, &own, &text);
            }
        }
        if own.or(of_pod) == Some(true) {
            on_host += 1;
        }
    }
    if on_host == 0 {
        return;
    }
    if on_host != all {
        let text = "If pod contains any hostProcess containers then all containers must be \
                    HostProcess containers";
        found.invalid(at, "", text);
    }
    if !spec.host_network {
        let text = "hostNetwork must be true if pod contains any hostProcess containers";
        found.invalid(&at.child("hostNetwork"), &false, text);
    }
}

/// That the pod has nothing that its operating system does not know.
pub(super) fn os(at: &Path, spec: &PodSpec, found: &mut Findings) {
    let Some(os) = &spec.os else { return };
    match os.name.as_str() {
        "" if found.has(Check::OsNameInShort) => found.required(&at.child("os.name"), ""),
        "" => found.required(&at.child("os.name"), "cannot be empty"),
        "linux" => linux(at, spec, found),
        "windows" => windows(at, spec, found),
        other => found.not_supported(&at.child("os"), other, &["linux", "windows"]),
    }
}

fn linux(at: &Path, spec: &PodSpec, found: &mut Findings) {
    let text = "windows options cannot be set for a linux pod";
    let context = spec.security_context.as_ref();
    if context.is_some_and(|it| it.windows_options.is_some()) {
        found.forbidden(&at.child("securityContext.windowsOptions"), text);
    }
    for (at, container) in every_container(at, spec) {
        let context = container.security_context.as_ref();
        if context.is_some_and(|it| it.windows_options.is_some()) {
            found.forbidden(&at.child("securityContext.windowsOptions"), text);
        }
    }
}

fn windows(at: &Path, spec: &PodSpec, found: &mut Findings) {
    let in_groups = found.has(Check::WindowsFieldsInGroups);
    let mut refuse = |at: &Path, fields: &[(&str, bool)]| {
        for (field, _) in fields.iter().filter(|(_, given)| *given) {
            found.forbidden(&at.child(field), "cannot be set for a windows pod");
        }
    };
    let of_context = at.child("securityContext");
    let context = spec
        .security_context
        .as_ref()
        .map(of_linux)
        .unwrap_or_default();
    let host = [
        ("hostUsers", spec.host_users.is_some()),
        ("hostPID", spec.host_pid),
        ("hostIPC", spec.host_ipc),
    ];
    let share = [(
        "shareProcessNamespace",
        spec.share_process_namespace.is_some(),
    )];
    if in_groups {
        refuse(&of_context, &context);
        refuse(at, &host);
        refuse(at, &share);
    } else {
        refuse(&of_context, &context[..2]);
        refuse(at, &host);
        refuse(&of_context, &context[2..6]);
        refuse(at, &share);
        refuse(&of_context, &context[6..]);
    }
    for (at, container) in every_container(at, spec) {
        if let Some(context) = &container.security_context {
            refuse(&at.child("securityContext"), &of_linux_containers(context));
        }
    }
}

fn of_linux(context: &PodSecurityContext) -> [(&'static str, bool); 11] {
    [
        ("appArmorProfile", context.app_armor_profile.is_some()),
        ("seLinuxOptions", context.se_linux_options.is_some()),
        ("seccompProfile", context.seccomp_profile.is_some()),
        ("fsGroup", context.fs_group.is_some()),
        (
            "fsGroupChangePolicy",
            context.fs_group_change_policy.is_some(),
        ),
        ("sysctls", !context.sysctls.is_empty()),
        ("runAsUser", context.run_as_user.is_some()),
        ("runAsGroup", context.run_as_group.is_some()),
        (
            "supplementalGroups",
            !context.supplemental_groups.is_empty(),
        ),
        (
            "supplementalGroupsPolicy",
            context.supplemental_groups_policy.is_some(),
        ),
        (
            "seLinuxChangePolicy",
            context.se_linux_change_policy.is_some(),
        ),
    ]
}

fn of_linux_containers(context: &SecurityContext) -> [(&'static str, bool); 10] {
    [
        ("appArmorProfile", context.app_armor_profile.is_some()),
        ("seLinuxOptions", context.se_linux_options.is_some()),
        ("seccompProfile", context.seccomp_profile.is_some()),
        ("capabilities", context.capabilities.is_some()),
        (
            "readOnlyRootFilesystem",
            context.read_only_root_filesystem.is_some(),
        ),
        ("privileged", context.privileged.is_some()),
        (
            "allowPrivilegeEscalation",
            context.allow_privilege_escalation.is_some(),
        ),
        ("procMount", context.proc_mount.is_some()),
        ("runAsUser", context.run_as_user.is_some()),
        ("runAsGroup", context.run_as_group.is_some()),
    ]
}
