//! Health, metrics and the API of a running process.

use std::sync::Arc;

use anyhow::{Context, Result};
use autoscaler::autoscaler_core::options::Configuration;
#[cfg(feature = "observer-prometheus")]
use autoscaler::autoscaler_core::ports::BackendObservers;
use autoscaler::autoscaler_core::registry::Backends;
use autoscaler::autoscaler_runtime::{Approvals, Process, ReadModel, SystemClock};
#[cfg(not(feature = "page"))]
use autoscaler::http_endpoint::Router;
use autoscaler::http_endpoint::{HttpEndpoint, Metrics};
#[cfg(feature = "observer-prometheus")]
use autoscaler::observer_prometheus::{CONTENT_TYPE, MetricsOptions, PrometheusObserver};
#[cfg(feature = "page")]
use autoscaler::page::Page;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[cfg(feature = "page")]
use super::recordings::Traces;

/// What is served, where it is not off.
pub(super) struct Endpoint {
    model: Arc<ReadModel>,
    approvals: Arc<Approvals>,
    #[cfg(feature = "observer-prometheus")]
    metrics: Arc<PrometheusObserver>,
    #[cfg(feature = "page")]
    page: Arc<Page>,
    server: Option<HttpEndpoint>,
}

/// The endpoint while it answers.
pub(super) struct Serving {
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Endpoint {
    /// Listens where the options say, before anything else is begun.
    pub(super) async fn open(configuration: &Configuration) -> Result<Self> {
        let clock = Arc::new(SystemClock::default());
        let model = Arc::new(ReadModel::new(Arc::clone(&clock) as _));
        let approvals = Arc::new(Approvals::new(configuration, Arc::clone(&clock) as _)?);
        #[cfg(feature = "observer-prometheus")]
        let (metrics, rendered) = {
            let options = MetricsOptions::from_configuration(configuration)?;
            let metrics = Arc::new(PrometheusObserver::new(&options, env!("CARGO_PKG_VERSION")));
            let shared = Arc::clone(&metrics);
            (metrics, Some(Metrics::new(CONTENT_TYPE, move || shared.render())))
        };
        #[cfg(not(feature = "observer-prometheus"))]
        let rendered: Option<Metrics> = None;
        #[cfg(feature = "page")]
        let page = Page::new(Arc::clone(&model), Arc::clone(&approvals), clock, Traces::by_options(configuration)?);
        #[cfg(feature = "page")]
        let pages = page.routes();
        #[cfg(not(feature = "page"))]
        let pages = Router::new();
        let (watched, approved) = (Arc::clone(&model), Arc::clone(&approvals));
        let server = HttpEndpoint::open(configuration, watched, approved, rendered, pages).await;
        Ok(Self {
            server: server.context("the HTTP endpoint can't be opened")?,
            model,
            approvals,
            #[cfg(feature = "observer-prometheus")]
            metrics,
            #[cfg(feature = "page")]
            page,
        })
    }

    /// Has what backends ask of others watched, where anybody can ask: before they are opened.
    pub(super) fn watch_backends(&self, backends: &mut Backends) {
        #[cfg(feature = "observer-prometheus")]
        if self.server.is_some() {
            backends.extensions.get_or_default::<BackendObservers>().add(Arc::clone(&self.metrics) as _);
        }
        #[cfg(not(feature = "observer-prometheus"))]
        let _nobody_watches = backends;
    }

    /// Has the process watched, where anybody can ask.
    pub(super) fn watch(&self, process: Process) -> Process {
        if self.server.is_none() {
            return process;
        }
        #[cfg(feature = "observer-prometheus")]
        let process = process.with_observer(Arc::clone(&self.metrics) as _);
        let process = process.with_observer(Arc::clone(&self.model) as _).with_approvals(Arc::clone(&self.approvals));
        // It shows what the model knows, so it is told after it.
        #[cfg(feature = "page")]
        let process = process.with_observer(Arc::clone(&self.page) as _);
        process
    }

    /// Begins to answer.
    pub(super) fn serve(self) -> Serving {
        let stop = CancellationToken::new();
        let task = self.server.map(|server| {
            tracing::info!("health, metrics and API at http://{}", server.address());
            tokio::spawn(server.serve(stop.clone()))
        });
        Serving { stop, task }
    }
}

impl Serving {
    /// Lets answers under way end.
    pub(super) async fn end(self) {
        self.stop.cancel();
        if let Some(task) = self.task {
            let _ended = task.await;
        }
    }
}
