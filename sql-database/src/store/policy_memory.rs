//! What policies remember of a job, and what is remembered of scalings that are looked after: a row for each, in a table that
//! the Java process does not know.

use autoscaler_core::state::codec::{Unencodable, UnreadableRow, decode_verification, encode_verification};
use autoscaler_core::state::{Change, PolicyMemory, Tracked};
use autoscaler_core::{JobKey, JobState};

use super::texts::Texts;
use crate::statement::Statement;

/// What stands for a policy in the row of scalings that are looked after; no policy has that name.
const VERIFICATION: &str = "verification";

/// Puts a loaded row into the state.
pub(super) fn put(state: &mut JobState, policy: &str, memory: &str) -> Result<(), UnreadableRow> {
    if policy == VERIFICATION {
        return decode_verification(state, memory);
    }
    state.policy_memory = Tracked::loaded(PolicyMemory { policy: policy.to_owned(), text: memory.to_owned() });
    Ok(())
}

/// What changed as statements: one policy is in use at a time, and what others left behind goes.
pub(super) fn changes(texts: &Texts, job: &JobKey, state: &JobState) -> Result<Vec<Statement>, Unencodable> {
    if [state.policy_memory.change(), state.verification.change()] == [Change::Unchanged; 2] {
        return Ok(Vec::new());
    }
    let mut statements = vec![Statement::of(&texts.delete_memory).with(job.as_str())];
    let mut put = |policy: &str, memory: &str| {
        statements.push(Statement::of(&texts.upsert_memory).with(job.as_str()).with(policy).with(memory));
    };
    if let Some(PolicyMemory { policy, text }) = state.policy_memory.stored() {
        put(policy, text);
    }
    if let Some(text) = encode_verification(state)? {
        put(VERIFICATION, &text);
    }
    Ok(statements)
}
