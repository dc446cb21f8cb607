//! Fields of a pod template that an API server takes and forgets, since the gate that they belong
//! to is off. What a stored object has is kept.

use crate::manifest::twin::{
    Container, DownwardAPIVolumeFile, KeyToPath, Lifecycle, PodSpec, PodTemplate, Probe, Volume,
    VolumeProjection,
};
use crate::model::{Check, Release};

/// Annotations in which init containers were written before they had a field.
const INIT_CONTAINERS: [&str; 4] = [
    "pod.beta.kubernetes.io/init-containers",
    "pod.alpha.kubernetes.io/init-containers",
    "pod.beta.kubernetes.io/init-container-statuses",
    "pod.alpha.kubernetes.io/init-container-statuses",
];

/// Forgets what the release does not keep, unless the stored template has such a field.
pub(in crate::manifest) fn drop_disabled(
    template: &mut PodTemplate,
    stored: Option<&PodTemplate>,
    release: Release,
) {
    for key in INIT_CONTAINERS {
        template.metadata.annotations.remove(key);
    }
    let stored = stored.map(|it| &it.spec);
    for rule in RULES {
        let kept = rule.gate.is_some_and(|gate| release.has(gate));
        let known = rule.known.is_none_or(|known| release.has(known));
        if known && !kept && !stored.is_some_and(|spec| uses(spec, rule.forget)) {
            (rule.forget)(&mut template.spec);
        }
    }
}

/// A gate and what is forgotten while it is off.
struct Rule {
    /// `None` for a gate that is off in all releases.
    gate: Option<Check>,
    /// What makes a release know the fields of the gate, where older ones refuse them.
    known: Option<Check>,
    forget: fn(&mut PodSpec),
}

const fn rule(gate: Check, forget: fn(&mut PodSpec)) -> Rule {
    Rule {
        gate: Some(gate),
        known: None,
        forget,
    }
}

const fn always(forget: fn(&mut PodSpec)) -> Rule {
    Rule {
        gate: None,
        known: None,
        forget,
    }
}

const RULES: &[Rule] = &[
    rule(Check::UserNamespaces, |spec| spec.host_users = None),
    rule(Check::SupplementalGroupsPolicy, |spec| {
        if let Some(context) = &mut spec.security_context {
            context.supplemental_groups_policy = None;
        }
    }),
    rule(Check::PodLevelResources, |spec| spec.resources = None),
    rule(Check::ProcMount, |spec| {
        for container in containers(spec) {
            if let Some(context) = &mut container.security_context {
                // Once it was filled in everywhere, so this is no value but its absence.
                if let Some(mount) = &mut context.proc_mount {
                    "Default".clone_into(mount);
                }
            }
        }
    }),
    rule(Check::ResourceClaims, |spec| {
        spec.resource_claims.clear();
        for container in containers(spec) {
            container.resources.claims.clear();
        }
    }),
    rule(Check::ClusterTrustBundles, |spec| {
        for source in projections(spec) {
            source.cluster_trust_bundle = None;
        }
    }),
    rule(Check::PodCertificates, |spec| {
        for source in projections(spec) {
            source.pod_certificate = None;
        }
    }),
    always(owners_of_files),
    always(|spec| spec.scheduling_group = None),
    always(|spec| {
        for action in probes(spec).filter_map(|probe| probe.grpc.as_mut()) {
            action.mode = None;
        }
    }),
    always(|spec| spec.eviction_responders.clear()),
    rule(Check::InPlaceResize, |spec| {
        for container in containers(spec) {
            container.resize_policy.clear();
        }
    }),
    rule(Check::RestartRules, |spec| {
        for container in containers(spec) {
            container.restart_policy_rules.clear();
        }
    }),
    Rule {
        gate: Some(Check::RestartRules),
        known: Some(Check::ContainerRestartPolicies),
        forget: restart_policies,
    },
    rule(Check::RecursiveReadOnly, |spec| {
        for mount in containers(spec).flat_map(|it| it.volume_mounts.iter_mut()) {
            mount.recursive_read_only = None;
        }
    }),
    always(|spec| {
        for dir in spec
            .volumes
            .iter_mut()
            .filter_map(|it| it.empty_dir.as_mut())
        {
            dir.mode = None;
        }
    }),
    always(|spec| {
        for mount in containers(spec).flat_map(|it| it.volume_mounts.iter_mut()) {
            mount.bind_mount_options.clear();
        }
    }),
    rule(Check::HostnameOverride, |spec| {
        spec.hostname_override = None;
    }),
    rule(Check::EnvFiles, |spec| {
        let variables = containers(spec).flat_map(|it| it.env.iter_mut());
        for source in variables.filter_map(|it| it.value_from.as_mut()) {
            source.file_key_ref = None;
        }
    }),
    rule(Check::ImageVolumes, image_volumes),
    rule(Check::SelinuxChangePolicy, |spec| {
        if let Some(context) = &mut spec.security_context {
            context.se_linux_change_policy = None;
        }
    }),
    always(|spec| {
        for container in containers(spec) {
            let hooks = container.lifecycle.as_mut();
            let stop = hooks.and_then(|hooks| hooks.stop_signal.take());
            let nothing = container.lifecycle == Some(Lifecycle::default());
            if stop.is_some() && nothing {
                container.lifecycle = None;
            }
        }
    }),
    always(protocols_of_probes),
];

/// Whether there is anything to forget.
fn uses(spec: &PodSpec, forget: fn(&mut PodSpec)) -> bool {
    let mut without = spec.clone();
    forget(&mut without);
    without != *spec
}

fn containers(spec: &mut PodSpec) -> impl Iterator<Item = &mut Container> {
    let lists = [
        &mut spec.init_containers,
        &mut spec.containers,
        &mut spec.ephemeral_containers,
    ];
    lists.into_iter().flat_map(|list| list.iter_mut())
}

/// Sidecars keep their policy: it is what makes them sidecars.
fn restart_policies(spec: &mut PodSpec) {
    for container in spec.init_containers.iter_mut() {
        let policy = &mut container.restart_policy;
        if policy.as_deref() != Some("Always") {
            *policy = None;
        }
    }
    let others = [&mut spec.containers, &mut spec.ephemeral_containers];
    for container in others.into_iter().flat_map(|list| list.iter_mut()) {
        container.restart_policy = None;
    }
}

fn probes(spec: &mut PodSpec) -> impl Iterator<Item = &mut Probe> {
    containers(spec).flat_map(|container| {
        let all = [
            &mut container.liveness_probe,
            &mut container.readiness_probe,
            &mut container.startup_probe,
        ];
        all.into_iter().flatten()
    })
}

fn projections(spec: &mut PodSpec) -> impl Iterator<Item = &mut VolumeProjection> {
    let volumes = spec.volumes.iter_mut();
    let projected = volumes.filter_map(|volume| volume.projected.as_mut());
    let lists = projected.filter_map(|it| it.sources.as_mut());
    lists.flat_map(|list| list.iter_mut())
}

fn owners_of_files(spec: &mut PodSpec) {
    let keys = |items: &mut [KeyToPath]| items.iter_mut().for_each(|item| item.user = None);
    let files =
        |items: &mut [DownwardAPIVolumeFile]| items.iter_mut().for_each(|item| item.user = None);
    for volume in spec.volumes.iter_mut() {
        let Volume {
            secret,
            config_map,
            downward_api,
            projected,
            ..
        } = volume;
        if let Some(it) = secret {
            it.default_user = None;
            keys(&mut it.items);
        }
        if let Some(it) = config_map {
            it.default_user = None;
            keys(&mut it.items);
        }
        if let Some(it) = downward_api {
            it.default_user = None;
            files(&mut it.items);
        }
        if let Some(it) = projected {
            it.default_user = None;
        }
    }
    for source in projections(spec) {
        if let Some(it) = &mut source.secret {
            keys(&mut it.items);
        }
        if let Some(it) = &mut source.config_map {
            keys(&mut it.items);
        }
        if let Some(it) = &mut source.downward_api {
            files(&mut it.items);
        }
        if let Some(it) = &mut source.service_account_token {
            it.user = None;
        }
        if let Some(it) = &mut source.cluster_trust_bundle {
            it.user = None;
        }
        if let Some(it) = &mut source.pod_certificate {
            it.user = None;
        }
    }
}

/// Image volumes go with what mounts them.
fn image_volumes(spec: &mut PodSpec) {
    let images = spec.volumes.iter().filter(|it| it.image.is_some());
    let names = images.map(|it| it.name.clone()).collect::<Vec<_>>();
    spec.volumes.retain(|volume| volume.image.is_none());
    for container in containers(spec) {
        container
            .volume_mounts
            .retain(|mount| !names.contains(&mount.name));
    }
}

fn protocols_of_probes(spec: &mut PodSpec) {
    for action in probes(spec).filter_map(|probe| probe.http_get.as_mut()) {
        action.protocol = None;
    }
    for hooks in containers(spec).filter_map(|it| it.lifecycle.as_mut()) {
        let both = [&mut hooks.post_start, &mut hooks.pre_stop];
        for hook in both.into_iter().flatten() {
            if let Some(action) = &mut hook.http_get {
                action.protocol = None;
            }
        }
    }
}
