//! A control loop in the test's process, with what it says kept.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use autoscaler::{ControlLoop, Ports};
use autoscaler_core::options::Configuration;
use autoscaler_core::{AutoScalerStateStore, JobKey, JobState};
use flink_rest::{FlinkClient, FlinkCollector, FlinkJobs};
use testkit::faulty_store::FaultyStore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::fmt::MakeWriter;

/// Options under which a job is scaled within a second or two.
pub(crate) const SHORT_WINDOWS: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "500 ms"),
    ("job.autoscaler.utilization.max", "0.8"),
    ("job.autoscaler.flink.rest-client.timeout", "500 ms"),
];

const INTERVAL: Duration = Duration::from_millis(50);

/// Everything that was logged.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// A running control loop. The test's runtime has one thread, so that its log is the test's own.
pub(crate) struct Running {
    log: Log,
    _subscriber: tracing::subscriber::DefaultGuard,
    store: Arc<FaultyStore>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Starts a loop on the cluster at `url`.
    pub(crate) fn start(url: &str) -> Self {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_env_filter("info,flink_autoscaler::explain=debug,handler_logging=debug")
            .with_writer(log.clone())
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        let client = FlinkClient::new(url, Duration::from_millis(500)).unwrap();
        let store = Arc::new(FaultyStore::new(Arc::new(store_memory::MemoryStateStore::new())));
        let ports = Ports {
            jobs: Arc::new(FlinkJobs::new(client.clone(), Configuration::new(), chrono_tz::UTC)),
            collector: Arc::new(FlinkCollector::new(client.clone())),
            store: Arc::clone(&store) as _,
            handler: Arc::new(handler_logging::LoggingEventHandler::new()),
            realizer: Arc::new(realizer_rest::RestScalingRealizer::new(client)),
            clock: chrono::Utc::now,
        };
        let stop = CancellationToken::new();
        let task = tokio::spawn(ControlLoop::new(ports, INTERVAL, 16).run(stop.clone()));
        Self { log, _subscriber: guard, store, stop, task }
    }

    /// All that was logged.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.log.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// What was logged about a job.
    pub(crate) fn text_about(&self, number: u32) -> String {
        let field = format!("job={}", testkit::job::id(number));
        self.text().lines().filter(|line| line.contains(&field)).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn has_panicked(&self) -> bool {
        self.text().contains("a bug ended the job's cycle")
    }

    /// Cycles of all jobs so far.
    pub(crate) fn cycles(&self) -> usize {
        self.text().matches(" cycle job=").count()
    }

    pub(crate) async fn wait_for_cycles(&self, more: usize) {
        let goal = self.cycles() + more;
        cycles_until("more cycles", || self.cycles() >= goal).await;
    }

    /// The store, to have it fail.
    pub(crate) fn store(&self) -> &FaultyStore {
        &self.store
    }

    /// What the store holds of a job.
    pub(crate) async fn stored(&self, number: u32) -> JobState {
        self.store.load(&JobKey::new(testkit::job::id(number))).await.unwrap().state
    }

    /// Asks the loop to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(5), self.task).await.unwrap().unwrap();
    }
}

/// Waits until something holds; the machine may be slow, so the bound is generous.
pub(crate) async fn cycles_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "not within 20 s: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
