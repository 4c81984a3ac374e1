//! Reading events back.

use autoscaler_core::time::Instant;
use sql_database::{Column, Param, Row, SqlDatabase, SqlError, Statement};

use crate::TABLE;

/// Which events to read.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct EventFilter {
    /// Of this job only.
    pub job: Option<String>,
    /// With this reason only.
    pub reason: Option<String>,
    /// That happened last at or after this instant.
    pub since: Option<Instant>,
    /// At most so many, the latest; 0: all.
    pub limit: u32,
}

impl EventFilter {
    /// Of one job only.
    #[must_use]
    pub fn of_job(mut self, job: impl Into<String>) -> Self {
        self.job = Some(job.into());
        self
    }

    /// With one reason only.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// That happened last at or after an instant.
    #[must_use]
    pub fn since(mut self, since: Instant) -> Self {
        self.since = Some(since);
        self
    }

    /// At most so many, the latest; 0: all.
    #[must_use]
    pub fn latest(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredEvent {
    /// The number of its row.
    pub id: i64,
    /// When it happened first.
    pub created: Instant,
    /// When it happened last.
    pub updated: Instant,
    /// The job's key.
    pub job: String,
    /// What kind of thing happened.
    pub reason: String,
    /// `Normal` or `Warning`.
    pub event_type: String,
    /// What happened, in the latest words.
    pub message: String,
    /// How often it happened.
    pub count: i64,
    /// What its repeats have in common.
    pub key: String,
}

/// Reads events, the latest at the end.
///
/// # Errors
/// The database can't be asked.
pub async fn events(database: &dyn SqlDatabase, filter: &EventFilter) -> Result<Vec<StoredEvent>, SqlError> {
    let mut sql = format!(
        "SELECT id, create_time, update_time, job_key, reason, event_type, message, event_count, event_key FROM {TABLE} WHERE 1 = 1"
    );
    let mut params: Vec<Param> = Vec::new();
    if let Some(job) = &filter.job {
        sql.push_str(" AND job_key = ?");
        params.push(job.as_str().into());
    }
    if let Some(reason) = &filter.reason {
        sql.push_str(" AND reason = ?");
        params.push(reason.as_str().into());
    }
    if let Some(since) = filter.since {
        sql.push_str(" AND update_time >= ?");
        params.push(since.into());
    }
    sql.push_str(" ORDER BY update_time DESC, id DESC");
    if filter.limit > 0 {
        sql.push_str(&format!(" LIMIT {}", filter.limit));
    }
    const COLUMNS: &[Column] = &[
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
    let mut query = Statement::new(sql);
    query.params = params;
    let rows = database.fetch(&query, COLUMNS).await?;
    rows.iter().rev().map(stored_event).collect()
}

fn stored_event(row: &Row) -> Result<StoredEvent, SqlError> {
    Ok(StoredEvent {
        id: row.integer(0)?,
        created: row.instant(1)?,
        updated: row.instant(2)?,
        job: row.text(3)?.to_owned(),
        reason: row.text(4)?.to_owned(),
        event_type: row.text(5)?.to_owned(),
        message: row.text(6)?.to_owned(),
        count: row.integer(7)?,
        key: row.text(8)?.to_owned(),
    })
}
