//! What a policy goes by.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::Bounds;
use crate::context::JobAutoScalerContext;
use crate::evaluate::EvaluationInput;
use crate::ids::VertexId;
use crate::observation::Readings;
use crate::options::JobOptions;
use crate::plugin::{CustomEvaluator, Picked, Plugins};
use crate::state::{DelayedScaleDown, ScalingHistory};
use crate::time::Instant;
use crate::topology::JobTopology;
use crate::window::MetricHistory;

/// A running job, as it was just observed.
#[derive(Debug)]
#[non_exhaustive]
pub struct JobView<'a> {
    /// The job.
    pub job: &'a JobAutoScalerContext,
    /// The plugins that its options may name.
    pub plugins: &'a Plugins,
    /// Its options.
    pub options: &'a JobOptions,
    /// Its graph.
    pub topology: &'a JobTopology,
    /// When the job last began to run.
    pub running_since: Instant,
    /// What was just read of each vertex, in the topology's order, and of the cluster.
    pub readings: &'a Readings,
    /// Source partitions of each vertex, in the topology's order; 0 where they are not known.
    pub partitions: &'a [u32],
    /// Vertices that are not to be scaled.
    pub excluded: &'a BTreeSet<VertexId>,
    /// The observations of the metric window, the one just made included; vertices are in the topology's order.
    pub history: &'a MetricHistory,
    /// When the observations since the job became stable span the metric window; in the past where they do.
    pub window_full_at: Instant,
    /// Expected downtime of a rescale, in whole seconds.
    pub restart_seconds: f64,
    /// Bounds of each vertex by the job's schedule, in the topology's order.
    pub(crate) scheduled: &'a [Bounds],
    /// When the job was scaled last, by whatever decided it.
    pub scaled_at: Option<Instant>,
    /// The parallelism that was asked for last of each vertex; it may not have come yet.
    pub asked: &'a BTreeMap<VertexId, i32>,
    /// Past scalings.
    pub scaling_history: &'a ScalingHistory,
    /// Scale-downs that wait.
    pub delayed_scale_down: &'a DelayedScaleDown,
}

impl<'a> JobView<'a> {
    /// What an evaluation of the metric window goes by.
    pub(crate) fn evaluation_input(&self, evaluators: &'a [Picked<'a, dyn CustomEvaluator>]) -> EvaluationInput<'a> {
        EvaluationInput {
            context: self.job,
            topology: self.topology,
            history: self.history,
            partitions: self.partitions,
            options: self.options,
            restart_seconds: self.restart_seconds,
            evaluators,
        }
    }
}
