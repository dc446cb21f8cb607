//! What users do to a Job after its creation.

use super::job::PodReplacementPolicy;

/// A merge patch of a Job, field by field. The outer `Option` says whether the patch names the
/// field, the inner one (where there is one) whether it sets or removes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobPatch {
    /// `spec.parallelism`
    pub parallelism: Option<Option<i64>>,
    /// `spec.completions`
    pub completions: Option<Option<i64>>,
    /// `spec.suspend`
    pub suspend: Option<Option<bool>>,
    /// `spec.activeDeadlineSeconds`
    pub active_deadline_seconds: Option<Option<i64>>,
    /// `spec.ttlSecondsAfterFinished`
    pub ttl_seconds_after_finished: Option<Option<i64>>,
    /// `spec.backoffLimit`
    pub backoff_limit: Option<Option<i64>>,
    /// `spec.backoffLimitPerIndex`
    pub backoff_limit_per_index: Option<Option<i64>>,
    /// `spec.maxFailedIndexes`
    pub max_failed_indexes: Option<Option<i64>>,
    /// `spec.podReplacementPolicy`
    pub pod_replacement_policy: Option<Option<PodReplacementPolicy>>,
    /// `spec.managedBy`
    pub managed_by: Option<Option<String>>,
}

/// How a Job's dependents are dealt with when it is deleted (J65).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Propagation {
    /// The Job first, then its pods; what `kubectl delete` does.
    #[default]
    Background,
    /// The pods first, then the Job.
    Foreground,
    /// The Job alone.
    Orphan,
}
