#![doc = include_str!("../README.md")]

mod backends;
mod clusters;
mod cycles;
mod jobs;
mod labels;
mod observer;
mod options;
mod per_cluster;

use std::fmt;
use std::sync::Arc;

use autoscaler_core::registry::Backends;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

pub use options::MetricsOptions;

use backends::BackendCalls;
use clusters::Clusters;
use cycles::Cycles;
use jobs::Jobs;

/// The media type of [`PrometheusObserver::render`]'s text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Bounds of histograms in seconds, from what SQLite takes to what a cluster under stress does.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0];

/// Counts and measures what it sees, for Prometheus to scrape.
#[derive(Debug)]
pub struct PrometheusObserver {
    registry: Registry,
    cycles: Cycles,
    clusters: Clusters,
    backends: BackendCalls,
    jobs: Arc<Jobs>,
    may_act: Gauge,
}

impl PrometheusObserver {
    /// Knows nothing yet. `version` is that of the program, for `flink_autoscaler_build_info`.
    pub fn new(options: &MetricsOptions, version: &str) -> Self {
        let mut registry = Registry::with_prefix("flink_autoscaler");
        registry.register("build", "The version of the program", Info::new(vec![("version", version.to_owned())]));
        let may_act = Gauge::default();
        may_act.set(1);
        registry.register("leads", "1 while saving and realizing are this process's to do, else 0", may_act.clone());
        let jobs = Arc::new(Jobs::new(options.series()));
        registry.register_collector(Box::new(Arc::clone(&jobs)));
        Self {
            cycles: Cycles::new(&mut registry),
            clusters: Clusters::new(&mut registry),
            backends: BackendCalls::new(&mut registry),
            registry,
            jobs,
            may_act,
        }
    }

    /// Everything in Prometheus' text format, of the type [`CONTENT_TYPE`].
    ///
    /// # Errors
    /// The text could not be put together, which is a bug.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Adds the options of metrics to the option table.
pub fn register(backends: &mut Backends) {
    backends.add_options(MetricsOptions::SPECS);
}
