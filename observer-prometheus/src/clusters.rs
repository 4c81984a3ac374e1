//! Clusters and the lists of their jobs.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;

use autoscaler_core::ClusterName;
use autoscaler_runtime::RoundEnded;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::labels::{OfCluster, OfReason};
use crate::per_cluster::PerCluster;

/// The lists of jobs of all clusters.
#[derive(Debug)]
pub(crate) struct Clusters {
    up: PerCluster<OfCluster, Gauge>,
    jobs: PerCluster<OfCluster, Gauge>,
    unknown: PerCluster<OfCluster, Gauge>,
    listing: PerCluster<OfCluster, Gauge<f64, AtomicU64>>,
    lag: PerCluster<OfCluster, Gauge<f64, AtomicU64>>,
    rounds: PerCluster<OfCluster, Counter>,
    failures: PerCluster<OfReason, Counter>,
}

impl Clusters {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let clusters = Self {
            up: PerCluster::default(),
            jobs: PerCluster::default(),
            unknown: PerCluster::default(),
            listing: PerCluster::default(),
            lag: PerCluster::default(),
            rounds: PerCluster::default(),
            failures: PerCluster::default(),
        };
        registry.register("cluster_up", "1 if the cluster's jobs could be listed last, else 0", clusters.up.family());
        registry.register("jobs", "Jobs that the cluster listed last", clusters.jobs.family());
        let help = "Entries of the latest list of jobs that can't be used";
        registry.register("jobs_unknown", help, clusters.unknown.family());
        let help = "How long the latest list of jobs took";
        registry.register_with_unit("listing", help, Unit::Seconds, clusters.listing.family());
        let help = "How much later than planned the latest round over the cluster's jobs began";
        registry.register_with_unit("round_lag", help, Unit::Seconds, clusters.lag.family());
        registry.register("rounds", "Rounds over the cluster's jobs", clusters.rounds.family());
        let help = "Lists of jobs that failed, by the kind of failure";
        registry.register("listing_failures", help, clusters.failures.family());
        clusters
    }

    /// Takes away what is of no cluster among these.
    pub(crate) fn keep(&self, clusters: &BTreeSet<ClusterName>) {
        let Self { up, jobs, unknown, listing, lag, rounds, failures } = self;
        [up, jobs, unknown].iter().for_each(|gauges| gauges.keep(clusters));
        [listing, lag].iter().for_each(|gauges| gauges.keep(clusters));
        rounds.keep(clusters);
        failures.keep(clusters);
    }

    pub(crate) fn round_ended(&self, name: &ClusterName, round: &RoundEnded) {
        let cluster = OfCluster::new(name);
        self.rounds.of(&cluster).inc();
        self.lag.of(&cluster).set(round.lag.as_secs_f64());
        self.listing.of(&cluster).set(round.listing.as_secs_f64());
        self.up.of(&cluster).set(i64::from(round.failure.is_none()));
        if let Some((error, _)) = &round.failure {
            let reason = error.kind().name();
            self.failures.of(&OfReason { cluster: cluster.cluster, reason }).inc();
            return;
        }
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.jobs.of(&cluster).set(count(round.listed));
        self.unknown.of(&cluster).set(count(round.unknown.len()));
    }
}
