//! From the window of observations to what each vertex can do and has to do (algorithm 3).

mod custom;
mod flow;
mod input;
mod rates;

pub use flow::EvaluateError;
pub(crate) use input::EvaluationInput;
pub use rates::{Capacity, Utilization};

use crate::decimal::round3;
use crate::evaluation::Evaluation;
use crate::metric::{EvaluatedMetrics, EvaluatedScalingMetric as Value, ScalingMetric as M};
use crate::options::JobOptions;
use crate::time::whole_seconds;
use crate::topology::JobTopology;
use crate::window::MetricHistory;

/// How many metrics a vertex has once it is evaluated and decided on.
const EVALUATED_METRICS: usize = 12;

/// Evaluates the window. What custom evaluators fail at is told in `warnings`.
///
/// # Errors
/// A source's target data rate is unknown.
pub(crate) fn evaluate(input: &EvaluationInput<'_>, warnings: &mut Vec<String>) -> Result<Evaluation, EvaluateError> {
    let EvaluationInput { topology, history, options, .. } = *input;
    let backlog = has_backlog(topology, history, options);
    let mut flows = flow::Flows::new(topology, history);
    let mut vertices = Vec::with_capacity(topology.vertices().len());
    for (index, vertex) in topology.vertices().iter().enumerate() {
        let (target, catch_up) = flows.of(index, options)?;
        let window = rates::VertexWindow { vertex, index, history };
        let busy = window.busy_ms_per_second(options);
        let rate = round3(window.true_processing_rate(busy, options));
        let mut metrics = EvaluatedMetrics::with_capacity(EVALUATED_METRICS);
        metrics.set(M::TargetDataRate, Value::average(round3(target)));
        metrics.set(M::CatchUpDataRate, Value::current(round3(catch_up)));
        metrics.set(M::Load, Value::average(round3(busy / 1000.0)));
        metrics.set(M::TrueProcessingRate, Value::average(rate));
        if let Some(lag) = history.last(M::Lag, index) {
            metrics.set(M::Lag, Value::current(round3(lag)));
        }
        metrics.set(M::Parallelism, Value::current(f64::from(vertex.parallelism)));
        metrics.set(M::MaxParallelism, Value::current(f64::from(vertex.max_parallelism)));
        metrics.set(M::NumSourcePartitions, Value::current(f64::from(input.partitions[index])));
        let capacity = Capacity::of(&metrics, options, input.restart_seconds);
        let bounds = Utilization::bounds(backlog, options);
        metrics.set(M::ScaleUpRateThreshold, Value::current(round3(capacity.at(bounds.upper, false))));
        metrics.set(M::ScaleDownRateThreshold, Value::current(round3(capacity.at(bounds.lower, true))));
        if !input.evaluators.is_empty() {
            custom::evaluate(input, vertex, &mut metrics, &vertices, backlog, warnings);
            flows.replace(index, metrics.average(M::TargetDataRate), metrics.current(M::CatchUpDataRate));
        }
        metrics.set(M::RecommendedParallelism, Value::current(f64::from(vertex.parallelism)));
        vertices.push(metrics);
    }
    Ok(Evaluation { vertices, global: global(history) })
}

/// Whether some source lags by more than the threshold, in seconds of its own rate.
fn has_backlog(topology: &JobTopology, history: &MetricHistory, options: &JobOptions) -> bool {
    let threshold = whole_seconds(options.backlog_lag_threshold);
    topology.vertices().iter().enumerate().filter(|(_, vertex)| vertex.is_source()).any(|(index, _)| {
        let rate = history.rate(M::NumRecordsIn, index);
        let lag = history.last(M::Lag, index).unwrap_or(f64::NAN);
        !rate.is_nan() && lag / rate > threshold
    })
}

/// What was evaluated of the cluster.
pub(crate) fn global(history: &MetricHistory) -> EvaluatedMetrics {
    let last = |metric| round3(history.global_last(metric));
    let average = |metric| round3(history.global_average(metric));
    let mut metrics = EvaluatedMetrics::default();
    metrics.set(M::GcPressure, Value::current(last(M::GcPressure)));
    for metric in [M::HeapMaxUsageRatio, M::HeapMemoryUsed, M::ManagedMemoryUsed, M::MetaspaceMemoryUsed] {
        metrics.set(metric, Value { current: last(metric), average: average(metric) });
    }
    metrics.set(M::NumTaskSlotsUsed, Value::current(last(M::NumTaskSlotsUsed)));
    metrics
}
