//! The policy that runs along: it acts on nothing, and what it would do is told.

use crate::cycle_memory::CycleMemory;
use crate::event::{Event, reason};
use crate::ids::VertexId;
use crate::options::JobOptions;
use crate::policy::{Conclusion, Proposal, VertexDecision};
use crate::report::Shadow;
use crate::topology::JobTopology;

/// What the shadow came to, and the event of what it recommends where that is new. What it has to wait with is left to the
/// caller.
pub(super) fn shadow(
    policy: &'static str,
    proposal: Proposal,
    topology: &JobTopology,
    options: &JobOptions,
    memory: &mut CycleMemory,
) -> (Shadow, Option<Event>) {
    let recommends = matches!(proposal.conclusion, Conclusion::Scale);
    let conclusion = match proposal.conclusion {
        Conclusion::Undecided(why) | Conclusion::Failed(why) => why,
        Conclusion::Stay(hold) => hold.to_string(),
        Conclusion::Scale => "it would scale".to_owned(),
    };
    let event = recommends.then(|| event(policy, &proposal.decisions, topology, options, memory)).flatten();
    (Shadow { policy, conclusion, decisions: proposal.decisions }, event)
}

fn event(
    policy: &str,
    decisions: &[VertexDecision],
    topology: &JobTopology,
    options: &JobOptions,
    memory: &mut CycleMemory,
) -> Option<Event> {
    let targets: Vec<(VertexId, i32)> = decisions.iter().map(|decision| (decision.vertex, decision.target())).collect();
    if !memory.is_new_recommendation(targets) {
        return None;
    }
    let mut message = format!("The policy {policy}, which runs along and acts on nothing, would scale:");
    let changed = topology.vertices().iter().zip(decisions).filter(|(_, decision)| decision.changes());
    for (vertex, decision) in changed {
        let (from, to) = (decision.current, decision.target());
        message.push_str(&format!("{{ Vertex ID {} | Parallelism {from} -> {to} | {decision} }}", vertex.id));
    }
    let event = Event::normal(reason::SHADOW_RECOMMENDATION, message);
    Some(event.with_key(reason::SHADOW_RECOMMENDATION).merged_within(options.scaling_event_interval))
}
