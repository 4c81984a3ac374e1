//! Slow jobs and healthy ones.

use std::time::Duration;

use autoscaler_core::time::Instant;
use testkit::fakes::JobTrouble;

use crate::support::{INTERVAL, SHORT_WINDOWS, World, pace};

/// The longest time between two observations of a healthy job among `slow` that take so long each: while nothing is
/// known of them, and once it is known that they are slow.
async fn longest_gaps(slow: u32, takes: Option<Duration>) -> (Duration, Duration) {
    let world = World::new();
    for number in 1..=slow {
        world.cluster.add_job(number, 0.7, SHORT_WINDOWS);
        world.cluster.set_trouble(number, takes.map_or(JobTrouble::Hangs, JobTrouble::Slow));
    }
    world.cluster.add_job(9999, 0.7, SHORT_WINDOWS);
    let running = world.start(pace());
    tokio::time::sleep(INTERVAL * 40).await;
    let observed = world.cluster.observed(9999);
    running.stop().await;
    assert!(observed.len() > 30, "{} observations", observed.len());
    let longest =
        |observed: &[Instant]| observed.windows(2).map(|pair| (pair[1] - pair[0]).to_std().unwrap()).max().unwrap();
    (longest(&observed[..10]), longest(&observed[observed.len() / 2..]))
}

#[tokio::test(start_paused = true)]
async fn many_slow_jobs_do_not_keep_a_healthy_one_waiting() {
    for (slow, takes) in [(150, 1800), (400, 1800), (150, 14_000), (400, 14_000)] {
        let (at_first, later) = longest_gaps(slow, Some(Duration::from_millis(takes))).await;
        assert!(later <= INTERVAL + Duration::from_millis(250), "{slow} of {takes} ms: {later:?}");
        assert!(at_first <= INTERVAL + Duration::from_secs(4), "{slow} of {takes} ms: {at_first:?} at first");
    }
}

#[tokio::test(start_paused = true)]
async fn jobs_that_never_answer_do_not_stop_the_others() {
    for slow in [120, 400] {
        let (at_first, later) = longest_gaps(slow, None).await;
        assert!(later <= INTERVAL + Duration::from_millis(250), "{slow}: {later:?}");
        assert!(at_first <= INTERVAL + Duration::from_secs(4), "{slow}: {at_first:?} at first");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_was_slow_once_is_itself_again_among_those_that_are() {
    let world = World::new();
    for number in 1..=120 {
        world.cluster.add_job(number, 0.7, SHORT_WINDOWS);
        world.cluster.set_trouble(number, JobTrouble::Hangs);
    }
    world.cluster.add_job(9999, 0.7, SHORT_WINDOWS);
    let running = world.start(pace());
    tokio::time::sleep(INTERVAL * 20).await;
    world.cluster.set_trouble(9999, JobTrouble::Slow(Duration::from_secs(3)));
    tokio::time::sleep(INTERVAL * 10).await;
    world.cluster.set_trouble(9999, None);
    let before = world.cluster.observed(9999).len();
    // One wait behind those that hang, of a minute at most; then in time again.
    tokio::time::sleep(INTERVAL * 30).await;
    let observed = world.cluster.observed(9999).len() - before;
    assert!(observed >= 20, "{observed} of 30");
    running.stop().await;
}
