//! Extension points of a decision, and the registry that options pick from by name.
//!
//! A plugin is registered under a name ([`Plugins::register_evaluator`] and so on); the option `….<name>.class` says
//! which registered one a name in the options stands for, and every other `….<name>.<parameter>` is handed to it.
//! Plugins are part of a decision, so they should be as pure as the core: no I/O, the same answer for the same input.
//!
//! A plugin that fails, or panics, costs its own contribution and nothing else: the cycle goes on without it, and
//! [`CycleReport::warnings`](crate::CycleReport::warnings) tells.

mod alignable;
mod registry;

use std::collections::BTreeMap;
use std::fmt::Debug;

pub use alignable::Alignable;
pub(crate) use registry::Picked;
pub use registry::Plugins;

use crate::context::JobAutoScalerContext;
use crate::evaluation::Evaluation;
use crate::ids::VertexId;
use crate::metric::{EvaluatedMetrics, EvaluatedScalingMetric, ScalingMetric};
use crate::options::Parameters;
use crate::topology::{JobTopology, VertexInfo};
use crate::window::MetricHistory;

/// What a plugin says went wrong.
pub type PluginResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What a custom evaluator goes by.
#[derive(Debug)]
#[non_exhaustive]
pub struct EvaluatorInput<'a> {
    /// The job.
    pub job: &'a JobAutoScalerContext,
    /// Its graph.
    pub topology: &'a JobTopology,
    /// The vertex to evaluate.
    pub vertex: &'a VertexInfo,
    /// What was evaluated for it so far, by the core and by evaluators of a lower priority.
    pub metrics: &'a EvaluatedMetrics,
    /// The vertices before it in the topology's order, evaluated to the end.
    pub upstream: &'a [EvaluatedMetrics],
    /// The observations of the metric window; columns are in the topology's order.
    pub history: &'a MetricHistory,
    /// Whether the job is working off a backlog.
    pub processes_backlog: bool,
    /// Expected downtime of a rescale, in whole seconds.
    pub restart_seconds: f64,
    /// What stands behind `job.autoscaler.metrics.custom-evaluator.<name>.`.
    pub parameters: &'a Parameters,
}

/// Overwrites evaluated metrics of a vertex (algorithm 3).
pub trait CustomEvaluator: Debug + Send + Sync + 'static {
    /// Where it stands in the chain: evaluators run in ascending priority, equal ones in the option's order.
    fn priority(&self) -> i32;

    /// Evaluates one vertex.
    ///
    /// # Behavior
    /// - a returned metric replaces the core's, side by side: a side that is NaN leaves what was there;
    /// - a replaced target or catch-up data rate counts for the vertices behind, too;
    /// - an error leaves the vertex as it was.
    fn evaluate(&self, input: &EvaluatorInput<'_>) -> PluginResult<Vec<(ScalingMetric, EvaluatedScalingMetric)>>;
}

/// What a custom alignment mode goes by.
#[derive(Debug)]
#[non_exhaustive]
pub struct AlignmentInput<'a> {
    /// The vertex.
    pub vertex: &'a VertexInfo,
    /// Its evaluated metrics.
    pub metrics: &'a EvaluatedMetrics,
    /// The parallelism wanted, and what limits it.
    pub alignable: Alignable,
    /// Source partitions; 0 where they are not known.
    pub partitions: u32,
    /// Whether the built-in modes would align it: source partitions are known, or an input is by key.
    pub is_alignable: bool,
    /// What stands behind `job.autoscaler.scaling.parallelism-alignment.mode.<name>.`.
    pub parameters: &'a Parameters,
}

/// Adjusts the parallelism wanted for a vertex (algorithm 6).
pub trait AlignmentMode: Debug + Send + Sync + 'static {
    /// Returns the parallelism to take.
    ///
    /// # Behavior
    /// - asked for every vertex; return `input.alignable.wanted` for those it does not care about;
    /// - the answer is kept within the vertex's limits;
    /// - an error keeps the parallelism wanted.
    fn align(&self, input: &AlignmentInput<'_>) -> PluginResult<i32>;
}

/// What a custom executor goes by.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExecutorInput<'a> {
    /// The job.
    pub job: &'a JobAutoScalerContext,
    /// Its graph.
    pub topology: &'a JobTopology,
    /// Everything evaluated in this cycle.
    pub evaluation: &'a Evaluation,
    /// What stands behind `job.autoscaler.scaling.custom-executor.<name>.`.
    pub parameters: &'a Parameters,
}

/// What a custom executor makes of a scaling.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecutorVerdict {
    /// Scale these vertices to these parallelisms; vertices left out stay as they are.
    Scale(BTreeMap<VertexId, i32>),
    /// Don't scale, for a reason that is told.
    Veto(String),
}

/// Changes a scaling before it is carried out, or vetoes it (algorithm 8.6).
pub trait CustomExecutor: Debug + Send + Sync + 'static {
    /// Where it stands in the chain: executors run in ascending priority, equal ones in the option's order.
    fn priority(&self) -> i32;

    /// Looks at a scaling: the new parallelism of each vertex that changes.
    ///
    /// # Behavior
    /// - each executor sees what the one before it left;
    /// - parallelisms are kept within 1 and the vertex's maximum;
    /// - an error vetoes: a guard that is broken must not let everything pass.
    fn filter(&self, input: &ExecutorInput<'_>, scaling: &BTreeMap<VertexId, i32>) -> PluginResult<ExecutorVerdict>;
}

/// Says whether a cluster can have the TaskManagers that a scaling needs (algorithm 8.4).
pub trait ResourceCheck: Debug + Send + Sync + 'static {
    /// Whether `after` TaskManagers of `cpu` cores and `memory_bytes` each can be had, `before` being there.
    fn can_schedule(&self, before: u64, after: u64, cpu: f64, memory_bytes: u64) -> bool;
}
