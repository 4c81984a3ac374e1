//! The policy of the Java autoscaler: once the metric window is full, every vertex gets what its averages over the window
//! ask for (algorithm 4 to 7).

pub mod alignment;
mod delay;
mod effectiveness;
pub(super) mod pressure;
mod scalability;
mod vertex;

use super::contract::Policy;
use super::explain::{Band, Verdict, VertexDecision};
use super::hold::Hold;
use super::proposal::{Conclusion, Proposal};
use super::view::JobView;
use crate::evaluate::evaluate;
use crate::evaluation::Evaluation;
use crate::metric::ScalingMetric as M;
use crate::options::AlignmentChoice;
use crate::state::PolicyMemory;
use crate::time::Instant;

/// The policy of the Java autoscaler. What it remembers are rows of the Java autoscaler's, so its memory stays empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReferencePolicy;

impl Policy for ReferencePolicy {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn propose(&self, view: &JobView<'_>, _memory: &mut PolicyMemory, now: Instant) -> Proposal {
        if view.history.len() < 2 {
            return Proposal::new(Conclusion::Undecided("the first observation: rates need two".to_owned()));
        }
        let mut warnings = Vec::new();
        let evaluators = view.plugins.evaluators(&view.options.evaluators, &mut warnings);
        let mut proposal = match evaluate(&view.evaluation_input(&evaluators), &mut warnings) {
            Err(error) => Proposal::new(Conclusion::Failed(error.to_string())),
            Ok(evaluation) if now < view.window_full_at => not_full(view, evaluation),
            Ok(evaluation) => decide(view, evaluation, &mut warnings, now),
        };
        proposal.warnings = warnings;
        proposal
    }
}

/// What was evaluated is shown, and nothing is recommended yet.
fn not_full(view: &JobView<'_>, mut evaluation: Evaluation) -> Proposal {
    for metrics in &mut evaluation.vertices {
        metrics.remove(M::RecommendedParallelism);
    }
    let why = format!("the metric window is full at {}", view.window_full_at.format("%H:%M:%S"));
    Proposal { evaluation: Some(evaluation), ..Proposal::new(Conclusion::Undecided(why)) }
}

fn decide(view: &JobView<'_>, mut evaluation: Evaluation, warnings: &mut Vec<String>, now: Instant) -> Proposal {
    if let Some((hold, event)) = pressure::memory_pressure(&evaluation.global, view.options) {
        let stay = Proposal::new(Conclusion::Stay(hold));
        return Proposal { evaluation: Some(evaluation), events: vec![event], ..stay };
    }
    let mut delays = delay::Delays::new(view.delayed_scale_down);
    let mut events = Vec::new();
    let alignment = match &view.options.alignment {
        AlignmentChoice::Custom(choice) => view.plugins.alignment_mode(choice, warnings),
        AlignmentChoice::Mode(_) | AlignmentChoice::Adjust(_) => None,
    };
    let mut decisions = Vec::with_capacity(view.topology.vertices().len());
    for (index, vertex) in view.topology.vertices().iter().enumerate() {
        let metrics = &mut evaluation.vertices[index];
        if view.excluded.contains(&vertex.id) {
            decisions.push(VertexDecision {
                vertex: vertex.id,
                current: vertex.parallelism,
                steps: Vec::new(),
                verdict: Verdict::Excluded,
                band: Band::of(metrics),
            });
            continue;
        }
        decisions.push(vertex::decide(vertex::VertexInput {
            vertex,
            partitions: view.partitions[index],
            metrics,
            history: view.scaling_history.recent(vertex.id, now, view.options),
            delays: &mut delays,
            events: &mut events,
            warnings,
            alignment: alignment.as_ref(),
            options: view.options,
            restart_seconds: view.restart_seconds,
            now,
        }));
    }
    let changes = || decisions.iter().filter(|decision| decision.changes());
    let conclusion = if changes().any(VertexDecision::is_outside) {
        Conclusion::Scale
    } else if changes().next().is_some() {
        Conclusion::Stay(Hold::AllWithinBounds)
    } else {
        Conclusion::Stay(Hold::NothingToChange)
    };
    Proposal {
        evaluation: Some(evaluation),
        delayed_scale_down: delays.changed(),
        events,
        decisions,
        ..Proposal::new(conclusion)
    }
}
