//! A loop over a made-up cluster, and the endpoint that tells of it.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::Autoscaler;
use autoscaler_core::options::{Configuration, Origin};
use autoscaler_runtime::{Approvals, Configurations, ControlLoop, Pace, Ports, ReadModel, SystemClock};
use http_endpoint::{HttpEndpoint, HttpError, Metrics};
use observer_prometheus::{CONTENT_TYPE, MetricsOptions, PrometheusObserver};
use servers::plain_http;
use store_memory::MemoryStateStore;
use testkit::clock::TestClock;
use testkit::fakes::{FakeCluster, RecordingHandler, RecordingObserver};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Options under which a job is scaled within a few rounds.
const SHORT_WINDOWS: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "100 ms"),
];

pub(crate) fn configuration(options: &[(&str, &str)]) -> Configuration {
    let mut configuration = Configuration::new();
    for (key, value) in options {
        configuration.set(format!("autoscaler.standalone.{key}"), *value, Origin::Flag);
    }
    configuration
}

pub(crate) struct World {
    pub(crate) cluster: FakeCluster,
    pub(crate) observer: Arc<RecordingObserver>,
    pub(crate) model: Arc<ReadModel>,
    approvals: Arc<Approvals>,
    metrics: Arc<PrometheusObserver>,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl World {
    /// With jobs 1, which is to be scaled, and 2, which is not.
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(TestClock::default());
        let cluster = FakeCluster::new(Arc::clone(&clock) as _);
        cluster.add_job(1, 1.4, SHORT_WINDOWS);
        cluster.add_job(2, 0.7, SHORT_WINDOWS);
        let model = Arc::new(ReadModel::new(Arc::new(SystemClock::default())));
        let options = MetricsOptions::from_configuration(&Configuration::new()).unwrap();
        let metrics = Arc::new(PrometheusObserver::new(&options, "1.0"));
        let (observer, handler) = (Arc::new(RecordingObserver::default()), Arc::new(RecordingHandler::default()));
        let approvals = Arc::new(Approvals::new(&Configuration::new(), Arc::clone(&clock) as _).unwrap());
        let ports = Ports::new(Autoscaler::new(), Arc::new(MemoryStateStore::new()), handler)
            .with_clock(Arc::clone(&clock) as _)
            .with_approvals(Arc::clone(&approvals))
            .with_observer(Arc::clone(&model) as _)
            .with_observer(Arc::clone(&metrics) as _)
            .with_observer(Arc::clone(&observer) as _);
        let configurations = Arc::new(Configurations::new(Configuration::new()));
        let pace = Pace::new(Duration::from_millis(20)).with_gone_jobs(1, Duration::ZERO);
        let control_loop =
            ControlLoop::new(cluster.as_cluster(), Arc::new(cluster.clone()), ports, configurations, pace);
        let stop = CancellationToken::new();
        let running = tokio::spawn(control_loop.run(stop.clone()));
        observer.until("the job is scaled", || cluster.parallelism(1) == 2).await;
        observer.more_cycles(4).await;
        Self { cluster, observer, model, approvals, metrics, stop, running }
    }

    /// Adds job 3, which is proposed to be scaled from 1 to 2, and is not.
    pub(crate) fn add_proposing(&self) {
        let proposing = [("job.autoscaler.scaling.enabled", "false"), ("job.autoscaler.utilization.max", "0.8")];
        let options = [SHORT_WINDOWS, &proposing].concat();
        self.cluster.add_job(3, 1.4, &options);
    }

    pub(crate) async fn open(&self, options: &[(&str, &str)]) -> Result<Option<HttpEndpoint>, HttpError> {
        let metrics = Arc::clone(&self.metrics);
        let metrics = Metrics::new(CONTENT_TYPE, move || metrics.render());
        let (model, approvals) = (Arc::clone(&self.model), Arc::clone(&self.approvals));
        HttpEndpoint::open(&configuration(options), model, approvals, Some(metrics), axum::Router::new()).await
    }

    /// The endpoint on a port of its own.
    pub(crate) async fn serve(&self, options: &[(&str, &str)]) -> Client {
        let mut all = vec![("http.address", "127.0.0.1:0")];
        all.extend(options);
        let endpoint = self.open(&all).await.unwrap().unwrap();
        let address = endpoint.address().to_string();
        tokio::spawn(endpoint.serve(self.stop.clone()));
        Client { address, token: None }
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.running.await.unwrap();
    }
}

/// Who asks the endpoint.
pub(crate) struct Client {
    pub(crate) address: String,
    pub(crate) token: Option<String>,
}

impl Client {
    /// Status and text of an answer.
    #[expect(clippy::disallowed_methods, reason = "what our own endpoint answers is bounded")]
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let mut request = plain_http::client().get(format!("http://{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The JSON of an answer that is a success.
    pub(crate) async fn json(&self, path: &str) -> serde_json::Value {
        let (status, text) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}
