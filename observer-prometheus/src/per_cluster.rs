//! Series that go with their cluster.

use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use autoscaler_core::ClusterName;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;

use crate::SECONDS;

/// Labels with a cluster among them.
pub(crate) trait InCluster {
    /// The cluster's name.
    fn cluster(&self) -> &str;
}

/// Metrics told apart by labels with a cluster among them.
#[derive(Debug)]
pub(crate) struct PerCluster<L, M, C = fn() -> M> {
    family: Family<L, M, C>,
    /// The labels there are: a family does not tell.
    known: Mutex<HashSet<L>>,
}

impl<L: Clone + Hash + Eq, M: Default> Default for PerCluster<L, M> {
    fn default() -> Self {
        Self { family: Family::default(), known: Mutex::default() }
    }
}

impl<L: Clone + Hash + Eq> PerCluster<L, Histogram> {
    /// Histograms of seconds.
    pub(crate) fn of_seconds() -> Self {
        Self { family: Family::new_with_constructor(|| Histogram::new(SECONDS)), known: Mutex::default() }
    }
}

impl<L: Clone + Hash + Eq + InCluster, M, C: MetricConstructor<M>> PerCluster<L, M, C> {
    /// What is registered.
    pub(crate) fn family(&self) -> Family<L, M, C>
    where
        C: Clone,
    {
        self.family.clone()
    }

    /// The metric of these labels.
    pub(crate) fn of(&self, labels: &L) -> impl Deref<Target = M> {
        if self.family.get(labels).is_none() {
            // Whole at every moment, so a panic elsewhere does no harm here.
            self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(labels.clone());
        }
        self.family.get_or_create(labels)
    }

    /// Takes away what is of no cluster among these.
    pub(crate) fn keep(&self, clusters: &BTreeSet<ClusterName>) {
        let names: HashSet<&str> = clusters.iter().map(ClusterName::as_str).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for gone in known.extract_if(|labels| !names.contains(labels.cluster())) {
            self.family.remove(&gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::counter::Counter;

    use super::*;
    use crate::labels::OfReason;

    #[test]
    fn series_of_a_cluster_that_is_gone_are_gone_with_it() {
        let series: PerCluster<OfReason, Counter> = PerCluster::default();
        let labels = |cluster: &str| OfReason { cluster: cluster.to_owned(), reason: "timed out" };
        ["a", "b", "b"].iter().for_each(|cluster| {
            series.of(&labels(cluster)).inc();
        });
        series.keep(&[ClusterName::new("b")].into());
        assert!(series.family.get(&labels("a")).is_none());
        assert_eq!(series.of(&labels("b")).get(), 2);
        assert_eq!(series.of(&labels("a")).get(), 0, "it comes back");
        series.keep(&[].into());
        assert!(["a", "b"].iter().all(|cluster| series.family.get(&labels(cluster)).is_none()));
    }
}
