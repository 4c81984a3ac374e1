//! What is known of clusters beside their names: a series for each, to join others with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use autoscaler_core::{ClusterName, Labels};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

/// The labels of clusters as of their latest rounds. No other series has them, so that none ends and another begins with each attempt of an
/// application, say.
#[derive(Debug, Default)]
pub(crate) struct Facts(Mutex<BTreeMap<ClusterName, Labels>>);

impl Facts {
    pub(crate) fn note(&self, cluster: &ClusterName, labels: &Labels) {
        if !labels.is_empty() {
            self.locked().insert(cluster.clone(), labels.clone());
        }
    }

    /// Forgets all clusters but these.
    pub(crate) fn keep(&self, clusters: &BTreeSet<ClusterName>) {
        self.locked().retain(|cluster, _| clusters.contains(cluster));
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<ClusterName, Labels>> {
        // Whole at every moment, so a panic elsewhere does no harm here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Facts {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let facts = self.locked();
        if facts.is_empty() {
            // A family without a series is no family to Prometheus' linter.
            return Ok(());
        }
        let help = "1, with what is known of the cluster: of an application of YARN its name, user, queue and attempt";
        let mut family = encoder.encode_descriptor("cluster_info", help, None, MetricType::Gauge)?;
        for (cluster, labels) in facts.iter() {
            let known = labels.pairs().iter().map(|(name, value)| (*name, value.as_str()));
            let all: Vec<_> = std::iter::once(("cluster", cluster.as_str())).chain(known).collect();
            ConstGauge::new(1_i64).encode(family.encode_family(&all)?)?;
        }
        Ok(())
    }
}
