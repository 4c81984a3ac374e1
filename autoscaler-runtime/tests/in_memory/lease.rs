//! Only who holds the lease acts.

use std::time::Duration;

use crate::process::Parts;

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

#[tokio::test(start_paused = true)]
async fn without_the_lease_nothing_is_done_and_with_it_again_it_goes_on() {
    let parts = Parts::new();
    let (stop, process) = parts.start();
    parts.observer.until("the job is scaled", || parts.cluster.parallelism(1) == 2).await;
    parts.lease.take_away();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let lists = parts.cluster.lists();
    parts.cluster.change(1, |job| job.load = 5.6);
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(parts.cluster.lists(), lists, "the cluster is left alone");
    assert_eq!(parts.cluster.parallelism(1), 2);
    parts.lease.give_back();
    parts.observer.until("the job is scaled again", || parts.cluster.parallelism(1) > 2).await;
    stop.cancel();
    process.await.unwrap().unwrap();
}
