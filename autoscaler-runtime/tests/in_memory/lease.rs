//! Only who holds the lease acts.

use std::time::Duration;

use autoscaler_core::{AutoScalerStateStore, Fence};
use testkit::fakes::JobTrouble;

use crate::process::Parts;
use crate::support::key;

#[tokio::test(start_paused = true)]
async fn a_second_process_is_refused() {
    let parts = Parts::new();
    let (stop, first) = parts.start();
    parts.observer.more_cycles(1).await;
    let (_, second) = parts.start();
    let error = second.await.unwrap().unwrap_err();
    assert_eq!(error, "the state store can't be used: somebody else holds the lease");
    stop.cancel();
    first.await.unwrap().unwrap();
    let (stop, third) = parts.start();
    parts.observer.more_cycles(1).await;
    stop.cancel();
    third.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_was_just_killed_is_waited_for() {
    let parts = Parts::new();
    parts.lease.take_away();
    let (stop, process) = parts.start();
    tokio::time::sleep(Duration::from_secs(3)).await;
    parts.lease.give_back();
    parts.observer.more_cycles(1).await;
    stop.cancel();
    process.await.unwrap().unwrap();
}

const REPLICA: (&str, &str) = ("autoscaler.standalone.high-availability.enabled", "true");

#[tokio::test(start_paused = true)]
async fn who_is_alive_is_not_waited_for() {
    let parts = Parts::new();
    parts.lease.take_away();
    let (_stop, process) = parts.start();
    tokio::time::sleep(Duration::from_secs(1)).await;
    parts.lease.renew_elsewhere();
    assert_eq!(process.await.unwrap().unwrap_err(), "the state store can't be used: somebody else holds the lease");
    assert_eq!(parts.cluster.lists(), 0, "nothing was begun");
}

#[tokio::test(start_paused = true)]
async fn a_replica_follows_and_takes_over() {
    let parts = Parts::new();
    let (stop_first, first) = parts.start_with(&[REPLICA]);
    parts.observer.until("the job is scaled", || parts.cluster.parallelism(1) == 2).await;
    let token = parts.lease.token();
    let (stop_second, second) = parts.start_with(&[REPLICA]);
    let lists = parts.cluster.lists();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(parts.lease.token(), token, "it is renewed all the while");
    assert!(parts.cluster.lists() >= lists + 100, "both know the cluster");
    stop_first.cancel();
    first.await.unwrap().unwrap();
    parts.cluster.change(1, |job| job.load = 5.6);
    parts.observer.until("the job is scaled by the other", || parts.cluster.parallelism(1) > 2).await;
    assert!(parts.lease.token() > token);
    stop_second.cancel();
    second.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_cannot_be_renewed_is_over_in_time() {
    let parts = Parts::new();
    let (stop, process) = parts.start_with(&[REPLICA]);
    parts.observer.until("the job is scaled", || parts.cluster.parallelism(1) == 2).await;
    parts.lease.put_away(true);
    // Less than it lasts, so that nobody else can have it yet.
    tokio::time::sleep(Duration::from_secs(14)).await;
    let observed = parts.cluster.observed(1).len();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(parts.cluster.observed(1).len(), observed, "jobs are left alone");
    parts.lease.put_away(false);
    parts.observer.more_cycles(3).await;
    stop.cancel();
    process.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_was_suspended_takes_the_right_anew() {
    let parts = Parts::new();
    let (stop, process) = parts.start_with(&[REPLICA]);
    parts.observer.more_cycles(3).await;
    let token = parts.lease.token();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(parts.lease.token(), token, "it is renewed");
    // Its watch stood still, the time on the wall did not: somebody else may have led meanwhile.
    parts.clock.step(chrono::TimeDelta::hours(1));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(parts.lease.token() > token, "it went on as if nothing had been");
    parts.observer.until("the job is scaled", || parts.cluster.parallelism(1) == 2).await;
    stop.cancel();
    process.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_replica_needs_a_store_to_share() {
    let parts = Parts::new();
    let heap = ("autoscaler.standalone.state-store.type", "heap");
    assert_eq!(
        parts.open(&[REPLICA, heap]).unwrap_err(),
        "option autoscaler.standalone.high-availability.enabled is true, and the state store HEAP keeps state where no other \
         replica gets at it: use one that replicas share, such as JDBC"
    );
    parts.open(&[heap]).unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_the_lease_nothing_is_done_and_with_it_again_it_goes_on() {
    let parts = Parts::new();
    let (stop, process) = parts.start();
    parts.observer.until("the job is scaled", || parts.cluster.parallelism(1) == 2).await;
    parts.lease.take_away();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let (lists, observed) = (parts.cluster.lists(), parts.cluster.observed(1).len());
    parts.cluster.change(1, |job| job.load = 5.6);
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(parts.cluster.lists() > lists, "the cluster is known");
    assert_eq!(parts.cluster.observed(1).len(), observed, "its jobs are left alone");
    assert_eq!(parts.cluster.parallelism(1), 2);
    parts.lease.give_back();
    parts.observer.until("the job is scaled again", || parts.cluster.parallelism(1) > 2).await;
    stop.cancel();
    process.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_decided_meanwhile_is_not_undone() {
    let parts = Parts::new();
    let (stop, process) = parts.start();
    parts.observer.until("the job is scaled", || parts.cluster.parallelism(1) == 2).await;
    parts.lease.take_away();
    tokio::time::sleep(Duration::from_secs(60)).await;
    // Somebody else scales the job, and it can't be observed when the lease is ours again: nothing is saved then.
    let mut theirs = parts.store.load(&key(1)).await.unwrap().state;
    let overrides = theirs.parallelism_overrides.edit();
    overrides.values_mut().for_each(|parallelism| *parallelism = 4);
    parts.store.save(&key(1), &theirs, &Fence::open()).await.unwrap();
    parts.cluster.change(1, |job| job.parallelism = 4);
    parts.cluster.set_trouble(1, JobTrouble::ObservationFails);
    parts.lease.give_back();
    parts.observer.more_cycles(10).await;
    assert_eq!(parts.cluster.parallelism(1), 4);
    stop.cancel();
    process.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_the_lease_no_state_is_removed() {
    let parts = Parts::new();
    let (stop, process) = parts.start();
    parts.observer.until("the job is scaled", || parts.cluster.parallelism(1) == 2).await;
    // Gone on one more list, as soon as it has been away for a minute.
    parts.cluster.remove_job(1);
    tokio::time::sleep(Duration::from_secs(55)).await;
    parts.lease.take_away();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(parts.observer.gone().is_empty());
    assert_eq!(parts.store.jobs().await.unwrap(), [key(1)]);
    parts.lease.give_back();
    parts.observer.until("its state is removed", || parts.observer.gone() == [key(1)]).await;
    stop.cancel();
    process.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn when_a_process_has_ended_nothing_of_it_acts_any_more() {
    let parts = Parts::new();
    let (stop, process) = parts.start();
    parts.observer.until("the job is scaled", || parts.cluster.parallelism(1) == 2).await;
    parts.cluster.change(1, |job| job.load = 5.6);
    parts.cluster.set_trouble(1, JobTrouble::Slow(Duration::from_secs(40)));
    let observed = parts.cluster.observed(1).len();
    parts.observer.until("a slow cycle runs", || parts.cluster.observed(1).len() > observed).await;
    stop.cancel();
    process.await.unwrap().unwrap();
    let (cycles, rescaled) = (parts.observer.count(), parts.cluster.rescaled().len());
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!((parts.observer.count(), parts.cluster.rescaled().len()), (cycles, rescaled));
}
