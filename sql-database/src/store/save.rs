//! The parts of a job's state that changed as statements.

use autoscaler_core::state::codec::{Unencodable, encode, encode_observation};
use autoscaler_core::state::{Change, StatePart, Unstored};
use autoscaler_core::time::Instant;
use autoscaler_core::{ErrorKind, Fence, JobKey, JobState, Revision};

use super::policy_memory;
use super::revision::{CHECKED, Versions, digest};
use super::texts::Texts;
use crate::database::SqlDatabase;
use crate::error::SqlError;
use crate::statement::Statement;
use crate::transaction::{Condition, Done, Transaction};

/// Observations of one INSERT.
const ROWS_AT_ONCE: usize = 50;

/// What there is to write.
struct Writing<'a> {
    database: &'a str,
    texts: &'a Texts,
    job: &'a JobKey,
    statements: Vec<Statement>,
}

pub(super) async fn save(
    database: &dyn SqlDatabase,
    texts: &Texts,
    job: &JobKey,
    state: &JobState,
    fence: &Fence,
) -> Result<Revision, SqlError> {
    let mut writing = Writing { database: database.name(), texts, job, statements: Vec::new() };
    writing.rows(state)?;
    let memory = policy_memory::changes(texts, job, state).map_err(|error| writing.unencodable(&error))?;
    writing.statements.extend(memory);
    writing.statements.extend(cluster(texts, job, state));
    // The version of what an idle cycle writes is known without asking for it again.
    let is_only_observations = writing.statements.is_empty();
    let newest = writing.observations(state)?;
    let is_idle = is_only_observations && newest.is_some();
    let condition = condition(texts, job, fence, !is_idle);
    // An idle cycle adds an observation to those there are. Of two that do so at once, one is found out by its next save.
    let lock = if is_idle { None } else { texts.lock(job) };
    let (fence, statements) = (texts.fence(fence), writing.statements);
    let transaction = Transaction { fence, lock, condition: Some(condition), statements };
    let Done { before, after, .. } = database.transact(transaction).await?;
    match newest {
        Some(nanos) if is_idle => Ok(Versions::of(&before)?.with_newest_observation(nanos).revision()),
        _ => Ok(Versions::of(&after)?.revision()),
    }
}

/// On which cluster the job is, if that changed.
fn cluster(texts: &Texts, job: &JobKey, state: &JobState) -> Option<Statement> {
    let of_job = |sql| Statement::of(sql).with(job.as_str());
    match (state.cluster.change(), state.cluster.get()) {
        (Change::Unchanged, _) => None,
        (_, Some(cluster)) => Some(of_job(&texts.upsert_cluster).with(cluster.as_str())),
        (_, None) => Some(of_job(&texts.delete_cluster)),
    }
}

/// That the state is of the version that a fence knows.
pub(super) fn condition(texts: &Texts, job: &JobKey, fence: &Fence, ask_again: bool) -> Condition {
    let query = [job.as_str(); 3].into_iter().fold(Statement::of(&texts.check), Statement::with);
    let expected = fence.revision.map(|revision| revision.0);
    Condition { query, columns: CHECKED, digest, expected, ask_again }
}

impl Writing<'_> {
    /// The parts that are a row each.
    fn rows(&mut self, state: &JobState) -> Result<(), SqlError> {
        for part in state.changed_parts() {
            let StatePart::Row(row) = part else { continue };
            self.statements.push(match encode(state, row).map_err(|error| self.unencodable(&error))? {
                Some(text) => self.texts.upsert_part(self.job, part, text),
                None => self.texts.delete_part(self.job, part),
            });
        }
        Ok(())
    }

    /// Stores the rows of the window that are not stored yet, and takes away those that left it. The newest in
    /// nanoseconds since the epoch, if nothing but observations is touched by that.
    fn observations(&mut self, state: &JobState) -> Result<Option<i64>, SqlError> {
        let window = &state.collected_metrics;
        if window.change() == Change::Unchanged {
            return Ok(None);
        }
        if window.stored().is_none() {
            self.replace_all_observations();
            return Ok(None);
        }
        let Unstored { keep_from, rows } = window.unstored();
        match keep_from {
            Some(start) => {
                let delete = Statement::of(&self.texts.delete_observations_before).with(self.job.as_str());
                self.statements.push(delete.with(self.nanos(start)?));
            }
            None => self.replace_all_observations(),
        }
        for rows in rows.chunks(ROWS_AT_ONCE) {
            let mut insert = Statement::of(&self.texts.upsert_observations(rows.len()));
            for row in rows {
                let text = encode_observation(*row).map_err(|error| self.unencodable(&error))?;
                insert = insert.with(self.job.as_str()).with(self.nanos(row.at())?).with(text);
            }
            self.statements.push(insert);
        }
        let newest = window.get().end().map(|at| self.nanos(at)).transpose()?;
        Ok(newest.filter(|_| keep_from.is_some()))
    }

    /// Takes all observations away, and a row of the Java process with them: it is taken over, ours are the newer ones
    /// from here on.
    fn replace_all_observations(&mut self) {
        self.statements.push(Statement::of(&self.texts.delete_observations).with(self.job.as_str()));
        self.statements.push(self.texts.delete_part(self.job, StatePart::CollectedMetrics));
    }

    fn unencodable(&self, error: &Unencodable) -> SqlError {
        SqlError::new(self.database, ErrorKind::Invalid, error.to_string())
    }

    fn nanos(&self, at: Instant) -> Result<i64, SqlError> {
        at.timestamp_nanos_opt().ok_or_else(|| {
            let message = format!("an observation of {at} is out of the range that the table holds");
            SqlError::new(self.database, ErrorKind::Invalid, message)
        })
    }
}
