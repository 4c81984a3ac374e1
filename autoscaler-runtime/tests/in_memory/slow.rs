//! Slow jobs and healthy ones.

use std::time::Duration;

use testkit::fakes::JobTrouble;

use crate::support::{INTERVAL, SHORT_WINDOWS, World, pace};

/// The longest time between two observations of a healthy job among `slow` that take so long each, once it is known
/// that they do.
async fn longest_gap(slow: u32, takes: Option<Duration>) -> Duration {
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
    let later = &observed[observed.len() / 2..];
    assert!(later.len() > 10, "{} observations", observed.len());
    later.windows(2).map(|pair| (pair[1] - pair[0]).to_std().unwrap()).max().unwrap()
}

#[tokio::test(start_paused = true)]
async fn many_slow_jobs_do_not_keep_a_healthy_one_waiting() {
    for slow in [150, 400] {
        let gap = longest_gap(slow, Some(Duration::from_secs(14))).await;
        assert!(gap <= INTERVAL + Duration::from_millis(250), "{slow} slow ones: {gap:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn jobs_that_never_answer_do_not_stop_the_others() {
    let gap = longest_gap(120, None).await;
    assert!(gap <= INTERVAL + Duration::from_millis(250), "{gap:?}");
}
