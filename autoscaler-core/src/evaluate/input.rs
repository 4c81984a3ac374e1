//! What an evaluation goes by.

use crate::context::JobAutoScalerContext;
use crate::options::JobOptions;
use crate::plugin::{CustomEvaluator, Picked};
use crate::topology::JobTopology;
use crate::window::MetricHistory;

/// What evaluation takes.
#[derive(Debug)]
pub(crate) struct EvaluationInput<'a> {
    pub(crate) context: &'a JobAutoScalerContext,
    pub(crate) topology: &'a JobTopology,
    /// Its vertices stand in the topology's order: the last row was made from it.
    pub(crate) history: &'a MetricHistory,
    /// Partitions of each vertex's source, in the topology's order.
    pub(crate) partitions: &'a [u32],
    pub(crate) options: &'a JobOptions,
    /// Expected downtime of a rescale, in whole seconds.
    pub(crate) restart_seconds: f64,
    /// The custom evaluators in use, in the order they run.
    pub(crate) evaluators: &'a [Picked<'a, dyn CustomEvaluator>],
}
