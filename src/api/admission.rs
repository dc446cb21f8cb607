//! Admission of pods: what a namespace refuses when a pod is created (P90–P94).

use super::{ApiServer, Refusal};
use crate::base::{Instant, Span};
use crate::model::{Job, JobId, LimitRange, Pod, PodId, PodTemplate, Quota, Resources};
use std::borrow::Cow;
use std::fmt::Write as _;

/// What the namespace of the Jobs allows now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    /// It is being deleted: it takes no new objects (P92).
    pub terminating: bool,
    /// The ServiceAccount of the pods does not exist.
    pub lacks_service_account: bool,
    /// A webhook or a policy refuses every pod.
    pub denies_pods: bool,
    /// Its ResourceQuota.
    pub quota: Option<Quota>,
    /// Its LimitRange.
    pub limit_range: Option<LimitRange>,
}

/// One resource of a quota.
struct Row {
    name: String,
    asked: u64,
    used: u64,
    hard: u64,
}

impl Row {
    fn new(name: &str, asked: u64, used: u64, hard: u64) -> Self {
        Self {
            name: name.to_owned(),
            asked,
            used,
            hard,
        }
    }

    /// `requests.cpu=250m`
    fn text(&self, value: u64) -> String {
        let plain = self.name.rsplit('.').next().unwrap_or_default();
        format!("{}={}", self.name, amount(plain, value))
    }
}

impl Namespace {
    fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

impl ApiServer {
    /// What the namespace allows now.
    #[must_use]
    pub const fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Changes what the namespace allows from now on.
    pub fn set_namespace(&mut self, change: impl FnOnce(&mut Namespace)) {
        change(&mut self.namespace);
    }

    /// Whether a pod of the Job may be created now, in the order in which the API server's
    /// admission plugins ask.
    pub(super) fn admit(&mut self, now: Instant, id: JobId) -> Result<(), Refusal> {
        if self.namespace.is_open() {
            return Ok(());
        }
        if self.namespace.terminating {
            return Err(Refusal::NamespaceTerminating);
        }
        let job = self.job(id).job.clone();
        let denial = self
            .range_denial(&job)
            .or_else(|| self.account_denial(&job))
            .or_else(|| self.policy_denial())
            .or_else(|| self.quota_denial(now, &job));
        match denial {
            None => Ok(()),
            Some(words) => {
                let text = format!("pods \"{}-\" is forbidden: {words}", job.name);
                let number = self.intern_text(text);
                let words = self.texts[usize::from(number)].clone();
                Err(Refusal::Forbidden { number, words })
            }
        }
    }

    fn account_denial(&self, job: &Job) -> Option<String> {
        let name = job.spec.template.service_account.as_deref();
        let (name, namespace) = (name.unwrap_or("default"), &job.namespace);
        self.namespace.lacks_service_account.then(|| {
            format!(
                "error looking up service account {namespace}/{name}: serviceaccount \"{name}\" \
                 not found"
            )
        })
    }

    fn policy_denial(&self) -> Option<String> {
        let words = "admission webhook denied the request";
        self.namespace.denies_pods.then(|| words.to_owned())
    }

    /// The first container that is out of range, all its problems together.
    fn range_denial(&self, job: &Job) -> Option<String> {
        let range = self.namespace.limit_range.as_ref()?;
        let template = self.filled(job);
        let all = template.containers.iter().chain(&template.init_containers);
        let mut flaws = Vec::new();
        for container in all {
            let (limits, requests) = (&container.limits, &container.requests);
            for (name, least) in range.min.iter() {
                match requests.get(name) {
                    None => flaws.push(format!(
                        "minimum {name} usage per Container is {}.  No request is specified",
                        amount(name, least)
                    )),
                    Some(asked) if asked < least => flaws.push(format!(
                        "minimum {name} usage per Container is {}, but request is {}",
                        amount(name, least),
                        amount(name, asked)
                    )),
                    Some(_) => {}
                }
            }
            for (name, most) in range.max.iter() {
                match limits.get(name) {
                    None => flaws.push(format!(
                        "maximum {name} usage per Container is {}.  No limit is specified",
                        amount(name, most)
                    )),
                    Some(limit) if limit > most => flaws.push(format!(
                        "maximum {name} usage per Container is {}, but limit is {}",
                        amount(name, most),
                        amount(name, limit)
                    )),
                    Some(_) => {}
                }
            }
        }
        match flaws.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(format!("[{}]", many.join(", "))),
        }
    }

    fn quota_denial(&self, now: Instant, job: &Job) -> Option<String> {
        let quota = self.namespace.quota.as_ref()?;
        let requests = self.requests_here(job);
        let limits = self.limits_here(job);
        let mut missing = String::new();
        for (kind, hard, own) in [
            ("requests", &quota.requests, &requests),
            ("limits", &quota.limits, &limits),
        ] {
            for (name, _) in hard.iter().filter(|(name, _)| own.get(name).is_none()) {
                let comma = if missing.is_empty() { "" } else { "," };
                let _ = write!(missing, "{comma}{kind}.{name}");
            }
        }
        let name = &quota.name;
        if !missing.is_empty() {
            return Some(format!(
                "failed quota: {name}: must specify {missing} for: pods"
            ));
        }
        let used = |own: &dyn Fn(&Job) -> u64| -> u64 {
            let counted = self.live.iter().map(|id| self.pod(PodId(id)));
            let counted = counted.filter(|pod| counts(now, pod));
            counted.map(|pod| own(&self.job(pod.job).job)).sum()
        };
        let mut rows = Vec::new();
        if let Some(hard) = quota.pods {
            rows.push(Row::new("pods", 1, used(&|_| 1), u64::from(hard)));
        }
        for (name, hard) in quota.requests.iter() {
            let own = |job: &Job| self.requests_here(job).get(name).unwrap_or(0);
            rows.push(Row::new(
                &format!("requests.{name}"),
                own(job),
                used(&own),
                hard,
            ));
        }
        for (name, hard) in quota.limits.iter() {
            let own = |job: &Job| self.limits_here(job).get(name).unwrap_or(0);
            rows.push(Row::new(
                &format!("limits.{name}"),
                own(job),
                used(&own),
                hard,
            ));
        }
        rows.retain(|row| row.used + row.asked > row.hard);
        if rows.is_empty() {
            return None;
        }
        let list = |pick: fn(&Row) -> u64| -> String {
            let each = rows.iter().map(|row| row.text(pick(row)));
            each.collect::<Vec<_>>().join(",")
        };
        Some(format!(
            "exceeded quota: {name}, requested: {}, used: {}, limited: {}",
            list(|row| row.asked),
            list(|row| row.used),
            list(|row| row.hard)
        ))
    }

    fn requests_here(&self, job: &Job) -> Resources {
        self.filled(job).effective_requests()
    }

    fn limits_here(&self, job: &Job) -> Resources {
        self.filled(job).effective_limits()
    }

    /// What pods of that Job are made from now, with the defaults of the LimitRange.
    fn filled<'j>(&self, job: &'j Job) -> Cow<'j, PodTemplate> {
        let mut template = Cow::Borrowed(&job.spec.template);
        if let Some(range) = &self.namespace.limit_range {
            range.fill(template.to_mut());
        }
        template
    }

    /// Notes down a text, such as why a pod waits or was refused, and gives a number for it. Holds
    /// 65,536 texts; later ones read as the last.
    pub fn intern_text(&mut self, text: String) -> u16 {
        if let Some(known) = self.text_numbers.get(text.as_str()) {
            return *known;
        }
        let Ok(number) = u16::try_from(self.texts.len()) else {
            return u16::MAX;
        };
        let text: std::sync::Arc<str> = text.into();
        self.text_numbers.insert(text.clone(), number);
        self.texts.push(text);
        number
    }

    /// The text of that number.
    #[must_use]
    pub fn text(&self, number: u16) -> &str {
        self.texts.get(usize::from(number)).map_or("", |it| it)
    }
}

/// Whether the pod takes from a quota (P93): until it has ended, and when it terminates until its
/// grace period has passed once more after its deletion timestamp.
fn counts(now: Instant, pod: &Pod) -> bool {
    let over = pod
        .deletion
        .is_some_and(|it| it.at.instant() + Span::from_secs(i64::from(it.grace)) < now);
    !pod.phase.is_final() && !over
}

/// An amount as Kubernetes prints it: thousandths of a core as `250m`, bytes in `Mi` where even.
fn amount(name: &str, amount: u64) -> String {
    if name == "cpu" {
        return if amount % 1000 == 0 {
            (amount / 1000).to_string()
        } else {
            format!("{amount}m")
        };
    }
    for (unit, size) in [("Gi", 1_u64 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)] {
        if amount >= size && amount % size == 0 && matches!(name, "memory" | "ephemeral-storage") {
            return format!("{}{unit}", amount / size);
        }
    }
    amount.to_string()
}
