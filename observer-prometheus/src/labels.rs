//! What series are told apart by.

use std::fmt;

use autoscaler_core::ClusterName;
use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};

use crate::per_cluster::InCluster;

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

/// A request to a cluster, in its shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfRequest {
    pub(crate) cluster: String,
    pub(crate) method: &'static str,
    pub(crate) endpoint: &'static str,
}

/// What the state store is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfOperation {
    pub(crate) operation: &'static str,
}

/// An event handler.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfHandler {
    pub(crate) handler: &'static str,
}

/// What an event handler is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfHandlerCall {
    pub(crate) handler: &'static str,
    pub(crate) operation: &'static str,
}

/// A way in which something fails.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OfKind<L> {
    pub(crate) of: L,
    pub(crate) kind: &'static str,
}

/// Those with a field `cluster`.
macro_rules! in_cluster {
    ($($labels:ty),*) => {
        $(impl InCluster for $labels {
            fn cluster(&self) -> &str {
                &self.cluster
            }
        })*
    };
}

in_cluster!(OfCluster, OfOutcome, OfFailure, OfStep, OfReason, OfRequest, OfDirection);

impl<L: InCluster> InCluster for OfKind<L> {
    fn cluster(&self) -> &str {
        self.of.cluster()
    }
}

impl<L: EncodeLabelSet> EncodeLabelSet for OfKind<L> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.of.encode(encoder)?;
        ("kind", self.kind).encode(encoder.encode_label())
    }
}

/// Up or down, on a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfDirection {
    pub(crate) cluster: String,
    pub(crate) direction: &'static str,
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
