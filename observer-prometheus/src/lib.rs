#![doc = include_str!("../README.md")]

mod backends;
mod clusters;
mod cycles;
mod facts;
mod jobs;
mod labels;
mod observer;
mod options;
mod per_cluster;

use autoscaler_core::registry::Backends;

pub use observer::PrometheusObserver;
pub use options::MetricsOptions;

/// The media type of [`PrometheusObserver::render`]'s text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Bounds of histograms in seconds, from what SQLite takes to what a cluster under stress does.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 15.0, 60.0];

/// Adds the options of metrics to the option table.
pub fn register(backends: &mut Backends) {
    backends.add_options(MetricsOptions::SPECS);
}
