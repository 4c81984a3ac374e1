//! Answers of the store that get lost: what was saved is there, and its writer does not know.

use autoscaler_core::AutoScalerStateStore;
use testkit::fakes::JobTrouble;

use crate::support::{Running, SHORT_WINDOWS, World, key, pace};

/// A job that has to be scaled, and what is stored of it is or is not.
fn started(prepare: impl FnOnce(&World)) -> (World, Running) {
    let world = World::new();
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    prepare(&world);
    let running = world.start(pace());
    (world, running)
}

/// The job was scaled once, which is stored, carried out and said once, and nobody else is blamed for it.
async fn check_once(world: &World) {
    world.scaled_to(1, 2).await;
    world.rounds(10).await;
    assert_eq!(world.cluster.rescaled(), [(1, 2)]);
    let stored = world.store.load(&key(1)).await.unwrap().state;
    assert_eq!(stored.parallelism_overrides.get().values().max(), Some(&2));
    assert_eq!(stored.scaling_tracking.get().records.len(), 1, "scalings that are remembered");
    assert!(stored.scaling_history.get().vertices.values().all(|entries| entries.len() == 1));
    assert_eq!(world.handler.count(&key(1), "ScalingReport"), 1, "scalings that are said");
    assert_eq!(world.handler.count(&key(1), "StateChanged"), 0, "somebody else is blamed");
}

#[tokio::test(start_paused = true)]
async fn a_scaling_whose_save_was_not_confirmed_is_carried_out_once() {
    let (world, running) = started(|world| world.store.lose_answers(true));
    check_once(&world).await;
    world.store.lose_answers(false);
    world.rounds(10).await;
    check_once(&world).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn until_the_store_can_be_asked_nothing_is_decided_anew() {
    let (world, running) = started(|world| world.store.lose_answers(true));
    // The first loads succeed, as nothing is known of the job yet.
    world.rounds(2).await;
    world.store.fail_loads(true);
    world.observer.more_cycles(20).await;
    assert!(world.cluster.rescaled().is_empty(), "nobody knows that it is stored");
    assert!(world.observer.cycles(&key(1)).last().unwrap().report.is_some(), "it is still observed");
    world.store.fail_loads(false);
    world.store.lose_answers(false);
    check_once(&world).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_saved_was_never_decided() {
    let (world, running) = started(|world| world.store.fail_saves(true));
    world.observer.more_cycles(20).await;
    assert!(world.cluster.rescaled().is_empty());
    world.store.fail_saves(false);
    check_once(&world).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_window_goes_on_while_the_store_is_away() {
    let (world, running) = started(|world| world.cluster.set_trouble(1, JobTrouble::RescaleFails));
    world.rounds(2).await;
    world.store.fail_saves(true);
    world.store.fail_loads(true);
    world.rounds(10).await;
    let observed = world.cluster.observed(1).len();
    world.store.fail_saves(false);
    world.store.fail_loads(false);
    world.rounds(2).await;
    let window = world.store.load(&key(1)).await.unwrap().state.collected_metrics;
    assert!(observed >= 10 && window.get().len() >= 3, "{} of {observed} are stored", window.get().len());
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_gone_job_s_state_is_removed_whether_its_last_save_was_confirmed_or_not() {
    let (world, running) = started(|_| {});
    world.scaled_to(1, 2).await;
    world.store.lose_answers(true);
    world.rounds(2).await;
    world.store.fail_loads(true);
    world.rounds(2).await;
    let _gone = world.cluster.remove_job(1);
    world.store.fail_loads(false);
    world.store.lose_answers(false);
    world.rounds(20).await;
    assert!(!world.is_stored(1).await);
    running.stop().await;
}
