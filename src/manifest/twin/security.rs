//! Security contexts, of pods and of containers.

use super::{List, records};

records! {
    PodSecurityContext unless_empty {
        se_linux_options: Option<SELinuxOptions>,
        windows_options: Option<WindowsSecurityContextOptions>,
        run_as_user: Option<i64>,
        run_as_group: Option<i64>,
        run_as_non_root: Option<bool>,
        supplemental_groups: List<i64>,
        supplemental_groups_policy: Option<String>,
        fs_group: Option<i64>,
        sysctls: List<Sysctl>,
        fs_group_change_policy: Option<String>,
        seccomp_profile: Option<SeccompProfile>,
        app_armor_profile: Option<AppArmorProfile>,
        se_linux_change_policy: Option<String>,
    };

    Sysctl always {
        name: String,
        value: String,
    };

    SecurityContext unless_empty {
        capabilities: Option<Capabilities>,
        privileged: Option<bool>,
        se_linux_options: Option<SELinuxOptions>,
        windows_options: Option<WindowsSecurityContextOptions>,
        run_as_user: Option<i64>,
        run_as_group: Option<i64>,
        run_as_non_root: Option<bool>,
        read_only_root_filesystem: Option<bool>,
        allow_privilege_escalation: Option<bool>,
        proc_mount: Option<String>,
        seccomp_profile: Option<SeccompProfile>,
        app_armor_profile: Option<AppArmorProfile>,
    };

    Capabilities unless_empty {
        add: List<String>,
        drop: List<String>,
    };

    SELinuxOptions unless_empty {
        user: String,
        role: String,
        #[serde(rename = "type")]
        kind: String,
        level: String,
    };

    WindowsSecurityContextOptions unless_empty {
        gmsa_credential_spec_name: Option<String>,
        gmsa_credential_spec: Option<String>,
        run_as_user_name: Option<String>,
        host_process: Option<bool>,
    };

    SeccompProfile always {
        #[serde(rename = "type")]
        kind: String,
    } unless_empty {
        localhost_profile: Option<String>,
    };

    AppArmorProfile always {
        #[serde(rename = "type")]
        kind: String,
    } unless_empty {
        localhost_profile: Option<String>,
    };
}
