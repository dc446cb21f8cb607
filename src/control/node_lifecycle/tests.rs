//! Case tables of P69 to P73: what the controller makes of nodes that go silent and come back.

use super::*;
use crate::model::{Effect, Node, Release};
use std::fmt::Write;
use std::sync::Arc;

/// Nodes `NAME` or `NAME@ZONE`, and what happens to them: `SECONDS NAME WORD`, one after the other.
struct Play<'a> {
    release: Release,
    settings: Settings,
    nodes: &'a str,
    events: &'a str,
}

impl<'a> Play<'a> {
    fn of(nodes: &'a str, events: &'a str) -> Self {
        Self {
            release: Release::LATEST,
            settings: Settings::default(),
            nodes,
            events,
        }
    }

    /// What shows of the nodes up to that second: each change as `SECONDS NAME:READY+TAINT`, where
    /// the taint is the one that evicts.
    fn until(&self, secs: i64) -> String {
        let mut stage = Stage {
            api: ApiServer::new(self.release),
            lifecycle: NodeLifecycle::new(&self.release.behavior(), self.settings),
            shown: BTreeMap::new(),
            log: String::new(),
            passes: 0,
        };
        for text in self.nodes.split_whitespace() {
            let (name, zone) = text.split_once('@').unwrap_or((text, ""));
            let mut node = Node::named(name);
            node.labels.insert(Node::ZONE.to_owned(), zone.to_owned());
            stage.api.create_node(Instant::ORIGIN, Arc::new(node));
        }
        stage.show(Instant::ORIGIN);
        stage.log.clear();
        for event in self.events.split(", ").filter(|it| !it.is_empty()) {
            let mut words = event.split_whitespace();
            let mut word = || words.next().unwrap();
            let at = crate::base::time::parse_duration(&format!("{}s", word())).unwrap();
            let at = Instant::ORIGIN + at;
            stage.run_to(at);
            let (name, deed) = (word(), word());
            for name in name.split('+') {
                stage.act(at, name, deed);
            }
        }
        stage.run_to(Instant::ORIGIN + Span::from_secs(secs));
        assert!(stage.passes < 200, "{} passes", stage.passes);
        stage.log.trim_end().to_owned()
    }
}

struct Stage {
    api: ApiServer,
    lifecycle: NodeLifecycle,
    shown: BTreeMap<NodeId, String>,
    log: String,
    passes: u32,
}

impl Stage {
    fn run_to(&mut self, end: Instant) {
        loop {
            let due = self.lifecycle.next_due();
            let pass = self.lifecycle.next_pass(&self.api);
            let Some(now) = due.into_iter().chain(pass).min().filter(|at| *at <= end) else {
                return;
            };
            if !self.lifecycle.advance(now, &mut self.api) {
                self.lifecycle.pass(now, &mut self.api);
                self.passes += 1;
            }
            self.show(now);
        }
    }

    fn show(&mut self, now: Instant) {
        let mut notices = Vec::new();
        self.api.take_notices(&mut notices);
        for notice in notices {
            self.lifecycle.observe(now, &self.api, &notice);
        }
        for (id, node) in self.api.nodes() {
            let mut text = format!("{}:{}", node.node.name, node.ready.as_str());
            for taint in node
                .taints
                .iter()
                .filter(|it| it.effect == Effect::NoExecute)
            {
                let key = taint.key.rsplit('/').next().unwrap();
                write!(text, "+{key}").unwrap();
            }
            if node.gone {
                text = format!("{}:gone", node.node.name);
            }
            if self.shown.get(&id) != Some(&text) {
                let t = now.since(Instant::ORIGIN);
                write!(self.log, "{} {text}, ", t.to_string().trim_end_matches('s')).unwrap();
                self.shown.insert(id, text);
            }
        }
    }

    fn act(&mut self, now: Instant, name: &str, deed: &str) {
        let id = self.api.node_named(name).unwrap();
        let api = &mut self.api;
        match deed {
            "down" => api.patch_node(id, |it| it.lease.silent_since = Some(now)),
            "up" => api.patch_node(id, |it| {
                it.lease.silent_since = None;
                it.lease.heard_since = now;
                it.ready = NodeReady::True(now.wire());
            }),
            "false" => api.patch_node(id, |it| it.ready = NodeReady::False(now.wire())),
            "gone" => api.delete_node(id),
            other => panic!("{other}"),
        }
        .unwrap();
        self.show(now);
    }
}

/// P69, P70, section 14.1. Leases are renewed at 0, 10, 20 …; passes are at 0, 5, 10 ….
#[test]
fn a_silent_node_is_unknown_ten_passes_after_the_one_that_heard_it_last() {
    for (release, down, unknown) in [
        (Release::V1_37, "29", "1m10"),
        (Release::V1_37, "30", "1m20"),
        (Release::V1_37, "30.1", "1m20"),
        (Release::V1_37, "39.9", "1m20"),
        (Release::V1_32, "30.1", "1m20"),
        (Release::V1_31, "30.1", "1m10"),
        (Release::V1_29, "29", "1m0"),
    ] {
        let events = format!("{down} a down");
        let mut play = Play::of("a b", &events);
        play.release = release;
        let log = play.until(85);
        assert_eq!(
            log.split(", ").next(),
            Some(&*format!("{unknown} a:Unknown")),
            "{release}"
        );
    }
}

/// P69: the pass that hears the last renewal may be up to 5 s later than it.
#[test]
fn passes_have_a_phase() {
    for (phase, unknown) in [(0, "1m20"), (30, "1m20.03"), (4_999, "1m24.999")] {
        let mut play = Play::of("a b", "31 a down");
        play.settings.monitor_phase = Span::from_millis(phase);
        let log = play.until(85);
        assert!(log.starts_with(&format!("{unknown} a:Unknown,")), "{log}");
    }
}

/// P72, section 14.2: one node at once, each further one of the zone ten seconds later, by name.
/// Before 1.34 the first waits for the next pass.
#[test]
fn silent_nodes_of_a_zone_are_tainted_one_by_one() {
    let mut play = Play::of("a b c d e@z f@z", "31 c+a+e down");
    assert_eq!(
        play.until(300),
        "1m20 a:Unknown, 1m20 c:Unknown, 1m20 e:Unknown, 1m20 a:Unknown+unreachable, \
         1m20 e:Unknown+unreachable, 1m30 c:Unknown+unreachable,"
    );
    play.settings.tainting_phase = Span::from_millis(70);
    play.release = Release::V1_33;
    assert_eq!(
        play.until(300),
        "1m20 a:Unknown, 1m20 c:Unknown, 1m20 e:Unknown, 1m25.07 a:Unknown+unreachable, \
         1m25.07 e:Unknown+unreachable, 1m35.07 c:Unknown+unreachable,"
    );
}

/// P72: a kubelet that says that it is not ready is believed at the next pass; a taint gives way
/// to the other one at once.
#[test]
fn a_node_that_is_not_ready_and_then_silent_swaps_its_taint() {
    assert_eq!(
        Play::of("a b", "31 a false, 40 a down").until(300),
        "31 a:False, 35 a:False+not-ready, 1m30 a:Unknown+unreachable,"
    );
}

/// P77, section 14.7: the taint goes at the first pass after the return.
#[test]
fn a_node_that_is_back_loses_its_taint_at_the_next_pass() {
    assert_eq!(
        Play::of("a b", "31 a down, 101 a up").until(300),
        "1m20 a:Unknown, 1m20 a:Unknown+unreachable, 1m41 a:True+unreachable, 1m45 a:True,"
    );
    assert_eq!(Play::of("a b", "31 a down, 79 a up").until(300), "");
}

/// P73, E11: six of ten in one pass are not tainted, one after the other until there are six.
#[test]
fn a_zone_with_many_silent_nodes_taints_no_more() {
    let nodes = "a b c d e f g h i j";
    let unknown = |log: &str| log.matches(":Unknown,").count();
    let tainted = |log: &str| log.matches("+unreachable").count();
    for (events, counts) in [
        ("31 a+b+c+d+e+f down", (6, 0)),
        ("31 a+b+c+d+e down", (5, 5)),
        ("31 a down, 41 b down, 51 c+d+e+f down", (6, 2)),
        ("31 a+b down, 61 c+d+e+f down", (6, 2)),
        ("31 a+b+c+d+e+f+g+h+i+j down", (10, 0)),
    ] {
        let log = Play::of(nodes, events).until(900);
        assert_eq!((unknown(&log), tainted(&log)), counts, "{events}: {log}");
    }
    let mut play = Play::of(nodes, "31 a+b+c+d+e+f+g+h+i+j down");
    play.settings.unlimited = true;
    assert_eq!(tainted(&play.until(900)), 10);
}

/// P73, E10, section 14.4: where no node is left, taints go and nobody is evicted.
#[test]
fn a_cluster_without_a_ready_node_evicts_nothing() {
    assert_eq!(Play::of("a", "31 a down").until(9_000), "1m20 a:Unknown,");
    assert_eq!(
        Play::of("a b", "31 a down, 61 b down").until(9_000),
        "1m20 a:Unknown, 1m20 a:Unknown+unreachable, 1m50 a:Unknown, 1m50 b:Unknown,"
    );
}

/// P73, section 14.3 and 14.4: the first taint comes ten seconds after the pass that ended it, and
/// nobody waits for another 50 s.
#[test]
fn the_first_node_to_return_ends_the_truce() {
    assert_eq!(
        Play::of("a b", "31 a down, 61 b down, 203 b up").until(9_000),
        "1m20 a:Unknown, 1m20 a:Unknown+unreachable, 1m50 a:Unknown, 1m50 b:Unknown, \
         3m23 b:True, 3m35 a:Unknown+unreachable,"
    );
}

/// P73: more than fifty nodes make a zone large, where one node in 100 s is tainted.
#[test]
fn a_large_zone_goes_on_slowly() {
    let names: Vec<String> = (0..60).map(|n| format!("n{n:02}")).collect();
    let (all, lost) = (names.join(" "), names[..40].join("+"));
    let log = Play::of(&all, &format!("31 {lost} down")).until(290);
    let tainted: Vec<&str> = log.split(", ").filter(|it| it.contains('+')).collect();
    assert_eq!(
        tainted,
        [
            "1m20 n00:Unknown+unreachable",
            "3m0 n01:Unknown+unreachable",
            "4m40 n02:Unknown+unreachable,"
        ]
    );
}

/// P72: taints `NoSchedule` follow the conditions and `spec.unschedulable` at once.
#[test]
fn conditions_show_as_taints_that_keep_pods_away() {
    let mut api = ApiServer::new(Release::LATEST);
    let id = api.create_node(Instant::ORIGIN, Arc::new(Node::named("a")));
    let at = Instant::ORIGIN.wire();
    for (ready, unschedulable, keys) in [
        (NodeReady::True(at), false, &[][..]),
        (NodeReady::Unknown(at), false, &["unreachable"]),
        (NodeReady::False(at), true, &["not-ready", "unschedulable"]),
        (NodeReady::True(at), true, &["unschedulable"]),
        (NodeReady::True(at), false, &[]),
    ] {
        api.patch_node(id, |it| {
            it.ready = ready;
            it.unschedulable = unschedulable;
        })
        .unwrap();
        taints::follow_conditions(&mut api, id);
        let mut own: Vec<&str> = (api.node(id).unwrap().taints.iter())
            .map(|it| it.key.rsplit('/').next().unwrap())
            .collect();
        own.sort_unstable();
        assert_eq!(own, keys);
    }
}
