//! Custom evaluators: what they return goes over what the core evaluated.

use super::input::EvaluationInput;
use crate::metric::{EvaluatedMetrics, EvaluatedScalingMetric};
use crate::plugin::EvaluatorInput;
use crate::topology::VertexInfo;

/// Runs the chain over one vertex; `upstream` are the vertices before it.
pub(super) fn evaluate(
    evaluation: &EvaluationInput<'_>,
    vertex: &VertexInfo,
    metrics: &mut EvaluatedMetrics,
    upstream: &[EvaluatedMetrics],
    processes_backlog: bool,
    warnings: &mut Vec<String>,
) {
    for picked in evaluation.evaluators {
        let input = EvaluatorInput {
            job: evaluation.context,
            topology: evaluation.topology,
            vertex,
            metrics,
            upstream,
            history: evaluation.history,
            processes_backlog,
            restart_seconds: evaluation.restart_seconds,
            parameters: &picked.choice.parameters,
        };
        match picked.call(|evaluator| evaluator.evaluate(&input)) {
            Ok(replaced) => {
                for (metric, over) in replaced {
                    let under =
                        EvaluatedScalingMetric { current: metrics.current(metric), average: metrics.average(metric) };
                    metrics.set(metric, merged(under, over));
                }
            }
            Err(why) => warnings.push(format!("vertex {}: {why}", vertex.id)),
        }
    }
}

/// A side that is NaN leaves what was there.
fn merged(under: EvaluatedScalingMetric, over: EvaluatedScalingMetric) -> EvaluatedScalingMetric {
    let side = |under: f64, over: f64| if over.is_nan() { under } else { over };
    EvaluatedScalingMetric { current: side(under.current, over.current), average: side(under.average, over.average) }
}
