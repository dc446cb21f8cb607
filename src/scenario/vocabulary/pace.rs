//! How long kubelets take for each step (P120).

use std::collections::BTreeMap;

use super::super::fields::{Either as Side, Fields};
use super::super::leaf::{self, Leaf as L};
use super::super::schema::Kind::{ByName, Leaf};
use super::super::schema::{Field, Table, field};
use super::{LAW, TIME};
use crate::base::{Law, Span};
use crate::node::{BackOffLimits, Beats, Delay, Jitter, Pace};

/// The paces that have names.
pub(super) const NAMES: L = L::OneOf(&["ideal", "quiet", "realistic"]);

pub(super) static PACE: Table = Table::plain(
    "How long kubelets take for each step. Each is a law of durations; one that is not told is \
     that of the pace that this is like.",
    &[&BASE, &STARTS, &STOPS, &CHANCE],
);

static BASE: [Field; 1] = [field(
    "like",
    "P120",
    Leaf(NAMES),
    "ideal: everything takes no time but for Kubernetes' own periods; quiet (unless told): a pod \
     with one container runs 1 s after it was bound; realistic: with figures from real clusters, \
     and by chance.",
)];

static STARTS: [Field; 7] = [
    field(
        "apiWrite",
        "P120",
        LAW,
        "From the change of a status to its arrival at the API server.",
    ),
    field(
        "mount",
        "P17",
        LAW,
        "Mounting the volumes; noticed by a poll every 300 ms.",
    ),
    field(
        "sandbox",
        "P18",
        LAW,
        "Making the sandbox, network included.",
    ),
    field(
        "createStart",
        "P18",
        LAW,
        "Creating and starting a container.",
    ),
    field(
        "pull",
        "P39",
        LAW,
        "Pulling an image that the node does not have.",
    ),
    field(
        "pullOf",
        "P39",
        ByName("images", &LAW),
        "The same for these images, by name as in the manifest.",
    ),
    field(
        "registry",
        "P40",
        LAW,
        "Asking the registry about an image that the node has, or nobody.",
    ),
];

static STOPS: [Field; 2] = [
    field("sandboxStop", "P14", LAW, "Stopping the sandbox."),
    field(
        "unmount",
        "P55",
        LAW,
        "Unmounting the volumes; noticed by a poll every 100 ms.",
    ),
];

static CHANCE: [Field; 3] = [
    field(
        "beats",
        "P29, P31",
        Leaf(L::OneOf(&["aligned", "drawn"])),
        "When a kubelet's rounds of one second are: on whole seconds on all nodes, or anywhere, on \
         each node elsewhere.",
    ),
    field(
        "jitter",
        "P29, P30",
        Leaf(L::OneOf(&["least", "drawn", "most"])),
        "What waits with a random part come to.",
    ),
    field(
        "maxContainerRestartPeriod",
        "P28",
        TIME,
        "The longest wait before a container that crashes is started again, from 1s to 5m; 5m \
         unless told.",
    ),
];

/// What is said of the pace.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct PaceWords {
    like: Option<&'static str>,
    steps: BTreeMap<&'static str, Law>,
    pull_of: BTreeMap<String, Law>,
    beats: Option<Beats>,
    jitter: Option<Jitter>,
    longest_wait: Option<Span>,
}

const STEPS: [&str; 8] = [
    "apiWrite",
    "mount",
    "sandbox",
    "createStart",
    "pull",
    "registry",
    "sandboxStop",
    "unmount",
];

/// Reads the field `pace`.
pub(in super::super) fn pace(file: &Fields<'_>) -> PaceWords {
    let it = match file.either("pace") {
        None => return PaceWords::default(),
        Some(Side::Short(name)) => {
            return PaceWords {
                like: name.as_str().and_then(known),
                ..PaceWords::default()
            };
        }
        Some(Side::Long(it)) => it,
    };
    let steps = STEPS.into_iter();
    let pulls = it.by_name("pullOf").into_iter();
    PaceWords {
        like: it.text("like").and_then(known),
        steps: steps
            .filter_map(|step| Some((step, it.law(step)?)))
            .collect(),
        pull_of: pulls
            .filter_map(|(image, law)| Some((image.to_owned(), leaf::law(law).ok()?)))
            .collect(),
        beats: it.text("beats").map(|it| match it {
            "drawn" => Beats::Drawn,
            _ => Beats::Aligned,
        }),
        jitter: it.text("jitter").map(|it| match it {
            "drawn" => Jitter::Drawn,
            "most" => Jitter::Most,
            _ => Jitter::Least,
        }),
        longest_wait: it.time("maxContainerRestartPeriod"),
    }
}

fn known(name: &str) -> Option<&'static str> {
    match NAMES {
        L::OneOf(names) => names.iter().find(|it| **it == name).copied(),
        _ => None,
    }
}

impl PaceWords {
    /// What is said here, and below it what is not said here; nothing of that if this names a
    /// pace of its own.
    pub(in super::super) fn over(mut self, below: &Self) -> Self {
        if self.like.is_some() {
            return self;
        }
        self.like = below.like;
        for (step, law) in &below.steps {
            self.steps.entry(step).or_insert_with(|| law.clone());
        }
        for (image, law) in &below.pull_of {
            let own = self.pull_of.entry(image.clone());
            own.or_insert_with(|| law.clone());
        }
        self.beats = self.beats.or(below.beats);
        self.jitter = self.jitter.or(below.jitter);
        self.longest_wait = self.longest_wait.or(below.longest_wait);
        self
    }

    /// The pace, if anything is said of it.
    pub(in super::super) fn pace(&self) -> Option<Pace> {
        let told = self.like.is_some()
            || !self.steps.is_empty()
            || !self.pull_of.is_empty()
            || self.beats.is_some()
            || self.jitter.is_some()
            || self.longest_wait.is_some();
        if !told {
            return None;
        }
        let mut pace = match self.like {
            Some("ideal") => Pace::ideal(),
            Some("realistic") => realistic(),
            _ => Pace::quiet(),
        };
        for (step, law) in &self.steps {
            if let Some(delay) = step_of(&mut pace, step) {
                *delay = delay_of(law);
            }
        }
        for (image, law) in &self.pull_of {
            pace.pull_of.push((image.clone(), delay_of(law)));
        }
        pace.beats = self.beats.unwrap_or(pace.beats);
        pace.jitter = self.jitter.unwrap_or(pace.jitter);
        if let Some(most) = self.longest_wait {
            pace.back_off = BackOffLimits::up_to(most);
        }
        Some(pace)
    }
}

fn step_of<'a>(pace: &'a mut Pace, step: &str) -> Option<&'a mut Delay> {
    match step {
        "apiWrite" => Some(&mut pace.api_write),
        "mount" => Some(&mut pace.mount),
        "sandbox" => Some(&mut pace.sandbox),
        "createStart" => Some(&mut pace.create_start),
        "pull" => Some(&mut pace.pull),
        "registry" => Some(&mut pace.registry),
        "sandboxStop" => Some(&mut pace.sandbox_stop),
        "unmount" => Some(&mut pace.unmount),
        _ => None,
    }
}

/// A law that is always the same needs no draw.
fn delay_of(law: &Law) -> Delay {
    if law.is_constant() {
        Delay::Fixed(law.median())
    } else {
        Delay::Drawn(law.clone())
    }
}

/// The figures of P120: API writes of 10 ms, and 50 ms for one in a hundred; a network in 0.3 to
/// 0.8 s; the rest as in a quiet cluster; an image of 100 MB in 3 s; and no node keeps another's
/// time.
fn realistic() -> Pace {
    let mut pace = Pace::quiet();
    // The logarithm of 50 / 10, by the deviations of the 99th percentile.
    if let Ok(law) = Law::log_normal_of_sigma(Span::from_millis(10), 0.692) {
        pace.api_write = Delay::Drawn(law);
    }
    if let Ok(law) = Law::uniform(Span::from_millis(300), Span::from_millis(800)) {
        pace.sandbox = Delay::Drawn(law);
    }
    pace.pull = Delay::Fixed(Span::from_secs(3));
    pace.beats = Beats::Drawn;
    pace.jitter = Jitter::Drawn;
    pace
}
