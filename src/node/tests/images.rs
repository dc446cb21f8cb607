//! Images: P36–P41, E12.

use super::{Deed, Play, Script};
use crate::base::Span;
use crate::model::{ImageState, PullPolicy, Release};

impl Script {
    /// The image of that name has to be pulled.
    pub(super) fn pullable(&mut self, image: &'static str) {
        self.images.insert(image, vec![(0, ImageState::Pullable)]);
    }

    /// There is no image of that name.
    pub(super) fn unpullable(&mut self, image: &'static str) {
        self.images.insert(image, vec![(0, ImageState::Unpullable)]);
    }
}

fn attempts(play: Play) -> Vec<String> {
    let text = play.timeline();
    let failed = text
        .split(" | ")
        .filter(|line| line.contains("pull-failed"));
    failed
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect()
}

#[test]
fn e12_p36_p37_a_bad_image_is_tried_for_ever() {
    for release in [Release::V1_31, Release::V1_37] {
        let play = Play::never().on(release).container("main", "1s").until(800);
        let tries = attempts(play.scripted(|it| it.unpullable("main")));
        assert_eq!(
            tries,
            ["0", "11", "31", "71", "151", "311", "611"],
            "{release}"
        );
    }
}

#[test]
fn p5_p37_p38_a_bad_image_leaves_the_pod_pending() {
    let play = Play::never()
        .container("main", "1s")
        .scripted(|it| it.unpullable("main"));
    assert_eq!(
        play.writes().until(35).timeline(),
        // The reason shows in the sync after the one that hit it.
        "0 pull-failed main, Pending, Pending, Pending | 1 pull-back-off main 9s, Pending | \
         11 pull-failed main, Pending | 21 pull-back-off main 10s, Pending | \
         31 pull-failed main, Pending"
    );
}

#[test]
fn p36_an_image_that_appears_is_found_at_the_next_try() {
    let play = Play::never().container("main", "5s").scripted(|it| {
        let states = vec![(0, ImageState::Unpullable), (40, ImageState::Pullable)];
        it.images.insert("main", states);
    });
    assert_eq!(play.starts("main"), [71.]);
}

#[test]
fn p36_containers_of_a_pod_share_the_back_off_of_an_image() {
    let play = Play::never().with("a", "5s", |it| it.image = "one".to_owned());
    let play = play.with("b", "5s", |it| it.image = "one".to_owned());
    let tries = attempts(play.until(40).scripted(|it| it.unpullable("one")));
    assert_eq!(tries, ["0", "11", "31"]);
}

#[test]
fn p40_pull_policies() {
    use ImageState::{Present, Pullable, Unverified};
    use PullPolicy::{Always, IfNotPresent, Never};
    let check = |policy, state, release, want: &str| {
        let play = Play::never().on(release).with("main", "stays", |it| {
            it.image_pull_policy = policy;
        });
        let play = play.pace(|it| {
            it.pull = Span::from_secs(60).into();
            it.registry = Span::from_secs(2).into();
        });
        let play = play.scripted(|it| {
            it.images.insert("main", vec![(0, state)]);
        });
        let text = play.until(62).timeline();
        let first = text
            .split(" | ")
            .find(|line| line.contains("start") || line.contains("fo"));
        let found = first.unwrap_or("never").split(',').next().unwrap();
        assert_eq!(found, want, "{policy:?} {state:?}");
    };
    let new = Release::LATEST;
    check(IfNotPresent, Present, new, "0 start main");
    check(IfNotPresent, Pullable, new, "60 pulled main 1m0s");
    check(Always, Present, new, "2 pulled main 2s");
    check(Always, Pullable, new, "60 pulled main 1m0s");
    check(Never, Present, new, "0 start main");
    check(Never, Pullable, new, "0 pull-forbidden main");
    check(IfNotPresent, Unverified, new, "2 pulled main 2s");
    check(IfNotPresent, Unverified, Release::V1_34, "0 start main");
    check(Never, Unverified, new, "0 pull-forbidden main");
}

#[test]
fn p39_containers_of_a_pod_pull_one_after_the_other() {
    let play = Play::never()
        .container("a", "stays")
        .container("b", "stays")
        .until(100);
    let play = play.pace(|it| {
        it.pull = Span::from_secs(10).into();
        it.pull_of
            .push(("b".to_owned(), Span::from_secs(30).into()));
    });
    let play = play.scripted(|it| {
        it.pullable("a");
        it.pullable("b");
    });
    assert_eq!(
        play.timeline(),
        "0 pull a | 10 pulled a 10s, start a, pull b | 40 pulled b 30s, start b, Running ready"
    );
}

#[test]
fn p41_a_restart_with_policy_always_pulls_again_and_a_failure_leaves_the_pod_running() {
    let play = Play::on_failure().with("main", "20s:1", |it| {
        it.image_pull_policy = PullPolicy::Always;
    });
    let play = play.scripted(|it| {
        let states = vec![(0, ImageState::Present), (10, ImageState::Unpullable)];
        it.images.insert("main", states);
    });
    assert_eq!(
        play.until(32).timeline(),
        "0 start main, Running ready | 20 exit main 1, pull-failed main, Running main=1 | \
         30 pull-failed main, Running"
    );
}

#[test]
fn p40_an_image_that_may_not_be_pulled_is_looked_for_again() {
    let play = Play::never().with("main", "5s", |it| it.image_pull_policy = PullPolicy::Never);
    let play = play.scripted(|it| {
        let states = vec![(0, ImageState::Pullable), (25, ImageState::Present)];
        it.images.insert("main", states);
    });
    assert_eq!(play.starts("main"), [31.]);
}

#[test]
fn p5_a_name_that_is_no_image_name_is_tried_for_ever() {
    let play = Play::never().with("main", "1s", |it| it.image = "No Image".to_owned());
    let text = play.writes().until(60).timeline();
    assert_eq!(text, "0 Pending, Pending, Pending | 1 Pending");
}

#[test]
fn p38_only_a_delete_ends_a_pod_with_a_bad_image() {
    let play = Play::never()
        .container("main", "1s")
        .scripted(|it| it.unpullable("main"));
    let text = play.at(50_000, Deed::Delete(None)).timeline();
    assert!(
        text.ends_with("50 Pending deleted | 51 Failed main=137 deleted"),
        "{text}"
    );
}

#[test]
fn p39_a_pull_that_has_to_wait_its_turn_takes_longer() {
    let play = Play::never().container("main", "stays").scripted(|it| {
        it.pullable("main");
        it.queue = Span::from_secs(30);
    });
    let text = play
        .pace(|it| it.pull = Span::from_secs(10).into())
        .timeline();
    assert!(
        text.starts_with("0 pull main | 40 pulled main 40s, start main"),
        "{text}"
    );
}

#[test]
fn p39_a_pull_that_is_one_too_many_fails_and_backs_off() {
    let play = Play::never().container("main", "stays").scripted(|it| {
        it.pullable("main");
        it.refuses = true;
    });
    let text = play
        .pace(|it| it.pull = Span::from_secs(3).into())
        .until(20)
        .timeline();
    assert_eq!(
        text,
        "0 pull main | 3 pull-failed main | 4 pull-back-off main 9s | 14 pull main | \
         17 pulled main 3s, start main, Running ready"
    );
}
