//! The state store over any SQL database.

use async_trait::async_trait;
use autoscaler_core::state::codec::{
    StatePart, UnreadableRow, decode, decode_observations, encode, encode_observation,
};
use autoscaler_core::time::Instant;
use autoscaler_core::{AutoScalerStateStore, JobKey, JobState, LoadedState, PortError};
use chrono::DateTime;

use crate::database::{Column, SqlDatabase, Statement};
use crate::error::SqlError;
use crate::migrate::Migrated;

const STATE: &str = "t_flink_autoscaler_state_store";
const OBSERVATIONS: &str = "t_flink_autoscaler_observation";
/// Characters of a job key that the tables hold.
const LONGEST_KEY: usize = 191;
/// Observations of one INSERT.
const ROWS_AT_ONCE: usize = 50;

/// State in a SQL database: a row for each part, as the Java process has it, and a row for each observation.
#[derive(Clone, Debug)]
pub struct SqlStateStore {
    database: Migrated,
}

impl SqlStateStore {
    /// A store in a database.
    pub fn new(database: Migrated) -> Self {
        Self { database }
    }

    /// Writes a job's observations to the `collectedMetrics` row too, where the Java process looks for them. Whoever
    /// loads the job next takes them over from there.
    ///
    /// # Errors
    /// The job's state can't be read or written.
    pub async fn write_java_observations(&self, job: &JobKey) -> Result<(), PortError> {
        let database = self.database.ready().await?;
        let LoadedState { state, .. } = self.load(job).await?;
        if let Some(text) = encode(&state, StatePart::CollectedMetrics) {
            database.execute(&[upsert_part(database, job, StatePart::CollectedMetrics, text)]).await?;
        }
        Ok(())
    }

    fn check(database: &dyn SqlDatabase, job: &JobKey) -> Result<(), SqlError> {
        let length = job.as_str().chars().count();
        if length <= LONGEST_KEY {
            return Ok(());
        }
        let shown: String = job.as_str().chars().take(40).collect();
        Err(SqlError::Unstorable {
            database: database.name().to_owned(),
            what: format!("the job key '{shown}…' has {length} characters, and the tables hold {LONGEST_KEY}"),
        })
    }
}

#[async_trait]
impl AutoScalerStateStore for SqlStateStore {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        let database = self.database.ready().await?;
        Self::check(database, job)?;
        let query = Statement::new(format!(
            "SELECT state_type, 0, state_value FROM {STATE} WHERE job_key = ? \
             UNION ALL SELECT '', observed_at, observation FROM {OBSERVATIONS} WHERE job_key = ?"
        ));
        let query = query.with(job.as_str()).with(job.as_str());
        let rows = database.fetch(&query, &[Column::Text, Column::Integer, Column::Text]).await?;
        let mut loaded = LoadedState::default();
        let (mut observations, mut is_java) = (Vec::new(), false);
        for row in rows {
            match row.text(0) {
                "" => observations.push((DateTime::from_timestamp_nanos(row.integer(1)), row.text(2).to_owned())),
                name => {
                    let Ok(part) = name.parse::<StatePart>() else { continue };
                    match decode(&mut loaded.state, part, row.text(2)) {
                        Ok(()) => is_java |= part == StatePart::CollectedMetrics,
                        Err(unreadable) => loaded.unreadable.push(unreadable),
                    }
                }
            }
        }
        // The row is there only if the Java process wrote it after us: we take it away when we take it over.
        if !is_java && !observations.is_empty() {
            loaded.unreadable.extend(read_observations(&mut loaded.state, observations).err());
        }
        Ok(loaded)
    }

    async fn save(&self, job: &JobKey, state: &JobState) -> Result<(), PortError> {
        let database = self.database.ready().await?;
        Self::check(database, job)?;
        let mut statements = Vec::new();
        for part in state.changed_parts() {
            match encode(state, part) {
                _ if part == StatePart::CollectedMetrics => observations(database, job, state, &mut statements)?,
                Some(text) => statements.push(upsert_part(database, job, part, text)),
                None => statements.push(delete_part(job, part)),
            }
        }
        if !statements.is_empty() {
            database.execute(&statements).await?;
        }
        Ok(())
    }

    async fn remove(&self, job: &JobKey) -> Result<(), PortError> {
        let database = self.database.ready().await?;
        let delete = |table| Statement::new(format!("DELETE FROM {table} WHERE job_key = ?")).with(job.as_str());
        database.execute(&[delete(STATE), delete(OBSERVATIONS)]).await?;
        Ok(())
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        let database = self.database.ready().await?;
        let query =
            Statement::new(format!("SELECT job_key FROM {STATE} UNION SELECT job_key FROM {OBSERVATIONS} ORDER BY 1"));
        let rows = database.fetch(&query, &[Column::Text]).await?;
        Ok(rows.iter().map(|row| JobKey::new(row.text(0))).collect())
    }
}

fn upsert_part(database: &dyn SqlDatabase, job: &JobKey, part: StatePart, text: String) -> Statement {
    let update = database.upsert(&["job_key", "state_type"], &["update_time", "state_value"]);
    Statement::new(format!("INSERT INTO {STATE} (update_time, job_key, state_type, state_value) VALUES (CURRENT_TIMESTAMP, ?, ?, ?) {update}"))
        .with(job.as_str())
        .with(part.name())
        .with(text)
}

fn delete_part(job: &JobKey, part: StatePart) -> Statement {
    Statement::new(format!("DELETE FROM {STATE} WHERE job_key = ? AND state_type = ?"))
        .with(job.as_str())
        .with(part.name())
}

/// Stores the rows of the window that are not stored yet, and takes away those that left it.
fn observations(
    database: &dyn SqlDatabase,
    job: &JobKey,
    state: &JobState,
    statements: &mut Vec<Statement>,
) -> Result<(), SqlError> {
    let unreadable = |at: Instant| SqlError::Unstorable {
        database: database.name().to_owned(),
        what: format!("an observation of {at} is out of the range that the table holds"),
    };
    let nanos = |at: Instant| at.timestamp_nanos_opt().ok_or_else(|| unreadable(at));
    let Some(history) = state.collected_metrics.stored() else {
        statements.push(Statement::new(format!("DELETE FROM {OBSERVATIONS} WHERE job_key = ?")).with(job.as_str()));
        statements.push(delete_part(job, StatePart::CollectedMetrics));
        return Ok(());
    };
    let unstored = history.unstored();
    match unstored.keep_from {
        Some(start) => statements.push(
            Statement::new(format!("DELETE FROM {OBSERVATIONS} WHERE job_key = ? AND observed_at < ?"))
                .with(job.as_str())
                .with(nanos(start)?),
        ),
        None => {
            statements.push(Statement::new(format!("DELETE FROM {OBSERVATIONS} WHERE job_key = ?")).with(job.as_str()));
            // A row of the Java process is taken over: ours are the newer ones from here on.
            statements.push(delete_part(job, StatePart::CollectedMetrics));
        }
    }
    let update = database.upsert(&["job_key", "observed_at"], &["observation"]);
    for rows in unstored.rows.chunks(ROWS_AT_ONCE) {
        let values = vec!["(?, ?, ?)"; rows.len()].join(", ");
        let mut insert = Statement::new(format!(
            "INSERT INTO {OBSERVATIONS} (job_key, observed_at, observation) VALUES {values} {update}"
        ));
        for row in rows {
            insert = insert.with(job.as_str()).with(nanos(row.at)?).with(encode_observation(history.vertices(), row));
        }
        statements.push(insert);
    }
    Ok(())
}

fn read_observations(state: &mut JobState, mut rows: Vec<(Instant, String)>) -> Result<(), UnreadableRow> {
    rows.sort_by_key(|(at, _)| *at);
    decode_observations(state, rows)
}
