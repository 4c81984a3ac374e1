//! Telling why: each vertex's decision, at `info` when the job scales and at `debug` every cycle.

use autoscaler_core::metric::ScalingMetric as M;
use autoscaler_core::{CycleReport, JobAutoScalerContext, Outcome};

/// The log target of explanations; `RUST_LOG=info,flink_autoscaler::explain=debug` shows every cycle's.
const TARGET: &str = "flink_autoscaler::explain";

/// Logs what a cycle came to.
pub(crate) fn report(context: &JobAutoScalerContext, report: &CycleReport) {
    let held = report.held.as_ref().map(ToString::to_string);
    let note = report.note.as_deref().or(held.as_deref()).unwrap_or_default();
    tracing::debug!(target: TARGET, job = %context.key, name = %context.name, outcome = ?report.outcome, note, "cycle");
    let (Some(topology), Some(evaluation)) = (&report.topology, &report.evaluation) else { return };
    for (index, (vertex, metrics)) in topology.vertices().iter().zip(&evaluation.vertices).enumerate() {
        let why = report.decisions.get(index).map_or_else(|| note.to_owned(), ToString::to_string);
        let target = report.decisions.get(index).map_or(vertex.parallelism, |decision| decision.target());
        macro_rules! explain {
            ($level:expr) => {
                tracing::event!(
                    target: TARGET, $level, job = %context.key, vertex = %vertex.id, vertex_name = %vertex.name,
                    parallelism = vertex.parallelism, to = target, busy = metrics.average(M::Load),
                    rate = metrics.average(M::TrueProcessingRate), target_rate = metrics.average(M::TargetDataRate),
                    lag = metrics.current(M::Lag), "{why}"
                )
            };
        }
        if report.outcome == Outcome::Scaled { explain!(tracing::Level::INFO) } else { explain!(tracing::Level::DEBUG) }
    }
}
