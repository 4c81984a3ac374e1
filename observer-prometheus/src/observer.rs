//! What watches cycles and backends for Prometheus.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use autoscaler_core::ports::{BackendObserver, Call, EventQueue};
use autoscaler_core::{ClusterName, JobAutoScalerContext, JobKey, ListedJob, PortError};
use autoscaler_runtime::{CycleEnded, CycleObserver, RoundEnded, Skipped};
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::MetricsOptions;
use crate::backends::BackendCalls;
use crate::clusters::Clusters;
use crate::cycles::Cycles;
use crate::facts::Facts;
use crate::jobs::Jobs;

/// Counts and measures what it sees, for Prometheus to scrape.
#[derive(Debug)]
pub struct PrometheusObserver {
    registry: Registry,
    cycles: Cycles,
    clusters: Clusters,
    backends: BackendCalls,
    jobs: Arc<Jobs>,
    facts: Arc<Facts>,
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
        let facts = Arc::<Facts>::default();
        registry.register_collector(Box::new(Arc::clone(&facts)));
        Self {
            cycles: Cycles::new(&mut registry),
            clusters: Clusters::new(&mut registry),
            backends: BackendCalls::new(&mut registry),
            registry,
            jobs,
            facts,
            may_act,
        }
    }

    /// Everything in Prometheus' text format, of the type [`CONTENT_TYPE`](crate::CONTENT_TYPE).
    ///
    /// # Errors
    /// The text could not be put together, which is a bug.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl CycleObserver for PrometheusObserver {
    fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>) {
        self.cycles.ended(&job.cluster, ended);
        self.jobs.cycle_ended(job, ended);
    }

    fn cycle_skipped(&self, cluster: &ClusterName, _: &ListedJob, why: &Skipped) {
        self.cycles.skipped(cluster, why);
    }

    fn job_found(&self, _: &ClusterName, _: &ListedJob) {}

    fn job_gone(&self, cluster: &ClusterName, job: &JobKey) {
        self.jobs.gone(cluster, job);
    }

    fn round_ended(&self, cluster: &ClusterName, round: &RoundEnded) {
        self.clusters.round_ended(cluster, round);
        self.facts.note(cluster, &round.labels);
    }

    fn clusters_watched(&self, clusters: &BTreeSet<ClusterName>) {
        self.cycles.keep(clusters);
        self.clusters.keep(clusters);
        self.backends.keep(clusters);
        self.jobs.keep(clusters);
        self.facts.keep(clusters);
    }

    fn right_to_act(&self, is_ours: bool) {
        self.may_act.set(i64::from(is_ours));
    }

    // Calls of the store are counted where they are made.
    fn right_asked_for(&self, _: Option<&PortError>) {}
}

impl BackendObserver for PrometheusObserver {
    fn call_ended(&self, call: &Call<'_>) {
        self.backends.ended(call);
    }

    fn queue_changed(&self, handler: &'static str, queue: EventQueue) {
        self.backends.queue_changed(handler, queue);
    }
}
