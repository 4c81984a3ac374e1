//! A job in a line.

use std::collections::BTreeSet;
use std::sync::Arc;

use autoscaler_core::Outcome;
use autoscaler_core::time::{self, Instant};
use autoscaler_runtime::read_model::JobView;

use crate::trail::DAY;

/// What there is to say of a job in a line.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) view: Arc<JobView>,
    /// The highest share of its capacity that a vertex is asked for.
    pub(super) utilization: Option<f64>,
    /// Records that wait outside all sources together.
    pub(super) lag: Option<f64>,
    pub(super) subtasks: Option<i64>,
    pub(super) recommended: Option<i64>,
    /// Scalings of the last 24 hours.
    pub(super) scalings: usize,
    /// What fails.
    pub(super) trouble: Option<String>,
}

impl Row {
    pub(super) fn new(view: Arc<JobView>, now: Instant) -> Self {
        Self {
            utilization: view.utilization(),
            lag: view.lag(),
            subtasks: view.subtasks(),
            recommended: view.recommended_subtasks(),
            scalings: scalings(&view, now),
            trouble: trouble(&view),
            view,
        }
    }
}

/// Vertices that were changed at one instant were so in one scaling.
fn scalings(view: &JobView, now: Instant) -> usize {
    let Some(cycle) = &view.cycle else { return 0 };
    let from = time::before(now, DAY);
    let all = cycle.scaling_history.vertices.values().flatten().map(|(at, _)| *at);
    all.filter(|at| *at >= from).collect::<BTreeSet<_>>().len()
}

fn trouble(view: &JobView) -> Option<String> {
    let skipped = || view.skipped.as_ref().map(|skipped| skipped.why.clone());
    let undone = || {
        let report = view.report().filter(|report| matches!(report.outcome, Outcome::Error | Outcome::Invalid))?;
        Some(report.note.clone().unwrap_or_else(|| report.outcome.name().to_owned()))
    };
    view.failure().map(|failure| failure.text).or_else(skipped).or_else(undone)
}
