//! What series are told apart by.

use autoscaler_core::ClusterName;
use prometheus_client::encoding::EncodeLabelSet;

/// Letters of a name that are kept: Flink chains the names of operators, without a bound.
const NAME_LETTERS: usize = 80;

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfCluster {
    pub(crate) cluster: String,
}

/// A cluster, and one of few words.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfOutcome {
    pub(crate) cluster: String,
    pub(crate) outcome: &'static str,
}

/// A step of cycles that failed in some way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfFailure {
    pub(crate) cluster: String,
    pub(crate) step: &'static str,
    pub(crate) kind: &'static str,
}

/// A step of cycles.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfStep {
    pub(crate) cluster: String,
    pub(crate) step: &'static str,
}

/// Why cycles were left out, or how lists failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfReason {
    pub(crate) cluster: String,
    pub(crate) reason: &'static str,
}

impl OfCluster {
    pub(crate) fn new(cluster: &ClusterName) -> Self {
        Self { cluster: cluster.to_string() }
    }
}

/// A name, cut.
pub(crate) fn short(name: &str) -> String {
    name.chars().take(NAME_LETTERS).collect()
}
