//! What a vertex can process, and what it would have to at a utilization.

use crate::metric::{EvaluatedMetrics, ScalingMetric as M};
use crate::options::{JobOptions, MetricAggregator};
use crate::time::whole_seconds;
use crate::topology::VertexInfo;
use crate::window::MetricHistory;

/// What the window says of one vertex.
#[derive(Clone, Copy, Debug)]
pub(super) struct VertexWindow<'a> {
    pub(super) vertex: &'a VertexInfo,
    /// Its place in the topology and in the history.
    pub(super) index: usize,
    pub(super) history: &'a MetricHistory,
}

impl VertexWindow<'_> {
    fn mean(&self, metric: M) -> f64 {
        self.history.average(metric, self.index, 1)
    }

    /// Busy milliseconds per second of one subtask.
    pub(super) fn busy_ms_per_second(&self, options: &JobOptions) -> f64 {
        match options.busy_time_aggregator {
            MetricAggregator::Avg => {
                let rate = self.history.rate(M::AccumulatedBusyTime, self.index) / f64::from(self.vertex.parallelism);
                // Idle time is taken off it late, so that over a short window an idle vertex seems to be less than idle.
                // One that has finished counts nothing any more, and is shown as the reference does.
                if rate < 0.0 && !self.vertex.finished { 0.0 } else { rate }
            }
            MetricAggregator::Max | MetricAggregator::Min => 1000.0 * self.mean(M::Load),
        }
    }

    /// Records per second the vertex could process if it were busy all the time: what it processes divided by its
    /// busy share, or, for a source, what it was seen to process at its limit where that is known and clearly less.
    pub(super) fn true_processing_rate(&self, busy_ms: f64, options: &JobOptions) -> f64 {
        let counted = || self.history.rate(M::NumRecordsIn, self.index);
        let records_in = match options.busy_time_aggregator {
            MetricAggregator::Avg => counted(),
            MetricAggregator::Max | MetricAggregator::Min => {
                // Flink's own rate goes with the busy time of the same seconds. A source has none, its counter does.
                let reported = self.mean(M::NumRecordsInPerSecond);
                if reported.is_finite() { reported } else { counted() }
            }
        };
        // Without records there is no telling: it could do anything, and is not scaled up.
        let from_busy = if records_in == 0.0 { f64::INFINITY } else { records_in / (busy_ms / 1000.0) };
        let observed = self.history.average(M::ObservedTpr, self.index, options.observed_rate_min_observations);
        // A source may work outside the thread whose busy time is measured, and then the busy share promises too much:
        // what it did while records were waiting is what it can do.
        if observed.is_nan() {
            from_busy
        } else if !from_busy.is_finite() || from_busy > observed * (1.0 + options.observed_rate_switch_threshold) {
            observed
        } else {
            from_busy
        }
    }
}

/// The band of utilization in which a vertex is left alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Utilization {
    /// Above it, the vertex is scaled up.
    pub upper: f64,
    /// Below it, the vertex is scaled down.
    pub lower: f64,
}

impl Utilization {
    /// The band in force: while a backlog is worked off, everything but overload is accepted.
    pub fn bounds(backlog: bool, options: &JobOptions) -> Self {
        if backlog {
            Self { upper: 1.0, lower: 0.0 }
        } else {
            Self { upper: options.upper_utilization(), lower: options.lower_utilization() }
        }
    }
}

/// The processing rate a vertex needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// Records per second that arrive.
    pub target_rate: f64,
    /// Records per second to work off the backlog in time.
    pub catch_up_rate: f64,
    /// Expected downtime of a rescale, whole seconds.
    pub restart_seconds: f64,
    /// Time in which a backlog should be worked off, whole seconds; 0: backlogs add no capacity.
    pub catch_up_seconds: f64,
}

impl Capacity {
    /// From a vertex's evaluated rates.
    pub(crate) fn of(metrics: &EvaluatedMetrics, options: &JobOptions, restart_seconds: f64) -> Self {
        Self {
            target_rate: metrics.average(M::TargetDataRate),
            catch_up_rate: metrics.current(M::CatchUpDataRate),
            restart_seconds,
            catch_up_seconds: whole_seconds(options.catch_up_duration),
        }
    }

    /// Records per second needed to run at `utilization`: `catch-up + target * restart / catch-up duration (with
    /// restart) + target / utilization`, to the nearest whole number, halves up (algorithm 3).
    pub fn at(&self, utilization: f64, with_restart: bool) -> f64 {
        if self.catch_up_rate.is_nan() || self.target_rate.is_nan() {
            return f64::NAN;
        }
        let utilization = utilization.clamp(0.0, 1.0);
        if utilization == 0.0 {
            return f64::INFINITY;
        }
        let restart = if with_restart { self.after_restart() } else { 0.0 };
        round_half_up(self.catch_up_rate + restart + self.target_rate / utilization)
    }

    /// Records per second to work off what piles up during a rescale.
    pub fn after_restart(&self) -> f64 {
        if self.catch_up_seconds > 0.0 { self.target_rate * self.restart_seconds / self.catch_up_seconds } else { 0.0 }
    }
}

/// The nearest whole number as a 64-bit integer holds it; halves go up.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "saturates on purpose")]
fn round_half_up(value: f64) -> f64 {
    let floor = value.floor();
    let nearest = if value - floor >= 0.5 { floor + 1.0 } else { floor };
    nearest as i64 as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(100.0, 0.0, 0.7, false, 143.0)] // 100 / 0.7 = 142.86
    #[case(100.0, 20.0, 0.8, false, 145.0)] // 20 + 100 / 0.8
    #[case(100.0, 20.0, 0.8, true, 155.0)] // + 100 * 6 s / 60 s
    #[case(100.0, 0.0, 0.0, false, f64::INFINITY)]
    #[case(100.0, 0.0, 3.0, false, 100.0)] // utilization is at most 1
    #[case(0.5, 0.0, 1.0, false, 1.0)] // halves go up
    fn capacity(
        #[case] target: f64,
        #[case] catch_up: f64,
        #[case] at: f64,
        #[case] restart: bool,
        #[case] expected: f64,
    ) {
        let capacity =
            Capacity { target_rate: target, catch_up_rate: catch_up, restart_seconds: 6.0, catch_up_seconds: 60.0 };
        assert_eq!(capacity.at(at, restart), expected);
    }
}
