//! What room there is, and who is told that there is none.

use std::time::Duration;

use autoscaler_core::Cluster;

use crate::yarn::{World, id, job_manager};
use crate::{active, only};

async fn notice(cluster: &Cluster) -> Option<String> {
    let list = cluster.jobs.list().await.unwrap();
    cluster.jobs.configuration(&list.jobs[0]).await.unwrap().notice().map(str::to_owned)
}

async fn later(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn who_waits_for_containers_for_long_is_told_with_the_queue() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let (manager, source) = active(&world, &[("yarn.waits-told-after", "2 min")]).await;
    let cluster = only(&source).await;
    manager.asked();
    only(&source).await;
    assert!(manager.asked().iter().all(|asked| !asked.path.contains("apps/")), "nobody waits, nobody is asked about");
    world.change(1, |of| of.pending = 3);
    only(&source).await;
    assert_eq!(notice(&cluster).await, None);
    later(119).await;
    only(&source).await;
    assert_eq!(notice(&cluster).await, None);
    later(2).await;
    only(&source).await;
    let told = notice(&cluster).await.unwrap();
    assert!(told.contains(&id(1)) && told.contains("queue root.stream") && told.contains("of etl"), "{told}");
    world.change(1, |of| of.pending = 0);
    only(&source).await;
    assert_eq!(notice(&cluster).await, None);
}

#[rstest::rstest]
#[case("MEMORY", 2, true)]
#[case("MEMORY", 3, false)]
#[case("MEMORY_AND_CORES", 1, true)]
#[case("MEMORY_AND_CORES", 2, false)]
#[tokio::test]
async fn a_scaling_must_find_room_in_the_queue_where_that_is_asked(
    #[case] counted: &str,
    #[case] more: u64,
    #[case] can: bool,
) {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let (_manager, source) = active(&world, &[("yarn.resource-check", counted)]).await;
    let check = only(&source).await.resource_check.unwrap();
    assert_eq!(check.can_schedule(1, 1 + more, 2.0, 1000 << 20), can);
}

#[tokio::test]
async fn without_a_check_and_without_answers_nothing_is_refused() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let (_manager, source) = active(&world, &[]).await;
    assert!(only(&source).await.resource_check.is_none());
    let (manager, source) = active(&world, &[("yarn.resource-check", "MEMORY")]).await;
    let check = only(&source).await.resource_check.unwrap();
    assert!(!check.can_schedule(1, 1000, 2.0, 1000 << 20));
    let seen = world.clone();
    manager.answer_by(move |asked| match asked.path.contains("/scheduler") {
        true => (403, "", "<html>".to_owned()),
        false => seen.answer(asked),
    });
    only(&source).await;
    assert!(check.can_schedule(1, 1000, 2.0, 1000 << 20));
}
