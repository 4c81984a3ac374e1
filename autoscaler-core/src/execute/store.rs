//! What is remembered of a scaling (algorithm 8.8).

use super::input::Execution;
use crate::evaluation::Evaluation;
use crate::state::{ConfigChanges, JobState, ScalingSummary};

/// Puts a scaling to `parallelism`, in the topology's order, into the job's state.
pub(super) fn store(
    execution: &Execution<'_>,
    parallelism: &[i32],
    changes: ConfigChanges,
    evaluation: &Evaluation,
    state: &mut JobState,
) {
    let Execution { options, topology, now, .. } = *execution;
    let scaled = || topology.vertices().iter().zip(parallelism);
    let mut history = state.scaling_history.get().trimmed(now, options);
    for ((vertex, new), metrics) in scaled().zip(&evaluation.vertices) {
        if vertex.parallelism != *new {
            let summary = ScalingSummary {
                current_parallelism: vertex.parallelism,
                new_parallelism: *new,
                metrics: metrics.clone(),
            };
            history.add(vertex.id, now, summary);
        }
    }
    state.scaling_history.set(history);
    let mut tracking = state.scaling_tracking.get().trimmed(now, options);
    tracking.records.insert(now, None);
    state.scaling_tracking.set(tracking);
    state.parallelism_overrides.set(scaled().map(|(vertex, new)| (vertex.id, *new)).collect());
    state.config_overrides.set(changes);
    if !state.delayed_scale_down.get().vertices.is_empty() {
        state.delayed_scale_down.edit().vertices.clear();
    }
}
