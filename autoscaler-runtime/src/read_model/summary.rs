//! A job in a line.

use autoscaler_core::CycleReport;
use autoscaler_core::metric::{EvaluatedMetrics, ScalingMetric as M};
use autoscaler_core::time::Instant;

use super::view::{FailureView, JobView};

impl JobView {
    /// What its latest cycle came to; none before the first, and where that did not get so far.
    pub fn report(&self) -> Option<&CycleReport> {
        self.cycle.as_ref()?.report.as_deref()
    }

    /// Why its latest cycle came to that, in words.
    pub fn why(&self) -> Option<String> {
        let report = self.report()?;
        report.note.clone().or_else(|| report.held.as_ref().map(ToString::to_string))
    }

    /// Subtasks of all its vertices together, as its latest cycle saw them.
    pub fn subtasks(&self) -> Option<i64> {
        let vertices = self.report()?.topology.as_ref()?.vertices();
        Some(vertices.iter().map(|vertex| i64::from(vertex.parallelism)).sum())
    }

    /// Subtasks that they should have together; none where that was not decided.
    pub fn recommended_subtasks(&self) -> Option<i64> {
        let decisions = &self.report()?.decisions;
        let targets = decisions.iter().map(|decision| i64::from(decision.target()));
        (!decisions.is_empty()).then(|| targets.sum())
    }

    /// The highest share of its capacity that a vertex is asked for, by its latest cycle.
    pub fn utilization(&self) -> Option<f64> {
        let share =
            |metrics: &EvaluatedMetrics| metrics.average(M::TargetDataRate) / metrics.average(M::TrueProcessingRate);
        let vertices = self.report()?.evaluation.as_ref()?.vertices.iter();
        vertices.map(share).filter(|share| share.is_finite()).max_by(f64::total_cmp)
    }

    /// Records that wait outside all its sources together, as its latest cycle saw them.
    pub fn lag(&self) -> Option<f64> {
        let vertices = self.report()?.evaluation.as_ref()?.vertices.iter();
        let known = vertices.map(|metrics| metrics.current(M::Lag)).filter(|lag| lag.is_finite());
        known.reduce(|sum, lag| sum + lag)
    }

    /// When it was scaled last, as far as that is remembered.
    pub fn scaled_at(&self) -> Option<Instant> {
        let past = &self.cycle.as_ref()?.scaling_history.vertices;
        past.values().flat_map(|past| past.iter()).map(|(at, _)| *at).max()
    }

    /// What failed first in its latest cycle.
    pub fn failure(&self) -> Option<FailureView> {
        self.cycle.as_ref()?.failures.first().map(FailureView::from)
    }
}
