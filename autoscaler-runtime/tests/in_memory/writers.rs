//! The store: when it is away, and when somebody else writes into it.

use autoscaler_core::{AutoScalerStateStore, Fence};
use testkit::fakes::JobTrouble;

use crate::support::{SHORT_WINDOWS, World, key, pace};

#[tokio::test(start_paused = true)]
async fn state_that_cannot_be_read_is_not_acted_on() {
    let world = World::new();
    world.store.fail_loads(true);
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    let running = world.start(pace());
    world.observer.more_cycles(20).await;
    assert!(world.observer.cycles(&key(1)).iter().all(|cycle| cycle.report.is_none()));
    assert!(world.cluster.rescaled().is_empty());
    world.store.fail_loads(false);
    world.scaled_to(1, 2).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn state_that_cannot_be_written_is_not_realized_nor_reported() {
    let world = World::new();
    world.store.fail_saves(true);
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    let running = world.start(pace());
    world.observer.more_cycles(20).await;
    assert!(world.observer.cycles(&key(1)).iter().any(|cycle| !cycle.failures.is_empty()));
    assert!(world.cluster.rescaled().is_empty(), "nothing that is not stored is realized");
    assert_eq!(world.handler.count(&key(1), "ScalingReport"), 0, "nor said to begin");
    world.store.fail_saves(false);
    world.scaled_to(1, 2).await;
    assert_eq!(world.handler.count(&key(1), "ScalingReport"), 1);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn another_writer_is_noticed_at_the_next_save() {
    let world = World::new();
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    let running = world.start(pace());
    world.scaled_to(1, 2).await;
    world.rounds(5).await;
    let mut others = world.store.load(&key(1)).await.unwrap().state;
    others.scaling_tracking.edit().records.clear();
    world.store.save(&key(1), &others, &Fence::open()).await.unwrap();
    world.observer.until("it is said", || world.handler.count(&key(1), "StateChanged") == 1).await;
    world.observer.more_cycles(5).await;
    assert_eq!(world.handler.count(&key(1), "StateChanged"), 1, "once: it was read again");
    let stored = world.store.load(&key(1)).await.unwrap().state;
    assert!(stored.scaling_tracking.get().records.is_empty(), "what the other wrote is not undone");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_another_writer_decided_is_not_undone_while_the_job_cannot_be_observed() {
    let world = World::new();
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    let running = world.start(pace());
    world.scaled_to(1, 2).await;
    world.cluster.set_trouble(1, JobTrouble::ObservationFails);
    world.rounds(2).await;
    let mut others = world.store.load(&key(1)).await.unwrap().state;
    others.parallelism_overrides.edit().values_mut().for_each(|parallelism| *parallelism = 4);
    world.store.save(&key(1), &others, &Fence::open()).await.unwrap();
    world.cluster.change(1, |job| job.parallelism = 4);
    world.rounds(5).await;
    assert_eq!(world.cluster.parallelism(1), 4);
    assert_eq!(world.handler.count(&key(1), "StateChanged"), 1);
    running.stop().await;
}
