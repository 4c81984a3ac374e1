//! Writing one event: into the row of one it repeats, or into a new one.

use std::sync::Arc;

use autoscaler_core::time;
use sql_database::{Column, Sql, SqlDatabase, SqlError, Statement};

use crate::TABLE;
use crate::buffer::Waiting;
use crate::key::event_key;

/// Characters of a reason that every database's table holds.
const LONGEST: usize = 191;

/// The statements, made once.
#[derive(Debug)]
pub(crate) struct Texts {
    latest: Arc<Sql>,
    repeat: Arc<Sql>,
    insert: Arc<Sql>,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            latest: Sql::new(format!(
                "SELECT id, create_time FROM {TABLE} WHERE job_key = ? AND reason = ? AND event_key = ? \
                 ORDER BY create_time DESC, id DESC LIMIT 1"
            )),
            repeat: Sql::new(format!(
                "UPDATE {TABLE} SET event_count = event_count + 1, message = ?, update_time = ? WHERE id = ?"
            )),
            insert: Sql::new(format!(
                "INSERT INTO {TABLE} (create_time, update_time, job_key, reason, event_type, message, event_count, event_key) \
                 VALUES (?, ?, ?, ?, ?, ?, 1, ?)"
            )),
        }
    }
}

pub(crate) async fn write(database: &dyn SqlDatabase, texts: &Texts, waiting: &Waiting) -> Result<(), SqlError> {
    let Waiting { job, event, at, .. } = waiting;
    let key = event_key(job, event);
    let reason: String = event.reason.chars().take(LONGEST).collect();
    // PostgreSQL holds no zeros in a text.
    let message = event.message.replace('\0', "\u{fffd}");
    if let Some(interval) = event.interval.filter(|_| event.is_mergeable()) {
        let latest = Statement::of(&texts.latest).with(job.as_str()).with(reason.as_str()).with(key.as_str());
        let rows = database.fetch(&latest, &[Column::Integer, Column::Instant]).await?;
        if let Some(row) = rows.first()
            && *at < time::after(row.instant(1)?, interval)
        {
            let repeat = Statement::of(&texts.repeat).with(message).with(*at).with(row.integer(0)?);
            database.execute(vec![repeat]).await?;
            return Ok(());
        }
    }
    let insert = Statement::of(&texts.insert).with(*at).with(*at).with(job.as_str()).with(reason);
    let insert = insert.with(event.event_type.name()).with(message).with(key);
    database.execute(vec![insert]).await?;
    Ok(())
}
