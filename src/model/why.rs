//! Rules by number: what a decision can be traced back to.

use std::fmt;

macro_rules! rules {
    ($($name:ident $number:literal $title:literal,)*) => {
        /// A rule of the Job controller, by the number that the documentation gives it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum RuleId {
            $(#[doc = $title] $name = $number,)*
        }

        impl RuleId {
            /// Every rule that a record can name, in order of number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The rule in a sentence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

rules! {
    SyncAtOnce 2 "Job created, deleted or its spec changed: sync at once",
    SyncBatched 3 "a pod or the status changed: sync one second later",
    SyncRetried 5 "a failed sync is tried again after 1 s, 2 s, 4 s … 60 s",
    Expectations 8 "no creations or deletions before the earlier ones were seen",
    Adoption 10 "pods that match the selector are adopted, those that no longer do are released",
    StartTime 14 "startTime is set at the first sync of a Job that is not suspended",
    SuccessCriteriaMet 20 "SuccessCriteriaMet stays once it is True",
    FailureTarget 21 "FailureTarget becomes Failed with the same reason",
    PodFailurePolicy 22 "a failed pod matched a FailJob rule",
    BackoffLimit 23 "more failures than backoffLimit allows",
    ActiveDeadline 24 "active for longer than activeDeadlineSeconds",
    MaxFailedIndexes 25 "more failed indexes than maxFailedIndexes allows",
    FailedIndexes 26 "every index has ended, some of them badly",
    SuccessPolicy 27 "a rule of the success policy is met",
    Completions 28 "as many successes as wanted, and no active pod",
    EndingDeletes 29 "an ending Job deletes its active pods",
    FinalCondition 30 "the final condition waits for uncounted and terminating pods",
    UnfinishedCounts 32 "a pod that a failing Job takes down counts as failed",
    Suspension 36 "a suspended Job deletes its pods; they do not count as failed",
    WantActive 37 "as many active pods as parallelism and the remaining completions allow",
    TooMany 38 "more active pods than wanted: the least advanced go, and do not count as failed",
    Backoff 40 "new pods wait 10 s, 20 s, 40 s … 10 min after the latest failure",
    BackoffReportsNone 43 "up to 1.35 a sync in back-off reports active: 0",
    LowestIndexes 44 "the lowest pending indexes first",
    IndexBackoff 45 "each index has its own back-off",
    SlowStart 46 "pods are created in batches of 1, 2, 4 …, until one fails",
    IndexVariable 47 "a container's own JOB_COMPLETION_INDEX stays",
    Counted 51 "a finished pod is counted once",
    CountingCap 52 "at most 500 pods are counted in a sync",
    HeldForReplacement 53 "the last failed pod of an index waits for its replacement",
    PolicyIgnores 58 "the first rule that matches a failed pod decides whether it counts",
    JobDeletion 61 "a Job being deleted lets go of all its pods",
    StatusRefused 62 "the API server checks status writes",
    ManagedBy 63 "the built-in controller leaves Jobs of other controllers alone",
    Ttl 64 "a finished Job is deleted after ttlSecondsAfterFinished",
    Deletion 65 "a bound pod gets its grace period, any other goes at once",
    EventsCombined 71 "similar events are combined, and spam is dropped",
    ClientLimits 80 "the controller's client sends 20 requests a second, with a burst of 30",
}

impl RuleId {
    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// `J23`
impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("J{}", self.number()))
    }
}
