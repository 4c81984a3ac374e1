//! What would be proposed with other options.

use std::collections::BTreeMap;

use crate::context::JobAutoScalerContext;
use crate::evaluation::Evaluation;
use crate::metric::ScalingMetric as M;
use crate::observation::{ClusterReading, Readings};
use crate::plugin::Plugins;
use crate::state::{DelayedScaleDown, PolicyMemory, ScalingHistory};
use crate::time::{self, Instant, whole_seconds};
use crate::topology::JobTopology;
use crate::window::MetricHistory;

use super::contract::Policy;
use super::proposal::Proposal;
use super::reference::ReferencePolicy;
use super::slot_aware::raise;
use super::view::JobView;

/// What a cycle left behind.
#[derive(Clone, Copy, Debug)]
pub struct Left<'a> {
    /// When it was.
    pub at: Instant,
    /// The job's graph.
    pub topology: &'a JobTopology,
    /// What was evaluated.
    pub evaluation: &'a Evaluation,
    /// The metric window.
    pub window: &'a MetricHistory,
    /// Past scalings.
    pub scaling_history: &'a ScalingHistory,
}

/// What the reference policy proposes for a job as a cycle left it, by the options of `job`; nothing where the
/// options can't be used, or the window is of another graph. Changes nothing.
///
/// The window is what was observed of it, also where the options ask for a longer one. No plugin is asked, no scale-down
/// has waited before, and a rescale takes `job.autoscaler.restart.time`.
pub fn what_if(job: &JobAutoScalerContext, left: Left<'_>) -> Option<Proposal> {
    let options = job.options().ok()?;
    if !left.topology.vertices().iter().map(|vertex| vertex.id).eq(left.window.vertices().iter().copied()) {
        return None;
    }
    let mut history = left.window.clone();
    history.drop_before(time::before(left.at, options.metrics_window));
    let partitions: Vec<u32> =
        left.evaluation.vertices.iter().map(|metrics| count(metrics.current(M::NumSourcePartitions))).collect();
    let excluded = options.vertex_exclude_ids.iter().filter_map(|id| id.parse().ok()).collect();
    let view = JobView {
        job,
        plugins: &Plugins::default(),
        options,
        topology: left.topology,
        running_since: left.at,
        readings: &Readings::new(Vec::new(), ClusterReading::default()),
        partitions: &partitions,
        excluded: &excluded,
        history: &history,
        window_full_at: left.at,
        restart_seconds: whole_seconds(options.restart_time),
        scheduled: &[],
        scaled_at: None,
        asked: &BTreeMap::new(),
        scaling_history: left.scaling_history,
        delayed_scale_down: &DelayedScaleDown::default(),
    };
    let mut proposal = ReferencePolicy.propose(&view, &mut PolicyMemory::default(), left.at);
    raise(&mut proposal, &view);
    Some(proposal)
}

/// A count that was kept as a number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, and NaN is 0"
)]
fn count(number: f64) -> u32 {
    number as u32
}
