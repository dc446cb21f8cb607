//! The pod's own deadline: P59, P60, E8.

use super::{Deed, Play};
use crate::base::{Instant, Span};

fn limited(runs: &'static str) -> Play {
    let play = Play::never().quiet().container("main", runs);
    play.template(|it| it.active_deadline_seconds = Some(60))
}

#[test]
fn e8_p59_p60_a_handler_that_exits_well_changes_nothing() {
    assert_eq!(
        limited("stays+2s:0").timeline(),
        "1 start main, Running ready | 60 ending DeadlineExceeded, Running | 61 term main 30s | \
         63 exit main 0 | 63.2 Failed/DeadlineExceeded main=0"
    );
    let text = limited("stays").timeline();
    assert!(
        text.ends_with("91.2 Failed/DeadlineExceeded main=137"),
        "{text}"
    );
}

#[test]
fn p60_an_end_shortly_before_the_deadline_is_past_it_too() {
    // Exits at 59.5, is seen at 60.
    let text = limited("58.5s").timeline();
    assert!(
        text.ends_with("61.2 Failed/DeadlineExceeded main=0"),
        "{text}"
    );
    let text = limited("57s").timeline();
    assert!(text.ends_with("59.2 Succeeded main=0"), "{text}");
}

#[test]
fn p59_the_clock_starts_with_the_whole_second_of_the_start_time() {
    let mut play = limited("stays+0s:0");
    play.deeds = vec![(Instant::ORIGIN + Span::from_millis(900), Deed::Bind)];
    let text = play.timeline();
    assert!(text.contains("60 ending DeadlineExceeded"), "{text}");
}

#[test]
fn p59_pulls_count_and_the_worker_finishes_them_first() {
    let play = limited("stays+0s:0").scripted(|it| it.pullable("main"));
    let text = play
        .pace(|it| it.pull = Span::from_secs(100).into())
        .timeline();
    assert!(
        text.contains("101 start main, ending DeadlineExceeded | 102 term main 30s"),
        "{text}"
    );
}

#[test]
fn p59_p10_a_bad_image_ends_with_the_deadline() {
    let play = limited("1s").scripted(|it| it.unpullable("main"));
    let text = play.timeline();
    assert!(
        text.ends_with(
            "60 ending DeadlineExceeded | 61.2 Failed/DeadlineExceeded | \
                        62 Failed/DeadlineExceeded main=137"
        ),
        "{text}"
    );
}

#[test]
fn p60_under_on_failure_nothing_restarts_after_it() {
    let play = Play::on_failure().container("main", "25s:1");
    let text = play
        .template(|it| it.active_deadline_seconds = Some(60))
        .timeline();
    assert!(text.contains("60 ending DeadlineExceeded"), "{text}");
    assert!(
        text.ends_with("Failed/DeadlineExceeded main=137 restarts=1"),
        "{text}"
    );
}
