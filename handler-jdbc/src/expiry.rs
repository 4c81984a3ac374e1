//! Deleting old events, a small batch at a time: no statement holds many rows for long.

use std::time::Duration;

use autoscaler_core::ErrorChain;
use autoscaler_core::time::{self, Instant};
use sql_database::{Column, Database, SqlDatabase, SqlError, Statement};

use crate::TABLE;

/// Rows of one DELETE.
const BATCH: usize = 500;
/// Time between two batches, for others to get at the table.
const BREATH: Duration = Duration::from_millis(50);
/// Time between two rounds, at most.
pub(crate) const ROUND: Duration = Duration::from_secs(3600);

/// Deletes the events that happened first more than `ttl` before `now`; how many there were. Rows are looked at in the
/// order they were written, up to the first that is young enough.
///
/// # Errors
/// The database can't be asked; what was deleted until then stays so.
pub async fn expire(database: &dyn SqlDatabase, ttl: Duration, now: Instant) -> Result<u64, SqlError> {
    let oldest = time::before(now, ttl);
    let first = Statement::new(format!("SELECT id, create_time FROM {TABLE} ORDER BY id LIMIT {BATCH}"));
    let mut deleted = 0;
    loop {
        let rows = database.fetch(&first, &[Column::Integer, Column::Instant]).await?;
        let mut expired = Vec::new();
        for row in &rows {
            if row.instant(1)? < oldest {
                expired.push(row.integer(0)?);
            }
        }
        if !expired.is_empty() {
            let places = vec!["?"; expired.len()].join(", ");
            let mut delete = Statement::new(format!("DELETE FROM {TABLE} WHERE id IN ({places})"));
            for id in &expired {
                delete = delete.with(*id);
            }
            deleted += database.execute(vec![delete]).await?.iter().sum::<u64>();
        }
        if expired.len() < BATCH {
            return Ok(deleted);
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Deletes what has expired by now, and says so.
pub(crate) async fn expire_now(database: &Database, ttl: Duration) {
    let round = async { expire(database.ready().await?, ttl, chrono::Utc::now()).await };
    match round.await {
        Ok(0) => {}
        Ok(deleted) => tracing::info!(deleted, "events older than {ttl:?} were deleted"),
        Err(error) => tracing::warn!("old events can't be deleted, will try again: {}", ErrorChain(&error)),
    }
}
