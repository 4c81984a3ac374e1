//! Writing events, now or as soon as the database is there again.

use std::collections::VecDeque;

use async_trait::async_trait;
use autoscaler_core::time::{self, Instant};
use autoscaler_core::{AutoScalerEventHandler, Event, JobAutoScalerContext, JobKey, PortError};
use sql_database::migrate::Migrated;
use sql_database::{Column, SqlError, Statement};
use tokio::sync::Mutex;

use crate::TABLE;
use crate::merge::{event_key, is_repeat_of};

/// Events kept while the database is away; beyond that the oldest are lost, and counted.
const BUFFERED: usize = 1000;
/// Time for which a database that failed is left alone, so that its deadlines don't slow the cycles down.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(5);
/// Characters of a reason and a key that every database's table holds.
const LONGEST: usize = 191;

/// Writes events into a SQL database.
#[derive(Debug)]
pub struct JdbcEventHandler {
    database: Migrated,
    waiting: Mutex<Waiting>,
}

/// Events that could not be written yet.
#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<(JobKey, Event, Instant)>,
    lost: u64,
    /// Until when the database is left alone.
    paused_until: Option<tokio::time::Instant>,
}

impl JdbcEventHandler {
    /// A handler into a database.
    pub fn new(database: Migrated) -> Self {
        Self { database, waiting: Mutex::default() }
    }

    /// How many events were lost because the buffer was full, or could not be written at all.
    pub async fn lost(&self) -> u64 {
        self.waiting.lock().await.lost
    }

    /// Writes an event: into the row of one it repeats, or into a new one.
    async fn write(&self, job: &JobKey, event: &Event, now: Instant) -> Result<(), SqlError> {
        let database = self.database.ready().await?;
        let key = event_key(job, event);
        let reason: String = event.reason.chars().take(LONGEST).collect();
        if let Some(interval) = event.interval {
            let latest = Statement::new(format!(
                "SELECT id, create_time, message FROM {TABLE} WHERE job_key = ? AND reason = ? AND event_key = ? \
                 ORDER BY create_time DESC, id DESC LIMIT 1"
            ));
            let latest = latest.with(job.as_str()).with(reason.as_str()).with(key.as_str());
            let rows = database.fetch(&latest, &[Column::Integer, Column::Instant, Column::Text]).await?;
            if let Some(row) = rows.first()
                && now < time::after(row.instant(1), interval)
                && is_repeat_of(event, row.text(2))
            {
                let repeat = Statement::new(format!(
                    "UPDATE {TABLE} SET event_count = event_count + 1, message = ?, update_time = ? WHERE id = ?"
                ));
                database.execute(&[repeat.with(event.message.as_str()).with(now).with(row.integer(0))]).await?;
                return Ok(());
            }
        }
        let insert = Statement::new(format!(
            "INSERT INTO {TABLE} (create_time, update_time, job_key, reason, event_type, message, event_count, event_key) \
             VALUES (?, ?, ?, ?, ?, ?, 1, ?)"
        ));
        let insert = insert.with(now).with(now).with(job.as_str()).with(reason).with(event.event_type.name());
        database.execute(&[insert.with(event.message.as_str()).with(key)]).await?;
        Ok(())
    }

    /// Writes what waits, oldest first; stops at the first failure that may pass.
    async fn flush(&self, waiting: &mut Waiting) -> Result<(), SqlError> {
        while let Some((job, event, at)) = waiting.events.front() {
            match self.write(job, event, *at).await {
                Ok(()) => {
                    waiting.events.pop_front();
                }
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => {
                    waiting.lost += 1;
                    tracing::warn!(%job, reason = event.reason, lost = waiting.lost, "an event is lost: {error}");
                    waiting.events.pop_front();
                }
            }
        }
        Ok(())
    }
}

#[async_trait]
impl AutoScalerEventHandler for JdbcEventHandler {
    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        let mut waiting = self.waiting.lock().await;
        if waiting.events.len() >= BUFFERED {
            waiting.events.pop_front();
            waiting.lost += 1;
            tracing::warn!(
                lost = waiting.lost,
                "the oldest event that could not be written is lost: {BUFFERED} are waiting"
            );
        }
        waiting.events.push_back((job.key.clone(), event.clone(), now));
        if waiting.paused_until.is_some_and(|until| tokio::time::Instant::now() < until) {
            return Ok(());
        }
        let was_paused = waiting.paused_until.take().is_some();
        match self.flush(&mut waiting).await {
            Ok(()) if was_paused => tracing::info!("events can be written again"),
            Ok(()) => {}
            Err(error) => {
                if !was_paused {
                    tracing::warn!("events can't be written, they wait: {error}");
                }
                waiting.paused_until = Some(tokio::time::Instant::now() + PAUSE);
            }
        }
        Ok(())
    }
}
