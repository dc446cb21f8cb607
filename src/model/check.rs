//! What API servers of different releases check, keep and say in different ways.

use super::Release;

/// Something in which API servers differ. [`Release::has`] tells whether a release does so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Check {
    /// `spec.resources` of pods is kept.
    PodLevelResources,
    /// Containers of all kinds may have a restart policy and rules of their own.
    RestartRules,
    /// Restart policies of containers that are no sidecars are known, at least to be forgotten.
    ContainerRestartPolicies,
    /// A rule may restart all containers, and sidecars may have rules.
    RestartAllContainers,
    /// `hostUsers` is kept.
    UserNamespaces,
    /// Volumes may be images.
    ImageVolumes,
    /// An image volume has to have a reference.
    ImageVolumeReference,
    /// `resourceClaims` are kept.
    ResourceClaims,
    /// Bundles of trusted certificates may be projected into volumes.
    ClusterTrustBundles,
    /// Certificates of the pod may be projected into volumes.
    PodCertificates,
    /// `resizePolicy` is kept, of sidecars, too.
    InPlaceResize,
    /// An init container is not restarted to be resized.
    PlainInitResize,
    /// `supplementalGroupsPolicy` is kept.
    SupplementalGroupsPolicy,
    /// `seLinuxChangePolicy` is kept.
    SelinuxChangePolicy,
    /// `seLinuxChangePolicy` may be `MountOption`.
    SelinuxMountOption,
    /// `recursiveReadOnly` is kept.
    RecursiveReadOnly,
    /// `procMount` is kept.
    ProcMount,
    /// `hostnameOverride` is kept.
    HostnameOverride,
    /// Variables may be taken from files.
    EnvFiles,
    /// Names of variables may have any printable character but `=`.
    RelaxedEnvironment,
    /// A hook may sleep for no time at all.
    SleepZero,
    /// Addresses with leading zeros, or of four bytes in sixteen, are refused.
    StrictAddresses,
    /// Addresses that are not in their usual form are warned of.
    AddressWarnings,
    /// Tolerations might compare numbers, if a gate were on.
    ComparingTolerations,
    /// Lengths of labels are told in bytes.
    LengthsInBytes,
    /// Restart rules and their exit codes may be too many.
    TooManyItems,
    /// `shareProcessNamespace` is named as a field of the pod.
    ShareProcessNamespaceInPod,
    /// Resize policies are held against the restart policy of the pod, by name.
    ResizePolicyOfPod,
    /// `hostUsers` is named as manifests name it.
    HostUsersByName,
    /// `volumeAttributesClassName` of claims is checked.
    VolumeAttributesClasses,
    /// `matchLabelKeys` of spread constraints become a part of their selectors.
    SpreadKeysAreMerged,
    /// Values in node affinity that no label can have are refused, or warned of.
    NodeAffinityValues,
    /// Files of a volume that hide each other are warned of.
    OverlapWarnings,
    /// Volumes of git repositories are off.
    GitRepoIsOff,
    /// An AppArmor annotation is warned of unless the pod has the same profile.
    AppArmorIsCompared,
    /// Repeated names of ports are warned of.
    PortNameWarnings,
    /// `spec.successPolicy` of Jobs is kept.
    SuccessPolicy,
    /// `spec.scheduling` of Jobs is known.
    JobScheduling,
    /// `spec.managedBy` of Jobs is kept.
    ManagedBy,
    /// The status of a condition in a failure policy is filled in inside a `CronJob`, too.
    ConditionsInCronJobs,
    /// Each error is told once, even if several checks find it.
    ErrorsOnce,
    /// An update is not checked as if it were a creation as well.
    UpdatesCheckedOnce,
    /// Templates of suspended Jobs without active pods may change, their resources included.
    MutableSuspendedTemplates,
    /// A suspended Job that was never started counts as suspended before it has the condition.
    UnstartedCountsAsSuspended,
    /// An empty schedule is told after everything else.
    EmptyScheduleIsLast,
    /// Errors about owners name their place in the list.
    OwnersByIndex,
    /// Errors about owners do not repeat the field.
    OwnersInShort,
    /// Operations of field managers are required, or not supported, rather than invalid.
    DeclaredManagedFields,
    /// Values in messages are printed as JSON.
    ValuesAsJson,
    /// A text that is too long may not be more than so many bytes.
    TooLongInBytes,
    /// Of a toleration with a needless value, the value is printed.
    TolerationByValue,
    /// Decoders name the structures inside others.
    InnerStructures,
    /// Files that hide each other are told of by their own source.
    OverlapsBySource,
    /// What Windows does not know is refused context by context.
    WindowsFieldsInGroups,
    /// Users of their own do not go with volume devices.
    DevicesOfHostUsers,
    /// A missing CSI driver is told of once.
    CsiDriverOnce,
    /// The name of the operating system is required without further words.
    OsNameInShort,
}

/// From which release on; behind it the gate that was switched on, or what was before.
struct Row(Check, Release, #[allow(dead_code)] &'static str);

use Check as C;
use Release as R;

/// What API servers do that did something else in 1.29, or that have a gate for it.
const CHECKS: &[Row] = &[
    Row(C::PodLevelResources, R::V1_34, "gate PodLevelResources"),
    Row(C::RestartRules, R::V1_35, "gate ContainerRestartRules"),
    Row(
        C::ContainerRestartPolicies,
        R::V1_34,
        "only sidecars could have one",
    ),
    Row(
        C::RestartAllContainers,
        R::V1_36,
        "gate RestartAllContainersOnContainerExits",
    ),
    Row(C::UserNamespaces, R::V1_33, "gate UserNamespacesSupport"),
    Row(C::ImageVolumes, R::V1_35, "gate ImageVolume"),
    Row(C::ImageVolumeReference, R::V1_36, "it could be empty"),
    Row(
        C::ResourceClaims,
        R::V1_34,
        "gate DynamicResourceAllocation",
    ),
    Row(
        C::ClusterTrustBundles,
        R::V1_37,
        "gate ClusterTrustBundleProjection",
    ),
    Row(C::PodCertificates, R::V1_37, "gate PodCertificateRequest"),
    Row(C::InPlaceResize, R::V1_33, "gate InPlacePodVerticalScaling"),
    Row(C::PlainInitResize, R::V1_36, "any policy was taken"),
    Row(
        C::SupplementalGroupsPolicy,
        R::V1_33,
        "gate SupplementalGroupsPolicy",
    ),
    Row(C::SelinuxChangePolicy, R::V1_33, "gate SELinuxChangePolicy"),
    Row(C::SelinuxMountOption, R::V1_37, "gate SELinuxMount"),
    Row(
        C::RecursiveReadOnly,
        R::V1_31,
        "gate RecursiveReadOnlyMounts",
    ),
    Row(C::ProcMount, R::V1_33, "gate ProcMountType"),
    Row(C::HostnameOverride, R::V1_35, "gate HostnameOverride"),
    Row(C::EnvFiles, R::V1_35, "gate EnvFiles"),
    Row(
        C::RelaxedEnvironment,
        R::V1_32,
        "gate RelaxedEnvironmentVariableValidation",
    ),
    Row(
        C::SleepZero,
        R::V1_33,
        "gate PodLifecycleSleepActionAllowZero",
    ),
    Row(C::StrictAddresses, R::V1_36, "gate StrictIPCIDRValidation"),
    Row(C::AddressWarnings, R::V1_33, "they were taken silently"),
    Row(
        C::ComparingTolerations,
        R::V1_35,
        "the operators were unknown",
    ),
    Row(C::LengthsInBytes, R::V1_34, "they were told in characters"),
    Row(C::TooManyItems, R::V1_36, "they were called too long"),
    Row(
        C::ShareProcessNamespaceInPod,
        R::V1_36,
        "it was named as a field of the security context",
    ),
    Row(
        C::ResizePolicyOfPod,
        R::V1_36,
        "the text did not say whose policy it meant",
    ),
    Row(
        C::HostUsersByName,
        R::V1_34,
        "it was called pod.Spec.HostUsers",
    ),
    Row(
        C::VolumeAttributesClasses,
        R::V1_34,
        "gate VolumeAttributesClass",
    ),
    Row(
        C::SpreadKeysAreMerged,
        R::V1_34,
        "gate MatchLabelKeysInPodTopologySpreadSelectorMerge",
    ),
    Row(C::NodeAffinityValues, R::V1_32, "they were not looked at"),
    Row(C::OverlapWarnings, R::V1_32, "they were not looked at"),
    Row(C::GitRepoIsOff, R::V1_33, "gate GitRepoVolumeDriver"),
    Row(
        C::AppArmorIsCompared,
        R::V1_34,
        "any profile of the pod silenced it",
    ),
    Row(C::PortNameWarnings, R::V1_32, "they were not looked at"),
    Row(C::SuccessPolicy, R::V1_31, "gate JobSuccessPolicy"),
    Row(C::JobScheduling, R::V1_37, "the field is new"),
    Row(C::ManagedBy, R::V1_32, "gate JobManagedBy"),
    Row(
        C::ConditionsInCronJobs,
        R::V1_34,
        "defaults stopped above them",
    ),
    Row(
        C::ErrorsOnce,
        R::V1_37,
        "they were told as often as they were found",
    ),
    Row(
        C::UpdatesCheckedOnce,
        R::V1_37,
        "ValidateUpdate called ValidateJob, too",
    ),
    Row(
        C::MutableSuspendedTemplates,
        R::V1_36,
        "gate MutablePodResourcesForSuspendedJobs",
    ),
    Row(
        C::UnstartedCountsAsSuspended,
        R::V1_37,
        "the condition alone counted",
    ),
    Row(
        C::EmptyScheduleIsLast,
        R::V1_37,
        "it was told where schedules are checked",
    ),
    Row(C::OwnersByIndex, R::V1_37, "errors were about the list"),
    Row(C::OwnersInShort, R::V1_34, "the texts named the field"),
    Row(
        C::DeclaredManagedFields,
        R::V1_37,
        "they were called invalid",
    ),
    Row(
        C::ValuesAsJson,
        R::V1_34,
        "they were printed as Go prints them",
    ),
    Row(
        C::TooLongInBytes,
        R::V1_32,
        "it had to have at most so many bytes",
    ),
    Row(
        C::TolerationByValue,
        R::V1_32,
        "the whole toleration was printed",
    ),
    Row(C::InnerStructures, R::V1_34, "decoders did not name them"),
    Row(
        C::OverlapsBySource,
        R::V1_34,
        "a source without files had those of the one before",
    ),
    Row(
        C::WindowsFieldsInGroups,
        R::V1_36,
        "host namespaces were named among the fields of the security context",
    ),
    Row(C::DevicesOfHostUsers, R::V1_34, "they were not looked at"),
    Row(
        C::CsiDriverOnce,
        R::V1_34,
        "an empty name was called malformed, too",
    ),
    Row(C::OsNameInShort, R::V1_34, "it could not be empty"),
];

impl Release {
    /// Whether an API server of this release does so.
    #[must_use]
    pub fn has(self, check: Check) -> bool {
        CHECKS
            .iter()
            .any(|Row(of, since, _)| *of == check && self >= *since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_a_row_of_its_own() {
        for (index, Row(check, since, why)) in CHECKS.iter().enumerate() {
            assert!(
                Release::LATEST.has(*check) && !Release::V1_30.has(*check),
                "{check:?}"
            );
            assert!(*since > Release::V1_30 && !why.is_empty());
            let others = CHECKS[index + 1..].iter();
            assert!(
                others.clone().all(|Row(other, ..)| other != check),
                "{check:?}"
            );
        }
    }
}
