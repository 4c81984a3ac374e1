//! Deleting old events, a small batch at a time: no statement holds many rows for long.

use std::time::Duration;

use autoscaler_core::time::{self, Instant};
use sql_database::migrate::Migrated;
use sql_database::{Column, SqlDatabase, SqlError, Statement};

use crate::TABLE;

/// Rows of one DELETE.
const BATCH: usize = 500;
/// Time between two batches, for others to get at the table.
const BREATH: Duration = Duration::from_millis(50);
/// Time between two rounds.
const ROUND: Duration = Duration::from_secs(3600);

/// Deletes the events that were told first more than `ttl` before `now`; how many there were. Rows are looked at in the
/// order they were written, up to the first that is young enough.
///
/// # Errors
/// The database can't be asked; what was deleted until then stays so.
pub async fn expire(database: &dyn SqlDatabase, ttl: Duration, now: Instant) -> Result<u64, SqlError> {
    let oldest = time::before(now, ttl);
    let mut deleted = 0;
    loop {
        let first = Statement::new(format!("SELECT id, create_time FROM {TABLE} ORDER BY id LIMIT {BATCH}"));
        let rows = database.fetch(&first, &[Column::Integer, Column::Instant]).await?;
        let expired: Vec<i64> = rows.iter().filter(|row| row.instant(1) < oldest).map(|row| row.integer(0)).collect();
        if !expired.is_empty() {
            let places = vec!["?"; expired.len()].join(", ");
            let mut delete = Statement::new(format!("DELETE FROM {TABLE} WHERE id IN ({places})"));
            for id in &expired {
                delete = delete.with(*id);
            }
            deleted += database.execute(&[delete]).await?.iter().sum::<u64>();
        }
        if expired.len() < BATCH {
            return Ok(deleted);
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Deletes expired events every hour, until dropped.
pub async fn keep_expiring(database: Migrated, ttl: Duration, clock: fn() -> Instant) {
    loop {
        let round = async { expire(database.ready().await?, ttl, clock()).await };
        match round.await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "events older than {ttl:?} were deleted"),
            Err(error) => tracing::warn!("old events can't be deleted, will try again: {error}"),
        }
        tokio::time::sleep(ROUND.min(ttl)).await;
    }
}
