//! Containers.

use super::{EnvFromSource, EnvVar, Lifecycle, List, Probe, Quantities, SecurityContext, records};

records! {
    Container always {
        name: String,
        resources: ResourceRequirements,
    } unless_empty {
        image: String,
        command: List<String>,
        args: List<String>,
        working_dir: String,
        ports: List<ContainerPort>,
        env_from: List<EnvFromSource>,
        env: List<EnvVar>,
        resize_policy: List<ContainerResizePolicy>,
        restart_policy: Option<String>,
        restart_policy_rules: List<ContainerRestartRule>,
        volume_mounts: List<VolumeMount>,
        volume_devices: List<VolumeDevice>,
        liveness_probe: Option<Probe>,
        readiness_probe: Option<Probe>,
        startup_probe: Option<Probe>,
        lifecycle: Option<Lifecycle>,
        termination_message_path: String,
        termination_message_policy: String,
        image_pull_policy: String,
        security_context: Option<SecurityContext>,
        stdin: bool,
        stdin_once: bool,
        tty: bool,
    };

    ContainerPort always {
        container_port: i32,
    } unless_empty {
        name: String,
        host_port: i32,
        protocol: String,
        #[serde(rename = "hostIP")]
        host_ip: String,
    };

    ResourceRequirements unless_empty {
        limits: Quantities,
        requests: Quantities,
        claims: List<ResourceClaim>,
    };

    ResourceClaim always {
        name: String,
    } unless_empty {
        request: String,
    };

    ContainerResizePolicy always {
        resource_name: String,
        restart_policy: String,
    };

    ContainerRestartRule unless_empty {
        action: String,
        exit_codes: Option<ContainerRestartRuleOnExitCodes>,
    };

    ContainerRestartRuleOnExitCodes unless_empty {
        operator: String,
        values: List<i32>,
    };

    VolumeMount always {
        name: String,
        mount_path: String,
    } unless_empty {
        read_only: bool,
        recursive_read_only: Option<String>,
        sub_path: String,
        mount_propagation: Option<String>,
        sub_path_expr: String,
        bind_mount_options: List<String>,
    };

    VolumeDevice always {
        name: String,
        device_path: String,
    };
}
