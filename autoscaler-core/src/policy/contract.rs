//! What a policy is.

use std::fmt::Debug;

use super::proposal::Proposal;
use super::view::JobView;
use crate::state::{PolicyMemory, Tracked};
use crate::time::Instant;

/// Decides which parallelism the vertices of a job should have.
pub trait Policy: Debug + Send + Sync + 'static {
    /// Its name, which what it remembers is stored under.
    fn name(&self) -> &'static str;

    /// Proposes a parallelism for each vertex, with reasons.
    ///
    /// # Behavior
    /// - pure: the same view, memory and instant give the same proposal;
    /// - asked in every cycle in which the job runs and was observed, from the first observation on;
    /// - `memory` is what it left there in the last cycle that was stored, empty at first and after another policy;
    /// - what it proposes may be held up by options, quotas or executors, so the next view may be as this one.
    fn propose(&self, view: &JobView<'_>, memory: &mut PolicyMemory, now: Instant) -> Proposal;
}

/// Has a policy propose, with what it remembers. What `other` remembers, a policy that runs along, stays.
pub(crate) fn propose(
    policy: &dyn Policy,
    view: &JobView<'_>,
    memory: &mut Tracked<PolicyMemory>,
    other: Option<&dyn Policy>,
    now: Instant,
) -> Proposal {
    let owner = memory.get().policy.as_str();
    let is_others = other.is_some_and(|other| other.name() == owner);
    let mut remembered = if owner == policy.name() { memory.get().clone() } else { PolicyMemory::default() };
    let proposal = policy.propose(view, &mut remembered, now);
    if !remembered.text.is_empty() {
        policy.name().clone_into(&mut remembered.policy);
        if remembered != *memory.get() {
            memory.set(remembered);
        }
    } else if !is_others {
        memory.remove();
    }
    proposal
}

#[cfg(test)]
mod tests;
