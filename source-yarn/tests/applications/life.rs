//! An application's attempts and its end: what is unknown, and what is gone.

use crate::yarn::{World, id, job_manager};
use crate::{active, key, keys, names, only};

#[tokio::test]
async fn between_attempts_nothing_is_known_and_the_next_is_another_place() {
    let (world, first, second) = (World::default(), job_manager(&[7]).await, job_manager(&[]).await);
    world.set(1, &first);
    let (_manager, source) = active(&world, &[]).await;
    let cluster = only(&source).await;
    assert_eq!(keys(&cluster.jobs.list().await.unwrap()), [key(7)]);
    world.change(1, |of| of.state = "ACCEPTED");
    assert_eq!(names(&source).await, [id(1)]);
    let error = cluster.jobs.list().await.unwrap_err().chain().to_string();
    assert!(error.contains("between attempts"), "{error}");
    world.change(1, |of| (of.state, of.attempt, of.address) = ("RUNNING", 2, Some(second.address.to_string())));
    assert_eq!(names(&source).await, [id(1)]);
    // It has not got its job back yet.
    let list = cluster.jobs.list().await.unwrap();
    assert!(list.jobs.is_empty() && list.is_whole());
    assert_eq!(list.unknown.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>(), [Some(key(7))]);
    second.answer_by(|_| (200, "", crate::yarn::overview(&[7])));
    let list = cluster.jobs.list().await.unwrap();
    assert_eq!((keys(&list), list.unknown), (vec![key(7)], vec![]));
}

#[tokio::test]
async fn an_application_is_told_with_its_name_its_user_its_queue_and_its_attempt() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let (_manager, source) = active(&world, &[]).await;
    let cluster = only(&source).await;
    let told = |attempt: u32| format!("application_name=orders user=etl queue=root.stream attempt={attempt}");
    assert_eq!(cluster.jobs.labels().to_string(), told(1));
    world.change(1, |of| of.state = "ACCEPTED");
    names(&source).await;
    assert_eq!(cluster.jobs.labels().to_string(), told(1), "what ran last");
    world.change(1, |of| (of.state, of.attempt) = ("RUNNING", 2));
    names(&source).await;
    assert_eq!(cluster.jobs.labels().to_string(), told(2));
}

#[tokio::test]
async fn a_job_manager_that_is_away_takes_no_job_with_it() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let (_manager, source) = active(&world, &[]).await;
    let cluster = only(&source).await;
    cluster.jobs.list().await.unwrap();
    drop(flink);
    world.change(1, |of| of.flink.clear());
    cluster.jobs.list().await.unwrap_err();
    assert_eq!(names(&source).await, [id(1)]);
}

#[rstest::rstest]
#[case("FINISHED")]
#[case("FAILED")]
#[case("KILLED")]
#[tokio::test]
async fn an_end_is_told_until_the_state_is_removed(#[case] end: &'static str) {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let (_manager, source) = active(&world, &[]).await;
    let cluster = only(&source).await;
    cluster.jobs.list().await.unwrap();
    world.change(1, |of| of.state = end);
    assert_eq!(names(&source).await, [id(1)]);
    assert_eq!(cluster.jobs.list().await.unwrap().ended, [key(7)]);
    assert_eq!(cluster.jobs.list().await.unwrap().ended, [key(7)], "the store may not have been there");
    cluster.jobs.forget(&key(7));
    assert!(names(&source).await.is_empty());
}

#[tokio::test]
async fn what_the_resource_manager_does_not_know_is_gone_after_a_while() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(1, &flink);
    let (_manager, source) = active(&world, &[("yarn.forget-after", "10 min")]).await;
    let cluster = only(&source).await;
    cluster.jobs.list().await.unwrap();
    world.lose(1);
    assert_eq!(names(&source).await, [id(1)]);
    assert_eq!(keys(&cluster.jobs.list().await.unwrap()), [key(7)]);
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(599)).await;
    tokio::time::resume();
    assert_eq!(names(&source).await, [id(1)]);
    assert_eq!(keys(&cluster.jobs.list().await.unwrap()), [key(7)]);
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    tokio::time::resume();
    assert_eq!(names(&source).await, [id(1)]);
    assert_eq!(cluster.jobs.list().await.unwrap().ended, [key(7)]);
}

#[tokio::test]
async fn of_two_with_one_job_id_the_younger_is_left_alone() {
    let (world, flink) = (World::default(), job_manager(&[7]).await);
    world.set(2, &flink);
    let (_manager, source) = active(&world, &[]).await;
    let younger = only(&source).await;
    let conflict = async |cluster: &autoscaler_core::Cluster| {
        let list = cluster.jobs.list().await.unwrap();
        cluster.jobs.configuration(&list.jobs[0]).await.unwrap().conflict().map(str::to_owned)
    };
    assert_eq!(conflict(&younger).await, None);
    world.set(1, &flink);
    let older = source.clusters().await.unwrap().clusters.remove(0);
    assert_eq!((older.name.as_str(), conflict(&older).await), (&*id(1), None));
    let told = conflict(&younger).await.unwrap();
    assert!(told.contains(&id(1)) && told.contains("high-availability.cluster-id"), "{told}");
    // The end of the older is no end of the job: the other one has it from here on.
    world.change(1, |of| of.state = "KILLED");
    source.clusters().await.unwrap();
    assert!(older.jobs.list().await.unwrap().ended.is_empty());
    assert_eq!(conflict(&younger).await, None);
    assert_eq!(names(&source).await, [id(2)]);
}
