//! What a pod's life costs.

use super::{Deed, Happening, Play, Stage, job};
use crate::base::{Instant, Span};

#[test]
fn a_plain_pod_takes_few_wake_ups() {
    let mut play = Play::never().quiet().container("main", "30s");
    play.script.names = vec!["main"];
    let mut stage = Stage::new(play.release, play.pace, job(play.template), play.script);
    stage.push(Instant::ORIGIN, Happening::Deed(Deed::Bind));
    stage.play(Instant::ORIGIN + Span::from_secs(1000));
    assert_eq!(stage.wakes, 6);
    assert_eq!(stage.kubelets.pods(), 0, "its place is free again");
}
