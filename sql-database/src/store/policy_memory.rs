//! What policies remember of a job: a row for each, in a table that the Java process does not know.

use autoscaler_core::state::{Change, PolicyMemory, Tracked};
use autoscaler_core::{JobKey, JobState};

use super::texts::Texts;
use crate::statement::Statement;

/// Puts a loaded row into the state.
pub(super) fn put(state: &mut JobState, policy: &str, memory: &str) {
    state.policy_memory = Tracked::loaded(PolicyMemory { policy: policy.to_owned(), text: memory.to_owned() });
}

/// What changed as statements: one policy is in use at a time, and what others left behind goes.
pub(super) fn changes(texts: &Texts, job: &JobKey, state: &JobState) -> Vec<Statement> {
    if state.policy_memory.change() == Change::Unchanged {
        return Vec::new();
    }
    let mut statements = vec![Statement::of(&texts.delete_memory).with(job.as_str())];
    if let Some(PolicyMemory { policy, text }) = state.policy_memory.stored() {
        statements
            .push(Statement::of(&texts.upsert_memory).with(job.as_str()).with(policy.as_str()).with(text.as_str()));
    }
    statements
}
