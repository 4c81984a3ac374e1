//! Several clusters.

use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::{AutoScalerStateStore, Cluster, ClusterName, ErrorKind, Fence, JobKey, JobKeys, JobState};
use autoscaler_runtime::{Clock, Configurations, ControlLoop, Supervisor};
use testkit::fakes::{FakeCluster, FakeSource, ListTrouble};
use tokio_util::sync::CancellationToken;

use crate::support::{INTERVAL, SHORT_WINDOWS, World, key, pace};

fn named(name: &str, fake: &FakeCluster) -> Cluster {
    let mut cluster = fake.as_cluster();
    cluster.name = ClusterName::new(name);
    cluster
}

#[tokio::test(start_paused = true)]
async fn clusters_come_and_go_and_cost_each_other_nothing() {
    let world = World::new();
    let (first, second) = (world.cluster.clone(), FakeCluster::new(Arc::clone(&world.clock) as _));
    first.add_job(1, 0.7, SHORT_WINDOWS);
    second.add_job(2, 0.7, SHORT_WINDOWS);
    let source = Arc::new(FakeSource::default());
    let (a, b) = (named("a", &first), named("b", &second));
    source.set(Some(std::slice::from_ref(&a)));
    let realizers = [(a.name.clone(), first.clone()), (b.name.clone(), second.clone())];
    let realizer = move |cluster: &Cluster| {
        let (_, fake) = realizers.iter().find(|(name, _)| *name == cluster.name).unwrap();
        Ok(Arc::new(fake.clone()) as _)
    };
    let configurations = Arc::new(Configurations::new(Configuration::new()));
    let supervisor = Supervisor::new(Arc::clone(&source) as _, realizer, world.ports(), configurations, pace());
    let stop = CancellationToken::new();
    let running = tokio::spawn(supervisor.run(stop.clone()));
    let observed_in_ten_rounds = async || {
        let before = (first.observed(1).len(), second.observed(2).len());
        tokio::time::sleep(INTERVAL * 10).await;
        (first.observed(1).len() - before.0, second.observed(2).len() - before.1)
    };

    assert_eq!(observed_in_ten_rounds().await, (10, 0), "only one is there");
    source.set(Some(&[a.clone(), b.clone()]));
    assert_eq!(observed_in_ten_rounds().await.0, 10);
    assert_eq!(observed_in_ten_rounds().await, (10, 10), "another came");
    assert_eq!(world.observer.clusters(), ["a", "b"]);
    first.set_list_trouble(ListTrouble::Fails(ErrorKind::Unavailable));
    assert_eq!(observed_in_ten_rounds().await, (0, 10), "one is away");
    source.set(None);
    assert_eq!(observed_in_ten_rounds().await, (0, 10), "unknown is not gone");
    assert_eq!(world.observer.clusters(), ["a", "b"]);
    source.set(Some(std::slice::from_ref(&a)));
    tokio::time::sleep(INTERVAL * 2).await;
    assert_eq!(observed_in_ten_rounds().await, (0, 0), "it is gone");
    assert_eq!(world.observer.clusters(), ["a"]);
    stop.cancel();
    running.await.unwrap();
}

/// Many clusters are not all asked at once, and each is asked within the first interval.
#[tokio::test(start_paused = true)]
async fn clusters_that_are_found_together_are_asked_one_after_the_other() {
    let world = World::new();
    let fakes: Vec<_> = (0..1000).map(|_| FakeCluster::new(Arc::clone(&world.clock) as _)).collect();
    let clusters: Vec<_> = fakes.iter().zip(0..).map(|(fake, number)| named(&format!("c{number}"), fake)).collect();
    for fake in &fakes {
        fake.add_job(1, 0.7, SHORT_WINDOWS);
    }
    let source = Arc::new(FakeSource::default());
    source.set(Some(&clusters));
    let realizer = {
        let fake = world.cluster.clone();
        move |_: &Cluster| Ok(Arc::new(fake.clone()) as _)
    };
    let configurations = Arc::new(Configurations::new(Configuration::new()));
    let supervisor = Supervisor::new(source, realizer, world.ports(), configurations, pace());
    let stop = CancellationToken::new();
    let running = tokio::spawn(supervisor.run(stop.clone()));
    let asked = || fakes.iter().filter(|fake| !fake.observed(1).is_empty()).count();
    tokio::time::sleep(INTERVAL / 10).await;
    assert!((1..fakes.len() / 2).contains(&asked()), "{} in a tenth of the interval", asked());
    tokio::time::sleep(INTERVAL).await;
    assert_eq!(asked(), fakes.len());
    stop.cancel();
    running.await.unwrap();
}

/// A cluster whose jobs are kept under its name.
fn keyed(name: &str, formerly: &str, fake: &FakeCluster) -> Cluster {
    named(name, fake).with_keys(JobKeys::Named { formerly: ClusterName::new(formerly), is_only_one: false })
}

#[tokio::test(start_paused = true)]
async fn equal_job_ids_of_two_clusters_do_not_meet() {
    let world = World::new();
    let (first, second) = (world.cluster.clone(), FakeCluster::new(Arc::clone(&world.clock) as _));
    first.add_job(1, 1.4, SHORT_WINDOWS);
    second.add_job(1, 2.8, SHORT_WINDOWS);
    // Of the time when the first was the only one.
    let mut before = JobState::default();
    before.scaling_tracking.edit().records.insert(world.clock.now(), None);
    before.is_on(&ClusterName::new("host:8081"));
    world.store.save(&key(1), &before, &Fence::open()).await.unwrap();
    let source = Arc::new(FakeSource::default());
    let (a, b) = (keyed("a", "host:8081", &first), keyed("b", "host:8082", &second));
    source.set(Some(&[a.clone(), b.clone()]));
    let realizers = [(a.name.clone(), first.clone()), (b.name.clone(), second.clone())];
    let realizer = move |cluster: &Cluster| {
        let (_, fake) = realizers.iter().find(|(name, _)| *name == cluster.name).unwrap();
        Ok(Arc::new(fake.clone()) as _)
    };
    let configurations = Arc::new(Configurations::new(Configuration::new()));
    let supervisor = Supervisor::new(source, realizer, world.ports(), configurations, pace()).finding_stored_jobs();
    let stop = CancellationToken::new();
    let running = tokio::spawn(supervisor.run(stop.clone()));
    world.observer.until("both are scaled", || (first.parallelism(1), second.parallelism(1)) == (2, 4)).await;
    tokio::time::sleep(INTERVAL * 2).await;

    let of = |name: &str| JobKey::new(format!("{name}/{}", key(1)));
    assert_eq!(world.store.jobs().await.unwrap(), [of("a"), of("b")], "the former key is given up");
    let knows = async |name: &str| {
        let tracking = world.store.load(&of(name)).await.unwrap().state.scaling_tracking;
        before.scaling_tracking.get().records.keys().all(|at| tracking.get().records.contains_key(at))
    };
    assert!(knows("a").await, "what was known of the first goes on");
    assert!(!knows("b").await);

    second.remove_job(1);
    world.observer.until("its state is removed", || world.observer.gone() == [of("b")]).await;
    assert_eq!(world.store.jobs().await.unwrap(), [of("a")]);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn state_of_nobody_is_taken_over_where_only_one_cluster_can_have_left_it() {
    for (is_only_one, expected) in [(true, vec!["a/"]), (false, vec!["", "a/"])] {
        let world = World::new();
        world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
        let mut of_java = JobState::default();
        of_java.scaling_tracking.edit().records.insert(world.clock.now(), None);
        world.store.save(&key(1), &of_java, &Fence::open()).await.unwrap();
        let cluster = named("a", &world.cluster);
        let cluster = cluster.with_keys(JobKeys::Named { formerly: ClusterName::new("host:8081"), is_only_one });
        let configurations = Arc::new(Configurations::new(Configuration::new()));
        let realizer = Arc::new(world.cluster.clone());
        let stop = CancellationToken::new();
        let control_loop = ControlLoop::new(cluster, realizer, world.ports(), configurations, pace());
        let running = tokio::spawn(control_loop.run(stop.clone()));
        world.scaled_to(1, 2).await;
        stop.cancel();
        running.await.unwrap();
        let expected: Vec<JobKey> = expected.iter().map(|of| JobKey::new(format!("{of}{}", key(1)))).collect();
        assert_eq!(world.store.jobs().await.unwrap(), expected);
    }
}
