//! Each behaviour of client-go's queues, as a case.

use proptest::prelude::*;

use super::*;

const PLAIN: RateLimit = RateLimit::Exponential {
    base: Span::from_millis(5),
    max: Span::from_secs(1000),
};

/// Plays steps and compares what `get` gives with what is expected.
///
/// `+a` add, `+a@5` add after 5 ms, `!a` add rate limited, `-a` done, `~a` forget, `9` it is
/// 9 ms now, `=a` get gives a, `=` get gives nothing, `*5` the next key is due at 5 ms.
fn play(steps: &str) {
    let mut queue = WorkQueue::new(PLAIN);
    let at = |millis: &str| Instant::ORIGIN + Span::from_millis(millis.parse().unwrap());
    let mut now = Instant::ORIGIN;
    for step in steps.split_whitespace() {
        let key = step[1..].chars().next();
        match (&step[..1], key) {
            ("+", Some(key)) => match step.split_once('@') {
                Some((_, delay)) => queue.add_after(now, key, at(delay).since(at("0"))),
                None => queue.add(key),
            },
            ("!", Some(key)) => queue.add_rate_limited(now, key),
            ("-", Some(key)) => queue.done(key),
            ("~", Some(key)) => queue.forget(key),
            ("=", key) => assert_eq!(queue.get(), key, "{step} in {steps}"),
            ("*", _) => assert_eq!(queue.next_due(), Some(at(&step[1..])), "in {steps}"),
            _ => {
                now = at(step);
                queue.advance(now);
            }
        }
    }
}

#[test]
fn keys_come_in_the_order_they_were_added() {
    play("+b +a +c =b =a =c =");
}

#[test]
fn a_key_added_while_ready_comes_once_and_keeps_its_place() {
    play("+a +b +a =a =b =");
    play("+a +a +a =a -a =");
}

#[test]
fn a_key_added_while_processed_comes_again_when_done() {
    play("+a =a +a +a = -a =a -a =");
    play("+a =a +a +b -a =b =a =");
}

#[test]
fn done_alone_brings_nothing() {
    play("+a =a -a = -a = -z =");
    play("+a -a =a =");
}

#[test]
fn a_delayed_key_comes_when_it_is_due() {
    play("+a@5 = *5 4 = 5 =a -a 99 =");
}

#[test]
fn no_delay_is_no_wait() {
    play("+a@0 =a =");
    play("+a@-1 =a =");
}

#[test]
fn the_earliest_due_time_wins() {
    play("+a@5 +a@9 *5 5 =a -a 9 =");
    play("+a@9 +a@5 *5 5 =a -a 9 =");
}

#[test]
fn adding_at_once_does_not_cancel_a_due_time() {
    play("+a@5 +a =a -a = 5 =a -a =");
    play("+a@5 +a@0 =a -a *5 5 =a");
}

#[test]
fn a_key_that_comes_due_while_ready_or_processed_is_not_doubled() {
    play("+a@5 +a 5 =a -a =");
    play("+a@5 +a =a 5 = -a =a -a =");
}

#[test]
fn due_keys_come_by_due_time_then_by_insertion() {
    play("+c@7 +a@5 +b@5 9 =a =b =c");
    play("+b@5 +a@5 9 =b =a");
    // Bringing a key forward to where another one is puts it behind that one.
    play("+a@9 +b@5 +a@5 9 =b =a");
}

#[test]
fn failures_double_the_delay_until_forgotten() {
    play("!a *5 5 =a !a -a *15 15 =a !a -a *35 35 =a ~a -a !a *40");
    play("!a !b *5 5 =a =b");
}

#[test]
fn the_delay_is_capped_however_many_failures() {
    for (failures, delay) in [
        (1, Span::from_millis(5)),
        (17, Span::from_micros(327_680_000)),
        (18, Span::from_micros(655_360_000)),
        (19, Span::from_secs(1000)),
        (64, Span::from_secs(1000)),
        (200, Span::from_secs(1000)),
    ] {
        let mut queue = WorkQueue::new(PLAIN);
        for _ in 1..failures {
            queue.add_rate_limited(Instant::ORIGIN, 'a');
        }
        queue.advance(Instant::NEVER);
        queue.add_rate_limited(Instant::ORIGIN, 'a');
        assert_eq!(queue.failures('a'), failures);
        assert_eq!(
            queue.next_due(),
            Some(Instant::ORIGIN + delay),
            "{failures} failures"
        );
    }
}

#[test]
fn the_shared_bucket_holds_back_whoever_comes_too_many() {
    let mut queue = WorkQueue::new(RateLimit::CONTROLLER_DEFAULT);
    for key in 0..102 {
        queue.add_rate_limited(Instant::ORIGIN, key);
    }
    let mut dues = Vec::new();
    while let Some(due) = queue.next_due() {
        queue.advance(due);
        dues.extend(std::iter::from_fn(|| queue.get()).map(|key| (key, due.micros())));
    }
    assert_eq!(dues[99..], [(99, 5_000), (100, 100_000), (101, 200_000)]);
}

#[test]
fn idle_means_nothing_ready_waiting_or_in_process() {
    let mut queue = WorkQueue::new(PLAIN);
    assert!(queue.is_idle());
    queue.add_after(Instant::ORIGIN, 'a', Span::from_secs(1));
    assert!(!queue.is_idle());
    queue.advance(Instant::NEVER);
    assert!(!queue.is_idle());
    assert_eq!(queue.get(), Some('a'));
    assert!(!queue.is_idle());
    queue.done('a');
    assert!(queue.is_idle());
    queue.add_rate_limited(Instant::ORIGIN, 'a');
    queue.clear();
    assert!(queue.is_idle() && queue.failures('a') == 0);
}

proptest! {
    #[test]
    fn due_keys_come_as_from_a_sorted_list(
        adds in prop::collection::vec((0..40_u8, 1..50_i64, 0..4_i64), 0..300),
    ) {
        let mut oracle: Vec<(Instant, usize, u8)> = Vec::new();
        let (mut queue, mut now) = (WorkQueue::new(PLAIN), Instant::ORIGIN);
        for (n, (key, delay, pause)) in adds.into_iter().enumerate() {
            queue.add_after(now, key, Span::from_micros(delay));
            let at = now + Span::from_micros(delay);
            if !oracle.iter().any(|&(due, _, other)| other == key && due <= at) {
                oracle.retain(|&(_, _, other)| other != key);
                oracle.push((at, n, key));
                oracle.sort_unstable();
            }
            prop_assert_eq!(queue.next_due(), oracle.first().map(|&(due, ..)| due));
            now += Span::from_micros(pause);
            queue.advance(now);
            let count = oracle.partition_point(|&(due, ..)| due <= now);
            for (_, _, key) in oracle.drain(..count) {
                prop_assert_eq!(queue.get(), Some(key));
                queue.done(key);
            }
            prop_assert_eq!(queue.get(), None);
        }
    }
}
