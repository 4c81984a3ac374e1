//! What Flink's metrics say about a vertex and about the cluster.

use std::time::Duration;

use crate::decimal::round3;
use crate::metric::{GlobalSample, ScalingMetric, VertexSample};
use crate::observation::{ClusterReading, FlinkMetric, TaskManagerReading, VertexReading};
use crate::options::{JobOptions, MetricAggregator};
use crate::time::whole_seconds;
use crate::topology::VertexInfo;
use crate::window::MetricHistory;

/// The metrics of one vertex, each rounded to three decimals.
pub(crate) fn vertex_sample(
    vertex: &VertexInfo,
    reading: &VertexReading,
    history: &MetricHistory,
    options: &JobOptions,
) -> VertexSample {
    let mut sample = VertexSample::default();
    let mut put = |metric, value: f64| {
        sample.set(metric, round3(value));
    };
    if vertex.finished {
        put_zeros(vertex, &mut put);
        return sample;
    }
    put(ScalingMetric::Load, load(reading, options.busy_time_aggregator));
    put(ScalingMetric::AccumulatedBusyTime, vertex.io.accumulated_busy_ms);
    put(ScalingMetric::NumRecordsIn, records_in(vertex, reading));
    put(ScalingMetric::NumRecordsOut, at_least_zero(vertex.io.records_out));
    if vertex.is_source() {
        let lag = reading.get(FlinkMetric::PendingRecords).map_or(0.0, |pending| pending.sum);
        put(ScalingMetric::Lag, lag);
        put(ScalingMetric::ObservedTpr, observed_rate(vertex, reading, round3(lag), history, options));
    } else if let Some(rate) = reading.get(FlinkMetric::NumRecordsInPerSecond) {
        put(ScalingMetric::NumRecordsInPerSecond, at_least_zero(rate.sum));
    }
    sample
}

fn put_zeros(vertex: &VertexInfo, put: &mut impl FnMut(ScalingMetric, f64)) {
    use ScalingMetric as M;
    for metric in [M::Load, M::AccumulatedBusyTime, M::NumRecordsIn, M::NumRecordsOut] {
        put(metric, 0.0);
    }
    // The rate of any other vertex stays unknown, as the reference leaves it.
    if vertex.is_source() {
        put(M::Lag, 0.0);
        // Reading nothing, it could process anything: the rule for a rate of 0.
        put(M::ObservedTpr, f64::INFINITY);
    }
}

/// NaN stays NaN.
fn at_least_zero(value: f64) -> f64 {
    if value < 0.0 { 0.0 } else { value }
}

/// Busy share of a second; NaN if unknown or not finite.
fn load(reading: &VertexReading, aggregator: MetricAggregator) -> f64 {
    let Some(busy) = reading.get(FlinkMetric::BusyTimeMsPerSecond) else { return f64::NAN };
    let millis = match aggregator {
        MetricAggregator::Avg => busy.avg,
        MetricAggregator::Max => busy.max,
        MetricAggregator::Min => busy.min,
    };
    if millis.is_finite() { at_least_zero(millis) / 1000.0 } else { f64::NAN }
}

/// Records read; a source that counts none in its task counts them in its reader, or as it emits them.
fn records_in(vertex: &VertexInfo, reading: &VertexReading) -> f64 {
    let counted = at_least_zero(vertex.io.records_in);
    if counted != 0.0 || !vertex.is_source() {
        return counted;
    }
    let sum = |metric| reading.get(metric).map_or(0.0, |counter| at_least_zero(counter.sum));
    let read = sum(FlinkMetric::SourceNumRecordsIn);
    if read == 0.0 { sum(FlinkMetric::SourceNumRecordsOut) } else { read }
}

/// The true processing rate of a source that works at its limit, records per second: what it reads, without the
/// share of time it was held back. Where it does not work at its limit, the average seen so far.
fn observed_rate(
    vertex: &VertexInfo,
    reading: &VertexReading,
    lag: f64,
    history: &MetricHistory,
    options: &JobOptions,
) -> f64 {
    let rate = reading.get(FlinkMetric::SourceNumRecordsInPerSecond).map_or(f64::NAN, |rate| at_least_zero(rate.sum));
    if rate == 0.0 {
        return f64::INFINITY;
    }
    if catches_up(lag, rate, options.observed_rate_lag_threshold) {
        let held_back =
            reading.get(FlinkMetric::BackPressuredTimeMsPerSecond).map_or(f64::NAN, |held_back| held_back.avg);
        if held_back < 1000.0 {
            return rate / (1.0 - held_back / 1000.0);
        }
    }
    history.column(vertex.id).map_or(f64::NAN, |column| {
        history.average(ScalingMetric::ObservedTpr, column, options.observed_rate_min_observations)
    })
}

fn catches_up(lag: f64, rate: f64, threshold: Duration) -> bool {
    lag >= whole_seconds(threshold) * rate
}

/// The metrics of the cluster; not rounded.
pub(crate) fn global_sample(cluster: &ClusterReading, managers: &TaskManagerReading) -> GlobalSample {
    let mut sample = GlobalSample::default();
    if let (Some(total), Some(available)) = (cluster.slots_total, cluster.slots_available) {
        sample.set(ScalingMetric::NumTaskSlotsUsed, total - available);
    }
    if let Some(gc) = managers.gc_ms_per_second {
        sample.set(ScalingMetric::GcPressure, gc.max / 1000.0);
    }
    sample.set(ScalingMetric::HeapMemoryUsed, managers.heap_used.max);
    sample.set(ScalingMetric::HeapMaxUsageRatio, managers.heap_used.max / managers.heap_max.max);
    sample.set(ScalingMetric::ManagedMemoryUsed, managers.managed_used.max);
    sample.set(ScalingMetric::MetaspaceMemoryUsed, managers.metaspace_used.max);
    sample
}
