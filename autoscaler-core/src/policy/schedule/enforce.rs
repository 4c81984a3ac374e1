//! A proposal within the bounds of a schedule.

use crate::decimal::round3;
use crate::evaluate::evaluate;
use crate::evaluation::Evaluation;
use crate::metric::{EvaluatedMetrics, EvaluatedScalingMetric as Value, ScalingMetric as M};
use crate::policy::explain::{Band, Step, Verdict, VertexDecision};
use crate::policy::hold::Hold;
use crate::policy::proposal::{Conclusion, Proposal};
use crate::policy::view::JobView;

/// Brings what a policy proposes within the bounds that hold. That what was asked for before has not come yet is alone no
/// reason to decide it again.
pub(crate) fn enforce(proposal: &mut Proposal, view: &JobView<'_>) {
    // Memory pressure holds up everything: what a rescale would bring is not known then.
    let is_held = matches!(proposal.conclusion, Conclusion::Failed(_) | Conclusion::Stay(Hold::MemoryPressure { .. }));
    if is_held || view.options.rules.is_empty() {
        return;
    }
    let mut decisions = match proposal.decisions.as_slice() {
        [] => undecided(view),
        decisions => decisions.to_vec(),
    };
    let mut is_moved = false;
    for ((decision, bounds), vertex) in decisions.iter_mut().zip(view.scheduled).zip(view.topology.vertices()) {
        let Some((to, kind, bound)) = bounds.moved(decision.target()) else { continue };
        if !matches!(decision.verdict, Verdict::Excluded) && !view.excluded.contains(&decision.vertex) {
            let (from, to) = (decision.target(), to.clamp(1, vertex.max_parallelism.max(1)));
            let (rule, is_early) = (bound.rule.clone(), bound.is_early);
            decision.steps.push(Step::Scheduled { from, to, bound: bound.parallelism, kind, rule, is_early });
            decision.verdict = match to == decision.current {
                true => Verdict::AsItShouldBe,
                false => Verdict::Change { to, outside_utilization_bound: true },
            };
            is_moved = true;
        }
    }
    if !is_moved {
        return;
    }
    let is_new = |decision: &VertexDecision| {
        is_scheduled(decision) && view.asked.get(&decision.vertex) != Some(&decision.target())
    };
    let (changes, is_new) = (decisions.iter().any(VertexDecision::changes), decisions.iter().any(is_new));
    match proposal.conclusion {
        Conclusion::Scale if !changes => proposal.conclusion = Conclusion::Stay(Hold::NothingToChange),
        Conclusion::Scale => {}
        _ if is_new => {
            // Without rates there is nothing to report of the vertices: the next observation has them.
            let Some(evaluation) = proposal.evaluation.take().or_else(|| evaluated(view)) else { return };
            (proposal.evaluation, proposal.conclusion) = (Some(evaluation), Conclusion::Scale);
        }
        _ => {}
    }
    proposal.decisions = decisions;
    expect(proposal);
}

/// Whether a rule changes the vertex.
fn is_scheduled(decision: &VertexDecision) -> bool {
    decision.changes() && decision.steps.iter().any(|step| matches!(step, Step::Scheduled { .. }))
}

/// Every vertex as it is, of which a policy said nothing.
fn undecided(view: &JobView<'_>) -> Vec<VertexDecision> {
    let decision = |vertex: &crate::topology::VertexInfo| VertexDecision {
        vertex: vertex.id,
        current: vertex.parallelism,
        steps: Vec::new(),
        verdict: Verdict::UnknownRate,
        band: Band::of(&EvaluatedMetrics::default()),
    };
    view.topology.vertices().iter().map(decision).collect()
}

/// What the metric window says of the vertices, as far as it goes.
fn evaluated(view: &JobView<'_>) -> Option<Evaluation> {
    if view.history.len() < 2 {
        return None;
    }
    evaluate(&view.evaluation_input(&[]), &mut Vec::new()).ok()
}

/// Writes what each vertex that a rule moved is expected to do.
fn expect(proposal: &mut Proposal) {
    let Some(evaluation) = &mut proposal.evaluation else { return };
    let vertices = proposal.decisions.iter().zip(&mut evaluation.vertices);
    for (decision, metrics) in vertices.filter(|(decision, _)| is_scheduled(decision)) {
        let rate = metrics.average(M::TrueProcessingRate);
        let expected = rate / f64::from(decision.current) * f64::from(decision.target());
        metrics.set(M::ExpectedProcessingRate, Value::current(round3(expected)));
    }
}
