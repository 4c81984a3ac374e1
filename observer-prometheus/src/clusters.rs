//! Clusters and the lists of their jobs.

use std::sync::atomic::AtomicU64;

use autoscaler_core::ClusterName;
use autoscaler_runtime::RoundEnded;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::labels::{OfCluster, OfReason};

/// The lists of jobs of all clusters.
#[derive(Debug)]
pub(crate) struct Clusters {
    up: Family<OfCluster, Gauge>,
    jobs: Family<OfCluster, Gauge>,
    unknown: Family<OfCluster, Gauge>,
    listing: Family<OfCluster, Gauge<f64, AtomicU64>>,
    lag: Family<OfCluster, Gauge<f64, AtomicU64>>,
    rounds: Family<OfCluster, Counter>,
    failures: Family<OfReason, Counter>,
}

impl Clusters {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let clusters = Self {
            up: Family::default(),
            jobs: Family::default(),
            unknown: Family::default(),
            listing: Family::default(),
            lag: Family::default(),
            rounds: Family::default(),
            failures: Family::default(),
        };
        registry.register("cluster_up", "1 if the cluster's jobs could be listed last, else 0", clusters.up.clone());
        registry.register("jobs", "Jobs that the cluster listed last", clusters.jobs.clone());
        let help = "Entries of the latest list of jobs that can't be used";
        registry.register("jobs_unknown", help, clusters.unknown.clone());
        let help = "How long the latest list of jobs took";
        registry.register_with_unit("listing", help, Unit::Seconds, clusters.listing.clone());
        let help = "How much later than planned the latest round over the cluster's jobs began";
        registry.register_with_unit("round_lag", help, Unit::Seconds, clusters.lag.clone());
        registry.register("rounds", "Rounds over the cluster's jobs", clusters.rounds.clone());
        let help = "Lists of jobs that failed, by the kind of failure";
        registry.register("listing_failures", help, clusters.failures.clone());
        clusters
    }

    pub(crate) fn round_ended(&self, name: &ClusterName, round: &RoundEnded) {
        let cluster = OfCluster::new(name);
        self.rounds.get_or_create(&cluster).inc();
        self.lag.get_or_create(&cluster).set(round.lag.as_secs_f64());
        self.listing.get_or_create(&cluster).set(round.listing.as_secs_f64());
        self.up.get_or_create(&cluster).set(i64::from(round.failure.is_none()));
        if let Some((error, _)) = &round.failure {
            let reason = error.kind().name();
            self.failures.get_or_create(&OfReason { cluster: cluster.cluster, reason }).inc();
            return;
        }
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.jobs.get_or_create(&cluster).set(count(round.listed));
        self.unknown.get_or_create(&cluster).set(count(round.unknown.len()));
    }
}
