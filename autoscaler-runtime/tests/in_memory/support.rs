//! A running loop over fakes.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::options::Configuration;
use autoscaler_core::{AutoScalerStateStore, Autoscaler, JobKey};
use autoscaler_runtime::{Approvals, Configurations, ControlLoop, Pace, Ports};
use testkit::clock::TestClock;
use testkit::fakes::{FakeCluster, RecordingHandler, RecordingObserver};
use testkit::faulty_store::FaultyStore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The interval of the loops.
pub(crate) const INTERVAL: Duration = Duration::from_secs(10);

/// Options under which a job is scaled within a few rounds.
pub(crate) const SHORT_WINDOWS: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "30 s"),
    ("job.autoscaler.utilization.max", "0.8"),
];

/// The key of the `number`th job.
pub(crate) fn key(number: u32) -> JobKey {
    JobKey::new(testkit::job::id(number))
}

/// A loop to be started, with everything around it at hand.
pub(crate) struct World {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) cluster: FakeCluster,
    pub(crate) store: Arc<FaultyStore>,
    pub(crate) handler: Arc<RecordingHandler>,
    pub(crate) observer: Arc<RecordingObserver>,
    pub(crate) approvals: Arc<Approvals>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(TestClock::default());
        Self {
            cluster: FakeCluster::new(Arc::clone(&clock) as _),
            approvals: Arc::new(Approvals::new(&Configuration::new(), Arc::clone(&clock) as _).unwrap()),
            clock,
            store: Arc::new(FaultyStore::new(Arc::new(store_memory::MemoryStateStore::new()))),
            handler: Arc::default(),
            observer: Arc::default(),
        }
    }

    pub(crate) fn ports(&self) -> Ports {
        Ports::new(Autoscaler::new(), Arc::clone(&self.store) as _, Arc::clone(&self.handler) as _)
            .with_clock(Arc::clone(&self.clock) as _)
            .with_observer(Arc::clone(&self.observer) as _)
            .with_approvals(Arc::clone(&self.approvals))
    }

    /// Starts a loop over the cluster.
    pub(crate) fn start(&self, pace: Pace) -> Running {
        let configurations = Arc::new(Configurations::new(Configuration::new()));
        let realizer = Arc::new(self.cluster.clone());
        let control_loop = ControlLoop::new(self.cluster.as_cluster(), realizer, self.ports(), configurations, pace)
            .finding_stored_jobs();
        let stop = CancellationToken::new();
        Running { task: tokio::spawn(control_loop.run(stop.clone())), stop }
    }

    /// Whether anything is stored of a job.
    pub(crate) async fn is_stored(&self, number: u32) -> bool {
        self.store.jobs().await.unwrap().contains(&key(number))
    }

    /// Waits until a job's keyed vertex has so many subtasks.
    pub(crate) async fn scaled_to(&self, number: u32, parallelism: i32) {
        let what = format!("job {number} at {parallelism}");
        self.observer.until(&what, || self.cluster.parallelism(number) == parallelism).await;
    }

    /// Waits for so many rounds more.
    pub(crate) async fn rounds(&self, more: usize) {
        let goal = self.observer.rounds().len() + more;
        self.observer.until("more rounds", || self.observer.rounds().len() >= goal).await;
    }
}

/// A loop that runs.
pub(crate) struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Asks the loop to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

pub(crate) fn pace() -> Pace {
    Pace::new(INTERVAL)
}
