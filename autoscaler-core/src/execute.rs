//! Carrying out what a policy proposes: what may hold a scaling up, and what is told and stored of it (algorithm 8).

mod blocked;
mod executors;
mod failed;
mod input;
mod report;
mod resources;
mod store;

pub(crate) use input::Execution;

use crate::cycle_memory::CycleMemory;
use crate::evaluation::Evaluation;
use crate::metric::{EvaluatedScalingMetric, ScalingMetric as M};
use crate::policy::{Conclusion, Hold, Proposal, VertexDecision};
use crate::proposed;
use crate::report::{CycleReport, Outcome};
use crate::scaling_report::Blocked;
use crate::state::JobState;

/// Carries a proposal out. What changes is left in `state`, what happened and why in `report`.
///
/// # Errors
/// The policy failed.
pub(crate) fn execute(
    execution: &Execution<'_>,
    proposal: Proposal,
    state: &mut JobState,
    memory: &mut CycleMemory,
    report: &mut CycleReport,
) -> Result<(), String> {
    let Proposal { conclusion, mut evaluation, decisions, delayed_scale_down, events, warnings } = proposal;
    report.events.extend(events);
    report.warnings.extend(warnings);
    if let Some(delayed) = delayed_scale_down {
        state.delayed_scale_down.set(delayed);
    }
    let held = match (conclusion, &mut evaluation) {
        (Conclusion::Failed(why), _) => return Err(why),
        (Conclusion::Undecided(why), _) => {
            // Why there is nothing to decide on says more than that there is not.
            report.note.get_or_insert(why);
            report.evaluation = evaluation;
            return Ok(());
        }
        (Conclusion::Stay(hold), _) => Some(hold),
        (Conclusion::Scale, Some(evaluation)) => scale(execution, &decisions, evaluation, state, report).err(),
        (Conclusion::Scale, None) => {
            return Err("the policy wants to scale and does not say on which metrics".to_owned());
        }
    };
    if let Some(evaluation) = evaluation.as_ref().filter(|_| held.is_some() && report.recommended_memory.is_none()) {
        resources::recommend_memory(execution, evaluation, memory, report);
    }
    report.outcome = if held.is_none() { Outcome::Scaled } else { Outcome::Balanced };
    report.held = held;
    report.decisions = decisions;
    report.evaluation = evaluation;
    Ok(())
}

/// Scales every vertex whose target differs, unless something holds it up.
fn scale(
    execution: &Execution<'_>,
    decisions: &[VertexDecision],
    evaluation: &mut Evaluation,
    state: &mut JobState,
    report: &mut CycleReport,
) -> Result<(), Hold> {
    for (decision, metrics) in decisions.iter().zip(&mut evaluation.vertices) {
        if decision.changes() {
            metrics.set(M::RecommendedParallelism, EvaluatedScalingMetric::current(f64::from(decision.target())));
        }
    }
    let mut parallelism: Vec<i32> = decisions.iter().map(VertexDecision::target).collect();
    let approved = execution.approved.filter(|approved| **approved == proposed::changes(decisions));
    if let Some((key, value)) = blocked::blocked(execution, approved.is_some()) {
        let blocked = Blocked { key: key.to_owned(), value: value.clone() };
        report.events.push(report::event(execution, Some(blocked), &parallelism, evaluation));
        return Err(Hold::Blocked { key, value });
    }
    if let Some(hold) = failed::failed_before(execution, &parallelism, state.verification.get()) {
        return Err(hold);
    }
    // Resources are asked for what the policy wants: executors see a scaling only once it could be carried out.
    let changes = resources::allowed(execution, &parallelism, evaluation, report)?;
    executors::run(execution, &mut parallelism, evaluation, report)?;
    if approved.is_some_and(|approved| *approved != executors::changes(execution, &parallelism)) {
        return Err(Hold::NotAsApproved);
    }
    report.is_approved = approved.is_some();
    report.events.push(report::event(execution, None, &parallelism, evaluation));
    store::store(execution, &parallelism, changes, evaluation, state);
    if execution.options.rolls_back() {
        state.verification.edit().trial = Some(failed::trial(execution, &parallelism));
    }
    Ok(())
}
