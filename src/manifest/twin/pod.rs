//! The pod template.

use super::{
    Affinity, Container, LabelSelector, List, LocalObjectReference, Meta, PodSecurityContext,
    Quantities, ResourceRequirements, TextMap, Volume, records,
};

records! {
    PodTemplate always {
        metadata: Meta,
        spec: PodSpec,
    };

    PodSpec always {
        containers: List<Container>,
    } unless_empty {
        volumes: List<Volume>,
        init_containers: List<Container>,
        ephemeral_containers: List<Container>,
        restart_policy: String,
        termination_grace_period_seconds: Option<i64>,
        active_deadline_seconds: Option<i64>,
        dns_policy: String,
        node_selector: TextMap,
        service_account_name: String,
        service_account: String,
        automount_service_account_token: Option<bool>,
        node_name: String,
        host_network: bool,
        #[serde(rename = "hostPID")]
        host_pid: bool,
        #[serde(rename = "hostIPC")]
        host_ipc: bool,
        share_process_namespace: Option<bool>,
        security_context: Option<PodSecurityContext>,
        image_pull_secrets: List<LocalObjectReference>,
        hostname: String,
        subdomain: String,
        affinity: Option<Affinity>,
        scheduler_name: String,
        tolerations: List<Toleration>,
        host_aliases: List<HostAlias>,
        priority_class_name: String,
        priority: Option<i32>,
        dns_config: Option<PodDNSConfig>,
        readiness_gates: List<PodReadinessGate>,
        runtime_class_name: Option<String>,
        enable_service_links: Option<bool>,
        preemption_policy: Option<String>,
        overhead: Quantities,
        topology_spread_constraints: List<TopologySpreadConstraint>,
        #[serde(rename = "setHostnameAsFQDN")]
        set_hostname_as_fqdn: Option<bool>,
        os: Option<PodOS>,
        host_users: Option<bool>,
        scheduling_gates: List<PodSchedulingGate>,
        resource_claims: List<PodResourceClaim>,
        resources: Option<ResourceRequirements>,
        hostname_override: Option<String>,
        scheduling_group: Option<PodSchedulingGroup>,
        eviction_responders: List<EvictionResponder>,
    };

    HostAlias always {
        ip: String,
    } unless_empty {
        hostnames: List<String>,
    };

    PodDNSConfig unless_empty {
        nameservers: List<String>,
        searches: List<String>,
        options: List<PodDNSConfigOption>,
    };

    PodDNSConfigOption unless_empty {
        name: String,
        value: Option<String>,
    };

    PodReadinessGate always {
        condition_type: String,
    };

    PodOS always {
        name: String,
    };

    PodSchedulingGate always {
        name: String,
    };

    PodResourceClaim always {
        name: String,
    } unless_empty {
        resource_claim_name: Option<String>,
        resource_claim_template_name: Option<String>,
    };

    PodSchedulingGroup unless_empty {
        pod_group_name: Option<String>,
    };

    EvictionResponder always {
        name: String,
        priority: Option<i32>,
    };

    Toleration unless_empty {
        key: String,
        operator: String,
        value: String,
        effect: String,
        toleration_seconds: Option<i64>,
    };

    TopologySpreadConstraint always {
        max_skew: i32,
        topology_key: String,
        when_unsatisfiable: String,
    } unless_empty {
        label_selector: Option<LabelSelector>,
        min_domains: Option<i32>,
        node_affinity_policy: Option<String>,
        node_taints_policy: Option<String>,
        match_label_keys: List<String>,
    };
}
