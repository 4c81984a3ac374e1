//! A scaling that uses the slots it takes: vertices of a slot sharing group go up to what its widest vertex has slots for.
//! A rescale restarts the whole job, so that a vertex raised along with others costs nothing more.

mod fit;

use std::collections::BTreeMap;

use fit::Fit;

use super::explain::{Step, Verdict, VertexDecision};
use super::hold::Hold;
use super::proposal::{Conclusion, Proposal};
use super::rule::Rule;
use super::view::JobView;
use crate::decimal::round3;
use crate::evaluate::global;
use crate::metric::{EvaluatedScalingMetric as Value, ScalingMetric as M};
use crate::slots;

/// How much more work at once a vertex that nothing else moves has to gain, as a factor.
const USEFUL: f64 = 1.1;

/// Raises vertices of a proposed scaling, where `scaling.slot-aware.enabled` says so: never above a bound, and never so that
/// more slots are taken than the scaling takes anyway, counted in whole TaskManagers where the job has a cluster of its own.
/// Vertices keep subtasks that no slot is saved without; where that leaves no reason to scale, nothing is.
pub(crate) fn raise(proposal: &mut Proposal, view: &JobView<'_>) {
    if !view.options.slot_aware_enabled || !matches!(proposal.conclusion, Conclusion::Scale) {
        return;
    }
    let Some(mut paid) = Paid::of(proposal, view) else {
        proposal.warnings.push(
            "scaling.slot-aware.enabled has no effect on this job: Flink tells no slot sharing groups (1.20 and later do)"
                .to_owned(),
        );
        return;
    };
    let Some(fit) = Fit::of(view) else {
        let warning = "scaling.slot-aware.enabled has no effect together with a custom alignment mode";
        proposal.warnings.push(warning.to_owned());
        return;
    };
    let is_any_outside = |proposal: &Proposal| proposal.decisions.iter().any(VertexDecision::is_outside);
    let was_any_outside = is_any_outside(proposal);
    paid.use_up(proposal, view, |decision, index, room| kept(decision, &fit, index, room));
    if !proposal.decisions.iter().any(VertexDecision::changes) {
        proposal.conclusion = Conclusion::Stay(Hold::NothingToChange);
    } else if was_any_outside && !is_any_outside(proposal) {
        // One that keeps more than it needs stays outside its band for good, and must not have the others scaled each time.
        proposal.conclusion = Conclusion::Stay(Hold::AllWithinBounds);
    } else {
        paid.use_up(proposal, view, |decision, index, room| raised(decision, &fit, index, room));
    }
}

/// Slots that a scaling takes.
struct Paid<'a> {
    /// Places of the vertices of each slot sharing group, those left out that have finished.
    groups: BTreeMap<&'a str, Vec<usize>>,
    /// What the last TaskManager has left, which is paid for whole.
    spare: i32,
}

impl<'a> Paid<'a> {
    /// None where groups are not known.
    fn of(proposal: &Proposal, view: &JobView<'a>) -> Option<Self> {
        let vertices = view.topology.vertices();
        let own = slots::needed(view.topology, vertices.iter().map(|vertex| vertex.parallelism))?;
        let after = slots::needed(view.topology, proposal.decisions.iter().map(VertexDecision::target))?;
        let each = slots::per_task_manager(view.job.configuration());
        // Where other jobs take slots, too, what a TaskManager has left is for them.
        #[expect(clippy::cast_precision_loss, reason = "numbers of slots")]
        let is_alone = global(view.history).current(M::NumTaskSlotsUsed) == own as f64;
        let spare = if is_alone { after.next_multiple_of(each) - after } else { 0 };
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, vertex) in vertices.iter().enumerate().filter(|(_, vertex)| !vertex.finished) {
            groups.entry(vertex.slot_sharing_group.as_deref()?).or_default().push(index);
        }
        Some(Self { groups, spare: i32::try_from(spare).unwrap_or(0) })
    }

    /// Asks of each vertex that may be raised where it goes with so much room, and takes what that uses of what is spare.
    fn use_up(
        &mut self,
        proposal: &mut Proposal,
        view: &JobView<'_>,
        goes_to: impl Fn(&VertexDecision, usize, i32) -> Option<i32>,
    ) {
        for members in self.groups.values() {
            let widest = |proposal: &Proposal| {
                members.iter().map(|index| proposal.decisions[*index].target()).max().unwrap_or(0)
            };
            let slots = widest(proposal);
            let room = slots.saturating_add(self.spare);
            for index in members.iter().copied() {
                let decision = &mut proposal.decisions[index];
                if is_open(decision, view)
                    && let Some(to) = goes_to(decision, index, room)
                {
                    apply(decision, to, slots, room);
                    expect(proposal, index);
                }
            }
            self.spare -= widest(proposal) - slots;
        }
    }
}

/// Whether a vertex may be raised at all: not what is left alone, waits, or has shown that more subtasks do it no good.
fn is_open(decision: &VertexDecision, view: &JobView<'_>) -> bool {
    let is_at_ceiling = |step: &Step| matches!(step, Step::Responsive(Rule::AtCeiling { .. }));
    matches!(decision.verdict, Verdict::Change { .. } | Verdict::AsItShouldBe)
        && !view.excluded.contains(&decision.vertex)
        && !decision.steps.iter().any(is_at_ceiling)
}

/// What a vertex that is to lose subtasks keeps of them.
fn kept(decision: &VertexDecision, fit: &Fit<'_>, index: usize, room: i32) -> Option<i32> {
    let (from, current) = (decision.target(), decision.current);
    if from >= current {
        return None;
    }
    let most = fit.bound(index, room);
    if current <= most { Some(current) } else { fit.most(index, from, most).filter(|to| *to > from) }
}

/// Where a vertex goes up to, if that is worth it.
fn raised(decision: &VertexDecision, fit: &Fit<'_>, index: usize, room: i32) -> Option<i32> {
    let from = decision.target();
    let to = fit.most(index, from, fit.bound(index, room)).filter(|to| *to > from)?;
    let gain = fit.spread(index, to) / fit.spread(index, from);
    (decision.changes() || gain >= USEFUL).then_some(to)
}

fn apply(decision: &mut VertexDecision, to: i32, slots: i32, room: i32) {
    decision.steps.push(Step::SlotsPaid { from: decision.target(), to, slots, room });
    decision.verdict = match (to == decision.current, &decision.verdict) {
        (true, _) => Verdict::AsItShouldBe,
        (false, Verdict::Change { outside_utilization_bound, .. }) => {
            Verdict::Change { to, outside_utilization_bound: *outside_utilization_bound }
        }
        (false, _) => Verdict::Change { to, outside_utilization_bound: false },
    };
}

/// Writes what a raised vertex is expected to do.
fn expect(proposal: &mut Proposal, index: usize) {
    let decision = &proposal.decisions[index];
    let Some(metrics) = proposal.evaluation.as_mut().and_then(|evaluation| evaluation.vertices.get_mut(index)) else {
        return;
    };
    if decision.changes() {
        let rate = metrics.average(M::TrueProcessingRate);
        let expected = rate / f64::from(decision.current) * f64::from(decision.target());
        metrics.set(M::ExpectedProcessingRate, Value::current(round3(expected)));
    } else {
        metrics.remove(M::ExpectedProcessingRate);
    }
}

#[cfg(test)]
mod tests;
