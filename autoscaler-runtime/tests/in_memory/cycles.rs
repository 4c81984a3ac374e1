//! Rounds and cycles: who has one, when, and what is seen of it.

use std::time::Duration;

use autoscaler_core::{ErrorKind, Outcome};
use autoscaler_runtime::Step;
use testkit::fakes::{JobTrouble, ListTrouble};

use crate::support::{INTERVAL, SHORT_WINDOWS, World, key, pace};

#[tokio::test(start_paused = true)]
async fn a_job_is_scaled_to_its_load_and_then_left_alone() {
    let world = World::new();
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    let running = world.start(pace());
    world.scaled_to(1, 2).await;
    world.rounds(30).await;
    assert_eq!(world.cluster.rescaled(), [(1, 2)]);
    let cycles = world.observer.cycles(&key(1));
    let outcome = |outcome| cycles.iter().filter(|cycle| cycle.report.as_ref().unwrap().outcome == outcome).count();
    assert_eq!(outcome(Outcome::Scaled), 1);
    assert!(outcome(Outcome::Balanced) > 10, "it goes on deciding");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_steps_of_a_cycle_are_timed() {
    let world = World::new();
    world.cluster.add_job(1, 0.7, SHORT_WINDOWS);
    world.cluster.set_trouble(1, JobTrouble::Slow(Duration::from_secs(3)));
    let running = world.start(pace());
    world.observer.more_cycles(1).await;
    let cycle = &world.observer.cycles(&key(1))[0];
    assert_eq!(cycle.durations.of(Step::Observe), Duration::from_secs(3));
    assert_eq!(cycle.durations.total(), Duration::from_secs(3));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn cycles_begin_spread_over_the_interval() {
    let world = World::new();
    (1..=8).for_each(|number| world.cluster.add_job(number, 0.7, SHORT_WINDOWS));
    let running = world.start(pace());
    world.rounds(3).await;
    let begins: Vec<_> = (1..=8).map(|number| world.cluster.observed(number)).collect();
    for (earlier, later) in begins.iter().zip(&begins[1..]) {
        assert_eq!((later[0] - earlier[0]).num_milliseconds(), 1000, "eight of them over 8 s of 10");
        assert_eq!((later[1] - later[0]).num_milliseconds(), 10_000, "each keeps its place in the interval");
    }
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn cluster_metrics_are_asked_once_for_all_jobs_of_a_round() {
    let world = World::new();
    (1..=5).for_each(|number| world.cluster.add_job(number, 0.7, SHORT_WINDOWS));
    let running = world.start(pace());
    world.rounds(4).await;
    world.observer.until("all have had theirs", || world.cluster.observed(5).len() >= 4).await;
    running.stop().await;
    assert!(world.cluster.snapshots() > 0);
    assert_eq!(world.cluster.snapshots(), world.cluster.lists());
}

#[tokio::test(start_paused = true)]
async fn trouble_of_one_job_is_its_own() {
    for trouble in [
        JobTrouble::NoConfiguration,
        JobTrouble::ObservationFails,
        JobTrouble::Hangs,
        JobTrouble::Panics,
        JobTrouble::RescaleFails,
        JobTrouble::Unreadable,
    ] {
        let world = World::new();
        world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
        world.cluster.add_job(2, 1.4, SHORT_WINDOWS);
        world.cluster.set_trouble(1, trouble.clone());
        let running = world.start(pace());
        world.scaled_to(2, 2).await;
        assert_eq!(world.cluster.parallelism(1), 1, "{trouble:?}");
        world.cluster.set_trouble(1, None);
        world.scaled_to(1, 2).await;
        running.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_cycle_that_hangs_is_ended_and_said() {
    let world = World::new();
    world.cluster.add_job(1, 0.7, SHORT_WINDOWS);
    world.cluster.set_trouble(1, JobTrouble::Hangs);
    let running = world.start(pace().with_cycle_timeout(Duration::from_secs(25)));
    world.observer.until("it is ended", || !world.observer.skipped(&key(1)).is_empty()).await;
    let skipped = || world.observer.skipped(&key(1));
    world
        .observer
        .until("it is ended again", || skipped().iter().filter(|why| why.contains("TimedOut")).count() > 1)
        .await;
    assert!(skipped().iter().any(|why| why.contains("StillRunning")), "no second one at a time: {:?}", skipped());
    assert!(world.cluster.observed(1).len() <= 3);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_away_is_asked_less_and_less_often() {
    let world = World::new();
    world.cluster.add_job(1, 0.7, SHORT_WINDOWS);
    world.cluster.set_list_trouble(ListTrouble::Fails(ErrorKind::Unavailable));
    let running = world.start(pace());
    tokio::time::sleep(INTERVAL * 60).await;
    let lists = world.cluster.lists();
    assert!((10..=30).contains(&lists), "{lists} tries in 60 intervals");
    world.cluster.set_list_trouble(None);
    world.observer.more_cycles(5).await;
    let since_then = world.cluster.lists() - lists;
    assert!((5..=6).contains(&since_then), "every round is taken again: {since_then}");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn who_says_no_is_not_asked_again_at_once() {
    let world = World::new();
    world.cluster.set_list_trouble(ListTrouble::Fails(ErrorKind::Denied));
    let running = world.start(pace());
    world.rounds(1).await;
    assert_eq!(world.observer.rounds()[0].2, Some(Duration::from_secs(30)));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn invalid_options_are_one_event_an_interval() {
    let world = World::new();
    world.cluster.add_job(1, 0.7, &[("job.autoscaler.enabled", "true"), ("job.autoscaler.metrics.window", "soon")]);
    let running = world.start(pace());
    world.observer.more_cycles(3).await;
    let report = world.observer.cycles(&key(1))[0].report.clone().unwrap();
    assert_eq!(report.outcome, Outcome::Invalid);
    let event = &report.events[0];
    assert_eq!(event.interval, Some(Duration::from_secs(30 * 60)), "handlers merge what repeats");
    for part in ["job.autoscaler.metrics.window", "'soon'", "the job's configuration"] {
        assert!(event.message.contains(part), "{part} is missing in {}", event.message);
    }
    running.stop().await;
}
