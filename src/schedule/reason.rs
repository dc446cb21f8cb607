//! Why a node does not take a pod, and how that is told (S13, S14).

use super::scheduler::Facts;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A plugin that can reject a pod, as a bit: rejected pods remember a set of them (S8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Plugin(u8);

impl Plugin {
    pub(super) const UNSCHEDULABLE: Self = Self(1);
    pub(super) const TAINTS: Self = Self(1 << 1);
    pub(super) const AFFINITY: Self = Self(1 << 2);
    pub(super) const PORTS: Self = Self(1 << 3);
    pub(super) const FIT: Self = Self(1 << 4);
    pub(super) const SPREAD: Self = Self(1 << 5);
    pub(super) const NEIGHBORS: Self = Self(1 << 6);
}

/// A set of plugins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Plugins(u8);

impl Plugins {
    pub(super) const NONE: Self = Self(0);

    pub(super) fn insert(&mut self, plugin: Plugin) {
        self.0 |= plugin.0;
    }

    pub(super) const fn has(self, plugin: Plugin) -> bool {
        self.0 & plugin.0 != 0
    }

    /// Whether nobody rejected the pod.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Their names, sorted.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        const NAMES: [(Plugin, &str); 7] = [
            (Plugin::NEIGHBORS, "InterPodAffinity"),
            (Plugin::AFFINITY, "NodeAffinity"),
            (Plugin::PORTS, "NodePorts"),
            (Plugin::FIT, "NodeResourcesFit"),
            (Plugin::UNSCHEDULABLE, "NodeUnschedulable"),
            (Plugin::SPREAD, "PodTopologySpread"),
            (Plugin::TAINTS, "TaintToleration"),
        ];
        let these = NAMES
            .into_iter()
            .filter(move |(plugin, _)| self.has(*plugin));
        these.map(|(_, name)| name)
    }
}

/// Why a node refuses a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is cordoned.
    Cordoned,
    /// A taint is not borne; the number of its text where that is told.
    Taint(u16),
    /// Its labels are not those that are wanted.
    Unwanted,
    /// It is not one of the nodes that the pod names.
    NotNamed,
    /// A port is taken.
    Ports,
    /// It has too little of these resources, by [`Shortage`].
    Room(Shortage),
    /// Too many pods are in its place already.
    Skew,
    /// It is in no place that counts.
    NoPlace,
    /// The pods that the pod wants to be near are not there.
    NotNear,
    /// Pods that the pod does not want to be near are there.
    NotApart,
    /// Pods are there that do not want to be near it.
    NotWelcome,
}

/// Which resources are short, as bits: the number of pods, cpu, memory, local storage, others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shortage {
    pub(super) of: u64,
    /// Even the empty node has too little of one of them.
    pub(super) for_ever: bool,
}

impl Shortage {
    pub(super) const PODS: u64 = 1;
    pub(super) const CPU: u64 = 1 << 1;
    pub(super) const MEMORY: u64 = 1 << 2;
    pub(super) const STORAGE: u64 = 1 << 3;

    /// The bit of another resource. The last bit stands for all that come after it.
    pub(super) fn other(resource: usize) -> u64 {
        1 << (resource + 4).min(63)
    }
}

impl Refusal {
    pub(super) const fn plugin(self) -> Plugin {
        match self {
            Self::Cordoned => Plugin::UNSCHEDULABLE,
            Self::Taint(_) => Plugin::TAINTS,
            Self::Unwanted | Self::NotNamed => Plugin::AFFINITY,
            Self::Ports => Plugin::PORTS,
            Self::Room(_) => Plugin::FIT,
            Self::Skew | Self::NoPlace => Plugin::SPREAD,
            Self::NotNear | Self::NotApart | Self::NotWelcome => Plugin::NEIGHBORS,
        }
    }

    /// Whether evicting pods cannot help.
    pub(super) const fn is_hopeless(self) -> bool {
        match self {
            Self::Cordoned
            | Self::Taint(_)
            | Self::Unwanted
            | Self::NotNamed
            | Self::NoPlace
            | Self::NotNear => true,
            Self::Room(Shortage { for_ever, .. }) => for_ever,
            Self::Ports | Self::Skew | Self::NotApart | Self::NotWelcome => false,
        }
    }
}

/// How many nodes refuse for which reason.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    counts: Vec<(Refusal, u32)>,
}

impl Histogram {
    pub(super) fn add(&mut self, refusal: Refusal, nodes: u32) {
        if nodes == 0 {
            return;
        }
        match self.counts.iter_mut().find(|it| it.0 == refusal) {
            Some((_, count)) => *count += nodes,
            None => self.counts.push((refusal, nodes)),
        }
    }

    pub(super) fn plugins(&self) -> Plugins {
        let mut plugins = Plugins::NONE;
        for (refusal, _) in &self.counts {
            plugins.insert(refusal.plugin());
        }
        plugins
    }

    /// `3 Insufficient cpu, 1 node(s) were unschedulable`, sorted as text.
    fn each(&self, names: &Names) -> Vec<String> {
        let mut texts: BTreeMap<String, u32> = BTreeMap::new();
        for (refusal, count) in &self.counts {
            names.texts(*refusal, |text| match texts.get_mut(text) {
                Some(known) => *known += count,
                None => drop(texts.insert(text.to_owned(), *count)),
            });
        }
        let mut lines: Vec<String> = texts
            .iter()
            .map(|(text, n)| format!("{n} {text}"))
            .collect();
        lines.sort_unstable();
        lines
    }

    /// `0/4 nodes are available: 1 node(s) were unschedulable, 3 Insufficient cpu.`
    pub(super) fn sentence(&self, nodes: usize, names: &Names) -> String {
        sentence(nodes, &self.each(names))
    }

    /// What comes of preemption where no node can be freed (S30): so many nodes where it cannot
    /// help, so many with nobody to make room, and what remains on the others.
    pub(super) fn of_preemption(
        &self,
        nodes: usize,
        hopeless: usize,
        nobody: usize,
        names: &Names,
    ) -> String {
        let mut lines = self.each(names);
        let fixed = [
            (hopeless, "Preemption is not helpful for scheduling"),
            (nobody, "No preemption victims found for incoming pod"),
        ];
        let fixed = fixed.iter().filter(|(count, _)| *count > 0);
        lines.extend(fixed.map(|(count, text)| format!("{count} {text}")));
        lines.sort_unstable();
        sentence(nodes, &lines)
    }
}

fn sentence(nodes: usize, lines: &[String]) -> String {
    let mut text = format!("0/{nodes} nodes are available: ");
    let _ = write!(text, "{}.", lines.join(", "));
    text
}

/// Names for what reasons carry as numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Resources beyond cpu, memory and local storage.
    pub(super) resources: Vec<String>,
    /// Taints as `{KEY: VALUE}`, where they are named.
    taints: Vec<String>,
}

impl Names {
    pub(super) fn clear(&mut self) {
        self.resources.clear();
        self.taints.clear();
    }

    /// The number of a resource.
    pub(super) fn resource(&mut self, name: &str) -> usize {
        let known = self.resources.iter().position(|it| it == name);
        known.unwrap_or_else(|| {
            self.resources.push(name.to_owned());
            self.resources.len() - 1
        })
    }

    /// The number of the reason that names a taint; 0 where reasons do not.
    pub(super) fn taint(&mut self, key: &str, value: &str, facts: &Facts) -> u16 {
        if !facts.names_taints {
            return 0;
        }
        let text = format!("node(s) had untolerated taint {{{key}: {value}}}");
        let known = self.taints.iter().position(|it| *it == text);
        let place = known.unwrap_or_else(|| {
            self.taints.push(text);
            self.taints.len() - 1
        });
        u16::try_from(place + 1).unwrap_or(0)
    }

    fn texts(&self, refusal: Refusal, mut tell: impl FnMut(&str)) {
        tell(match refusal {
            Refusal::Cordoned => "node(s) were unschedulable",
            Refusal::Taint(0) => "node(s) had untolerated taint(s)",
            Refusal::Taint(n) => &self.taints[usize::from(n) - 1],
            Refusal::Unwanted => "node(s) didn't match Pod's node affinity/selector",
            Refusal::NotNamed => "node(s) didn't satisfy plugin(s) [NodeAffinity]",
            Refusal::Ports => "node(s) didn't have free ports for the requested pod ports",
            Refusal::Skew => "node(s) didn't match pod topology spread constraints",
            Refusal::NoPlace => {
                "node(s) didn't match pod topology spread constraints (missing required label)"
            }
            Refusal::NotNear => "node(s) didn't match pod affinity rules",
            Refusal::NotApart => "node(s) didn't match pod anti-affinity rules",
            Refusal::NotWelcome => "node(s) didn't satisfy existing pods anti-affinity rules",
            Refusal::Room(short) => return self.shortages(short.of, tell),
        });
    }

    fn shortages(&self, of: u64, mut tell: impl FnMut(&str)) {
        let fixed = [
            (Shortage::PODS, "Too many pods"),
            (Shortage::CPU, "Insufficient cpu"),
            (Shortage::MEMORY, "Insufficient memory"),
            (Shortage::STORAGE, "Insufficient ephemeral-storage"),
        ];
        for (bit, text) in fixed {
            if of & bit != 0 {
                tell(text);
            }
        }
        for (place, name) in self.resources.iter().enumerate() {
            if of & Shortage::other(place) != 0 {
                tell(&format!("Insufficient {name}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S14, Q2: the lines of the histogram are sorted as text.
    #[test]
    fn reasons_are_counted_and_sorted_as_text() {
        let mut names = Names::default();
        let gpu = names.resource("nvidia.com/gpu");
        let room = |of| {
            Refusal::Room(Shortage {
                of,
                for_ever: false,
            })
        };
        let mut histogram = Histogram::default();
        histogram.add(Refusal::Taint(0), 1);
        histogram.add(room(Shortage::CPU | Shortage::PODS), 8);
        histogram.add(room(Shortage::CPU), 2);
        histogram.add(room(Shortage::other(gpu)), 3);
        let text = "0/14 nodes are available: 1 node(s) had untolerated taint(s), 10 Insufficient \
                    cpu, 3 Insufficient nvidia.com/gpu, 8 Too many pods.";
        assert_eq!(histogram.sentence(14, &names), text);
        let plugins: Vec<_> = histogram.plugins().names().collect();
        assert_eq!(plugins, ["NodeResourcesFit", "TaintToleration"]);
        let mut left = Histogram::default();
        left.add(Refusal::Ports, 1);
        let text = "0/4 nodes are available: 1 No preemption victims found for incoming pod, 1 \
                    node(s) didn't have free ports for the requested pod ports, 2 Preemption is \
                    not helpful for scheduling.";
        assert_eq!(left.of_preemption(4, 2, 1, &names), text);
    }
}
