//! Reading events back.

use autoscaler_core::time::Instant;
use sql_database::{Column, SqlDatabase, SqlError, Statement};

use crate::TABLE;

/// Which events to read.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Of this job only.
    pub job: Option<String>,
    /// With this reason only.
    pub reason: Option<String>,
    /// Last told at or after this instant.
    pub since: Option<Instant>,
    /// At most so many, the latest; 0: all.
    pub limit: u32,
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// The number of its row.
    pub id: i64,
    /// When it was told first.
    pub created: Instant,
    /// When it was told last.
    pub updated: Instant,
    /// The job's key.
    pub job: String,
    /// What kind of thing happened.
    pub reason: String,
    /// `Normal` or `Warning`.
    pub event_type: String,
    /// What happened, as told last.
    pub message: String,
    /// How often it was told.
    pub count: i64,
    /// What its repeats have in common.
    pub key: String,
}

/// Reads events, those told last at the end.
///
/// # Errors
/// The database can't be asked.
pub async fn events(database: &dyn SqlDatabase, filter: &EventFilter) -> Result<Vec<StoredEvent>, SqlError> {
    let mut query = Statement::new(format!(
        "SELECT id, create_time, update_time, job_key, reason, event_type, message, event_count, event_key FROM {TABLE} WHERE 1 = 1"
    ));
    if let Some(job) = &filter.job {
        query.sql.push_str(" AND job_key = ?");
        query = query.with(job.as_str());
    }
    if let Some(reason) = &filter.reason {
        query.sql.push_str(" AND reason = ?");
        query = query.with(reason.as_str());
    }
    if let Some(since) = filter.since {
        query.sql.push_str(" AND update_time >= ?");
        query = query.with(since);
    }
    query.sql.push_str(" ORDER BY update_time DESC, id DESC");
    if filter.limit > 0 {
        query.sql.push_str(&format!(" LIMIT {}", filter.limit));
    }
    let columns = [
        Column::Integer,
        Column::Instant,
        Column::Instant,
        Column::Text,
        Column::Text,
        Column::Text,
        Column::Text,
        Column::Integer,
        Column::Text,
    ];
    let rows = database.fetch(&query, &columns).await?;
    let mut events: Vec<StoredEvent> = rows
        .iter()
        .map(|row| StoredEvent {
            id: row.integer(0),
            created: row.instant(1),
            updated: row.instant(2),
            job: row.text(3).to_owned(),
            reason: row.text(4).to_owned(),
            event_type: row.text(5).to_owned(),
            message: row.text(6).to_owned(),
            count: row.integer(7),
            key: row.text(8).to_owned(),
        })
        .collect();
    events.reverse();
    Ok(events)
}
