//! The write-ahead log.

use std::time::Duration;

use sql_database::Access;
use sqlx::{Executor, SqliteConnection};
use tokio::time::Instant;

use crate::error::is_busy;

/// Time between two tries.
const STEP: Duration = Duration::from_millis(10);

/// Has the file written ahead of in a log, so that readers and the writer don't keep each other out.
///
/// It is the one statement for which SQLite does not wait for others to let go of a file: where several open a new one
/// at once, all but one would be told that it is locked.
///
/// # Errors
/// The file can't be read or written, or is held by somebody for longer than `patience`.
pub(crate) async fn ahead(
    connection: &mut SqliteConnection,
    access: Access,
    patience: Duration,
) -> Result<(), sqlx::Error> {
    if access == Access::ReadOnly {
        return Ok(());
    }
    let start = Instant::now();
    loop {
        match connection.execute("PRAGMA journal_mode = WAL").await {
            Err(error) if is_busy(&error) && start.elapsed() < patience => tokio::time::sleep(STEP).await,
            result => return result.map(|_| ()),
        }
    }
}
