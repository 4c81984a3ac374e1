//! Event handlers that hang: what is said never holds up what is done.

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::options::Configuration;
use autoscaler_core::state::codec::UnreadableRow;
use autoscaler_core::state::{RowPart, StatePart};
use autoscaler_core::time::Instant;
use autoscaler_core::{
    AutoScalerStateStore, ClusterName, ClusterSnapshot, ErrorKind, Fence, JobAutoScalerContext, JobKey, JobKeys,
    JobState, LoadedState, MetricsCollector, Observation, ObserveError, PortError, Revision,
};
use autoscaler_runtime::{Clock as _, Configurations, ControlLoop};
use store_memory::MemoryStateStore;
use testkit::fakes::HandlerTrouble;
use testkit::faulty_store::FaultyStore;
use tokio_util::sync::CancellationToken;

use crate::support::{INTERVAL, SHORT_WINDOWS, World, key, pace};

/// When the job of a world is rescaled.
async fn rescaled_at(world: &World, trouble: Option<HandlerTrouble>) -> Instant {
    world.handler.set_trouble(trouble);
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    let running = world.start(pace());
    world.scaled_to(1, 2).await;
    running.stop().await;
    let mut at = Instant::default();
    world.cluster.change(1, |job| at = job.running_since);
    at
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_delays_no_rescale() {
    let at = rescaled_at(&World::new(), None).await;
    let world = World::new();
    assert_eq!(rescaled_at(&world, Some(HandlerTrouble::Hangs)).await, at);
    assert_eq!(world.cluster.rescaled(), [(1, 2)]);
    assert_eq!(world.handler.count(&key(1), "ScalingReport"), 1, "there was something to say");
}

/// A store with a row of a job that can't be read, whatever it holds besides.
#[derive(Debug)]
struct Garbled(MemoryStateStore, JobKey);

#[async_trait]
impl AutoScalerStateStore for Garbled {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        let mut loaded = self.0.load(job).await?;
        let part = StatePart::Row(RowPart::DelayedScaleDown);
        if *job == self.1 {
            loaded.unreadable.push(UnreadableRow::new(part, "it is garbled"));
        }
        Ok(loaded)
    }

    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        self.0.save(job, state, fence).await
    }

    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError> {
        self.0.remove(job, fence).await
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        self.0.jobs().await
    }
}

/// A row that can't be read is found before anything is done, and said after it.
#[tokio::test(start_paused = true)]
async fn nor_does_what_is_found_before_it() {
    for trouble in [None, Some(HandlerTrouble::Hangs)] {
        let garbled = FaultyStore::new(Arc::new(Garbled(MemoryStateStore::new(), key(1))));
        let world = World { store: Arc::new(garbled), ..World::new() };
        // A rescale that an earlier process did not live to carry out.
        let mut stored = JobState::default();
        stored.parallelism_overrides.edit().insert(testkit::job::id(2).parse().unwrap(), 2);
        world.store.save(&key(1), &stored, &Fence::open()).await.unwrap();
        let begun = world.clock.now();
        let at = rescaled_at(&world, trouble).await;
        assert!(at < begun + INTERVAL, "{trouble:?}: in the first cycle, not {at}");
        assert_eq!(world.handler.count(&key(1), "StateUnreadable"), 1, "{trouble:?}: and there was something to say");
    }
}

/// A cluster whose own metrics are away: every job of a round fails by the same answer.
#[derive(Debug)]
struct NoClusterMetrics;

impl MetricsCollector for NoClusterMetrics {
    fn begin(&self) -> Arc<dyn ClusterSnapshot> {
        Arc::new(SameFailure(Arc::new(PortError::new(ErrorKind::Unavailable, "the cluster's metrics are away"))))
    }

    fn forget(&self, _: &JobKey) {}
}

#[derive(Debug)]
struct SameFailure(Arc<PortError>);

#[async_trait]
impl ClusterSnapshot for SameFailure {
    async fn observe(&self, _: &JobAutoScalerContext, _: Option<Instant>) -> Result<Observation, ObserveError> {
        Err(ObserveError::Cluster(Arc::clone(&self.0)))
    }
}

#[tokio::test(start_paused = true)]
async fn what_fails_all_jobs_of_a_cluster_is_told_once_a_round() {
    let world = World::new();
    (1..=3).for_each(|number| world.cluster.add_job(number, 0.7, SHORT_WINDOWS));
    let mut cluster = world.cluster.as_cluster();
    cluster.collector = Arc::new(NoClusterMetrics);
    let configurations = Arc::new(Configurations::new(Configuration::new()));
    let realizer = Arc::new(world.cluster.clone());
    let stop = CancellationToken::new();
    let control_loop = ControlLoop::new(cluster, realizer, world.ports(), configurations, pace());
    let running = tokio::spawn(control_loop.run(stop.clone()));
    world.observer.until("four rounds", || world.observer.cycles(&key(3)).len() >= 4).await;
    stop.cancel();
    running.await.unwrap();
    let told = |number| world.handler.count(&key(number), "AutoscalerError");
    let cycles: usize = (1..=3).map(|number| world.observer.cycles(&key(number)).len()).sum();
    assert!(cycles >= 12);
    assert_eq!(told(1) + told(2) + told(3), world.observer.cycles(&key(1)).len());
}

/// A job's state that is taken over from the key it had before.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_under_a_former_key_is_said() {
    let garbled = FaultyStore::new(Arc::new(Garbled(MemoryStateStore::new(), key(1))));
    let world = World { store: Arc::new(garbled), ..World::new() };
    world.cluster.add_job(1, 1.4, SHORT_WINDOWS);
    let mut stored = JobState::default();
    stored.scaling_tracking.edit().records.insert(world.clock.now(), None);
    world.store.save(&key(1), &stored, &Fence::open()).await.unwrap();
    let keys = JobKeys::Named { formerly: ClusterName::new("host:8081"), is_only_one: true };
    let cluster = world.cluster.as_cluster().with_keys(keys);
    let now = JobKey::new(format!("{}/{}", cluster.name, key(1)));
    let configurations = Arc::new(Configurations::new(Configuration::new()));
    let realizer = Arc::new(world.cluster.clone());
    let stop = CancellationToken::new();
    let control_loop = ControlLoop::new(cluster, realizer, world.ports(), configurations, pace());
    let running = tokio::spawn(control_loop.run(stop.clone()));
    world.scaled_to(1, 2).await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(world.handler.count(&now, "StateUnreadable"), 1);
}
