//! Deleting old events, a small batch at a time: no statement holds many rows for long.

use std::time::Duration;

use autoscaler_core::ErrorChain;
use autoscaler_core::time;
use sql_database::{Column, Database, Row, SqlDatabase, SqlError, Statement};
use tokio::time::Instant;

use crate::TABLE;

/// Rows of one DELETE.
const BATCH: usize = 500;
/// Time between two batches, for others to get at the table.
const BREATH: Duration = Duration::from_millis(50);
/// Time between two rounds, at most.
const ROUND: Duration = Duration::from_secs(3600);

/// Deletes the events that happened first more than `ttl` before `now`; how many there were. Rows are looked at in the
/// order they were written, up to the first that is young enough. One that is later than `now` says nothing of those
/// behind it: a clock was wrong.
///
/// # Errors
/// The database can't be asked; what was deleted until then stays so.
pub async fn expire(database: &dyn SqlDatabase, ttl: Duration, now: time::Instant) -> Result<u64, SqlError> {
    let mut pass = Pass::default();
    while pass.batch(database, ttl, now).await? {
        tokio::time::sleep(BREATH).await;
    }
    Ok(pass.deleted)
}

/// One way through the table.
#[derive(Debug, Default)]
struct Pass {
    /// The last row that was looked at.
    last: Option<i64>,
    deleted: u64,
}

impl Pass {
    /// Deletes what is old of the next rows; whether more may be old.
    async fn batch(&mut self, database: &dyn SqlDatabase, ttl: Duration, now: time::Instant) -> Result<bool, SqlError> {
        let oldest = time::before(now, ttl);
        let next =
            Statement::new(format!("SELECT id, create_time FROM {TABLE} WHERE id > ? ORDER BY id LIMIT {BATCH}"));
        let next = next.with(self.last.unwrap_or(i64::MIN));
        let rows = database.fetch(&next, &[Column::Integer, Column::Instant]).await?;
        let mut is_over = rows.len() < BATCH;
        let mut expired = Vec::new();
        for row in &rows {
            let created = row.instant(1)?;
            if created < oldest {
                expired.push(row.integer(0)?);
            } else if created <= now {
                is_over = true;
                break;
            }
        }
        self.deleted += delete(database, &expired).await?;
        self.last = rows.last().map(|row: &Row| row.integer(0)).transpose()?.or(self.last);
        Ok(!is_over)
    }
}

async fn delete(database: &dyn SqlDatabase, ids: &[i64]) -> Result<u64, SqlError> {
    if ids.is_empty() {
        return Ok(0);
    }
    let places = vec!["?"; ids.len()].join(", ");
    let delete = Statement::new(format!("DELETE FROM {TABLE} WHERE id IN ({places})"));
    let delete = ids.iter().fold(delete, |delete, id| delete.with(*id));
    Ok(database.execute(vec![delete]).await?.iter().sum())
}

/// What is to be deleted, and when: a round now and then, one batch of it at a time, so that whoever deletes can do
/// something else in between.
#[derive(Debug)]
pub(crate) struct Expiry {
    ttl: Duration,
    pass: Pass,
    /// When the next batch is due.
    pub(crate) due: Instant,
}

impl Expiry {
    /// The first round is due at once.
    pub(crate) fn new(ttl: Duration) -> Self {
        Self { ttl, pass: Pass::default(), due: Instant::now() }
    }

    /// Deletes a batch of what has expired by now, if it is due. A round says at its end what was deleted.
    pub(crate) async fn delete_due(&mut self, database: &Database) {
        if Instant::now() < self.due {
            return;
        }
        let batch = async { self.pass.batch(database.ready().await?, self.ttl, chrono::Utc::now()).await }.await;
        if let Ok(true) = batch {
            self.due = Instant::now() + BREATH;
            return;
        }
        let Pass { deleted, .. } = std::mem::take(&mut self.pass);
        if deleted > 0 {
            tracing::info!(deleted, "events older than {:?} were deleted", self.ttl);
        }
        if let Err(error) = batch {
            tracing::warn!("old events can't be deleted, will try again: {}", ErrorChain(&error));
        }
        self.due = Instant::now() + ROUND.min(self.ttl);
    }
}
