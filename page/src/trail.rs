//! What was evaluated of a job over the last day: fine lately, coarse long ago.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::metric::{EvaluatedMetrics, ScalingMetric as M};
use autoscaler_core::time::{self, Instant};
use autoscaler_core::{ParsedConfiguration, VertexId};
use autoscaler_runtime::CycleEnded;

/// How far back it goes.
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Two points are as far apart as this share of their age, at most: so a day takes about a hundred of them.
const SHARE: i32 = 12;

/// What was evaluated of a job, cycle by cycle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    /// What the job is configured with.
    pub(crate) parsed: Option<Arc<ParsedConfiguration>>,
    points: Vec<Point>,
}

/// One cycle.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) at: Instant,
    /// Shared with the other points of the same graph.
    vertices: Arc<[VertexId]>,
    samples: Box<[Sample]>,
}

/// One vertex in one cycle. Rates are records per second; NaN where not known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// What arrives.
    pub(crate) target: f32,
    /// The true processing rate.
    pub(crate) capacity: f32,
    /// Able to do less, it is scaled up.
    pub(crate) low: f32,
    /// Able to do more, it is scaled down.
    pub(crate) high: f32,
    /// Busy share, 0 to 1.
    pub(crate) busy: f32,
    /// Records that wait outside.
    pub(crate) lag: f32,
    /// Subtasks.
    pub(crate) parallelism: i32,
}

#[expect(clippy::cast_possible_truncation, reason = "seven digits are enough for a chart")]
fn short(value: f64) -> f32 {
    value as f32
}

impl Sample {
    pub(crate) fn of(metrics: &EvaluatedMetrics, parallelism: i32) -> Self {
        Self {
            target: short(metrics.average(M::TargetDataRate)),
            capacity: short(metrics.average(M::TrueProcessingRate)),
            low: short(metrics.current(M::ScaleUpRateThreshold)),
            high: short(metrics.current(M::ScaleDownRateThreshold)),
            busy: short(metrics.average(M::Load)),
            lag: short(metrics.current(M::Lag)),
            parallelism,
        }
    }

    /// The share of its capacity that is asked for; NaN where that is not known.
    pub(crate) fn utilization(&self) -> f64 {
        f64::from(self.target) / f64::from(self.capacity)
    }
}

impl Trail {
    /// Adds what a cycle evaluated, if it came so far.
    pub(crate) fn add(&mut self, ended: &CycleEnded) {
        let Some(report) = &ended.report else { return };
        let (Some(topology), Some(evaluation)) = (&report.topology, &report.evaluation) else { return };
        let ids = topology.vertices().iter().map(|vertex| vertex.id);
        let last = self.points.last().map(|point| &point.vertices);
        let vertices = match last.filter(|last| ids.clone().eq(last.iter().copied())) {
            Some(same) => Arc::clone(same),
            None => ids.collect(),
        };
        let samples = topology.vertices().iter().zip(&evaluation.vertices);
        let samples = samples.map(|(vertex, metrics)| Sample::of(metrics, vertex.parallelism)).collect();
        self.push(Point { at: ended.at, vertices, samples });
    }

    fn push(&mut self, point: Point) {
        let now = point.at;
        // A clock that was set back must not leave points of the future behind.
        self.points.retain(|past| past.at < now && past.at >= time::before(now, DAY));
        self.points.push(point);
        let mut before = None;
        let mut index = 0;
        while index + 1 < self.points.len() {
            let (at, next) = (self.points[index].at, self.points[index + 1].at);
            let is_close = before.is_some_and(|before| (next - before) * SHARE <= now - at);
            if is_close {
                self.points.remove(index);
            } else {
                before = Some(at);
                index += 1;
            }
        }
    }

    /// What is known of all vertices, oldest first.
    pub(crate) fn points(&self) -> &[Point] {
        &self.points
    }

    /// What is known of a vertex from an instant on, oldest first.
    pub(crate) fn of(&self, vertex: VertexId, from: Instant) -> Vec<(Instant, Sample)> {
        let young = self.points.iter().filter(|point| point.at >= from);
        young.filter_map(|point| Some((point.at, point.sample(vertex)?))).collect()
    }
}

impl Point {
    fn sample(&self, vertex: VertexId) -> Option<Sample> {
        let index = self.vertices.iter().position(|id| *id == vertex)?;
        self.samples.get(index).copied()
    }

    /// The utilization of the vertex that has the least to spare; none where none is known.
    pub(crate) fn utilization(&self) -> Option<f64> {
        let known = self.samples.iter().map(Sample::utilization).filter(|share| share.is_finite());
        known.max_by(f64::total_cmp)
    }
}

#[cfg(test)]
mod tests;
