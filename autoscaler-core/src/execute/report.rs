//! The scaling report: which vertices change, or would (algorithm 8.7).

use super::input::Execution;
use crate::evaluation::Evaluation;
use crate::event::Event;
use crate::metric::ScalingMetric as M;
use crate::scaling_report::{Blocked, ScalingReport, VertexScaling};

/// The event of a scaling to `parallelism`, in the topology's order: every vertex that changes.
pub(super) fn event(
    execution: &Execution<'_>,
    blocked: Option<Blocked>,
    parallelism: &[i32],
    evaluation: &Evaluation,
) -> Event {
    let changed = execution.topology.vertices().iter().zip(parallelism).zip(&evaluation.vertices);
    let vertices =
        changed.filter(|((vertex, to), _)| vertex.parallelism != **to).map(|((vertex, to), metrics)| VertexScaling {
            vertex: vertex.id,
            from: vertex.parallelism,
            to: *to,
            capacity: metrics.average(M::TrueProcessingRate),
            expected_capacity: metrics.current(M::ExpectedProcessingRate),
            target_data_rate: metrics.average(M::TargetDataRate),
        });
    Event::scaling_report(ScalingReport { blocked, vertices: vertices.collect() })
        .with_key("ScalingExecutor")
        .merged_within(execution.options.scaling_event_interval)
}
