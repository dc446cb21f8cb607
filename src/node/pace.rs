//! How long a kubelet and its runtime take for each step.
//!
//! P120. All of it is configuration: what Kubernetes itself fixes (polls, relists, back-off) is
//! not here.

use super::back_off::BackOffLimits;
use super::ticks::Beat;
use crate::base::{Key, Law, Purpose, Span, Stream};

/// A duration, the same each time or drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Delay {
    /// The same each time.
    Fixed(Span),
    /// By that law.
    Drawn(Law),
}

impl From<Span> for Delay {
    fn from(span: Span) -> Self {
        Self::Fixed(span.max(Span::ZERO))
    }
}

impl From<Law> for Delay {
    fn from(law: Law) -> Self {
        Self::Drawn(law)
    }
}

impl Delay {
    const NONE: Self = Self::Fixed(Span::ZERO);

    const fn of_millis(millis: i64) -> Self {
        Self::Fixed(Span::from_millis(millis))
    }
}

/// How long a kubelet and its runtime take for each step.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Pace {
    /// A status, from its change to its arrival at the API server.
    pub api_write: Delay,
    /// Mounting the volumes; noticed by a poll every 300 ms (P17).
    pub mount: Delay,
    /// Making the sandbox, network included.
    pub sandbox: Delay,
    /// Creating and starting a container.
    pub create_start: Delay,
    /// Pulling an image that the node does not have.
    pub pull: Delay,
    /// Pulling these images, by name as written in the manifest.
    pub pull_of: Vec<(String, Delay)>,
    /// Pulls of a node at a time: 1 unless told, 0 without a limit (P39).
    pub parallel_pulls: u32,
    /// Asking the registry about an image: where the node has it, and where nobody has (P40).
    pub registry: Delay,
    /// Stopping the sandbox.
    pub sandbox_stop: Delay,
    /// Unmounting the volumes; noticed by a poll every 100 ms (P55).
    pub unmount: Delay,
    /// When the beats of a node's kubelet fall (P29, P31).
    pub beats: Beats,
    /// What waits with a random part come to (P29, P30).
    pub jitter: Jitter,
    /// The limits of crash-loop back-off (P28).
    pub back_off: BackOffLimits,
}

/// When the beats of a node's kubelet fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beats {
    /// On whole seconds, on all nodes.
    Aligned,
    /// Anywhere in a second, on each node elsewhere.
    Drawn,
    /// At every microsecond, as on no real node: a kubelet sees at once what happens.
    Continuous,
}

/// What waits with a random part come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// Never longer than they must be.
    Least,
    /// Anything up to half as long again.
    Drawn,
    /// Always half as long again.
    Most,
}

impl Pace {
    /// How long it takes to pull that image.
    pub(super) fn pull_of(&self, image: &str) -> &Delay {
        let own = self.pull_of.iter().find(|(name, _)| name == image);
        own.map_or(&self.pull, |(_, delay)| delay)
    }

    /// Whether pulling an image takes any time, so that it matters which node has it.
    #[must_use]
    pub fn pulls_images(&self) -> bool {
        self.pull != Delay::NONE || !self.pull_of.is_empty()
    }

    /// Everything takes no time but for Kubernetes' own periods.
    #[must_use]
    pub fn ideal() -> Self {
        Self {
            api_write: Delay::NONE,
            mount: Delay::NONE,
            sandbox: Delay::NONE,
            create_start: Delay::NONE,
            pull: Delay::NONE,
            pull_of: Vec::new(),
            parallel_pulls: 1,
            registry: Delay::NONE,
            sandbox_stop: Delay::NONE,
            unmount: Delay::NONE,
            beats: Beats::Aligned,
            jitter: Jitter::Least,
            back_off: BackOffLimits::DEFAULT,
        }
    }

    /// Nothing takes any time, and kubelets look at their pods all the time: a pod runs as soon as
    /// it is created, and its end shows at once. For comparisons with theory, not with clusters.
    #[must_use]
    pub fn instant() -> Self {
        Self {
            beats: Beats::Continuous,
            ..Self::ideal()
        }
    }

    /// A node with little to do that has the images: a pod with one container runs 1.0 s after it
    /// was bound.
    #[must_use]
    pub fn quiet() -> Self {
        Self {
            mount: Delay::of_millis(100),
            sandbox: Delay::of_millis(400),
            create_start: Delay::of_millis(300),
            sandbox_stop: Delay::of_millis(200),
            unmount: Delay::of_millis(300),
            ..Self::ideal()
        }
    }
}

/// What a draw of the kubelet is for; part of the draw's address.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(super) enum Draw {
    ApiWrite = 0,
    Mount = 1,
    Sandbox = 2,
    CreateStart = 3,
    Pull = 4,
    Registry = 5,
    SandboxStop = 6,
    Unmount = 7,
    Recheck = 8,
    Relist = 9,
    Ticker = 10,
}

/// Draws about one pod, addressed by what they are for and how many came before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draws<'a> {
    key: &'a Key,
    pod: u64,
}

impl<'a> Draws<'a> {
    pub(super) const fn new(key: &'a Key, pod: u64) -> Self {
        Self { key, pod }
    }

    /// The stream of the draw for that purpose about that container (or any other number).
    fn stream(&self, what: Draw, container: usize, nth: u32) -> Stream {
        let place = (what as u64) << 56 | (container as u64 & 0xFF_FFFF) << 32 | u64::from(nth);
        self.key.stream(join(self.pod, place), Purpose::Kubelet)
    }

    pub(super) fn delay(&self, delay: &Delay, what: Draw, container: usize, nth: u32) -> Span {
        match delay {
            Delay::Fixed(span) => *span,
            Delay::Drawn(law) => law.draw(&mut self.stream(what, container, nth)),
        }
    }

    /// J(span, 0.5): the span and up to half of it.
    pub(super) fn jittered(&self, span: Span, jitter: Jitter, nth: u32) -> Span {
        let half = span.micros() / 2;
        let more = match jitter {
            Jitter::Least => 0,
            Jitter::Most => half,
            Jitter::Drawn => {
                // A wait of some seconds: its microseconds fit into 32 bits.
                let half = u32::try_from(half).unwrap_or(u32::MAX);
                i64::from(self.stream(Draw::Recheck, 0, nth).below(half))
            }
        };
        Span::from_micros(span.micros() + more)
    }

    /// The kubelet's relist and ticker.
    pub(super) fn beats(&self, beats: Beats) -> (Beat, Beat) {
        let drawn = |what| {
            let phase = self.stream(what, 0, 0).below(1_000_000);
            Beat::new(Span::from_micros(i64::from(phase)))
        };
        match beats {
            Beats::Aligned => (Beat::default(), Beat::default()),
            Beats::Continuous => (Beat::CONTINUOUS, Beat::CONTINUOUS),
            Beats::Drawn => (drawn(Draw::Relist), drawn(Draw::Ticker)),
        }
    }
}

/// A number for a pair of numbers.
pub(super) const fn join(one: u64, other: u64) -> u64 {
    (one.rotate_left(23) ^ other).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
