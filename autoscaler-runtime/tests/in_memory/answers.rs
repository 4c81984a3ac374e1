//! Answers of the store that get lost: what was saved is there, and its writer does not know.

use autoscaler_core::AutoScalerStateStore;

use crate::support::{SHORT_WINDOWS, World, key, pace};

#[tokio::test(start_paused = true)]
async fn a_scaling_whose_save_was_not_confirmed_is_carried_out_once() {
    let world = World::new();
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    world.store.lose_answers(true);
    let running = world.start(pace());
    world.observer.more_cycles(20).await;
    assert!(world.cluster.rescaled().is_empty(), "nobody knows that it is stored");
    world.store.lose_answers(false);
    world.scaled_to(1, 2).await;
    world.rounds(10).await;
    assert_eq!(world.cluster.rescaled(), [(1, 2)]);
    let stored = world.store.load(&key(1)).await.unwrap().state;
    assert_eq!(stored.parallelism_overrides.get().values().max(), Some(&2));
    running.stop().await;
}
