//! A scaling that is decided and not carried out unless somebody approves it.

use std::collections::BTreeMap;

use crate::ids::VertexId;
use crate::policy::{Hold, VertexDecision};
use crate::report::CycleReport;

/// The option that keeps scalings from being carried out, unless somebody approves one.
pub(crate) const SCALING_ENABLED: &str = "job.autoscaler.scaling.enabled";

/// Subtasks now and then of each vertex that a scaling changes.
pub type Changes = BTreeMap<VertexId, (i32, i32)>;

/// What decisions change.
pub(crate) fn changes(decisions: &[VertexDecision]) -> Changes {
    let changing = decisions.iter().filter(|decision| decision.changes());
    changing.map(|decision| (decision.vertex, (decision.current, decision.target()))).collect()
}

impl CycleReport {
    /// The scaling that was decided and is held up by `job.autoscaler.scaling.enabled` alone: carried out by a cycle that
    /// decides the same once somebody has approved it ([`CycleMemory::approve`](crate::CycleMemory::approve)).
    pub fn proposed(&self) -> Option<Changes> {
        let is_held = matches!(self.held, Some(Hold::Blocked { key: SCALING_ENABLED, .. }));
        is_held.then(|| changes(&self.decisions)).filter(|changes| !changes.is_empty())
    }
}
