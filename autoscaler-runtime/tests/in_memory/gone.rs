//! When the state of a job is removed, and when it is not.

use std::time::Duration;

use autoscaler_core::{AutoScalerStateStore, ClusterName, Fence, JobState, JobStatus};
use testkit::fakes::{JobTrouble, ListTrouble};

use crate::support::{INTERVAL, SHORT_WINDOWS, World, key, pace};

/// A scaled job whose state is stored.
async fn with_a_scaled_job() -> (World, crate::support::Running) {
    let world = World::new();
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    world.cluster.add_job(2, 0.7, SHORT_WINDOWS);
    let running = world.start(pace());
    world.scaled_to(1, 2).await;
    world.rounds(2).await;
    assert!(world.is_stored(1).await);
    (world, running)
}

#[tokio::test(start_paused = true)]
async fn one_list_without_a_job_removes_nothing() {
    let (world, running) = with_a_scaled_job().await;
    for _ in 0..5 {
        let job = world.cluster.remove_job(1);
        world.rounds(5).await;
        assert!(world.is_stored(1).await, "50 s are not a minute");
        world.cluster.put_back(job);
        world.rounds(2).await;
    }
    assert!(world.observer.gone().is_empty());
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_stays_away_is_forgotten_everywhere() {
    let (world, running) = with_a_scaled_job().await;
    world.cluster.remove_job(1);
    world.observer.until("its state is removed", || world.observer.gone() == [key(1)]).await;
    assert!(!world.is_stored(1).await);
    assert!(world.is_stored(2).await);
    world.rounds(1).await;
    assert_eq!(world.cluster.forgotten(), [key(1), key(1), key(1)], "by list, collector and realizer");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_has_ended_is_forgotten_and_begins_anew_if_it_comes_back() {
    let (world, running) = with_a_scaled_job().await;
    world.cluster.change(1, |job| job.status = JobStatus::Finished);
    world.rounds(2).await;
    assert_eq!(world.observer.gone(), [key(1)]);
    assert!(!world.is_stored(1).await);
    world.cluster.change(1, |job| (job.status, job.parallelism) = (JobStatus::Running, 1));
    world.scaled_to(1, 2).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_cannot_be_read_is_not_gone() {
    let (world, running) = with_a_scaled_job().await;
    world.cluster.set_trouble(1, JobTrouble::Unreadable);
    world.rounds(30).await;
    assert!(world.is_stored(1).await);
    world.cluster.set_trouble(1, None);
    world.observer.more_cycles(4).await;
    assert_eq!(world.cluster.rescaled(), [(1, 2)], "it goes on where it was");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_not_whole_proves_nothing() {
    let (world, running) = with_a_scaled_job().await;
    let job = world.cluster.remove_job(1);
    world.cluster.set_list_trouble(ListTrouble::NamelessEntry);
    world.rounds(30).await;
    assert!(world.is_stored(1).await, "it may be that entry");
    world.cluster.set_list_trouble(None);
    world.cluster.put_back(job);
    world.rounds(2).await;
    assert!(world.is_stored(1).await);
    running.stop().await;
}

/// As the ConfigMap of a resource that is deleted does.
#[tokio::test(start_paused = true)]
async fn a_job_whose_state_went_first_is_gone_all_the_same() {
    let (world, running) = with_a_scaled_job().await;
    world.cluster.remove_job(1);
    world.store.remove(&key(1), &Fence::open()).await.unwrap();
    world.observer.until("it is told", || world.observer.gone() == [key(1)]).await;
    assert!(world.is_stored(2).await);
    running.stop().await;
}

/// As that of a job that is on another cluster now.
#[tokio::test(start_paused = true)]
async fn a_job_whose_state_is_another_s_by_now_is_gone_from_here_and_its_state_stays() {
    let (world, running) = with_a_scaled_job().await;
    world.cluster.remove_job(1);
    let mut state_of_another = state_of_nobody();
    state_of_another.is_on(&ClusterName::new("another"));
    world.store.save(&key(1), &state_of_another, &Fence::open()).await.unwrap();
    world.observer.until("it is told", || world.observer.gone() == [key(1)]).await;
    assert!(world.is_stored(1).await);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_removed_is_tried_again() {
    let (world, running) = with_a_scaled_job().await;
    world.store.fail_saves(true);
    world.cluster.remove_job(1);
    tokio::time::sleep(INTERVAL * 20).await;
    assert!(world.observer.gone().is_empty());
    world.store.fail_saves(false);
    world.observer.until("its state is removed", || world.observer.gone() == [key(1)]).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_comes_back_while_it_is_removed_has_its_cycles() {
    let (world, running) = with_a_scaled_job().await;
    let job = world.cluster.remove_job(1);
    world.store.delay_removals(Duration::from_secs(25));
    world.observer.until("the removal is under way", || world.store.is_removing()).await;
    world.cluster.put_back(job);
    world.observer.until("its state is removed", || world.observer.gone() == [key(1)]).await;
    world.store.delay_removals(Duration::ZERO);
    let before = world.observer.cycles(&key(1)).len();
    world.observer.until("it has cycles", || world.observer.cycles(&key(1)).len() > before + 3).await;
    assert!(world.is_stored(1).await, "what it has learnt since is stored");
    running.stop().await;
}

/// State of a job of which something is stored, by the autoscaler of this cluster.
fn some_state() -> JobState {
    let mut state = state_of_nobody();
    state.is_on(&World::new().cluster.as_cluster().name);
    state
}

/// The same, as the Java process writes it.
fn state_of_nobody() -> JobState {
    let mut state = JobState::default();
    state.scaling_tracking.edit().records.insert(autoscaler_core::time::from_epoch_millis(1).unwrap(), None);
    state
}

#[tokio::test(start_paused = true)]
async fn jobs_that_ended_while_nobody_ran_are_found() {
    let world = World::new();
    world.cluster.add_job(2, 0.7, SHORT_WINDOWS);
    world.store.save(&key(1), &some_state(), &Fence::open()).await.unwrap();
    world.store.save(&key(2), &some_state(), &Fence::open()).await.unwrap();
    let running = world.start(pace());
    world.observer.until("the state of the ended one is removed", || world.observer.gone() == [key(1)]).await;
    assert!(world.is_stored(2).await);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn state_that_may_be_another_cluster_s_stays() {
    let world = World::new();
    world.cluster.add_job(2, 0.7, SHORT_WINDOWS);
    let mut state_of_another = state_of_nobody();
    state_of_another.is_on(&ClusterName::new("another"));
    world.store.save(&key(1), &state_of_another, &Fence::open()).await.unwrap();
    world.store.save(&key(3), &state_of_nobody(), &Fence::open()).await.unwrap();
    world.store.save(&key(4), &some_state(), &Fence::open()).await.unwrap();
    let running = world.start(pace());
    world.observer.until("the state of ours is removed", || world.observer.gone() == [key(4)]).await;
    world.rounds(20).await;
    assert!(world.is_stored(1).await && world.is_stored(3).await);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn state_of_nobody_is_ours_once_the_job_was_here() {
    let world = World::new();
    world.cluster.add_job(1, 0.7, &[]);
    world.store.save(&key(1), &state_of_nobody(), &Fence::open()).await.unwrap();
    let running = world.start(pace());
    world.rounds(3).await;
    world.cluster.remove_job(1);
    world.observer.until("its state is removed", || world.observer.gone() == [key(1)]).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_keeps_writing_is_theirs() {
    let world = World::new();
    world.cluster.add_job(2, 0.7, SHORT_WINDOWS);
    world.store.save(&key(1), &some_state(), &Fence::open()).await.unwrap();
    let running = world.start(pace());
    for _ in 0..60 {
        world.rounds(1).await;
        world.store.save(&key(1), &some_state(), &Fence::open()).await.unwrap();
    }
    assert!(world.observer.gone().is_empty());
    assert!(world.is_stored(1).await);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn jobs_that_ended_are_found_although_the_store_was_away_at_the_start() {
    let world = World::new();
    world.cluster.add_job(2, 0.7, SHORT_WINDOWS);
    world.store.save(&key(1), &some_state(), &Fence::open()).await.unwrap();
    world.store.fail_loads(true);
    let running = world.start(pace());
    world.rounds(5).await;
    world.store.fail_loads(false);
    world.observer.until("the state of the ended one is removed", || world.observer.gone() == [key(1)]).await;
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_job_with_a_state_from_before_is_found_as_others_are() {
    let world = World::new();
    world.cluster.add_job(1, 0.7, SHORT_WINDOWS);
    world.store.save(&key(1), &some_state(), &Fence::open()).await.unwrap();
    let running = world.start(pace());
    world.rounds(5).await;
    assert_eq!(world.observer.found(), [key(1)], "once");
    running.stop().await;
}
