//! A control loop over a stand-in cluster, with what it does kept.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::options::Configuration;
use autoscaler_core::{Autoscaler, Cluster, ClusterName, JobKey};
use autoscaler_runtime::{Configurations, ControlLoop, Pace, Ports};
use flink_rest::{FlinkClient, FlinkCollector, FlinkJobs};
use store_memory::MemoryStateStore;
use testkit::fakes::{RecordingHandler, RecordingObserver};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Options under which a job is scaled within a few seconds.
pub(crate) const SHORT_WINDOWS: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    // Several cycles of a slow machine.
    ("job.autoscaler.metrics.window", "2 s"),
    ("job.autoscaler.utilization.max", "0.8"),
    // Longer than a slow machine takes to answer.
    ("job.autoscaler.flink.rest-client.timeout", "5 s"),
];

const INTERVAL: Duration = Duration::from_millis(50);

/// A running control loop.
pub(crate) struct Running {
    pub(crate) observer: Arc<RecordingObserver>,
    pub(crate) store: Arc<MemoryStateStore>,
    handler: Arc<RecordingHandler>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Starts a loop on the cluster at `url`.
    pub(crate) fn start(url: &str) -> Self {
        Self::start_with(FlinkClient::new(url, Duration::from_secs(5)).unwrap(), INTERVAL)
    }

    /// Starts a loop with a client and an interval of one's own.
    pub(crate) fn start_with(client: FlinkClient, interval: Duration) -> Self {
        let (observer, handler) = (Arc::<RecordingObserver>::default(), Arc::<RecordingHandler>::default());
        let cluster = Cluster::new(
            ClusterName::new("stand-in"),
            Arc::new(FlinkJobs::new(client.clone())),
            Arc::new(FlinkCollector::new(client.clone())),
            Arc::new(client.clone()),
        );
        let store = Arc::new(MemoryStateStore::new());
        let ports = Ports::new(Autoscaler::new(), Arc::clone(&store) as _, Arc::clone(&handler) as _)
            .with_observer(Arc::clone(&observer) as _);
        let realizer = Arc::new(realizer_rest::RestScalingRealizer::new(client).with_first_pause(interval));
        let configurations = Arc::new(Configurations::new(Configuration::new()));
        let control_loop = ControlLoop::new(cluster, realizer, ports, configurations, Pace::new(interval));
        let stop = CancellationToken::new();
        let task = tokio::spawn(control_loop.run(stop.clone()));
        Self { observer, store, handler, stop, task }
    }

    /// All that is known of a job: its events, what failed, and why it was decided on as it was.
    pub(crate) fn text_about(&self, number: u32) -> String {
        let key = JobKey::new(testkit::job::id(number));
        let events = self.handler.events(&key).into_iter().map(|(reason, message)| format!("{reason}: {message}"));
        let cycles = self.observer.cycles(&key).into_iter().flat_map(|cycle| {
            let explanation = cycle.report.map(|report| report.explanation().to_string());
            cycle.failures.into_iter().chain(explanation)
        });
        events.chain(cycles).chain(self.observer.skipped(&key)).collect::<Vec<_>>().join("\n")
    }

    /// How many events of a job hold a text.
    pub(crate) fn events_with(&self, number: u32, part: &str) -> usize {
        let key = JobKey::new(testkit::job::id(number));
        self.handler.events(&key).iter().filter(|(_, message)| message.contains(part)).count()
    }

    pub(crate) fn has_panicked(&self) -> bool {
        (1..=2).any(|number| self.text_about(number).contains("Panicked"))
    }

    pub(crate) async fn until(&self, what: &str, holds: impl Fn() -> bool + Send + Sync) {
        let found = tokio::time::timeout(Duration::from_secs(300), self.observer.until(what, holds)).await;
        assert!(found.is_ok(), "not within five minutes: {what}");
    }

    /// Asks the loop to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}
