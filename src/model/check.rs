//! What API servers of different releases check, keep and say in different ways.

use super::Release;

/// Something in which API servers differ. [`Release::has`] tells whether a release does so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Check {
    /// `spec.resources` of pods is kept.
    PodLevelResources,
    /// All resources of a pod as a whole are checked against all its containers.
    PodLevelLimits,
    /// Containers of all kinds may have a restart policy and rules of their own.
    RestartRules,
    /// A rule may restart all containers, and sidecars may have rules.
    RestartAllContainers,
    /// `hostUsers` is kept.
    UserNamespaces,
    /// A volume may be an image.
    ImageVolumes,
    /// An image volume without a reference is refused.
    ImageVolumeReference,
    /// `resourceClaims` are kept.
    ResourceClaims,
    /// Sources of projected volumes may be bundles of trusted certificates.
    ClusterTrustBundles,
    /// Sources of projected volumes may be certificates of the pod.
    PodCertificates,
    /// `resizePolicy` is kept.
    InPlaceResize,
    /// A sidecar may have a resize policy.
    SidecarResize,
    /// `supplementalGroupsPolicy` is kept.
    SupplementalGroupsPolicy,
    /// `recursiveReadOnly` is kept.
    RecursiveReadOnly,
    /// `procMount` is kept.
    ProcMount,
    /// `bindMountOptions`, `emptyDir.mode`, owners of files and other fields of 1.37 are kept.
    HostnameOverride,
    /// The environment may be taken from a file.
    EnvFiles,
    /// Any printable character but `=` may be in the name of a variable.
    RelaxedEnvironment,
    /// `stopSignal` is kept.
    StopSignals,
    /// A hook may sleep for no time at all.
    SleepZero,
    /// Numbers with leading zeros and mapped addresses are no IP addresses.
    StrictAddresses,
    /// IP addresses in old forms are warned of.
    AddressWarnings,
    /// Tolerations may compare numbers, if a gate lets them.
    ComparingTolerations,
    /// Lengths of labels are told in bytes, not in characters.
    LengthsInBytes,
    /// Wrong numbers of items are told as too many, not as too long.
    TooManyItems,
    /// `shareProcessNamespace` is named as a field of the pod, not of its security context.
    ShareProcessNamespaceInPod,
    /// Texts about user namespaces and resize policies name fields as manifests do.
    PlainFieldNames,
    /// Keys of tolerations are checked after everything else.
    DeclaredTolerations,
    /// `spec.successPolicy` of Jobs is kept.
    SuccessPolicy,
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
}

/// From which release on, and why.
struct Row(Check, Release, &'static str);

use Check as C;
use Release as R;

/// What API servers began to do after 1.29. `None` stands in for gates that are off everywhere.
const CHECKS: &[Row] = &[
    Row(C::PodLevelResources, R::V1_34, "gate PodLevelResources"),
    Row(C::RestartRules, R::V1_35, "gate ContainerRestartRules"),
    Row(
        C::RestartAllContainers,
        R::V1_36,
        "gate RestartAllContainersOnContainerExits",
    ),
    Row(C::UserNamespaces, R::V1_33, "gate UserNamespacesSupport"),
    Row(C::ImageVolumes, R::V1_35, "gate ImageVolume"),
    Row(
        C::ResourceClaims,
        R::V1_34,
        "gate DynamicResourceAllocation",
    ),
    Row(C::SuccessPolicy, R::V1_31, "gate JobSuccessPolicy"),
    Row(C::ManagedBy, R::V1_32, "gate JobManagedBy"),
    Row(
        C::ConditionsInCronJobs,
        R::V1_34,
        "generated defaults go down to the conditions",
    ),
    Row(
        C::ErrorsOnce,
        R::V1_37,
        "hand-written errors are told apart by their words",
    ),
    Row(
        C::UpdatesCheckedOnce,
        R::V1_37,
        "ValidateUpdate no longer calls ValidateJob",
    ),
    Row(
        C::MutableSuspendedTemplates,
        R::V1_36,
        "gate MutablePodResourcesForSuspendedJobs",
    ),
    Row(
        C::UnstartedCountsAsSuspended,
        R::V1_37,
        "shouldAllowMutablePodTemplate",
    ),
    Row(
        C::EmptyScheduleIsLast,
        R::V1_37,
        "declarative validation of schedules",
    ),
    Row(
        C::OwnersByIndex,
        R::V1_37,
        "validateOwnerReference has the index",
    ),
    Row(
        C::OwnersInShort,
        R::V1_34,
        "shorter texts in validateOwnerReference",
    ),
    Row(
        C::DeclaredManagedFields,
        R::V1_37,
        "ValidateManagedFields was reworded",
    ),
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
