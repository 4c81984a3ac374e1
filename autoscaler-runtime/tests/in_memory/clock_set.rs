//! Clocks that are set while jobs are watched.

use std::time::Duration;

use autoscaler_core::Outcome;
use autoscaler_core::event::reason::{CLOCK_SET_BACK, CLOCK_SET_FORWARD};
use chrono::TimeDelta;
use testkit::fakes::JobTrouble;

use crate::support::{SHORT_WINDOWS, World, key, pace};

/// A job whose window is full.
async fn watched() -> (World, crate::support::Running) {
    let world = World::new();
    world.cluster.add_job(1, 0.7, SHORT_WINDOWS);
    let running = world.start(pace().with_cycle_timeout(Duration::from_secs(25)));
    world.observer.until("it is decided on", || outcomes(&world).contains(&Outcome::Balanced)).await;
    (world, running)
}

fn outcomes(world: &World) -> Vec<Outcome> {
    world.observer.cycles(&key(1)).iter().filter_map(|cycle| Some(cycle.report.as_ref()?.outcome)).collect()
}

fn told(world: &World) -> (usize, usize) {
    (world.handler.count(&key(1), CLOCK_SET_FORWARD), world.handler.count(&key(1), CLOCK_SET_BACK))
}

/// Cycles until something is decided of the job again.
async fn cycles_until_decided(world: &World) -> usize {
    let before = outcomes(world).len();
    let decided = || outcomes(world)[before..].iter().position(|outcome| *outcome == Outcome::Balanced);
    world.observer.until("it is decided on again", || decided().is_some()).await;
    decided().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_window_begins_anew_and_that_is_said_once() {
    let (world, running) = watched().await;
    for (step, expected) in [(3600, (1, 0)), (2, (2, 0)), (-4, (2, 1)), (-3600, (2, 2))] {
        world.clock.step(TimeDelta::seconds(step));
        assert!(cycles_until_decided(&world).await >= 3, "a window of 30 s is to be filled again");
        world.observer.more_cycles(5).await;
        assert_eq!(told(&world), expected, "after {step} s");
    }
    assert_eq!(world.cluster.rescaled(), []);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_kept_right_little_by_little_is_none_that_was_set() {
    let (world, running) = watched().await;
    for _ in 0..300 {
        world.clock.step(TimeDelta::milliseconds(5));
        world.observer.more_cycles(1).await;
    }
    assert_eq!(told(&world), (0, 0));
    running.stop().await;
}

/// As after a machine was suspended: what was connected no longer answers.
#[tokio::test(start_paused = true)]
async fn it_is_not_forgotten_with_a_cycle_that_hangs() {
    let (world, running) = watched().await;
    world.cluster.set_trouble(1, JobTrouble::Hangs);
    world.clock.step(TimeDelta::seconds(3600));
    world.observer.until("a cycle is ended", || world.observer.skipped(&key(1)).len() > 2).await;
    assert_eq!(told(&world), (0, 0), "nothing was observed");
    world.cluster.set_trouble(1, None);
    assert!(cycles_until_decided(&world).await >= 3);
    assert_eq!(told(&world), (1, 0));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn it_is_not_forgotten_with_a_state_that_is_not_stored() {
    let (world, running) = watched().await;
    world.store.fail_saves(true);
    world.clock.step(TimeDelta::seconds(3600));
    world.observer.more_cycles(2).await;
    assert_eq!(told(&world), (1, 0));
    // The window of before is what is stored, and loaded again.
    world.cluster.set_trouble(1, JobTrouble::Hangs);
    world.observer.until("a cycle is ended", || !world.observer.skipped(&key(1)).is_empty()).await;
    world.store.fail_saves(false);
    world.cluster.set_trouble(1, None);
    assert!(cycles_until_decided(&world).await >= 3);
    assert_eq!(told(&world), (2, 0));
    running.stop().await;
}
