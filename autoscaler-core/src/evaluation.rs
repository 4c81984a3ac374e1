//! What was evaluated in one cycle.

use crate::metric::EvaluatedMetrics;

/// Everything evaluated in one cycle.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// One for each vertex, in the topology's order.
    pub vertices: Vec<EvaluatedMetrics>,
    /// The cluster.
    pub global: EvaluatedMetrics,
}
