//! The contract of [`MetricsCollector`] and [`ClusterSnapshot`], as a suite. A collector runs it from a test without
//! harness, against a [`World`] in which it works:
//! `testkit::suite::run(testkit::collector::trials("my collector", || async { … }))`.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::observation::{FlinkMetric, Readings};
use autoscaler_core::{ClusterSnapshot, JobKey, MetricsCollector, Observation, ObserveError};
use libtest_mimic::Trial;

use crate::job::{context, id};
use crate::suite::{self, Case};

/// A cluster whose jobs a collector observes, by number.
#[async_trait]
pub trait World: Debug + Send + Sync {
    /// The collector.
    fn collector(&self) -> Arc<dyn MetricsCollector>;

    /// Adds a running job: a source, and a vertex behind it.
    async fn add_job(&self, job: u32);

    /// Takes a job away.
    async fn remove_job(&self, job: u32);

    /// How often something was asked about the cluster as a whole.
    async fn cluster_requests(&self) -> usize;

    /// Has the cluster as a whole fail, so that no observation can be complete; or no longer.
    async fn break_cluster(&self, broken: bool);

    /// Has the vertices of a job lack the metrics that can be done without; or no longer.
    async fn lack_metrics(&self, job: u32, lacking: bool);
}

/// The cases, by the behavior they hold a collector to. Each gets a world of its own, without jobs.
const CASES: &[Case<dyn World>] = &[
    ("each_vertex_has_a_reading", |world| Box::pin(each_vertex_has_a_reading(world))),
    ("the_cluster_is_asked_once_a_round", |world| Box::pin(the_cluster_is_asked_once_a_round(world))),
    ("jobs_are_observed_side_by_side", |world| Box::pin(jobs_are_observed_side_by_side(world))),
    ("a_failed_observation_leaves_nothing_behind", |world| Box::pin(a_failure_leaves_nothing_behind(world))),
    ("a_job_that_is_not_there_is_an_error", |world| Box::pin(a_job_that_is_not_there_is_an_error(world))),
    ("forgetting_does_no_harm", |world| Box::pin(forgetting_does_no_harm(world))),
];

/// The suite as trials. `new_world` makes a world without jobs.
pub fn trials<F, S>(name: &str, new_world: F) -> Vec<Trial>
where
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = Arc<dyn World>>,
{
    suite::trials(format!("{name}::collector"), CASES, new_world)
}

async fn observed(round: &Arc<dyn ClusterSnapshot>, job: u32) -> Result<Observation, ObserveError> {
    round.observe(&context(job, &[]), None).await
}

/// What a job's vertices answered, in a round of its own.
async fn readings(world: &Arc<dyn World>, job: u32) -> Result<(Observation, Readings), ObserveError> {
    let observation = observed(&world.collector().begin(), job).await?;
    let readings = observation.metrics.clone()?;
    Ok((observation, readings))
}

async fn each_vertex_has_a_reading(world: Arc<dyn World>) {
    world.add_job(1).await;
    let (observation, readings) = readings(&world, 1).await.unwrap();
    let vertices = observation.topology.vertices();
    assert_eq!((vertices.len(), readings.vertices.len()), (2, 2));
    for (vertex, reading) in vertices.iter().zip(&readings.vertices) {
        assert!(reading.get(FlinkMetric::BusyTimeMsPerSecond).is_some(), "{}", vertex.name);
        let is_sources = reading.get(FlinkMetric::SourceNumRecordsInPerSecond).is_some();
        let is_others = reading.get(FlinkMetric::NumRecordsInPerSecond).is_some();
        assert_eq!((is_sources, is_others), (vertex.is_source(), !vertex.is_source()), "{}", vertex.name);
    }
    assert!(readings.cluster.task_managers.is_some());
}

async fn the_cluster_is_asked_once_a_round(world: Arc<dyn World>) {
    world.add_job(1).await;
    world.add_job(2).await;
    let round = world.collector().begin();
    let first = observed(&round, 1).await.unwrap();
    let once = world.cluster_requests().await;
    assert!(once > 0);
    let second = observed(&round, 2).await.unwrap();
    assert_eq!(world.cluster_requests().await, once);
    // As texts, as what is not known is NaN.
    let cluster = |observation: Observation| format!("{:?}", observation.metrics.unwrap().cluster);
    assert_eq!(cluster(first), cluster(second));
    observed(&world.collector().begin(), 1).await.unwrap();
    assert_eq!(world.cluster_requests().await, 2 * once, "another round asks again");
}

async fn jobs_are_observed_side_by_side(world: Arc<dyn World>) {
    world.add_job(1).await;
    world.add_job(2).await;
    let round = world.collector().begin();
    let (first, second) = tokio::join!(observed(&round, 1), observed(&round, 2));
    assert!(first.unwrap().metrics.is_ok() && second.unwrap().metrics.is_ok());
}

async fn a_failure_leaves_nothing_behind(world: Arc<dyn World>) {
    world.add_job(1).await;
    world.lack_metrics(1, true).await;
    world.break_cluster(true).await;
    assert!(readings(&world, 1).await.is_err());
    world.lack_metrics(1, false).await;
    world.break_cluster(false).await;
    let (observation, readings) = readings(&world, 1).await.unwrap();
    for (vertex, reading) in observation.topology.vertices().iter().zip(&readings.vertices) {
        let rate = reading.get(FlinkMetric::NumRecordsInPerSecond);
        assert_eq!(rate.is_some(), !vertex.is_source(), "{} lacks what it lacked before", vertex.name);
    }
}

async fn a_job_that_is_not_there_is_an_error(world: Arc<dyn World>) {
    world.add_job(1).await;
    readings(&world, 1).await.unwrap();
    world.remove_job(1).await;
    assert!(observed(&world.collector().begin(), 1).await.is_err());
}

async fn forgetting_does_no_harm(world: Arc<dyn World>) {
    world.add_job(1).await;
    readings(&world, 1).await.unwrap();
    world.collector().forget(&JobKey::new("nobody"));
    world.collector().forget(&JobKey::new(id(1)));
    readings(&world, 1).await.unwrap();
}
